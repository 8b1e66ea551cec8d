"""How well a child does in which piece of work: believable marks, from seeded generators and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from assessments.models import AssessmentType, State
from attendance.models import Status
from exchange.demo.ground import SEED
from exchange.demo.patterns import choose
from exchange.demo.staff import SUBJECTS
from exchange.demo.stories import Story

Kind = AssessmentType

# The share of the points that a child reaches on the whole: lowest, highest, most likely.
ABILITY = {
    Story.STRUGGLES: (0.44, 0.53, 0.5),
    Story.GIFTED: (0.92, 0.97, 0.94),
    Story.WEAK: (0.7, 0.82, 0.76),
    Story.RISING: (0.66, 0.74, 0.7),
    Story.FALLING: (0.66, 0.74, 0.7),
}
ABILITY_OF_MOST = (0.64, 0.94, 0.8)
# By how much the year moves it, from the first day to today.
TREND = {Story.RISING: 0.3, Story.FALLING: -0.32}
SPREAD_OF_TRENDS, SPREAD_OF_SUBJECTS, SPREAD_OF_PIECES = 0.03, 0.045, 0.06
WEAK_SUBJECTS, WEAK_SHARE = ("MAT", "ENG", "SCI"), 0.4  # every class has these
HARDER = {Kind.ASSIGNMENT: 0.03, Kind.QUIZ: 0.0, Kind.TEST: -0.02, Kind.EXAM: -0.03}
LOWEST, BONUS = 0.05, 0.1
STEPS = {Kind.ASSIGNMENT: Decimal(1), Kind.QUIZ: Decimal("0.5"), Kind.TEST: Decimal("0.5"), Kind.EXAM: Decimal(1)}

# The share of assignments that a child does not hand in.
FORGOTTEN = {Story.FORGETS: 0.33, Story.STRUGGLES: 0.12, Story.GIFTED: 0.0}
FORGOTTEN_BY_MOST = 0.02
# How often who was away on the day of a quiz, test or exam writes it later; else excused is exempt, absent missing.
WRITTEN_LATER = 0.45

SHARE_WITH_NOTE = 0.06
NOTES = (
    (0.9, ("Excellent work.", "Very clear reasoning.", "Careful and complete.", "Lovely presentation.")),
    (0.75, ("Good work. Check the last step.", "Well prepared.", "Good, a little rushed at the end.")),
    (0.6, ("Read the question twice.", "Show your working.", "Ask when you are unsure.")),
    (0.0, ("Please come and see me on Thursday.", "Revise the last chapter.", "We will practise this again.")),
)
NOTE_MISSING = ("Not handed in.", "Can be handed in until Friday.", "Promised for Monday.", "")
NOTE_EXEMPT = ("Ill on the day.", "Away with permission.", "")


@dataclass(frozen=True)
class Learner:
    """A child's share of the points in each subject, how the year moves it, and how much is not handed in."""

    by_subject: dict[str, float]
    trend: float
    forgotten: float


@dataclass(frozen=True)
class Piece:
    """What a piece of work asks: `progress` is how much of the year to date had passed, from 0 to 1."""

    subject: str
    kind: Kind
    max_score: Decimal
    allows_extra: bool
    progress: float


@dataclass(frozen=True)
class Grading:
    """What a teacher enters for one child."""

    state: State
    score: Decimal | None
    notes: str


def get_to_know(student_id: str, stories: frozenset[Story]) -> Learner:
    """A child by the student id: the same on whatever day the school is made."""
    # Seeded, so that the school is the same each time; nothing here is a secret.
    random = Random(f"{SEED} {student_id}")  # noqa: S311
    ability = random.triangular(*choose(ABILITY, stories, ABILITY_OF_MOST))
    by_subject = {code: ability + random.gauss(0, SPREAD_OF_SUBJECTS) for code in SUBJECTS}
    if Story.WEAK in stories:
        by_subject[random.choice(WEAK_SUBJECTS)] = WEAK_SHARE
    trend = choose(TREND, stories, random.gauss(0, SPREAD_OF_TRENDS))
    return Learner(by_subject, trend, choose(FORGOTTEN, stories, FORGOTTEN_BY_MOST))


def grade(random: Random, learner: Learner, piece: Piece, away: str | None) -> Grading:
    """The mark of one child in one piece of work; `away` is the child's status in the register, where not there."""
    if piece.kind == Kind.ASSIGNMENT and random.random() < learner.forgotten:
        return Grading(State.MISSING, None, random.choice(NOTE_MISSING))
    if piece.kind != Kind.ASSIGNMENT and away and random.random() > WRITTEN_LATER:
        if away == Status.EXCUSED:
            return Grading(State.EXEMPT, None, random.choice(NOTE_EXEMPT))
        return Grading(State.MISSING, None, random.choice(NOTE_MISSING))
    share = reached(random, learner, piece)
    step = STEPS[piece.kind]
    score = round(Decimal(share) * piece.max_score / step) * step
    notes = random.choice(notes_for(share)) if random.random() < SHARE_WITH_NOTE else ""
    return Grading(State.GRADED, score, notes)


def reached(random: Random, learner: Learner, piece: Piece) -> float:
    """The share of the points; above 1 only where extra credit is allowed."""
    share = learner.by_subject[piece.subject] + HARDER[piece.kind] + learner.trend * (piece.progress - 0.5)
    share += random.gauss(0, SPREAD_OF_PIECES)
    return min(max(share + (BONUS if piece.allows_extra else 0), LOWEST), 1 + BONUS if piece.allows_extra else 1)


def notes_for(share: float) -> tuple[str, ...]:
    return next(notes for bound, notes in NOTES if share >= bound)
