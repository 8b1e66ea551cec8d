"""One register as it stands: the class, the day, whether it may be taken, and a line per student."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from attendance.models import Status
from attendance.querysets import ROSTER, ROSTER_WITHOUT_PLANNED
from students.calendar import SchoolCalendar, in_words, load_calendar
from students.models import School, SchoolClass


@dataclass(frozen=True)
class Mark:
    """What is marked for one student."""

    status: Status
    minutes_late: int | None = None
    left_early: bool = False
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One student enrolled on the day; `mark` is None until it is taken, as are who marked it last and when."""

    pk: int
    student_id: str
    full_name: str
    record: int | None
    recorded_at: datetime | None
    marked_at: datetime | None
    marked_by: int | None
    mark: Mark | None
    planned: str | None

    @property
    def suggested(self) -> Mark:
        """What the form shows before anything is typed: the stored mark, a planned absence, else present."""
        if self.mark:
            return self.mark
        if self.planned:
            return Mark(Status.EXCUSED, note=self.planned)
        return Mark(Status.PRESENT)


def count(statuses: Iterable[Status]) -> dict[Status, int]:
    """How many of each status, all four named, in the order they are shown."""
    counted = Counter(statuses)
    return {status: counted[status] for status in Status}


def say(counts: Mapping[Status, int]) -> str:
    """Counts in words: "26 present, 1 late, 1 absent."."""
    words = {
        Status.PRESENT: _("%(number)d present"),
        Status.LATE: _("%(number)d late"),
        Status.EXCUSED: _("%(number)d excused"),
        Status.ABSENT: _("%(number)d absent"),
    }
    return ", ".join(words[status] % {"number": number} for status, number in counts.items() if number) + "."


@dataclass
class OpenRegister:
    """A register with its lines. `closed_because` says why it may not be taken, as a sentence with what to do."""

    school_class: SchoolClass
    date: date
    lines: list[Line]
    closed_because: str | None

    @property
    def recorded(self) -> int:
        return sum(line.mark is not None for line in self.lines)

    @property
    def is_taken(self) -> bool:
        """Taken means that every student enrolled on the day has a mark."""
        return bool(self.lines) and self.recorded == len(self.lines)

    @property
    def counts(self) -> dict[Status, int]:
        """The stored marks by status."""
        return count(line.mark.status for line in self.lines if line.mark)


def why_closed(
    school: School, school_class: SchoolClass, day: date, user: User, calendar: SchoolCalendar | None = None
) -> str | None:
    """Why this person may not take this register, or None: the future, no school day, outside the edit window.

    Reads the calendar of the day, unless one that holds it is handed in.
    """
    today = school.today()
    if day > today:
        return _("%(date)s is in the future. A register can be taken on its day or later.") % {"date": in_words(day)}
    calendar = calendar or load_calendar(school, day, day)
    if no_school := calendar.why_no_school(school_class, day):
        return no_school + " " + _("Choose a school day.")
    oldest = today - timedelta(days=school.edit_window_days)
    if user.role != Role.ADMIN and day < oldest:
        return _(
            "%(date)s is more than %(days)d days ago. Teachers can correct registers back to %(oldest)s; "
            "ask the school office to correct this one."
        ) % {"date": in_words(day), "days": school.edit_window_days, "oldest": in_words(oldest)}
    return None


def read_lines(school_class: SchoolClass, day: date, *, with_planned: bool = True) -> list[Line]:
    """The lines of a register, in the order of the class list; one statement.

    A save reads them again under its lock and has no use for planned absences.
    """
    roster = ROSTER if with_planned else ROSTER_WITHOUT_PLANNED
    return [
        Line(
            pk=pk,
            student_id=student_id,
            full_name=f"{given_name} {family_name}".strip(),
            record=record,
            recorded_at=recorded_at,
            marked_at=marked_at,
            marked_by=marked_by,
            mark=Mark(Status(mark[0]), *mark[1:]) if record else None,
            planned=planned,
        )
        for pk, student_id, given_name, family_name, record, recorded_at, marked_at, marked_by, *mark, planned in (
            roster.rows(school_class=school_class.pk, day=day)
        )
    ]


def open_register(school: School, school_class: SchoolClass, day: date, user: User) -> OpenRegister:
    """Read a register in two statements (calendar, lines). `school_class` has its academic_year loaded."""
    closed = why_closed(school, school_class, day, user)
    return OpenRegister(school_class, day, read_lines(school_class, day), closed)
