"""The mark books of the bench school: 20 pieces of work a subject and class over the year to date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

from tqdm import tqdm

from assessments.models import Assessment, AssessmentCategory, AssessmentType, Score, State
from exchange.bench.days import DAY
from exchange.bench.ground import STRUGGLING, WEAK_IN_ONE, Ground, Pupil, Room, is_among
from exchange.bench.people import SUBJECTS
from exchange.bulk_loading import load_rows, next_key

Kind = AssessmentType

PIECES = 20
NOT_PUBLISHED = 2  # of them, the latest
KINDS = (Kind.ASSIGNMENT, Kind.QUIZ, Kind.TEST, Kind.ASSIGNMENT, Kind.QUIZ, Kind.EXAM)
MAXIMA = {Kind.QUIZ: 20, Kind.TEST: 50, Kind.EXAM: 100, Kind.ASSIGNMENT: 25}
WEIGHTS = {Kind.QUIZ: 20, Kind.ASSIGNMENT: 20, Kind.TEST: 40, Kind.EXAM: 40}
SCHOOL_IS_OUT = 15

# The share of the points: of those who struggle, of all others (lowest, highest, most likely), in a weak subject.
LOW, USUAL, WEAK = (0.48, 0.58), (0.68, 0.95, 0.82), 0.4
SPREAD_OF_SUBJECTS, SPREAD_OF_PIECES = 0.03, 0.12
MISSING, EXEMPT = 0.03, 0.02
HALVES = [Decimal(number) / 2 for number in range(2 * max(MAXIMA.values()) + 1)]

WORK_COLUMNS = (
    "id", "title", "school_class_id", "subject_id", "assessment_type", "category_id", "date_taken", "max_score",
    "allows_extra", "published_at", "scored_by_id", "scored_at", "external_id", "created_at", "updated_at",
)  # fmt: skip
SCORE_COLUMNS = (
    "student_id", "assessment_id", "state", "score", "max_score", "allows_extra", "notes", "external_id",
    "marked_by_id", "created_at", "updated_at",
)  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """The piece of work of this number in a subject of a class, counted from 0; `key` is its primary key."""

    key: int
    number: int
    place: int  # of the subject
    room: Room
    day: date
    scored_at: datetime

    @property
    def kind(self) -> Kind:
        return KINDS[self.number % len(KINDS)]


def enter_marks(ground: Ground, rooms: Sequence[Room]) -> None:
    """Work with its scores, round by round as it was written."""
    categories = weigh_categories()
    abilities = {pupil.number: assess(ground.random, pupil) for room in rooms for pupil in room.pupils}
    for number in tqdm(range(PIECES), disable=None, desc="Marks", unit="round"):
        pieces = list(set_round(ground, rooms, number))
        load_rows(Assessment, WORK_COLUMNS, works_of(pieces, categories))
        load_rows(Score, SCORE_COLUMNS, scores_of(ground.random, pieces, abilities))


def weigh_categories() -> dict[Kind, int]:
    """The keys of the categories of a new school, with what each counts."""
    for kind, weight in WEIGHTS.items():
        AssessmentCategory.objects.filter(default_for=kind).update(weight=Decimal(weight))
    found = AssessmentCategory.objects.exclude(default_for="").values_list("default_for", "pk")
    return {Kind(kind): key for kind, key in found}


def assess(random: Random, pupil: Pupil) -> list[float]:
    """The share of the points that a student reaches in each subject."""
    ability = random.uniform(*LOW) if is_among(pupil.number, STRUGGLING) else random.triangular(*USUAL)
    abilities = [ability + random.gauss(0, SPREAD_OF_SUBJECTS) for _subject in SUBJECTS]
    if is_among(pupil.number, WEAK_IN_ONE):
        abilities[random.randrange(len(abilities))] = WEAK
    return abilities


def set_round(ground: Ground, rooms: Sequence[Room], number: int) -> Iterator[Piece]:
    """The piece of this number of every class and subject, the subjects on different days where there are enough."""
    days, key = ground.plan.days, next_key(Assessment)
    for room in rooms:
        for place in range(len(SUBJECTS)):
            day = days[(number * len(SUBJECTS) + place) * len(days) // (PIECES * len(SUBJECTS))]
            yield Piece(key, number, place, room, day, ground.at(day + DAY, SCHOOL_IS_OUT))
            key += 1


def works_of(pieces: Sequence[Piece], categories: dict[Kind, int]) -> Iterator[Sequence[Any]]:
    for piece in pieces:
        subject, teacher = piece.room.taught[piece.place]
        published_at = piece.scored_at if piece.number < PIECES - NOT_PUBLISHED else None
        yield (
            piece.key, f"{subject.name} {piece.number + 1}", piece.room.school_class.pk, subject.pk, piece.kind.value,
            categories[piece.kind], piece.day, Decimal(MAXIMA[piece.kind]), False, published_at, teacher.user_id,
            piece.scored_at, "", piece.scored_at, piece.scored_at,
        )  # fmt: skip


def scores_of(random: Random, pieces: Sequence[Piece], abilities: dict[int, list[float]]) -> Iterator[Sequence[Any]]:
    """A score of everybody who was in the class on the day."""
    for piece in pieces:
        most, moment = MAXIMA[piece.kind], piece.scored_at
        maximum, teacher = Decimal(most), piece.room.taught[piece.place][1].user_id
        for pupil in piece.room.pupils:
            if pupil.starts_on <= piece.day:
                state, score = grade(random, abilities[pupil.number][piece.place], most)
                yield pupil.student.pk, piece.key, state, score, maximum, False, "", "", teacher, moment, moment


def grade(random: Random, ability: float, most: int) -> tuple[str, Decimal | None]:
    """A state and the points, in halves; one draw decides both, since there are millions."""
    chance = random.random()
    if chance < MISSING:
        return State.MISSING.value, None
    if chance < MISSING + EXEMPT:
        return State.EXEMPT.value, None
    share = ability + SPREAD_OF_PIECES * (2 * chance - 1)
    return State.GRADED.value, HALVES[min(2 * most, max(0, int(share * 2 * most)))]
