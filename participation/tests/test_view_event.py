"""The page of an event: a whole class at once, or a mixed group, by the mechanism of the register."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from accounts.tests.factories import TeacherFactory
from attendance.tests.registers import text_of
from participation.models import ParticipationRecord, Status
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from participation.tests.notes import (
    bases_on,
    choose_over,
    chosen,
    chosen_on,
    found_on,
    parts_of,
    place,
    remarks_on,
    stored,
)
from students.models import Enrolment, TeachingAssignment
from students.tests.factories import TeachingAssignmentFactory
from tests.cast import MONDAY, YEAR_START, pupil

OPEN_QUERIES = 5
SAVE_QUERIES = 9
OPEN_MIXED_QUERIES = 5
FIND_QUERIES = 5


@pytest.fixture
def trip(cast):
    """A trip of 7A today."""
    return EventFactory(name="Trip to the museum", school_class=cast.class_7a)


@pytest.fixture
def choir(cast):
    """A mixed group today."""
    return EventFactory(name="Choir", school_class=None)


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


@pytest.fixture
def ben(cast, sign_in):
    return sign_in(cast.ben.user)


class TestTheClass:
    def test_it_is_the_class_of_the_day_with_nobody_noted(self, ana, cast, trip):
        page = ana.get(place(trip))
        assert chosen_on(page) == {cast.amina.student_id: "", cast.bo.student_id: ""}
        assert "Trip to the museum 7A · Mon 16 Mar · 2 not noted yet." in text_of(page)

    def test_who_left_keeps_a_line_while_something_is_noted_and_who_came_later_has_none(self, ana, cast, trip):
        ParticipationRecordFactory(event=trip, student=cast.bo, status=Status.LED)
        Enrolment.objects.filter(student=cast.bo).update(ends_on=MONDAY)
        pupil("Late", "Comer", cast.class_7a, starts_on=MONDAY + timedelta(days=1))
        assert chosen_on(ana.get(place(trip))) == {cast.amina.student_id: "", cast.bo.student_id: "led"}

    def test_an_empty_class_says_so(self, cast, sign_in, trip):
        Enrolment.objects.filter(school_class=cast.class_7a).update(ends_on=YEAR_START)
        assert "Nobody was enrolled in this class on this day." in text_of(sign_in(cast.office).get(place(trip)))

    def test_reading_it_is_noted_once_without_children(self, ana, trip):
        forget_readings()
        ana.get(place(trip))
        assert AccessLog.objects.values_list("path", "student_id").get() == (place(trip), "")

    def test_a_day_to_come_has_no_form_and_takes_nothing(self, ana, cast, trip):
        trip.date = MONDAY + timedelta(days=1)
        trip.save()
        said = "This is on Tue 17 Mar. Who took part can be noted on that day or later."
        page = ana.get(place(trip))
        assert (said in text_of(page), chosen_on(page)) == (True, {})
        before = stored()
        answer = ana.post(place(trip), chosen({cast.amina: "led"}))
        assert (answer.status_code, said in text_of(answer)) == (422, True)
        assert chosen_on(answer)[cast.amina.student_id] == "led"
        assert stored() == before


class TestSaving:
    def test_each_way_to_take_part_with_remarks_and_blank(self, ana, cast, trip):
        more = [pupil(f"Child {number}", "Eck", cast.class_7a) for number in range(4)]
        class_list = [cast.amina, *more, cast.bo]
        parts = dict(zip(class_list, ["attended", "helped", "led", "award", "absent", ""], strict=True))
        sent = chosen(parts) | {f"remarks-{more[2].student_id}": " First place "}
        page = ana.post(place(trip), sent, follow=True)
        said = "1 attended, 1 helped, 1 led, 1 with an award, 1 absent, 1 not noted yet. Undo"
        assert said in text_of(page)
        assert parts_of(trip) == {
            "Amina": ("attended", ""),
            "Child 0": ("helped", ""),
            "Child 1": ("led", ""),
            "Child 2": ("award", "First place"),
            "Child 3": ("absent", ""),
        }
        assert remarks_on(page)[more[2].student_id] == "First place"

    def test_name_day_and_class_are_copied_beside_each_record(self, ana, cast, trip):
        ana.post(place(trip), chosen({cast.amina: "led"}))
        row = ParticipationRecord.objects.get()
        assert (row.event_name, row.date, row.school_class, row.marked_by) == (
            "Trip to the museum",
            MONDAY,
            cast.class_7a,
            cast.ana.user,
        )

    def test_the_rest_is_set_to_attended_only_where_blank_and_not_saved(self, ana, cast, trip):
        page = ana.post(place(trip), chosen({cast.amina: "led", cast.bo: ""}, rest="attended"))
        assert (page.status_code, "Not saved yet: look at it and save." in text_of(page)) == (200, True)
        assert chosen_on(page) == {cast.amina.student_id: "led", cast.bo.student_id: "attended"}
        assert parts_of(trip) == {}

    def test_saving_the_same_again_writes_nothing(self, ana, cast, trip):
        ana.post(place(trip), chosen({cast.amina: "led"}))
        before = stored()
        assert "Nothing to change." in text_of(ana.post(place(trip), chosen({cast.amina: "led"}), follow=True))
        assert stored() == before

    def test_a_correction_is_a_change_with_history_and_a_blank_takes_the_line_away(self, ana, cast, trip):
        ana.post(place(trip), chosen({cast.amina: "attended"}))
        choose_over(ana, trip, {cast.amina: "award"})
        choose_over(ana, trip, {cast.amina: ""})
        assert parts_of(trip) == {}
        kept = ParticipationRecord.history.order_by("history_id").values_list(
            "history_type", "status", "history_user__username"
        )
        assert list(kept) == [("+", "attended", "ana"), ("~", "award", "ana"), ("-", "award", "ana")]


class TestMixedGroup:
    def test_it_starts_empty_and_says_what_to_do(self, ana, choir):
        page = ana.get(place(choir))
        assert "Nobody is in this group yet. Find students by name above and add them." in text_of(page)

    def test_a_search_finds_the_own_students_alone_and_saves_nothing(self, ana, ben, cast, choir):
        before = stored()
        find = {"search": "a", "find": "1"}
        assert found_on(ana.post(place(choir), find)) == [cast.amina.student_id]
        assert found_on(ben.post(place(choir), find)) == [cast.cleo.student_id]
        assert stored() == before

    def test_enter_in_the_search_box_finds_and_does_not_save(self, ana, cast, choir):
        page = ana.post(place(choir), chosen({cast.amina: "led"}, search="bo", searched=""))
        assert (page.status_code, found_on(page)) == (200, [cast.bo.student_id])
        assert (chosen_on(page), parts_of(choir)) == ({cast.amina.student_id: "led"}, {})

    def test_who_is_ticked_joins_as_attended_beside_what_was_typed(self, ana, cast, choir):
        sent = chosen({cast.amina: "led"}, search="bo", searched="bo", join="1") | {f"add-{cast.bo.student_id}": "on"}
        page = ana.post(place(choir), sent)
        assert chosen_on(page) == {cast.amina.student_id: "led", cast.bo.student_id: "attended"}
        assert parts_of(choir) == {}

    def test_saving_makes_them_members_and_each_teacher_sees_the_own_students(self, ana, ben, cast, sign_in, choir):
        assert ana.post(place(choir), chosen({cast.amina: "led"})).status_code == 302
        assert ben.post(place(choir), chosen({cast.cleo: "helped"})).status_code == 302
        assert parts_of(choir) == {"Amina": ("led", ""), "Cleo": ("helped", "")}
        assert chosen_on(ana.get(place(choir))) == {cast.amina.student_id: "led"}
        assert chosen_on(ben.get(place(choir))) == {cast.cleo.student_id: "helped"}
        both = {cast.amina.student_id: "led", cast.cleo.student_id: "helped"}
        assert chosen_on(sign_in(cast.office).get(place(choir))) == both

    def test_who_is_in_it_is_not_found_again_and_a_long_list_says_so(self, ana, cast, choir):
        ParticipationRecordFactory(student=cast.amina, event=choir)
        for number in range(21):
            pupil(f"Ali {number:02}", "Amin", cast.class_7a)
        page = ana.post(place(choir), {"search": "ami", "find": "1"})
        assert (len(found_on(page)), cast.amina.student_id in found_on(page)) == (20, False)
        assert "There are more. Type more of the name to find the others." in text_of(page)
        none = ana.post(place(choir), {"search": "zzz", "find": "1"})
        assert "No other student is found by “zzz”." in text_of(none)

    def test_a_blank_takes_somebody_out_of_the_group(self, ana, cast, choir):
        ana.post(place(choir), chosen({cast.amina: "led", cast.bo: "led"}))
        choose_over(ana, choir, {cast.amina: ""})
        assert chosen_on(ana.get(place(choir))) == {cast.bo.student_id: "led"}


class TestClash:
    @pytest.fixture
    def both_open(self, cast, sign_in, trip):
        """Ana and a colleague have opened the page; the colleague has saved that Amina helped."""
        colleague = TeacherFactory(full_name="Col League", user__username="col")
        TeachingAssignmentFactory(teacher=colleague, school_class=cast.class_7a, subject=None, starts_on=YEAR_START)
        assert sign_in(colleague.user).post(place(trip), chosen({cast.amina: "helped"})).status_code == 302

    def test_it_shows_both_and_who_and_saves_the_rest(self, ana, cast, trip, both_open):
        page = ana.post(place(trip), chosen({cast.amina: "led", cast.bo: "award"}))
        assert page.status_code == 409
        assert "1 line was changed meanwhile" in text_of(page)
        assert "Helped Col League, 09:00 Led you, 09:00" in text_of(page)
        assert parts_of(trip) == {"Amina": ("helped", ""), "Bo": ("award", "")}

    @pytest.mark.parametrize(("choice", "status"), [("mine", "led"), ("theirs", "helped")])
    def test_the_chosen_one_stands(self, ana, cast, trip, both_open, choice, status):
        page = ana.post(place(trip), chosen({cast.amina: "led"}))
        key = cast.amina.student_id
        sent = {f"clash-{key}": "1", f"choice-{key}": choice, f"status-{key}": "led", f"remarks-{key}": ""}
        assert ana.post(place(trip), sent | bases_on(page)).status_code == 302
        assert parts_of(trip) == {"Amina": (status, "")}

    def test_no_choice_is_asked_for_again(self, ana, cast, trip, both_open):
        page = ana.post(place(trip), chosen({cast.amina: "led"}))
        key = cast.amina.student_id
        again = ana.post(place(trip), {f"clash-{key}": "1", f"status-{key}": "led"} | bases_on(page))
        assert again.status_code == 409
        assert "Choose one of the two in each line, then save." in text_of(again)

    def test_what_was_not_touched_stays_as_the_colleague_saved_it(self, ana, cast, trip, both_open):
        page = ana.post(place(trip), chosen({cast.amina: "", cast.bo: "led"}), follow=True)
        assert "Kept as somebody else changed it since: Amina Diallo." in text_of(page)
        assert parts_of(trip) == {"Amina": ("helped", ""), "Bo": ("led", "")}

    def test_two_who_note_the_same_agree(self, ana, cast, trip, both_open):
        before = stored()
        assert ana.post(place(trip), chosen({cast.amina: "helped"})).status_code == 302
        assert stored() == before

    def test_a_line_taken_away_since_clashes_with_one_changed_since(self, ana, cast, sign_in, trip, both_open):
        bases = bases_on(ana.get(place(trip)))
        choose_over(sign_in(cast.office), trip, {cast.amina: ""})
        page = ana.post(place(trip), chosen({cast.amina: "led"}) | bases)
        assert (page.status_code, "Not noted taken back since" in text_of(page)) == (409, True)
        assert parts_of(trip) == {}


class TestTwice:
    def test_who_stands_in_another_event_of_the_name_and_day_is_refused_by_name(self, ana, cast, trip):
        other = EventFactory(name=trip.name, school_class=None)
        ParticipationRecordFactory(event=other, student=cast.amina)
        before = stored()
        page = ana.post(place(trip), chosen({cast.amina: "led", cast.bo: "led"}))
        assert page.status_code == 422
        said = "Noted already in another event of the name “Trip to the museum” on this day: Amina Diallo."
        assert said in text_of(page)
        assert chosen_on(page) == {cast.amina.student_id: "led", cast.bo.student_id: "led"}
        assert stored() == before


class TestWhoMay:
    @pytest.mark.parametrize(
        ("who", "status"), [("office", 200), ("ana", 200), ("ben", 404), ("mariam", 403), ("gone", 302)]
    )
    def test_the_class_teacher_and_the_office(self, cast, sign_in, trip, who, status):
        users = {"office": cast.office, "ana": cast.ana.user, "ben": cast.ben.user, "mariam": cast.mariam.user}
        browser = sign_in(users[who]) if who in users else Client()
        assert browser.get(place(trip)).status_code == status
        before = stored()
        answer = browser.post(place(trip), chosen({cast.amina: "led"}))
        assert answer.status_code == (302 if status == 200 else status)
        assert (stored() == before) == (status != 200)

    def test_not_after_the_assignment_has_ended(self, ana, cast, trip):
        assert ana.get(place(trip)).status_code == 200
        TeachingAssignment.objects.filter(teacher=cast.ana).update(ends_on=MONDAY)
        assert ana.get(place(trip)).status_code == 404

    def test_no_line_of_a_mixed_group_is_written_for_a_student_of_another_class(self, ana, cast, choir):
        before = stored()
        for sent in (
            chosen({cast.cleo: "led"}),
            {f"add-{cast.cleo.student_id}": "on", "join": "1"},
            {f"clash-{cast.cleo.student_id}": "1", f"choice-{cast.cleo.student_id}": "mine"},
        ):
            page = ana.post(place(choir), sent)
            assert page.status_code == 422
            assert f"Not among your students: {cast.cleo.student_id}." in text_of(page)
            assert "Cleo" not in text_of(page)
        assert stored() == before


class TestCost:
    @pytest.mark.parametrize("size", [1, 3, 60])
    def test_opening_costs_the_same_at_any_size(self, ana, cast, count_queries, size):
        trip, students = self.eighth(cast, size)
        for student in students:
            ParticipationRecordFactory(event=trip, student=student)
        assert count_queries(lambda: ana.get(place(trip))) == OPEN_QUERIES

    @pytest.mark.parametrize("size", [1, 3, 28])
    def test_saving_costs_the_same_at_any_size(self, ana, cast, count_queries, size):
        trip, students = self.eighth(cast, size)
        sent = chosen(dict.fromkeys(students, "attended"))
        assert count_queries(lambda: ana.post(place(trip), sent)) == SAVE_QUERIES

    @pytest.mark.parametrize("size", [1, 3, 28])
    def test_a_mixed_group_costs_the_same_at_any_size(self, ana, cast, choir, count_queries, size):
        for number in range(size):
            ParticipationRecordFactory(event=choir, student=pupil(f"S{number}", "Seven", cast.class_7a))
            pupil(f"Found {number}", "Eight", cast.class_7a)
        assert count_queries(lambda: ana.get(place(choir))) == OPEN_MIXED_QUERIES
        assert count_queries(lambda: ana.post(place(choir), {"search": "found", "find": "1"})) == FIND_QUERIES

    @staticmethod
    def eighth(cast, size):
        """An event of a class of this size that Ana teaches."""
        trip = EventFactory(school_class__name="8A", school_class__academic_year=cast.year, date=MONDAY)
        TeachingAssignmentFactory(teacher=cast.ana, school_class=trip.school_class, subject=None, starts_on=YEAR_START)
        return trip, [pupil(f"S{number}", "Eight", trip.school_class) for number in range(size)]
