"""Which class, subject and term the mark book shows, and to whom."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from assessments.models import Assessment
from assessments.tests.books import BOOK, make_works, sheet, shown, titles
from assessments.tests.entries import stored
from assessments.tests.factories import AssessmentFactory
from core.numbers import print_percent
from students.models import TeachingAssignment
from students.tests.factories import (
    AcademicYearFactory,
    SchoolClassFactory,
    SubjectFactory,
    TeachingAssignmentFactory,
    TermFactory,
)
from tests.cast import MONDAY, YEAR_END, YEAR_START


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


class TestChoosing:
    @pytest.fixture
    def terms(self, cast):
        """Autumn, winter (from 1 January) and summer, which has not begun."""
        spans = [("Autumn", YEAR_START, date(2025, 12, 20)), ("Winter", date(2026, 1, 5), date(2026, 4, 1))]
        spans.append(("Summer", date(2026, 4, 10), YEAR_END))
        return [
            TermFactory(academic_year=cast.year, name=name, starts_on=first, ends_on=end) for name, first, end in spans
        ]

    def test_it_opens_on_the_first_class_and_subject_with_work_and_the_newest_term_begun(
        self, cast, art, works, terms, ana, office
    ):
        assert shown(ana) == ("7A", "Mathematics", "Winter")
        SchoolClassFactory(name="1A", academic_year=cast.year)
        assert shown(office) == ("7A", "Mathematics", "Winter")

    def test_without_terms_it_opens_on_the_whole_year(self, works, ana):
        assert shown(ana) == ("7A", "Mathematics", "2025/26")

    def test_without_any_work_it_opens_on_the_first_class_and_subject_of_the_current_year(
        self, cast, art, maths, office
    ):
        before = AcademicYearFactory(name="2024/25", starts_on=date(2024, 9, 1), ends_on=date(2025, 7, 18))
        old = SchoolClassFactory(name="6A", academic_year=before)
        assert shown(office) == ("7A", "Art", "2025/26")
        AssessmentFactory(school_class=old, subject=maths, date_taken=date(2024, 10, 1))
        assert shown(office) == ("7A", "Art", "2025/26")
        assert shown(office, class_id=old.pk) == ("6A", "Mathematics", "2024/25")

    def test_a_term_shows_the_work_of_its_days_and_averages_over_them(self, cast, works, terms, ana):
        autumn, winter, _summer = terms
        quiz, _test, _essay = works
        Assessment.objects.filter(pk=quiz.pk).update(date_taken=date(2025, 12, 19))
        Assessment.objects.filter(title="Essay").update(date_taken=date(2026, 1, 2))  # between two terms
        assert titles(ana, term=autumn.pk) == ["Fractions"]
        assert titles(ana, term=winter.pk) == ["Term test"]
        assert titles(ana, term="year") == ["Fractions", "Essay", "Term test"]
        rows = ana.get(BOOK, {"term": autumn.pk}).context["book"].rows
        assert [print_percent(row.average.share) for row in rows] == ["75.0\xa0%", "87.5\xa0%"]

    def test_another_subject_and_class_have_their_own_work(self, cast, art, works, office):
        AssessmentFactory(title="Clay", school_class=cast.class_7a, subject=art)
        AssessmentFactory(title="Sums", school_class=cast.class_7b, subject=works[0].subject)
        assert titles(office, class_id=cast.class_7a.pk, subject=art.pk) == ["Clay"]
        assert titles(office, class_id=cast.class_7b.pk, subject=works[0].subject_id) == ["Sums"]

    def test_changing_the_class_keeps_the_subject_and_term_where_it_has_them(self, cast, art, works, terms, office):
        before = AcademicYearFactory(name="2024/25", starts_on=date(2024, 9, 1), ends_on=date(2025, 7, 18))
        old = SchoolClassFactory(name="6A", academic_year=before)
        asked = {"subject": art.pk, "term": terms[0].pk, "chosen_for": cast.class_7a.pk}
        assert shown(office, class_id=cast.class_7b.pk, **asked) == ("7B", "Art", "Autumn")
        assert shown(office, class_id=old.pk, **asked) == ("6A", "Art", "2024/25")

    def test_changing_to_a_class_where_another_subject_is_assigned_shows_that_one(self, cast, art, maths, sign_in):
        TeachingAssignment.objects.filter(teacher=cast.ana).update(subject=maths)
        TeachingAssignmentFactory(teacher=cast.ana, school_class=cast.class_7b, subject=art)
        asked = {"class_id": cast.class_7b.pk, "subject": maths.pk}
        browser = sign_in(cast.ana.user)
        assert shown(browser, **asked, chosen_for=cast.class_7a.pk) == ("7B", "Art", "2025/26")
        refused = browser.get(BOOK, asked)
        assertContains(refused, "is not one of the available choices", status_code=400)

    def test_the_form_says_for_which_class_it_offers(self, cast, works, ana):
        assertContains(ana.get(BOOK), f'<input type="hidden" name="chosen_for" value="{cast.class_7a.pk}">', html=True)

    @pytest.mark.parametrize("name", ["class_id", "subject", "term"])
    @pytest.mark.parametrize("value", ["999999", "7A", "-1", "\x00", "9" * 5000, "٣"])
    def test_what_is_not_offered_is_told_and_shows_nothing(self, name, value, works, ana):
        answer = ana.get(BOOK, {name: value})
        assertContains(answer, "is not one of the available choices", status_code=400)
        assert answer.context["book"] is None
        csv = ana.get(BOOK, {name: value, "format": "csv"})
        assert (csv.status_code, csv["Content-Type"]) == (400, "text/html; charset=utf-8")

    def test_the_class_page_leads_here(self, cast, ana):
        assertContains(ana.get(f"/classes/{cast.class_7a.pk}/"), f'href="{BOOK}?class_id={cast.class_7a.pk}"')

    def test_it_is_a_place_of_teachers_and_the_office_and_not_of_parents(self, cast, ana, office, sign_in):
        for staff in (ana, office):
            assertContains(staff.get("/students/"), f'href="{BOOK}"')
        assertNotContains(sign_in(cast.mariam.user).get("/report/", follow=True), f'href="{BOOK}"')


class TestWhose:
    @pytest.fixture
    def ben_teaches_art_in_7a(self, cast, art):
        TeachingAssignmentFactory(teacher=cast.ben, school_class=cast.class_7a, subject=art)
        AssessmentFactory(title="Clay", school_class=cast.class_7a, subject=art)

    def test_a_teacher_sees_the_own_classes_and_of_them_the_assigned_subjects(
        self, cast, art, maths, works, ben_teaches_art_in_7a, sign_in, office
    ):
        ben = sign_in(cast.ben.user)
        assert titles(ben, class_id=cast.class_7a.pk) == ["Clay"]
        assert titles(ben, class_id=cast.class_7a.pk, subject=art.pk) == ["Clay"]
        for asked in ({"subject": maths.pk}, {"subject": maths.pk, "format": "csv"}):
            refused = ben.get(BOOK, {"class_id": cast.class_7a.pk, **asked})
            assertNotContains(refused, "Fractions", status_code=400)
        assertContains(office.get(BOOK, {"class_id": cast.class_7a.pk, "subject": maths.pk}), "Fractions")

    def test_a_class_of_somebody_else_is_refused_as_one_that_does_not_exist(self, cast, works, sign_in):
        ben = sign_in(cast.ben.user)
        for number in (cast.class_7a.pk, 999_999):
            said = f"Select a valid choice. {number} is not one of the available choices."
            assertContains(ben.get(BOOK, {"class_id": number}), said, status_code=400)

    def test_an_assignment_that_ended_shows_nothing_any_more(self, cast, works, ana):
        assert titles(ana) == ["Fractions", "Term test", "Essay"]
        TeachingAssignment.objects.filter(teacher=cast.ana).update(ends_on=MONDAY)
        assertContains(ana.get(BOOK), "No class is assigned to you. Ask the school office.")

    @pytest.mark.parametrize("query", [{}, {"format": "csv"}])
    def test_parents_are_refused_and_the_signed_out_led_to_the_sign_in(self, cast, works, sign_in, query):
        assert sign_in(cast.mariam.user).get(BOOK, query).status_code == 403
        assert Client().get(BOOK, query).url.startswith("/accounts/login/?next=/assessments/")

    def test_reading_writes_one_line_of_the_access_log_and_nothing_else(self, works, ana):
        forget_readings()
        before = stored()
        ana.get(BOOK)
        sheet(ana)
        assert stored() == before
        assert list(AccessLog.objects.values_list("page", "path", "student_id")) == [("assessments:book", BOOK, "")] * 2
