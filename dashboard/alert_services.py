"""Everything that writes for the early warning: sets of thresholds, and what staff did about an alert."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts.models import User
from dashboard.models import FollowUp, ThresholdSet
from dashboard.thresholds import Thresholds, thresholds_in_force
from students.models import School, Student


class ThresholdsMovedError(Exception):
    """Somebody else put thresholds in force since those at hand were rehearsed; nothing was changed."""

    def __init__(self, in_force: Thresholds) -> None:
        super().__init__(f"version {in_force.version} is in force")
        self.in_force = in_force


@transaction.atomic
def set_thresholds(*, by: User, wanted: Thresholds, against: int | None = None) -> ThresholdSet | None:
    """Put thresholds in force as a new version; None, and nothing written, where the same are in force.

    `against` is the version they were rehearsed against; None takes whichever is in force. Raises
    ThresholdsMovedError for another one.
    """
    School.objects.select_for_update().get(pk=School.ONLY)  # two admins get two numbers
    in_force = thresholds_in_force()
    if in_force.columns() == wanted.columns():
        return None
    if against not in {None, in_force.version}:
        raise ThresholdsMovedError(in_force)
    return ThresholdSet.objects.create(version=in_force.version + 1, set_by=by, **wanted.columns())


@transaction.atomic
def note_follow_up(*, by: User, student: Student, kind: str, note: str, done_on: date, look_again_on: date) -> FollowUp:
    """Note what was done about a student's alerts. The same again, sent twice, writes nothing."""
    Student.objects.select_for_update().get(pk=student.pk)  # two clicks wait for each other
    wanted = {"kind": kind, "note": note, "done_on": done_on, "look_again_on": look_again_on}
    standing = FollowUp.objects.filter(student=student, noted_by=by, **wanted).first()
    if standing:
        return standing
    action = FollowUp(student=student, noted_by=by, **wanted)
    action._history_user = by  # type: ignore[attr-defined]
    action.save()
    return action


def withdraw_follow_up(*, by: User, action: FollowUp) -> None:
    """Take a follow-up back; the history keeps it."""
    action._history_user = by  # type: ignore[attr-defined]
    action.delete()


def erase_follow_ups(student: Student, _by: User) -> None:
    """Delete a student's follow-ups with their history."""
    FollowUp.objects.filter(student=student).delete()
    FollowUp.history.filter(student_id=student.pk).delete()
