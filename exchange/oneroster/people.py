"""Students, teachers and guardians out of users.csv, with roles.csv in 1.2 and demographics.csv."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Parent, User
from exchange.oneroster.problems import Problems, quoted
from exchange.oneroster.reading import Bundle
from exchange.oneroster.roster import Notes, Person
from exchange.oneroster.rows import Row
from exchange.oneroster.schema import longest

FAMILY = frozenset({"parent", "guardian", "relative"})
IMPORTED = FAMILY | {"student", "teacher"}
NAME_ROOM = longest(Parent, "full_name") or 0
PHONE_ROOM = longest(Parent, "phone") or 0


def read_people(bundle: Bundle, today: date, problems: Problems, notes: Notes) -> dict[str, Person]:
    """Everybody with a sound row, by id; somebody whose roles the portal does not know is nothing in particular.

    A family role that has ended by `today` opens nothing.
    """
    roles = _roles_1_1(bundle) if bundle.version == "1.1" else _roles_1_2(bundle, today, problems, notes)
    demographics = {row.key: row for row in bundle.rows("demographics") if row.sound}
    in_doubt = {row.get("userSourcedId") for row in bundle.rows("roles") if not row.sound}
    people: dict[str, Person] = {}
    for row in bundle.rows("users"):
        if not row.sound or row.key in in_doubt:
            continue
        words = roles[row.key]
        family = [word for word in words if word in FAMILY]
        person = Person(
            row=row,
            is_student="student" in words,
            is_teacher="teacher" in words,
            relationship=family[0] if family else "",
            demographics=demographics.get(row.key),
        )
        people[row.key] = person
        if not IMPORTED.intersection(words):
            role = ", ".join(words) or _("none")
            notes.add(
                _("Not imported, since the portal knows no such role: %(role)s") % {"role": role}, person.full_name
            )
    _check_sign_in(people, problems)
    return people


def _roles_1_1(bundle: Bundle) -> defaultdict[str, list[str]]:
    return defaultdict(list, {row.key: [row.get("role")] for row in bundle.rows("users")})


def _roles_1_2(bundle: Bundle, today: date, problems: Problems, notes: Notes) -> defaultdict[str, list[str]]:
    """The role words of each user, the primary role first."""
    roles: defaultdict[str, list[str]] = defaultdict(list)
    rows = [row for row in bundle.rows("roles") if row.sound]
    for row in sorted(rows, key=lambda row: row.get("roleType") != "primary"):
        begin, end = row.day("beginDate"), row.day("endDate")
        if begin and end and begin >= end:
            problems.add(row, "endDate", _("a day after beginDate %(day)s") % {"day": begin})
        elif row.get("role") in FAMILY and end and end <= today:
            notes.add(_("Family roles that have ended, so they open nothing"), row.get("userSourcedId"))
        else:
            roles[row.get("userSourcedId")].append(row.get("role"))
    return roles


def _check_sign_in(people: dict[str, Person], problems: Problems) -> None:
    """What a login needs. The same columns of a student are not stored, so they may hold anything."""
    first: dict[str, Row] = {}
    for person in people.values():
        if not person.signs_in:
            continue
        row = person.row
        name = User.normalize_username(row.get("username"))
        other = first.setdefault(name.casefold(), row)
        if other is not row:
            expected = _("a username of its own, capitals aside; row %(number)s has this one") % {
                "number": other.number
            }
            problems.add(row, "username", expected)
        if not _suits("username", name):
            problems.add(row, "username", _("at most 150 letters, digits and signs out of @ . + - _"))
        if row.get("email") and not _suits("email", row.get("email")):
            problems.add(row, "email", _("an e-mail address or nothing"))
        for column in ("phone", "sms"):
            if len(row.get(column)) > PHONE_ROOM:
                problems.add(row, column, _("at most %(most)s characters") % {"most": PHONE_ROOM})
        if len(person.full_name) > NAME_ROOM:
            expected = _("at most %(most)s characters together with givenName") % {"most": NAME_ROOM}
            problems.add(row, "familyName", expected)


def _suits(field: str, value: str) -> bool:
    """Whether the portal's own form would take a value."""
    try:
        User._meta.get_field(field).run_validators(value)  # type: ignore[union-attr]
    except ValidationError:
        return False
    return True


def read_guardians(people: dict[str, Person], notes: Notes) -> list[tuple[str, str]]:
    """Pairs (student, guardian), each once: either of the two may list the other in agentSourcedIds.

    In the order in which a student lists them, then those who list the student.
    """
    pairs: dict[tuple[str, str], None] = {}
    for student_id, student in people.items():
        for agent_id in student.row.several("agentSourcedIds") if student.is_student else ():
            agent = people.get(agent_id)
            if agent and agent.relationship:
                pairs[student_id, agent_id] = None
            elif agent:
                words = {"student": quoted(student.full_name)}
                sentence = _("Listed as agent of %(student)s, but without a role of the family") % words
                notes.add(sentence, agent.full_name)
    for guardian_id, guardian in people.items():
        for child_id in guardian.row.several("agentSourcedIds") if guardian.relationship else ():
            if child_id in people and people[child_id].is_student:
                pairs[child_id, guardian_id] = None
    with_child = {guardian_id for _student, guardian_id in pairs}
    for guardian_id, guardian in people.items():
        if guardian.relationship and guardian_id not in with_child:
            notes.add(_("Imported without a child in this roster"), guardian.full_name)
    return list(pairs)
