"""What a roster may not do to the rows that the portal holds: checked before anything is written."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from accounts.models import User
from exchange.oneroster.decisions import birth_date, first_days, joining_date
from exchange.oneroster.portal import Portal
from exchange.oneroster.problems import Problems, quoted
from exchange.oneroster.roster import Person, Roster
from students.models import Term


def check_collisions(roster: Roster, portal: Portal, problems: Problems) -> None:
    """Reports all of them, each at the row of the bundle that would have to change."""
    _check_school(roster, portal, problems)
    _check_years(roster, portal, problems)
    _check_terms(roster, portal, problems)
    _check_sign_in(roster, portal, problems)
    _check_enrolments(roster, portal, problems)
    _check_student_dates(roster, portal, problems)


def _check_school(roster: Roster, portal: Portal, problems: Problems) -> None:
    here = portal.school
    if here.external_id and here.external_id != roster.school.key:
        words = {"id": quoted(here.external_id), "school": quoted(here.name)}
        expected = _("%(id)s: this installation already holds the school %(school)s") % words
        problems.add(roster.school, "sourcedId", expected)


def _check_years(roster: Roster, portal: Portal, problems: Problems) -> None:
    taken = {year.name for year in portal.all_years if year.external_id not in roster.years}
    for year in roster.years.values():
        if year.name in taken:
            problems.add(year.row, "title", _("a title that no other school year has in the portal"))


def _check_terms(roster: Roster, portal: Portal, problems: Problems) -> None:
    """Against the terms made by hand, or by an earlier bundle, in a year of this one."""
    keys = {portal.years[key].pk: key for key in roster.years if key in portal.years}
    for other in portal.all_terms:
        if other.external_id not in roster.terms and other.academic_year_id in keys:
            _check_term(other, keys[other.academic_year_id], roster, problems)


def _check_term(other: Term, year: str, roster: Roster, problems: Problems) -> None:
    words = {"term": quoted(other.name), "first": other.starts_on, "last": other.ends_on}
    for term in roster.terms.values():
        if term.year != year:
            continue
        if term.name == other.name:
            problems.add(term.row, "title", _("a title that no other term of the year has in the portal"))
        if term.starts_on < other.ends_on and other.starts_on < term.ends_on:
            expected = _("days outside the term %(term)s of the portal, which lasts from %(first)s to before %(last)s")
            problems.add(term.row, "startDate", expected % words)


def _check_sign_in(roster: Roster, portal: Portal, problems: Problems) -> None:
    """A username belongs to one login, capitals aside. Who keeps the own one, or hands it on, collides with nobody."""
    people = [person for person in roster.people.values() if person.signs_in]
    own = {user.pk for person in people if (user := portal.user_of(person.row.key))}
    taken = {username.casefold() for pk, username in portal.usernames.items() if pk not in own}
    for person in people:
        if User.normalize_username(person.row.get("username")).casefold() in taken:
            problems.add(person.row, "username", _("a username that nobody else has in the portal"))
        if _is_somebody_else(person, portal):
            problems.add(person.row, "sourcedId", _("the id that this login has in the portal"))


def _is_somebody_else(person: Person, portal: Portal) -> bool:
    """Whether the login found for somebody has the other profile that is needed, but under another id."""
    user = portal.user_of(person.row.key)
    if not user:
        return False
    profiles = [
        portal.teacher_of.get(user.pk) if person.is_teacher else None,
        portal.parent_of.get(user.pk) if person.relationship else None,
    ]
    return any(profile and profile.external_id not in {"", person.row.key} for profile in profiles)


def _check_enrolments(roster: Roster, portal: Portal, problems: Problems) -> None:
    """A student is in one class once at a time, enrolments that this bundle does not know included."""
    bundle = {one.row.key for one in roster.enrolments}
    for one in roster.enrolments:
        student, group = portal.students.get(one.person), portal.groups.get(one.group)
        for other in portal.enrolments_of[student.pk] if student and group else ():
            same_class = group is not None and other.school_class_id == group.pk
            together = other.starts_on < one.ends_on and one.starts_on < (other.ends_on or date.max)
            if same_class and together and other.external_id not in bundle:
                words = {"first": other.starts_on}
                expected = _("days on which the student is not yet in this class: in the portal since %(first)s")
                problems.add(one.row, "beginDate", expected % words)


def _check_student_dates(roster: Roster, portal: Portal, problems: Problems) -> None:
    """Born, then joined, then left."""
    rows = {one.person: one.row for one in sorted(roster.enrolments, key=lambda one: one.starts_on, reverse=True)}
    days = first_days(roster)
    for key, person in roster.people.items():
        student = portal.students.get(key)
        joined = joining_date(student, days.get(key))
        if not (person.is_student and joined and key in rows):
            continue
        born = birth_date(person, student)
        if born and born >= joined:
            expected = _("a day before the first enrolment on %(day)s") % {"day": joined}
            if person.demographics and person.demographics.day("birthDate"):
                problems.add(person.demographics, "birthDate", expected)
            else:
                problems.add(rows[key], "beginDate", _("a day after the birth on %(day)s") % {"day": born})
        if student and student.left_on and student.left_on <= joined:
            expected = _("a day before %(day)s, by which the student has left in the portal") % {"day": student.left_on}
            problems.add(rows[key], "beginDate", expected)
