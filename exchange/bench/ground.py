"""What every part of the bench school stands on."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime, time
from random import Random

from django.utils import timezone

from accounts.models import Teacher, User
from exchange.bench.days import BenchYear
from students.models import AcademicYear, School, SchoolClass, Student, Subject

SEED = 20260316

# One in so many, the first of this number: the shares are the same in a school of any size.
Share = tuple[int, int]
OFTEN_ABSENT: Share = (20, 7)  # 5 % of the students miss between 11 and 25 % of the days
STRUGGLING: Share = (16, 3)  # 6 % reach little more than half of the points
WEAK_IN_ONE: Share = (16, 11)  # 6 % fail one subject
UNRULY: Share = (25, 12)  # 4 % have three negative records and more in the last 30 days
JOINED_LATER: Share = (50, 31)  # 2 % came after a third of the days
WITH_ACCOUNT: Share = (4, 0)  # a parent of these reads the report
NOT_TAKEN: Share = (10, 9)  # of the classes have not taken the latest register yet


@dataclass(frozen=True)
class Ground:
    """The school and its year, the one generator, the admin, and the moment at which all is stored."""

    school: School
    plan: BenchYear
    year: AcademicYear
    random: Random
    admin: User
    now: datetime

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A time of a day at the school, never in the future: the school may be made at six in the morning."""
        moment = datetime.combine(day, time(hour, minute), tzinfo=zoneinfo.ZoneInfo(self.school.time_zone))
        return min(moment, self.now)


@dataclass(frozen=True)
class Pupil:
    """A student of the bench school; `number`, counted from 0 over the whole school, decides what is told of them."""

    number: int
    student: Student
    starts_on: date


@dataclass(frozen=True)
class Room:
    """A class with its homeroom teacher, its students, and who teaches it what, in the order of the subjects."""

    school_class: SchoolClass
    teacher: Teacher
    pupils: list[Pupil]
    taught: list[tuple[Subject, Teacher]]


def begin(school: School, plan: BenchYear, year: AcademicYear, admin: User) -> Ground:
    """The ground at this moment, with the generator at its start."""
    # Seeded, so that the school is the same each time; nothing here is a secret.
    return Ground(school, plan, year, Random(SEED), admin, timezone.now())  # noqa: S311


def is_among(number: int, share: Share) -> bool:
    """Whether the one of this number belongs to those of whom something is told."""
    one_in, first = share
    return number % one_in == first
