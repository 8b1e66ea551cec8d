"""/assessments/statistics/: figures, distribution, subjects, classes and trend of the scores that staff may read."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from accounts.tests.factories import TeacherFactory
from assessments.models import Assessment, GradeScale, State
from assessments.tests.factories import AssessmentFactory, CategoryFactory, ScoreFactory
from students.models import AcademicYear, Term
from students.tests.factories import (
    AcademicYearFactory,
    EnrolmentFactory,
    SchoolClassFactory,
    SubjectFactory,
    TeachingAssignmentFactory,
    TermFactory,
)
from tests.cast import pupil

PAGE = "/assessments/statistics/"
QUERIES = 11  # user, school, years, terms, classes, subjects, two of averages, marks, grades, the log
TAG = re.compile(r"<[^>]+>")
HEAD = "of,name,students,average,mean,median,standard_deviation,lowest,highest,graded,missing,exempt"
OCTOBER, MARCH_2, MARCH_10 = date(2025, 10, 1), date(2026, 3, 2), date(2026, 3, 10)


@pytest.fixture
def terms(cast):
    days = {
        "Autumn": (date(2025, 9, 1), date(2025, 12, 20)),
        "Winter": (date(2026, 1, 5), date(2026, 4, 1)),
        "Summer": (date(2026, 4, 13), date(2026, 7, 18)),
    }
    return {
        name: TermFactory(academic_year=cast.year, name=name, starts_on=first, ends_on=end)
        for name, (first, end) in days.items()
    }


def work(school_class, subject, day, most, scores, **more) -> Assessment:
    """A piece of work with the scores of students, "M" missing and "EX" exempt."""
    made = AssessmentFactory(
        school_class=school_class, subject=subject, date_taken=day, max_score=Decimal(most), **more
    )
    for student, points in scores.items():
        state = {"M": State.MISSING, "EX": State.EXEMPT}.get(points, State.GRADED)
        graded = None if state != State.GRADED else Decimal(points)
        ScoreFactory(student=student, assessment=made, state=state, score=graded)
    return made


@pytest.fixture
def subjects(cast, terms):
    """Seven scores: 7A has three pieces of work in Mathematics and Art, 7B one in Mathematics."""
    maths, art = SubjectFactory(name="Mathematics"), SubjectFactory(name="Art")
    work(cast.class_7a, maths, OCTOBER, 20, {cast.amina: 18, cast.bo: 10})
    work(cast.class_7a, maths, MARCH_2, 10, {cast.amina: 9, cast.bo: "M"})
    work(cast.class_7a, art, MARCH_10, 20, {cast.amina: "EX", cast.bo: 16})
    work(cast.class_7b, maths, OCTOBER, 50, {cast.cleo: 45})
    return {"Mathematics": maths, "Art": art}


@pytest.fixture
def office(cast, subjects, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def ana(cast, subjects, sign_in):
    return sign_in(cast.ana.user)


def text_of(html: str) -> str:
    return " ".join(unescape(TAG.sub(" ", html)).split())


def figures(client: Client, **query: object) -> str:
    """The line of figures in words."""
    page = client.get(PAGE, query).content.decode()
    return text_of(page.split('<ul class="figures">')[1].split("</ul>")[0])


def table(client: Client, caption: str, **query: object) -> list[str]:
    """The lines of the table with this caption."""
    page = client.get(PAGE, query).content.decode()
    body = page.split(f">{caption}</caption>")[1].split("<tbody>")[1].split("</tbody>")[0]
    return [text_of(line) for line in body.split("</tr>")[:-1]]


def bars(client: Client, heading: str, **query: object) -> list[str]:
    page = client.get(PAGE, query).content.decode()
    part = page.split(f">{heading}</h2>")[1].split("</ul>")[0]
    return [text_of(line) for line in part.split("</li>")[:-1]]


def sheet(client: Client, **query: object) -> list[str]:
    """The lines of the CSV."""
    response = client.get(PAGE, {**query, "format": "csv"})
    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return b"".join(response.streaming_content).decode().split("\r\n")


MATHS = "Mathematics 3 68.3 % 80.0 % 90.0 % 17.3 % 50.0 % 90.0 % 4 1"
ART = "Art 1 80.0 % 80.0 % 80.0 % 0.0 % 80.0 % 80.0 % 1 0"
CLASS_7A = "7A 2 66.6 % 77.5 % 85.0 % 16.3 % 50.0 % 90.0 % 4 1"
CLASS_7B = "7B 1 90.0 % 90.0 % 90.0 % 0.0 % 90.0 % 90.0 % 1 0"
GRADES, TREND = "How many graded scores stand in each grade", "Average of the students, term by term"


class TestWhatItShows:
    def test_one_line_of_figures(self, office):
        assert figures(office) == (
            "7 scores, of 3 students 74.4 % average: the mean of the students' averages "
            "90.0 % median of 5 graded scores 1 missing, 1 exempt"
        )

    def test_subjects_and_classes_as_bars_with_the_table_beside(self, office):
        assert bars(office, "Average by subject") == ["Art 80.0 %", "Mathematics 68.3 %"]
        assert table(office, "Scores by subject") == [ART, MATHS]
        assert bars(office, "Average by class") == ["7A 66.6 %", "7B 90.0 %"]
        assert table(office, "Scores by class") == [CLASS_7A, CLASS_7B]
        assertContains(office.get(PAGE), '<rect class="chart__bar" width="683" height="10" />', html=True)

    def test_grades_as_bars_with_the_same_as_a_table(self, office):
        assert table(office, GRADES) == ["A 3 60.0 %", "B 1 20.0 %", "C 0 0.0 %", "D 0 0.0 %", "F 1 20.0 %"]
        page = office.get(PAGE).content.decode()
        chart = page.split('aria-labelledby="grades-title"')[1].split("</svg>")[0]
        assert re.findall(r'height="(\d+)"', chart) == ["120", "40", "0", "0", "40"]
        assert text_of(chart.split("</title>")[1]) == "3 A 1 B 0 C 0 D 1 F"

    def test_the_trend_by_term_with_a_gap_where_there_is_nothing(self, office):
        assert table(office, TREND) == ["Autumn 3 76.6 %", "Winter 2 65.0 %", "Summer 0 –"]
        chart = office.get(PAGE).content.decode().split('aria-labelledby="trend-title"')[1].split("</svg>")[0]
        assert (chart.count("<circle"), chart.count("<polyline")) == (2, 1)
        assert text_of(chart.split("</title>")[1]) == "60.0 % 80.0 % Autumn 76.6 % Winter 65.0 % Summer"

    def test_scores_count_published_or_not_and_the_page_says_so(self, office):
        before = figures(office)
        Assessment.objects.filter(date_taken=OCTOBER).update(published_at=datetime(2026, 3, 1, tzinfo=UTC))
        assert figures(office) == before
        assertContains(office.get(PAGE), "2025/26 · the whole school · all scores, published or not")

    def test_a_category_weighs(self, cast, subjects, office):
        exams = CategoryFactory(weight=Decimal(3))
        work(cast.class_7b, subjects["Art"], OCTOBER, 20, {cast.cleo: 10}, category=exams)
        assert bars(office, "Average by class")[1] == "7B 60.0 %"  # (90 + 3 x 50) / 4

    def test_a_score_on_a_day_outside_of_the_terms_counts_for_the_year_and_is_told(self, cast, subjects, office):
        assertNotContains(office.get(PAGE), "outside of its terms")
        work(cast.class_7b, subjects["Art"], date(2026, 1, 2), 20, {cast.cleo: 10})
        assertContains(office.get(PAGE), "1 score of this year lies outside of its terms.")
        assert figures(office).startswith("8 scores")
        assert [line.split()[1] for line in table(office, TREND)] == ["3", "2", "0"]

    def test_a_year_without_terms_and_a_school_without_a_scale_in_use_say_so(self, office):
        Term.objects.all().delete()
        GradeScale.objects.update(in_use=False)
        page = office.get(PAGE)
        assertContains(page, "This school year has no terms, so there is no trend to draw.")
        assertContains(page, "No grade scale is in use.")
        assert figures(office).startswith("7 scores")

    def test_exempt_scores_alone_give_no_average(self, cast, subjects, office):
        work(cast.class_7b, SubjectFactory(name="Latin"), MARCH_2, 10, {cast.cleo: "EX"})
        assert bars(office, "Average by subject")[1] == "Latin –"
        assert table(office, "Scores by subject")[1] == "Latin 0 – – – – – – 0 0"
        assert sheet(office)[2] == "subject,Latin,0,,,,,,,0,0,1"


class TestWhoseScores:
    def test_a_teacher_sees_the_own_classes(self, cast, ana, sign_in):
        assert figures(ana).startswith("6 scores, of 2 students 66.6 % average")
        assert table(ana, "Scores by class") == [CLASS_7A]
        assert table(ana, TREND) == ["Autumn 2 70.0 %", "Winter 2 65.0 %", "Summer 0 –"]
        assert table(sign_in(cast.ben.user), "Scores by class") == [CLASS_7B]
        assertContains(ana.get(PAGE), "your classes and subjects")

    def test_a_teacher_of_one_subject_sees_that_subject(self, cast, subjects, sign_in):
        tia = TeacherFactory(user__username="tia")
        TeachingAssignmentFactory(teacher=tia, school_class=cast.class_7a, subject=subjects["Art"])
        page = sign_in(tia.user)
        assert table(page, "Scores by subject") == [ART]
        assertNotContains(page.get(PAGE), "Mathematics")
        assert page.get(PAGE, {"subject": subjects["Mathematics"].pk}).status_code == 400

    def test_a_student_of_the_own_class_brings_no_scores_of_another_class(self, cast, ana):
        EnrolmentFactory(student=cast.cleo, school_class=cast.class_7a, is_primary=False)
        assert figures(ana).startswith("6 scores, of 2 students")

    @pytest.mark.parametrize("query", [{}, {"format": "csv"}])
    def test_parents_are_refused_and_the_signed_out_led_to_the_sign_in(self, cast, subjects, sign_in, query):
        assert sign_in(cast.mariam.user).get(PAGE, query).status_code == 403
        assert Client().get(PAGE, query).url.startswith("/accounts/login/?next=/assessments/statistics/")

    def test_reading_writes_one_line_of_the_access_log_and_nothing_else(self, office):
        forget_readings()
        office.get(PAGE)
        sheet(office)
        assert (
            list(AccessLog.objects.values_list("reader__username", "page", "path", "student_id"))
            == [("office", "assessments:statistics", PAGE, "")] * 2
        )


class TestFilters:
    def test_by_class(self, cast, office):
        assert figures(office, class_id=cast.class_7a.pk) == figures(office).replace(
            "7 scores, of 3 students 74.4 %", "6 scores, of 2 students 66.6 %"
        ).replace("90.0 % median of 5", "85.0 % median of 4")
        page = office.get(PAGE, {"class_id": cast.class_7a.pk})
        assertContains(page, "2025/26 · 7A · all scores")
        assertContains(page, "Class: 7A")
        assertNotContains(page, "Average by class")

    def test_by_subject(self, subjects, office):
        assert table(office, "Scores by subject", subject=subjects["Art"].pk) == [ART]
        assert table(office, "Scores by class", subject=subjects["Art"].pk) == [ART.replace("Art", "7A")]
        assert table(office, TREND, subject=subjects["Art"].pk) == ["Autumn 0 –", "Winter 1 80.0 %", "Summer 0 –"]

    def test_by_term_with_the_trend_still_of_the_whole_year(self, terms, office):
        assert figures(office, term=terms["Winter"].pk).startswith("4 scores, of 2 students 65.0 % average")
        assert table(office, TREND, term=terms["Winter"].pk) == table(office, TREND)
        assertContains(office.get(PAGE, {"term": terms["Winter"].pk}), "Winter, 2025/26")

    def test_by_year_of_which_the_current_one_comes_first(self, cast, subjects, office):
        former = AcademicYearFactory(name="2024/25", starts_on=date(2024, 9, 1), ends_on=date(2025, 7, 18))
        AcademicYearFactory(name="2026/27", starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 18))
        class_6a = SchoolClassFactory(name="6A", academic_year=former)
        work(class_6a, subjects["Art"], date(2025, 1, 10), 20, {cast.amina: 5})
        assert table(office, "Scores by class") == [CLASS_7A, CLASS_7B]
        assert bars(office, "Average by class", academic_year=former.pk) == ["6A 25.0 %"]
        assert figures(office, academic_year=cast.year.pk) == figures(office)
        TermFactory(academic_year=former, name="Winter")
        chosen = office.get(PAGE, {"class_id": class_6a.pk})
        assert re.findall(r">(Winter[^<]*|Summer[^<]*)</option>", chosen.content.decode()) == [
            "Summer", "Winter (2025/26)", "Winter (2024/25)",
        ]  # fmt: skip
        assertContains(chosen, "2024/25 · 6A")
        assertContains(chosen, f'<option value="{former.pk}" selected>2024/25</option>', html=True)

    def test_between_two_years_the_last_one_is_shown(self, cast, subjects, sign_in, frozen):
        AcademicYearFactory(name="2026/27", starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 18))
        frozen.move_to(datetime(2026, 8, 1, 9, tzinfo=UTC))
        assertContains(sign_in(cast.office).get(PAGE), "2025/26 · the whole school")
        frozen.move_to(datetime(2026, 9, 1, 9, tzinfo=UTC))
        assertContains(sign_in(cast.office).get(PAGE), "No score has been entered in 2026/27 yet.")

    def test_the_year_that_is_taken_for_granted_is_no_active_filter(self, cast, office):
        assertNotContains(office.get(PAGE), 'class="chip"')
        assertContains(office.get(PAGE, {"academic_year": cast.year.pk}), 'class="chip"')


UNKNOWN = "Select a valid choice. %s is not one of the available choices."
BAD = {
    "a class is known": ({"class_id": "0"}, UNKNOWN % "0"),
    "a class is a number": ({"class_id": "7A"}, UNKNOWN % "7A"),
    "a subject is known": ({"subject": "999999"}, UNKNOWN % "999999"),
    "a name is that of a subject": ({"subject": "Alchemy"}, UNKNOWN % "Alchemy"),
    "a term is known": ({"term": "-1"}, UNKNOWN % "-1"),
    "a year is known": ({"academic_year": "1999/00"}, UNKNOWN % "1999/00"),
    "a key has digits of this script": ({"academic_year": "١"}, UNKNOWN % "١"),
    "a key has an end": ({"class_id": "9" * 300}, UNKNOWN % ("9" * 300)),
}


class TestBadInput:
    @pytest.mark.parametrize(("query", "said"), BAD.values(), ids=BAD)
    def test_is_answered_with_what_to_change_and_no_figures(self, office, query, said):
        page = office.get(PAGE, query)
        assertContains(page, f'<p class="wrong">{said}</p>', status_code=400, html=True)
        assertNotContains(page, 'class="figures"', status_code=400)
        assertContains(page, "Nothing is shown until the filters marked above are changed.", status_code=400)

    @pytest.mark.parametrize("query", [query for query, _said in BAD.values()], ids=BAD)
    def test_gives_no_csv(self, office, query):
        response = office.get(PAGE, {**query, "format": "csv"})
        assert (response.status_code, response["Content-Type"]) == (400, "text/html; charset=utf-8")

    def test_a_class_of_somebody_else_is_refused_as_one_that_does_not_exist(self, cast, ana):
        for number in (cast.class_7b.pk, 999_999):
            assertContains(ana.get(PAGE, {"class_id": number}), UNKNOWN % number, status_code=400)

    def test_a_class_or_term_of_another_year_than_the_chosen_one(self, cast, terms, office):
        former = AcademicYearFactory(name="2024/25", starts_on=date(2024, 9, 1), ends_on=date(2025, 7, 18))
        for name, row in (("class_id", cast.class_7a), ("term", terms["Winter"])):
            page = office.get(PAGE, {name: row.pk, "academic_year": former.pk})
            said = f"{row.name} belongs to 2025/26. Choose that school year, or leave this open."
            assertContains(page, f'<p class="wrong">{said}</p>', status_code=400, html=True)
            assertContains(page, f'<option value="{row.pk}" selected>', status_code=400)


class TestCsv:
    def test_holds_subjects_and_classes(self, office):
        assert sheet(office) == [
            f"\ufeff{HEAD}",
            "subject,Art,1,80.0,80.0,80.0,0.0,80.0,80.0,1,0,1",
            "subject,Mathematics,3,68.3,80.0,90.0,17.3,50.0,90.0,4,1,0",
            "class,7A,2,66.6,77.5,85.0,16.3,50.0,90.0,4,1,1",
            "class,7B,1,90.0,90.0,90.0,0.0,90.0,90.0,1,0,0",
            "",
        ]

    def test_holds_what_is_filtered(self, cast, ana):
        lines = sheet(ana, class_id=cast.class_7a.pk)
        assert [line.split(",")[:4] for line in lines[1:-1]] == [
            ["subject", "Art", "1", "80.0"],
            ["subject", "Mathematics", "2", "57.5"],
        ]

    def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(self, cast, subjects, office):
        work(cast.class_7b, SubjectFactory(name="=1+1"), MARCH_2, 10, {cast.cleo: 5})
        assert sheet(office)[1] == "subject,'=1+1,1,50.0,50.0,50.0,0.0,50.0,50.0,1,0,0"


class TestEmpty:
    def test_without_any_score_it_leads_to_the_mark_book(self, cast, sign_in):
        page = sign_in(cast.ana.user).get(PAGE)
        assertContains(page, "No score has been entered in 2025/26 yet.")
        assertContains(page, '<a class="btn btn-primary" href="/assessments/">Go to the mark book</a>', html=True)
        assertNotContains(page, "Download as CSV")

    def test_without_a_match_it_offers_the_way_back(self, terms, office):
        page = office.get(PAGE, {"term": terms["Summer"].pk})
        assertContains(page, "No score matches these filters.")
        assertContains(page, f'<a class="btn btn-plain" href="{PAGE}">Show the current year</a>', html=True)

    def test_without_a_school_year_it_leads_the_office_to_the_years(self, office_without_years):
        page = office_without_years.get(PAGE)
        assertContains(page, "There is no school year yet, so there is nothing to count.")
        assertContains(page, 'href="/admin/students/academicyear/"')


@pytest.fixture
def office_without_years(db, frozen, sign_in):
    from accounts.roles import Role
    from accounts.tests.factories import UserFactory

    assert not AcademicYear.objects.exists()
    return sign_in(UserFactory(role=Role.ADMIN))


@pytest.mark.parametrize("number", [1, 3, 60])
@pytest.mark.parametrize("person", ["office", "ana"])
def test_page_and_csv_cost_the_same_for_any_number_of_students_and_subjects(
    person, number, cast, terms, sign_in, count_queries
):
    for index in range(number):
        student = pupil(f"Pupil{index}", "More", cast.class_7a)
        work(cast.class_7a, SubjectFactory(), MARCH_2, 20, {student: index % 20})
    browser, lines = sign_in(cast.office if person == "office" else cast.ana.user), []
    assert count_queries(lambda: browser.get(PAGE)) == QUERIES
    assert count_queries(lambda: lines.extend(sheet(browser))) == QUERIES
    assert len(lines) == 1 + number + 1 + 1
