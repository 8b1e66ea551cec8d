"""Geometry for inline SVG charts; the templates only place what is computed here."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

CELL = 44
GAP = 4
HEAD = 22
MarkT = TypeVar("MarkT")


@dataclass(frozen=True)
class DayCell(Generic[MarkT]):
    """One day of the month grid: its date, its mark (None for none) and its place in SVG units."""

    day: date
    mark: MarkT | None
    x: int
    y: int

    @property
    def number_x(self) -> int:
        return self.x + 5

    @property
    def number_y(self) -> int:
        return self.y + 13

    @property
    def letter_x(self) -> int:
        return self.x + CELL // 2

    @property
    def letter_y(self) -> int:
        return self.y + CELL - 10


@dataclass(frozen=True)
class Heading:
    label: str
    x: int


@dataclass(frozen=True)
class MonthGrid(Generic[MarkT]):
    """A month as a grid of weeks that start on Monday; columns without any school day are left out."""

    width: int
    height: int
    headings: list[Heading]
    cells: list[DayCell[MarkT]]
    cell: int = CELL


def month_grid(year: int, month: int, marks: Mapping[date, MarkT], weekdays: Mapping[int, str]) -> MonthGrid[MarkT]:
    """Place the days of a month.

    `marks` gives the mark of a day; `weekdays` the columns to draw, ISO weekday (1 = Monday) → short name.
    """
    columns = {weekday: index for index, weekday in enumerate(sorted(weekdays))}
    weeks = calendar.Calendar(firstweekday=0).monthdatescalendar(year, month)
    cells: list[DayCell[MarkT]] = []
    row = 0
    for week in weeks:
        days = [day for day in week if day.month == month and day.isoweekday() in columns]
        for day in days:
            x = columns[day.isoweekday()] * (CELL + GAP)
            cells.append(DayCell(day, marks.get(day), x, HEAD + row * (CELL + GAP)))
        row += bool(days)
    headings = [Heading(weekdays[weekday], index * (CELL + GAP) + CELL // 2) for weekday, index in columns.items()]
    return MonthGrid(len(columns) * (CELL + GAP) - GAP, HEAD + row * (CELL + GAP) - GAP, headings, cells)
