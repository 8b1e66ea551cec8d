"""`/attendance/<class>/<day>/`: opening a register and saving it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from accounts.models import AccessLog
from accounts.tests.factories import ParentFactory, TeacherFactory
from attendance.models import AttendanceRecord, Register, Status
from attendance.tests.factories import AttendanceRecordFactory, PlannedAbsenceFactory
from attendance.tests.registers import (
    YES,
    address,
    chosen_on,
    names_on,
    opened_with,
    page_posts,
    save_over,
    stored,
    text_of,
    typed_on,
)
from students.models import Enrolment, School, SchoolClass
from students.tests.factories import (
    ClosureFactory,
    EnrolmentFactory,
    SchoolClassFactory,
    StudentFactory,
    TeachingAssignmentFactory,
)
from tests.cast import MONDAY, pupil

DAYS = timedelta(days=1)
FRIDAY, TUESDAY = MONDAY - 3 * DAYS, MONDAY + DAYS
LATER = datetime(2026, 3, 16, 9, 20, tzinfo=UTC)  # within the life of the session
OPEN_QUERIES = 7
FIRST_SAVE_QUERIES, MIXED_SAVE_QUERIES = 14, 14


@pytest.fixture
def ana(cast, sign_in):
    """Ana's browser."""
    return sign_in(cast.ana.user)


@pytest.fixture
def both(cast):
    """The two students of 7A."""
    return [cast.amina, cast.bo]


def marks_of(school_class, day=MONDAY):
    """The stored marks of a register by given name."""
    rows = AttendanceRecord.objects.filter(school_class=school_class, date=day).select_related("student")
    return {row.student.given_name: (row.status, row.minutes_late, row.left_early, row.note) for row in rows}


def said_after(browser, posted, place):
    """Save, and read what the page that follows says."""
    return text_of(browser.post(place, posted, follow=True))


class TestOpening:
    def test_everybody_is_chosen_present_but_nothing_is_taken_yet(self, cast, ana, both):
        page = ana.get(address(cast.class_7a))
        assert chosen_on(page) == {student.student_id: "present" for student in both}
        assert "7A, today" in text_of(page)
        assert "Monday 16 March 2026 · Not taken yet" in text_of(page)
        assert stored() == {name: [] for name in stored()}

    def test_the_students_of_that_day_and_no_others_by_family_name(self, cast, ana):
        spans = {
            "since today": (MONDAY, None),
            "until today": (FRIDAY, TUESDAY),
            "from tomorrow": (TUESDAY, None),
            "until yesterday": (FRIDAY, MONDAY),
            "never a day": (MONDAY, MONDAY),
        }
        for name, (starts_on, ends_on) in spans.items():
            student = StudentFactory(given_name=name, family_name="Ek")
            EnrolmentFactory(student=student, school_class=cast.class_7a, starts_on=starts_on, ends_on=ends_on)
        pupil("Zoe", "", cast.class_7a)
        assert names_on(ana.get(address(cast.class_7a))) == [
            "Zoe", "Amina Diallo", "since today Ek", "until today Ek", "Bo Lind",
        ]  # fmt: skip
        assert names_on(ana.get(address(cast.class_7a, FRIDAY))) == [
            "Zoe", "Amina Diallo", "until today Ek", "until yesterday Ek", "Bo Lind",
        ]  # fmt: skip

    def test_who_came_back_to_the_class_is_listed_once(self, cast, ana):
        Enrolment.objects.filter(student=cast.bo).update(ends_on=date(2025, 12, 1))
        EnrolmentFactory(student=cast.bo, school_class=cast.class_7a, starts_on=date(2026, 2, 2))
        assert names_on(ana.get(address(cast.class_7a))) == ["Amina Diallo", "Bo Lind"]
        assert names_on(ana.get(address(cast.class_7a, "2026-01-14"))) == []

    def test_a_planned_absence_is_chosen_excused_with_its_reason(self, cast, ana):
        PlannedAbsenceFactory(student=cast.amina, starts_on=MONDAY, reason="Dentist & lunch")
        PlannedAbsenceFactory(student=cast.bo, starts_on=FRIDAY, ends_on=MONDAY, reason="It ended yesterday")
        PlannedAbsenceFactory(student=cast.bo, starts_on=TUESDAY, reason="It begins tomorrow")
        page = ana.get(address(cast.class_7a))
        assert chosen_on(page) == {cast.amina.student_id: "excused", cast.bo.student_id: "present"}
        assert [typed_on(page, "note", student) for student in (cast.amina, cast.bo)] == ["Dentist & lunch", ""]
        assert "Not taken yet" in text_of(page)

    def test_a_stored_mark_stands_before_a_planned_absence(self, cast, ana):
        AttendanceRecordFactory(
            student=cast.amina, school_class=cast.class_7a, status=Status.LATE, minutes_late=5, note="Bus"
        )
        PlannedAbsenceFactory(student=cast.amina)
        page = ana.get(address(cast.class_7a))
        assert chosen_on(page) == {cast.amina.student_id: "late", cast.bo.student_id: "present"}
        assert (typed_on(page, "minutes", cast.amina), typed_on(page, "note", cast.amina)) == ("5", "Bus")
        assert "Started: 1 of 2" in text_of(page)

    def test_marks_of_another_class_or_day_are_not_shown(self, cast, ana):
        EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, is_primary=False)
        for school_class, day in ((cast.class_7b, MONDAY), (cast.class_7a, FRIDAY)):
            AttendanceRecordFactory(student=cast.amina, school_class=school_class, date=day, status=Status.ABSENT)
        page = ana.get(address(cast.class_7a))
        assert chosen_on(page) == {cast.amina.student_id: "present", cast.bo.student_id: "present"}
        assert chosen_on(ana.get(address(cast.class_7a, FRIDAY)))[cast.amina.student_id] == "absent"

    def test_a_day_on_which_it_may_not_be_taken_shows_why_and_the_marks_there_are(self, cast, ana):
        AttendanceRecordFactory(student=cast.bo, school_class=cast.class_7a, date=FRIDAY, status=Status.LATE)
        ClosureFactory(name="Snow", starts_on=FRIDAY)
        page = ana.get(address(cast.class_7a, FRIDAY))
        assert (page.status_code, chosen_on(page)) == (200, {})
        assert "The school is closed on Fri 13 Mar 2026: Snow. Choose a school day." in text_of(page)
        assert "Amina Diallo – Bo Lind L Late" in text_of(page)

    def test_an_empty_class_says_what_to_do(self, cast, ana):
        Enrolment.objects.filter(school_class=cast.class_7a).delete()
        page = ana.get(address(cast.class_7a))
        assert "Nobody is enrolled in this class on this day." in text_of(page)
        assert f'href="/classes/{cast.class_7a.pk}/"' in page.content.decode()

    def test_it_notes_the_reading_and_writes_nothing_else(self, cast, ana):
        before = stored()
        ana.get(address(cast.class_7a))
        assert stored() == before
        line = AccessLog.objects.filter(page="attendance:register").get()
        assert (line.reader, line.path, line.student_id) == (cast.ana.user, address(cast.class_7a), "")


class TestSaving:
    def test_marks_counts_and_who_took_it_and_when_are_stored(self, cast, ana, both):
        posted = page_posts(both, **{f"status-{cast.bo.student_id}": "absent"})
        answer = ana.post(address(cast.class_7a), posted)
        assert (answer.status_code, answer["Location"]) == (302, address(cast.class_7a))
        assert marks_of(cast.class_7a) == {
            "Amina": ("present", None, False, ""),
            "Bo": ("absent", None, False, ""),
        }
        register = Register.objects.get()
        assert (register.school_class, register.date) == (cast.class_7a, MONDAY)
        assert (register.present, register.late, register.excused, register.absent) == (1, 0, 0, 1)
        assert (register.taken_by, register.taken_at) == (cast.ana.user, datetime(2026, 3, 16, 9, tzinfo=UTC))
        assert register.version == 1

    def test_the_history_says_who_made_each_mark(self, cast, ana, both):
        ana.post(address(cast.class_7a), page_posts(both, "late"))
        marks = AttendanceRecord.history.order_by("student")
        assert [(row.student, row.status, row.history_type, row.history_user) for row in marks] == [
            (cast.amina, "late", "+", cast.ana.user),
            (cast.bo, "late", "+", cast.ana.user),
        ]
        register = Register.history.get()
        assert (register.late, register.version, register.history_user) == (2, 1, cast.ana.user)

    def test_the_page_that_follows_is_a_receipt(self, cast, ana, both):
        pupils = [*both, *(pupil(f"Pupil{number}", "More", cast.class_7a) for number in range(2))]
        statuses = ("present", "late", "excused", "absent")
        posted = page_posts(pupils) | {
            f"status-{student.student_id}": status for student, status in zip(pupils, statuses, strict=True)
        }
        said = said_after(ana, posted, address(cast.class_7a))
        assert "1 present, 1 late, 1 excused, 1 absent." in said
        assert "Monday 16 March 2026 · Taken 09:00 by Ana Silva" in said

    def test_minutes_note_and_leaving_early_come_back_as_typed(self, cast, ana, both):
        note = "Bus 🚌 was late; “<b>twice</b>” & again \u0646\u200c\u0647 7\u202fkm 👩‍🏫"
        typed = {
            f"status-{cast.bo.student_id}": "late",
            f"minutes-{cast.bo.student_id}": " 720 ",
            f"left-{cast.bo.student_id}": "on",
            f"note-{cast.bo.student_id}": f"  {note} ",
            f"note-{cast.amina.student_id}": "n" * 300,
        }
        ana.post(address(cast.class_7a), page_posts(both, **typed))
        assert marks_of(cast.class_7a) == {
            "Amina": ("present", None, False, "n" * 300),
            "Bo": ("late", 720, True, note),
        }
        page = ana.get(address(cast.class_7a))
        assert (typed_on(page, "minutes", cast.bo), typed_on(page, "note", cast.bo)) == ("720", note)
        assert f'name="left-{cast.bo.student_id}" checked' in page.content.decode()
        assert "<b>twice" not in page.content.decode()

    def test_saving_the_same_again_writes_nothing(self, cast, ana, both, frozen):
        posted = page_posts(both, "late", **{f"minutes-{cast.bo.student_id}": "3"})
        ana.post(address(cast.class_7a), posted)
        before = stored()
        frozen.move_to(LATER)
        said = said_after(ana, posted, address(cast.class_7a))
        assert "Taken 09:00 by Ana Silva" in said
        assert "2 late." in said
        assert stored() == before

    def test_changing_one_mark_writes_one_mark_and_its_history(self, cast, ana, both, sign_in, frozen):
        ana.post(address(cast.class_7a), page_posts(both))
        before = stored()
        frozen.move_to(LATER)
        changed = page_posts(both, **{f"status-{cast.bo.student_id}": "late"})
        save_over(sign_in(cast.office), address(cast.class_7a), changed)
        after = stored()
        old = {row["id"]: row for row in before["AttendanceRecord"]}
        assert [row["student_id"] for row in after["AttendanceRecord"] if row != old[row["id"]]] == [cast.bo.pk]
        row = AttendanceRecord.objects.get(student=cast.bo)
        assert (row.created_at, row.updated_at) == (datetime(2026, 3, 16, 9, tzinfo=UTC), LATER)
        new = after["AttendanceRecord history"][len(before["AttendanceRecord history"]) :]
        assert [
            (kept["student_id"], kept["status"], kept["history_type"], kept["history_user_id"]) for kept in new
        ] == [(cast.bo.pk, "late", "~", cast.office.pk)]
        register = Register.objects.get()
        assert (register.present, register.late, register.version, register.taken_by, register.taken_at) == (
            1, 1, 2, cast.office, LATER,
        )  # fmt: skip
        assert Register.history.count() == 2

    def test_who_joined_since_the_page_was_opened_keeps_the_stored_mark_and_is_named(self, cast, ana, both):
        zoe = pupil("Zoe", "New", cast.class_7a)
        said = said_after(ana, page_posts(both), address(cast.class_7a))
        assert "2 present. Still without a mark: Zoe New." in said
        assert "Started: 2 of 3" in said
        page = ana.get(address(cast.class_7a))
        AttendanceRecordFactory(student=zoe, school_class=cast.class_7a, status=Status.EXCUSED, note="Flu")
        before_zoe = {name: value for name, value in opened_with(page).items() if zoe.student_id not in name}
        said = said_after(ana, page_posts(both, "absent") | before_zoe | YES, address(cast.class_7a))
        assert "1 excused, 2 absent." in said
        assert marks_of(cast.class_7a)["Zoe"] == ("excused", None, False, "Flu")

    def test_a_planned_absence_is_overruled_by_the_mark_that_was_chosen(self, cast, ana, both):
        PlannedAbsenceFactory(student=cast.amina)
        ana.post(address(cast.class_7a), page_posts(both))
        assert chosen_on(ana.get(address(cast.class_7a)))[cast.amina.student_id] == "present"

    def test_a_student_of_two_classes_has_a_mark_in_each(self, cast, both, sign_in):
        EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, is_primary=False)
        browser = sign_in(cast.office)
        browser.post(address(cast.class_7a), page_posts(both, "absent") | YES)
        browser.post(address(cast.class_7b), page_posts([cast.amina, cast.cleo]))
        assert (marks_of(cast.class_7a)["Amina"][0], marks_of(cast.class_7b)["Amina"][0]) == ("absent", "present")


class TestWhen:
    def test_a_teacher_can_correct_the_day_14_days_ago(self, cast, ana, both):
        day = MONDAY - 14 * DAYS
        assert ana.post(address(cast.class_7a, day), page_posts(both) | YES).status_code == 302
        assert len(marks_of(cast.class_7a, day)) == 2

    def test_the_school_decides_how_long(self, cast, ana, both):
        School.objects.update(edit_window_days=3)
        assert ana.post(address(cast.class_7a, FRIDAY), page_posts(both) | YES).status_code == 302
        School.objects.update(edit_window_days=2)
        before = stored()
        answer = ana.post(address(cast.class_7a, FRIDAY), page_posts(both, "late"))
        assert (answer.status_code, stored()) == (422, before)

    def test_the_office_can_correct_any_day_of_the_year(self, cast, both, sign_in):
        day = date(2025, 9, 1)
        assert sign_in(cast.office).post(address(cast.class_7a, day), page_posts(both) | YES).status_code == 302
        assert len(marks_of(cast.class_7a, day)) == 2

    def test_today_is_the_day_at_the_school(self, cast, both, sign_in, frozen):
        frozen.move_to(datetime(2026, 3, 16, 10, 30, tzinfo=UTC))
        ana = sign_in(cast.ana.user)
        assert ana.post(address(cast.class_7a, TUESDAY), page_posts(both)).status_code == 422
        School.objects.update(time_zone="Pacific/Kiritimati")  # 14 hours ahead: Tuesday, half past midnight
        assert ana.post(address(cast.class_7a, TUESDAY), page_posts(both)).status_code == 302

    def test_a_class_that_meets_on_saturdays_is_taken_on_saturdays(self, cast, ana, both):
        saturday = MONDAY - 2 * DAYS
        assert ana.post(address(cast.class_7a, saturday), page_posts(both) | YES).status_code == 422
        SchoolClass.objects.filter(pk=cast.class_7a.pk).update(meets_on="6")
        assert ana.post(address(cast.class_7a, saturday), page_posts(both) | YES).status_code == 302

    def test_who_left_is_on_the_registers_of_the_days_before(self, cast, ana, both):
        Enrolment.objects.filter(student=cast.bo).update(ends_on=MONDAY)
        assert ana.post(address(cast.class_7a, FRIDAY), page_posts(both) | YES).status_code == 302
        assert set(marks_of(cast.class_7a, FRIDAY)) == {"Amina", "Bo"}


class TestWho:
    def test_a_teacher_who_covers_for_one_day_takes_it_on_that_day_only(self, cast, both, sign_in, frozen):
        cover = TeacherFactory()
        TeachingAssignmentFactory(
            teacher=cover, school_class=cast.class_7a, subject=None, starts_on=MONDAY, ends_on=TUESDAY
        )
        browser = sign_in(cover.user)
        assert browser.post(address(cast.class_7a), page_posts(both)).status_code == 302
        assert Register.objects.get().taken_by == cover.user
        frozen.move_to(datetime(2026, 3, 17, 9, tzinfo=UTC))
        before, browser = stored(), sign_in(cover.user)
        for day in (MONDAY, TUESDAY):
            assert browser.get(address(cast.class_7a, day)).status_code == 404
            assert browser.post(address(cast.class_7a, day), page_posts(both, "absent")).status_code == 404
        assert stored() == before
        answer = save_over(sign_in(cast.ana.user), address(cast.class_7a), page_posts(both, "absent"))
        assert answer.status_code == 302

    @pytest.mark.parametrize(
        ("person", "status"),
        {
            "a teacher of another class": ("ben", 404),
            "a parent of a student in it": ("mariam", 403),
            "a parent of nobody in it": ("nils", 403),
        }.values(),
    )
    def test_others_are_refused_and_nothing_changes(self, person, status, cast, both, sign_in, ana):
        ana.post(address(cast.class_7a), page_posts(both))
        before, browser = stored(), sign_in(getattr(cast, person).user)
        assert browser.get(address(cast.class_7a)).status_code == status
        assert browser.post(address(cast.class_7a), page_posts(both, "absent")).status_code == status
        assert stored() == before
        assert save_over(ana, address(cast.class_7a), page_posts(both, "absent")).status_code == 302
        assert stored() != before

    def test_who_is_signed_out_is_sent_to_the_sign_in(self, cast, both):
        for answer in (
            Client().get(address(cast.class_7a)),
            Client().post(address(cast.class_7a), page_posts(both)),
        ):
            assert (answer.status_code, answer["Location"]) == (
                302,
                f"/accounts/login/?next={address(cast.class_7a)}",
            )
        assert Register.objects.count() == 0

    def test_a_teacher_who_is_also_a_parent_has_the_rights_of_a_teacher(self, cast, ana, both):
        ParentFactory(user=cast.ana.user)
        assert ana.post(address(cast.class_7a), page_posts(both)).status_code == 302

    @pytest.mark.parametrize("verb", ["put", "patch", "delete"])
    def test_other_verbs_are_refused(self, verb, cast, ana):
        assert getattr(ana, verb)(address(cast.class_7a)).status_code == 405


class TestCost:
    """Statements beyond those of session and transaction: of a class of 1, 3 or 60 always the same."""

    @pytest.fixture
    def class_7c(self, cast):
        school_class = SchoolClassFactory(name="7C", academic_year=cast.year)
        TeachingAssignmentFactory(teacher=cast.ana, school_class=school_class)
        return school_class

    @pytest.fixture
    def pupils(self, request, class_7c):
        return [pupil(f"Pupil{number}", "More", class_7c) for number in range(request.param)]

    @pytest.mark.parametrize("pupils", [1, 3, 60], indirect=True)
    def test_opening(self, pupils, class_7c, ana, count_queries):
        place = address(class_7c)
        assert count_queries(lambda: ana.get(place)) == OPEN_QUERIES
        ana.post(place, page_posts(pupils, "late"))
        assert count_queries(lambda: ana.get(place)) == OPEN_QUERIES

    @pytest.mark.parametrize("pupils", [1, 3, 60], indirect=True)
    def test_the_first_save(self, pupils, class_7c, ana, count_queries):
        place = address(class_7c)
        assert count_queries(lambda: ana.post(place, page_posts(pupils))) == FIRST_SAVE_QUERIES
        assert AttendanceRecord.objects.count() == len(pupils)

    @pytest.mark.parametrize("pupils", [2, 6, 60], indirect=True)
    def test_a_save_of_new_and_changed_marks(self, pupils, class_7c, ana, count_queries):
        place = address(class_7c)
        ana.post(place, page_posts(pupils[::2]))
        posted = page_posts(pupils, "absent") | opened_with(ana.get(place)) | YES
        assert count_queries(lambda: ana.post(place, posted)) == MIXED_SAVE_QUERIES
        assert AttendanceRecord.objects.filter(status="absent").count() == len(pupils)

    @pytest.mark.parametrize("pupils", [120], indirect=True)
    def test_60_students_more_cost_at_most_1_statement_more(self, pupils, class_7c, ana, count_queries):
        place, posted = address(class_7c), page_posts(pupils)
        more = 1 if connection.vendor == "sqlite" else 0  # SQLite takes 999 parameters a statement
        assert count_queries(lambda: ana.post(place, posted)) == FIRST_SAVE_QUERIES + more
        ana.post(address(class_7c, FRIDAY), page_posts(pupils[::2]) | YES)
        posted = page_posts(pupils, "absent") | opened_with(ana.get(address(class_7c, FRIDAY))) | YES
        assert count_queries(lambda: ana.post(address(class_7c, FRIDAY), posted)) == MIXED_SAVE_QUERIES
