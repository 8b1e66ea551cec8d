"""A school of any size, loaded in bulk and without history: every day is a school day, up to today."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.utils import timezone
from tqdm import tqdm

from accounts.models import Parent, Teacher, User
from accounts.roles import Role
from attendance.models import AttendanceRecord, Register, Status
from exchange.bench.registers import RECORD_COLUMNS
from exchange.bulk_loading import load_rows, settle_statistics
from students.models import AcademicYear, Enrolment, SchoolClass, Student, StudentParentLink, TeachingAssignment
from students.models import School as Settings

DAY = timedelta(days=1)
GIVEN = ("Ada", "Bruno", "Chidi", "Dilek", "Emre", "Freya", "Goran", "Hana", "Ines", "Jonas", "Kofi", "Lotte", "Mara")
FAMILY = ("Abara", "Brandt", "Costa", "Demir", "Eriksen", "Fontaine", "Grund", "Hashemi", "Ivanov", "Jansen", "Kowal")
NOTES, MINUTES = {Status.EXCUSED: "Told by telephone"}, {Status.LATE: 10}
CHANCES = {Status.PRESENT: 92, Status.LATE: 3, Status.EXCUSED: 3, Status.ABSENT: 2}


@dataclass(frozen=True)
class BigSchool:
    """Who is in it. `rosters` are the students of each class, `assigned` the classes of each teacher."""

    today: date
    office: User
    classes: list[SchoolClass]
    rosters: list[list[Student]]
    teachers: list[Teacher]
    assigned: list[list[SchoolClass]]
    parents: list[Parent]


def prepare_database() -> None:
    """Tables, cache table and static files, as an installation makes them."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def build_school(sizes: Sequence[int], *, days: int, assigned: Sequence[Sequence[int]]) -> BigSchool:
    """Classes of these sizes, teachers with these classes (by number), a parent for every student of the first class.

    `days` registers of every class before today are taken; today's is not.
    """
    school = Settings.current()
    Settings.objects.update(name="Large School", weekdays="1234567")
    today = school.today()
    year = AcademicYear.objects.bulk_create(
        [AcademicYear(name="This year", starts_on=today - max(days, 30) * DAY, ends_on=today + 60 * DAY)]
    )[0]
    classes = SchoolClass.objects.bulk_create(
        SchoolClass(name=f"{number // 4 + 1}{'ABCD'[number % 4]}", grade_level=str(number // 4 + 1), academic_year=year)
        for number in range(len(sizes))
    )
    rosters = list(enrol(year, classes, sizes))
    teachers = hire(year, classes, assigned)
    take_registers(classes, rosters, [today - number * DAY for number in range(1, days + 1)], teachers[0].user)
    settle_statistics()
    return BigSchool(
        today=today,
        office=make_users("office", Role.ADMIN, 1)[0],
        classes=classes,
        rosters=rosters,
        teachers=teachers,
        assigned=[[classes[number] for number in numbers] for numbers in assigned],
        parents=introduce_parents(year, rosters[0]),
    )


def make_users(name: str, role: Role, number: int) -> list[User]:
    password = make_password(None)
    return User.objects.bulk_create(
        User(username=f"{name}{index}", role=role, password=password) for index in range(number)
    )


def enrol(year: AcademicYear, classes: Sequence[SchoolClass], sizes: Sequence[int]) -> Iterator[list[Student]]:
    """The students of each class, in it since the year began."""
    ids = iter(Settings.allocate_student_ids(sum(sizes)))
    for number, (school_class, size) in enumerate(zip(classes, sizes, strict=True)):
        roster = Student.objects.bulk_create(
            Student(
                student_id=next(ids),
                given_name=GIVEN[index % len(GIVEN)],
                family_name=f"{FAMILY[(index * 7 + number) % len(FAMILY)]}",
                date_of_birth=year.starts_on - (4000 + 365 * (number // 4) // 3 + index) * DAY,
                enrollment_date=year.starts_on,
            )
            for index in range(size)
        )
        Enrolment.objects.bulk_create(
            Enrolment(student=student, school_class=school_class, starts_on=year.starts_on, is_primary=True)
            for student in roster
        )
        yield roster


def hire(year: AcademicYear, classes: Sequence[SchoolClass], assigned: Sequence[Sequence[int]]) -> list[Teacher]:
    users = make_users("teacher", Role.TEACHER, len(assigned))
    teachers = Teacher.objects.bulk_create(Teacher(user=user, full_name=f"Teacher {user.username}") for user in users)
    TeachingAssignment.objects.bulk_create(
        TeachingAssignment(teacher=teacher, school_class=classes[number], starts_on=year.starts_on)
        for teacher, numbers in zip(teachers, assigned, strict=True)
        for number in numbers
    )
    return teachers


def introduce_parents(year: AcademicYear, roster: Sequence[Student]) -> list[Parent]:
    users = make_users("parent", Role.PARENT, len(roster))
    parents = Parent.objects.bulk_create(Parent(user=user, full_name=f"Parent {user.username}") for user in users)
    StudentParentLink.objects.bulk_create(
        StudentParentLink(student=student, parent=parent, starts_on=year.starts_on)
        for student, parent in zip(roster, parents, strict=True)
    )
    return parents


def take_registers(
    classes: Sequence[SchoolClass], rosters: Sequence[Sequence[Student]], days: Sequence[date], by: User
) -> None:
    """Marks of every student on these days, always the same ones, with the registers' counts."""
    random, now = Random(20260316), timezone.now()
    for school_class, roster in tqdm(
        list(zip(classes, rosters, strict=True)), disable=None, desc="School", unit="class"
    ):
        registers, records = [], []
        for day in days:
            marks = random.choices([*CHANCES], [*CHANCES.values()], k=len(roster))
            counts = {status.value: number for status, number in Counter(marks).items()}
            registers.append(
                Register(school_class=school_class, date=day, taken_by=by, taken_at=now, version=1, **counts)
            )
            records += [
                (
                    student.pk,
                    school_class.pk,
                    day,
                    mark.value,
                    MINUTES.get(mark),
                    False,
                    NOTES.get(mark, ""),
                    by.pk,
                    now,
                    now,
                )
                for student, mark in zip(roster, marks, strict=True)
            ]
        Register.objects.bulk_create(registers)
        load_rows(AttendanceRecord, RECORD_COLUMNS, records)


def session_of(user: User) -> str:
    """The key of a new session in which this person is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.RoleBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def number_from(name: str, usual: int) -> int:
    """A whole number from the environment. Ends the program with a sentence where it is none above 0."""
    value = os.environ.get(name, "") or str(usual)
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise SystemExit(f"{name} is “{value}”: give a whole number above 0.")
    return int(value)
