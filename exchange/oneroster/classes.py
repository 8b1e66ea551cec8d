"""The school, its classes and who is in them: orgs.csv, courses.csv, classes.csv and enrollments.csv."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import pairwise

from django.utils.translation import gettext as _

from exchange.oneroster.problems import Problems, quoted
from exchange.oneroster.reading import Bundle
from exchange.oneroster.roster import Group, Membership, Notes, Person
from exchange.oneroster.rows import Row
from exchange.oneroster.schema import longest
from exchange.oneroster.sessions import Sessions
from students.models import SchoolClass

GRADE_ROOM = longest(SchoolClass, "grade_level") or 0


def read_school(bundle: Bundle, problems: Problems) -> Row | None:
    """The one school that has the classes; None where no class says so soundly."""
    orgs = {row.key: row for row in bundle.rows("orgs")}
    school: Row | None = None
    for row in bundle.rows("classes"):
        org = orgs.get(row.get("schoolSourcedId"))
        if not (row.sound and org and org.sound):
            continue
        if org.get("type") != "school":
            kind = quoted(org.get("type"))
            problems.add(row, "schoolSourcedId", _("an org of type school, not %(kind)s") % {"kind": kind})
        elif school and org is not school:
            expected = _("%(school)s, as in the rows before: one installation holds one school")
            problems.add(row, "schoolSourcedId", expected % {"school": quoted(school.key)})
        else:
            school = org
    return school


def read_groups(bundle: Bundle, sessions: Sessions, problems: Problems, notes: Notes) -> dict[str, Group]:
    """The classes with a sound row, by id."""
    homerooms = _homeroom_teachers(bundle)
    groups: dict[str, Group] = {}
    for row in bundle.rows("classes"):
        if not row.sound:
            continue
        terms = row.several("termSourcedIds")
        years = {sessions.year_of[term] for term in terms}
        if years == {""} or len(years) > 1:
            problems.add(row, "termSourcedIds", _("sessions that belong to one school year"))
            continue
        grades = row.several("grades")
        if grades and len(grades[0]) > GRADE_ROOM:
            problems.add(row, "grades", _("grades of at most %(most)s characters") % {"most": GRADE_ROOM})
        if len(grades) > 1:
            words = {"grade": grades[0]}
            notes.add(_("Classes of several grades, imported as grade %(grade)s") % words, row.get("title"))
        spans = [sessions.span(term) for term in terms]
        groups[row.key] = Group(
            row=row,
            year=years.pop(),
            starts_on=min(starts_on for starts_on, _end in spans),
            ends_on=max(ends_on for _start, ends_on in spans),
            homeroom_teacher=homerooms.get(row.key, ""),
        )
    return groups


def _homeroom_teachers(bundle: Bundle) -> dict[str, str]:
    """The first primary teacher of each class."""
    homerooms: dict[str, str] = {}
    for row in bundle.rows("enrollments"):
        if row.sound and row.get("role") == "teacher" and row.flag("primary"):
            homerooms.setdefault(row.get("classSourcedId"), row.get("userSourcedId"))
    return homerooms


def read_memberships(
    bundle: Bundle, groups: dict[str, Group], people: dict[str, Person], problems: Problems, notes: Notes
) -> tuple[list[Membership], list[Membership]]:
    """Enrolments of students and assignments of teachers. One without dates lasts as long as the terms of its class."""
    enrolments: list[Membership] = []
    assignments: list[Membership] = []
    for row in bundle.rows("enrollments"):
        group, person = groups.get(row.get("classSourcedId")), people.get(row.get("userSourcedId"))
        if not (row.sound and group and person):
            continue
        role = row.get("role")
        if role not in {"student", "teacher"}:
            words = {"role": role}
            notes.add(
                _("Not in a class, since the portal knows no such role there: %(role)s") % words, person.full_name
            )
        elif _has_role(row, person, problems, notes) and (span := _span(row, group, problems)):
            membership = Membership(row, person.row.key, group.row.key, *span)
            (enrolments if role == "student" else assignments).append(membership)
    _check_overlaps(enrolments, problems)
    return enrolments, assignments


def _has_role(row: Row, person: Person, problems: Problems, notes: Notes) -> bool:
    """Whether somebody enrolled as a student is one, and the same of a teacher.

    Staff without a login in the portal who teach a class are left out; anybody else is a mistake in the roster.
    """
    role = row.get("role")
    if person.is_student if role == "student" else person.is_teacher:
        return True
    if role == "teacher" and not (person.is_student or person.relationship):
        notes.add(_("Teach a class, but have no role teacher, so they are not imported"), person.full_name)
        return False
    problems.add(row, "userSourcedId", _("somebody with the role %(role)s") % {"role": role})
    return False


def _span(row: Row, group: Group, problems: Problems) -> tuple[date, date] | None:
    begin, end = row.day("beginDate") or group.starts_on, row.day("endDate") or group.ends_on
    if begin < end:
        return begin, end
    if row.get("endDate"):
        problems.add(row, "endDate", _("a day after %(day)s, on which it begins") % {"day": begin})
    else:
        problems.add(row, "beginDate", _("a day before %(day)s, when the terms of the class end") % {"day": end})
    return None


def _check_overlaps(enrolments: list[Membership], problems: Problems) -> None:
    """A student is in one class once at a time."""
    together: defaultdict[tuple[str, str], list[Membership]] = defaultdict(list)
    for one in enrolments:
        together[one.person, one.group].append(one)
    for several in together.values():
        for before, after in pairwise(sorted(several, key=lambda one: one.starts_on)):
            if after.starts_on < before.ends_on:
                words = {"day": before.ends_on, "number": before.row.number}
                expected = _("%(day)s or later: in row %(number)s the student is in this class until then") % words
                problems.add(after.row, "beginDate", expected)
