"""/assessments/records/: every score that staff may read, narrowed, sorted, by pages and as CSV."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from assessments.models import Assessment, Score, State
from assessments.tests.entries import stored
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from students.models import Enrolment, TeachingAssignment
from students.tests.factories import (
    AcademicYearFactory,
    SchoolClassFactory,
    StudentFactory,
    SubjectFactory,
    TermFactory,
)
from tests.cast import MONDAY, NOW, YEAR_END, pupil

LIST = "/assessments/records/"
# Who you are, the school, classes with their years, subjects, terms, the count, the page, the log.
QUERIES = 8
DAY = timedelta(days=1)
TAG = re.compile(r"<[^>]+>")
AMINA_QUIZ, AMINA_TEST, BO_QUIZ, CLEO = "Amina Fractions", "Amina Clay", "Bo Fractions", "Cleo Essay"


@pytest.fixture
def maths(cast):
    return SubjectFactory(name="Mathematics")


@pytest.fixture
def art(cast):
    return SubjectFactory(name="Art")


@pytest.fixture
def works(cast, maths, art):
    """A published quiz of 12 March in 7A and mathematics, a test of the 13th in 7A and art, an essay of 7B today."""
    quiz = AssessmentFactory(
        title="Fractions",
        school_class=cast.class_7a,
        subject=maths,
        date_taken=date(2026, 3, 12),
        published_at=NOW - DAY,
    )
    test = AssessmentFactory(
        title="Clay",
        assessment_type="test",
        school_class=cast.class_7a,
        subject=art,
        date_taken=date(2026, 3, 13),
        max_score=Decimal(50),
    )
    essay = AssessmentFactory(
        title="Essay",
        assessment_type="assignment",
        school_class=cast.class_7b,
        subject=maths,
        published_at=NOW + 4 * DAY,
    )
    return quiz, test, essay


@pytest.fixture
def scores(cast, works):
    """Amina 15 of 20 and 40 of 50, Bo missing in the quiz, Cleo of 7B exempt from the essay."""
    quiz, test, essay = works
    return [
        ScoreFactory(assessment=quiz, student=cast.amina, score=Decimal(15)),
        ScoreFactory(assessment=test, student=cast.amina, score=Decimal(40), notes="Neat"),
        ScoreFactory(assessment=quiz, student=cast.bo, state=State.MISSING),
        ScoreFactory(assessment=essay, student=cast.cleo, state=State.EXEMPT, notes="canary-of-cleo"),
    ]


@pytest.fixture
def office(cast, scores, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def ana(cast, scores, sign_in):
    return sign_in(cast.ana.user)


def text_of(html: str) -> str:
    return " ".join(unescape(TAG.sub(" ", html)).split())


def listed(client: Client, **query: object) -> list[str]:
    """The scores on the page in its order, as name and piece of work."""
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [f"{score.student.given_name} {score.assessment.title}" for score in response.context["page"]]


def sheet(client: Client, **query: object) -> list[str]:
    """The lines of the CSV."""
    response = client.get(LIST, {**query, "format": "csv"})
    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return b"".join(response.streaming_content).decode().split("\r\n")


def lines_of(response) -> list[str]:
    """The table's lines in words."""
    body = response.content.decode().split("<tbody>")[1].split("</tbody>")[0]
    return [text_of(line) for line in body.split("</tr>")[:-1]]


class TestWhoseScores:
    def test_the_office_sees_all_and_a_teacher_those_of_the_own_classes(self, cast, office, ana, sign_in):
        assert listed(office) == [CLEO, AMINA_TEST, AMINA_QUIZ, BO_QUIZ]
        assert listed(ana) == [AMINA_TEST, AMINA_QUIZ, BO_QUIZ]
        assert listed(sign_in(cast.ben.user)) == [CLEO]

    def test_a_teacher_of_one_subject_sees_that_one(self, cast, maths, office, ana):
        TeachingAssignment.objects.filter(teacher=cast.ana).update(subject=maths)
        assert listed(ana) == [AMINA_QUIZ, BO_QUIZ]
        assert listed(office, class_id=cast.class_7a.pk) == [AMINA_TEST, AMINA_QUIZ, BO_QUIZ]

    def test_no_note_of_another_class_is_on_the_page_or_in_the_csv(self, cast, office, ana, sign_in):
        for right in (office, sign_in(cast.ben.user)):
            assertContains(right.get(LIST), "canary-of-cleo")
            assert "canary-of-cleo" in "".join(sheet(right))
        assertNotContains(ana.get(LIST), "canary-of-cleo")
        assert "canary-of-cleo" not in "".join(sheet(ana))

    @pytest.mark.parametrize("query", [{}, {"format": "csv"}])
    def test_parents_are_refused_and_the_signed_out_led_to_the_sign_in(self, cast, scores, sign_in, query):
        assert sign_in(cast.mariam.user).get(LIST, query).status_code == 403
        assert Client().get(LIST, query).url.startswith("/accounts/login/?next=/assessments/records/")

    def test_a_student_of_another_class_and_no_student_get_the_same_answer(self, cast, ana, office):
        assert listed(office, student_id=cast.cleo.student_id) == [CLEO]
        pages = [
            ana.get(LIST, {"student_id": student_id}).content.decode().replace(student_id, "…")
            for student_id in (cast.cleo.student_id, "STU99999")
        ]
        without_token = [re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page) for page in pages]
        assert without_token[0] == without_token[1]
        assert "No score matches these filters." in pages[0]

    def test_a_name_leads_to_the_student_where_the_person_may_open_that(self, cast, ana, office):
        link = f'<a href="/students/{cast.bo.student_id}/">Bo Lind</a>'
        assertContains(ana.get(LIST), link, html=True)
        Enrolment.objects.filter(student=cast.bo).update(ends_on=MONDAY)
        assertContains(ana.get(LIST), "Bo Lind")
        assertNotContains(ana.get(LIST), link, html=True)
        assertContains(office.get(LIST), link, html=True)

    def test_reading_writes_one_line_of_the_access_log_without_the_query(self, cast, office):
        forget_readings()
        before = stored()
        office.get(LIST, {"student_id": cast.bo.student_id})
        sheet(office)
        assert stored() == before
        assert (
            list(AccessLog.objects.values_list("reader__username", "page", "path", "student_id"))
            == [("office", "assessments:records", LIST, "")] * 2
        )


class TestWhatALineSays:
    def test_day_student_class_subject_work_type_published_or_not_score_and_note(self, office):
        assert lines_of(office.get(LIST)) == [
            "Mon 16 Mar Cleo Marsh 7B Mathematics Essay Assignment, from 20 Mar, 09:00 Exempt canary-of-cleo",
            "Fri 13 Mar Amina Diallo 7A Art Clay Test, not published 40 of 50, 80.0 % Neat",
            "Thu 12 Mar Amina Diallo 7A Mathematics Fractions Quiz, published 15 of 20, 75.0 %",
            "Thu 12 Mar Bo Lind 7A Mathematics Fractions Quiz, published Missing",
        ]

    def test_the_work_leads_to_mark_entry(self, works, office):
        assertContains(office.get(LIST), f'<a href="/assessments/{works[0].pk}/scores/">Fractions</a>', html=True)


class TestFilters:
    def test_by_student(self, cast, office):
        assert listed(office, student_id=cast.amina.student_id) == [AMINA_TEST, AMINA_QUIZ]
        assert listed(office, student_id=f" {cast.amina.student_id.lower()} ") == [AMINA_TEST, AMINA_QUIZ]
        assert listed(office, student_id=cast.amina.student_id[:-1]) == []

    def test_by_class(self, cast, office):
        assert listed(office, class_id=cast.class_7b.pk) == [CLEO]
        assert listed(office, class_id=cast.class_7a.pk) == [AMINA_TEST, AMINA_QUIZ, BO_QUIZ]

    def test_by_subject(self, maths, art, office):
        assert listed(office, subject=maths.pk) == [CLEO, AMINA_QUIZ, BO_QUIZ]
        assert listed(office, subject=art.pk) == [AMINA_TEST]

    @pytest.mark.parametrize(
        ("kind", "found"),
        [("quiz", [AMINA_QUIZ, BO_QUIZ]), ("test", [AMINA_TEST]), ("assignment", [CLEO]), ("exam", [])],
    )
    def test_by_type(self, kind, found, office):
        assert listed(office, assessment_type=kind) == found

    @pytest.mark.parametrize(
        ("state", "found"), [("graded", [AMINA_TEST, AMINA_QUIZ]), ("missing", [BO_QUIZ]), ("exempt", [CLEO])]
    )
    def test_by_state(self, state, found, office):
        assert listed(office, state=state) == found

    def test_by_term_whose_last_day_is_exclusive_and_by_year(self, cast, works, office):
        winter = TermFactory(academic_year=cast.year, name="Winter", ends_on=date(2026, 3, 13))
        spring = TermFactory(academic_year=cast.year, name="Spring", starts_on=date(2026, 3, 13), ends_on=YEAR_END)
        before = AcademicYearFactory(name="2024/25", starts_on=date(2024, 9, 1), ends_on=date(2025, 7, 18))
        SchoolClassFactory(academic_year=before)
        assert listed(office, term=winter.pk) == [AMINA_QUIZ, BO_QUIZ]
        assert listed(office, term=spring.pk) == [CLEO, AMINA_TEST]
        assert listed(office, academic_year=cast.year.pk) == [CLEO, AMINA_TEST, AMINA_QUIZ, BO_QUIZ]
        assert listed(office, academic_year=before.pk) == []

    def test_all_at_once(self, cast, maths, office):
        term = TermFactory(academic_year=cast.year)
        narrow = {
            "student_id": cast.bo.student_id, "class_id": cast.class_7a.pk, "subject": maths.pk, "term": term.pk,
            "assessment_type": "quiz", "state": "missing", "academic_year": cast.year.pk,
        }  # fmt: skip
        assert listed(office, **narrow) == [BO_QUIZ]
        assert listed(office, **narrow | {"state": "graded"}) == []

    def test_each_is_a_chip_that_removes_it(self, cast, maths, office):
        response = office.get(LIST, {"class_id": cast.class_7a.pk, "subject": maths.pk, "page": "1"})
        assert [(chip.label, chip.query) for chip in response.context["chips"]] == [
            ("Class: 7A", f"?subject={maths.pk}"),
            ("Subject: Mathematics", f"?class_id={cast.class_7a.pk}"),
        ]

    def test_what_is_offered_is_of_the_own_classes_and_subjects(self, cast, maths, office, ana):
        def offered(client):
            fields = client.get(LIST).context["filter_form"].fields
            names = ("class_id", "subject", "term", "academic_year")
            return [[label for key, label in fields[name].choices if key] for name in names]

        before = AcademicYearFactory(name="2024/25", starts_on=date(2024, 9, 1), ends_on=date(2025, 7, 18))
        SchoolClassFactory(name="7A", academic_year=before)
        for year in (before, cast.year):
            TermFactory(academic_year=year, name="Term 1")
        TeachingAssignment.objects.filter(teacher=cast.ana).update(subject=maths)
        assert offered(office) == [
            ["7A (2025/26)", "7B", "7A (2024/25)"],
            ["Art", "Mathematics"],
            ["Term 1 (2025/26)", "Term 1 (2024/25)"],
            ["2025/26", "2024/25"],
        ]
        assert offered(ana) == [["7A"], ["Mathematics"], ["Term 1 (2025/26)"], ["2025/26"]]


def not_offered(value: str) -> str:
    return f"Select a valid choice. {value} is not one of the available choices."


BAD = {
    "a class is known": ({"class_id": "0"}, not_offered("0")),
    "a class is a number": ({"class_id": "7A"}, not_offered("7A")),
    "a subject is known": ({"subject": "999999"}, not_offered("999999")),
    "a name is that of a subject": ({"subject": "Alchemy"}, not_offered("Alchemy")),
    "a type is one of four": ({"assessment_type": "essay"}, not_offered("essay")),
    "a state is one of three": ({"state": "present"}, not_offered("present")),
    "a term is known": ({"term": "-1"}, not_offered("-1")),
    "a year is known": ({"academic_year": "2026"}, not_offered("2026")),
    "a key is in ASCII digits": ({"class_id": "٣"}, not_offered("٣")),
    "a student id is short": (
        {"student_id": "S" * 10_000}, "Ensure this value has at most 20 characters (it has 10000).",
    ),
    "a student id holds no NUL": ({"student_id": "STU\0"}, "Null characters are not allowed."),
}  # fmt: skip


class TestBadInput:
    @pytest.mark.parametrize(("query", "said"), BAD.values(), ids=BAD)
    def test_it_is_answered_with_what_to_change_no_score_and_no_csv(self, office, query, said):
        response = office.get(LIST, query)
        assertContains(response, f'<p class="wrong">{said}</p>', status_code=400, html=True)
        assert list(response.context["page"]) == []
        csv = office.get(LIST, {**query, "format": "csv"})
        assert (csv.status_code, csv["Content-Type"]) == (400, "text/html; charset=utf-8")

    def test_what_is_of_somebody_else_is_refused_as_what_does_not_exist(self, cast, art, maths, ana):
        TeachingAssignment.objects.filter(teacher=cast.ana).update(subject=maths)
        for name, key in (("class_id", cast.class_7b.pk), ("subject", art.pk)):
            for number in (key, 999_999):
                assertContains(ana.get(LIST, {name: number}), not_offered(str(number)), status_code=400)

    @pytest.mark.parametrize("page", ["99", "0", "x", "9" * 5000])
    def test_a_page_that_is_not_there_names_the_last_one(self, office, page):
        assertContains(office.get(LIST, {"page": page}), "The last one is page 1.", status_code=404)

    @pytest.mark.parametrize("sort", ["notes", "student__date_of_birth", "--date", "part"])
    def test_a_column_that_is_not_on_the_list_is_not_sorted_by(self, office, sort):
        assertContains(office.get(LIST, {"sort": sort}), "This list cannot be sorted by", status_code=404)


class TestOrderAndPages:
    @pytest.mark.parametrize(
        ("sort", "ordered"),
        [
            ("date", [AMINA_QUIZ, BO_QUIZ, AMINA_TEST, CLEO]),
            ("-date", [CLEO, AMINA_TEST, AMINA_QUIZ, BO_QUIZ]),
            ("student", [AMINA_QUIZ, AMINA_TEST, BO_QUIZ, CLEO]),
            ("-student", [CLEO, BO_QUIZ, AMINA_QUIZ, AMINA_TEST]),
            ("class", [AMINA_QUIZ, AMINA_TEST, BO_QUIZ, CLEO]),
            ("-class", [CLEO, AMINA_QUIZ, AMINA_TEST, BO_QUIZ]),
            ("subject", [AMINA_TEST, AMINA_QUIZ, BO_QUIZ, CLEO]),
            ("-subject", [AMINA_QUIZ, BO_QUIZ, CLEO, AMINA_TEST]),
            ("work", [AMINA_TEST, CLEO, AMINA_QUIZ, BO_QUIZ]),
            ("-work", [AMINA_QUIZ, BO_QUIZ, CLEO, AMINA_TEST]),
            ("score", [AMINA_QUIZ, AMINA_TEST, BO_QUIZ, CLEO]),
            ("-score", [AMINA_TEST, AMINA_QUIZ, BO_QUIZ, CLEO]),
        ],
    )
    def test_each_column_sorts_both_ways_with_no_score_last(self, office, sort, ordered):
        assert listed(office, sort=sort) == ordered

    def test_scores_are_sorted_by_their_share_of_the_maximum(self, cast, scores, works, office):
        Score.objects.filter(pk=scores[1].pk).update(score=Decimal("37.25"))  # 74.5 % of 50, more points than 15 of 20
        assert listed(office, sort="-score", state="graded") == [AMINA_QUIZ, AMINA_TEST]

    def test_a_page_holds_25_and_the_rest_follow(self, cast, office):
        for _number in range(30):
            ScoreFactory(assessment__school_class=cast.class_7a, student=cast.bo)
        assert len(listed(office)) == 25
        assert len(listed(office, page=2)) == 9
        assertContains(office.get(LIST), "34 scores")
        assertContains(office.get(LIST, {"page": 2}), "Page 2 of 2")


class TestCsv:
    def test_it_holds_what_is_filtered_in_the_words_of_the_api(self, cast, scores, works, office):
        TermFactory(academic_year=cast.year, name="Spring", starts_on=date(2026, 3, 13), ends_on=YEAR_END)
        fields = "assessment_id,student_id,full_name,class,subject_name,assessment_type,title,state,score,max_score"
        fields += ",percentage,date_taken,term,academic_year,published_at,notes"
        amina, bo = cast.amina.student_id, cast.bo.student_id
        quiz = "7A,Mathematics,quiz,Fractions"
        of_quiz = "2026-03-12,,2025/26,2026-03-15T09:00:00+00:00,"
        assert sheet(office, class_id=cast.class_7a.pk) == [
            f"\ufeff{fields}",
            f"{scores[1].pk},{amina},Amina Diallo,7A,Art,test,Clay,graded,40,50,80.0,2026-03-13,Spring,2025/26,,Neat",
            f"{scores[0].pk},{amina},Amina Diallo,{quiz},graded,15,20,75.0,{of_quiz}",
            f"{scores[2].pk},{bo},Bo Lind,{quiz},missing,,20,,{of_quiz}",
            "",
        ]

    def test_percentages_are_truncated_and_points_keep_their_decimals(self, cast, office):
        work = AssessmentFactory(school_class=cast.class_7a, max_score=Decimal("17.5"))
        ScoreFactory(assessment=work, student=cast.bo, score=Decimal("11.66"))  # 66.628… %
        assert sheet(office, student_id=cast.bo.student_id, state="graded")[1].split(",")[8:11] == [
            "11.66", "17.5", "66.6",
        ]  # fmt: skip

    def test_it_holds_every_page_in_the_order_of_the_list(self, cast, office):
        for number in range(30):
            work = AssessmentFactory(school_class=cast.class_7a, date_taken=MONDAY - 20 * DAY - number * DAY)
            ScoreFactory(assessment=work, student=cast.bo)
        days = [line.split(",")[11] for line in sheet(office, page=2, sort="date")[1:-1]]
        assert (len(days), days) == (34, sorted(days))

    def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(self, office):
        risky = StudentFactory(given_name="=1+1", family_name="")
        ScoreFactory(student=risky, assessment__title="-2", assessment__subject__name="+7", notes="@SUM(A1)")
        line = sheet(office, student_id=risky.student_id)[1].split(",")
        assert (line[2], line[4], line[6], line[15]) == ("'=1+1", "'+7", "'-2", "'@SUM(A1)")


class TestEmpty:
    def test_without_any_score_it_leads_to_the_mark_book(self, cast, sign_in):
        response = sign_in(cast.office).get(LIST)
        assertContains(response, "No score has been entered yet.")
        assertContains(response, '<a class="btn btn-primary" href="/assessments/">Go to the mark book</a>', html=True)
        assertNotContains(response, "Download as CSV")

    def test_without_a_match_it_offers_the_way_back(self, office):
        response = office.get(LIST, {"assessment_type": "exam"})
        assertContains(response, "No score matches these filters.")
        assertContains(response, f'<a class="btn btn-plain" href="{LIST}">Show all scores</a>', html=True)


@pytest.mark.parametrize("number", [1, 3, 60])
def test_page_and_csv_cost_the_same_for_any_number_of_scores(number, cast, sign_in, count_queries):
    for index in range(number):
        work = AssessmentFactory(school_class=cast.class_7a)
        ScoreFactory(student=pupil(f"Pupil{index}", "More", cast.class_7a), assessment=work)
    assert Assessment.objects.count() == number
    ana, lines = sign_in(cast.ana.user), []
    assert count_queries(lambda: ana.get(LIST)) == QUERIES
    assert count_queries(lambda: lines.extend(sheet(ana))) == QUERIES - 1
    assert len(lines) == 1 + number + 1
