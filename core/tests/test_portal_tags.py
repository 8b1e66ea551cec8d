"""The filters and tags that every template has."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.template import Context, Template
from django.utils import timezone, translation


def drawn(template, **context):
    return Template(template).render(Context(context))


def test_a_share_is_printed_by_the_one_rule():
    assert drawn("{{ share|as_percent }}", share=Fraction(8496, 10000)) == "84.9\N{NO-BREAK SPACE}%"
    assert drawn("{{ share|as_percent }}", share=None) == "–"


@pytest.mark.parametrize(
    ("day", "words", "short"),
    [
        (date(2026, 3, 16), "today", "Mon 16 Mar"),
        (date(2026, 3, 15), "yesterday", "Sun 15 Mar"),
        (date(2026, 3, 17), "Tue 17 Mar", "Tue 17 Mar"),
        (date(2026, 3, 2), "Mon 2 Mar", "Mon 2 Mar"),
        (date(2025, 12, 31), "Wed 31 Dec 2025", "Wed 31 Dec 2025"),
        (date(2027, 1, 1), "Fri 1 Jan 2027", "Fri 1 Jan 2027"),
    ],
)
def test_days_in_words(day, words, short, frozen):
    assert drawn("{{ day|day_in_words }}", day=day) == words
    assert drawn("{{ day|day_short }}", day=day) == short


def test_each_language_has_its_own_words_for_a_day(frozen):
    day = date(2026, 3, 3)
    assert drawn("{{ day|day_short }}", day=day) == "Tue 3 Mar"
    with translation.override("de"):
        assert drawn("{{ day|day_short }}", day=day) == "Di 3 Mär"
    assert drawn("{{ day|day_short }}", day=day) == "Tue 3 Mar"


def test_a_day_has_its_year_once_that_is_over(frozen):
    assert drawn("{{ day|day_short }}", day=date(2026, 12, 31)) == "Thu 31 Dec"
    frozen.move_to(datetime(2027, 1, 1, 12, tzinfo=UTC))
    assert drawn("{{ day|day_short }}", day=date(2026, 12, 31)) == "Thu 31 Dec 2026"


def test_today_is_the_day_where_the_school_is(frozen):
    frozen.move_to(datetime(2026, 3, 16, 23, tzinfo=UTC))
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert drawn("{{ day|day_in_words }}", day=date(2026, 3, 17)) == "today"
        assert drawn("{{ day|day_in_words }}", day=date(2026, 3, 16)) == "yesterday"


@pytest.mark.parametrize(
    ("moment", "zone", "said"),
    [
        (datetime(2026, 3, 16, 8, 57, tzinfo=UTC), "UTC", "08:57"),
        (datetime(2026, 3, 18, 14, 5, tzinfo=UTC), "UTC", "Wed 18 Mar, 14:05"),
        (datetime(2026, 3, 15, 23, 30, tzinfo=UTC), "Asia/Tokyo", "08:30"),
        (datetime(2026, 3, 16, 23, 30, tzinfo=UTC), "Asia/Tokyo", "Tue 17 Mar, 08:30"),
    ],
)
def test_a_time_names_its_day_where_that_is_another(moment, zone, said, frozen):
    with timezone.override(ZoneInfo(zone)):
        assert drawn("{{ moment|clock_on:day }}", moment=moment, day=date(2026, 3, 16)) == said


def test_a_link_keeps_the_filters():
    query = QueryDict("search=a&page=2")
    assert drawn("{% link_with query page=3 %}", query=query) == "?search=a&amp;page=3"
    assert drawn("{% link_with query page=None %}", query=query) == "?search=a"
