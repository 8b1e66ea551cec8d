"""Undo: one person's own save of the last ten minutes, as a change with history."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from attendance.models import AttendanceRecord, Register
from attendance.tests.registers import YES, address, chosen_on, page_posts, save_over, stored, text_of
from students.models import Enrolment, School
from students.tests.factories import SchoolClassFactory, TeachingAssignmentFactory
from tests.cast import MONDAY, pupil

MINUTE = timedelta(minutes=1)
NINE = datetime(2026, 3, 16, 9, tzinfo=UTC)
BUTTON = re.compile(r'name="saved_at" value="([^"]+)"')
NOTHING = "There is nothing left to undo here."
TOO_LATE = "Only the save of the last 10 minutes can be undone. Correct the lines here instead."
UNDO_QUERIES = 14


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


@pytest.fixture
def both(cast):
    return [cast.amina, cast.bo]


def undo(browser, page, place):
    """Press the Undo that stands on a page."""
    key = BUTTON.search(page.content.decode())
    return browser.post(f"{place}undo/", {"saved_at": key[1]}, follow=True)


def marks():
    return sorted(AttendanceRecord.objects.values_list("student__given_name", "status", "note", "marked_by__username"))


class TestTakingBack:
    def test_a_first_save_leaves_the_register_untaken(self, cast, ana, both):
        page = ana.post(address(cast.class_7a), page_posts(both, "late"), follow=True)
        assert "2 late. Undo" in text_of(page)
        after = undo(ana, page, address(cast.class_7a))
        assert "Undone: 2 marks are as before." in text_of(after)
        assert "Not taken yet" in text_of(after)
        assert BUTTON.search(after.content.decode()) is None
        assert marks() == []
        register = Register.objects.get()
        assert (register.recorded, register.version, register.taken_by, register.taken_at) == (0, 2, None, None)

    def test_the_history_holds_the_save_and_the_undo(self, cast, ana, both):
        undo(ana, ana.post(address(cast.class_7a), page_posts(both, "late"), follow=True), address(cast.class_7a))
        kept = AttendanceRecord.history.order_by("history_id")
        assert [(row.student, row.status, row.history_type, row.history_user) for row in kept] == [
            (cast.amina, "late", "+", cast.ana.user),
            (cast.bo, "late", "+", cast.ana.user),
            (cast.amina, "late", "-", cast.ana.user),
            (cast.bo, "late", "-", cast.ana.user),
        ]
        versions = Register.history.order_by("version").values_list("version", "late", "history_user__username")
        assert list(versions) == [(1, 2, "ana"), (2, 0, "ana")]

    def test_a_correction_brings_back_the_mark_with_its_note_and_whose_it_was(self, cast, ana, both, sign_in, frozen):
        typed = {f"note-{cast.bo.student_id}": "Bus", f"minutes-{cast.bo.student_id}": "7"}
        sign_in(cast.office).post(address(cast.class_7a), page_posts(both, "late", **typed) | YES)
        before = marks()
        frozen.shift(MINUTE)
        page = save_over(ana, address(cast.class_7a), page_posts(both), follow=True)
        assert marks() != before
        frozen.shift(MINUTE)
        after = undo(ana, page, address(cast.class_7a))
        assert marks() == before == [("Amina", "late", "", "office"), ("Bo", "late", "Bus", "office")]
        assert AttendanceRecord.objects.get(student=cast.bo).minutes_late == 7
        assert "Taken 09:00 by office" in text_of(after)
        register = Register.objects.get()
        assert (register.late, register.present, register.version, register.taken_at) == (2, 0, 3, NINE)

    def test_only_the_changed_marks_are_taken_back(self, cast, ana, both, frozen):
        ana.post(address(cast.class_7a), page_posts(both))
        frozen.shift(MINUTE)
        changed = page_posts(both, **{f"status-{cast.bo.student_id}": "absent"})
        page = save_over(ana, address(cast.class_7a), changed, follow=True)
        after = undo(ana, page, address(cast.class_7a))
        assert "Undone: 1 mark is as before." in text_of(after)
        assert AttendanceRecord.history.filter(student=cast.amina).count() == 1

    def test_a_save_after_an_undo_can_be_undone_too(self, cast, ana, both, frozen):
        undo(ana, ana.post(address(cast.class_7a), page_posts(both, "late"), follow=True), address(cast.class_7a))
        frozen.shift(MINUTE)
        page = ana.post(address(cast.class_7a), page_posts(both, "excused"), follow=True)
        frozen.shift(MINUTE)
        undo(ana, page, address(cast.class_7a))
        assert marks() == []

    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_it_costs_the_same_for_any_class(self, number, cast, ana, frozen, count_queries):
        school_class = SchoolClassFactory(name="7C", academic_year=cast.year)
        TeachingAssignmentFactory(teacher=cast.ana, school_class=school_class)
        pupils = [pupil(f"Pupil{index}", "More", school_class) for index in range(number)]
        ana.post(address(school_class), page_posts(pupils))
        frozen.shift(MINUTE)
        save_over(ana, address(school_class), page_posts(pupils, "late"))
        key = {"saved_at": (NINE + MINUTE).isoformat(timespec="microseconds")}
        assert count_queries(lambda: ana.post(f"{address(school_class)}undo/", key)) == UNDO_QUERIES
        assert set(AttendanceRecord.objects.values_list("status", flat=True)) == {"present"}


class TestOffering:
    def test_for_ten_minutes_to_the_person_who_saved(self, cast, ana, both, sign_in, frozen):
        ana.post(address(cast.class_7a), page_posts(both))
        assert BUTTON.search(sign_in(cast.office).get(address(cast.class_7a)).content.decode()) is None
        frozen.shift(10 * MINUTE)
        page = ana.get(address(cast.class_7a))
        assert BUTTON.search(page.content.decode())
        frozen.shift(timedelta(seconds=1))
        assert BUTTON.search(ana.get(address(cast.class_7a)).content.decode()) is None
        before = stored()
        assert TOO_LATE in text_of(undo(ana, page, address(cast.class_7a)))
        assert stored() == before

    def test_not_once_somebody_else_has_saved(self, cast, ana, both, sign_in, frozen):
        ana.post(address(cast.class_7a), page_posts(both))
        assert BUTTON.search(ana.get(address(cast.class_7a)).content.decode())
        frozen.shift(MINUTE)
        save_over(sign_in(cast.office), address(cast.class_7a), page_posts(both, "late"))
        assert BUTTON.search(ana.get(address(cast.class_7a)).content.decode()) is None


class TestRefusing:
    def refused(self, browser, cast, key, sentence):
        before = stored()
        answer = browser.post(f"{address(cast.class_7a)}undo/", key, follow=True)
        assert sentence in text_of(answer)
        assert stored() == before

    def test_where_somebody_changed_a_mark_since_it_says_who_when_and_whose(self, cast, ana, both, sign_in, frozen):
        page = ana.post(address(cast.class_7a), page_posts(both), follow=True)
        frozen.shift(7 * MINUTE)
        changed = page_posts(both, **{f"status-{cast.bo.student_id}": "late"})
        save_over(sign_in(cast.office), address(cast.class_7a), changed)
        before = stored()
        said = text_of(undo(ana, page, address(cast.class_7a)))
        assert "office changed this since, at 09:07: Bo Lind. Nothing was undone; correct the lines here" in said
        assert stored() == before

    def test_the_save_of_somebody_else_at_that_moment(self, cast, ana, both, sign_in):
        page = ana.post(address(cast.class_7a), page_posts(both), follow=True)
        key = {"saved_at": BUTTON.search(page.content.decode())[1]}
        self.refused(sign_in(cast.office), cast, key, NOTHING)

    def test_a_save_of_another_register(self, cast, ana, both):
        ana.post(address(cast.class_7a, MONDAY - timedelta(days=3)), page_posts(both) | YES)
        self.refused(ana, cast, {"saved_at": NINE.isoformat(timespec="microseconds")}, NOTHING)

    @pytest.mark.parametrize(
        ("key", "sentence"),
        {
            "no moment": ("", "There is nothing to undo here."),
            "no moment at all": ("yesterday", "There is nothing to undo here."),
            "a moment of another save": ("2026-03-16T08:59:59.999999+00:00", NOTHING),
            "a moment to come": ("2026-03-16T09:00:01.000000+00:00", TOO_LATE),
            "the first moment that there is": ("0001-01-01T00:00:00.000000+14:00", TOO_LATE),
            "the last moment that there is": ("9999-12-31T23:59:59.999999-14:00", TOO_LATE),
        }.values(),
    )
    def test_a_moment_at_which_nothing_was_saved(self, key, sentence, cast, ana, both):
        ana.post(address(cast.class_7a), page_posts(both))
        self.refused(ana, cast, {"saved_at": key}, sentence)

    def test_outside_the_edit_window(self, cast, ana, both, frozen):
        day = MONDAY - timedelta(days=14)
        page = ana.post(address(cast.class_7a, day), page_posts(both) | YES, follow=True)
        School.objects.update(edit_window_days=13)
        before = stored()
        assert "is more than 13 days ago" in text_of(undo(ana, page, address(cast.class_7a, day)))
        assert stored() == before

    def test_who_left_the_class_meanwhile_stays_marked(self, cast, ana, both):
        page = ana.post(address(cast.class_7a), page_posts(both), follow=True)
        Enrolment.objects.filter(student=cast.bo).update(ends_on=MONDAY)
        undo(ana, page, address(cast.class_7a))
        assert marks() == [("Bo", "present", "", "ana")]

    @pytest.mark.parametrize(("person", "status"), [("ben", 404), ("mariam", 403), ("nils", 403)])
    def test_others_are_refused(self, person, status, cast, ana, both, sign_in):
        page = ana.post(address(cast.class_7a), page_posts(both), follow=True)
        key = {"saved_at": BUTTON.search(page.content.decode())[1]}
        before = stored()
        answer = sign_in(getattr(cast, person).user).post(f"{address(cast.class_7a)}undo/", key)
        assert (answer.status_code, stored()) == (status, before)
        assert Client().post(f"{address(cast.class_7a)}undo/", key).status_code == 302
        assert stored() == before
        assert chosen_on(undo(ana, page, address(cast.class_7a)))
        assert marks() == []
