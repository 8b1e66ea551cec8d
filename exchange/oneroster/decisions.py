"""What a bundle leaves open and the portal has to decide, the same way each time."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

from django.utils.translation import gettext as _

from exchange.oneroster.portal import Portal
from exchange.oneroster.problems import Problems
from exchange.oneroster.roster import Membership, Notes, Person, Roster
from exchange.oneroster.schema import longest
from students.models import Student, Subject

CODE_ROOM = longest(Subject, "code") or 0


def subject_codes(roster: Roster, portal: Portal, problems: Problems, notes: Notes) -> dict[str, str]:
    """The code of each course's subject: courseCode, or the sourcedId where that is empty or not the only one.

    A school may give one code to several courses, or to the course of each year; in the portal a code is unique.
    """
    taken = {subject.code for subject in portal.all_subjects if subject.external_id not in roster.courses}
    times = Counter(row.get("courseCode") for row in roster.courses.values())
    codes: dict[str, str] = {}
    for key, row in roster.courses.items():
        code = row.get("courseCode")
        if code and times[code] == 1 and code not in taken:
            codes[key] = code
            continue
        codes[key] = key
        if code:
            notes.add(_("Subjects coded by their sourcedId, since courseCode is not theirs alone"), row.get("title"))
    given = Counter(codes.values())
    for key, row in roster.courses.items():
        if codes[key] == key and (len(key) > CODE_ROOM or given[key] > 1 or key in taken):
            expected = _("a code of its own, since the sourcedId cannot serve as one")
            problems.add(row, "courseCode", expected)
    return codes


def first_days(roster: Roster) -> dict[str, date]:
    """The day on which the first enrolment of each student begins, by the student's id."""
    days: dict[str, date] = {}
    for one in roster.enrolments:
        days[one.person] = min(one.starts_on, days.get(one.person, one.starts_on))
    return days


def joining_date(student: Student | None, first_day: date | None) -> date | None:
    """When a student joined the school: a later bundle, which knows only its own year, never moves it forward."""
    known = [day for day in (student.enrollment_date if student else None, first_day) if day]
    return min(known, default=None)


def birth_date(person: Person, student: Student | None) -> date | None:
    """The date of birth after the import: the bundle's word where it has the column, else the portal's."""
    if person.demographics and person.demographics.has("birthDate"):
        return person.demographics.day("birthDate")
    return student.date_of_birth if student else None


def primary_enrolments(roster: Roster, portal: Portal) -> set[str]:
    """The ids of the enrolments that count for days missed: at each time one for a student.

    OneRoster calls only teachers primary. A sole enrolment is; of several at once a homeroom class wins, else the
    first of the file. A primary enrolment that this bundle does not know, such as one made by hand, stays.
    """
    own: defaultdict[str, list[Membership]] = defaultdict(list)
    for one in roster.enrolments:
        own[one.person].append(one)
    bundle = {one.row.key for one in roster.enrolments}
    primary: set[str] = set()
    for student_id, memberships in own.items():
        student = portal.students.get(student_id)
        spans = [
            (other.starts_on, other.ends_on or date.max)
            for other in (portal.enrolments_of[student.pk] if student else ())
            if other.is_primary and other.external_id not in bundle
        ]
        for one in sorted(memberships, key=lambda one: not roster.groups[one.group].is_homeroom):
            if all(one.ends_on <= starts_on or ends_on <= one.starts_on for starts_on, ends_on in spans):
                spans.append((one.starts_on, one.ends_on))
                primary.add(one.row.key)
    return primary
