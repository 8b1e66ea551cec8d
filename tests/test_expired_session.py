"""A form that is posted after its session has ended waits for its owner, and for nobody else."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from urllib.parse import unquote, urlencode

import pytest
from django.test import Client

from accounts.models import ParkedForm, User
from accounts.parking import KEPT_FOR, MOST_BYTES, owner_field
from accounts.tests.factories import PASSWORD, TeacherFactory
from attendance.models import AttendanceRecord
from attendance.tests.registers import address, chosen_on, opened_with, page_posts, save_over, stored, text_of, typed_on
from students.services import delete_student
from students.tests.factories import TeachingAssignmentFactory

SIGNED = re.compile(r'name="kept_for" value="([^"]+)"')
NOT_SAVED = "This is what you typed before your session ended. It is not saved yet: look at it and save."


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


@pytest.fixture
def typed(cast, ana):
    """What Ana typed into a page that she had opened while she was signed in."""
    page = ana.get(address(cast.class_7a))
    line = {f"status-{cast.bo.student_id}": "late", f"note-{cast.bo.student_id}": "Bus 🚌"}
    signed = {"kept_for": SIGNED.search(page.content.decode())[1]}
    return page_posts([cast.amina, cast.bo], **line) | opened_with(page) | signed


def send_signed_out(place, posted, browser=None):
    """Post as a form does; gives the address that the answer leads to."""
    body = urlencode(posted)
    answer = (browser or Client()).post(place, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 302
    return answer["Location"]


def parked_address(place):
    return f"{place}?parked={ParkedForm.objects.get().pk}"


def test_it_waits_while_its_owner_signs_in_and_is_saved_only_by_saving(cast, typed, sign_in):
    place, before = address(cast.class_7a), stored()
    leads_to = send_signed_out(place, typed)
    waiting = parked_address(place)
    assert unquote(leads_to) == f"/accounts/login/?next={waiting}"
    assert stored() == before
    ana = sign_in(cast.ana.user)
    page = ana.get(waiting)
    assert NOT_SAVED in text_of(page)
    assert chosen_on(page) == {cast.amina.student_id: "present", cast.bo.student_id: "late"}
    assert typed_on(page, "note", cast.bo) == "Bus 🚌"
    assert opened_with(page) == {name: value for name, value in typed.items() if name.startswith("row-")}
    assert (stored(), ParkedForm.objects.count()) == (before, 1)
    key = {"parked": str(ParkedForm.objects.get().pk)}
    assert ana.post(waiting, typed | key).status_code == 302
    assert AttendanceRecord.objects.get(student=cast.bo).note == "Bus 🚌"
    assert ParkedForm.objects.count() == 0


def test_the_sign_in_leads_back_to_it(cast, typed):
    browser = Client()
    leads_to = send_signed_out(address(cast.class_7a), typed, browser)
    assert "What you typed is kept for an hour; it is not saved yet." in text_of(browser.get(leads_to))
    answer = browser.post(leads_to, {"login": "ana", "password": PASSWORD})
    assert answer["Location"] == parked_address(address(cast.class_7a))
    assert NOT_SAVED in text_of(browser.get(answer["Location"]))


def test_what_somebody_saved_meanwhile_clashes_after_the_sign_in_too(cast, typed, sign_in):
    send_signed_out(address(cast.class_7a), typed)
    save_over(sign_in(cast.office), address(cast.class_7a), page_posts([cast.bo], "excused"))
    ana = sign_in(cast.ana.user)
    page = ana.get(parked_address(address(cast.class_7a)))
    assert ana.post(address(cast.class_7a), typed | opened_with(page)).status_code == 409
    assert AttendanceRecord.objects.get(student=cast.bo).status == "excused"


@pytest.mark.parametrize(("choice", "shown"), [("theirs", "excused"), ("mine", "late")])
def test_a_decided_clash_waits_as_it_was_decided(choice, shown, cast, typed, sign_in):
    save_over(sign_in(cast.office), address(cast.class_7a), page_posts([cast.bo], "excused"))
    decided = {f"clash-{cast.bo.student_id}": "1", f"choice-{cast.bo.student_id}": choice}
    now = opened_with(sign_in(cast.ana.user).get(address(cast.class_7a)))
    send_signed_out(address(cast.class_7a), typed | now | decided)
    page = sign_in(cast.ana.user).get(parked_address(address(cast.class_7a)))
    assert chosen_on(page)[cast.bo.student_id] == shown


def test_nobody_else_sees_it(cast, typed, sign_in):
    cover = TeacherFactory()
    TeachingAssignmentFactory(teacher=cover, school_class=cast.class_7a, subject=None)
    send_signed_out(address(cast.class_7a), typed)
    waiting = parked_address(address(cast.class_7a))
    assert "Bus" in sign_in(cast.ana.user).get(waiting).content.decode()
    for user in (cover.user, cast.office):
        page = sign_in(user).get(waiting)
        assert page.status_code == 200
        assert "Bus" not in page.content.decode()
        assert chosen_on(page)[cast.bo.student_id] == "present"
    for user, status in ((cast.ben.user, 404), (cast.mariam.user, 403)):
        assert sign_in(user).get(waiting).status_code == status
    assert Client().get(waiting).status_code == 302


def test_nor_does_its_owner_at_another_address_or_once_the_class_is_no_longer_theirs(cast, typed, sign_in):
    send_signed_out(address(cast.class_7a), typed)
    key = ParkedForm.objects.get().pk
    ana = sign_in(cast.ana.user)
    assert NOT_SAVED not in text_of(ana.get(f"{address(cast.class_7a, '2026-03-13')}?parked={key}"))
    cast.ana.assignments.all().delete()
    assert ana.get(parked_address(address(cast.class_7a))).status_code == 404


def test_after_an_hour_it_is_gone(cast, typed, sign_in, frozen):
    send_signed_out(address(cast.class_7a), typed)
    frozen.shift(KEPT_FOR)
    ana = sign_in(cast.ana.user)
    assert NOT_SAVED in text_of(ana.get(parked_address(address(cast.class_7a))))
    frozen.shift(timedelta(seconds=1))
    assert NOT_SAVED not in text_of(ana.get(parked_address(address(cast.class_7a))))
    old = ParkedForm.objects.get().pk
    send_signed_out(address(cast.class_7a), typed)
    assert list(ParkedForm.objects.filter(pk=old)) == []


def test_the_later_form_of_an_address_takes_the_place_of_the_earlier(cast, typed):
    send_signed_out(address(cast.class_7a), typed)
    send_signed_out(address(cast.class_7a), typed | {f"note-{cast.bo.student_id}": "Later"})
    assert json.loads(ParkedForm.objects.get().fields)[f"note-{cast.bo.student_id}"] == "Later"


def test_a_session_that_idled_out_parks_too(cast, typed, ana, frozen):
    frozen.shift(timedelta(minutes=31))
    leads_to = send_signed_out(address(cast.class_7a), typed, ana)
    assert leads_to.startswith("/accounts/login/?next=")
    assert ParkedForm.objects.get().owner == cast.ana.user


def test_a_token_from_before_signing_in_again_elsewhere_loses_nothing(cast, typed):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.ana.user, backend="accounts.backends.RoleBackend")
    before = stored()
    leads_to = send_signed_out(address(cast.class_7a), typed | {"csrfmiddlewaretoken": "x" * 64}, browser)
    assert (leads_to, stored()) == (parked_address(address(cast.class_7a)), before)
    assert NOT_SAVED in text_of(browser.get(leads_to))
    assert "csrfmiddlewaretoken" not in ParkedForm.objects.get().fields


def test_too_much_text_is_not_kept_and_that_is_said(cast, typed):
    fits = {"note-x": "n" * (MOST_BYTES - 2000)}
    send_signed_out(address(cast.class_7a), typed | fits)
    assert ParkedForm.objects.count() == 1
    ParkedForm.objects.all().delete()
    browser = Client()
    leads_to = send_signed_out(address(cast.class_7a), typed | {"note-x": "n" * MOST_BYTES}, browser)
    assert leads_to == f"/accounts/login/?next={address(cast.class_7a)}"
    assert ParkedForm.objects.count() == 0
    assert "this was too much text to keep. It was not saved." in text_of(browser.get(leads_to))


def forged(cast, typed):
    """Posts that no page of this person at this address has made, by what is wrong with them."""
    place, ana = address(cast.class_7a), cast.ana.user
    return {
        "no signature": typed | {"kept_for": f"{ana.pk}:{place}"},
        "a changed owner": typed | {"kept_for": owner_field(ana, place).replace(f"{ana.pk}:", "99999:", 1)},
        "another address": typed | {"kept_for": owner_field(ana, "/attendance/")},
        "nothing": typed | {"kept_for": ""},
        "a NUL": typed | {"kept_for": "\0"},
        "no such field": {name: value for name, value in typed.items() if name != "kept_for"},
    }


@pytest.mark.parametrize(
    "wrong", ["no signature", "a changed owner", "another address", "nothing", "a NUL", "no such field"]
)
def test_a_form_that_is_not_known_as_somebodys_is_not_kept(wrong, cast, typed):
    leads_to = send_signed_out(address(cast.class_7a), forged(cast, typed)[wrong])
    assert leads_to == f"/accounts/login/?next={address(cast.class_7a)}"
    assert ParkedForm.objects.count() == 0
    send_signed_out(address(cast.class_7a), typed)
    assert ParkedForm.objects.count() == 1


def test_a_page_that_lay_open_for_more_than_a_day_is_not_kept(cast, typed, frozen):
    frozen.shift(timedelta(days=1, seconds=1))
    send_signed_out(address(cast.class_7a), typed)
    assert ParkedForm.objects.count() == 0


def test_a_deactivated_person_s_form_is_not_kept(cast, typed):
    User.objects.filter(pk=cast.ana.user.pk).update(is_active=False)
    send_signed_out(address(cast.class_7a), typed)
    assert ParkedForm.objects.count() == 0


@pytest.mark.parametrize("key", ["", "x", "\0", "00000000-0000-0000-0000-000000000000", "1" * 5000])
def test_an_address_with_no_form_waiting_shows_the_register_as_it_stands(key, cast, ana):
    page = ana.get(f"{address(cast.class_7a)}?{urlencode({'parked': key})}")
    assert page.status_code == 200
    assert NOT_SAVED not in text_of(page)


def test_what_waits_about_an_erased_student_goes_with_them(cast, typed):
    send_signed_out(address(cast.class_7a), typed)
    delete_student(by=cast.office, student=cast.cleo)
    assert ParkedForm.objects.count() == 1
    delete_student(by=cast.office, student=cast.bo)
    assert ParkedForm.objects.count() == 0
