"""/profile/: who somebody is here and which mails a parent gets. Bad input is named by the rule that it attacks."""

from datetime import time

import pytest
from django.test import Client
from django.utils.html import escape
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Parent
from accounts.tests.factories import ParentFactory

PROFILE = "/profile/"
CHOSEN = {"weekly_digest": "yes", "absence_note": "yes", "quiet_from": "21:30", "quiet_until": "07:00"}
SEND = "Choose “Send it” or “Do not send it”."
CLOCK = "Give the time as 09:12: hours and minutes."
UNPRINTABLE = "This holds characters that cannot be printed. Type it again on one line."
BOTH = "Give this time too, or clear the other one."
SAME = "The two times are the same. Change one of them, or clear both."
QUERIES = 2  # who you are with both profiles, the school


@pytest.fixture
def mariam(cast, sign_in):
    Parent.objects.filter(pk=cast.mariam.pk).update(phone="+351 210 000 001")
    return sign_in(cast.mariam.user)


def stored(parent):
    """What is stored of the choices of a parent."""
    return Parent.objects.values_list("weekly_digest", "absence_note", "quiet_from", "quiet_until").get(pk=parent.pk)


def test_a_parent_reads_who_they_are_and_gets_no_mail_until_they_choose_one(cast, mariam):
    page = mariam.get(PROFILE)
    for text in ("Mariam Diallo", "mariam@school.example", "+351 210 000 001", "Mail about your children"):
        assertContains(page, text)
    assert stored(cast.mariam) == (False, False, None, None)
    assertContains(page, 'value="no"', count=2)
    assertContains(page, "checked", count=2)
    assert page.context["form"]["weekly_digest"].value() == "no"


def test_the_menu_leads_there(cast, mariam):
    assertContains(mariam.get(f"/report/{cast.amina.student_id}/"), f'<a href="{PROFILE}">Your profile</a>', html=True)


def test_staff_read_their_name_and_have_no_mail_to_choose(cast, sign_in):
    ana = sign_in(cast.ana.user)
    page = ana.get(PROFILE)
    assertContains(page, "Ana Silva")
    assertNotContains(page, "Mail about your children")
    assertNotContains(page, '<form method="post" novalidate>')
    assertContains(sign_in(cast.office).get(PROFILE), "office@school.example")
    assert ana.post(PROFILE, CHOSEN).status_code == 404


def test_a_teacher_who_is_a_parent_chooses_as_a_parent(cast, sign_in):
    parent = ParentFactory(user=cast.ana.user, full_name="Ana Silva")
    ana = sign_in(cast.ana.user)
    assertContains(ana.get(PROFILE), "Mail about your children")
    assert ana.post(PROFILE, CHOSEN).status_code == 302
    assert stored(parent) == (True, True, time(21, 30), time(7))


def test_choices_are_stored_with_who_made_them_and_shown_again(cast, mariam):
    answer = mariam.post(PROFILE, CHOSEN, follow=True)
    assertRedirects(answer, PROFILE)
    assertContains(answer, "Saved.")
    assert stored(cast.mariam) == (True, True, time(21, 30), time(7))
    [latest] = Parent.history.filter(id=cast.mariam.pk)
    assert (latest.history_user, latest.weekly_digest, latest.quiet_from) == (cast.mariam.user, True, time(21, 30))
    form = answer.context["form"]
    assert {name: form[name].value() for name in form.fields} == CHOSEN
    assertContains(answer, 'value="21:30"')


def test_the_same_choices_again_write_no_history(cast, mariam):
    mariam.post(PROFILE, CHOSEN)
    answer = mariam.post(PROFILE, CHOSEN, follow=True)
    assertContains(answer, "Saved already: nothing had changed.")
    assert Parent.history.filter(id=cast.mariam.pk).count() == 1


def test_mails_and_quiet_hours_are_taken_back(cast, mariam):
    mariam.post(PROFILE, CHOSEN)
    assert mariam.post(PROFILE, {"weekly_digest": "no", "absence_note": "no"}).status_code == 302
    assert stored(cast.mariam) == (False, False, None, None)


def test_nobody_changes_the_choices_of_another(cast, mariam, sign_in):
    mariam.post(PROFILE, {**CHOSEN, "parent": cast.nils.pk, "user": cast.nils.user.pk, "pk": cast.nils.pk})
    assert (stored(cast.nils)[0], stored(cast.mariam)[0]) == (False, True)
    nils = sign_in(cast.nils.user).get(PROFILE)
    assertContains(nils, "Nils Marsh")
    assertNotContains(nils, "Mariam")


def test_nothing_but_the_choices_can_be_changed(cast, mariam):
    mariam.post(PROFILE, {**CHOSEN, "full_name": "Somebody Else", "phone": "1", "email": "else@example.org"})
    cast.mariam.refresh_from_db()
    cast.mariam.user.refresh_from_db()
    assert (cast.mariam.full_name, cast.mariam.phone) == ("Mariam Diallo", "+351 210 000 001")
    assert cast.mariam.user.email == "mariam@school.example"


def test_without_an_e_mail_the_page_says_that_nothing_can_be_sent(cast, mariam):
    type(cast.mariam.user).objects.filter(pk=cast.mariam.user.pk).update(email="")
    assertContains(mariam.get(PROFILE), "No e-mail is noted for you, so nothing can be sent.")


def test_signed_out_nothing_is_shown_or_stored(cast):
    assert [Client().get(PROFILE).status_code, Client().post(PROFILE, CHOSEN).status_code] == [302, 302]
    assert stored(cast.mariam) == (False, False, None, None)


def test_it_costs_the_same_for_everybody(cast, mariam, sign_in, count_queries):
    ana = sign_in(cast.ana.user)
    assert count_queries(lambda: mariam.get(PROFILE)) == QUERIES
    assert count_queries(lambda: ana.get(PROFILE)) == QUERIES


# What is typed over CHOSEN (None: not sent), and the sentence that answers it.
BAD = {
    "the weekly mail is chosen": ({"weekly_digest": None}, SEND),
    "the note of absence is chosen": ({"absence_note": None}, SEND),
    "an empty choice is none": ({"weekly_digest": ""}, SEND),
    "a choice has no other spelling": ({"weekly_digest": "Yes"}, SEND),
    "a tick is no choice": ({"absence_note": "on"}, SEND),
    "a number is no choice": ({"absence_note": "1"}, SEND),
    "a choice holds no NUL": ({"absence_note": "yes\0"}, SEND),
    "a day has 24 hours": ({"quiet_from": "24:00"}, CLOCK),
    "an hour has 60 minutes": ({"quiet_until": "07:60"}, CLOCK),
    "a time is not below zero": ({"quiet_from": "-1:00"}, CLOCK),
    "a time has minutes": ({"quiet_from": "21"}, CLOCK),
    "minutes have two digits": ({"quiet_until": "7:5"}, CLOCK),
    "a time has no seconds": ({"quiet_from": "21:30:15"}, CLOCK),
    "a time is of the 24 hour clock": ({"quiet_from": "9:30 pm"}, CLOCK),
    "a colon stands between": ({"quiet_until": "07.00"}, CLOCK),
    "digits are those of every keyboard": ({"quiet_from": "２１:３０"}, CLOCK),
    "Arabic digits are a slip here": ({"quiet_until": "٠٧:٠٠"}, CLOCK),
    "a word is no time": ({"quiet_from": "night"}, CLOCK),
    "markup is no time": ({"quiet_from": "<b>21</b>"}, CLOCK),
    "a time is short": ({"quiet_from": "9" * 21}, "This has 21 characters. Shorten it to 20."),
    "a time holds no NUL": ({"quiet_from": "21:30\0"}, UNPRINTABLE),
    "a time is one line": ({"quiet_until": "07:\n00"}, UNPRINTABLE),
    "quiet hours that begin end": ({"quiet_until": ""}, BOTH),
    "quiet hours that end begin": ({"quiet_from": None}, BOTH),
    "a blank is no end": ({"quiet_until": "   "}, BOTH),
    "quiet hours have a length": ({"quiet_until": "21:30"}, SAME),
    "the same time is the same in any spelling": ({"quiet_from": "9:00", "quiet_until": "09:00"}, SAME),
}


@pytest.mark.parametrize(("typed", "sentence"), BAD.values(), ids=BAD)
def test_bad_input_is_answered_in_words_and_changes_nothing(typed, sentence, cast, mariam):
    sent = {name: value for name, value in (CHOSEN | typed).items() if value is not None}
    answer = mariam.post(PROFILE, sent)
    assert answer.status_code == 422
    assertContains(answer, sentence, status_code=422)
    assertContains(answer, 'role="alert"', count=1, status_code=422)
    assert stored(cast.mariam) == (False, False, None, None)
    assert Parent.history.filter(id=cast.mariam.pk).count() == 0
    for name in ("quiet_from", "quiet_until"):
        if kept := sent.get(name, "").strip():
            assertContains(answer, f'value="{escape(kept)}"', status_code=422)
