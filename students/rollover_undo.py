"""Takes the start of a school year back, until the new year's first record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from simple_history.models import HistoricalChanges
from simple_history.utils import bulk_update_with_history

from accounts.models import User
from students import records
from students.models import AcademicYear, Enrolment, Rollover, SchoolClass, Student, TeachingAssignment
from students.records import enrolments_changed
from students.rollover import RolloverRefused
from students.rollover_writing import MADE, in_parts, remove_with_history, rows_by_key

BEFORE: tuple[tuple[Any, str], ...] = ((Enrolment, "ends_on"), (TeachingAssignment, "ends_on"), (Student, "left_on"))


def undo_rollover(*, by: User, rollover: Rollover) -> None:
    """Remove what the rollover made and put back what it changed. Raises RolloverRefused, with nothing changed.

    Students who were erased meanwhile stay erased.
    """
    try:
        with transaction.atomic():
            take_back(by, rollover)
    except IntegrityError as error:
        message = _("Classes or students changed since in a way that leaves no place for what was there before.")
        raise RolloverRefused(message) from error


def take_back(by: User, rollover: Rollover) -> None:
    """Check under a lock, then remove, then put back."""
    locked = Rollover.objects.select_for_update().get(pk=rollover.pk)
    list(SchoolClass.objects.select_for_update().filter(academic_year=locked.new_year_id).order_by("pk").values("pk"))
    list(Student.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
    if refusal := kept_because(locked):
        raise RolloverRefused(refusal)
    written = locked.written
    locked.new_year, locked.undone_by, locked.undone_at, locked.written = None, by, timezone.now(), {}
    locked.save()
    # Later starts out of the new year that were undone themselves.
    Rollover.objects.filter(old_year__in=written["made"][AcademicYear.__name__]).update(old_year=None)
    for model in MADE:
        remove_with_history(model, written["made"][model.__name__], by)
    for model, column in BEFORE:
        put_back(model, column, written["before"][model.__name__], by)
    since = locked.old_year.ends_on if locked.old_year else None
    enrolments_changed(by=by, students=Student.objects.values_list("pk", flat=True), since=since)


def put_back(model: Any, column: str, before: list[Any], by: User) -> None:
    """Give the rows that are still there their former day, and the time of their last change."""
    former = {key: (day, changed_at) for key, day, changed_at in before}
    rows = rows_by_key(model, list(former))
    for key, row in rows.items():
        day, changed_at = former[key]
        setattr(row, column, date.fromisoformat(day) if day else None)
        row.updated_at = datetime.fromisoformat(changed_at)
    if rows:
        bulk_update_with_history([rows[key] for key in sorted(rows)], model, [column, "updated_at"], default_user=by)


def kept_because(rollover: Rollover) -> str:
    """Why the start of the year cannot be taken back any more; empty where it can."""
    if rollover.new_year is None:
        return _("This start of a school year has been taken back already.")
    reasons = (*records_in(rollover), *added_to(rollover), *changed_since(rollover))
    return reasons[0] if reasons else ""


def in_number(model: type[Model], number: int) -> str:
    name = model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural
    return f"{number} {name}"


def records_in(rollover: Rollover) -> Iterator[str]:
    """Records about students that came after the rollover and lie in the new year by their day."""
    year: Any = rollover.new_year
    for model in records.REGISTERED:
        columns = {field.name for field in model._meta.concrete_fields}
        rows: Any = model._default_manager.filter(pk__gt=rollover.written["records"].get(model._meta.label, 0))
        if "date" in columns:
            rows = rows.filter(date__gte=year.starts_on, date__lt=year.ends_on)
        elif {"starts_on", "ends_on"} <= columns:
            rows = rows.filter(starts_on__lt=year.ends_on, ends_on__gt=year.starts_on)
        else:
            continue  # reached through its class, see added_to
        if number := rows.count():
            yield _("The new year has its first records: %(what)s.") % {"what": in_number(model, number)}


def added_to(rollover: Rollover) -> Iterator[str]:
    """Rows that point at what the rollover made and that it did not make itself: registers, marks, later classes."""
    made = rollover.written["made"]
    for model in MADE:
        for relation in model._meta.get_fields(include_hidden=True):
            other = relation.related_model
            if not relation.auto_created or relation.concrete or issubclass(other, HistoricalChanges):
                continue
            own = set(made.get(other.__name__, [])) if other in MADE else set()
            keys = keys_pointing(relation, made[model.__name__])
            if other is Rollover:
                keys -= set(Rollover.objects.filter(new_year=None).values_list("pk", flat=True)) | {rollover.pk}
            if number := len(keys - own):
                names = {"what": in_number(other, number), "to": model._meta.verbose_name}
                yield _("Added since to what was made (%(to)s): %(what)s.") % names
    yield from enrolled_since(rollover)


def keys_pointing(relation: Any, keys: list[int]) -> set[int]:
    """The keys of the rows that point along a relation at one of the keys."""
    manager = relation.related_model._base_manager
    column = f"{relation.field.name}__in"
    return {key for part in in_parts(keys) for key in manager.filter(**{column: part}).values_list("pk", flat=True)}


def enrolled_since(rollover: Rollover) -> Iterator[str]:
    """Students of the rollover who came into a class since, in whatever year."""
    made = rollover.written["made"][Enrolment.__name__]
    later = Enrolment.objects.filter(pk__gt=rollover.written["last_enrolment"])
    ended = {key for key, _day, _changed in rollover.written["before"][Enrolment.__name__]}
    students = {row.student_id for row in rows_by_key(Enrolment, [*made, *ended]).values()}
    for enrolment in later.select_related("student", "school_class"):
        if enrolment.student_id in students:
            names = {"student": enrolment.student.full_name, "class": enrolment.school_class.name}
            yield _("%(student)s came into %(class)s since. Remove that enrolment first.") % names
            return


def changed_since(rollover: Rollover) -> Iterator[str]:
    """The first row that the rollover wrote and somebody changed or removed since, as its history says.

    A student who was erased has no history any more, and is no reason.
    """
    written = rollover.written
    for model in (*MADE, Student):
        name = model.__name__
        keys = [*written["made"].get(name, []), *(row[0] for row in written["before"].get(name, []))]
        for part in in_parts(keys):
            later = model.history.filter(history_id__gt=written["history"][name], id__in=part)
            if change := later.order_by("history_id").first():
                names = {"kind": model._meta.verbose_name, "row": shown(change)}
                yield _("Changed since: %(row)s (%(kind)s). Undoing would lose that change.") % names
                return


def shown(change: Any) -> str:
    """The row of a history in words, where what it names is still there."""
    try:
        return str(change.instance)
    except ObjectDoesNotExist:
        return str(change.id)


def what_goes(rollover: Rollover) -> list[str]:
    """What taking the start back removes and puts back, in words."""
    made, before = rollover.written["made"], rollover.written["before"]
    goes = [in_number(model, len(made[model.__name__])) for model in reversed(MADE) if made[model.__name__]]
    ended, left = len(before[Enrolment.__name__]), len(before[Student.__name__])
    reopened = ngettext(
        "%d earlier enrolment gets back the end that it had.", "%d earlier enrolments get back the end they had.", ended
    )
    stays = ngettext("%d leaver stays at the school.", "%d leavers stay at the school.", left)
    return [_("These go: %(what)s.") % {"what": ", ".join(goes)}, reopened % ended, stays % left]
