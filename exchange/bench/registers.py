"""The registers of the bench school, day by day as they came, with their kept counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from math import ceil
from random import Random
from typing import Any

from tqdm import tqdm

from attendance.models import AttendanceRecord, Register, Status
from exchange.bench.ground import NOT_TAKEN, OFTEN_ABSENT, Ground, Pupil, Room, is_among
from exchange.bulk_loading import load_rows

PRESENT, LATE, EXCUSED, ABSENT = (status.value for status in Status)
# Shares of the days: of those who are often absent, of all others (rounded down, so that nobody of them reaches 10 %).
MISSED_OFTEN, MISSED_BY_MOST = (0.11, 0.25), (0.0, 0.092)
LATE_SHARE = (0.0, 0.06)
EXCUSED_OF_MISSED = 0.6
NOTES = {PRESENT: "", LATE: "Bus was late", EXCUSED: "Told by telephone", ABSENT: ""}
MINUTES = {LATE: 10}
OPENS_AT = (8, 45)

Marks = dict[int, dict[date, str]]  # by the number of the student; a day that is not in it is “present”

REGISTER_COLUMNS = (
    "school_class_id", "date", "taken_by_id", "taken_at", "version", *(status.value for status in Status),
    "created_at", "updated_at",
)  # fmt: skip
RECORD_COLUMNS = (
    "student_id", "school_class_id", "date", "status", "minutes_late", "left_early", "note", "marked_by_id",
    "created_at", "updated_at",
)  # fmt: skip


def take_registers(ground: Ground, rooms: Sequence[Room]) -> None:
    """Every register of the school days to date, but the latest one of every tenth class."""
    days = ground.plan.days
    marks = {
        pupil.number: mark_days(ground.random, pupil, [day for day in days if day >= pupil.starts_on])
        for room in rooms
        for pupil in room.pupils
    }
    for day in tqdm(days, disable=None, desc="Registers", unit="day"):
        taking = [room for place, room in enumerate(rooms) if day != days[-1] or not is_among(place, NOT_TAKEN)]
        load_rows(Register, REGISTER_COLUMNS, registers_of(ground, taking, day, marks))
        load_rows(AttendanceRecord, RECORD_COLUMNS, records_of(ground, taking, day, marks))


def mark_days(random: Random, pupil: Pupil, days: Sequence[date]) -> dict[date, str]:
    """A student's mark of each of these days; a mark that is not in it is “present”."""
    if is_among(pupil.number, OFTEN_ABSENT):
        missed = ceil(random.uniform(*MISSED_OFTEN) * len(days))
    else:
        missed = int(random.uniform(*MISSED_BY_MOST) * len(days))
    late = round(random.uniform(*LATE_SHARE) * len(days))
    picked = random.sample(days, missed + late)
    marks = {day: EXCUSED if random.random() < EXCUSED_OF_MISSED else ABSENT for day in picked[:missed]}
    return marks | dict.fromkeys(picked[missed:], LATE)


def registers_of(ground: Ground, rooms: Sequence[Room], day: date, marks: Marks) -> Iterator[Sequence[Any]]:
    """The register of each class on a day, with its counts."""
    moment = ground.at(day, *OPENS_AT)
    for room in rooms:
        counts = Counter(marks[pupil.number].get(day, PRESENT) for pupil in room.pupils if pupil.starts_on <= day)
        teacher = room.teacher.user_id
        yield (
            room.school_class.pk,
            day,
            teacher,
            moment,
            1,
            *(counts[status.value] for status in Status),
            moment,
            moment,
        )


def records_of(ground: Ground, rooms: Sequence[Room], day: date, marks: Marks) -> Iterator[Sequence[Any]]:
    """The marks of each class on a day."""
    moment = ground.at(day, *OPENS_AT)
    for room in rooms:
        school_class, teacher = room.school_class.pk, room.teacher.user_id
        for pupil in room.pupils:
            if pupil.starts_on <= day:
                mark = marks[pupil.number].get(day, PRESENT)
                yield (
                    pupil.student.pk, school_class, day, mark, MINUTES.get(mark), False, NOTES[mark], teacher,
                    moment, moment,
                )  # fmt: skip
