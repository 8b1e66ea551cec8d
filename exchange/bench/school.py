"""Builds the bench school, all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from tqdm import tqdm

from accounts.models import User
from accounts.roles import Role
from assessments.recounting import recount
from exchange.bench.days import lay_calendar, plan_year
from exchange.bench.ground import Room, begin
from exchange.bench.notes import hold_events, note_behavior
from exchange.bench.people import make_users, open_rooms
from exchange.bench.registers import take_registers
from exchange.bench.work import enter_marks
from exchange.demo.school import MONDAY_TO_FRIDAY, refuse_other_people
from students.models import School

NAME = "Bench School"


@dataclass(frozen=True)
class BenchSchool:
    """The day it was built on, its admin and its classes."""

    today: date
    admin: User
    rooms: list[Room]


@transaction.atomic
def build_bench_school(students: int, days: int) -> BenchSchool:
    """A school of so many students with so many school days up to today, without history.

    Raises DatabaseInUseError for a database that holds anybody or anything of a school.
    """
    refuse_other_people()
    check_keys_at_once(True)
    School.objects.update(name=NAME, weekdays=MONDAY_TO_FRIDAY)
    school = School.current()
    today = school.today()
    plan = plan_year(today, days)
    (admin,) = make_users("admin", Role.ADMIN, 1)
    ground = begin(school, plan, lay_calendar(plan), admin)
    rooms = open_rooms(ground, students)
    take_registers(ground, rooms)
    enter_marks(ground, rooms)
    note_behavior(ground, rooms)
    hold_events(ground, rooms)
    keep_totals(rooms)
    check_keys_at_once(False)
    return BenchSchool(today, admin, rooms)


def keep_totals(rooms: Sequence[Room]) -> None:
    """The kept totals of the marks. Nobody else can see the school yet, so no class needs to be locked."""
    for room in tqdm(rooms, disable=None, desc="Totals", unit="class"):
        recount((room.school_class.pk, subject.pk) for subject, _teacher in room.taught)


def check_keys_at_once(at_once: bool) -> None:
    """Let PostgreSQL check foreign keys after each statement: ten million checks kept for the end take memory."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET CONSTRAINTS ALL {'IMMEDIATE' if at_once else 'DEFERRED'}")
