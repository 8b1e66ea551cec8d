"""Thresholds, reasons and what a rehearsal found, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.numbers import print_percent, print_points
from dashboard.risk import Reason, Rule
from dashboard.thresholds import Thresholds, as_percent


def bound_in_words(share: Fraction) -> str:
    """A threshold as "92 %" or "92.5 %", with a no-break space."""
    return f"{print_points(as_percent(share))}\N{NO-BREAK SPACE}%"


def notes_in_words(number: int, days: int) -> str:
    """Such as "3 negative notes within 30 days"."""
    notes = ngettext("%(number)d negative note", "%(number)d negative notes", number) % {"number": number}
    within = ngettext("within %(days)d day", "within %(days)d days", days) % {"days": days}
    return f"{notes} {within}"


def rules_in_words(thresholds: Thresholds) -> dict[Rule, str]:
    """From when on each rule holds."""
    bounds = {"average": bound_in_words(thresholds.average), "subject": bound_in_words(thresholds.subject)}
    notes = notes_in_words(thresholds.negative_notes, thresholds.note_days)
    return {
        Rule.LOW_ATTENDANCE: _("a rate of %(most)s or less") % {"most": bound_in_words(thresholds.attendance)},
        Rule.LOW_PERFORMANCE: _("an average below %(average)s, or below %(subject)s in one subject") % bounds,
        Rule.BEHAVIORAL_CONCERN: _("at least %(notes)s") % {"notes": notes},
    }


def thresholds_in_words(thresholds: Thresholds) -> str:
    """All of it on one line."""
    return "; ".join(f"{rule.label}: {words}" for rule, words in rules_in_words(thresholds).items())


def if_in_words(thresholds: Thresholds) -> dict[Rule, str]:
    """The beginnings of sentences about what would be under these thresholds."""
    bounds = {"average": bound_in_words(thresholds.average), "subject": bound_in_words(thresholds.subject)}
    notes = notes_in_words(thresholds.negative_notes, thresholds.note_days)
    return {
        Rule.LOW_ATTENDANCE: _("At %(most)s") % {"most": bound_in_words(thresholds.attendance)},
        Rule.LOW_PERFORMANCE: _("Below %(average)s, or %(subject)s in one subject,") % bounds,
        Rule.BEHAVIORAL_CONCERN: _("From %(notes)s on") % {"notes": notes},
    }


def change_in_words(beginning: str, *, now: int, then: int, more: int, fewer: int) -> str:
    """Such as "At 92 % it would be 31 students instead of 18: these 13 more."."""
    if not more and not fewer:
        sentence = ngettext(
            "%(beginning)s it would be the same %(number)d student: nobody more, nobody fewer.",
            "%(beginning)s it would be the same %(number)d students: nobody more, nobody fewer.",
            then,
        )
        return sentence % {"beginning": beginning, "number": then}
    sentence = ngettext(
        "%(beginning)s it would be %(then)d student instead of %(now)d: %(change)s.",
        "%(beginning)s it would be %(then)d students instead of %(now)d: %(change)s.",
        then,
    )
    words = {"more": more, "fewer": fewer}
    added = ngettext("this one more", "these %(more)d more", more) % words if more else _("nobody more")
    change = _("%(added)s, %(fewer)d no longer") % {**words, "added": added} if fewer else added
    return sentence % {"beginning": beginning, "now": now, "then": then, "change": change}


def values_in_words(reasons: Iterable[Reason], thresholds: Thresholds, subjects: Mapping[int, str]) -> str:
    """What was found of one student, such as "average 58.0 %, Mathematics 48.2 %"; `subjects` are names by key."""
    return ", ".join(value_in_words(reason, thresholds, subjects) for reason in reasons)


def value_in_words(reason: Reason, thresholds: Thresholds, subjects: Mapping[int, str]) -> str:
    if reason.rule == Rule.BEHAVIORAL_CONCERN:
        return notes_in_words(int(reason.value), thresholds.note_days)
    value = print_percent(reason.value)
    if reason.subject is not None:
        return f"{subjects[reason.subject]} {value}"
    return value if reason.rule == Rule.LOW_ATTENDANCE else _("average %(value)s") % {"value": value}
