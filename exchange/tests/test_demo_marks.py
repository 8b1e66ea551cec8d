"""The marks of the demo school: everywhere, believable, and seen by whom they should be seen.

Expected numbers are counted from raw rows, not by the code of the portal.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction

import time_machine
from django.test import TestCase

from accounts.models import User
from assessments.models import Assessment, AssessmentCategory, Score, SubjectTotal
from assessments.tests.recounts import assert_kept
from attendance.models import AttendanceRecord
from exchange.demo.school import build_demo_school
from exchange.tests.demo_facts import BEFORE_SCHOOL, SOME_WEDNESDAY, averages, school_days
from students.models import AcademicYear, Enrolment, Student, Subject, TeachingAssignment


@time_machine.travel(BEFORE_SCHOOL, tick=False)
class DemoMarksTests(TestCase):
    """The school made on a Wednesday in December, at a quarter past seven in the morning."""

    today = SOME_WEDNESDAY

    @classmethod
    def setUpTestData(cls) -> None:
        build_demo_school()

    def test_every_subject_of_every_class_has_marks(self) -> None:
        taught = set(
            TeachingAssignment.objects.exclude(subject=None).values_list("school_class__name", "subject__code")
        )
        assert len(taught) == 48
        assert {code for _name, code in taught} == set(Subject.objects.values_list("code", flat=True))
        marked = Counter(Score.objects.values_list("assessment__school_class__name", "assessment__subject__code"))
        assert set(marked) == taught
        assert min(marked.values()) > 3 * 20

    def test_what_is_kept_of_the_marks_is_what_they_add_up_to(self) -> None:
        assert SubjectTotal.objects.count() > 48 * 20
        assert_kept()

    def test_categories_count_differently(self) -> None:
        weights = AssessmentCategory.objects.order_by("default_for").values_list("default_for", "weight")
        assert list(weights) == [("assignment", 20), ("exam", 40), ("quiz", 20), ("test", 40)]
        types = Counter(Assessment.objects.values_list("assessment_type", flat=True))
        assert types.keys() == {"assignment", "exam", "quiz", "test"}
        for work in Assessment.objects.select_related("category"):
            assert work.category.default_for == work.assessment_type

    def test_graded_work_has_a_score_for_everybody_in_the_class_on_its_day(self) -> None:
        scored = defaultdict(set)
        for work, student in Score.objects.values_list("assessment", "student"):
            scored[work].add(student)
        enrolments = list(Enrolment.objects.values_list("school_class", "student", "starts_on", "ends_on"))
        for work in Assessment.objects.all():
            there = {
                student
                for school_class, student, start, end in enrolments
                if school_class == work.school_class_id
                and start <= work.date_taken
                and (end is None or work.date_taken < end)
            }
            assert scored[work.pk] == (there if work.scored_at else set())

    def test_work_is_set_on_school_days_before_the_latest(self) -> None:
        days = school_days(AcademicYear.objects.get().starts_on, self.today)
        assert set(Assessment.objects.values_list("date_taken", flat=True)) <= set(days[:-1])

    def test_scores_keep_their_maximum_but_for_a_bonus_task(self) -> None:
        above = [score for score in Score.objects.exclude(score=None) if score.score > score.max_score]
        assert {score.assessment.title for score in above} == {"Forces: worksheet"}
        assert len(above) > 5
        copied = Score.objects.values_list("max_score", "allows_extra", "assessment__max_score")
        assert {(most, extra) for most, extra, _of in copied} == {
            (10, False),
            (10, True),
            (20, False),
            (50, False),
            (100, False),
        }
        assert all(most == of for most, _extra, of in copied)

    def test_some_scores_are_missing_or_exempt_and_some_have_a_note(self) -> None:
        states = Counter(Score.objects.values_list("state", flat=True))
        assert 0.95 < states["graded"] / states.total() < 0.98
        assert min(states["missing"], states["exempt"]) > 50
        away = set(AttendanceRecord.objects.filter(status="excused").values_list("student", "date"))
        exempt = set(Score.objects.filter(state="exempt").values_list("student", "assessment__date_taken"))
        assert exempt <= away
        assert 0.05 < Score.objects.exclude(notes="").count() / states.total() < 0.1

    def test_scores_are_entered_by_the_teacher_of_the_subject_and_never_in_the_future(self) -> None:
        teaches = {
            (name, code): user
            for name, code, user in TeachingAssignment.objects.exclude(subject=None).values_list(
                "school_class__name", "subject__code", "teacher__user"
            )
        }
        for work in Assessment.objects.exclude(scored_at=None).select_related("school_class", "subject"):
            assert work.scored_by_id == teaches[work.school_class.name, work.subject.code]
            assert work.date_taken < work.scored_at.date()
            assert work.scored_at <= BEFORE_SCHOOL
        by = Score.objects.values_list("marked_by", "assessment__scored_by", "created_at", "assessment__scored_at")
        assert {row for row in by if (row[0], row[2]) != (row[1], row[3])} == set()
        entered = dict(Assessment.objects.values_list("pk", "scored_at"))
        kept = Score.history.values_list("assessment", "history_date", "history_user", "marked_by")
        assert {row for row in kept if (row[1], row[2]) != (entered[row[0]], row[3])} == set()

    def test_most_work_is_published_and_some_of_the_newest_is_not(self) -> None:
        published = Assessment.objects.filter(published_at__lte=BEFORE_SCHOOL)
        assert published.count() > 0.95 * Assessment.objects.count()
        columns = ("school_class__name", "subject__code")
        scheduled = Assessment.objects.filter(published_at__gt=BEFORE_SCHOOL)
        assert list(scheduled.values_list(*columns)) == [("9B", "MAT")]
        open_work = Assessment.objects.filter(published_at=None)
        assert set(open_work.exclude(scored_at=None).values_list(*columns)) == {
            ("7A", "ENG"), ("8B", "MAT"), ("7B", "HIS"), ("9B", "SCI"), ("9A", "GEO"),
        }  # fmt: skip
        assert set(open_work.filter(scored_at=None).values_list(*columns)) == {("7A", "MAT"), ("8A", "FRE")}
        for work in [*scheduled, *open_work]:
            beside = Assessment.objects.filter(school_class=work.school_class, subject=work.subject)
            assert work == beside.latest("date_taken")

    def test_parent_reads_published_marks_of_both_children_in_every_subject_and_no_others(self) -> None:
        parent = User.objects.get(username="parent")
        children = Student.objects.filter(parent_links__parent__user=parent)
        seen = Score.objects.visible_to(parent)
        for child in children:
            classes = child.enrolments.values("school_class")
            taught = TeachingAssignment.objects.filter(school_class__in=classes).exclude(subject=None)
            subjects = seen.filter(student=child).values_list("assessment__subject__code", flat=True)
            assert set(subjects) == set(taught.values_list("subject__code", flat=True))
        hidden = Score.objects.filter(student__in=children).exclude(assessment__published_at__lte=BEFORE_SCHOOL)
        assert hidden.count() == 3
        assert seen.filter(pk__in=hidden).count() == 0
        assert seen.exclude(student__in=children).count() == 0

    def test_teacher_sees_the_homeroom_class_whole_and_the_other_in_one_subject(self) -> None:
        seen = Assessment.objects.visible_to(User.objects.get(username="teacher"))
        subjects = defaultdict(set)
        for name, code in seen.values_list("school_class__name", "subject__code"):
            subjects[name].add(code)
        assert subjects == {"7A": {"MAT", "ENG", "SCI", "HIS", "GEO", "FRE", "ART", "MUS", "PE"}, "8B": {"MAT"}}

    def test_some_children_are_at_risk_and_some_do_very_well(self) -> None:
        of_children = averages("student__given_name")
        assert len(averages("student")) == 150
        low = {name for (name,), share in of_children.items() if share < Fraction(60, 100)}
        assert {"Tyrone", "Pim", "Nikola"} <= low
        assert 5 <= len(low) <= 10
        assert of_children["Greta",] > Fraction(9, 10)
        failed = {
            name
            for (name, _code), share in averages("student__given_name", "assessment__subject__code").items()
            if share < Fraction(50, 100)
        }
        assert {"Lena", "Bilal", "Thiago", "Kezia"} <= failed
        assert len(failed) <= 25
        assert Fraction(74, 100) < sum(of_children.values()) / len(of_children) < Fraction(82, 100)

    def test_marks_rise_and_fall_over_the_year(self) -> None:
        days = school_days(AcademicYear.objects.get().starts_on, self.today)
        halfway = days[len(days) // 2]
        for name, direction in {"Emil": 1, "Saga": 1, "Ananya": 1, "Zoë": -1, "Kacper": -1, "Oliwia": -1}.items():
            halves: dict[bool, list[Fraction]] = {False: [], True: []}
            rows = Score.objects.filter(student__given_name=name, state="graded")
            for points, most, day in rows.values_list("score", "max_score", "assessment__date_taken"):
                halves[day >= halfway].append(Fraction(points) / Fraction(most))
            early, late = (sum(shares) / len(shares) for shares in halves.values())
            assert direction * (late - early) > Fraction(8, 100), name
