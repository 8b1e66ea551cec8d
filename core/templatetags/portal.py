"""Filters and tags every template has (a builtin library, so no `load` line)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from django import template
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.lists import query_with
from core.numbers import print_percent, print_points

KEPT_DAYS = 4096  # printed days that are kept: a page prints the days of one school year again and again

register = template.Library()


@register.filter
def as_percent(share: Fraction | None) -> str:
    """A share as "94.1 %", or "–" without data."""
    return print_percent(share)


@register.filter
def points(value: Decimal | None) -> str:
    """Points as "17" or "17.5", or "–" without any."""
    return print_points(value)


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
    return day_as("D j M" if day.year == timezone.localdate().year else "D j M Y", day, get_language())


def day_long(day: date) -> str:
    """Such as "14 Sep 2026"."""
    return day_as("j M Y", day, get_language())


@lru_cache(KEPT_DAYS)
def day_as(form: str, day: date, _language: str | None) -> str:
    """A day in the active language, which is named so that each language keeps its own."""
    return date_format(day, form)


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
