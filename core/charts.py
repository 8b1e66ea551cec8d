"""Geometry for inline SVG charts; the templates only place what is computed here."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor
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


# --- Bars, lines and sparklines ------------------------------------------------------------------------------------
# Coordinates are whole SVG units, since templates print fractions with the comma of some languages.

LETTER = 8  # units that a letter of a label takes at most, so that neighbours do not touch
ROOM = 320  # what a chart fills at least, where few columns would need less
TOP, PLOT, FOOT = 22, 120, 24  # room for figures over the chart, the chart itself, room for labels under it
FIGURE = "100.0 %"  # the longest that stands at a point
GUIDE = 48  # room for the figures of the guides
LENGTH = 1000  # a horizontal bar of the whole scale
LEAST_RANGE = Fraction(2, 10)  # of a line chart, so that a wobble does not look like a fall
LONG_WIDTH, LONG_TOP, LONG_PLOT = 360, 16, 112  # of a long line: as wide as a phone, so that it is read there
LONG_LEFT, LONG_RIGHT = 48, 300  # of its plot: room for the figures of the guides, and for that of the latest point
FEWEST_FOR_MIDDLE = 4  # steps along the axis that leave room for a label halfway
SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 96, 24, 3


@dataclass(frozen=True)
class Bar:
    """A column with its figure over it and its label under it, both centred on `middle`."""

    label: str
    number: int
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        return self.x + self.width // 2

    @property
    def figure_y(self) -> int:
        return self.y - 6


@dataclass(frozen=True)
class BarChart:
    """Columns from 0; `base` is where they stand, `label_y` the line of their labels."""

    width: int
    height: int
    bars: list[Bar]
    base: int = TOP + PLOT
    label_y: int = TOP + PLOT + 17


def bar_chart(columns: Sequence[tuple[str, int]]) -> BarChart:
    """Columns for counts, in the order given; the highest fills the plot. All-zero counts have no column."""
    step = step_for([str(text) for column in columns for text in column], len(columns))
    width = step * 5 // 8
    most = max([1, *(number for _label, number in columns)])
    bars = []
    for place, (label, number) in enumerate(columns):
        height = -(-number * PLOT // most)  # rounded up: one score is to be seen beside a thousand
        bars.append(Bar(label, number, place * step + (step - width) // 2, TOP + PLOT - height, width, height))
    return BarChart(step * len(columns), TOP + PLOT + FOOT, bars)


def step_for(texts: Sequence[str], number: int) -> int:
    """From one column or point to the next: no text touches its neighbour, and few fill the room."""
    longest = max(map(len, texts), default=0)
    return max(LETTER * longest + GAP, ROOM // max(number, 1))


@dataclass(frozen=True)
class HorizontalBar:
    """A bar from 0; `length` in thousandths of the scale, which ends at 1 or at the longest bar beyond it."""

    label: str
    share: Fraction | None
    length: int


def horizontal_bars(rows: Sequence[tuple[str, Fraction | None]]) -> list[HorizontalBar]:
    """Bars for shares, in the order given; one without data has no length."""
    most = max([Fraction(1), *(share for _label, share in rows if share is not None)])
    return [HorizontalBar(label, share, int((share or 0) / most * LENGTH)) for label, share in rows]


@dataclass(frozen=True)
class LinePoint:
    """A point with its label under the axis; without data `y` is None and only the label is drawn."""

    label: str
    share: Fraction | None
    x: int
    y: int | None

    @property
    def figure_y(self) -> int | None:
        return None if self.y is None else self.y - 10


@dataclass(frozen=True)
class Guide:
    """A thin line across the plot and the share that it stands for."""

    share: Fraction
    y: int


@dataclass(frozen=True)
class LineChart:
    """A line from `left` to `width`; `lines` are the coordinates of each unbroken run of two points and more."""

    width: int
    height: int
    points: list[LinePoint]
    lines: list[str]
    guides: list[Guide]
    left: int = GUIDE
    label_y: int = TOP + PLOT + 19


def line_chart(rows: Sequence[tuple[str, Fraction | None]]) -> LineChart | None:
    """A line over shares; a point without data is a gap and not a zero. None without any data.

    The scale runs between whole tenths around the data, not from 0: the guides say which.
    """
    known = [share for _label, share in rows if share is not None]
    if not known:
        return None
    low, high = scale_of(known)
    step = step_for([FIGURE, *(label for label, _share in rows)], len(rows))
    points = [
        LinePoint(
            label, share, GUIDE + step * place + step // 2, None if share is None else height_of(share, low, high)
        )
        for place, (label, share) in enumerate(rows)
    ]
    runs: list[list[LinePoint]] = [[]]
    for point in points:
        if point.y is None:
            runs.append([])
        else:
            runs[-1].append(point)
    lines = [" ".join(f"{point.x},{point.y}" for point in run) for run in runs if len(run) > 1]
    guides = [Guide(share, height_of(share, low, high)) for share in (low, high)]
    return LineChart(GUIDE + step * len(rows), TOP + PLOT + FOOT, points, lines, guides)


@dataclass(frozen=True)
class Dot:
    """A point that is drawn as a dot: one between two gaps, and the latest of all."""

    x: int
    y: int


@dataclass(frozen=True)
class AxisLabel:
    """A label under the axis; `anchor` is start, middle or end, so that none leaves the chart."""

    text: str
    x: int
    anchor: str


@dataclass(frozen=True)
class Threshold:
    """A share that is drawn across the plot and named, at `y`; its name stands at `name_y`."""

    name: str
    share: Fraction
    y: int
    name_y: int


@dataclass(frozen=True)
class LongLine:
    """A line of many points in little room: few labels, the figure of the latest point alone; the table has them all.

    lines: the coordinates of each unbroken run of two points and more. latest: the last share there is.
    """

    lines: list[str]
    dots: list[Dot]
    labels: list[AxisLabel]
    guides: list[Guide]
    threshold: Threshold | None
    latest: Fraction
    latest_x: int
    latest_y: int
    width: int = LONG_WIDTH
    height: int = LONG_TOP + LONG_PLOT + FOOT
    left: int = LONG_LEFT
    right: int = LONG_RIGHT
    label_y: int = LONG_TOP + LONG_PLOT + 17


def long_line(
    rows: Sequence[tuple[str, Fraction | None]], threshold: tuple[str, Fraction] | None = None
) -> LongLine | None:
    """A line over many shares, with a threshold and its name; points without data are gaps. None without any data."""
    known = [share for _label, share in rows if share is not None]
    if not known:
        return None
    low, high = scale_of([*known, *([threshold[1]] if threshold else [])])
    across, last = LONG_RIGHT - LONG_LEFT, max(1, len(rows) - 1)
    places = [LONG_LEFT + across * place // last for place in range(len(rows))]
    dots = [
        None if share is None else Dot(x, long_height(share, low, high))
        for (_label, share), x in zip(rows, places, strict=True)
    ]
    runs = runs_of(dots)
    latest = runs[-1][-1]
    guides = [Guide(share, long_height(share, low, high)) for share in (low, high)]
    return LongLine(
        lines=[" ".join(f"{dot.x},{dot.y}" for dot in run) for run in runs if len(run) > 1],
        dots=[run[0] for run in runs if len(run) == 1 and run[0] != latest] + [latest],
        labels=axis_labels([label for label, _share in rows], places),
        guides=guides,
        threshold=named_threshold(*threshold, low, high) if threshold else None,
        latest=known[-1],
        latest_x=latest.x,
        latest_y=latest.y,
    )


def runs_of(dots: Sequence[Dot | None]) -> list[list[Dot]]:
    """The unbroken runs of dots, none of them empty."""
    runs: list[list[Dot]] = [[]]
    for dot in dots:
        if dot is None:
            runs.append([])
        else:
            runs[-1].append(dot)
    return [run for run in runs if run]


def long_height(share: Fraction, low: Fraction, high: Fraction) -> int:
    return LONG_TOP + LONG_PLOT - int((share - low) / (high - low) * LONG_PLOT)


def named_threshold(name: str, share: Fraction, low: Fraction, high: Fraction) -> Threshold:
    """The line of a threshold; its name stands under it, where few shares are, at the foot of the plot over it."""
    y = long_height(share, low, high)
    return Threshold(name, share, y, y + 13 if y + 14 < LONG_TOP + LONG_PLOT else y - 5)


def axis_labels(texts: Sequence[str], places: Sequence[int]) -> list[AxisLabel]:
    """The first and the last label, and one halfway where there is room for it."""
    last = len(texts) - 1
    if last < 1:
        return [AxisLabel(texts[0], places[0], "start")]
    middle = [AxisLabel(texts[last // 2], places[last // 2], "middle")] if last >= FEWEST_FOR_MIDDLE else []
    return [AxisLabel(texts[0], places[0], "start"), *middle, AxisLabel(texts[last], places[last], "end")]


def scale_of(shares: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """The whole tenths around shares, at least two of them apart."""
    low, high = Fraction(floor(min(shares) * 10), 10), Fraction(ceil(max(shares) * 10), 10)
    low = max(Fraction(0), min(low, high - LEAST_RANGE))
    return low, max(high, low + LEAST_RANGE)


def height_of(share: Fraction, low: Fraction, high: Fraction) -> int:
    return TOP + PLOT - int((share - low) / (high - low) * PLOT)


@dataclass(frozen=True)
class Sparkline:
    """A line without axes: `line` the coordinates of a polyline, with a dot at its end."""

    line: str
    end_x: int
    end_y: int
    width: int = SPARK_WIDTH
    height: int = SPARK_HEIGHT


def sparkline(shares: Sequence[Fraction]) -> Sparkline | None:
    """A line over shares from 0 at the bottom to 1 at the top, or to the highest beyond it; None without any.

    A single share is a dot at the end, so that the eye finds the latest in the same place.
    """
    if not shares:
        return None
    most = max(Fraction(1), *shares)
    across, up = SPARK_WIDTH - 2 * SPARK_EDGE, (SPARK_HEIGHT - 2 * SPARK_EDGE) / most
    last = max(1, len(shares) - 1)
    first = last + 1 - len(shares)
    # In whole numbers, which are divided faster than fractions.
    heights = [share.numerator * up.numerator // (share.denominator * up.denominator) for share in shares]
    dots = [
        (SPARK_EDGE + across * place // last, SPARK_HEIGHT - SPARK_EDGE - height)
        for place, height in enumerate(heights, start=first)
    ]
    return Sparkline(" ".join(f"{x},{y}" for x, y in dots), *dots[-1])
