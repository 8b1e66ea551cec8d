"""What every list of the API shares: filters that are the pages' own, and pages with X-Total-Count and Link."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

PAGE, SIZE = "page", "page_size"
USUAL_SIZE, LARGEST_SIZE = 100, 500
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}\Z")  # not str.isdigit: that takes full-width digits
LONGEST_NAME, MOST_NAMES = 50, 20  # of what was sent, in the answer that refuses it


def name_unknown(names: Iterable[str], sentence: str) -> dict[str, list[str]]:
    """The errors for names that are not known here; a caller who sends thousands reads of the first few."""
    return {name[:LONGEST_NAME]: [sentence] for name in sorted(names)[:MOST_NAMES]}


def check_query(request: Request, known: Iterable[str]) -> None:
    """Refuses a filter that there is not, or is empty, which would silently show more than was asked for; or is twice.

    On a page an empty field is one that nobody filled in. A program leaves it out.
    """
    if unknown := set(request.query_params) - set(known):
        raise ValidationError(name_unknown(unknown, _("There is no such filter here.")))
    if twice := [name for name, values in request.query_params.lists() if len(values) > 1]:
        raise ValidationError(name_unknown(twice, _("Give this once.")))
    if empty := [name for name, value in request.query_params.items() if not value.strip()]:
        raise ValidationError(name_unknown(empty, _("Give a value, or leave this out.")))


def filtered(request: Request, filters: type[Any], rows: QuerySet[Any], **more: Any) -> Any:
    """The rows narrowed by the page's own FilterSet. Raises ValidationError with the sentences of its form."""
    asked = filters(request.query_params, rows, **more)
    check_query(request, [*asked.filters, PAGE, SIZE])
    if not asked.is_valid():
        raise ValidationError(asked.errors)
    return asked.qs


def read_query(request: Request, form: forms.Form, *more: str) -> dict[str, Any]:
    """What a form made from `request.query_params` read; `more` are PAGE and SIZE where the answer is a list."""
    check_query(request, [*form.fields, *more])
    if not form.is_valid():
        raise ValidationError(form.errors)
    return form.cleaned_data


def whole_number(request: Request, name: str, usual: int, most: int | None = None) -> int:
    """A number from 1 (to `most`) out of the query."""
    text = request.query_params.get(name, str(usual))
    if WHOLE_NUMBER.match(text) and int(text) >= 1 and (most is None or int(text) <= most):
        return int(text)
    said = _("Give a whole number from 1 to %(most)d.") if most else _("Give a whole number from 1.")
    raise ValidationError({name: [said % {"most": most} if most else said]})


def listed(request: Request, rows: QuerySet[Any] | Sequence[Any], item: type[Serializer], **context: Any) -> Response:
    """One page of rows as a JSON array. The rows must be sorted to the last: by a key beside all else.

    `context` goes to the serializer. Raises Http404 for a page that is not there, naming the last.
    """
    number, size = whole_number(request, PAGE, 1), whole_number(request, SIZE, USUAL_SIZE, LARGEST_SIZE)
    pages = Paginator(rows, size)
    if number > pages.num_pages:
        message = _("There is no such page of this list. The last one is page %(last)d.")
        raise Http404(message % {"last": pages.num_pages})
    found = list(pages.page(number).object_list)
    answer = Response(item(found, many=True, context={"request": request, **context}).data)
    answer["X-Total-Count"] = str(pages.count)
    answer["Link"] = links(request, number, pages.num_pages)
    return answer


def links(request: Request, number: int, last: int) -> str:
    """The pages beside this one, as RFC 8288 writes them."""
    places = {"first": 1, "prev": number - 1, "next": number + 1, "last": last}
    written = []
    for relation, place in places.items():
        if 1 <= place <= last:
            query = request.query_params.copy()
            query[PAGE] = str(place)
            written.append(f'<{request.build_absolute_uri(f"{request.path}?{query.urlencode()}")}>; rel="{relation}"')
    return ", ".join(written)
