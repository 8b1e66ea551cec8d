"""Who is absent without a reason on a day, whom to call about it, and who was answered already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from attendance.desk import mark_of
from attendance.models import AttendanceRecord, Status
from attendance.register import why_closed
from attendance.today import RegistersOfDay, registers_of_day
from core.merge import fingerprint
from students.models import Contact, Enrolment, School, Student

CSV_COLUMNS = (
    "student_id",
    "full_name",
    "class",
    "contact_kind",
    "called_in_order",
    "contact_name",
    "relationship",
    "phone",
)


@dataclass
class Call:
    """A student to call about, with the marks that the answer goes to and what is typed for it."""

    student: Student
    marks: list[AttendanceRecord] = field(default_factory=list)
    reason: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def classes(self) -> str:
        return ", ".join(mark.school_class.name for mark in self.marks)

    @property
    def bases(self) -> list[tuple[int, str]]:
        """The key of each class with the fingerprint of its mark."""
        return [(record.school_class_id, fingerprint(mark_of(record))) for record in self.marks]


@dataclass(frozen=True)
class AbsentToday:
    """What `/attendance/absent-today/` shows.

    calls: those absent without a note, by class and name. answered: the marks of those excused and of those absent
    with a note. closed_because: why this person cannot note an answer on this day, or None.
    """

    registers: RegistersOfDay
    calls: list[Call]
    answered: list[AttendanceRecord]
    closed_because: str | None

    @property
    def excused(self) -> list[AttendanceRecord]:
        return [mark for mark in self.answered if mark.status == Status.EXCUSED]

    @property
    def noted(self) -> list[AttendanceRecord]:
        return [mark for mark in self.answered if mark.status == Status.ABSENT]

    @property
    def not_taken(self) -> int:
        """How many registers of the day are due and not taken."""
        return sum(not due.is_taken for due in self.registers.due)

    @property
    def why_none(self) -> str:
        """What to say where nobody is to be called."""
        if not self.registers.due:
            return _("No register is due on this day.")
        if not any(due.marked for due in self.registers.due):
            return _("No register of this day is taken yet, so nobody is known to be absent.")
        return _("Nobody is absent without a reason.")

    @property
    def still_missing(self) -> str:
        """How many registers of the day are not taken, as a sentence; empty where all are."""
        if not self.not_taken:
            return ""
        sentence = ngettext(
            "%(number)d register of this day is not taken yet.",
            "%(number)d registers of this day are not taken yet.",
            self.not_taken,
        )
        return sentence % {"number": self.not_taken}

    def keep_typed(self, student_id: str, reason: str, errors: list[str]) -> None:
        """Show again what was typed for a student, with what is wrong with it."""
        for call in self.calls:
            if call.student.student_id == student_id:
                call.reason, call.errors = reason, errors


def absent_today(school: School, user: User, asked: date | None = None) -> AbsentToday:
    """Those absent on the day asked for, or on the latest school day, in the classes of this person.

    Beside the statements of registers_of_day one for the marks and, where somebody is to be called, one for the
    calendar of the edit window.
    """
    registers = registers_of_day(school, user, asked)
    classes = [due.school_class for due in registers.due]
    without_marks = AttendanceRecord.objects.visible_to(user).filter(school_class__in=classes, date=registers.day)
    marks = (
        without_marks.filter(Q(status=Status.ABSENT) | Q(status=Status.EXCUSED))
        .covered_by(Enrolment.objects.all())
        .select_related("student", "school_class", "marked_by__teacher", "marked_by__parent")
        .order_by("school_class__name", "student__family_name", "student__given_name", "pk")
    )
    calls: dict[int, Call] = {}
    answered = []
    for mark in marks:
        if mark.status == Status.ABSENT and not mark.note:
            calls.setdefault(mark.student_id, Call(mark.student)).marks.append(mark)
        else:
            answered.append(mark)
    closed = why_closed(school, classes[0], registers.day, user) if calls else None
    return AbsentToday(registers, list(calls.values()), answered, closed)


def load_contacts(calls: Iterable[Call]) -> None:
    """Load whom to call about these students, in two statements."""
    prefetch_related_objects([call.student for call in calls], "guardians", "emergency_contacts")


def call_lines(calls: list[Call]) -> Iterator[list[object]]:
    """One line of the CSV a person to call, in the order of calling; a student without any has a line too."""
    for call in calls:
        who = [call.student.student_id, call.student.full_name, call.classes]
        people: list[tuple[str, Contact]] = [("guardian", each) for each in call.student.guardians.all()]
        people += [("emergency contact", each) for each in call.student.emergency_contacts.all()]
        for number, (kind, person) in enumerate(people, start=1):
            yield [*who, kind, number, person.name, person.relationship, person.phone]
        if not people:
            yield [*who, "", "", "", "", ""]
