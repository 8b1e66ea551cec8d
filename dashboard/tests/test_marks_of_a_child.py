"""Marks on the report and on the staff page: parents read what is published, staff see what is not, marked as such."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from assessments.models import Assessment, Score, State
from assessments.services import publish
from assessments.tests.factories import AssessmentFactory, CategoryFactory, ScoreFactory
from attendance.tests.registers import text_of
from behavior.tests.factories import BehaviorRecordFactory
from dashboard.models import FamilyNote
from participation.tests.factories import ParticipationRecordFactory
from students.models import StudentParentLink
from students.tests.factories import SubjectFactory, TeachingAssignmentFactory
from tests.cast import MONDAY, NOW, YEAR_START

REPORT_QUERIES, STAFF_QUERIES = 12, 17
NOTHING_YET = "No marks are published for this time yet."


def report(student) -> str:
    return f"/report/{student.student_id}/"


def staff_page(student) -> str:
    return f"/students/{student.student_id}/"


def words(page) -> str:
    return text_of(page).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def maths(db):
    return SubjectFactory(name="Mathematics")


def score(cast, subject, points, *, published=True, state=State.GRADED, **more):
    """A score of Amina's out of 20; published yesterday or not at all."""
    notes = more.pop("notes", "")
    work = AssessmentFactory(
        school_class=cast.class_7a,
        subject=subject,
        published_at=timezone.now() - timedelta(days=1) if published else None,
        **more,
    )
    points = None if points is None else Decimal(points)
    return ScoreFactory(assessment=work, student=cast.amina, score=points, state=state, notes=notes)


class TestTheReport:
    def test_average_grade_and_each_mark_with_its_note_and_date_of_publishing(self, cast, sign_in, maths):
        score(cast, maths, "17", title="Quiz 1", date_taken=date(2026, 3, 2), notes="Good work")
        score(cast, maths, "18.5", title="Test 1", date_taken=date(2026, 3, 9))
        score(cast, maths, None, title="Essay", state=State.MISSING, date_taken=date(2026, 3, 10))
        score(cast, maths, None, title="Quiz 2", state=State.EXEMPT, date_taken=date(2026, 3, 11))
        said = words(sign_in(cast.mariam.user).get(report(cast.amina)))
        # (17/20 + 18.5/20 + 0) / 3 = 59.16… %
        assert "59.1 % average, grade F: of 2 graded, 1 missing, 1 exempt" in said
        assert "Mathematics 59.1 % · grade F · of 2 graded, 1 missing, 1 exempt “Good work” Quiz 1, Mon 2 Mar" in said
        assert "Quiz 1 Mon 2 Mar 17 of 20 · 85.0 % Good work 15 Mar 2026" in said
        assert "Test 1 Mon 9 Mar 18.5 of 20 · 92.5 % 15 Mar 2026" in said
        assert "Essay Tue 10 Mar Missing" in said
        assert "Quiz 2 Wed 11 Mar Exempt" in said

    def test_weights_of_the_categories_count(self, cast, sign_in, maths):
        exams = CategoryFactory(name="Final", weight=Decimal(3))
        score(cast, maths, "10", title="Quiz 1")
        score(cast, maths, "20", title="Exam", category=exams)
        # (1 x 10/20 + 3 x 20/20) / 4
        assert "87.5 % average, grade B" in words(sign_in(cast.mariam.user).get(report(cast.amina)))

    def test_two_graded_scores_draw_a_line_and_one_does_not(self, cast, sign_in, maths):
        score(cast, maths, "10", title="Quiz 1")
        browser = sign_in(cast.mariam.user)
        assert 'class="spark"' not in browser.get(report(cast.amina)).content.decode()
        score(cast, maths, "20", title="Quiz 2")
        assert 'class="spark"' in browser.get(report(cast.amina)).content.decode()

    @pytest.mark.parametrize("who", ["mariam", "ana", "office"])
    def test_what_is_not_published_is_on_nobodys_report(self, cast, sign_in, maths, who):
        users = {"mariam": cast.mariam.user, "ana": cast.ana.user, "office": cast.office}
        browser = sign_in(users[who])
        hidden = score(cast, maths, "3", title="Hidden quiz", published=False, notes="Talk to me")
        said = words(browser.get(report(cast.amina)))
        assert NOTHING_YET in said
        assert "Hidden quiz" not in said
        assert "Talk to me" not in said
        publish(by=cast.office, assessments=[hidden.assessment], at=timezone.now())
        said = words(browser.get(report(cast.amina)))
        assert "Hidden quiz Mon 16 Mar 3 of 20 · 15.0 % Talk to me 16 Mar 2026" in said

    def test_a_mark_appears_at_its_time_and_goes_when_withdrawn(self, frozen, cast, sign_in, maths):
        work = score(cast, maths, "17", title="Quiz 1", published=False).assessment
        publish(by=cast.office, assessments=[work], at=timezone.now() + timedelta(minutes=20))
        browser = sign_in(cast.mariam.user)
        assert NOTHING_YET in words(browser.get(report(cast.amina)))
        frozen.shift(timedelta(minutes=20))
        assert "85.0 % average" in words(browser.get(report(cast.amina)))
        publish(by=cast.office, assessments=[work], at=None)
        assert NOTHING_YET in words(browser.get(report(cast.amina)))

    def test_a_link_without_marks_says_whom_to_ask(self, cast, sign_in, maths):
        score(cast, maths, "17", title="Quiz 1")
        browser = sign_in(cast.mariam.user)
        assert "Quiz 1" in words(browser.get(report(cast.amina)))
        StudentParentLink.objects.filter(student=cast.amina, parent=cast.mariam).update(may_see_assessments=False)
        said = words(browser.get(report(cast.amina)))
        assert "Your access does not include marks. The school office can tell you more." in said
        assert "Quiz 1" not in said
        assert "average" not in said

    def test_a_link_without_attendance_still_shows_marks(self, cast, sign_in, maths):
        score(cast, maths, "17", title="Quiz 1")
        StudentParentLink.objects.filter(student=cast.amina, parent=cast.mariam).update(may_see_attendance=False)
        said = words(sign_in(cast.mariam.user).get(report(cast.amina)))
        assert "Your access does not include attendance." in said
        assert "85.0 % average" in said

    def test_marks_of_another_school_year_are_not_in_it(self, cast, sign_in, maths):
        old = score(cast, maths, "3", title="Old quiz").assessment
        Assessment.objects.filter(pk=old.pk).update(date_taken=YEAR_START - timedelta(days=1))
        assert NOTHING_YET in words(sign_in(cast.mariam.user).get(report(cast.amina)))

    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_it_costs_the_same_at_any_number_of_marks(self, cast, sign_in, count_queries, number):
        for place in range(number):
            score(cast, SubjectFactory(), "17", title=f"Quiz {place}")
        browser = sign_in(cast.mariam.user)
        assert count_queries(lambda: browser.get(report(cast.amina))) == REPORT_QUERIES


class TestTheStaffPage:
    def test_it_holds_what_is_not_published_and_says_so(self, cast, sign_in, maths):
        score(cast, maths, "3", title="Hidden quiz", published=False)
        score(cast, maths, "17", title="Quiz 1")
        said = words(sign_in(cast.ana.user).get(staff_page(cast.amina)))
        assert "50.0 % average" in said
        assert "Over all marks of the subjects that you see, published or not." in said
        assert "Hidden quiz Mon 16 Mar 3 of 20 · 15.0 % not published" in said

    def test_it_says_from_when_parents_will_read_a_mark(self, cast, sign_in, maths):
        work = score(cast, maths, "17", title="Quiz <1>").assessment
        Assessment.objects.filter(pk=work.pk).update(published_at=NOW + timedelta(days=1, hours=6))
        page = sign_in(cast.ana.user).get(staff_page(cast.amina))
        assert "17 of 20 · 85.0 % from 17 Mar 2026, 15:00" in words(page)
        assert "Quiz &lt;1&gt;</a>" in page.content.decode()

    def test_a_subject_teacher_sees_the_own_subject(self, cast, sign_in, maths):
        english = SubjectFactory(name="English")
        score(cast, maths, "3", title="Sums")
        score(cast, english, "17", title="Dictation")
        TeachingAssignmentFactory(teacher=cast.ben, school_class=cast.class_7a, subject=english, starts_on=YEAR_START)
        browser = sign_in(cast.ben.user)
        said = words(browser.get(staff_page(cast.amina)))
        assert "Dictation" in said
        assert "Sums" not in said
        assert "Sums" in words(sign_in(cast.ana.user).get(staff_page(cast.amina)))

    def test_each_title_leads_to_its_mark_entry(self, cast, sign_in, maths):
        work = score(cast, maths, "17", title="Quiz 1").assessment
        html = sign_in(cast.ana.user).get(staff_page(cast.amina)).content.decode()
        assert f'<a href="/assessments/{work.pk}/scores/">Quiz 1</a>' in html

    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_it_costs_the_same_at_any_number_of_marks(self, cast, sign_in, count_queries, number):
        for place in range(number):
            score(cast, SubjectFactory(), "17", title=f"Quiz {place}", date_taken=MONDAY)
            BehaviorRecordFactory(student=cast.amina)
            ParticipationRecordFactory(student=cast.amina)
            FamilyNote.objects.create(student=cast.amina, text=f"Note {place}", written_by=cast.ben.user)
        browser = sign_in(cast.ana.user)
        assert count_queries(lambda: browser.get(staff_page(cast.amina))) == STAFF_QUERIES


def test_a_student_who_is_erased_takes_scores_and_their_history_along(cast, maths):
    from students.services import delete_student

    score(cast, maths, "17", title="Quiz 1")
    bo = ScoreFactory(student=cast.bo, assessment=Assessment.objects.get())
    assert Score.history.count() == 2
    delete_student(by=cast.office, student=cast.amina)
    assert list(Score.objects.all()) == [bo]
    assert [row.student for row in Score.history.all()] == [cast.bo]
