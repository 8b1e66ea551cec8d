"""What a report says first: what changed in a week, what to praise, what to watch. docs/metrics.md lists the rules.

Every finding compares a child with the own past or with a threshold of the school, never with other children.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.child_marks import ChildMarks
from assessments.metrics import LOW, LOW_IN_A_SUBJECT, Direction
from assessments.models import Score, State
from attendance.metrics import Attendance, Tier
from attendance.models import AttendanceRecord, Status
from behavior.metrics import MANY_NEGATIVE, NEGATIVE_DAYS
from behavior.models import BehaviorRecord, BehaviorType
from core.numbers import print_percent
from core.templatetags.portal import day_short
from participation.models import ParticipationRecord
from participation.models import Status as Part

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
FULL_DAYS = 20  # registers in a row without an absence that are worth a word
NEAR = 5  # further absences before 10 % are said from here on
MANY_POSITIVE = 2


@dataclass(frozen=True)
class Finding:
    """One sentence, and the section of the report that holds the evidence."""

    sentence: str
    section: str


@dataclass(frozen=True)
class Facts:
    """The school year to date of one child, as far as it may be read; None where a section may not."""

    today: date
    attendance: Attendance | None = None
    days: list[AttendanceRecord] = field(default_factory=list)
    marks: ChildMarks | None = None
    behavior: list[BehaviorRecord] | None = None
    participation: list[ParticipationRecord] | None = None

    @property
    def scores(self) -> list[Score]:
        """All scores of all subjects."""
        return [score for each in self.marks.subjects for score in each.scores] if self.marks else []

    def noted(self, kind: BehaviorType, span: timedelta) -> int:
        """How many notes of a kind the last days brought."""
        since = self.today - span
        return sum(row.behavior_type == kind and row.date > since for row in self.behavior or [])


@dataclass(frozen=True)
class Insights:
    """The three short lists; an empty one is said in words by the page."""

    changes: list[Finding]
    praise: list[Finding]
    watch: list[Finding]


def insights_of(facts: Facts) -> Insights:
    """All findings, those of one section together; no statement."""
    return Insights(list(changes(facts)), list(to_praise(facts)), list(to_watch(facts)))


def changes(facts: Facts) -> Iterator[Finding]:
    """What the last seven days brought."""
    since = facts.today - WEEK
    missed = [row for row in facts.days if row.date > since and row.status in {Status.ABSENT, Status.EXCUSED}]
    if missed:
        days = ", ".join(day_short(row.date) for row in missed)
        yield Finding(_("Missed: %(days)s.") % {"days": days}, "attendance")
    elif any(row.date > since for row in facts.days):
        yield Finding(_("No day missed."), "attendance")
    moment = timezone.now() - WEEK
    new = Counter(score.assessment.subject for score in facts.scores if is_new(score, moment))
    if new:
        subjects = ", ".join(f"{subject} ({number})" for subject, number in new.items())
        yield Finding(_("New marks: %(subjects)s.") % {"subjects": subjects}, "marks")
    positive, negative = facts.noted(BehaviorType.POSITIVE, WEEK), facts.noted(BehaviorType.NEGATIVE, WEEK)
    if positive or negative:
        numbers = {"positive": positive, "negative": negative}
        yield Finding(_("Behaviour: %(positive)d positive, %(negative)d negative.") % numbers, "behavior")
    for row in facts.participation or []:
        if row.date > since and row.status != Part.ABSENT:
            yield Finding(f"{row.event_name}: {row.get_status_display()}.", "participation")


def is_new(score: Score, since: datetime) -> bool:
    """Whether a score was published since then."""
    published = score.assessment.published_at
    return published is not None and published > since


def to_praise(facts: Facts) -> Iterator[Finding]:
    """What went well, by the child's own past."""
    latest = sorted(facts.days, key=lambda row: row.date)[-FULL_DAYS:]
    if len(latest) == FULL_DAYS and all(row.status in {Status.PRESENT, Status.LATE} for row in latest):
        yield Finding(_("Not a day missed of the last %(days)d.") % {"days": FULL_DAYS}, "attendance")
    if facts.marks and facts.marks.average.is_high:
        words = {"average": print_percent(facts.marks.average.share)}
        yield Finding(_("A high average: %(average)s.") % words, "marks")
    yield from moving(facts, Direction.RISING, _("%(subject)s is rising: %(lately)s lately, %(before)s before."))
    positive = facts.noted(BehaviorType.POSITIVE, MONTH)
    if positive >= MANY_POSITIVE:
        yield Finding(_("%(number)d positive notes in 30 days.") % {"number": positive}, "behavior")
    for row in facts.participation or []:
        if row.date > facts.today - MONTH and row.status in {Part.AWARD, Part.LED}:
            yield Finding(f"{row.get_status_display()}: {row.event_name}.", "participation")


def moving(facts: Facts, direction: Direction, sentence: str) -> Iterator[Finding]:
    """The subjects whose marks go in a direction."""
    for each in facts.marks.subjects if facts.marks else []:
        if each.trend and each.trend.direction == direction:
            words = {
                "subject": each.subject,
                "lately": print_percent(each.trend.lately),
                "before": print_percent(each.trend.before),
            }
            yield Finding(sentence % words, "marks")


def to_watch(facts: Facts) -> Iterator[Finding]:
    """What needs attention, by the thresholds of docs/metrics.md."""
    yield from attendance_to_watch(facts.attendance)
    yield from marks_to_watch(facts)
    negative = facts.noted(BehaviorType.NEGATIVE, timedelta(days=NEGATIVE_DAYS))
    if negative >= MANY_NEGATIVE:
        yield Finding(_("%(number)d negative notes in 30 days.") % {"number": negative}, "behavior")


def attendance_to_watch(attendance: Attendance | None) -> Iterator[Finding]:
    """Chronic absence, or how near it is; nothing where fewer than 90 % of the registers are counted."""
    if attendance is None or not attendance.supports_alerts:
        return
    left = attendance.absences_to_chronic
    if attendance.tier in {Tier.CHRONIC, Tier.SEVERE}:
        words = {"missed": attendance.missed, "possible": attendance.possible}
        yield Finding(
            _("%(missed)d days missed of %(possible)d: from 10 %% on, absence is called chronic.") % words, "attendance"
        )
    elif left is not None and left <= NEAR:
        yield Finding(
            ngettext("%(number)d more absence reaches 10 %%.", "%(number)d more absences reach 10 %%.", left)
            % {"number": left},
            "attendance",
        )


def marks_to_watch(facts: Facts) -> Iterator[Finding]:
    """Low averages, falling subjects, and work of the last 30 days that was not handed in."""
    if not facts.marks:
        return
    if facts.marks.average.is_below(LOW):
        words = {"average": print_percent(facts.marks.average.share)}
        yield Finding(_("The average is below 60 %%: %(average)s.") % words, "marks")
    for each in facts.marks.subjects:
        if each.average.is_below(LOW_IN_A_SUBJECT):
            in_subject = {"subject": each.subject, "average": print_percent(each.average.share)}
            yield Finding(_("%(subject)s is below 50 %%: %(average)s.") % in_subject, "marks")
    yield from moving(facts, Direction.FALLING, _("%(subject)s is falling: %(lately)s lately, %(before)s before."))
    since = facts.today - MONTH
    works = [score.assessment for score in facts.scores if score.state == State.MISSING]
    missing = [work for work in works if work.date_taken > since]
    if missing:
        titles = ", ".join(f"{work.title} ({work.subject})" for work in missing)
        yield Finding(_("Not handed in: %(titles)s.") % {"titles": titles}, "marks")
