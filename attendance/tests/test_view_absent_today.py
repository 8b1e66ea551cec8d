"""`/attendance/absent-today/`: who is absent without a reason, whom to call, and what they said."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from attendance.models import AttendanceRecord, Register
from attendance.register import Mark, open_register
from attendance.services import take_register
from attendance.tests.factories import AttendanceRecordFactory
from attendance.tests.registers import send, stored, text_of
from students.models import School, TeachingAssignment
from students.tests.factories import (
    EmergencyContactFactory,
    EnrolmentFactory,
    GuardianFactory,
    SchoolClassFactory,
    TeachingAssignmentFactory,
)
from tests.cast import MONDAY, YEAR_START, pupil

LIST = "/attendance/absent-today/"
LINE = re.compile(r'<li class="call[^"]*">(.*?)</li>', re.DOTALL)
HIDDEN = re.compile(r'type="hidden" name="(student|mark-[0-9]+)" value="([^"]*)"')
# Who you are, the school; five of the registers of the day; marks, edit window; guardians, contacts; the log.
QUERIES = 11


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


def take(by, school_class, day=MONDAY, **statuses):
    """A register taken: every student present but those named, as status or (status, note)."""
    opened = open_register(School.current(), school_class, day, by)
    marks = {}
    for line in opened.lines:
        chosen = statuses.get(line.full_name.split()[0], "present")
        status, note = chosen if isinstance(chosen, tuple) else (chosen, "")
        marks[line.student_id] = Mark(type(line.suggested.status)(status), note=note)
    take_register(by=by, opened=opened, marks=marks)


@pytest.fixture
def amina_absent(cast):
    """7A is taken: Amina absent without a reason, whose mother is called before her father."""
    GuardianFactory(student=cast.amina, name="Omar Diallo", relationship="father", phone="+44 2", priority=2)
    GuardianFactory(student=cast.amina, name="Mariam Diallo", relationship="mother", phone="+44 1", priority=1)
    EmergencyContactFactory(student=cast.amina, name="Aunt Awa", relationship="aunt", phone="+44 3")
    take(cast.ana.user, cast.class_7a, Amina="absent")


def lines(page):
    """The lines of the list in words."""
    return [text_of(line) for line in LINE.findall(page.content.decode())]


def names(page):
    return [call.student.given_name for call in page.context["page"]]


def form_of(page, student):
    """What the form of a student sends, as the page has it."""
    for line in LINE.findall(page.content.decode()):
        fields = dict(HIDDEN.findall(line))
        if fields.get("student") == student.student_id:
            return fields
    raise AssertionError(f"{student} is not on the page")


def said(browser, student, answer="excused", reason="Flu", **more):
    """Open the list, note what was said on the phone."""
    return browser.post(LIST, form_of(browser.get(LIST), student) | {"answer": answer, "reason": reason} | more)


class TestWhoIsCalled:
    def test_name_class_and_whom_to_call_in_order(self, cast, office, amina_absent):
        page = office.get(LIST)
        assert names(page) == ["Amina"]
        order = [
            "Amina Diallo",
            "7A",
            "Mariam Diallo, mother",
            "+44 1",
            "Omar Diallo, father",
            "+44 2",
            "Aunt Awa, aunt",
        ]
        places = [lines(page)[0].index(words) for words in order]
        assert places == sorted(places)
        assertContains(page, '<a href="tel:+44 1">+44 1</a>')

    def test_neither_the_present_nor_the_late_nor_the_excused_nor_those_with_a_reason(self, cast, office):
        for name in ("Lou", "Eve", "Nia", "Art"):
            pupil(name, "More", cast.class_7a)
        take(cast.ana.user, cast.class_7a, Lou="late", Eve=("excused", "Trip"), Nia=("absent", "Flu"), Art="absent")
        page = office.get(LIST)
        assert names(page) == ["Art"]
        assertContains(page, "With a reason: 1 excused, 1 absent")

    def test_by_class_and_name(self, cast, office):
        pupil("Abe", "Young", cast.class_7b)
        take(cast.ben.user, cast.class_7b, Abe="absent", Cleo="absent")
        take(cast.ana.user, cast.class_7a, Bo="absent", Amina="absent")
        assert names(office.get(LIST)) == ["Amina", "Bo", "Cleo", "Abe"]

    def test_without_guardians_it_leads_to_where_they_are_noted(self, cast, office):
        take(cast.ana.user, cast.class_7a, Amina="absent")
        assertContains(office.get(LIST), f'No guardian is noted. <a href="/students/{cast.amina.student_id}/edit/">')

    def test_another_day_and_the_latest_school_day(self, cast, office, frozen):
        take(cast.ana.user, cast.class_7a, MONDAY - timedelta(days=3), Bo="absent")
        assert names(office.get(LIST, {"date": "2026-03-13"})) == ["Bo"]
        assert names(office.get(LIST)) == []
        frozen.move_to(datetime(2026, 3, 15, 9, 0, tzinfo=UTC))
        page = office.get(LIST)
        assert names(page) == ["Bo"]
        assertContains(page, "Today, Sunday 15 March, is no school day. These are the absent of Friday 13 March.")

    def test_a_mark_of_somebody_who_was_taken_off_the_day_asks_for_no_call(self, cast, office, amina_absent):
        AttendanceRecordFactory(student=cast.cleo, school_class=cast.class_7a, status="absent")
        assert names(office.get(LIST)) == ["Amina"]


class TestTheAnswer:
    @pytest.mark.parametrize(("answer", "status"), [("excused", "excused"), ("noted", "absent")])
    def test_sets_the_mark_and_the_reason_with_history(self, answer, status, cast, office, amina_absent):
        taken = Register.objects.get()
        assert said(office, cast.amina, answer).status_code == 302
        mark = AttendanceRecord.objects.get(student=cast.amina)
        assert (mark.status, mark.note, mark.marked_by) == (status, "Flu", cast.office)
        changes = [(kept.history_type, kept.history_user, kept.note) for kept in mark.history.all()]
        assert changes == [("~", cast.office, "Flu"), ("+", cast.ana.user, "")]
        register = Register.objects.get()
        assert (register.taken_by, register.taken_at) == (cast.ana.user, taken.taken_at)
        assert (register.excused, register.absent) == ((1, 0) if status == "excused" else (0, 1))
        page = office.get(LIST)
        assert names(page) == []
        assert [mark.note for mark in page.context["listed"].answered] == ["Flu"]

    def test_goes_to_all_classes_of_the_day_at_once(self, cast, office):
        choir = SchoolClassFactory(name="Choir", academic_year=cast.year)
        EnrolmentFactory(student=cast.amina, school_class=choir, starts_on=YEAR_START, is_primary=False)
        for school_class in (cast.class_7a, choir):
            take(cast.office, school_class, Amina="absent")
        page = office.get(LIST)
        assert names(page) == ["Amina"]
        assert "7A, Choir" in lines(page)[0]
        said(office, cast.amina)
        marks = AttendanceRecord.objects.filter(student=cast.amina).values_list("status", "note")
        assert list(marks) == [("excused", "Flu"), ("excused", "Flu")]

    def test_of_a_teacher_goes_to_the_own_classes_alone(self, cast, ana):
        choir = SchoolClassFactory(name="Choir", academic_year=cast.year)
        EnrolmentFactory(student=cast.amina, school_class=choir, starts_on=YEAR_START, is_primary=False)
        for school_class in (cast.class_7a, choir):
            take(cast.office, school_class, Amina="absent")
        said(ana, cast.amina)
        marks = AttendanceRecord.objects.filter(student=cast.amina).values_list("school_class__name", "status")
        assert dict(marks) == {"7A": "excused", "Choir": "absent"}

    def test_a_child_who_came_meanwhile_stays_as_marked_and_the_page_says_who_what_and_when(
        self, cast, office, ana, amina_absent, frozen
    ):
        fields = form_of(office.get(LIST), cast.amina)
        frozen.move_to(datetime(2026, 3, 16, 9, 20, tzinfo=UTC))
        take(cast.ana.user, cast.class_7a, Amina=("late", "Bus"))
        before = stored()
        answer = office.post(LIST, fields | {"answer": "excused", "reason": "Flu"})
        assertContains(
            answer, "Meanwhile, at 09:20, Ana Silva marked Amina Diallo in 7A: Late, “Bus”.", status_code=409
        )
        assert stored() == before

    def test_one_of_two_marks_changed_writes_neither(self, cast, office):
        choir = SchoolClassFactory(name="Choir", academic_year=cast.year)
        EnrolmentFactory(student=cast.amina, school_class=choir, starts_on=YEAR_START, is_primary=False)
        for school_class in (cast.class_7a, choir):
            take(cast.office, school_class, Amina="absent")
        fields = form_of(office.get(LIST), cast.amina)
        take(cast.office, choir, Amina="late")
        before = stored()
        answer = office.post(LIST, fields | {"answer": "excused", "reason": "Flu"})
        assert answer.status_code == 409
        assert stored() == before
        assertContains(answer, 'value="Flu"', status_code=409)  # still to be answered in 7A, with what was typed

    def test_sent_twice_is_noted_once(self, cast, office, amina_absent):
        sent = form_of(office.get(LIST), cast.amina) | {"answer": "excused", "reason": "Flu"}
        office.post(LIST, sent)
        before = stored()
        assert office.post(LIST, sent).status_code == 302
        assert stored() == before

    def test_of_another_day_stays_on_that_day(self, cast, office):
        friday = MONDAY - timedelta(days=3)
        take(cast.ana.user, cast.class_7a, friday, Bo="absent")
        where = f"{LIST}?date={friday}"
        sent = form_of(office.get(where), cast.bo) | {"answer": "noted", "reason": "Overslept"}
        assert office.post(where, sent).headers["Location"] == where
        assert AttendanceRecord.objects.get(student=cast.bo).note == "Overslept"


BAD = {
    "no reason": ({"reason": " "}, "Type the reason that you were told."),
    "a long reason": ({"reason": "é" * 301}, "This has 301 characters. Shorten it to 300."),
    "10,000 characters": ({"reason": "x" * 10_000}, "This has 10000 characters. Shorten it to 300."),
    "a NUL": ({"reason": "Fl\x00u"}, "This holds characters that cannot be printed."),
    "two lines": ({"reason": "Flu\nand cold"}, "This holds characters that cannot be printed."),
    "no answer": ({"answer": ""}, "Choose “Excused” or “Note the reason”."),
    "another answer": ({"answer": "present"}, "Choose “Excused” or “Note the reason”."),
    "nobody": ({"student": "STU99999"}, "This line is not on your list any more."),
    "a student with a NUL": ({"student": "STU\x00"}, "This holds characters that cannot be printed."),
    "an unknown class": ({"mark-999999": "x"}, "This line is not on your list any more."),
    "a huge class": ({"mark-" + "9" * 18: "x"}, "This line is not on your list any more."),
}


class TestRefusals:
    @pytest.mark.parametrize("case", BAD)
    def test_bad_input_says_what_to_change_keeps_the_rest_and_changes_nothing(self, case, cast, office, amina_absent):
        changed, sentence = BAD[case]
        before = stored()
        sent = form_of(office.get(LIST), cast.amina) | {"answer": "excused", "reason": "Flu"} | changed
        answer = send(office, LIST, sent)
        assert answer.status_code == 422
        assert sentence in text_of(answer)
        if sent["student"] == cast.amina.student_id and sent["reason"] == "Flu":
            assertContains(answer, 'value="Flu"', status_code=422)
        assert stored() == before

    def test_a_form_without_marks_is_refused(self, cast, office, amina_absent):
        sent = {"student": cast.amina.student_id, "answer": "excused", "reason": "Flu"}
        assertContains(office.post(LIST, sent), "This line is not on your list any more.", status_code=422)

    @pytest.mark.parametrize("day", ["nonsense", "1949-12-31", "9999-12-31", "２０２６-03-16", "2026-03-16\x00"])
    def test_a_bad_day_is_told(self, day, cast, office, amina_absent):
        assert office.get(LIST, {"date": day}).status_code == 400

    def test_a_page_that_is_not_there(self, cast, office):
        assert office.get(LIST, {"page": "9" * 40}).status_code == 404

    def test_another_teacher_neither_sees_nor_answers(self, cast, ana, sign_in, amina_absent):
        ben = sign_in(cast.ben.user)
        fields = form_of(ana.get(LIST), cast.amina)
        assertContains(ana.get(LIST), "+44 1")
        for phone in ("+44 1", "+44 2", "+44 3", "Amina", "Aunt Awa"):
            assertNotContains(ben.get(LIST), phone)
        before = stored()
        answer = ben.post(LIST, fields | {"answer": "excused", "reason": "Flu"})
        nobody = ben.post(LIST, fields | {"answer": "excused", "reason": "Flu", "student": "STU99999"})
        assert (answer.status_code, nobody.status_code) == (422, 422)
        assert text_of(answer) == text_of(nobody)
        assert stored() == before

    def test_a_teacher_of_the_student_in_another_class_does_not_answer_for_this_one(
        self, cast, ana, sign_in, amina_absent
    ):
        choir = SchoolClassFactory(name="Choir", academic_year=cast.year)
        EnrolmentFactory(student=cast.amina, school_class=choir, starts_on=YEAR_START, is_primary=False)
        TeachingAssignmentFactory(teacher=cast.ben, school_class=choir, subject=None, starts_on=YEAR_START)
        fields = form_of(ana.get(LIST), cast.amina)
        before = stored()
        answer = sign_in(cast.ben.user).post(LIST, fields | {"answer": "excused", "reason": "Flu"})
        assertContains(answer, "This line is not on your list any more.", status_code=422)
        assert stored() == before

    def test_past_the_edit_window_a_teacher_reads_and_the_office_answers(self, cast, ana, office):
        long_ago = MONDAY - timedelta(days=21)
        take(cast.office, cast.class_7a, long_ago, Bo="absent")
        where = f"{LIST}?date={long_ago}"
        fields = form_of(office.get(where), cast.bo) | {"answer": "noted", "reason": "Flu"}
        page = ana.get(where)
        assert names(page) == ["Bo"]
        assertContains(page, "is more than 14 days ago.")
        assertNotContains(page, 'name="answer"')
        before = stored()
        assertContains(ana.post(where, fields), "is more than 14 days ago.", status_code=422)
        assert stored() == before
        assert office.post(where, fields).status_code == 302


class TestThePage:
    def test_nobody_to_call(self, cast, office):
        take(cast.ana.user, cast.class_7a)
        take(cast.ben.user, cast.class_7b)
        page = office.get(LIST)
        assertContains(page, "Nobody is absent without a reason.")
        assertNotContains(page, "not taken yet")

    def test_no_register_is_taken_yet(self, cast, office):
        page = text_of(office.get(LIST))
        assert "No register of this day is taken yet, so nobody is known to be absent." in page
        assert "2 registers of this day are not taken yet. Go to the registers" in page

    def test_some_registers_are_missing(self, cast, office, amina_absent):
        assert "1 register of this day is not taken yet. Go to the registers" in text_of(office.get(LIST))

    def test_a_day_without_school(self, cast, office):
        page = text_of(office.get(LIST, {"date": "2026-03-15"}))
        assert "No register is due on this day. The school does not meet on Sun 15 Mar 2026" in page

    def test_a_teacher_without_classes(self, cast, sign_in):
        TeachingAssignment.objects.filter(teacher=cast.ana).delete()
        assertContains(sign_in(cast.ana.user).get(LIST), "No register is due on this day.")

    def test_csv_has_a_line_a_person_to_call(self, cast, office, amina_absent):
        forget_readings()
        response = office.get(LIST, {"format": "csv"})
        one = f"{cast.amina.student_id},Amina Diallo,7A"
        assert b"".join(response.streaming_content).decode("utf-8-sig").split("\r\n") == [
            "student_id,full_name,class,contact_kind,called_in_order,contact_name,relationship,phone",
            f"{one},guardian,1,Mariam Diallo,mother,'+44 1",
            f"{one},guardian,2,Omar Diallo,father,'+44 2",
            f"{one},emergency contact,3,Aunt Awa,aunt,'+44 3",
            "",
        ]
        assert list(AccessLog.objects.values_list("student_id", flat=True)) == [cast.amina.student_id]

    def test_reading_is_noted_for_each_child_shown(self, cast, office, amina_absent):
        take(cast.ben.user, cast.class_7b, Cleo="absent")
        forget_readings()
        office.get(LIST)
        noted = AccessLog.objects.values_list("page", "student_id")
        assert sorted(noted) == [("attendance:absent_today", each.student_id) for each in (cast.amina, cast.cleo)]

    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_the_same_queries_at_any_size(self, number, cast, office, count_queries):
        for each in range(number):
            child = pupil(f"Pupil{each}", "More", cast.class_7a)
            GuardianFactory(student=child)
            AttendanceRecordFactory(student=child, school_class=cast.class_7a, status="absent")
            AttendanceRecordFactory(
                student=pupil(f"Told{each}", "More", cast.class_7a),
                school_class=cast.class_7a,
                status="excused",
                note="Flu",
                marked_by=cast.ana.user,
            )
        assert count_queries(lambda: office.get(LIST)) == QUERIES

    def test_pages_of_25(self, cast, office):
        for each in range(26):
            child = pupil(f"Pupil{each:02}", "More", cast.class_7a)
            AttendanceRecordFactory(student=child, school_class=cast.class_7a, status="absent")
        assert len(names(office.get(LIST))) == 25
        assert names(office.get(LIST, {"page": 2})) == ["Pupil25"]
