"""What an alert says: each reason in words, with its threshold, since when, the rows behind it, and what clears it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.fields import HUNDREDTHS
from assessments.models import State
from attendance.metrics import ATTENDED
from attendance.models import Status
from behavior.models import BehaviorCategory
from core.numbers import print_percent, print_points
from core.templatetags.portal import day_short
from dashboard.alerts import Alert, AtRisk
from dashboard.clearing import day_cleared, weeks_to_clear, works_to_clear
from dashboard.evidence import Evidence, Note, Session, Wanted, Work, load_evidence
from dashboard.risk import Reason, Rule
from dashboard.since import attendance_low_since, marks_low_since, notes_many_since
from dashboard.threshold_words import bound_in_words
from dashboard.thresholds import Thresholds
from students.calendar import SchoolCalendar

SHOWN = 5  # rows of evidence; a year has hundreds of scores, which stand on a list of their own


@dataclass(frozen=True)
class Row:
    """A dated row of evidence: what happened, and more about it. `mark` is the letter of a register's mark."""

    day: date
    what: str
    more: str = ""
    mark: Status | None = None
    address: str = ""

    @property
    def line(self) -> str:
        """As HTML, in one go: a page of alerts has hundreds of rows."""
        mark, what = "", str(escape(self.what))
        if self.mark:
            letter = escape(self.mark.letter)
            mark = f'<span class="mark mark--{escape(self.mark)}" aria-hidden="true">{letter}</span> '
        if self.address:
            what = f'<a href="{escape(self.address)}">{what}</a>'
        more = f": {escape(self.more)}" if self.more else ""
        day = escape(day_short(self.day))
        # Each part is escaped on its own above.
        return mark_safe(f'<li><span class="evidence__day">{day}</span> <span>{mark}{what}{more}</span></li>')  # noqa: S308


@dataclass(frozen=True)
class Explained:
    """A reason in words. `subject` is empty where it is about all marks.

    evidence: the dated rows that the figure counts, the latest first. all_at: the page that lists them all.
    """

    reason: Reason
    subject: str
    sentence: str
    since: date
    raised_by: str
    clears: str
    evidence: Sequence[Session | Work | Note]
    all_at: str

    @property
    def since_in_words(self) -> str:
        return _("Since %(day)s") % {"day": day_short(self.since)}

    @property
    def pieces(self) -> str:
        """How many rows of evidence there are, in words; empty without any."""
        number = len(self.evidence)
        words = ngettext("%(number)s piece of evidence", "%(number)s pieces of evidence", number)
        return words % {"number": number_format(number)} if number else ""

    @property
    def earlier_in_words(self) -> str:
        words = ngettext(
            "%(number)s earlier one, on the list of all", "%(number)s earlier ones, on the list of all", self.earlier
        )
        return words % {"number": number_format(self.earlier)} if self.earlier else ""

    @property
    def latest(self) -> list[Row]:
        return [self.row(each) for each in self.evidence[:SHOWN]]

    @property
    def earlier(self) -> int:
        """How many rows there are before the latest ones."""
        return max(0, len(self.evidence) - SHOWN)

    def row(self, each: Session | Work | Note) -> Row:
        """A row of evidence in words; made when it is shown, since most of them are not."""
        if isinstance(each, Work):
            return row_of_work(each, with_subject=not self.reason.subject)
        return row_of_session(each) if isinstance(each, Session) else row_of_note(each)


@dataclass(frozen=True)
class ExplainedAlert:
    """An alert with its reasons in words."""

    alert: Alert
    reasons: list[Explained]
    done: str


def explain(listed: AtRisk, alerts: list[Alert]) -> list[ExplainedAlert]:
    """These alerts of a list in words; one statement for all rows behind them, none without alerts."""
    wanted = Wanted(*([alert.student.pk for alert in alerts if rule in alert.rules] for rule in Rule))
    found = load_evidence(listed.scope, wanted) if alerts else {}
    return [explain_alert(listed, alert, found.get(alert.student.pk, Evidence())) for alert in alerts]


def explain_alert(listed: AtRisk, alert: Alert, evidence: Evidence) -> ExplainedAlert:
    words = Words(listed, alert, evidence)
    return ExplainedAlert(alert, [words.explain(reason) for reason in alert.reasons], what_was_done(alert))


def what_was_done(alert: Alert) -> str:
    """The action noted last, as a sentence; empty without one."""
    action = alert.action
    if action is None:
        return ""
    sentence = (
        _("%(kind)s on %(day)s by %(name)s, look again on %(again)s")
        if alert.is_fresh
        else _("%(kind)s on %(day)s by %(name)s. It was to be looked at again on %(again)s")
    )
    said: str = sentence % {
        "kind": action.kind.label,
        "day": day_short(action.done_on),
        "name": action.noted_by,
        "again": day_short(action.look_again_on),
    }
    return said


@dataclass(frozen=True)
class Words:
    """Explains the reasons of one alert."""

    listed: AtRisk
    alert: Alert
    evidence: Evidence

    @property
    def calendar(self) -> SchoolCalendar:
        return self.listed.scope.seen.calendar

    @property
    def today(self) -> date:
        return self.listed.scope.today

    @property
    def thresholds(self) -> Thresholds:
        return self.listed.thresholds

    def explain(self, reason: Reason) -> Explained:
        """One reason: its rule decides which rows are its evidence."""
        if reason.rule == Rule.LOW_ATTENDANCE:
            return self.attendance(reason)
        return self.marks(reason) if reason.rule == Rule.LOW_PERFORMANCE else self.behavior(reason)

    def attendance(self, reason: Reason) -> Explained:
        missed = [session for session in self.evidence.sessions if session.status not in ATTENDED]
        return Explained(
            reason=reason,
            subject="",
            sentence=sentence_of(reason, ""),
            since=attendance_low_since(self.calendar, self.evidence, reason.threshold) or self.today,
            raised_by=self.raised_by("attendance"),
            clears=self.clears_attendance(reason.threshold),
            evidence=missed[::-1],
            all_at=self.all_at("attendance:records"),
        )

    def clears_attendance(self, threshold: Fraction) -> str:
        """The full weeks to come, by the class that the student is in now."""
        figures = self.listed.facts.attendance[self.alert.student.pk]
        days_a_week = len(self.calendar.weekdays(self.evidence.places[-1].school_class)) if self.evidence.places else 0
        weeks = weeks_to_clear(figures.attended, figures.possible, threshold, days_a_week)
        if weeks is None:
            return _("No number of days without an absence does.")
        sentence = ngettext(
            "%(number)d full week without an absence lifts it above %(threshold)s.",
            "%(number)d full weeks without an absence lift it above %(threshold)s.",
            weeks,
        ) % {"number": weeks, "threshold": bound_in_words(threshold)}
        left = (self.listed.scope.seen.year.ends_on - self.today).days // 7
        return f"{sentence} {_('That is longer than the school year still lasts.')}" if weeks > left else sentence

    def marks(self, reason: Reason) -> Explained:
        works = [work for work in self.evidence.works if reason.subject in {None, work.subject}]
        subject = works[0].subject_name if works and reason.subject else ""
        since = marks_low_since(works, reason.threshold) or self.today
        return Explained(
            reason=reason,
            subject=subject,
            sentence=sentence_of(reason, subject),
            since=min(since, self.today),  # work may be dated ahead
            raised_by=self.raised_by("subject" if reason.subject else "average"),
            clears=clears_marks(reason, sum(work.weight > 0 for work in works)),
            evidence=works[::-1],
            all_at=self.all_at("assessments:records"),
        )

    def behavior(self, reason: Reason) -> Explained:
        number, length = int(reason.threshold), self.thresholds.note_days
        days = [note.day for note in self.evidence.notes]
        last = day_short(day_cleared(days, number, length)) if len(days) >= number else ""
        notes = self.evidence.notes[-int(reason.value) :]
        return Explained(
            reason=reason,
            subject="",
            sentence=sentence_of(reason, "", length),
            since=notes_many_since(days, self.today, number, length) or self.today,
            raised_by=self.raised_by("negative_notes", "note_days"),
            clears=_("No further negative note until %(day)s.") % {"day": last},
            evidence=notes[::-1],
            all_at=self.all_at("behavior:list"),
        )

    def all_at(self, route: str) -> str:
        return f"{address_of(route)}?student_id={self.alert.student.student_id}"

    def raised_by(self, *names: str) -> str:
        """Which thresholds raised it: a version, or what was typed for this look."""
        ours, in_force = self.thresholds, self.listed.in_force
        if any(getattr(ours, name) != getattr(in_force, name) for name in names):
            return _("threshold for this look")
        return version_in_words(in_force)


def version_in_words(thresholds: Thresholds) -> str:
    """Which version of the thresholds it is, who set it, and when."""
    if not thresholds.version or thresholds.valid_from is None:
        return _("the portal's own thresholds")
    return _("thresholds version %(number)d, set by %(name)s on %(day)s") % {
        "number": thresholds.version,
        "name": thresholds.set_by,
        "day": date_format(timezone.localtime(thresholds.valid_from), "j M Y"),
    }


def sentence_of(reason: Reason, subject: str, note_days: int = 0) -> str:
    """The rule in words, with the value and the threshold; `note_days` is for behaviour."""
    if reason.rule == Rule.BEHAVIORAL_CONCERN:
        return ngettext(
            "%(value)d negative note in %(days)d days: %(threshold)d raise it",
            "%(value)d negative notes in %(days)d days: %(threshold)d raise it",
            int(reason.value),
        ) % {"value": reason.value, "days": note_days, "threshold": reason.threshold}
    if reason.rule == Rule.LOW_ATTENDANCE:
        sentence = _("%(value)s attendance: at most %(threshold)s raises it")
    elif reason.subject:
        sentence = _("%(value)s average in %(subject)s: below %(threshold)s raises it")
    else:
        sentence = _("%(value)s average: below %(threshold)s raises it")
    said: str = sentence % {
        "value": print_percent(reason.value),
        "subject": subject,
        "threshold": bound_in_words(reason.threshold),
    }
    return said


def clears_marks(reason: Reason, number: int) -> str:
    """The further pieces of work that lift an average over `number` pieces to the threshold."""
    works = works_to_clear(reason.value, number, reason.threshold)
    if works is None:
        return _("No further work does.")
    said: str = ngettext(
        "%(number)d piece of work at %(share)s reaches %(threshold)s.",
        "%(number)d pieces of work at %(share)s reach %(threshold)s.",
        works.number,
    ) % {
        "number": works.number,
        "share": bound_in_words(works.share),
        "threshold": bound_in_words(reason.threshold),
    }
    return said


@lru_cache(maxsize=4096)
def address_of(route: str, *keys: int) -> str:
    """A page; kept, since the same work stands behind the alerts of a whole class."""
    return reverse(route, args=keys)


def row_of_session(session: Session) -> Row:
    mark = Status(session.status)
    return Row(session.day, str(mark.label), quoted(session.note), mark)


def row_of_work(work: Work, *, with_subject: bool) -> Row:
    """A piece of work and what was reached in it."""
    what = f"{work.title}, {work.subject_name}" if with_subject else work.title
    if work.points is None:
        reached = str(State(work.state).label)
    else:
        share = print_percent(Fraction(int(work.points * HUNDREDTHS), int(work.max_score * HUNDREDTHS)))
        numbers = {"points": print_points(work.points), "most": print_points(work.max_score), "share": share}
        reached = _("%(points)s of %(most)s (%(share)s)") % numbers
    return Row(work.day, what, reached, address=address_of("assessments:scores", work.pk))


def row_of_note(note: Note) -> Row:
    return Row(note.day, str(BehaviorCategory(name=note.category)), quoted(note.text))


def quoted(text: str) -> str:
    """What somebody wrote, in quotation marks; empty where nobody wrote anything."""
    return _("“%(text)s”") % {"text": text} if text else ""
