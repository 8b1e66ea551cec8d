"""The demo school: who is in it, that its story holds together, and that it never depends on when it is made.

Expected numbers are counted from raw rows, not by the code of the portal.
"""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from datetime import date, time, timedelta
from fractions import Fraction

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import models, transaction
from django.test import RequestFactory, TestCase

from accounts.models import Parent, Teacher, User
from accounts.tests.factories import UserFactory
from assessments.models import Assessment, AssessmentCategory, Score
from attendance.models import AttendanceRecord, PlannedAbsence, Register
from attendance.today import registers_of_day
from behavior.models import BehaviorRecord
from exchange.demo import DEMO_EMAIL_DOMAIN, DEMO_PASSWORD
from exchange.demo.days import plan_year
from exchange.demo.school import build_demo_school
from exchange.tests.demo_facts import BEFORE_SCHOOL, DAY, SOME_WEDNESDAY, averages, school_days
from participation.models import Event, ParticipationRecord
from students.models import (
    AcademicYear,
    Closure,
    EmergencyContact,
    Enrolment,
    Guardian,
    School,
    SchoolClass,
    Student,
    StudentParentLink,
    Subject,
    TeachingAssignment,
    Term,
)
from students.tests.factories import StudentFactory

EVERY_MODEL: list[type[models.Model]] = [
    User, Teacher, Parent, AcademicYear, Term, Closure, Subject, SchoolClass, TeachingAssignment, Student, Guardian,
    EmergencyContact, StudentParentLink, Enrolment, Register, AttendanceRecord, PlannedAbsence,
    AssessmentCategory, Assessment, Score, BehaviorRecord, Event, ParticipationRecord,
]  # fmt: skip
# Keys differ from one insert to the next, and a password's salt is random.
NOT_COMPARED = {"id", "password"}


def fingerprint() -> dict[str, list[tuple[object, ...]]]:
    """Every column of every row that does not name another row, table by table."""
    tables = {}
    for model in EVERY_MODEL:
        columns = [
            field.attname
            for field in model._meta.concrete_fields
            if not field.is_relation and field.name not in NOT_COMPARED
        ]
        tables[model.__name__] = list(model._default_manager.order_by("pk").values_list(*columns))
    return tables


def run_demo() -> str:
    printed = io.StringIO()
    call_command("demo", stdout=printed)
    return printed.getvalue()


def shares_missed() -> dict[str, float]:
    """The share of days missed by student id."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for student_id, status in AttendanceRecord.objects.values_list("student__student_id", "status"):
        counted[student_id][status] += 1
    return {student_id: (marks["absent"] + marks["excused"]) / marks.total() for student_id, marks in counted.items()}


@time_machine.travel(BEFORE_SCHOOL, tick=False)
class DemoSchoolTests(TestCase):
    """The school made on a Wednesday in December, at a quarter past seven in the morning."""

    today = SOME_WEDNESDAY
    made_before: dict[str, list[tuple[object, ...]]]
    printed: str

    @classmethod
    def setUpTestData(cls) -> None:
        with transaction.atomic():
            build_demo_school()
            cls.made_before = fingerprint()
            transaction.set_rollback(True)
        cls.printed = run_demo()

    def test_the_same_day_gives_the_same_school(self) -> None:
        assert len(self.made_before["AttendanceRecord"]) > 5000
        assert fingerprint() == self.made_before

    def test_a_second_run_says_so_and_changes_nothing(self) -> None:
        versions = {model: model.history.count() for model in EVERY_MODEL}
        printed = run_demo()
        assert "is here already" in printed
        assert fingerprint() == self.made_before
        assert {model: model.history.count() for model in EVERY_MODEL} == versions

    def test_numbers(self) -> None:
        assert School.current().name == "Lindenhof School"
        assert {model: model._default_manager.count() for model in (User, Teacher, Parent, SchoolClass, Student)} == {
            User: 130, Teacher: 9, Parent: 120, SchoolClass: 6, Student: 150,
        }  # fmt: skip
        ids = list(Student.objects.order_by("pk").values_list("student_id", flat=True))
        assert ids == [f"STU{number:05d}" for number in range(1, 151)]
        assert School.allocate_student_ids(1) == ["STU00151"]

    def test_classes_of_24_to_26_in_three_grades(self) -> None:
        now = Enrolment.objects.filter(ends_on=None).values_list("school_class__name", "school_class__grade_level")
        sizes = Counter(now)
        assert sorted(sizes) == [("7A", "7"), ("7B", "7"), ("8A", "8"), ("8B", "8"), ("9A", "9"), ("9B", "9")]
        assert {size for size in sizes.values() if not 24 <= size <= 26} == set()

    def test_every_login_works_with_the_printed_password(self) -> None:
        assert DEMO_PASSWORD in self.printed
        for username, role in {
            "admin": "admin", "teacher": "teacher", "teacher2": "teacher", "teacher9": "teacher", "parent": "parent",
            "parent2": "parent", "parent120": "parent",
        }.items():  # fmt: skip
            user = User.objects.get(username=username)
            assert user.password.startswith("argon2$argon2id$")
            assert user.role == role
            request = RequestFactory().post("/accounts/login/")
            assert authenticate(request, username=username, password=DEMO_PASSWORD) == user
            assert authenticate(request, username=username, password="demo-school-past") is None

    def test_usernames_and_addresses(self) -> None:
        expected = {"admin", "teacher", "parent"}
        expected |= {f"teacher{number}" for number in range(2, 10)} | {f"parent{number}" for number in range(2, 121)}
        users = dict(User.objects.values_list("username", "email"))
        assert set(users) == expected
        assert users == {username: f"{username}@{DEMO_EMAIL_DOMAIN}" for username in expected}

    def test_parent_has_two_children_in_different_classes(self) -> None:
        children = Student.objects.filter(parent_links__parent__user__username="parent", parent_links__ends_on=None)
        classes = Enrolment.objects.filter(student__in=children, ends_on=None).values_list("school_class__name")
        assert sorted(classes) == [("7A",), ("9B",)]

    def test_every_account_of_a_parent_is_linked_and_some_have_two_children(self) -> None:
        links = Counter(StudentParentLink.objects.filter(ends_on=None).values_list("parent", flat=True))
        assert len(links) == 120
        assert Counter(links.values()).keys() == {1, 2}

    def test_every_child_has_one_or_two_guardians_with_phones(self) -> None:
        assert not Guardian.objects.filter(phone="").exists()
        guardians = Counter(Guardian.objects.values_list("student", flat=True))
        assert len(guardians) == 150
        assert set(guardians.values()) == {1, 2}
        assert EmergencyContact.objects.values("student").distinct().count() > 100

    def test_names_try_what_names_do(self) -> None:
        names = [student.full_name for student in Student.objects.all()]
        assert len(set(names)) == 150
        assert {"Wulandari", "Cillian O'Rourke", "Guðrún Þorsteinsdóttir", "ليلى Haddad"} < set(names)
        assert max(map(len, names)) > 45

    def test_teacher_has_two_classes_and_one_register_to_take(self) -> None:
        teacher = User.objects.get(username="teacher")
        assert str(teacher) == "Ana Silva"
        registers = registers_of_day(School.current(), teacher)
        assert registers.day == self.today
        assert {entry.school_class.name: entry.is_taken for entry in registers.due} == {"7A": False, "8B": True}
        assert registers.missed == []

    def test_the_school_has_registers_started_and_missed(self) -> None:
        registers = registers_of_day(School.current(), User.objects.get(username="admin"))
        due = {entry.school_class.name: (entry.is_taken, entry.is_started) for entry in registers.due}
        assert due == {
            "7A": (False, False), "7B": (True, False), "8A": (True, False), "8B": (True, False), "9A": (True, False),
            "9B": (False, True),
        }  # fmt: skip
        missed = {(entry.school_class.name, entry.date.isoformat()) for entry in registers.missed}
        assert missed == {("7B", "2026-12-03"), ("9A", "2026-11-30")}

    def test_every_other_school_day_has_a_register_with_everybody_in_it(self) -> None:
        not_taken = {("7A", self.today), ("9B", self.today), ("7B", date(2026, 12, 3)), ("9A", date(2026, 11, 30))}
        days = school_days(AcademicYear.objects.get().starts_on, self.today)
        assert len(days) > 60
        recorded = defaultdict(set)
        for name, day, student in AttendanceRecord.objects.values_list("school_class__name", "date", "student"):
            recorded[name, day].add(student)
        enrolled = defaultdict(set)
        for name, student, start, end in Enrolment.objects.values_list(
            "school_class__name", "student", "starts_on", "ends_on"
        ):
            for day in days:
                if start <= day and (end is None or day < end):
                    enrolled[name, day].add(student)
        for taken in enrolled.keys() - not_taken:
            assert recorded.pop(taken) == enrolled[taken]
        assert set(recorded) == {("9B", self.today)}
        assert recorded["9B", self.today] < enrolled["9B", self.today]

    def test_the_counts_of_registers_are_those_of_their_rows(self) -> None:
        counted: dict[tuple[int, date], Counter[str]] = defaultdict(Counter)
        for school_class, day, status in AttendanceRecord.objects.values_list("school_class", "date", "status"):
            counted[school_class, day][status] += 1
        kept = {
            (register.school_class_id, register.date): Counter(
                present=register.present, late=register.late, excused=register.excused, absent=register.absent
            )
            for register in Register.objects.all()
        }
        assert kept == counted

    def test_registers_are_taken_in_the_morning_by_the_homeroom_teacher_and_never_in_the_future(self) -> None:
        registers = list(Register.objects.select_related("school_class__homeroom_teacher"))
        assert {register.version for register in registers} == {1}
        for register in registers:
            assert register.taken_by_id == register.school_class.homeroom_teacher.user_id
            taken_at = register.taken_at
            assert taken_at.date() == register.date
            if register.date < self.today:
                assert time(8, 30) <= taken_at.time() <= time(9, 10)
            else:
                assert taken_at == BEFORE_SCHOOL

    def test_history_says_who_and_when(self) -> None:
        assert AttendanceRecord.history.count() == AttendanceRecord.objects.count()
        taken = {
            (register.school_class_id, register.date): (register.taken_at, register.taken_by_id)
            for register in Register.objects.all()
        }
        rows = AttendanceRecord.history.values_list("school_class", "date", "history_date", "history_user")
        assert {row for row in rows if taken[row[0], row[1]] != (row[2], row[3])} == set()
        records = AttendanceRecord.objects.values_list("school_class", "date", "created_at")
        assert {row for row in records if taken[row[0], row[1]][0] != row[2]} == set()
        for model in EVERY_MODEL:
            assert model.history.exclude(history_user=None).count() == model._default_manager.count()
            # The categories of work are there before the demo, written by nobody.
            assert model is AssessmentCategory or not model.history.filter(history_user=None).exists()

    def test_some_children_miss_a_tenth_one_a_fifth_and_one_nothing(self) -> None:
        missed = shares_missed()
        assert len(missed) == 150
        tiers = Counter(
            "severe" if share >= 0.2 else "chronic" if share >= 0.1 else "other" for share in missed.values()
        )
        assert tiers["severe"] == 1
        assert 10 <= tiers["chronic"] <= 15
        greta = Student.objects.get(given_name="Greta")
        assert missed[greta.student_id] == 0
        assert set(greta.attendancerecords.values_list("status", flat=True)) == {"present"}

    def test_most_are_there_most_of_the_time(self) -> None:
        statuses = Counter(AttendanceRecord.objects.values_list("status", flat=True))
        there = (statuses["present"] + statuses["late"]) / statuses.total()
        assert 0.93 < there < 0.96

    def test_mondays_are_late(self) -> None:
        late = Counter(
            day.isoweekday() for day in AttendanceRecord.objects.filter(status="late").values_list("date", flat=True)
        )
        assert late[1] > 3 * max(late[2], late[3], late[4], late[5])
        assert not AttendanceRecord.objects.filter(status="late", minutes_late=None).exists()

    def test_a_cold_goes_round(self) -> None:
        away = Counter(AttendanceRecord.objects.filter(status="excused").values_list("school_class__name", "date"))
        assert max(away.values()) >= 4

    def test_excuses_have_a_note_and_a_few_leave_early(self) -> None:
        assert not AttendanceRecord.objects.filter(status="excused", note="").exists()
        assert 5 < AttendanceRecord.objects.filter(left_early=True).count() < 150

    def test_some_came_left_or_moved_during_the_year(self) -> None:
        start = AcademicYear.objects.get().starts_on
        assert Enrolment.objects.filter(starts_on__gt=start).count() == 4
        assert Student.objects.filter(enrollment_date__gt=start).count() == 2
        assert Student.objects.filter(left_on__gt=start, left_on__lt=self.today).count() == 2
        moved = [name for name, number in Counter(Enrolment.objects.values_list("student")).items() if number == 2]
        assert len(moved) == 2

    def test_planned_absences_past_present_and_future(self) -> None:
        past, now, future = PlannedAbsence.objects.order_by("starts_on")
        assert past.ends_on < self.today
        assert now.starts_on <= self.today < now.ends_on
        assert future.starts_on > self.today
        assert Enrolment.objects.get(student=now.student).school_class.name == "7A"
        records = AttendanceRecord.objects.filter(student=past.student, date__gte=past.starts_on, date__lt=past.ends_on)
        assert list(records.values_list("status", "note")) == [("excused", past.reason)] * 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("today", "latest_school_day"),
    [
        pytest.param(date(2026, 9, 7), date(2026, 9, 7), id="Monday of the first weeks of September"),
        pytest.param(date(2028, 7, 15), date(2028, 7, 14), id="Saturday in the summer holidays"),
        pytest.param(date(2027, 1, 1), date(2027, 1, 1), id="New Year, a Friday"),
        pytest.param(date(2028, 2, 29), date(2028, 2, 29), id="29 February"),
    ],
)
def test_the_school_is_alive_on_any_day(today: date, latest_school_day: date) -> None:
    build_demo_school(today)
    year = AcademicYear.objects.get()
    days = school_days(year.starts_on, today)
    assert days[-1] == latest_school_day
    assert set(Register.objects.values_list("date", flat=True)) == set(days)
    taken = Register.objects.filter(date=latest_school_day).values_list("school_class__name", flat=True)
    assert sorted(taken) == ["7B", "8A", "8B", "9A", "9B"]
    assert AttendanceRecord.objects.exclude(date__in=days).count() == 0
    missed = sorted(shares_missed().values())
    assert missed[0] == 0
    assert missed[-1] >= 0.2
    assert missed[-11] >= 0.1
    works = Counter(Assessment.objects.filter(date_taken__lt=latest_school_day).values_list("school_class", "subject"))
    assert len(works) == 48
    assert min(works.values()) >= 4
    assert sum(works.values()) == Assessment.objects.count()
    assert sum(share < Fraction(60, 100) for share in averages("student").values()) >= 5


@pytest.mark.parametrize("first", [date(2026, 1, 1), date(2027, 1, 1), date(2028, 1, 1)])
def test_every_day_of_the_calendar_has_a_sensible_year_around_it(first: date) -> None:
    for today in (first + number * DAY for number in range(366)):
        plan = plan_year(today)
        assert plan.starts_on.isoweekday() == 1
        assert timedelta(weeks=12) <= today - plan.starts_on < timedelta(weeks=43)
        assert plan.ends_on > today + timedelta(weeks=1)
        closed = [*plan.closures, ("before", date.min, plan.starts_on), ("after", plan.ends_on, date.max)]
        closed += [("between", one[2], next_one[1]) for one, next_one in zip(plan.terms, plan.terms[1:], strict=False)]
        for number in range(-14, 8):
            day = today + number * DAY
            assert day.isoweekday() > 5 or not [name for name, start, end in closed if start <= day < end]
        for name, start, end in plan.closures:
            assert any(first_day <= start < end <= last for _name, first_day, last in plan.terms), (today, name)
            assert [other for other, a, b in plan.closures if a < end and start < b] == [name]
        for _name, start, end in plan.terms:
            assert end - start > timedelta(weeks=7)


@pytest.mark.django_db
@pytest.mark.parametrize("make_somebody", [UserFactory, StudentFactory])
def test_a_database_with_other_people_is_refused_and_left_alone(make_somebody: type[UserFactory]) -> None:
    make_somebody()
    before = fingerprint()
    with pytest.raises(CommandError, match="in use: it holds 1 "):
        run_demo()
    assert fingerprint() == before
    assert School.current().name == "SPTrack"
