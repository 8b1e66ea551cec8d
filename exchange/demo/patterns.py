"""Who is there, late or ill on which day: believable patterns, from a seeded generator and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import TypeVar

from attendance.models import Status
from attendance.register import Mark
from exchange.demo.stories import Story

Marks = dict[date, Mark]
ValueT = TypeVar("ValueT")

WINTER = {11, 12, 1, 2, 3}
MONDAY = 0
WAVE_DAYS = 8  # school days from the first child with a cold to the last
DAYS_PER_WAVE = 60
SHARE_CAUGHT = 0.4
MOST_MISSED_BY_COLDS = 0.6
DAYS_ILL = 2
EARLY_LEAVERS = 0.004

# The share of days missed: lowest, highest, most likely.
MISSED = {
    Story.PERFECT: (0.0, 0.0, 0.0),
    Story.WOBBLY: (0.058, 0.092, 0.07),
    Story.CHRONIC: (0.115, 0.18, 0.13),
    Story.SEVERE: (0.24, 0.26, 0.25),
}
MISSED_BY_MOST = (0.0, 0.075, 0.035)
# The share of excused absences, and of being late on a Monday and on another day.
EXCUSED = {Story.CHRONIC: 0.55, Story.SEVERE: 0.35}
EXCUSED_OF_MOST = 0.75
LATE = {Story.PERFECT: (0.0, 0.0), Story.LATE: (0.38, 0.06), Story.SEVERE: (0.2, 0.1)}
LATE_OF_MOST = (0.045, 0.009)

LENGTHS_OF_SPELLS = (1, 1, 1, 1, 2, 2, 3)
MINUTES_LATE = (3, 5, 5, 5, 8, 10, 10, 12, 15, 15, 20, 25, 40)
COLDS = ("Cold", "Flu", "Cough and temperature", "Cold, mother phoned", "Ill since last night", "Sore throat")
SHORT_EXCUSES = (
    "Doctor's appointment",
    "Dentist",
    "Migraine",
    "Stomach ache, father phoned",
    "Religious holiday",
    "Orthodontist in the morning, stays at home",
    "Ill, note from mother",
    "Funeral of a relative",
    "Music competition",
)
LONG_EXCUSES = ("Stomach bug", "Flu, doctor's note", "Ear infection", "Sprained ankle, doctor's note", "Temperature")
UNEXCUSED = ("", "", "", "No message from home", "Office left a message", "Family phoned back: overslept")
LATE_NOTES = ("", "", "", "Bus was late", "Overslept", "Missed the train", "Bicycle chain")
EARLY_NOTES = (
    "Dentist at 13:00",
    "Felt sick, collected by father",
    "Orthodontist",
    "Collected at 14:00, family matter",
)


@dataclass(frozen=True)
class Attender:
    """A child and the school days of one class that need a mark, in order."""

    stories: frozenset[Story]
    days: Sequence[date]


def cold_waves(random: Random, days: Sequence[date]) -> list[date]:
    """The days on which a cold reaches a class: in winter, where the year to date has one."""
    candidates = days[10:-15]
    candidates = [day for day in candidates if day.month in WINTER] or candidates
    return sorted(random.sample(candidates, max(1, len(days) // DAYS_PER_WAVE)))


def mark_days(random: Random, attender: Attender, waves: Sequence[date]) -> Marks:
    """A mark for every day. The share of days missed is what the child's story says, whatever the dates are."""
    share = random.triangular(*choose(MISSED, attender.stories, MISSED_BY_MOST))
    wanted = round(share * len(attender.days))
    marks: Marks = {}
    if Story.ILL in attender.stories:
        marks = dict.fromkeys(attender.days[-DAYS_ILL:], Mark(Status.EXCUSED, note=random.choice(COLDS)))
    for wave in waves:
        if random.random() < SHARE_CAUGHT:
            add_cold(random, attender.days, wave, int(wanted * MOST_MISSED_BY_COLDS), marks)
    excused = choose(EXCUSED, attender.stories, EXCUSED_OF_MOST)
    while len(marks) < wanted:
        add_spell(random, attender.days, wanted, excused, marks)
    for day in attender.days:
        if day not in marks:
            marks[day] = mark_there(random, attender.stories, day)
    return marks


def add_cold(random: Random, days: Sequence[date], wave: date, most: int, marks: Marks) -> None:
    """Two to four days of the cold that goes round the class."""
    begun = sum(day < wave for day in days) + int(random.triangular(0, WAVE_DAYS, WAVE_DAYS / 3))
    note = random.choice(COLDS)
    for day in days[begun : begun + random.randint(2, 4)]:
        if len(marks) < most:
            marks.setdefault(day, Mark(Status.EXCUSED, note=note))


def add_spell(random: Random, days: Sequence[date], wanted: int, excused: float, marks: Marks) -> None:
    """One to three days in a row, excused or not."""
    begun, length = random.randrange(len(days)), random.choice(LENGTHS_OF_SPELLS)
    if random.random() < excused:
        mark = Mark(Status.EXCUSED, note=random.choice(LONG_EXCUSES if length > 1 else SHORT_EXCUSES))
    else:
        mark = Mark(Status.ABSENT, note=random.choice(UNEXCUSED))
    for day in days[begun : begun + length]:
        if len(marks) < wanted:
            marks.setdefault(day, mark)


def mark_there(random: Random, stories: frozenset[Story], day: date) -> Mark:
    """Present, sometimes late, rarely gone early."""
    on_monday, otherwise = choose(LATE, stories, LATE_OF_MOST)
    if random.random() < (on_monday if day.weekday() == MONDAY else otherwise):
        return Mark(Status.LATE, minutes_late=random.choice(MINUTES_LATE), note=random.choice(LATE_NOTES))
    if Story.PERFECT not in stories and random.random() < EARLY_LEAVERS:
        return Mark(Status.PRESENT, left_early=True, note=random.choice(EARLY_NOTES))
    return Mark(Status.PRESENT)


def choose(table: dict[Story, ValueT], stories: frozenset[Story], otherwise: ValueT) -> ValueT:
    """What the first of a child's stories that is in the table says."""
    return next((value for story, value in table.items() if story in stories), otherwise)
