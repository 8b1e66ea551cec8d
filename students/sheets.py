"""What every sheet shares: a form with one line a student, such as a register, saved as a whole by one person.

The lines are merged by core.merge, written here with their history, and taken back here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from students.models import Student
from students.records import StudentRecord
from students.row_writing import insert_rows, note_history, overwrite_rows

UNDO_FOR = timedelta(minutes=10)


class SheetRecord(StudentRecord):
    """One student's line of a sheet. `marked_by` is who wrote it last, and `updated_at` when."""

    marked_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=gettext_lazy("marked by"),
    )
    sheet_fields: ClassVar[tuple[str, ...]] = ()  # what a line of the sheet consists of

    class Meta:
        abstract = True


class UndoRefused(ValidationError):
    """A save cannot be taken back; the message says why. Nothing was changed."""


def write_rows(
    *, by: User, moment: datetime, new: Sequence[SheetRecord] = (), changed: Sequence[SheetRecord] = ()
) -> None:
    """Write lines of one sheet with their history, dated with one moment: by it and `by` a save can be found again.

    Hand the rows in sorted by student: two saves that write in one order cannot deadlock.
    """
    for row in (*new, *changed):
        row.marked_by_id = by.pk
    if new:
        insert_rows(new)
        note_history(new, kind="+", by=by, moment=moment)
    if changed:
        update_rows(by=by, moment=moment, rows=changed)


def update_rows(*, by: User, moment: datetime, rows: Sequence[SheetRecord], more: Sequence[str] = ()) -> None:
    """Write changed lines with their history, inside the transaction that holds the sheet's lock.

    `more` names columns beside those of the sheet that changed with it.
    """
    for row in rows:
        row.updated_at = moment
    overwrite_rows(rows, [*rows[0].sheet_fields, *more, "marked_by", "updated_at"])
    note_history(rows, kind="~", by=by, moment=moment)


def remove_rows(*, by: User, moment: datetime, rows: Sequence[StudentRecord]) -> None:
    """Delete lines, or any records of students, each with a row in the history: simple-history knows no bulk delete."""
    if not rows:
        return
    note_history(rows, kind="-", by=by, moment=moment)
    doomed = type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows])
    doomed._raw_delete(doomed.db)  # delete() would write each history row once more, one by one


def take_back(
    *,
    by: User,
    saved_at: datetime,
    rows: models.QuerySet[Any],
    history: models.QuerySet[Any],
    fit: Callable[[Any], None] | None = None,
) -> int:
    """Undo one person's save of a sheet as a new change; gives how many lines it changed.

    `rows` and `history` are the lines of this sheet as stored and as recorded; the caller holds the sheet's lock.
    `fit` is called with each line that comes back, to fit it to what else has changed since, or to refuse.
    Raises UndoRefused once 10 minutes have passed, where nothing of that save is found, and where a line was changed
    since, naming who and when.
    """
    now = timezone.now()
    before = versions_before(by=by, saved_at=saved_at, history=history)
    stored = {row.student_id: row for row in rows.filter(student__in=before)}
    changed: list[Any] = []
    lost: list[Any] = []
    for student, version in sorted(before.items()):
        if version is None or not was_there(version):
            continue
        row = stored.get(student) or version.instance
        (changed if student in stored else lost).append(row)
        for name in (*row.sheet_fields, "marked_by_id"):
            setattr(row, name, getattr(version, name))
        if fit:
            fit(row)
    if changed:
        update_rows(by=by, moment=now, rows=changed)
    if lost:
        insert_rows(lost)
        note_history(lost, kind="+", by=by, moment=now)
    remove_rows(by=by, moment=now, rows=[stored[key] for key in sorted(stored) if not was_there(before[key])])
    return len(stored) + len(lost)


def versions_before(*, by: User, saved_at: datetime, history: models.QuerySet[Any]) -> dict[int, Any | None]:
    """The lines of one person's save, by student, each with the version before it. Refuses as `take_back` says."""
    now = timezone.now()
    if not now - UNDO_FOR <= saved_at <= now:
        raise UndoRefused(_("Only the save of the last 10 minutes can be undone. Correct the lines here instead."))
    versions: dict[int, list[Any]] = defaultdict(list)
    for version in history.order_by("history_date", "history_id"):
        versions[version.student_id].append(version)
    saved = {
        student: kept
        for student, kept in versions.items()
        if any(version.history_date == saved_at and version.history_user_id == by.pk for version in kept)
    }
    if not saved:
        raise UndoRefused(_("There is nothing left to undo here."))
    refuse_changed_since(saved_at, [kept[-1] for kept in saved.values()])
    return {student: kept[-2] if len(kept) > 1 else None for student, kept in saved.items()}


def was_there(version: Any | None) -> bool:
    """Whether a line stood in the sheet after this version of it."""
    return version is not None and version.history_type != "-"


def refuse_changed_since(saved_at: datetime, latest: Iterable[Any]) -> None:
    """Raise UndoRefused where the latest version of a line is not the one that was saved then."""
    since = [version for version in latest if version.history_date != saved_at]
    if not since:
        return
    last = max(since, key=lambda version: version.history_date)
    names = Student.objects.filter(pk__in=[version.student_id for version in since])
    raise UndoRefused(
        _("%(who)s changed this since, at %(time)s: %(students)s. Nothing was undone; correct the lines here instead.")
        % {
            "who": last.history_user or _("Somebody"),
            "time": time_format(timezone.localtime(last.history_date), "H:i"),
            "students": ", ".join(str(student) for student in names),
        }
    )
