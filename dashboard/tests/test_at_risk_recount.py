"""The students at risk, why and since when: equal to a recount from raw rows, in the demo school and in any other."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import time_machine
from django.db import transaction
from django.test import TestCase
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.roles import Role
from accounts.tests.factories import TeacherFactory, UserFactory
from assessments.recounting import recount_totals
from assessments.tests.factories import AssessmentFactory, CategoryFactory, ScoreFactory
from assessments.tests.recounts import spoil_sheets
from attendance.models import AttendanceRecord, Register
from attendance.recounting import recount_registers
from behavior.models import BehaviorRecord, BehaviorType
from behavior.tests.factories import BehaviorRecordFactory, by
from dashboard.alert_words import explain
from dashboard.alerts import at_risk_in
from dashboard.risk import Rule
from dashboard.scope import Scope, seen_year
from dashboard.tests.at_risk_recount import Bounds, Recount
from exchange.demo.school import build_demo_school
from exchange.tests.demo_facts import BEFORE_SCHOOL, SOME_WEDNESDAY
from students.models import Closure, Enrolment, School, SchoolClass, Student, TeachingAssignment, Term
from students.tests.factories import AcademicYearFactory, SchoolClassFactory, StudentFactory, SubjectFactory
from tests.cast import MONDAY

LOOK = {"attendance": Decimal("92.5"), "average": Decimal("70.5"), "subject": Decimal(65)}
LOOK_BOUNDS = Bounds(Fraction(925, 1000), Fraction(705, 1000), Fraction(65, 100))


def listed_for(user: User, **overrides):
    """Whom the portal lists: the reasons with value and since when, by student."""
    seen = seen_year(user, School.current())
    listed = at_risk_in(Scope(seen, seen.classes), **overrides)
    found = {}
    for each in explain(listed, listed.alerts):
        reasons = {(str(why.reason.rule), why.reason.subject): (why.reason.value, why.since) for why in each.reasons}
        assert len(reasons) == len(each.reasons)
        found[each.alert.student.pk] = reasons
    return found


@time_machine.travel(BEFORE_SCHOOL, tick=False)
class DemoSchoolTests(TestCase):
    """The demo school, at a quarter past seven on a Wednesday in December."""

    @classmethod
    def setUpTestData(cls) -> None:
        build_demo_school()
        cls.admin = User.objects.filter(role=Role.ADMIN).first()

    def test_everybody_is_found_for_the_same_reasons_since_the_same_day(self) -> None:
        found = listed_for(self.admin)
        assert {rule for reasons in found.values() for rule, _subject in reasons} == {rule.value for rule in Rule}
        assert found == Recount(SOME_WEDNESDAY, Bounds()).all()

    def test_by_other_thresholds_too(self) -> None:
        found, standing = listed_for(self.admin, **LOOK), listed_for(self.admin)
        assert len(found) > len(standing)
        assert found == Recount(SOME_WEDNESDAY, LOOK_BOUNDS).all()

    def test_a_teacher_finds_the_own_class_for_the_same_days_and_notes(self) -> None:
        """Marks count in the subjects that a teacher sees, so they are left out here."""
        homeroom = SchoolClass.objects.order_by("name")[0]
        teacher = homeroom.homeroom_teacher.user
        TeachingAssignment.objects.filter(teacher__user=teacher).exclude(school_class=homeroom).delete()
        here = set(Enrolment.objects.on(SOME_WEDNESDAY).filter(school_class=homeroom).values_list("student", flat=True))
        everybody, found = Recount(SOME_WEDNESDAY, Bounds()).all(), listed_for(teacher)
        assert without_marks(found) == without_marks({key: everybody[key] for key in here & everybody.keys()})
        assert without_marks(found)
        assert everybody.keys() - here
        assert found.keys() <= here

    def test_a_total_that_is_wrong_is_noticed(self) -> None:
        def earns_much(own: list[int]) -> None:
            own[0] *= 1000

        spoil_sheets(self.found_for("low_performance"), earns_much)
        assert listed_for(self.admin) != Recount(SOME_WEDNESDAY, Bounds()).all()

    def test_a_register_that_is_lost_is_noticed(self) -> None:
        student = self.found_for("low_attendance")
        there = AttendanceRecord.objects.filter(student=student, status="present").order_by("date")[0]
        Register.objects.filter(school_class=there.school_class, date=there.date).delete()
        assert listed_for(self.admin) != Recount(SOME_WEDNESDAY, Bounds()).all()

    def found_for(self, rule: str) -> int:
        return next(key for key, reasons in listed_for(self.admin).items() if (rule, None) in reasons)


def without_marks(found):
    """The same without what is about marks, and without those for whom nothing is left."""
    kept = {}
    for key, reasons in found.items():
        kept[key] = {rule: why for rule, why in reasons.items() if rule[0] != "low_performance"}
    return {key: reasons for key, reasons in kept.items() if reasons}


# --- Random schools --------------------------------------------------------------------------------------------------

LENGTH = 45
FIRST = MONDAY - timedelta(days=LENGTH)
OFFSETS = st.integers(min_value=0, max_value=LENGTH)
STUDENTS, CLASSES, SUBJECTS = range(3), range(2), range(2)
SCORES = st.tuples(
    st.sampled_from(STUDENTS),
    st.sampled_from(CLASSES),
    st.sampled_from(SUBJECTS),
    OFFSETS,
    st.sampled_from(["graded", "graded", "graded", "missing", "exempt"]),
    st.integers(min_value=0, max_value=20),
    st.sampled_from([20, 33]),
    st.sampled_from([0, 1, 2]),
)


@st.composite
def schools(draw):
    """Six weeks: who joined or moved when, how often each misses or is not marked, work, notes, days without school."""
    return {
        "joined": draw(st.lists(st.integers(0, 20), min_size=3, max_size=3)),
        "moved": draw(st.lists(st.none() | st.integers(21, LENGTH), min_size=3, max_size=3)),
        "missing": draw(st.lists(st.sampled_from([0, 0.05, 0.1, 0.12, 0.3]), min_size=3, max_size=3)),
        "unmarked": draw(st.sampled_from([0, 0, 0.03, 0.1, 0.2])),
        "chance": draw(st.randoms(use_true_random=False)),
        "scores": draw(st.lists(SCORES, max_size=14)),
        "notes": draw(st.lists(st.tuples(st.sampled_from(STUDENTS), OFFSETS), max_size=8)),
        "closure": draw(st.tuples(OFFSETS, OFFSETS).map(sorted)),
        "term": draw(st.tuples(st.integers(0, 10), st.sampled_from([0, LENGTH + 10]))),
        "weekdays": draw(st.sampled_from(["", "12345", "135", "1234567"])),
        "bounds": draw(
            st.builds(
                Bounds,
                st.sampled_from([Fraction(85, 100), Fraction(90, 100), Fraction(925, 1000)]),
                st.sampled_from([Fraction(50, 100), Fraction(60, 100)]),
                st.sampled_from([Fraction(40, 100), Fraction(50, 100)]),
                st.integers(1, 3),
                st.sampled_from([7, 30]),
            )
        ),
    }


def on(offset: int) -> date:
    return FIRST + timedelta(days=offset)


def write(drawn) -> User:
    year = AcademicYearFactory(starts_on=on(2), ends_on=MONDAY + timedelta(days=30))
    classes = [SchoolClassFactory(academic_year=year, meets_on=each) for each in ("", drawn["weekdays"])]
    students = [StudentFactory() for _number in STUDENTS]
    start, end = drawn["closure"]
    if start < end:
        Closure.objects.create(name="Closed", starts_on=on(start), ends_on=on(end))
    start, end = drawn["term"]
    if start < end:
        Term.objects.create(name="Term", academic_year=year, starts_on=on(start), ends_on=on(end))
    for student, joined, moved in zip(students, drawn["joined"], drawn["moved"], strict=True):
        spans = [(classes[0], joined, moved)] + ([(classes[1], moved, None)] if moved else [])
        for school_class, start, end in spans:
            Enrolment.objects.create(
                student=student, school_class=school_class, is_primary=True,
                starts_on=on(start), ends_on=end and on(end),
            )  # fmt: skip
    mark_everybody(drawn, students, classes)
    give_scores(drawn, students, classes)
    teacher = TeacherFactory()
    for student, offset in drawn["notes"]:
        BehaviorRecordFactory(
            student=students[student], behavior_type=BehaviorType.NEGATIVE, date=on(offset), **by(teacher)
        )
    recount_registers(by=None, repair=True)
    recount_totals(repair=True)
    return UserFactory(role=Role.ADMIN)


def mark_everybody(drawn, students, classes) -> None:
    """Marks on nearly all days, of classes that the student was not in that day too."""
    chance = drawn["chance"]
    rows = []
    for student, missing in zip(students, drawn["missing"], strict=True):
        for offset in range(LENGTH + 1):
            for school_class in classes:
                if on(offset).isoweekday() <= 5 and chance.random() >= drawn["unmarked"]:
                    status = "absent" if chance.random() < missing else chance.choice(["present", "late"])
                    rows.append((student, school_class, on(offset), status))
    AttendanceRecord.objects.bulk_create(
        AttendanceRecord(student=student, school_class=school_class, date=day, status=status)
        for student, school_class, day, status in rows
    )
    days = {(school_class.pk, day) for _student, school_class, day, _status in rows}
    Register.objects.bulk_create(Register(school_class_id=key, date=day) for key, day in days)


def give_scores(drawn, students, classes) -> None:
    subjects = [SubjectFactory() for _number in SUBJECTS]
    categories = [CategoryFactory(weight=Decimal(weight)) for weight in (0, 1, 2)]
    for student, place, subject, offset, state, points, most, weight in drawn["scores"]:
        work = AssessmentFactory(
            school_class=classes[place], subject=subjects[subject], date_taken=on(offset), max_score=Decimal(most),
            category=categories[weight],
        )  # fmt: skip
        reached = Decimal(points) if state == "graded" else None
        ScoreFactory(student=students[student], assessment=work, state=state, score=reached)


def overrides_of(bounds: Bounds) -> dict[str, Decimal]:
    shares = {name: Decimal(int(getattr(bounds, name) * 1000)) / 10 for name in ("attendance", "average", "subject")}
    return {**shares, "negative_notes": bounds.notes, "note_days": bounds.days}


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(drawn=schools())
def test_every_reason_equals_the_recount(frozen, drawn):
    with transaction.atomic():
        user = write(drawn)
        expected = Recount(MONDAY, drawn["bounds"]).all()
        assert listed_for(user, **overrides_of(drawn["bounds"])) == expected
        transaction.set_rollback(True)


def test_the_recount_sees_a_row_that_is_wrong(cast):
    """Without this, two empty lists would be equal too."""
    for number in range(3):
        BehaviorRecordFactory(student=cast.bo, behavior_type=BehaviorType.NEGATIVE, date=MONDAY, notes=str(number))
    found = {("behavioral_concerns", None): (Fraction(3), MONDAY)}
    assert listed_for(cast.office) == Recount(MONDAY, Bounds()).all() == {cast.bo.pk: found}
    BehaviorRecord.objects.filter(notes="0").update(behavior_type=BehaviorType.POSITIVE)
    assert listed_for(cast.office) == Recount(MONDAY, Bounds()).all() == {}
    assert Student.objects.filter(pk=cast.bo.pk).exists()
