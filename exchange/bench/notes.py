"""Behaviour and participation of the bench school."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from behavior.models import BehaviorCategory, BehaviorRecord, BehaviorType
from exchange.bench.ground import UNRULY, Ground, Pupil, Room, is_among
from exchange.bulk_loading import load_rows, next_key
from participation.models import Event, ParticipationRecord, Status

PRAISED = (0, 1, 2, 2, 3, 4)  # times in the year to date
BLAMED, BLAMED_LATELY = (0, 0, 0, 1, 1, 2), (3, 5)
LATELY = timedelta(days=28)
SHARED = {BehaviorType.POSITIVE: 0.85, BehaviorType.NEGATIVE: 0.5}
WORDS = {
    BehaviorType.POSITIVE: ("Helped a classmate.", "A very good question.", "Handed in early and complete."),
    BehaviorType.NEGATIVE: ("Talked through the lesson.", "Phone in use, twice.", "Would not open the book."),
}
SCHOOL_IS_OUT = 15
# The events of a class, by how much of the year to date had passed.
EVENTS = {"Trip to the museum": 0.2, "Sports day": 0.5, "Science fair": 0.8}
PARTS = {Status.ATTENDED: 80, Status.HELPED: 7, Status.LED: 3, Status.AWARD: 3, Status.ABSENT: 7}
REMARKS = {Status.AWARD: "First place.", Status.LED: "Spoke for the group."}

BEHAVIOR_COLUMNS = (
    "student_id", "behavior_type", "category_id", "notes", "date", "teacher_id", "noted_by_id", "shared_with_parents",
    "school_class_id", "created_at", "updated_at",
)  # fmt: skip
EVENT_COLUMNS = ("id", "name", "date", "school_class_id", "noted_by_id", "noted_at", "created_at", "updated_at")
PART_COLUMNS = (
    "student_id", "event_id", "event_name", "date", "school_class_id", "status", "remarks", "marked_by_id",
    "created_at", "updated_at",
)  # fmt: skip


def note_behavior(ground: Ground, rooms: Sequence[Room]) -> None:
    """Praise and blame over the year to date; the unruly are blamed three to five times in the last 28 days."""
    categories = list(BehaviorCategory.objects.order_by("name", "pk").values_list("pk", flat=True))
    rows = [row for room in rooms for pupil in room.pupils for row in records_of(ground, room, pupil, categories)]
    load_rows(BehaviorRecord, BEHAVIOR_COLUMNS, sorted(rows, key=lambda row: row[BEHAVIOR_COLUMNS.index("date")]))


def records_of(ground: Ground, room: Room, pupil: Pupil, categories: Sequence[int]) -> Iterator[Sequence[Any]]:
    """The records of one student, each noted by the homeroom teacher."""
    random = ground.random
    days = [day for day in ground.plan.days if day >= pupil.starts_on]
    lately = [day for day in days if day > days[-1] - LATELY]
    # Who is not unruly is blamed twice in the year at most, so that chance gives nobody a third record in a month.
    happened = [(random.choice(days), BehaviorType.POSITIVE) for _time in range(random.choice(PRAISED))]
    happened += [(random.choice(days), BehaviorType.NEGATIVE) for _time in range(random.choice(BLAMED))]
    if is_among(pupil.number, UNRULY):
        happened += [(random.choice(lately), BehaviorType.NEGATIVE) for _time in range(random.randint(*BLAMED_LATELY))]
    for day, kind in happened:
        moment = ground.at(day, SCHOOL_IS_OUT)
        yield (
            pupil.student.pk, kind.value, random.choice(categories), random.choice(WORDS[kind]), day, room.teacher.pk,
            room.teacher.user_id, random.random() < SHARED[kind], room.school_class.pk, moment, moment,
        )  # fmt: skip


def hold_events(ground: Ground, rooms: Sequence[Room]) -> None:
    """Three events of every class, and how each of its students took part."""
    days, key = ground.plan.days, next_key(Event)
    events, parts = [], []
    for name, part in EVENTS.items():
        day = days[int(part * len(days))]
        moment = ground.at(day, SCHOOL_IS_OUT)
        for room in rooms:
            teacher, school_class = room.teacher.user_id, room.school_class.pk
            events.append((key, name, day, school_class, teacher, moment, moment, moment))
            there = [pupil for pupil in room.pupils if pupil.starts_on <= day]
            statuses = ground.random.choices([*PARTS], [*PARTS.values()], k=len(there))
            parts += [
                (
                    pupil.student.pk, key, name, day, school_class, status.value, REMARKS.get(status, ""), teacher,
                    moment, moment,
                )
                for pupil, status in zip(there, statuses, strict=True)
            ]  # fmt: skip
            key += 1
    load_rows(Event, EVENT_COLUMNS, events)
    load_rows(ParticipationRecord, PART_COLUMNS, parts)
