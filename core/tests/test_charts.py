"""Where the days of a month stand in the calendar of a report."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.charts import month_grid

WEEK = {1: "Mon", 2: "Tue", 3: "Wed", 4: "Thu", 5: "Fri"}
ALL = WEEK | {6: "Sat", 7: "Sun"}


def places(grid):
    """Day of the month → (column, row), counted in cells of 44 with gaps of 4 under a head of 22."""
    return {cell.day.day: ((cell.x) / 48, (cell.y - 22) / 48) for cell in grid.cells}


def test_a_month_that_begins_on_a_sunday_has_no_row_for_the_weekend_before_it():
    grid = month_grid(2026, 3, {}, WEEK)
    assert places(grid) == {
        2: (0, 0), 3: (1, 0), 4: (2, 0), 5: (3, 0), 6: (4, 0),
        9: (0, 1), 10: (1, 1), 11: (2, 1), 12: (3, 1), 13: (4, 1),
        16: (0, 2), 17: (1, 2), 18: (2, 2), 19: (3, 2), 20: (4, 2),
        23: (0, 3), 24: (1, 3), 25: (2, 3), 26: (3, 3), 27: (4, 3),
        30: (0, 4), 31: (1, 4),
    }  # fmt: skip
    assert (grid.width, grid.height) == (5 * 48 - 4, 22 + 5 * 48 - 4)


def test_weeks_begin_on_monday():
    grid = month_grid(2026, 3, {}, ALL)
    assert {day: places(grid)[day] for day in (1, 2, 8, 9, 31)} == {
        1: (6, 0), 2: (0, 1), 8: (6, 1), 9: (0, 2), 31: (1, 5),
    }  # fmt: skip
    assert [(heading.label, heading.x) for heading in grid.headings] == [
        (name, 48 * number + 22) for number, name in enumerate(ALL.values())
    ]


def test_columns_without_a_school_day_are_left_out():
    grid = month_grid(2026, 3, {}, {5: "Fri", 2: "Tue"})
    assert [(heading.label, heading.x) for heading in grid.headings] == [("Tue", 22), ("Fri", 70)]
    assert places(grid) == {
        3: (0, 0), 6: (1, 0), 10: (0, 1), 13: (1, 1), 17: (0, 2), 20: (1, 2), 24: (0, 3), 27: (1, 3), 31: (0, 4),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("year", "month", "rows", "days"),
    [(2027, 2, 4, 28), (2026, 2, 5, 28), (2024, 2, 5, 29), (2026, 8, 6, 31), (2026, 12, 5, 31), (2027, 1, 5, 31)],
)
def test_every_day_of_a_month_once(year, month, rows, days):
    grid = month_grid(year, month, {}, ALL)
    first = date(year, month, 1)
    assert [cell.day for cell in grid.cells] == [first + timedelta(days=number) for number in range(days)]
    assert grid.height == 22 + rows * 48 - 4
    assert {column for column, _row in places(grid).values()} == set(range(7))
    assert len(set(places(grid).values())) == days


def test_marks_stand_on_their_day_and_nothing_on_the_others():
    marks = {date(2026, 3, 4): "late", date(2026, 3, 7): "a Saturday", date(2026, 4, 1): "another month"}
    grid = month_grid(2026, 3, marks, WEEK)
    assert {cell.day.day: cell.mark for cell in grid.cells if cell.mark} == {4: "late"}


def test_number_and_letter_stand_within_their_cell():
    for cell in month_grid(2026, 3, {}, ALL).cells:
        assert (cell.number_x - cell.x, cell.number_y - cell.y) == (5, 13)
        assert (cell.letter_x - cell.x, cell.letter_y - cell.y) == (22, 34)
