"""The dated rows behind alerts: the days, the pieces of work and the notes of a few students, in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Field, Model, QuerySet, TextField, Value
from django.db.models.functions import Cast

from assessments.fields import HUNDREDTHS
from assessments.models import Score, State
from attendance.models import AttendanceRecord, Status
from behavior.models import BehaviorRecord, BehaviorType
from core.packed import IsoDay, Packed, day_of
from dashboard.scope import Scope
from students.models import AcademicYear, Enrolment, SchoolClass

WORK, SESSION, PRESENT, NOTE, PLACE = "work", "session", "present", "note", "place"


class Work(NamedTuple):
    """A piece of work that counts for a student; `points` are None where it is missing."""

    day: date
    pk: int
    title: str
    subject: int
    subject_name: str
    state: str
    points: Decimal | None
    max_score: Decimal
    weight: Decimal


class Session(NamedTuple):
    """A mark in a register of a primary class; of one who was present without its note."""

    day: date
    school_class: int
    status: str
    note: str


class Note(NamedTuple):
    """A negative note of behaviour."""

    day: date
    category: str
    text: str


class Place(NamedTuple):
    """A primary enrolment; `ends_on` is exclusive. Of the class only what the calendar asks for is loaded."""

    starts_on: date
    ends_on: date | None
    school_class: SchoolClass


@dataclass
class Evidence:
    """The rows of one student in the school year to date, the earliest first."""

    works: list[Work] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """Which rows are asked for: the keys of the students whose attendance, marks, behaviour is to be shown."""

    attendance: Collection[int]
    marks: Collection[int]
    behavior: Collection[int]


def load_evidence(scope: Scope, wanted: Wanted) -> dict[int, Evidence]:
    """The evidence by student, as far as this person sees it; one statement, none where nothing is asked for."""
    first, last = scope.seen.calendar.first, scope.seen.calendar.last
    marks = AttendanceRecord.objects.visible_to(scope.seen.user).between(first, last)
    sessions = marks.filter(student__in=wanted.attendance)
    primary = Enrolment.objects.filter(student__in=wanted.attendance, is_primary=True).overlapping(first, last)
    found: dict[int, Evidence] = defaultdict(Evidence)
    parts = [session_rows(sessions), present_rows(sessions), note_rows(scope, wanted.behavior), place_rows(primary)]
    for kind, student, day, pk, word, text, *more in work_rows(scope, wanted.marks).union(*parts, all=True):
        of_student = found[student]
        if kind == WORK:
            subject, subject_name, points, most, weight, *_dates = more
            reached = None if points is None else whole_points(points)
            counts = (reached, whole_points(most), whole_points(weight))
            of_student.works.append(Work(day_of(day), pk, text, subject, subject_name, word, *counts))
        elif kind == SESSION:
            of_student.sessions.append(Session(day_of(day), pk, word, text))
        elif kind == PRESENT:
            of_student.sessions += [Session(day_of(each), pk, word, "") for each in text.split()]
        elif kind == NOTE:
            of_student.notes.append(Note(day_of(day), word, text))
        else:
            of_student.places.append(place_of(day, pk, word, more))
    for of_student in found.values():
        # Looked up here, not mark by mark in the database, since the enrolments are read anyway.
        of_student.sessions = [each for each in of_student.sessions if is_within(each, of_student.places)]
        of_student.works.sort(key=lambda work: (work.day, work.pk))
        of_student.sessions.sort()
        of_student.notes.sort(key=lambda note: note.day)
        of_student.places.sort(key=lambda each: each.starts_on)
    return dict(found)


def is_within(session: Session, places: Collection[Place]) -> bool:
    """Whether one of these enrolments put the student into that class on the day."""
    return any(
        place.school_class.pk == session.school_class
        and place.starts_on <= session.day
        and (place.ends_on is None or session.day < place.ends_on)
        for place in places
    )


@lru_cache(maxsize=4096)
def whole_points(hundredths: str) -> Decimal:
    """Points from the digits of whole hundredths; the same few numbers stand in most rows."""
    return Decimal(hundredths) / HUNDREDTHS


def place_of(starts_on: str, key: int, meets_on: str, more: list[Any]) -> Place:
    """A row of `place_rows`."""
    year, _name, *_points, ends_on, first, end = more
    of_year = AcademicYear(pk=year, starts_on=day_of(first), ends_on=day_of(end))
    of_class = SchoolClass(pk=key, meets_on=meets_on, academic_year=of_year)
    return Place(day_of(starts_on), day_of(ends_on) if ends_on else None, of_class)


def nothing(of: Field[Any, Any]) -> Cast:
    """An empty column, of a type: PostgreSQL joins only columns of one type."""
    return Cast(Value(None), of)


def rows(kind: str, found: QuerySet[Any], *columns: Any) -> QuerySet[Model, Any]:
    """The rows in the columns of all kinds: kind, student, day, key, word, text, then those of work and enrolment.

    Days and points are texts, which Django hands over as they come: there are hundreds of rows a student.
    """
    return found.order_by().values_list(Value(kind, TextField()), "student_id", *columns)


def work_rows(scope: Scope, students: Collection[int]) -> QuerySet[Model, Any]:
    """What counts of the marks that this person sees, published or not; exempt scores count nowhere."""
    scores = Score.objects.visible_to(scope.seen.user).exclude(state=State.EXEMPT)
    of_classes = scores.filter(assessment__school_class__in=[each.pk for each in scope.seen.classes])
    return rows(
        WORK,
        of_classes.filter(student__in=students),
        IsoDay("assessment__date_taken"),
        "assessment_id",
        "state",
        "assessment__title",
        "assessment__subject_id",
        "assessment__subject__name",
        *(Cast(name, TextField()) for name in ("score", "max_score", "assessment__category__weight")),
        *without_dates(),
    )


def without_work() -> tuple[Cast, ...]:
    return (nothing(BigIntegerField()), nothing(TextField()), *(nothing(TextField()) for _column in range(3)))


def without_dates() -> tuple[Cast, ...]:
    return tuple(nothing(TextField()) for _column in range(3))


def session_rows(sessions: QuerySet[Any]) -> QuerySet[Model, Any]:
    columns = (IsoDay("date"), "school_class_id", "status", "note")
    return rows(SESSION, sessions.exclude(status=Status.PRESENT), *columns, *without_work(), *without_dates())


def present_rows(sessions: QuerySet[Any]) -> QuerySet[Model, Any]:
    """The days on which a student was there, which are most: in one row for each class, without their notes."""
    by_class = sessions.filter(status=Status.PRESENT).order_by().values("student_id", "school_class_id", "status")
    columns = (nothing(TextField()), "school_class_id", "status", "days")
    return rows(PRESENT, by_class.annotate(days=Packed(IsoDay("date"))), *columns, *without_work(), *without_dates())


def note_rows(scope: Scope, students: Collection[int]) -> QuerySet[Model, Any]:
    notes = BehaviorRecord.objects.visible_to(scope.seen.user).between(scope.seen.calendar.first, scope.today)
    of_students = notes.filter(student__in=students, behavior_type=BehaviorType.NEGATIVE)
    columns = (IsoDay("date"), "pk", "category__name", "notes")
    return rows(NOTE, of_students, *columns, *without_work(), *without_dates())


def place_rows(primary: QuerySet[Any]) -> QuerySet[Model, Any]:
    """The columns of a subject hold the school year."""
    columns = (IsoDay("starts_on"), "school_class_id", "school_class__meets_on", nothing(TextField()))
    year, dates = "school_class__academic_year", ("starts_on", "ends_on")
    of_year = (IsoDay(f"{year}__{name}") for name in dates)
    return rows(PLACE, primary, *columns, f"{year}_id", *without_work()[1:], IsoDay("ends_on"), *of_year)
