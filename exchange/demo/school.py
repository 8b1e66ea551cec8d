"""Builds the whole demo school, or says why this database is no place for it."""

from __future__ import annotations

from datetime import date, time
from random import Random

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from exchange.demo import DEMO_EMAIL_DOMAIN
from exchange.demo.behavior import note_behavior_of_all
from exchange.demo.days import plan_year
from exchange.demo.follow_ups import note_follow_ups
from exchange.demo.ground import SEED, Ground
from exchange.demo.marks import enter_marks
from exchange.demo.participation import hold_events
from exchange.demo.people import (
    admit_students,
    enter_users,
    hash_once,
    hire_staff,
    introduce_guardians,
    lay_calendar,
    make_user,
    open_classes,
    phone_numbers,
    settle_families,
)
from exchange.demo.registers import OPENS_AT, plan_absences, take_registers
from students.calendar import load_calendar
from students.models import AcademicYear, Closure, School, SchoolClass, Student, Subject, Term
from students.services import save_by

NAME = "Lindenhof School"
MONDAY_TO_FRIDAY = "12345"
TABLES_OF_A_SCHOOL = (User, Student, SchoolClass, Subject, AcademicYear, Term, Closure)


class DatabaseInUseError(Exception):
    """The database holds a school that is not the demo school; nothing was changed."""


@transaction.atomic
def build_demo_school(today: date | None = None) -> bool:
    """Build the demo school around a day (today at the school by default), all of it or nothing.

    Gives False, having changed nothing, where the demo school is there already. Raises DatabaseInUseError for a
    database that holds anybody or anything of a school.
    """
    if demo_accounts().exists():
        return False
    refuse_other_people()
    school = School.current()
    today = today or school.today()
    ground = open_school(school, today)
    password, phones = ground.admin.password, phone_numbers()
    year = lay_calendar(ground)
    teachers = hire_staff(ground, password, phones)
    classes = open_classes(ground, year, teachers)
    calendar = load_calendar(school, year.starts_on, today)
    any_class = next(iter(classes.values()))
    past = calendar.school_days(any_class)
    households = settle_families(ground, password, phones)
    pupils = admit_students(ground, classes, households, past)
    introduce_guardians(ground, pupils, phones)
    take_registers(ground, classes, pupils, calendar)
    plan_absences(ground, pupils)
    enter_marks(ground, pupils, calendar)
    note_behavior_of_all(ground, classes, pupils, calendar)
    hold_events(ground, classes, pupils, calendar)
    note_follow_ups(ground, classes, pupils, calendar)
    return True


def demo_accounts() -> QuerySet[User]:
    """The accounts of the demo school, known by their e-mail addresses."""
    return User.objects.filter(email__iendswith=f"@{DEMO_EMAIL_DOMAIN}")


def refuse_other_people() -> None:
    """Raises DatabaseInUseError if any table that the demo school fills has a row."""
    for model in TABLES_OF_A_SCHOOL:
        if number := model._default_manager.count():
            raise DatabaseInUseError(
                _(
                    "This database is in use: it holds %(number)d %(kind)s. This school goes into an empty "
                    "database only; set DATABASE_URL to another one. Nothing was changed."
                )
                % {"number": number, "kind": model._meta.verbose_name_plural}
            )


def open_school(school: School, today: date) -> Ground:
    """Name the school, plan its year and make its admin, in whose name the rest is entered."""
    admin = make_user("admin", Role.ADMIN, hash_once())
    # Seeded, so that the school is the same each time; nothing here is a secret.
    ground = Ground(school, plan_year(today), today, Random(SEED), admin)  # noqa: S311
    enter_users(ground, [admin])
    school.name, school.weekdays, school.starts_at = NAME, MONDAY_TO_FRIDAY, time(*OPENS_AT)
    save_by(school, admin)
    return ground
