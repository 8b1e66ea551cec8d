"""The mark book: the students of a class × its pieces of work in a subject, with averages and grades."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from assessments.metrics import Average, load_grades, mean
from assessments.models import Assessment, Score, State
from assessments.querysets import ScoreQuerySet
from assessments.scoresheet import TYPED_STATES
from core.lists import SortLink, read_sort
from core.numbers import NO_DATA, percent, plain_points, print_points
from core.templatetags.portal import day_short
from students.fields import last_day
from students.models import AcademicYear, Enrolment, SchoolClass, Student, Subject, Term

ONE_DAY, ONE = timedelta(days=1), Decimal(1)
NAME, AVERAGE, WORK = "name", "average", "work-"


@dataclass(frozen=True)
class Cell:
    """One student's score in one piece of work; `state` is None until graded, `drawn` its cell of the table."""

    state: State | None
    points: Decimal | None
    drawn: SafeString

    @property
    def plain(self) -> Decimal | str:
        """As it stands in a file: points, M, EX, or nothing."""
        if self.points is not None:
            return plain_points(self.points)
        return TYPED_STATES[self.state] if self.state else ""


BLANK = Cell(None, None, format_html("<td>{}</td>", NO_DATA))


@dataclass
class Row:
    """One student; `place` says that they left the class or are not in it, else it is empty."""

    student: Any  # a Student with the annotations of students_of
    place: str
    cells: list[Cell]
    average: Average
    grade: str | None

    @property
    def scores(self) -> SafeString:
        """The cells of its line, drawn once a different score: a loop of the template over 600 took half the page."""
        return SafeString("".join(cell.drawn for cell in self.cells))

    @property
    def made_of(self) -> str:
        """What the average is of, in words."""
        return say_made_of(self.average)


@dataclass
class Column:
    """One piece of work; `mean` is that of its graded scores as a share, None without any."""

    work: Assessment
    mean: Fraction | None
    sort: SortLink


@dataclass
class Book:
    """What the mark book of a class in a subject shows; `mean` is the mean of the students' averages."""

    rows: list[Row]
    columns: list[Column]
    by_name: SortLink
    by_average: SortLink
    mean: Fraction | None = field(init=False)

    def __post_init__(self) -> None:
        self.mean = mean(row.average.share for row in self.rows)


def open_book(
    user: User, school_class: SchoolClass, subject: Subject, span: Term | AcademicYear, query: QueryDict, today: date
) -> Book:
    """The mark book, sorted as `?sort=` asks; four statements at any size.

    Averages are over all scores in it, whether published or not.
    """
    works = Assessment.objects.visible_to(user).filter(school_class=school_class, subject=subject).during(span)
    works = works.select_related("category").order_by("date_taken", "pk")
    by_pk = {work.pk: work for work in works}
    labels = {NAME: _("Student"), AVERAGE: _("Average"), **{f"{WORK}{pk}": str(by_pk[pk]) for pk in by_pk}}
    column, down, sorts = read_sort(query, labels, default=NAME)
    scores = Score.objects.visible_to(user).filter(assessment__school_class=school_class, assessment__subject=subject)
    scores = scores.during(span)
    cells, averages = read_scores(scores, by_pk)
    grades = load_grades()
    rows = [
        Row(
            student,
            say_place(student, min(today, span.ends_on - ONE_DAY)),
            [cells[student.pk].get(pk, BLANK) for pk in by_pk],
            averages[student.pk],
            grades.of(averages[student.pk].share),
        )
        for student in students_of(user, school_class, scores, span)
    ]
    columns = [Column(work, mean_of(cells, work), sorts[f"{WORK}{pk}"]) for pk, work in by_pk.items()]
    places = {f"{WORK}{pk}": place for place, pk in enumerate(by_pk)}
    return Book(sort_rows(rows, column, places, down=down), columns, sorts[NAME], sorts[AVERAGE])


def read_scores(
    scores: ScoreQuerySet, works: Mapping[int, Assessment]
) -> tuple[defaultdict[int, dict[int, Cell]], defaultdict[int, Average]]:
    """The cells by student and piece of work, and the averages by student; one statement.

    The averages are those of metrics.averages_by, from rows that are here already: scores of one student that share
    weight, maximum and state are added up before they are divided.
    """
    cells: defaultdict[int, dict[int, Cell]] = defaultdict(dict)
    sums: dict[tuple[int, str, Decimal, Decimal], tuple[int, Decimal]] = {}
    printed: dict[tuple[str, Decimal | None], Cell] = {}
    columns = ("student_id", "assessment_id", "state", "score")
    rows: Any = scores.order_by().values_list(*columns)  # the plugin takes hundredths for what a Decimal comes out of
    for student, pk, state, points in rows:
        work = works.get(pk)
        if work is None:  # written between the two statements
            continue
        cell = printed.get((state, points))
        if cell is None:
            cell = printed[state, points] = Cell(State(state), points, draw(State(state), points))
        cells[student][pk] = cell
        key = (student, state, work.category.weight, work.max_score)
        number, total = sums.get(key, (0, Decimal()))
        sums[key] = (number + 1, total + (points or 0))
    averages: defaultdict[int, Average] = defaultdict(Average)
    for (student, state, weight, max_score), (number, total) in sums.items():
        averages[student].add(state, number, weight=weight, max_score=max_score, points=total)
    return cells, averages


def draw(state: State, points: Decimal | None) -> SafeString:
    """A cell of the table: points as they are printed here, or M or EX."""
    if points is not None:
        return format_html("<td>{}</td>", print_points(points))
    return format_html('<td class="book__{}">{}</td>', state.value, TYPED_STATES[state])


def students_of(
    user: User, school_class: SchoolClass, scores: ScoreQuerySet, span: Term | AcademicYear
) -> QuerySet[Student]:
    """Who was in the class on a day of the span or has one of these scores; one statement.

    Adds has_place and ends_on (of the last enrolment in the class, None while open), and may_open: whether this
    person sees the student's own page.
    """
    enrolments = Enrolment.objects.filter(school_class=school_class)
    in_span = enrolments.not_over(span.starts_on).filter(starts_on__lt=span.ends_on)
    latest = enrolments.filter(student=OuterRef("pk")).order_by(F("ends_on").desc(nulls_first=True))
    listed = Q(pk__in=in_span.order_by().values("student")) | Q(pk__in=scores.order_by().values("student"))
    return Student.objects.filter(listed).annotate(
        has_place=Exists(latest),
        ends_on=Subquery(latest.values("ends_on")[:1]),
        may_open=Q(pk__in=Student.objects.visible_to(user).order_by().values("pk")),
    )


def say_place(student: Any, day: date) -> str:
    """That a student had left the class by a day, or was never in it; empty for one who is in it."""
    if not student.has_place:
        return _("not in this class")
    if student.ends_on is None or student.ends_on > day:
        return ""
    return _("left, last day %(day)s") % {"day": day_short(last_day(student.ends_on) or day)}


def mean_of(cells: Mapping[int, Mapping[int, Cell]], work: Assessment) -> Fraction | None:
    """The mean of the graded scores in a piece of work, of its maximum."""
    graded = [cell.points for found in cells.values() if (cell := found.get(work.pk)) and cell.points is not None]
    together = Average()
    together.add(State.GRADED, len(graded), weight=ONE, max_score=work.max_score, points=sum(graded, Decimal()))
    return together.share


def sort_rows(rows: list[Row], column: str, places: Mapping[str, int], *, down: bool) -> list[Row]:
    """The rows, handed in by name, in the order of a column; without a number last either way, by name."""
    if column == NAME:
        return rows[::-1] if down else rows
    if column == AVERAGE:
        numbers: list[Fraction | Decimal | None] = [row.average.share for row in rows]
    else:
        numbers = [row.cells[places[column]].points for row in rows]
    known = [(number, row) for number, row in zip(numbers, rows, strict=True) if number is not None]
    known.sort(key=lambda pair: pair[0], reverse=down)
    return [row for _number, row in known] + [row for number, row in zip(numbers, rows, strict=True) if number is None]


def say_made_of(average: Average) -> str:
    """What an average is of, in words: "of 7 graded, 1 missing, 1 exempt"; empty without any score."""
    words = [(average.missing, _("%(number)d missing")), (average.exempt, _("%(number)d exempt"))]
    if not average.number:
        return ""
    said = [_("of %(number)d graded") % {"number": average.graded}]
    return ", ".join([*said, *(word % {"number": number} for number, word in words if number)])


def csv_head(book: Book) -> list[object]:
    """The head of the CSV: who, each piece of work with its day and maximum, the average with what it is of."""
    works = [
        _("%(title)s (%(day)s, out of %(most)s)")
        % {
            "title": column.work.title,
            "day": column.work.date_taken.isoformat(),
            "most": print_points(column.work.max_score, localized=False),
        }
        for column in book.columns
    ]
    return ["student_id", "full_name", *works, "average", "grade", "graded", "missing", "exempt"]


def csv_lines(book: Book) -> Iterator[list[object]]:
    """A line a student and the class means, points plain and percentages with one decimal; empty without data."""
    for row in book.rows:
        average = row.average
        yield [
            row.student.student_id,
            row.student.full_name,
            *(cell.plain for cell in row.cells),
            percent(average.share),
            row.grade,
            average.graded,
            average.missing,
            average.exempt,
        ]
    means: Iterable[Fraction | None] = (column.mean for column in book.columns)
    yield ["", _("Class mean in percent"), *map(percent, means), percent(book.mean), "", "", "", ""]
