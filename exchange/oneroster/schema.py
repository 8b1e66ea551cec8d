"""The files and columns that the portal reads, by version, as the 1EdTech specification defines them.

Columns that the portal stores nowhere (race, location, passwords …) are not listed: they are not read, so neither
their values nor their absence can stop an import.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from django.db.models import Model

from assessments.models import Assessment, AssessmentCategory, Score
from students.models import AcademicYear, School, SchoolClass, Student, Subject

MANIFEST = "manifest"
VERSIONS = ("1.1", "1.2")
MODES = ("absent", "bulk", "delta")
# Rows of these may be left out one by one (--skip-invalid); half a roster would be none.
GRADEBOOK = ("categories", "lineItems", "results")


class Format(Enum):
    """How a cell is written."""

    TEXT = auto()
    PROSE = auto()  # may hold line breaks, which are read as spaces
    LIST = auto()  # values between commas, the cell in quotes
    DATE = auto()  # YYYY-MM-DD
    BOOLEAN = auto()  # true or false
    YEAR = auto()  # YYYY
    NUMBER = auto()  # points or a weight: digits, at most two decimals, not negative
    WORD = auto()  # one of a closed list
    REFERENCE = auto()  # the sourcedId of a row of another file
    REFERENCES = auto()  # several of them


@dataclass(frozen=True)
class Column:
    """The rule of one column. `extensible`: a word of the school's own may stand there as "ext:word".

    `may_be_empty`: the specification wants a value, but there are rows for which there is none.
    """

    name: str
    format: Format = Format.TEXT
    required: bool = False
    may_be_empty: bool = False
    words: tuple[str, ...] = ()
    extensible: bool = False
    refers_to: str = ""
    longest: int | None = None


@dataclass(frozen=True)
class Table:
    """The rule of one file. A bundle may leave out a file that is not required; one that is there needs `needs`."""

    name: str
    columns: tuple[Column, ...]
    required: bool = True
    needs: str = ""


def longest(model: type[Model], field: str) -> int | None:
    """The room that a column of the portal has."""
    room: int | None = getattr(model._meta.get_field(field), "max_length", None)
    return room


def text(name: str, room: int | None = None, *, required: bool = False) -> Column:
    return Column(name, required=required, longest=room)


def word(name: str, *words: str, required: bool = True, extensible: bool = False) -> Column:
    return Column(name, Format.WORD, required=required, words=words, extensible=extensible)


def reference(name: str, to: str, *, required: bool = True) -> Column:
    return Column(name, Format.REFERENCE, required=required, refers_to=to)


def references(name: str, to: str, *, required: bool = True) -> Column:
    return Column(name, Format.REFERENCES, required=required, refers_to=to)


def day(name: str, *, required: bool = False) -> Column:
    return Column(name, Format.DATE, required=required)


def number(name: str, *, required: bool = False, may_be_empty: bool = False) -> Column:
    return Column(name, Format.NUMBER, required=required, may_be_empty=may_be_empty)


KEY = text("sourcedId", longest(Student, "external_id"), required=True)
# The specification knows "tobedeleted" in delta files only; a bulk file lists what there is.
STATUS = word("status", "active", required=False)
NAME_ROOM = longest(Student, "given_name")

ORGS = Table(
    "orgs",
    (
        KEY,
        STATUS,
        text("name", longest(School, "name"), required=True),
        word("type", "department", "school", "district", "local", "state", "national", extensible=True),
        reference("parentSourcedId", "orgs", required=False),
    ),
)
SESSIONS = Table(
    "academicSessions",
    (
        KEY,
        STATUS,
        text("title", longest(AcademicYear, "name"), required=True),
        word("type", "gradingPeriod", "semester", "schoolYear", "term", extensible=True),
        day("startDate", required=True),
        day("endDate", required=True),
        reference("parentSourcedId", "academicSessions", required=False),
        Column("schoolYear", Format.YEAR, required=True),
    ),
)
COURSES = Table(
    "courses",
    (
        KEY,
        STATUS,
        reference("schoolYearSourcedId", "academicSessions", required=False),
        text("title", longest(Subject, "name"), required=True),
        text("courseCode", longest(Subject, "code")),
        reference("orgSourcedId", "orgs"),
    ),
)
CLASSES = Table(
    "classes",
    (
        KEY,
        STATUS,
        text("title", longest(SchoolClass, "name"), required=True),
        Column("grades", Format.LIST),
        reference("courseSourcedId", "courses"),
        word("classType", "homeroom", "scheduled", extensible=True),
        reference("schoolSourcedId", "orgs"),
        references("termSourcedIds", "academicSessions"),
    ),
)
USERS_1_2 = Table(
    "users",
    (
        KEY,
        STATUS,
        Column("enabledUser", Format.BOOLEAN, required=True),
        text("username", required=True),
        text("givenName", NAME_ROOM, required=True),
        text("familyName", NAME_ROOM, required=True),
        text("email"),
        text("sms"),
        text("phone"),
        references("agentSourcedIds", "users", required=False),
    ),
)
USERS_1_1 = replace(
    USERS_1_2,
    columns=(
        *USERS_1_2.columns,
        references("orgSourcedIds", "orgs"),
        word("role", "administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher"),
    ),
)
ROLES = Table(
    "roles",
    (
        KEY,
        STATUS,
        reference("userSourcedId", "users"),
        word("roleType", "primary", "secondary"),
        word(
            "role",
            "aide",
            "counselor",
            "districtAdministrator",
            "guardian",
            "parent",
            "principal",
            "proctor",
            "relative",
            "siteAdministrator",
            "student",
            "systemAdministrator",
            "teacher",
            extensible=True,
        ),
        day("beginDate"),
        day("endDate"),
        reference("orgSourcedId", "orgs"),
    ),
)
ENROLLMENTS = Table(
    "enrollments",
    (
        KEY,
        STATUS,
        reference("classSourcedId", "classes"),
        reference("schoolSourcedId", "orgs"),
        reference("userSourcedId", "users"),
        word("role", "administrator", "proctor", "student", "teacher", extensible=True),
        Column("primary", Format.BOOLEAN),
        day("beginDate"),
        day("endDate"),
    ),
)
DEMOGRAPHICS_1_2 = Table(
    "demographics",
    (
        replace(KEY, format=Format.REFERENCE, refers_to="users"),
        STATUS,
        day("birthDate"),
        word("sex", "male", "female", "unspecified", "other", required=False, extensible=True),
    ),
    required=False,
)
DEMOGRAPHICS_1_1 = replace(
    DEMOGRAPHICS_1_2, columns=(*DEMOGRAPHICS_1_2.columns[:-1], word("sex", "male", "female", required=False))
)

CATEGORIES_1_1 = Table(
    "categories",
    (KEY, STATUS, text("title", longest(AssessmentCategory, "name"), required=True)),
    required=False,
)
CATEGORIES_1_2 = replace(CATEGORIES_1_1, columns=(*CATEGORIES_1_1.columns, number("weight")))
LINE_ITEMS = (
    KEY,
    STATUS,
    text("title", longest(Assessment, "title"), required=True),
    day("assignDate", required=True),
    day("dueDate", required=True),
    reference("classSourcedId", "classes"),
    reference("categorySourcedId", "categories"),
)
LINE_ITEMS_1_1 = Table(
    "lineItems",
    (
        *LINE_ITEMS,
        reference("gradingPeriodSourcedId", "academicSessions"),
        number("resultValueMin", required=True),
        number("resultValueMax", required=True),
    ),
    required=False,
    needs="categories",
)
LINE_ITEMS_1_2 = replace(
    LINE_ITEMS_1_1,
    columns=(
        *LINE_ITEMS,
        reference("academicSessionSourcedId", "academicSessions"),
        number("resultValueMin"),
        number("resultValueMax"),
        reference("schoolSourcedId", "orgs"),
    ),
)
RESULTS_1_1 = Table(
    "results",
    (
        KEY,
        STATUS,
        reference("lineItemSourcedId", "lineItems"),
        reference("studentSourcedId", "users"),
        word(
            "scoreStatus",
            "exempt",
            "fully graded",
            "not submitted",
            "partially graded",
            "submitted",
            extensible=True,
        ),
        # Exempt work and work that was not handed in have none.
        number("score", required=True, may_be_empty=True),
        day("scoreDate", required=True),
        Column("comment", Format.PROSE, longest=longest(Score, "notes")),
    ),
    required=False,
    needs="lineItems",
)
RESULTS_1_2 = replace(
    RESULTS_1_1,
    columns=(
        *(number("score") if column.name == "score" else column for column in RESULTS_1_1.columns),
        reference("classSourcedId", "classes", required=False),
        Column("late", Format.BOOLEAN),
        Column("missing", Format.BOOLEAN),
    ),
)
GRADEBOOK_1_1 = (CATEGORIES_1_1, LINE_ITEMS_1_1, RESULTS_1_1)
GRADEBOOK_1_2 = (CATEGORIES_1_2, LINE_ITEMS_1_2, RESULTS_1_2)


def _closed(table: Table) -> Table:
    """The table of version 1.1, which knows no words of the school's own."""
    return replace(table, columns=tuple(replace(column, extensible=False) for column in table.columns))


SCHEMA: dict[str, dict[str, Table]] = {
    "1.1": {
        table.name: _closed(table)
        for table in (ORGS, SESSIONS, COURSES, CLASSES, USERS_1_1, ENROLLMENTS, DEMOGRAPHICS_1_1, *GRADEBOOK_1_1)
    },
    "1.2": {
        table.name: table
        for table in (ORGS, SESSIONS, COURSES, CLASSES, USERS_1_2, ROLES, ENROLLMENTS, DEMOGRAPHICS_1_2, *GRADEBOOK_1_2)
    },
}
TABLES = tuple(SCHEMA["1.2"])
