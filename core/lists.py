"""What every list page shares: sorting by an allow-list and pages that say when they do not exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import OrderBy
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PAGE_SIZE = 25
ModelT = TypeVar("ModelT", bound=Model)


@dataclass(frozen=True)
class SortLink:
    """One sortable column head: where a click leads and how the list is sorted now."""

    label: StrOrPromise
    query: str
    direction: str  # "ascending", "descending" or "none", as aria-sort wants it


@dataclass(frozen=True)
class Chip:
    """An active filter: what it says, and the query without it."""

    label: str
    query: str


def chips_of(form: Any, query: QueryDict) -> list[Chip]:
    """The active filters of a bound filter form, each with the link that removes it.

    What a form assumes where the address says nothing is no active filter.
    """
    chips = []
    for field in form:
        value = field.value()
        if value in (None, "", []) or not query.get(field.name) or field.errors:
            continue
        choices = {str(key): str(label) for key, label in getattr(field.field, "choices", [])}
        chosen = value if isinstance(value, list) else [value]
        label = f"{field.label}: {', '.join(choices.get(str(each), str(each)) for each in chosen)}"
        chips.append(Chip(label, query_with(query, **{field.name: None, "page": None})))
    return chips


def query_with(query: QueryDict, **changes: str | None) -> str:
    """The query string with some values set (or dropped, for None), for links that keep the filters."""
    changed = query.copy()
    for name, value in changes.items():
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = value
    return "?" + changed.urlencode()


def sort_rows(
    rows: QuerySet[ModelT], query: QueryDict, columns: Mapping[str, tuple[StrOrPromise, tuple[str, ...]]], default: str
) -> tuple[QuerySet[ModelT], dict[str, SortLink]]:
    """Sort `rows` by `?sort=` and give the links for the column heads.

    `columns` is the allow-list: name in the URL → (label, fields to order by). "-name" sorts downwards.
    An unknown name is a 404 that says so, since only a mended link can have made it.
    """
    name, down, links = read_sort(query, {column: label for column, (label, _fields) in columns.items()}, default)
    fields = [ordered(rows.model, field, down=down) for field in columns[name][1]]
    return rows.order_by(*fields, "pk"), links


def read_sort(
    query: QueryDict, labels: Mapping[str, StrOrPromise], default: str
) -> tuple[str, bool, dict[str, SortLink]]:
    """Which column `?sort=` asks for, whether downwards, and the links for the heads; `labels` is the allow-list."""
    wanted = query.get("sort", default)
    name = wanted.removeprefix("-")
    if name not in labels:
        raise Http404(_("This list cannot be sorted by “%(name)s”.") % {"name": name})
    down = wanted.startswith("-")
    links = {}
    for column, label in labels.items():
        current = column == name
        links[column] = SortLink(
            label=label,
            query=query_with(query, sort=f"-{column}" if current and not down else column, page=None),
            direction=("descending" if down else "ascending") if current else "none",
        )
    return name, down, links


def ordered(model: type[Model], field: str, *, down: bool) -> OrderBy:
    """One sort key. The databases disagree on where rows without a value belong: last, either way.

    A column that is never empty is sorted plainly, since PostgreSQL walks no index for "nulls last" downwards.
    """
    nulls_last = True if may_be_empty(model, field) else None
    return F(field).desc(nulls_last=nulls_last) if down else F(field).asc(nulls_last=nulls_last)


def may_be_empty(model: type[Model], path: str) -> bool:
    """Whether a row may lack a value: an annotation, or a column at the end of a path that may lead nowhere."""
    for name in path.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return True
        if field.null:
            return True
        model = field.related_model or model
    return False


class ShortPaginator(Paginator):  # type: ignore[type-arg]
    """Pages through the first `most` rows and counts no further: counting millions takes longer than reading a page."""

    def __init__(self, rows: QuerySet[Any], size: int, most: int) -> None:
        super().__init__(rows[:most], size)
        self.most = most
        self.counted = rows.order_by()[: most + 1].count()

    @property
    def count(self) -> int:
        """How many rows the pages lead through."""
        return min(self.counted, self.most)

    @property
    def has_more(self) -> bool:
        """Whether there are rows that no page leads to."""
        return self.counted > self.most


def page_of(
    rows: QuerySet[Any] | list[Any], query: QueryDict, size: int = PAGE_SIZE, most: int | None = None
) -> Page[Any]:
    """The page that `?page=` asks for; a page that is not there is a 404 that names the last one.

    `most` bounds how many rows are counted and paged through: for a queryset that may hold millions.
    """
    paginator = ShortPaginator(rows, size, most) if most and isinstance(rows, QuerySet) else Paginator(rows, size)
    try:
        return paginator.page(query.get("page", 1))
    except InvalidPage as error:
        message = _("There is no such page of this list. The last one is page %(last)d.")
        raise Http404(message % {"last": paginator.num_pages}) from error
