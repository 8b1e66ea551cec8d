"""Rows that come as one text are the rows that there are, on either database."""

from __future__ import annotations

from datetime import date

from django.db.models import F

from attendance.models import Register
from attendance.tests.factories import RegisterFactory
from core.packed import IsoDay, Packed, day_of, unpack, whole
from tests.cast import MONDAY


def packed(*columns):
    by_class = Register.objects.order_by().values("school_class_id").annotate(packed=Packed(*columns))
    return dict(by_class.values_list("school_class_id", "packed"))


def test_each_group_is_one_text_of_its_rows(cast):
    for school_class, day, present, late in (
        (cast.class_7a, MONDAY, 20, 3),
        (cast.class_7a, date(2026, 1, 9), 0, 1),
        (cast.class_7b, MONDAY, 7, 0),
    ):
        RegisterFactory(school_class=school_class, date=day, present=present, late=late)
    found = packed(IsoDay("date"), "present", F("present") + F("late"))
    assert found[cast.class_7b.pk] == f"{MONDAY.isoformat()} 7 7"
    days, present, attended = unpack(found[cast.class_7a.pk], 3)
    lines = sorted(zip(map(day_of, days), whole(present), whole(attended), strict=True))
    assert lines == [(date(2026, 1, 9), 0, 1), (MONDAY, 20, 23)]


def test_without_rows_there_is_no_text(db):
    assert packed("present") == {}


def test_a_text_of_nothing_has_empty_columns():
    assert unpack("", 2) == [[], []]
