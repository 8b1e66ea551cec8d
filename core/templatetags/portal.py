"""Filters and tags every template has (a builtin library, so no `load` line)."""

from datetime import date, datetime, timedelta
from fractions import Fraction

from django import template
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from core.lists import query_with
from core.numbers import print_percent

register = template.Library()


@register.filter
def as_percent(share: Fraction | None) -> str:
    """A share as "94.1 %", or "–" without data."""
    return print_percent(share)


@register.filter
def day_in_words(day: date) -> str:
    """Today and yesterday in words, else "Mon 14 Sep", with the year once it is not this one."""
    today = timezone.localdate()
    if day == today:
        return _("today")
    if day == today - timedelta(days=1):
        return _("yesterday")
    return day_short(day)


@register.filter
def day_short(day: date) -> str:
    """Such as "Mon 14 Sep", with the year once it is not this one."""
    return date_format(day, "D j M" if day.year == timezone.localdate().year else "D j M Y")


@register.filter
def clock_on(moment: datetime, day: date) -> str:
    """The time of a moment as "08:57"; with its own day before it where that is another than `day`."""
    local = timezone.localtime(moment)
    clock = time_format(local, "H:i")
    return clock if local.date() == day else f"{day_short(local.date())}, {clock}"


@register.simple_tag
def link_with(query: QueryDict, **changes: str | None) -> str:
    """The current query string with some values changed."""
    return query_with(query, **changes)
