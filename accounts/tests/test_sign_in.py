"""Signing in: the page, the way home, wrong passwords and the lock, forgotten passwords, how passwords are kept."""

import re

import pytest
from argon2 import PasswordHasher
from django.conf import settings as configured
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from accounts.roles import Role
from accounts.tests.factories import PASSWORD, UserFactory
from students.models import School
from students.tests.posted import everything_stored

SIGN_IN = "/accounts/login/"
FORGOTTEN = "/accounts/password/reset/"
WRONG = "This user name and this password do not belong together. Check both."
LOCKED = "Too many wrong passwords. Wait five minutes, then try once more."
NEW_PASSWORD = "another four words entirely"
LINK = re.compile(r"http://localhost(/accounts/password/reset/key/\S+)")


def try_password(username: str, password: str = PASSWORD, client: Client | None = None, address: str = "192.0.2.7"):
    """Type a name and a password from one address of the internet."""
    return (client or Client()).post(SIGN_IN, {"login": username, "password": password}, REMOTE_ADDR=address)


def gets_in(username: str, password: str = PASSWORD, address: str = "192.0.2.7") -> bool:
    response = try_password(username, password, address=address)
    return (response.status_code, response.headers.get("Location")) == (302, "/")


def lock(username: str) -> None:
    for number in range(5):
        assertContains(try_password(username, f"wrong {number}"), WRONG)


# --- The page -------------------------------------------------------------------------------------------


def test_the_page_is_one_card_with_the_name_of_the_school(cast):
    School.objects.update(name="Hilltop School")
    response = Client().get(SIGN_IN)
    assertContains(response, "<h1 class='mb-3'>Hilltop School</h1>", html=True, count=1)
    assertContains(response, '<link rel="stylesheet" href="/static/css/portal.css">', html=True)
    assertContains(response, '<div class="entrance block">')
    assertContains(response, f'href="{FORGOTTEN}"')
    assertNotContains(response, "signup")


@pytest.mark.parametrize("name", ["login", "password"])
def test_each_field_has_a_label(cast, name):
    page = Client().get(SIGN_IN).content.decode()
    assert len(re.findall(rf'<label\s[^>]*for="id_{name}"', page)) == 1
    assert len(re.findall(rf'<input\s[^>]*id="id_{name}"', page)) == 1


def test_somebody_signed_in_has_no_business_there(cast, sign_in):
    assertRedirects(sign_in(cast.office).get(SIGN_IN), "/", fetch_redirect_response=False)


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_makes_an_account_for_themselves(cast, method):
    before = everything_stored()
    typed = {"username": "eve", "email": "eve@x.example", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    response = getattr(Client(), method)("/accounts/signup/", typed)
    assertContains(response, "Nobody makes an account here for themselves.")
    assert everything_stored() == before


# --- The way home ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("username", "home"), [("office", "/dashboard/"), ("ana", "/attendance/"), ("mariam", "/report/")]
)
def test_signing_in_leads_each_role_home(cast, username, home):
    client = Client()
    assertRedirects(try_password(username, client=client), "/", fetch_redirect_response=False)
    assertRedirects(client.get("/"), home, fetch_redirect_response=False)


def test_the_front_door_leads_somebody_signed_out_to_the_sign_in(cast):
    assertRedirects(Client().get("/"), f"{SIGN_IN}?next=/")


def test_the_page_that_was_asked_for_follows_the_sign_in(cast):
    client = Client()
    asked = client.get("/students/").headers["Location"]
    assertContains(client.get(asked), '<input type="hidden" name="next" value="/students/">', html=True)
    response = client.post(SIGN_IN, {"login": "ana", "password": PASSWORD, "next": "/students/"})
    assertRedirects(response, "/students/")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "\thttps://evil.example",
    ],
)
def test_the_way_never_leads_to_another_host(cast, elsewhere):
    client = Client()
    response = client.post(SIGN_IN, {"login": "ana", "password": PASSWORD, "next": elsewhere})
    assertRedirects(response, "/", fetch_redirect_response=False)
    assertRedirects(client.get(SIGN_IN, {"next": elsewhere}), "/", fetch_redirect_response=False)


def test_signing_in_is_no_change_of_the_person(cast):
    before = User.history.count()
    try_password("ana")
    assert User.objects.get(username="ana").last_login is not None
    assert User.history.count() == before


# --- Wrong passwords ------------------------------------------------------------------------------------


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(cast):
    for username in ("ana", "nobody"):
        response = try_password(username, "wrong")
        assertContains(response, WRONG)
        assertContains(response, f'value="{username}"')
        assertNotContains(response, 'value="wrong"')


def test_the_user_name_is_taken_in_any_case_and_the_password_is_not(cast):
    assert gets_in(" ANA ")
    assert not gets_in("ana", PASSWORD.upper())


@pytest.mark.parametrize(
    ("username", "password"), [("", PASSWORD), ("ana", ""), ("a\x00na", PASSWORD), ("ana", "a\x00b"), ("x" * 5000, "x")]
)
def test_what_cannot_be_a_name_or_password_is_answered_with_the_page(cast, username, password):
    response = try_password(username, password)
    assert response.status_code == 200
    assert response.context["form"].is_valid() is False


def test_somebody_deactivated_is_told_only_with_the_right_password(cast):
    assertContains(try_password("gone", "wrong"), WRONG)
    client = Client()
    response = try_password("gone", client=client)
    assertRedirects(response, "/accounts/inactive/", fetch_redirect_response=False)
    assertContains(client.get(response.url), "This account is closed")
    assertRedirects(client.get("/"), f"{SIGN_IN}?next=/")


# --- The lock -------------------------------------------------------------------------------------------


def test_four_wrong_passwords_lock_nothing(cast):
    for _count in range(4):
        try_password("ana", "wrong")
    assert gets_in("ana")


def test_five_wrong_passwords_lock_the_account_for_the_right_one_too(cast):
    lock("ana")
    assertContains(try_password("ana"), LOCKED)
    assertContains(try_password(" ANA "), LOCKED)
    assertContains(try_password("ana", address="198.51.100.9"), LOCKED)


def test_another_account_of_the_same_address_still_gets_in(cast):
    lock("ana")
    assert gets_in("ben")


def test_the_lock_ends_after_five_minutes(cast, frozen):
    lock("ana")
    frozen.shift(299)
    assert not gets_in("ana")
    frozen.shift(2)
    assert gets_in("ana")


def test_trying_on_while_locked_does_not_lengthen_the_lock(cast, frozen):
    lock("ana")
    for _count in range(4):
        frozen.shift(60)
        assertContains(try_password("ana", "wrong"), LOCKED)
    frozen.shift(61)
    assert gets_in("ana")


def test_right_passwords_between_do_not_reset_the_count(cast, frozen):
    for _count in range(4):
        frozen.shift(1)
        try_password("ana", "wrong")
    frozen.shift(1)
    assert gets_in("ana")
    frozen.shift(1)
    try_password("ana", "wrong")
    assertContains(try_password("ana"), LOCKED)


def test_a_name_that_does_not_exist_is_locked_like_one_that_does(cast):
    lock("nobody")
    assertContains(try_password("nobody"), LOCKED)


def test_fifty_people_behind_one_address_sign_in_within_a_minute(cast, frozen):
    people = UserFactory.create_batch(50, role=Role.PARENT)
    for person in people:
        frozen.shift(1)
        assertContains(try_password(person.username, "a slip of the finger"), WRONG)
        assert gets_in(person.username)


def test_guessing_at_many_accounts_from_one_address_is_stopped_within_a_minute(cast, frozen):
    for number in range(60):
        assertContains(try_password(f"name{number}", "wrong"), WRONG)
    assertContains(try_password("name60", "wrong"), LOCKED)
    assert gets_in("ana", address="198.51.100.9")
    frozen.shift(61)
    assert gets_in("ana")


# --- Forgotten ------------------------------------------------------------------------------------------


def ask_for_link(email: str) -> tuple[str, str]:
    """Where asking leads, and the page there."""
    client = Client()
    response = client.post(FORGOTTEN, {"email": email})
    page = client.get(response.url)
    return response.url, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.content.decode())


def links_sent() -> list[tuple[list[str], str]]:
    return [(letter.to, link) for letter in mail.outbox for link in LINK.findall(letter.body)]


def test_a_known_and_an_unknown_address_get_the_same_page_and_only_one_a_link(cast):
    known, unknown = ask_for_link("ana@school.example"), ask_for_link("nobody@school.example")
    assert known == unknown
    assert known[0] == "/accounts/password/reset/done/"
    assert "If the school knows this address, a link is on its way." in known[1]
    assert [to for to, _link in links_sent()] == [["ana@school.example"]]
    assert [message.to for message in mail.outbox] == [["ana@school.example"]], "strangers get no mail at all"


def test_somebody_deactivated_gets_no_link(cast):
    ask_for_link("gone@school.example")
    assert links_sent() == []


def choose_password(link: str, password: str = NEW_PASSWORD):
    client = Client()
    page = client.get(link, follow=True)
    return client.post(page.request["PATH_INFO"], {"password1": password, "password2": password})


def test_the_link_of_the_mail_sets_a_new_password_once(cast):
    ask_for_link("ana@school.example")
    [(_to, link)] = links_sent()
    assert choose_password(link).status_code == 302
    assert gets_in("ana", NEW_PASSWORD)
    assert not gets_in("ana", PASSWORD)
    assertContains(Client().get(link, follow=True), "This link does not work any more")


def test_the_link_ends_after_three_days(cast, frozen):
    ask_for_link("ana@school.example")
    [(_to, link)] = links_sent()
    frozen.shift(3 * 24 * 3600)
    assertContains(Client().get(link, follow=True), "Choose a password")
    frozen.shift(1)
    assertContains(Client().get(link, follow=True), "This link does not work any more")


def test_a_new_password_unlocks_the_account(cast):
    lock("ana")
    ask_for_link("ana@school.example")
    [(_to, link)] = links_sent()
    choose_password(link)
    assert gets_in("ana", NEW_PASSWORD)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("only14letters!", "This password is too short. It must contain at least 15 characters."),
        ("1q2w3e4r5t6y7u8i", "This password is too common."),
    ],
)
def test_a_weak_password_is_refused(cast, password, said):
    ask_for_link("ana@school.example")
    [(_to, link)] = links_sent()
    assertContains(choose_password(link, password), said)
    assert gets_in("ana", PASSWORD)


# --- How passwords are kept -----------------------------------------------------------------------------


@pytest.fixture
def real_hashers(settings):
    """Those of the settings, without the quick one of the suite."""
    settings.PASSWORD_HASHERS = [name for name in configured.PASSWORD_HASHERS if "MD5" not in name]


def test_passwords_are_kept_as_argon2id_at_the_strength_that_owasp_names(real_hashers):
    kind, flavour, version, strength, _salt, _hash = make_password(PASSWORD).split("$")
    assert (kind, flavour, version, strength) == ("argon2", "argon2id", "v=19", "m=19456,t=2,p=1")


def test_a_bcrypt_password_gets_in_and_is_kept_as_argon2_from_then_on(cast, real_hashers):
    User.objects.filter(username="ana").update(password=make_password(PASSWORD, hasher="bcrypt_sha256"))
    assert not gets_in("ana", "wrong")
    assert User.objects.get(username="ana").password.startswith("bcrypt_sha256$")
    assert gets_in("ana")
    assert User.objects.get(username="ana").password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert gets_in("ana")


def test_a_weaker_argon2_password_is_made_stronger_at_the_next_sign_in(cast, real_hashers):
    weaker = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    User.objects.filter(username="ana").update(password=f"argon2{weaker}")
    assert gets_in("ana")
    assert User.objects.get(username="ana").password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_other_kinds_of_hash_open_nothing(cast, real_hashers):
    for stored in ("md5$salt$5f4dcc3b5aa765d61d8327deb882cf99", PASSWORD, "", "!"):
        User.objects.filter(username="ana").update(password=stored)
        assert not gets_in("ana")
