"""Mark entry: the class as one column, read before it is saved, nothing clamped and nothing lost."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from accounts.tests.factories import TeacherFactory
from assessments.models import Score, State
from assessments.tests.entries import hidden_fields, place, read_on, scores_of, stored, type_over, typed, typed_on
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.tests.registers import text_of
from students.models import Enrolment, TeachingAssignment
from students.tests.factories import SubjectFactory, TeachingAssignmentFactory
from tests.cast import MONDAY, YEAR_START, pupil

OPEN_QUERIES = 5
SAVE_QUERIES = 14


@pytest.fixture
def work(cast):
    """Quiz 3 of 7A in Mathematics, out of 20, written today."""
    maths = SubjectFactory(name="Mathematics")
    return AssessmentFactory(title="Quiz 3", school_class=cast.class_7a, subject=maths)


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


@pytest.fixture
def seven(cast):
    """7A with five more students; by name: Amina, Bo and five that begin with a C."""
    return [cast.amina, *(pupil(f"Child {number}", "Eck", cast.class_7a) for number in range(5)), cast.bo]


class TestTheColumn:
    def test_it_is_the_class_of_the_day_each_input_named_in_full(self, ana, cast, work):
        page = ana.get(place(work))
        assert typed_on(page) == {cast.amina.student_id: "", cast.bo.student_id: ""}
        assert "Score for Amina Diallo , Quiz 3, out of 20" in text_of(page)
        assert "Mathematics · Quiz · Mon 16 Mar · out of 20 · parents do not read it yet" in text_of(page)

    def test_who_left_keeps_a_line_while_a_score_stands_and_who_came_later_has_none(self, ana, cast, work):
        ScoreFactory(assessment=work, student=cast.bo)
        Enrolment.objects.filter(student=cast.bo).update(ends_on=MONDAY)
        pupil("Late", "Comer", cast.class_7a, starts_on=MONDAY + timedelta(days=1))
        assert typed_on(ana.get(place(work))) == {cast.amina.student_id: "", cast.bo.student_id: "15"}

    def test_an_empty_class_says_so(self, cast, sign_in, work):
        Enrolment.objects.filter(school_class=cast.class_7a).update(ends_on=YEAR_START)
        page = sign_in(cast.office).get(place(work))
        assert "Nobody was enrolled in this class on this day." in text_of(page)

    def test_reading_it_is_noted_once_without_children(self, ana, work):
        forget_readings()
        ana.get(place(work))
        assert AccessLog.objects.values_list("path", "student_id").get() == (place(work), "")


class TestSaving:
    def test_points_percentages_commas_exempt_missing_and_blank(self, ana, seven, work):
        texts = ["17", "85%", "17,5", "ex", "M", "", "0"]
        page = ana.post(place(work), typed(dict(zip(seven, texts, strict=True))), follow=True)
        assert "4 graded, 1 missing, 1 exempt, 1 not graded yet. Undo" in text_of(page)
        assert scores_of(work) == {
            "Amina": (State.GRADED, "17", ""),
            "Child 0": (State.GRADED, "17", ""),
            "Child 1": (State.GRADED, "17.5", ""),
            "Child 2": (State.EXEMPT, None, ""),
            "Child 3": (State.MISSING, None, ""),
            "Bo": (State.GRADED, "0", ""),
        }
        shown = typed_on(page)
        assert [shown[student.student_id] for student in seven] == ["17", "17", "17.5", "EX", "M", "", "0"]

    def test_a_note_is_kept_beside_the_score(self, ana, cast, work):
        ana.post(place(work), typed({cast.amina: "M"}) | {f"notes-{cast.amina.student_id}": " Ill that day "})
        assert scores_of(work) == {"Amina": (State.MISSING, None, "Ill that day")}

    def test_the_maximum_is_copied_beside_each_score(self, ana, cast, work):
        ana.post(place(work), typed({cast.amina: "20"}))
        row = Score.objects.get()
        assert (row.max_score, row.allows_extra, row.marked_by, row.student) == (
            Decimal(20),
            False,
            cast.ana.user,
            cast.amina,
        )

    def test_extra_credit_goes_above_the_maximum(self, ana, cast, work):
        work.allows_extra = True
        work.save()
        ana.post(place(work), typed({cast.amina: "21,5"}))
        assert scores_of(work) == {"Amina": (State.GRADED, "21.5", "")}

    def test_saving_the_same_again_writes_nothing(self, ana, cast, work):
        ana.post(place(work), typed({cast.amina: "17"}))
        before = stored()
        page = ana.post(place(work), typed({cast.amina: "17.0"}), follow=True)
        assert "Nothing to change." in text_of(page)
        assert stored() == before

    def test_clearing_a_score_takes_it_away_and_history_keeps_it(self, ana, cast, work):
        ana.post(place(work), typed({cast.amina: "17"}))
        type_over(ana, work, {cast.amina: ""})
        assert scores_of(work) == {}
        kept = Score.history.order_by("history_id").values_list("history_type", "score", "history_user__username")
        assert list(kept) == [("+", Decimal(17), "ana"), ("-", Decimal(17), "ana")]

    def test_a_correction_is_a_change_with_history(self, ana, cast, work):
        ana.post(place(work), typed({cast.amina: "17"}))
        type_over(ana, work, {cast.amina: "18"})
        kept = Score.history.order_by("history_id").values_list("history_type", "score", "history_user__username")
        assert list(kept) == [("+", Decimal(17), "ana"), ("~", Decimal(18), "ana")]


class TestBeforeSaving:
    def test_check_shows_how_each_line_is_read_and_saves_nothing(self, ana, cast, work):
        page = ana.post(place(work), typed({cast.amina: "85%", cast.bo: "ex"}, check="1"))
        assert page.status_code == 200
        assert read_on(page) == {
            cast.amina.student_id: "17 of 20 = 85.0 %",
            cast.bo.student_id: "Exempt",
        }
        assert typed_on(page) == {cast.amina.student_id: "85%", cast.bo.student_id: "ex"}
        assert scores_of(work) == {}

    def test_fill_fills_only_the_blanks_and_saves_nothing(self, ana, cast, work):
        page = ana.post(place(work), typed({cast.amina: "12", cast.bo: ""}, fill="1", filling="M"))
        assert typed_on(page) == {cast.amina.student_id: "12", cast.bo.student_id: "M"}
        assert scores_of(work) == {}

    @pytest.mark.parametrize(
        ("filling", "sentence"),
        [("", "Type what the blanks are to be filled with."), ("21", "Above the maximum of 20.")],
    )
    def test_fill_with_what_is_no_score_is_refused(self, ana, cast, work, filling, sentence):
        page = ana.post(place(work), typed({cast.amina: "12", cast.bo: ""}, fill="1", filling=filling))
        assert (page.status_code, typed_on(page)[cast.bo.student_id]) == (422, "")
        assert sentence in text_of(page)

    def test_the_strip_says_median_lowest_and_highest(self, ana, seven, work):
        texts = ["10", "12", "14", "16", "M", "", "EX"]
        page = ana.post(place(work), typed(dict(zip(seven, texts, strict=True)), check="1"))
        said = text_of(page).replace("\N{NO-BREAK SPACE}", " ")
        assert "Median 65.0 % · lowest 50.0 % · highest 80.0 % 4 graded, 1 missing, 1 exempt, 1 not" in said


class TestHeldBack:
    def test_a_score_above_the_maximum_stays_as_typed_and_the_others_save(self, ana, cast, work):
        page = ana.post(place(work), typed({cast.amina: "21", cast.bo: "19"}))
        assert page.status_code == 422
        assert scores_of(work) == {"Bo": (State.GRADED, "19", "")}
        assert typed_on(page) == {cast.amina.student_id: "21", cast.bo.student_id: "19"}
        assert read_on(page)[cast.amina.student_id] == "Above the maximum of 20."
        assert "1 score saved. 1 score cannot be saved as it is typed. Correct it below and save again." in text_of(
            page
        )

    def test_correcting_it_on_the_page_that_follows_saves_it(self, ana, cast, work):
        page = ana.post(place(work), typed({cast.amina: "21", cast.bo: "19"}))
        sent = typed({cast.amina: "20", cast.bo: "19"}) | hidden_fields(page)
        assert ana.post(place(work), sent).status_code == 302
        assert scores_of(work) == {"Amina": (State.GRADED, "20", ""), "Bo": (State.GRADED, "19", "")}

    def test_a_likely_slip_is_asked_about_once(self, ana, seven, work):
        texts = ["15", "16", "15", "16", "17", "15", "1.9"]
        page = ana.post(place(work), typed(dict(zip(seven, texts, strict=True))))
        bo = seven[-1].student_id
        assert page.status_code == 422
        said = read_on(page)[bo].replace("\N{NO-BREAK SPACE}", " ")
        assert said == "Class median 75.0 %, this is 9.5 %. Right? Save again."
        assert "Bo" not in scores_of(work)
        assert len(scores_of(work)) == 6
        again = {f"score-{bo}": "1.9", f"notes-{bo}": ""} | hidden_fields(page)
        shown = {f"score-{key}": text for key, text in typed_on(page).items()}
        assert ana.post(place(work), shown | again).status_code == 302
        assert scores_of(work)["Bo"] == (State.GRADED, "1.9", "")

    def test_another_slip_in_its_place_is_asked_about_anew(self, ana, seven, work):
        texts = ["15", "16", "15", "16", "17", "15", "1.9"]
        page = ana.post(place(work), typed(dict(zip(seven, texts, strict=True))))
        shown = {f"score-{key}": text for key, text in typed_on(page).items()}
        again = shown | hidden_fields(page) | {f"score-{seven[-1].student_id}": "1.8"}
        assert ana.post(place(work), again).status_code == 422
        assert "Bo" not in scores_of(work)

    def test_what_stands_stored_is_not_asked_about(self, ana, seven, work):
        for student, points in zip(seven, (15, 16, 15, 16, 17, 15, 1), strict=True):
            ScoreFactory(assessment=work, student=student, score=Decimal(points))
        texts = ["16", "16", "15", "16", "17", "15", "1"]
        assert type_over(ana, work, dict(zip(seven, texts, strict=True))).status_code == 302
        assert scores_of(work)["Amina"] == (State.GRADED, "16", "")

    def test_four_scores_are_too_few_to_call_one_a_slip(self, ana, seven, work):
        texts = dict(zip(seven, ["20", "20", "20", "0"], strict=False))
        assert ana.post(place(work), typed(texts)).status_code == 302


class TestClash:
    @pytest.fixture
    def both_open(self, cast, sign_in, work):
        """Ana and a colleague have opened the page; the colleague has saved 12 for Amina."""
        colleague = TeacherFactory(full_name="Col League", user__username="col")
        TeachingAssignmentFactory(
            teacher=colleague, school_class=cast.class_7a, subject=work.subject, starts_on=YEAR_START
        )
        assert sign_in(colleague.user).post(place(work), typed({cast.amina: "12"})).status_code == 302

    def test_it_shows_both_scores_and_who_and_saves_the_rest(self, ana, cast, work, both_open):
        page = ana.post(place(work), typed({cast.amina: "17", cast.bo: "9"}))
        assert page.status_code == 409
        assert "1 score was changed meanwhile" in text_of(page)
        assert "12 Col League, 09:00 17 you, 09:00" in text_of(page)
        assert scores_of(work) == {"Amina": (State.GRADED, "12", ""), "Bo": (State.GRADED, "9", "")}

    @pytest.mark.parametrize(("choice", "points"), [("mine", "17"), ("theirs", "12")])
    def test_the_chosen_score_stands(self, ana, cast, work, both_open, choice, points):
        page = ana.post(place(work), typed({cast.amina: "17"}))
        key = cast.amina.student_id
        chosen = {f"clash-{key}": "1", f"choice-{key}": choice, f"score-{key}": "17", f"notes-{key}": ""}
        assert ana.post(place(work), chosen | hidden_fields(page)).status_code == 302
        assert scores_of(work) == {"Amina": (State.GRADED, points, "")}

    def test_a_line_held_back_travels_through_the_clash(self, ana, cast, work, both_open):
        page = ana.post(place(work), typed({cast.amina: "17", cast.bo: "99"}))
        assert page.status_code == 409
        html = page.content.decode()
        assert f'name="score-{cast.bo.student_id}" value="99"' in html
        key, bo = cast.amina.student_id, cast.bo.student_id
        chosen = {f"clash-{key}": "1", f"choice-{key}": "mine", f"score-{key}": "17", f"score-{bo}": "99"}
        after = ana.post(place(work), chosen | hidden_fields(page))
        assert (after.status_code, typed_on(after)[bo]) == (422, "99")
        assert scores_of(work) == {"Amina": (State.GRADED, "17", "")}

    def test_what_was_not_touched_stays_as_the_colleague_saved_it(self, ana, cast, work, both_open):
        page = ana.post(place(work), typed({cast.amina: "", cast.bo: "9"}), follow=True)
        assert "Kept as somebody else changed it since: Amina Diallo." in text_of(page)
        assert scores_of(work)["Amina"] == (State.GRADED, "12", "")

    def test_no_choice_is_asked_for_again(self, ana, cast, work, both_open):
        page = ana.post(place(work), typed({cast.amina: "17"}))
        key = cast.amina.student_id
        again = ana.post(place(work), {f"clash-{key}": "1", f"score-{key}": "17"} | hidden_fields(page))
        assert again.status_code == 409
        assert "Choose one of the two in each line, then save." in text_of(again)


class TestWhoMay:
    @pytest.mark.parametrize(
        ("who", "status"), [("office", 200), ("ana", 200), ("ben", 404), ("mariam", 403), ("gone", 302)]
    )
    def test_the_class_teacher_and_the_office(self, cast, sign_in, work, who, status):
        users = {"office": cast.office, "ana": cast.ana.user, "ben": cast.ben.user, "mariam": cast.mariam.user}
        browser = sign_in(users[who]) if who in users else Client()
        assert browser.get(place(work)).status_code == status
        before = stored()
        answer = browser.post(place(work), typed({cast.amina: "17"}))
        assert answer.status_code == (302 if status == 200 else status)
        assert (stored() == before) == (status != 200)

    @pytest.mark.parametrize(("same_subject", "status"), [(True, 200), (False, 404)])
    def test_a_subject_teacher_only_in_the_own_subject(self, cast, sign_in, work, same_subject, status):
        subject = work.subject if same_subject else SubjectFactory()
        TeachingAssignmentFactory(teacher=cast.ben, school_class=cast.class_7a, subject=subject, starts_on=YEAR_START)
        assert sign_in(cast.ben.user).get(place(work)).status_code == status

    def test_not_after_the_assignment_has_ended(self, ana, cast, work):
        assert ana.get(place(work)).status_code == 200
        TeachingAssignment.objects.filter(teacher=cast.ana).update(ends_on=MONDAY)
        assert ana.get(place(work)).status_code == 404


class TestCost:
    @pytest.mark.parametrize("size", [1, 3, 60])
    def test_opening_costs_the_same_at_any_size(self, ana, cast, count_queries, size):
        work = self.filled(cast, size)
        assert count_queries(lambda: ana.get(place(work))) == OPEN_QUERIES

    @pytest.mark.parametrize("size", [1, 3, 28])
    def test_saving_costs_the_same_at_any_size(self, ana, cast, count_queries, size):
        work = self.filled(cast, size, graded=False)
        students = [enrolment.student for enrolment in Enrolment.objects.filter(school_class=work.school_class)]
        sent = typed(dict.fromkeys(students, "17"))
        assert count_queries(lambda: ana.post(place(work), sent)) == SAVE_QUERIES

    @staticmethod
    def filled(cast, size, *, graded=True):
        """A piece of work of a class of this size that Ana teaches, with an earlier one beside it."""
        year = cast.class_7a.academic_year
        work = AssessmentFactory(school_class__name="8A", school_class__academic_year=year, date_taken=MONDAY)
        TeachingAssignmentFactory(
            teacher=cast.ana, school_class=work.school_class, subject=None, starts_on=date(2025, 9, 1)
        )
        for number in range(size):
            student = pupil(f"S{number}", "Eight", work.school_class)
            if graded:
                ScoreFactory(assessment=work, student=student)
        return work
