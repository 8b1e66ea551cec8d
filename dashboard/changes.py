"""Who changed what of a child, out of every history, in words: old value → new value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit_digests import Source, sources
from accounts.models import AccessLog, User
from accounts.office import NOTHING, shown_value
from students.models import Student

LEFT_OUT = {"id", "created_at", "updated_at", "student", "uuid"}
WHAT_WAS_DONE = {"+": gettext_lazy("added"), "~": gettext_lazy("changed"), "-": gettext_lazy("removed")}
Version = tuple[str, int]  # the label of a history, the key of one row of it


@dataclass(frozen=True)
class Change:
    """One line: when, who, what was added, changed or removed, and each value of it in words."""

    at: datetime
    who: str
    what: str
    done: str
    values: list[str]


def histories() -> dict[str, Source]:
    """The histories whose rows may be about a child."""
    return {label: each for label, each in sources().items() if each.names_child and each.model is not AccessLog}


def versions_of(child: Student) -> QuerySet[Any, Any]:
    """Every version of every row about the child, as label, key and time, the last one first: one statement."""
    parts = [
        source.rows_about(student_key=child.pk, student_id=child.student_id)
        .order_by()
        .annotate(label=Value(label, output_field=CharField()))
        .values_list("label", "history_id", "history_date")
        for label, source in histories().items()
    ]
    versions: QuerySet[Any, Any] = parts[0].union(*parts[1:], all=True)
    return versions.order_by("-history_date", "label", "-history_id")


def changes_on(page: Page[Any]) -> list[Change]:
    """The lines of a page; two statements a kind of record on it, and one for each kind of row that they name."""
    keys: dict[str, list[int]] = defaultdict(list)
    for label, key, _date in page:
        keys[label].append(key)
    found: dict[Version, Any] = {}
    before: dict[Version, Any] = {}
    for label in sorted(keys):
        model: Any = histories()[label].model
        earlier = model.objects.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id")
        rows = model.objects.filter(pk__in=keys[label]).annotate(before=Subquery(earlier.values("history_id")[:1]))
        versions = list(rows.select_related("history_user__teacher", "history_user__parent"))
        former = model.objects.in_bulk([version.before for version in versions if version.before])
        for version in versions:
            found[label, version.pk] = version
            before[label, version.pk] = former.get(version.before)
    names = named_rows([*found.values(), *(version for version in before.values() if version)])
    return [change_of(found[label, key], before[label, key], names) for label, key, _date in page]


def named_rows(versions: Iterable[Any]) -> dict[tuple[type, int], str]:
    """What the rows are called that versions refer to, such as a class; one statement a kind."""
    keys: dict[type, set[int]] = defaultdict(set)
    for version in versions:
        for field in shown_fields(version):
            if field.is_relation and (key := getattr(version, field.attname)) is not None:
                keys[field.related_model].add(key)
    names = {}
    for model in sorted(keys, key=lambda model: model.__name__):
        rows: Any = model._base_manager  # type: ignore[attr-defined]
        if model is User:
            rows = rows.select_related("teacher", "parent")
        names.update({(model, key): str(row) for key, row in rows.in_bulk(keys[model]).items()})
    return names


def shown_fields(version: Any) -> list[Any]:
    """The columns of a version that people know."""
    return [field for field in version.tracked_fields if field.name not in LEFT_OUT]


def change_of(version: Any, former: Any | None, names: dict[tuple[type, int], str]) -> Change:
    """A version as a line: of a changed row the values that differ, of an added or removed one all that it has."""
    values = []
    for field in shown_fields(version):
        label, new = str(field.verbose_name).capitalize(), value_of(version, field, names)
        if version.history_type != "~" or former is None:
            if new != NOTHING:
                values.append(_("%(field)s: %(value)s") % {"field": label, "value": new})
        elif (old := value_of(former, field, names)) != new:
            values.append(_("%(field)s: %(old)s → %(new)s") % {"field": label, "old": old, "new": new})
    return Change(
        at=version.history_date,
        who=str(version.history_user or _("A program of the school")),
        what=str(version.instance_type._meta.verbose_name).capitalize(),
        done=str(WHAT_WAS_DONE[version.history_type]),
        values=values,
    )


def value_of(version: Any, field: Any, names: dict[tuple[type, int], str]) -> str:
    """One value in words; a row that is gone is named by its number."""
    value = getattr(version, field.attname)
    if field.is_relation:
        return NOTHING if value is None else names.get((field.related_model, value), f"#{value}")
    return str(shown_value(version.instance_type, field.name, value))
