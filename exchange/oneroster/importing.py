"""An import from the file to the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction

from exchange.oneroster.cells import check_cells
from exchange.oneroster.classes import read_groups, read_memberships, read_school
from exchange.oneroster.collisions import check_collisions
from exchange.oneroster.decisions import subject_codes
from exchange.oneroster.gradebook import read_gradebook
from exchange.oneroster.grading import StoredGradebook, check_grades, plan_gradebook
from exchange.oneroster.people import read_guardians, read_people
from exchange.oneroster.planning import Plan, Planner
from exchange.oneroster.portal import Portal
from exchange.oneroster.problems import Problem, Problems
from exchange.oneroster.reading import Bundle, read_bundle
from exchange.oneroster.roster import Notes, Roster
from exchange.oneroster.schema import SCHEMA
from exchange.oneroster.sessions import read_sessions
from exchange.oneroster.writing import write
from students.models import School

Progress = Callable[[int], object]


@dataclass(frozen=True)
class Outcome:
    """What an import did, or would do. `skipped`: why rows of the gradebook were left out."""

    bundle: Bundle
    school: str
    plan: Plan
    notes: Notes
    skipped: list[Problem]


@dataclass(frozen=True)
class Wanted:
    """How to import: only to plan, and whether to leave out rows of the gradebook that break a rule."""

    dry_run: bool = False
    skip_invalid: bool = False


def import_bundle(path: Path, wanted: Wanted, *, start: Callable[[int], Progress]) -> Outcome:
    """Reads a bundle, checks the whole of it, then writes what differs in one transaction; a dry run only plans.

    `start` is told the number of rows to write and gives what hears of the progress.
    Raises UnreadableBundleError or RefusedBundleError; then nothing has changed.
    """
    problems, notes = Problems(), Notes()
    bundle = read_bundle(path, problems)
    check_cells(bundle, problems)
    if wanted.dry_run:
        return _planned(bundle, wanted, problems, notes)
    with transaction.atomic():
        # Two imports at once would each plan against what the other is about to change.
        School.objects.select_for_update().get(pk=School.ONLY)
        outcome = _planned(bundle, wanted, problems, notes)
        write(outcome.plan, start(sum(len(part.new) + len(part.changed) for part in outcome.plan.changes)))
    return outcome


def _planned(bundle: Bundle, wanted: Wanted, problems: Problems, notes: Notes) -> Outcome:
    today = School.current().today()
    roster = _read_roster(bundle, today, problems, notes)
    if roster is None:
        problems.raise_any()
        raise AssertionError("a bundle without problems has a roster")
    book = read_gradebook(bundle, roster, today, problems, notes)
    portal, stored = Portal(), StoredGradebook(book, lock=not wanted.dry_run)
    check_collisions(roster, portal, problems)
    codes = subject_codes(roster, portal, problems, notes)
    check_grades(book, stored, roster, portal, problems)
    problems.raise_any(skip_invalid=wanted.skip_invalid)
    planner = Planner(roster, portal, codes, notes)
    plan = planner.run()
    plan_gradebook(book, stored, planner)
    return Outcome(bundle, roster.school.get("name"), plan, notes, problems.in_order())


def _read_roster(bundle: Bundle, today: date, problems: Problems, notes: Notes) -> Roster | None:
    """What the sound rows say together; None where a file, the calendar or the school is missing or at fault."""
    if any(table.required and name not in bundle.tables for name, table in SCHEMA[bundle.version].items()):
        return None
    people = read_people(bundle, today, problems, notes)
    school = read_school(bundle, problems)
    sessions = read_sessions(bundle, problems, notes)
    if sessions is None or school is None:
        return None
    groups = read_groups(bundle, sessions, problems, notes)
    enrolments, assignments = read_memberships(bundle, groups, people, problems, notes)
    return Roster(
        school=school,
        years=sessions.years,
        terms=sessions.terms,
        courses={row.key: row for row in bundle.rows("courses") if row.sound},
        groups=groups,
        people=people,
        guardians=read_guardians(people, notes),
        enrolments=enrolments,
        assignments=assignments,
    )
