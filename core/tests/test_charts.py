"""Where the days of a month, bars, points and lines stand in the charts of a page."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from core.charts import LONG_LEFT, LONG_RIGHT, bar_chart, horizontal_bars, line_chart, long_line, month_grid, sparkline

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


class TestBars:
    """The plot of a chart lies between 22, where its highest bar ends, and 142, where all bars stand."""

    def test_stand_on_0_and_the_highest_fills_the_plot(self):
        chart = bar_chart([("A", 20), ("B", 5), ("C", 0)])
        assert [(bar.label, bar.number, bar.y, bar.height) for bar in chart.bars] == [
            ("A", 20, 22, 120), ("B", 5, 112, 30), ("C", 0, 142, 0),
        ]  # fmt: skip
        assert {bar.y + bar.height for bar in chart.bars} == {chart.base}

    def test_one_among_a_thousand_can_be_seen(self):
        assert [bar.height for bar in bar_chart([("A", 1000), ("B", 1)]).bars] == [120, 1]

    def test_without_any_score_there_is_no_column(self):
        assert [bar.height for bar in bar_chart([("A", 0), ("B", 0)]).bars] == [0, 0]
        assert bar_chart([]).bars == []

    def test_are_evenly_apart_with_figure_and_label_over_their_middle(self):
        chart = bar_chart([("A", 20), ("B", 5)])
        assert (chart.width, [(bar.x, bar.width, bar.middle) for bar in chart.bars]) == (
            320,
            [(30, 100, 80), (190, 100, 240)],
        )
        assert [bar.figure_y for bar in chart.bars] == [16, 106]

    @pytest.mark.parametrize(
        ("columns", "width"),
        [
            ([("A", 1)] * 13, 13 * 24),  # 13 columns of 320 / 13
            ([("Satisfactory", 1)] * 5, 5 * (12 * 8 + 4)),  # as wide as twelve letters
            ([("A", 123456)] * 8, 8 * (6 * 8 + 4)),  # as wide as six digits
        ],
    )
    def test_are_as_wide_apart_as_their_texts(self, columns, width):
        assert bar_chart(columns).width == width


class TestHorizontalBars:
    def test_are_thousandths_of_the_whole(self):
        rows = [("Art", Fraction(1, 2)), ("English", Fraction(1)), ("Latin", None), ("Sport", Fraction(0))]
        assert [(bar.label, bar.share, bar.length) for bar in horizontal_bars(rows)] == [
            ("Art", Fraction(1, 2), 500), ("English", 1, 1000), ("Latin", None, 0), ("Sport", 0, 0),
        ]  # fmt: skip

    def test_beyond_the_whole_the_longest_is_the_scale(self):
        rows = [("Art", Fraction(5, 4)), ("English", Fraction(1))]
        assert [bar.length for bar in horizontal_bars(rows)] == [1000, 800]

    def test_of_nothing_are_none(self):
        assert horizontal_bars([]) == []


def line_of(*shares):
    return line_chart(
        [(f"T{place}", None if share is None else Fraction(share)) for place, share in enumerate(shares, 1)]
    )


class TestLine:
    def test_runs_through_its_points(self):
        chart = line_of("0.6", "0.7", "0.8")
        assert [(point.label, point.x, point.y) for point in chart.points] == [
            ("T1", 101, 142), ("T2", 207, 82), ("T3", 313, 22),
        ]  # fmt: skip
        assert chart.lines == ["101,142 207,82 313,22"]
        assert [point.figure_y for point in chart.points] == [132, 72, 12]
        assert (chart.left, chart.width) == (48, 48 + 3 * 106)

    def test_breaks_where_there_is_no_data_which_is_no_zero(self):
        chart = line_of("0.6", "0.8", None, "0.6", "0.7")
        assert [point.y for point in chart.points] == [142, 22, None, 142, 82]
        assert chart.lines == ["80,142 144,22", "272,142 336,82"]
        assert chart.points[2].figure_y is None

    def test_of_single_points_has_no_line(self):
        chart = line_of("0.6", None, "0.8")
        assert (chart.lines, [point.y for point in chart.points]) == ([], [142, None, 22])

    def test_without_data_is_no_chart(self):
        assert (line_of(), line_of(None, None)) == (None, None)

    @pytest.mark.parametrize(
        ("shares", "ends"),
        [
            (["0.61", "0.79"], ("0.6", "0.8")),
            (["0.75"], ("0.6", "0.8")),  # never narrower than two tenths
            (["0.7", "0.7"], ("0.5", "0.7")),
            (["0.05"], ("0", "0.2")),
            (["0"], ("0", "0.2")),
            (["1.1", "0.4"], ("0.4", "1.1")),
        ],
    )
    def test_lies_between_whole_tenths_that_are_named(self, shares, ends):
        guides = line_of(*shares).guides
        assert [(guide.share, guide.y) for guide in guides] == [(Fraction(ends[0]), 142), (Fraction(ends[1]), 22)]


class TestSparkline:
    """96 x 24, three units free at each edge: 0 is at 21 and the whole at 3."""

    def test_runs_from_edge_to_edge_over_0_to_1(self):
        spark = sparkline([Fraction(0), Fraction(1, 2), Fraction(1)])
        assert (spark.line, spark.end_x, spark.end_y, spark.width, spark.height) == ("3,21 48,12 93,3", 93, 3, 96, 24)

    def test_of_one_share_is_a_dot_at_the_end(self):
        spark = sparkline([Fraction(1, 2)])
        assert (spark.line, spark.end_x, spark.end_y) == ("93,12", 93, 12)

    def test_beyond_the_whole_the_highest_is_the_scale(self):
        assert sparkline([Fraction(3, 2), Fraction(3, 4)]).line == "3,3 93,12"

    def test_a_height_is_rounded_down(self):
        """18 units are the whole: 17/20 is 15.3 of them; beside 7/6 as the whole, 17/20 is 13.1 and 1 is 15.4."""
        assert sparkline([Fraction(17, 20), Fraction(1, 3)]).line == "3,6 93,15"
        assert sparkline([Fraction(17, 20), Fraction(7, 6), Fraction(1)]).line == "3,8 48,3 93,6"

    def test_of_nothing_is_none(self):
        assert sparkline([]) is None


def days_of(number: int) -> list[tuple[str, Fraction | None]]:
    """So many days at 95 %, named by their number."""
    return [(f"Day {place}", Fraction(95, 100)) for place in range(number)]


def test_a_long_line_of_any_number_of_points_is_as_wide_as_a_phone():
    for number in (1, 2, 5, 60):
        chart = long_line(days_of(number))
        assert chart
        assert chart.width == 360
        assert (chart.dots[-1].x, len(chart.lines)) == ((LONG_LEFT, 0) if number == 1 else (LONG_RIGHT, 1))
        assert len(" ".join(chart.lines).split()) == (0 if number == 1 else number)


def test_a_long_line_names_its_first_its_last_and_a_middle_point_where_there_is_room():
    labels = {
        number: [(label.text, label.anchor) for label in long_line(days_of(number)).labels] for number in (1, 4, 9)
    }
    assert labels == {
        1: [("Day 0", "start")],
        4: [("Day 0", "start"), ("Day 3", "end")],
        9: [("Day 0", "start"), ("Day 4", "middle"), ("Day 8", "end")],
    }


def test_a_long_line_has_gaps_and_a_dot_for_a_point_between_two_of_them():
    shares = [Fraction(9, 10), Fraction(8, 10), None, Fraction(7, 10), None]
    chart = long_line([(str(place), share) for place, share in enumerate(shares)])
    assert chart
    step = (LONG_RIGHT - LONG_LEFT) // 4
    assert chart.lines == [f"{LONG_LEFT},16 {LONG_LEFT + step},72"]  # the scale is 70 to 90 %
    assert [dot.x for dot in chart.dots] == [LONG_LEFT + 3 * step]
    assert (chart.latest, chart.latest_x, chart.latest_y) == (Fraction(7, 10), LONG_LEFT + 3 * step, 128)


def test_a_threshold_is_within_the_scale_and_named_beside_its_line():
    chart = long_line(days_of(3), ("alert: 60 %", Fraction(60, 100)))
    assert chart
    assert [guide.share for guide in chart.guides] == [Fraction(6, 10), Fraction(1)]
    assert (chart.threshold.name, chart.threshold.y, chart.threshold.name_y) == ("alert: 60 %", 128, 123)
    top = long_line(days_of(3), ("alert: 100 %", Fraction(1)))
    assert (top.threshold.y, top.threshold.name_y) == (16, 29)


def test_a_long_line_without_data_is_none():
    assert long_line([]) is None
    assert long_line([("Mon", None), ("Tue", None)], ("alert", Fraction(9, 10))) is None
