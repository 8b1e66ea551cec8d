"""/assessments/: the mark book, the students of a class × its pieces of work in a subject."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from assessments.metrics import averages_by
from assessments.models import Assessment, GradeScale, Score, State
from assessments.tests.books import BOOK, DAY, make_works, names, sheet, table
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from students.models import Enrolment, SchoolClass, Subject, TeachingAssignment
from students.tests.factories import (
    EnrolmentFactory,
    StudentFactory,
    SubjectFactory,
    TermFactory,
)
from tests.cast import MONDAY, YEAR_END, pupil

# Who you are, the school, classes, subjects, terms, work, scores, grades, students, the log: 10 are allowed.
QUERIES = 10


@pytest.fixture
def maths(cast):
    return SubjectFactory(name="Mathematics", code="MAT")


@pytest.fixture
def art(cast):
    return SubjectFactory(name="Art", code="ART")


@pytest.fixture
def works(cast, maths):
    """The three pieces of work of books.make_works."""
    return make_works(cast, maths)


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


class TestWhatItShows:
    def test_students_by_name_work_by_day_scores_averages_grades_and_means(self, works, ana):
        # Amina: (15/20 + 3 x 25/50) / 4 = 56.25 %. Bo: (17.5/20 + 3 x 0) / 4 = 21.875 %. Their mean: 39.0625 %.
        assert table(ana.get(BOOK)) == [
            [
                "Student ↑",
                "Fractions Quiz, 12 Mar out of 20 published Fractions Sort by Fractions",
                "Term test Test, 13 Mar out of 50 not published Term test Sort by Term test",
                "Essay Assignment, 16 Mar out of 20 or more from 20 Mar, 09:00 Essay Sort by Essay",
                "Average",
            ],
            ["Amina Diallo", "15", "25", "–", "56.2 % F of 2 graded"],
            ["Bo Lind", "17.5", "M", "EX", "21.8 % F of 1 graded, 1 missing, 1 exempt"],
            ["Class mean of graded scores", "81.2 %", "50.0 %", "–", "39.0 % mean of the averages"],
        ]  # fmt: skip

    def test_it_says_that_the_average_covers_unpublished_scores_too(self, works, ana):
        assertContains(ana.get(BOOK), "The average is over all scores shown here, whether published or not")

    def test_each_head_leads_to_mark_entry_and_to_publishing_and_each_name_to_the_student(self, works, cast, ana):
        page, (quiz, _test, _essay) = ana.get(BOOK), works
        assertContains(page, f'<a class="book__work" href="/assessments/{quiz.pk}/scores/">Fractions</a>', html=True)
        assertContains(page, f'href="/assessments/{quiz.pk}/publish/"')
        assertContains(page, f'<a href="/students/{cast.amina.student_id}/">Amina Diallo</a>', html=True)

    def test_the_averages_are_those_of_the_metrics(self, works, cast, ana):
        for number in range(40):
            work = AssessmentFactory(
                school_class=cast.class_7a, subject=works[0].subject, max_score=Decimal(3 + number % 7),
                category=works[number % 2].category,
            )  # fmt: skip
            for student in (cast.amina, cast.bo):
                state = (State.GRADED, State.GRADED, State.MISSING, State.EXEMPT)[(number + student.pk) % 4]
                ScoreFactory(
                    assessment=work, student=student, state=state,
                    score=Decimal(number % 3) + Decimal("0.33") if state == State.GRADED else None,
                )  # fmt: skip
        rows = ana.get(BOOK).context["book"].rows
        expected = averages_by(Score.objects.all(), "student", published_only=False)
        assert {(row.student.pk,): row.average for row in rows} == expected
        assert {row.average.number for row in rows} == {42, 43}

    def test_the_grade_is_that_of_the_scale_in_use(self, works, ana):
        GradeScale.objects.update(in_use=False)
        GradeScale.objects.filter(name="WASSCE A1 to F9").update(in_use=True)
        assert [line[-1] for line in table(ana.get(BOOK))[1:3]] == [
            "56.2 % C5 of 2 graded",
            "21.8 % F9 of 1 graded, 1 missing, 1 exempt",
        ]

    def test_a_student_without_any_score_has_a_line_without_numbers(self, works, cast, ana):
        pupil("Zoe", "Zand", cast.class_7a)
        assert table(ana.get(BOOK))[3] == ["Zoe Zand", "–", "–", "–", "–"]

    def test_the_scores_of_a_student_follow_the_names_not_the_rows(self, works, cast, ana):
        EnrolmentFactory(student=cast.cleo, school_class=cast.class_7a, is_primary=False)
        ScoreFactory(assessment=works[2], student=cast.cleo, score=Decimal("21.25"))
        lines = table(ana.get(BOOK))
        assert lines[3] == ["Cleo Marsh", "–", "–", "21.25", "106.2 % A of 1 graded"]
        assert lines[4][3] == "106.2 %"


class TestWho:
    def test_who_left_the_class_stays_and_that_is_said(self, works, cast, ana):
        Enrolment.objects.filter(student=cast.bo).update(ends_on=date(2026, 3, 14))
        assert [line[0] for line in table(ana.get(BOOK))[1:3]] == ["Amina Diallo", "Bo Lind left, last day Fri 13 Mar"]
        assertNotContains(ana.get(BOOK), f'href="/students/{cast.bo.student_id}/"')

    def test_who_will_leave_has_not_left(self, works, cast, ana):
        Enrolment.objects.filter(student=cast.bo).update(ends_on=MONDAY + DAY)
        assert table(ana.get(BOOK))[2][0] == "Bo Lind"
        Enrolment.objects.filter(student=cast.bo).update(ends_on=MONDAY)
        assert table(ana.get(BOOK))[2][0] == "Bo Lind left, last day Sun 15 Mar"

    def test_who_came_back_has_not_left(self, works, cast, ana):
        Enrolment.objects.filter(student=cast.bo).update(ends_on=date(2026, 1, 10))
        EnrolmentFactory(student=cast.bo, school_class=cast.class_7a, starts_on=date(2026, 2, 1))
        assert [line[0] for line in table(ana.get(BOOK))[1:3]] == ["Amina Diallo", "Bo Lind"]

    def test_who_left_before_the_term_or_never_had_a_day_is_not_listed_but_with_a_score_is(self, works, cast, ana):
        spring = TermFactory(academic_year=cast.year, starts_on=date(2026, 3, 1), ends_on=YEAR_END)
        Enrolment.objects.filter(student=cast.bo).update(ends_on=date(2026, 3, 1))
        EnrolmentFactory(
            student=cast.cleo, school_class=cast.class_7a, starts_on=MONDAY, ends_on=MONDAY, is_primary=False
        )
        assert names(ana, term=spring.pk) == ["Amina", "Bo"]
        Score.objects.filter(student=cast.bo).delete()
        assert names(ana, term=spring.pk) == ["Amina"]
        assert names(ana, term="year") == ["Amina", "Bo"]

    def test_who_was_never_in_the_class_and_has_a_score_is_listed_and_that_is_said(self, works, cast, office):
        ScoreFactory(assessment=works[0], student=cast.cleo)
        assert table(office.get(BOOK, {"class_id": cast.class_7a.pk}))[3][0] == "Cleo Marsh not in this class"

    def test_a_class_of_a_year_that_is_over_did_not_leave_by_its_end(self, cast, works, office, frozen):
        Enrolment.objects.filter(student=cast.amina).update(ends_on=YEAR_END)
        Enrolment.objects.filter(student=cast.bo).update(ends_on=YEAR_END - DAY)
        frozen.move_to("2026-09-10T09:00Z")
        lines = table(sign_again(office).get(BOOK, {"class_id": cast.class_7a.pk, "term": "year"}))
        assert [line[0] for line in lines[1:3]] == ["Amina Diallo", "Bo Lind left, last day Thu 16 Jul"]


def sign_again(browser: Client) -> Client:
    """The same person after a long time, in which the session ended."""
    from accounts.models import User

    again = Client()
    again.force_login(User.objects.get(username="office"), backend="accounts.backends.RoleBackend")
    return again


class TestSorting:
    @pytest.fixture
    def four(self, cast, works):
        """Chi has 5 in the quiz, Dan nothing at all."""
        ScoreFactory(assessment=works[0], student=pupil("Chi", "Ma", cast.class_7a), score=Decimal(5))
        pupil("Dan", "Noor", cast.class_7a)

    @pytest.mark.parametrize(
        ("sort", "ordered"),
        [
            ("name", ["Amina", "Bo", "Chi", "Dan"]),
            ("-name", ["Dan", "Chi", "Bo", "Amina"]),
            ("average", ["Bo", "Chi", "Amina", "Dan"]),
            ("-average", ["Amina", "Chi", "Bo", "Dan"]),
        ],
    )
    def test_by_name_and_by_average_without_a_number_last(self, sort, ordered, four, ana):
        assert names(ana, sort=sort) == ordered

    def test_by_a_piece_of_work_with_missing_and_not_graded_last(self, four, works, ana):
        quiz, test, _essay = works
        assert names(ana, sort=f"work-{quiz.pk}") == ["Chi", "Amina", "Bo", "Dan"]
        assert names(ana, sort=f"-work-{quiz.pk}") == ["Bo", "Amina", "Chi", "Dan"]
        assert names(ana, sort=f"-work-{test.pk}") == ["Amina", "Bo", "Chi", "Dan"]

    def test_the_scores_move_with_their_students(self, four, works, ana):
        assert [line[:2] for line in table(ana.get(BOOK, {"sort": "-average"}))[1:5]] == [
            ["Amina Diallo", "15"], ["Chi Ma", "5"], ["Bo Lind", "17.5"], ["Dan Noor", "–"],
        ]  # fmt: skip

    def test_the_heads_say_how_it_is_sorted_and_turn_it_round(self, works, ana):
        book = ana.get(BOOK, {"sort": "-average", "term": "year"}).context["book"]
        assert (book.by_average.direction, book.by_average.query) == ("descending", "?sort=average&term=year")
        assert (book.by_name.direction, book.by_name.query) == ("none", "?sort=name&term=year")
        assert book.columns[0].sort.query == f"?sort=work-{works[0].pk}&term=year"

    @pytest.mark.parametrize("sort", ["grade", "work-", "work-0", "--name", "work-1) --"])
    def test_a_column_that_is_not_there_is_not_sorted_by(self, sort, works, ana):
        assertContains(ana.get(BOOK, {"sort": sort}), "This list cannot be sorted by", status_code=404)


class TestCsv:
    def test_it_holds_the_same_rows_with_plain_numbers(self, works, cast, ana):
        pupil("Zoe", "Zand", cast.class_7a)
        amina, bo = cast.amina.student_id, cast.bo.student_id
        works_in_head = (
            '"Fractions (2026-03-12, out of 20)","Term test (2026-03-13, out of 50)","Essay (2026-03-16, out of 20)"'
        )
        assert sheet(ana) == [
            f"student_id,full_name,{works_in_head},average,grade,graded,missing,exempt",
            f"{amina},Amina Diallo,15,25,,56.2,F,2,0,0",
            f"{bo},Bo Lind,17.5,M,EX,21.8,F,1,1,1",
            "STU00004,Zoe Zand,,,,,,0,0,0",
            ",Class mean in percent,81.2,50.0,,39.0,,,,",
            "",
        ]

    def test_it_is_in_the_order_of_the_page(self, works, ana):
        assert [line.split(",")[1] for line in sheet(ana, sort="-name")[1:3]] == ["Bo Lind", "Amina Diallo"]

    def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(self, works, cast, ana):
        Assessment.objects.filter(title="Fractions").update(title="=1+1")
        EnrolmentFactory(student=StudentFactory(given_name="@SUM(A1)", family_name=""), school_class=cast.class_7a)
        lines = sheet(ana)
        assert lines[0].startswith("student_id,full_name,\"'=1+1 (2026")
        assert lines[1].startswith("STU00004,'@SUM(A1),")


class TestEmpty:
    def test_without_work_it_opens_the_form_to_add_some(self, cast, maths, ana):
        page = ana.get(BOOK)
        assertContains(page, "There is no work in this class and subject in this time yet.")
        assertContains(page, '<details class="book__new" open>')
        assert [line[0] for line in table(page)[1:3]] == ["Amina Diallo", "Bo Lind"]

    def test_without_students_it_leads_to_the_class(self, cast, works, ana):
        Score.objects.all().delete()
        Enrolment.objects.all().delete()
        page = ana.get(BOOK)
        assertContains(page, "Nobody is in this class in this time.")
        assertContains(
            page, f'<a class="btn btn-plain" href="/classes/{cast.class_7a.pk}/">Open the class</a>', html=True
        )
        assertNotContains(page, "Download as CSV")

    def test_without_a_subject_the_office_is_led_to_add_one(self, cast, ana, office):
        assert Subject.objects.count() == 0
        assertContains(office.get(BOOK), 'href="/admin/students/subject/add/"')
        assertNotContains(ana.get(BOOK), "/admin/")

    def test_without_a_class_the_office_is_led_to_add_one(self, office):
        Enrolment.objects.all().delete()
        TeachingAssignment.objects.all().delete()
        SchoolClass.objects.all().delete()
        assertContains(office.get(BOOK), 'href="/admin/students/schoolclass/add/"')

    def test_a_choice_that_is_not_offered_leads_back(self, works, ana):
        assertContains(ana.get(BOOK, {"term": "x"}), "Nothing is shown until the choices", status_code=400)


@pytest.mark.parametrize(("students", "pieces"), [(1, 1), (3, 3), (60, 20), (1, 20)])
@pytest.mark.parametrize("person", ["ana", "office"])
def test_page_and_csv_cost_the_same_at_any_size(person, students, pieces, cast, maths, request, count_queries):
    browser = request.getfixturevalue(person)
    TermFactory(academic_year=cast.year)
    works = [
        AssessmentFactory(school_class=cast.class_7a, subject=maths, date_taken=MONDAY - number * DAY)
        for number in range(pieces)
    ]
    for number in range(students):
        student = pupil(f"Pupil{number}", "More", cast.class_7a)
        Score.objects.bulk_create(
            ScoreFactory.build(student=student, assessment=work, score=Decimal(number % 20)) for work in works
        )
    lines: list[str] = []
    assert count_queries(lambda: browser.get(BOOK)) == QUERIES
    assert count_queries(lambda: browser.get(BOOK, {"class_id": cast.class_7a.pk, "sort": "-average"})) == QUERIES
    assert count_queries(lambda: lines.extend(sheet(browser))) == QUERIES
    assert len(lines) == 1 + 2 + students + 1 + 1
