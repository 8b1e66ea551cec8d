"""Everything that writes across domains: the notes for families."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from dashboard.models import FamilyNote
from students.models import Student


@transaction.atomic
def write_family_note(*, by: User, student: Student, text: str) -> FamilyNote:
    """Put a note on a student's report. The same text again, while it stands there, writes nothing."""
    Student.objects.select_for_update().get(pk=student.pk)  # two clicks wait for each other
    standing = FamilyNote.objects.filter(student=student, text=text, written_by=by).first()
    if standing:
        return standing
    note = FamilyNote(student=student, text=text, written_by=by)
    note._history_user = by  # type: ignore[attr-defined]
    note.save()
    return note


def withdraw_family_note(*, by: User, note: FamilyNote) -> None:
    """Take a note off the report; the history keeps it."""
    note._history_user = by  # type: ignore[attr-defined]
    note.delete()


def erase_family_notes(student: Student, _by: User) -> None:
    """Delete a student's notes with their history."""
    FamilyNote.objects.filter(student=student).delete()
    FamilyNote.history.filter(student_id=student.pk).delete()
