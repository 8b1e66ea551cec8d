"""A roster as the portal understands it, each part with the row that it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from exchange.oneroster.rows import Row


@dataclass(frozen=True)
class Span:
    """A year or a term; the end is exclusive, as in the bundle and in the portal. `year` is the id of a term's year."""

    row: Row
    name: str
    starts_on: date
    ends_on: date
    year: str = ""


@dataclass(frozen=True)
class Person:
    """A user of the bundle. `relationship` is the word of the first family role, "" for somebody with none."""

    row: Row
    is_student: bool
    is_teacher: bool
    relationship: str
    demographics: Row | None

    @property
    def signs_in(self) -> bool:
        return self.is_teacher or bool(self.relationship)

    @property
    def full_name(self) -> str:
        return f"{self.row.get('givenName')} {self.row.get('familyName')}"

    @property
    def phone(self) -> str:
        return self.row.get("phone") or self.row.get("sms")


@dataclass(frozen=True)
class Group:
    """A class. starts_on and ends_on span its terms; `homeroom_teacher` is the id of a person or ""."""

    row: Row
    year: str
    starts_on: date
    ends_on: date
    homeroom_teacher: str

    @property
    def is_homeroom(self) -> bool:
        return self.row.get("classType") == "homeroom"


@dataclass(frozen=True)
class Membership:
    """Somebody in a class, as a student or as a teacher."""

    row: Row
    person: str
    group: str
    starts_on: date
    ends_on: date


@dataclass
class Roster:
    """The whole of it; people, groups, years and courses by sourcedId, in the order of the file.

    `guardians` are pairs of a student's and a guardian's id. `notes` says in words what was left out or decided,
    each with the names that it is about.
    """

    school: Row
    years: dict[str, Span]
    terms: dict[str, Span]
    courses: dict[str, Row]
    groups: dict[str, Group]
    people: dict[str, Person]
    guardians: list[tuple[str, str]]
    enrolments: list[Membership] = field(default_factory=list)
    assignments: list[Membership] = field(default_factory=list)


class Notes:
    """What the operator should know about an import that went through."""

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}

    def add(self, sentence: str, name: str) -> None:
        self.names.setdefault(sentence, []).append(name)
