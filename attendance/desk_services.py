"""What the desk writes: the answer of a call, who came late and who left early, absences planned beforehand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from accounts.models import User
from attendance.models import MOST_MINUTES_LATE, AttendanceRecord, PlannedAbsence, Status
from attendance.register import Line, Mark, OpenRegister, open_register
from attendance.services import Clash, RegisterRefused, take_register
from core.merge import fingerprint
from students.calendar import in_words
from students.fields import last_day
from students.models import School, SchoolClass, Student
from students.services import save_by

NOTE_LENGTH = AttendanceRecord._meta.get_field("note").max_length or 0
BETWEEN_NOTES = "; "


class DeskRefused(ValidationError):
    """The desk cannot write this; the message says why and what to do. Nothing was changed."""


class ChangedMeanwhile(Exception):
    """Somebody changed a mark since it was shown, so nothing was written; `clashes` says which, by class."""

    def __init__(self, clashes: list[tuple[SchoolClass, Clash]]) -> None:
        super().__init__()
        self.clashes = clashes


@transaction.atomic
def answer_absence(
    *, by: User, school: School, student: Student, day: date, bases: Mapping[SchoolClass, str], answer: Mark
) -> None:
    """Give a student's marks of a day the answer of the guardian, in all of these classes or in none.

    `bases` holds the fingerprint of each mark as it was shown. Raises ChangedMeanwhile where one is stored otherwise
    now, RegisterRefused where `by` may not correct the register or the student is not in the class on the day.
    """
    clashes: list[tuple[SchoolClass, Clash]] = []
    for school_class, base in sorted(bases.items(), key=lambda pair: pair[0].pk):
        opened = open_register(school, school_class, day, by)
        clashes += write_mark(by=by, opened=opened, student=student, mark=answer, base=base)
    if clashes:
        raise ChangedMeanwhile(clashes)


@transaction.atomic
def note_arrival(*, by: User, school: School, school_class: SchoolClass, student: Student, at: time, base: str) -> Mark:
    """Mark a student late in today's register of the class; gives the mark.

    The note gets "Arrived 09:12"; minutes are counted where the school says when its day begins. `base` is the
    fingerprint of the mark as it was shown. Raises DeskRefused for a time that is to come or not late, else as
    answer_absence.
    """
    now = school.now()
    refuse_future(at, now)
    opened, line = find_line(by=by, school=school, school_class=school_class, student=student, day=now.date())
    mark = Mark(
        Status.LATE,
        minutes_after(school.starts_at, at),
        bool(line.mark and line.mark.left_early),
        with_note(line.mark, _("Arrived %(time)s"), at),
    )
    if clashes := write_mark(by=by, opened=opened, student=student, mark=mark, base=base):
        raise ChangedMeanwhile(clashes)
    return mark


@transaction.atomic
def note_leaving(*, by: User, school: School, school_class: SchoolClass, student: Student, at: time, base: str) -> Mark:
    """Note in today's register of the class that a student left early; gives the mark.

    Present and late stay, no mark becomes present, the note gets "Left 14:05". Raises as note_arrival, and for a
    student who is marked absent or excused.
    """
    now = school.now()
    refuse_future(at, now)
    if school.starts_at and at < school.starts_at:
        raise DeskRefused(
            _("%(time)s is before the school day begins at %(start)s. Give the time of leaving.")
            % {"time": clock(at), "start": clock(school.starts_at)}
        )
    opened, line = find_line(by=by, school=school, school_class=school_class, student=student, day=now.date())
    stored = line.mark or Mark(Status.PRESENT)
    if stored.status not in {Status.PRESENT, Status.LATE}:
        words = {"name": line.full_name, "mark": stored.status.label.lower()}
        raise DeskRefused(_("%(name)s is marked %(mark)s; mark as arrived first.") % words)
    mark = Mark(stored.status, stored.minutes_late, True, with_note(line.mark, _("Left %(time)s"), at))
    if clashes := write_mark(by=by, opened=opened, student=student, mark=mark, base=base):
        raise ChangedMeanwhile(clashes)
    return mark


def write_mark(
    *, by: User, opened: OpenRegister, student: Student, mark: Mark, base: str
) -> list[tuple[SchoolClass, Clash]]:
    """Note one mark without taking the register; gives what clashes."""
    key = student.student_id
    receipt = take_register(by=by, opened=opened, marks={key: mark}, bases={key: base}, is_taking=False)
    return [(opened.school_class, clash) for clash in receipt.clashes]


def find_line(
    *, by: User, school: School, school_class: SchoolClass, student: Student, day: date
) -> tuple[OpenRegister, Line]:
    """The register of a class and the student's line in it. Raises RegisterRefused where there is none to write."""
    opened = open_register(school, school_class, day, by)
    if opened.closed_because:
        raise RegisterRefused(opened.closed_because)
    for line in opened.lines:
        if line.pk == student.pk:
            return opened, line
    words = {"name": student.full_name, "class": school_class}
    raise RegisterRefused(_("%(name)s is not in %(class)s today. Search again to see the class.") % words)


def refuse_future(at: time, now: datetime) -> None:
    """Raises DeskRefused for a time of today that is still to come."""
    if at > now.time():
        words = {"time": clock(at), "now": clock(now.time())}
        raise DeskRefused(_("%(time)s is still to come: it is %(now)s now. Give a time that has passed.") % words)


def minutes_after(starts_at: time | None, at: time) -> int | None:
    """Minutes late, or None where the school does not say when its day begins. Raises DeskRefused if not late."""
    if starts_at is None:
        return None
    words = {"time": clock(at), "start": clock(starts_at), "most": MOST_MINUTES_LATE}
    minutes = (at.hour - starts_at.hour) * 60 + at.minute - starts_at.minute
    if minutes <= 0:
        message = _("The school day begins at %(start)s, so %(time)s is not late. Mark Present in the register.")
        raise DeskRefused(message % words)
    if minutes > MOST_MINUTES_LATE:
        message = _("%(time)s is more than %(most)d minutes after the school day begins. Give an earlier time.")
        raise DeskRefused(message % words)
    return minutes


def with_note(stored: Mark | None, sentence: str, at: time) -> str:
    """The stored note with, say, "Arrived 09:12" at its end, in place of an earlier one of that kind.

    Raises DeskRefused where it grows past what a note holds.
    """
    earlier = re.compile(re.escape(sentence % {"time": "@"}).replace("@", "[0-9]{2}:[0-9]{2}"))
    parts = stored.note.split(BETWEEN_NOTES) if stored and stored.note else []
    note = BETWEEN_NOTES.join(
        [*(part for part in parts if not earlier.fullmatch(part)), sentence % {"time": clock(at)}]
    )
    if len(note) > NOTE_LENGTH:
        message = _("With this the note has %(length)d characters, more than %(most)d. Shorten it in the register.")
        raise DeskRefused(message % {"length": len(note), "most": NOTE_LENGTH})
    return note


def clock(at: time) -> str:
    return time_format(at, "H:i")


@transaction.atomic
def plan_absence(*, by: User, student: Student, starts_on: date, ends_on: date, reason: str) -> PlannedAbsence:
    """Note an absence that is known beforehand; `ends_on` is the first day after it.

    Raises DeskRefused where another planned absence of the student shares a day.
    """
    absence = PlannedAbsence(student=student, starts_on=starts_on, ends_on=ends_on, reason=reason, entered_by=by)
    refuse_overlap(absence)
    save_by(absence, by)
    return absence


@transaction.atomic
def change_planned_absence(
    *, by: User, absence: PlannedAbsence, base: str, starts_on: date, ends_on: date, reason: str
) -> PlannedAbsence:
    """Change the days or the reason of a planned absence; `base` is its fingerprint as it was shown.

    Raises DeskRefused where somebody changed or withdrew it since, and as plan_absence.
    """
    stored = lock_unchanged(absence, base)
    if (stored.starts_on, stored.ends_on, stored.reason) == (starts_on, ends_on, reason):
        return stored  # nothing to note in the history
    stored.starts_on, stored.ends_on, stored.reason = starts_on, ends_on, reason
    refuse_overlap(stored)
    save_by(stored, by)
    return stored


@transaction.atomic
def withdraw_planned_absence(*, by: User, absence: PlannedAbsence, base: str) -> None:
    """Remove a planned absence; its history stays, and so do marks that it prefilled. Raises as above."""
    stored = lock_unchanged(absence, base)
    stored._history_user = by  # type: ignore[attr-defined]
    stored.delete()


def planned_fingerprint(absence: PlannedAbsence) -> str:
    """What tells one version of a planned absence from another."""
    return fingerprint((absence.starts_on.isoformat(), absence.ends_on.isoformat(), absence.reason))


def lock_unchanged(absence: PlannedAbsence, base: str) -> PlannedAbsence:
    """The planned absence, locked, if it is as it was shown."""
    stored = PlannedAbsence.objects.select_for_update(of=("self",)).filter(pk=absence.pk).first()
    if stored is None:
        raise DeskRefused(_("Somebody withdrew this planned absence meanwhile."))
    if planned_fingerprint(stored) != base:
        message = _("Somebody changed this meanwhile: it is now %(days)s, “%(reason)s”. Look again, then decide.")
        raise DeskRefused(message % {"days": days_in_words(stored), "reason": stored.reason})
    return stored


def refuse_overlap(absence: PlannedAbsence) -> None:
    """Raises DeskRefused where the student has another planned absence on one of the days.

    Locks the student, so that of two people who plan the same days one is told.
    """
    Student.objects.select_for_update().get(pk=absence.student_id)
    last: date = last_day(absence.ends_on) or absence.starts_on
    others = PlannedAbsence.objects.filter(student=absence.student_id).exclude(pk=absence.pk)
    if other := others.overlapping(absence.starts_on, last).order_by("starts_on").first():
        message = _("%(name)s has a planned absence on these days already: %(days)s, “%(reason)s”. Change that one.")
        words = {"name": absence.student, "days": days_in_words(other), "reason": other.reason}
        raise DeskRefused(message % words)


def days_in_words(absence: PlannedAbsence) -> str:
    """Such as "Mon 16 Mar 2026 to Wed 18 Mar 2026", or the day alone."""
    last = absence.last_day or absence.starts_on
    if last == absence.starts_on:
        return in_words(absence.starts_on)
    return _("%(first)s to %(last)s") % {"first": in_words(absence.starts_on), "last": in_words(last)}
