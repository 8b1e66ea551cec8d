"""`/attendance/late-desk/`: find a pupil, note the time of coming or going in today's register."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from attendance.models import AttendanceRecord, Register
from attendance.register import Mark, open_register
from attendance.services import take_register
from attendance.tests.factories import PlannedAbsenceFactory
from attendance.tests.registers import address, opened_with, page_posts, row_links, send, stored, text_of
from students.models import Enrolment, School
from students.tests.factories import (
    ClosureFactory,
    EnrolmentFactory,
    SchoolClassFactory,
    TeachingAssignmentFactory,
)
from tests.cast import MONDAY, YEAR_START, pupil

DESK = "/attendance/late-desk/"
LINE = re.compile(r'<li class="call[^"]*">(.*?)</li>', re.DOTALL)
FIELD = re.compile(r'name="(student|base|time)" [^>]*?value="([^"]*)"')
QUERIES = 8  # who you are, the school; count, page; classes, calendar, marks; the log


@pytest.fixture
def half_past_eight(db):
    """The school says when its day begins."""
    School.objects.update(starts_at=time(8, 30))


@pytest.fixture
def at_noon(cast, frozen):
    frozen.move_to(datetime(2026, 3, 16, 12, 0, tzinfo=UTC))


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


def lines(page):
    """The pupils found, in words."""
    return [text_of(line) for line in LINE.findall(page.content.decode())]


def form_of(page):
    """What the form of the only pupil found sends, as the page has it."""
    (line,) = LINE.findall(page.content.decode())
    return {"student": "", "base": "", "time": ""} | dict(FIELD.findall(line))


def note(browser, name, did="arrived", **changed):
    """Find a pupil and press one of the two buttons."""
    where = f"{DESK}?search={name}"
    return browser.post(where, form_of(browser.get(where)) | {"did": did} | changed)


def mark_of(student):
    """The stored mark: status, minutes, left early, note."""
    mark = AttendanceRecord.objects.get(student=student)
    return mark.status, mark.minutes_late, mark.left_early, mark.note


def take(by, school_class, **marks):
    """Marks of a register as its teacher saved them, by given name."""
    opened = open_register(School.current(), school_class, MONDAY, by)
    names = {line.full_name.split()[0]: line for line in opened.lines}
    status = type(names["Bo"].suggested.status)
    chosen = {names[name].student_id: Mark(status(mark[0]), *mark[1:]) for name, mark in marks.items()}
    take_register(by=by, opened=opened, marks=chosen)


class TestFinding:
    @pytest.mark.parametrize("typed", ["amina", "Diallo Amina", "STU00001", "u00001"])
    def test_by_name_or_id_with_class_and_mark(self, typed, cast, office):
        take(cast.ana.user, cast.class_7a, Amina=("late", 5))
        page = office.get(DESK, {"search": typed})
        assert lines(page)[0].startswith("Amina Diallo 7A · STU00001 Today: L Late , 5 minutes")
        assert form_of(page)["time"] == "09:00"

    def test_nobody_is_listed_before_a_search(self, cast, office):
        assert lines(office.get(DESK)) == []
        assertContains(office.get(DESK), "Type the name or the id of the pupil who stands before you.")
        assertContains(office.get(DESK, {"search": "zed"}), "You have no student “zed”.")

    def test_the_time_is_that_of_the_school(self, cast, office):
        School.objects.update(time_zone="Europe/Lisbon")
        assert form_of(office.get(DESK, {"search": "amina"}))["time"] == "09:00"
        School.objects.update(time_zone="Europe/Berlin")
        assert form_of(office.get(DESK, {"search": "amina"}))["time"] == "10:00"

    def test_a_teacher_finds_the_own_students(self, cast, ana, sign_in):
        assert len(lines(ana.get(DESK, {"search": "amina"}))) == 1
        page = sign_in(cast.ben.user).get(DESK, {"search": "amina"})
        assert lines(page) == []
        assertNotContains(page, "Diallo")


class TestArrivedLate:
    def test_notes_the_time_and_the_minutes_since_the_school_day_began(self, cast, office, half_past_eight):
        answer = office.post(DESK, form_of(office.get(DESK, {"search": "amina"})) | {"did": "arrived"}, follow=True)
        assertContains(answer, "Amina Diallo, 7A: Late, 30 minutes, “Arrived 09:00”.")
        assert mark_of(cast.amina) == ("late", 30, False, "Arrived 09:00")
        kept = AttendanceRecord.history.get()
        assert (kept.history_type, kept.history_user) == ("+", cast.office)

    def test_without_a_beginning_only_the_time(self, cast, ana):
        note(ana, "amina", time="8:55")
        assert mark_of(cast.amina) == ("late", None, False, "Arrived 08:55")

    def test_starts_the_register_without_taking_it(self, cast, office, ana):
        note(office, "amina")
        register = Register.objects.get()
        assert (register.late, register.taken_by, register.taken_at) == (1, None, None)
        found = row_links(ana.get("/attendance/").content.decode().split('id="missed"')[0])
        assert found == [(address(cast.class_7a), "7A started: 1 of 2")]

    def test_every_student_noted_at_the_desk_is_no_register_taken_by_nobody(self, cast, office):
        note(office, "amina")
        note(office, "bo")
        found = row_links(office.get("/attendance/").content.decode())
        assert (address(cast.class_7a), "7A every student has a mark: 0 present, 2 late") in found

    def test_replaces_absent_and_keeps_what_was_noted(self, cast, ana, half_past_eight):
        take(cast.ana.user, cast.class_7a, Bo=("absent", None, False, "Called home"))
        note(ana, "bo")
        assert mark_of(cast.bo) == ("late", 30, False, "Called home; Arrived 09:00")

    def test_a_corrected_time_replaces_the_earlier_one(self, cast, ana, half_past_eight):
        note(ana, "bo", time="08:50")
        note(ana, "bo", time="08:45")
        assert mark_of(cast.bo) == ("late", 15, False, "Arrived 08:45")

    def test_an_absence_was_planned_but_here_they_are(self, cast, ana):
        PlannedAbsenceFactory(student=cast.bo, entered_by=cast.office)
        note(ana, "bo")
        assert mark_of(cast.bo) == ("late", None, False, "Arrived 09:00")


class TestLeavesEarly:
    @pytest.mark.parametrize(
        ("marked", "after"),
        [
            (None, ("present", None, True, "Left 12:00")),
            (("present",), ("present", None, True, "Left 12:00")),
            (("present", None, False, "Cough"), ("present", None, True, "Cough; Left 12:00")),
            (("late", 5, False, "Bus"), ("late", 5, True, "Bus; Left 12:00")),
            (("present", None, True, "Left 11:00"), ("present", None, True, "Left 12:00")),
        ],
    )
    def test_keeps_the_mark_and_adds_the_time(self, marked, after, cast, at_noon, ana):
        if marked:
            take(cast.ana.user, cast.class_7a, Bo=marked)
        note(ana, "bo", "leaves")
        assert mark_of(cast.bo) == after

    @pytest.mark.parametrize("status", ["absent", "excused"])
    def test_whoever_is_not_there_cannot_leave(self, status, cast, at_noon, ana):
        take(cast.ana.user, cast.class_7a, Bo=(status,))
        before = stored()
        answer = note(ana, "bo", "leaves")
        assertContains(answer, f"Bo Lind is marked {status}; mark as arrived first.", status_code=422)
        assert stored() == before
        note(ana, "bo", "arrived", time="10:00")
        note(ana, "bo", "leaves")
        assert mark_of(cast.bo) == ("late", None, True, "Arrived 10:00; Left 12:00")

    def test_before_the_school_day_begins(self, cast, half_past_eight, at_noon, ana):
        before = stored()
        answer = note(ana, "bo", "leaves", time="08:29")
        assertContains(answer, "08:29 is before the school day begins at 08:30.", status_code=422)
        assert stored() == before

    def test_a_note_that_would_grow_too_long(self, cast, at_noon, ana):
        take(cast.ana.user, cast.class_7a, Bo=("present", None, False, "x" * 289))
        before = stored()
        answer = note(ana, "bo", "leaves")
        sentence = "With this the note has 301 characters, more than 300. Shorten it in the register."
        assertContains(answer, sentence, status_code=422)
        assert stored() == before
        take(cast.ana.user, cast.class_7a, Bo=("present", None, False, "x" * 288))
        assert note(ana, "bo", "leaves").status_code == 302
        assert len(AttendanceRecord.objects.get(student=cast.bo).note) == 300


WRONG_TIME = "Give the time as 09:12: hours and minutes."
BAD = {
    "25 hours": ({"time": "25:00"}, WRONG_TIME),
    "60 minutes": ({"time": "08:60"}, WRONG_TIME),
    "a German hour": ({"time": "9h"}, WRONG_TIME),
    "full-width digits": ({"time": "０９:００"}, WRONG_TIME),
    "a line after it": ({"time": "09:00\n08:00"}, "This holds characters that cannot be printed."),
    "a NUL": ({"time": "09:00\x00"}, "This holds characters that cannot be printed."),
    "10,000 characters": ({"time": "9" * 10_000}, WRONG_TIME),
    "no time": ({"time": ""}, WRONG_TIME),
    "the future": ({"time": "09:01"}, "09:01 is still to come: it is 09:00 now. Give a time that has passed."),
    "on time": ({"time": "08:30"}, "The school day begins at 08:30, so 08:30 is not late. Mark Present"),
    "before the day": ({"time": "00:00"}, "The school day begins at 08:30, so 00:00 is not late."),
    "neither came nor went": ({"did": ""}, "Choose “Arrived late” or “Leaves early”."),
    "something else": ({"did": "present"}, "Choose “Arrived late” or “Leaves early”."),
    "nobody": ({"student": "STU99999"}, "This pupil is not among yours. Search again."),
    "a student with a NUL": ({"student": "STU\x00"}, "This holds characters that cannot be printed."),
}


class TestRefusals:
    @pytest.mark.parametrize("case", BAD)
    def test_bad_input_says_what_to_change_keeps_the_time_and_changes_nothing(self, case, cast, ana, half_past_eight):
        changed, sentence = BAD[case]
        where = f"{DESK}?search=amina"
        before = stored()
        answer = send(ana, where, form_of(ana.get(where)) | {"did": "arrived", "time": "08:45"} | changed)
        assert answer.status_code == 422
        assert sentence in text_of(answer)
        if case in {"25 hours", "a German hour", "the future", "neither came nor went"}:
            assert form_of(answer)["time"] == changed.get("time", "08:45")
        assert stored() == before

    def test_more_than_twelve_hours_after_the_beginning(self, cast, half_past_eight, sign_in, frozen):
        frozen.move_to(datetime(2026, 3, 16, 23, 0, tzinfo=UTC))
        ana = sign_in(cast.ana.user)
        answer = note(ana, "bo", time="20:31")
        assertContains(answer, "20:31 is more than 720 minutes after the school day begins.", status_code=422)
        assert note(ana, "bo", time="20:30").status_code == 302

    @pytest.mark.parametrize("query", [{"search": "x" * 101}, {"search": "a\x00"}])
    def test_a_bad_search_is_told(self, query, cast, ana):
        assert ana.get(DESK, query).status_code == 400

    def test_a_page_that_is_not_there(self, cast, ana):
        assert ana.get(DESK, {"search": "amina", "page": "9" * 40}).status_code == 404

    def test_a_closed_day_says_so_and_has_no_form(self, cast, ana):
        sent = form_of(ana.get(DESK, {"search": "bo"})) | {"did": "arrived"}
        ClosureFactory(name="Snow", starts_on=MONDAY, ends_on=date(2026, 3, 17))
        before = stored()
        page = ana.get(DESK, {"search": "bo"})
        assertContains(page, "The school is closed on Mon 16 Mar 2026: Snow.")
        assertNotContains(page, 'name="did"')
        assertContains(ana.post(DESK, sent), "The school is closed on Mon 16 Mar 2026: Snow.", status_code=422)
        assert stored() == before

    def test_a_class_that_does_not_meet_today(self, cast, ana):
        cast.class_7a.meets_on = "2"
        cast.class_7a.save()
        before = stored()
        sent = {"student": cast.bo.student_id, "did": "arrived", "time": "09:00", "base": ""}
        assertContains(ana.post(DESK, sent), "7A does not meet on Mon 16 Mar 2026", status_code=422)
        assert stored() == before

    def test_no_main_class(self, cast, office):
        Enrolment.objects.filter(student=cast.bo).update(is_primary=False)
        before = stored()
        assertContains(office.get(DESK, {"search": "bo"}), "In no main class today")
        sent = {"student": cast.bo.student_id, "did": "arrived", "time": "09:00", "base": ""}
        assertContains(office.post(DESK, sent), "In no main class today", status_code=422)
        assert stored() == before

    def test_another_teachers_student_is_as_nobody(self, cast, sign_in):
        ben = sign_in(cast.ben.user)
        before = stored()
        sent = {"did": "arrived", "time": "09:00", "base": ""}
        answer = ben.post(DESK, sent | {"student": cast.amina.student_id})
        nobody = ben.post(DESK, sent | {"student": "STU99999"})
        assert (answer.status_code, nobody.status_code) == (422, 422)
        assert text_of(answer) == text_of(nobody)
        assert stored() == before

    def test_a_student_of_mine_in_a_main_class_of_somebody_else(self, cast, sign_in):
        choir = SchoolClassFactory(name="Choir", academic_year=cast.year)
        EnrolmentFactory(student=cast.amina, school_class=choir, starts_on=YEAR_START, is_primary=False)
        TeachingAssignmentFactory(teacher=cast.ben, school_class=choir, subject=None, starts_on=YEAR_START)
        ben = sign_in(cast.ben.user)
        page = ben.get(DESK, {"search": "amina"})
        assertContains(page, "7A is not your class. Its teacher or the office notes this.")
        assertNotContains(page, 'name="did"')
        before = stored()
        sent = {"student": cast.amina.student_id, "did": "arrived", "time": "09:00", "base": ""}
        assertContains(ben.post(DESK, sent), "7A is not your class.", status_code=422)
        assert stored() == before


class TestTwoBrowsers:
    def test_a_teacher_who_had_the_register_open_meets_a_clash(self, cast, ana, office):
        bases = opened_with(ana.get(address(cast.class_7a)))
        note(office, "amina")
        sent = page_posts([cast.amina, cast.bo], **{f"status-{cast.amina.student_id}": "absent"}) | bases
        answer = ana.post(address(cast.class_7a), sent | {"confirmed": "past absent others"})
        assert answer.status_code == 409
        assert "Amina Diallo L Late , “Arrived 09:00” office, 09:00" in text_of(answer)
        assert mark_of(cast.amina) == ("late", None, False, "Arrived 09:00")
        assert mark_of(cast.bo)[0] == "present"

    def test_the_desk_overwrites_no_mark_that_it_did_not_show(self, cast, ana, office):
        where = f"{DESK}?search=amina"
        sent = form_of(office.get(where)) | {"did": "arrived"}
        take(cast.ana.user, cast.class_7a, Amina=("late", 12, False, "Bus"))
        before = stored()
        answer = office.post(where, sent)
        assertContains(
            answer, "Meanwhile, at 09:00, Ana Silva marked Amina Diallo in 7A: Late, “Bus”.", status_code=409
        )
        assert stored() == before
        assert office.post(where, form_of(answer) | {"did": "arrived"}).status_code == 302
        assert mark_of(cast.amina) == ("late", None, False, "Bus; Arrived 09:00")

    def test_a_mark_taken_back_meanwhile(self, cast, ana, office):
        take(cast.ana.user, cast.class_7a, Amina=("absent",))
        sent = form_of(office.get(DESK, {"search": "amina"})) | {"did": "arrived"}
        AttendanceRecord.objects.all().delete()
        answer = office.post(DESK, sent)
        assertContains(answer, "Meanwhile the mark of Amina Diallo in 7A was taken back.", status_code=409)
        assert AttendanceRecord.objects.count() == 0


@pytest.mark.parametrize("number", [1, 3, 60])
def test_the_same_queries_at_any_size(number, cast, office, count_queries):
    for each in range(number):
        pupil(f"Pupil{each}", "More", cast.class_7a)
    assert count_queries(lambda: office.get(DESK, {"search": "pupil"})) == QUERIES


def test_a_search_is_noted_once_without_the_name(cast, office):
    forget_readings()
    office.get(DESK, {"search": "amina"})
    assert list(AccessLog.objects.values_list("page", "student_id", "path")) == [("attendance:late_desk", "", DESK)]
