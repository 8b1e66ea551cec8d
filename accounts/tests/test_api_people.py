"""/api/admin/users/: the people who sign in, as the office's programs add, change and remove them."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from accounts.models import AccessLog, Parent, Teacher, User
from accounts.roles import Role
from accounts.tests.factories import TeacherFactory, UserFactory
from students.models import StudentParentLink
from students.tests.posted import everything_stored
from tests.cast import MONDAY, NOW

LIST, TEACHERS, PARENTS = "/api/admin/users/", "/api/admin/users/teachers/", "/api/admin/users/parents/"
EVA = {"username": "eva", "email": "eva@school.example", "full_name": "Eva Brun", "phone": "+351 1"}


@pytest.fixture
def office(cast, program):
    return program(cast.office)


def of(user):
    return f"{LIST}{user.pk}/"


def names(answer):
    return [item["username"] for item in answer.json()]


# --- Reading ----------------------------------------------------------------------------------------


def test_a_user_is_one_item_in_the_words_of_the_contract(cast, office):
    User.objects.filter(pk=cast.ana.user.pk).update(last_login=NOW)
    item = {
        "user_id": cast.ana.user.pk,
        "username": "ana",
        "email": "ana@school.example",
        "role": "teacher",
        "full_name": "Ana Silva",
        "is_active": True,
        "last_login": "2026-03-16T09:00:00Z",
    }
    assert office.get(of(cast.ana.user)).json() == item
    assert office.get(LIST).json()[0] == item
    last = office.get(LIST).json()[-1]
    assert (last["username"], last["full_name"], last["last_login"]) == ("office", "", None)


def test_all_are_listed_by_user_name(office):
    assert names(office.get(LIST)) == ["ana", "ben", "former", "gone", "mariam", "nils", "office"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"role": "parent"}, ["former", "mariam", "nils"]),
        ({"is_active": "false"}, ["gone"]),
        ({"is_active": "true", "role": "teacher"}, ["ana", "ben"]),
        ({"search": "DIALLO"}, ["mariam"]),
        ({"search": "ana school"}, ["ana"]),
        ({"search": "élise"}, ["x"]),
        ({"search": "%"}, []),
    ],
)
def test_the_list_is_narrowed(cast, office, query, found):
    TeacherFactory(full_name="Élise Brun", user__username="x")
    if query.get("role") == "teacher" or query == {"is_active": "true", "role": "teacher"}:
        found = [*found, "x"]
    assert names(office.get(LIST, query)) == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"role": "head"}, "role"),
        ({"is_active": "yes"}, "is_active"),
        ({"search": "a\x00"}, "search"),
        ({"search": "a" * 101}, "search"),
        ({"username": "ana"}, "username"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_by_name(office, query, field):
    answer = office.get(LIST, query)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


@pytest.mark.parametrize("key", [0, 999_999, 2**63 - 1, 2**64, 10**30])
def test_a_user_who_is_not_there_is_404(office, key):
    assert office.get(f"{LIST}{key}/").status_code == 404


# --- Adding -----------------------------------------------------------------------------------------


def test_a_teacher_is_added_and_invited_without_any_password(cast, office):
    answer = office.post(TEACHERS, EVA)
    teacher = Teacher.objects.get(full_name="Eva Brun")
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "message": "Eva Brun is added. An invitation went to eva@school.example.",
            "user_id": teacher.user.pk,
        },
    )
    assert (teacher.user.username, teacher.user.email, teacher.user.role, teacher.phone) == (
        "eva",
        "eva@school.example",
        "teacher",
        "+351 1",
    )
    assert not teacher.user.has_usable_password()
    assert [row.history_user for row in teacher.history.all()] == [cast.office]
    assert [message.to for message in mail.outbox] == [["eva@school.example"]]
    assert "/accounts/password/reset/key/" in mail.outbox[0].body
    assert office.get(of(teacher.user)).json()["full_name"] == "Eva Brun"


def test_a_parent_is_added_with_the_children_whose_reports_they_read_from_today(cast, office):
    children = [cast.amina.student_id.lower(), cast.cleo.student_id]
    answer = office.post(PARENTS, {**EVA, "address": "1 High Street", "children": children})
    parent = Parent.objects.get(full_name="Eva Brun")
    assert (answer.status_code, answer.json()["user_id"]) == (201, parent.user.pk)
    assert (parent.user.role, parent.address) == ("parent", "1 High Street")
    links = StudentParentLink.objects.filter(parent=parent).order_by("pk")
    assert [(link.student, link.starts_on, link.ends_on) for link in links] == [
        (cast.amina, MONDAY, None),
        (cast.cleo, MONDAY, None),
    ]
    assert [link.history.get().history_user for link in links] == [cast.office, cast.office]
    assert len(mail.outbox) == 1


def test_without_a_user_name_one_is_made_from_the_email(office):
    office.post(TEACHERS, {"email": "Eva.Brun@school.example", "full_name": "Eva Brun"})
    assert User.objects.get(teacher__full_name="Eva Brun").username == "eva.brun"


def test_a_mail_that_cannot_be_sent_leaves_the_person_and_says_so(office, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # where nothing listens
    answer = office.post(TEACHERS, EVA)
    assert (answer.status_code, answer.json()["message"]) == (
        201,
        "Eva Brun is added; not invited: the mail could not be sent. Check the address and try again later.",
    )
    assert Teacher.objects.filter(full_name="Eva Brun").exists()


BAD = {
    "name-required": ({"full_name": None}, "full_name"),
    "name-not-empty": ({"full_name": " "}, "full_name"),
    "name-length": ({"full_name": "x" * 201}, "full_name"),
    "name-printable": ({"full_name": "Eva\u202eBrun"}, "full_name"),
    "email-required": ({"email": ""}, "email"),
    "email-is-one": ({"email": "eva"}, "email"),
    "username-letters": ({"username": "e va"}, "username"),
    "username-free": ({"username": "ANA"}, "username"),
    "username-length": ({"username": "x" * 151}, "username"),
    "phone-length": ({"phone": "1" * 41}, "phone"),
    "phone-printable": ({"phone": "1\u0007"}, "phone"),
    "never-a-password": ({"password": "secret"}, "password"),
    "no-role": ({"role": "admin"}, "role"),
}
BAD_OF_PARENTS = {
    "child-known": ({"children": ["STU99999"]}, "children"),
    "child-once": ({"children": ["STU00001", "stu00001"]}, "children"),
    "children-are-a-list": ({"children": "STU00001"}, "children"),
    "child-is-a-text": ({"children": [1]}, "children"),
    "children-not-too-many": ({"children": ["STU00001"] * 21}, "children"),
    "address-length": ({"address": "x" * 1001}, "address"),
}


@pytest.mark.parametrize("case", [*BAD, *BAD_OF_PARENTS])
def test_what_the_office_would_refuse_is_refused_by_name_and_nothing_is_stored(cast, office, case):
    changes, field = {**BAD, **BAD_OF_PARENTS}[case]
    office.post(PARENTS, {})
    before = everything_stored()
    for place in [PARENTS] if case in BAD_OF_PARENTS else [PARENTS, TEACHERS]:
        answer = office.post(place, {**EVA, **changes})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert everything_stored() == before
    assert mail.outbox == []


def test_children_and_address_are_of_parents(office):
    answer = office.post(TEACHERS, {**EVA, "children": [], "address": ""})
    assert list(answer.json()["fields"]) == ["address", "children"]


# --- Changing ---------------------------------------------------------------------------------------


def test_what_is_not_sent_stays(cast, office):
    before = office.get(of(cast.ana.user)).json()
    answer = office.patch(of(cast.ana.user), {"full_name": "Ana Sousa", "phone": "7"})
    assert (answer.status_code, answer.json()) == (200, {"message": "The changes to Ana Sousa are saved."})
    assert office.get(of(cast.ana.user)).json() == {**before, "full_name": "Ana Sousa"}
    assert Teacher.objects.get(pk=cast.ana.pk).phone == "7"
    assert Teacher.history.filter(id=cast.ana.pk).latest().history_user == cast.office
    assert User.history.filter(id=cast.ana.user.pk).count() == 0, "of the user nothing changed"


def test_all_of_a_user_is_changed_by_put_which_needs_name_and_email(cast, office):
    answer = office.put(of(cast.nils.user), {"email": "n@school.example"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["username"])
    sent = {"username": "nils2", "email": "n@school.example", "role": "parent", "is_active": False, "address": "Sea"}
    assert office.put(of(cast.nils.user), sent).status_code == 200
    user = User.objects.get(pk=cast.nils.user.pk)
    assert (user.username, user.email, user.is_active, user.parent.address) == (
        "nils2",
        "n@school.example",
        False,
        "Sea",
    )


def test_a_changed_email_closes_the_old_one(cast, office):
    EmailAddress.objects.create(user=cast.ana.user, email=cast.ana.user.email, verified=True, primary=True)
    assert office.patch(of(cast.ana.user), {"username": "ana2"}).status_code == 200
    assert EmailAddress.objects.count() == 1
    assert office.patch(of(cast.ana.user), {"email": "new@school.example"}).status_code == 200
    assert EmailAddress.objects.count() == 0


def test_a_demotion_takes_the_rights_of_the_operator_too(cast, office):
    operator = UserFactory(role=Role.ADMIN, is_superuser=True)
    assert office.patch(of(operator), {"role": "teacher"}).status_code == 200
    operator.refresh_from_db()
    assert (operator.role, operator.is_superuser) == ("teacher", False)


BAD_CHANGES = {
    "username-free": ({"username": "Ben"}, "username"),
    "username-not-empty": ({"username": ""}, "username"),
    "email-is-one": ({"email": "x"}, "email"),
    "role-known": ({"role": "head"}, "role"),
    "active-is-a-truth": ({"is_active": "false"}, "is_active"),
    "name-not-empty": ({"full_name": ""}, "full_name"),
    "name-printable": ({"full_name": "A\u0007na"}, "full_name"),
    "address-of-parents": ({"address": "Sea"}, "address"),
    "never-a-password": ({"password": "secret"}, "password"),
    "name-is-taken-whole": ({"username": "ana2", "full_name": "\u202e"}, "full_name"),
}


@pytest.mark.parametrize("case", BAD_CHANGES)
def test_a_bad_change_is_refused_by_name_and_changes_nothing(cast, office, case):
    sent, field = BAD_CHANGES[case]
    office.get(LIST)
    before = everything_stored()
    answer = office.patch(of(cast.ana.user), sent)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert everything_stored() == before


def test_somebody_without_a_profile_has_no_name_to_change(cast, office):
    assert list(office.patch(of(cast.office), {"full_name": "X"}).json()["fields"]) == ["full_name"]


@pytest.mark.parametrize("sent", [{"role": "teacher"}, {"is_active": False}])
def test_nobody_demotes_or_deactivates_themselves(cast, office, sent):
    answer = office.patch(of(cast.office), sent)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, list(sent))
    assert office.patch(of(cast.office), {"role": "admin", "is_active": True}).status_code == 200


def test_if_match_lets_through_who_read_what_is_stored(cast, office):
    tag = office.get(of(cast.ana.user)).headers["ETag"]
    changed = office.patch(of(cast.ana.user), {"is_active": False}, HTTP_IF_MATCH=tag)
    assert changed.status_code == 200
    refused = office.patch(of(cast.ana.user), {"is_active": True}, HTTP_IF_MATCH=tag)
    assert (refused.status_code, refused.json()["current"]["is_active"]) == (412, False)
    assert refused.headers["ETag"] == changed.headers["ETag"]
    assert office.get(of(cast.ana.user), HTTP_IF_NONE_MATCH=changed.headers["ETag"]).status_code == 304


# --- Deleting ---------------------------------------------------------------------------------------


def test_who_has_done_nothing_is_deleted_with_the_profile(cast, office):
    user = TeacherFactory(full_name="Eva Brun").user
    answer = office.delete(of(user))
    assert (answer.status_code, answer.json()) == (200, {"message": "Eva Brun is deleted."})
    assert not User.objects.filter(pk=user.pk).exists()
    assert Teacher.history.filter(full_name="Eva Brun").latest().history_user == cast.office
    assert office.get(of(user)).status_code == 404


def test_a_user_on_whom_records_depend_is_deactivated_instead(cast, office, program):
    signed_in, caller = UserFactory(last_login=NOW), TeacherFactory().user
    program(caller).get("/api/auth/me/")
    reader = UserFactory()
    AccessLog.objects.create(reader=reader, page="x", path="/")
    for user in (cast.ana.user, cast.mariam.user, signed_in, caller, reader, cast.office):
        answer = office.delete(of(user))
        assert answer.status_code == 409
        assert answer.json()["current"]["user_id"] == user.pk
        assert answer.json()["error"] == (f"Records depend on {user}. Deactivate the account instead: is_active false.")
        assert User.objects.filter(pk=user.pk).exists()
    assert Teacher.objects.filter(user=caller).exists()
    assert office.delete(of(reader), HTTP_IF_MATCH='"0"').status_code == 412


@pytest.mark.parametrize("typed", [{"full_name": "A\u202ena"}, {"phone": "1\u0007"}])
def test_the_page_of_a_teacher_refuses_the_same_names_and_phones(cast, sign_in, typed):
    inline = {"assignments-TOTAL_FORMS": "0", "assignments-INITIAL_FORMS": "0"}
    sent = {"full_name": "Ana Silva", "phone": "", **inline, **typed}
    place = f"/admin/accounts/teacher/{cast.ana.pk}/change/"
    assert "holds characters that cannot be printed" in sign_in(cast.office).post(place, sent).content.decode()
    assert Teacher.objects.get(pk=cast.ana.pk).full_name == "Ana Silva"
