"""The late desk as it is read: the pupils whom a search finds, each with today's mark and whether it can be written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from attendance.desk_services import ChangedMeanwhile
from attendance.models import AttendanceRecord, Status
from attendance.register import Line, Mark
from core.merge import fingerprint
from core.templatetags.portal import clock_on
from students.calendar import SchoolCalendar, load_calendar
from students.models import School, SchoolClass, Student
from students.sheet_pages import names_of


@dataclass
class Found:
    """A pupil at the late desk: the mark in the main class today, and its fingerprint for the form.

    closed_because: why nothing can be noted here, as a sentence, or None. time: what stands in the form.
    """

    student: Student
    class_name: str
    mark: Mark | None
    closed_because: str | None
    time: str
    errors: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        return fingerprint(self.mark)


def found_at_desk(school: School, user: User, students: list[Student]) -> list[Found]:
    """The pupils of one page of the search with today's marks, in three statements: classes, calendar, marks.

    `students` come from `with_class`.
    """
    now = school.now()
    today = now.date()
    keys = {student.class_id for student in students}  # type: ignore[attr-defined]
    own = SchoolClass.objects.visible_to(user).filter(pk__in=keys).select_related("academic_year")
    classes = {school_class.pk: school_class for school_class in own}
    calendar = load_calendar(school, today, today)
    rows = AttendanceRecord.objects.visible_to(user).filter(student__in=students, date=today)
    marks = {(row.student_id, row.school_class_id): mark_of(row) for row in rows}
    found = []
    for student in students:
        key, name = student.class_id, student.class_name  # type: ignore[attr-defined]
        found.append(
            Found(
                student,
                name or "",
                marks.get((student.pk, key)),
                why_not_noted(calendar, today, name, classes.get(key)),
                now.strftime("%H:%M"),
            )
        )
    return found


def why_not_noted(
    calendar: SchoolCalendar, today: date, class_name: str | None, school_class: SchoolClass | None
) -> str | None:
    """Why nobody can be noted late in this class today, or None; `school_class` is None where it is not theirs."""
    if school_class is None:
        return not_your_class(class_name)
    return calendar.why_no_school(school_class, today)


def not_your_class(class_name: str | None) -> str:
    """What is said of a student in no main class today, or of a teacher's in a main class of somebody else."""
    if not class_name:
        return _("In no main class today, so there is no register to note it in.")
    return _("%(class)s is not your class. Its teacher or the office notes this.") % {"class": class_name}


def mark_of(record: AttendanceRecord) -> Mark:
    """A stored mark as the register reads it."""
    return Mark(Status(record.status), record.minutes_late, record.left_early, record.note)


def what_changed(changed: ChangedMeanwhile, day: date) -> list[str]:
    """Who changed which mark to what and when, a sentence a mark; one statement."""
    names = names_of({clash.line.marked_by for _class, clash in changed.clashes})
    return [
        *(say_change(school_class, clash.line, names, day) for school_class, clash in changed.clashes),
        _("Look at the mark as it is now, then decide again."),
    ]


def say_change(school_class: SchoolClass, line: Line, names: dict[int, str], day: date) -> str:
    """Such as "Meanwhile, at 09:05, Ana Silva marked Amina Diallo in 7A: Late, “Bus”."."""
    words = {"name": line.full_name, "class": school_class}
    if line.mark is None or line.marked_at is None:
        return _("Meanwhile the mark of %(name)s in %(class)s was taken back.") % words
    note = f", “{line.mark.note}”" if line.mark.note else ""
    words |= {
        "who": names.get(line.marked_by or 0, _("Somebody")),
        "time": clock_on(line.marked_at, day),
        "mark": f"{line.mark.status.label}{note}",
    }
    return _("Meanwhile, at %(time)s, %(who)s marked %(name)s in %(class)s: %(mark)s.") % words


def say_noted(student: Student, school_class: SchoolClass, mark: Mark) -> str:
    """Such as "Amina Diallo, 7A: Late, 42 minutes, “Arrived 09:12”."."""
    parts = [str(mark.status.label)]
    if mark.minutes_late:
        minutes = ngettext("%(minutes)d minute", "%(minutes)d minutes", mark.minutes_late)
        parts.append(minutes % {"minutes": mark.minutes_late})
    if mark.left_early:
        parts.append(_("left early"))
    return f"{student.full_name}, {school_class}: {', '.join(parts)}, “{mark.note}”."


def search(user: User, today: date, text: str) -> Iterable[Student]:
    """The students whom a search at the desk finds among those who attend, with their main class."""
    students = Student.objects.visible_to(user).current(today).with_class(today)
    return students.matching(text) if text.strip() else students.none()
