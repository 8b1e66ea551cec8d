"""Takes the registers of the demo school, from the first day of the year to today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, OuterRef, Subquery
from tqdm import tqdm

from accounts.models import User
from attendance.models import AttendanceRecord, PlannedAbsence, Register, Status
from attendance.register import Mark, count
from exchange.demo.days import DAY, WEEK, monday_of
from exchange.demo.ground import Ground
from exchange.demo.history import insert, stamp, store
from exchange.demo.patterns import Attender, Marks, cold_waves, mark_days
from exchange.demo.people import Pupil
from exchange.demo.stories import Story
from students.calendar import SchoolCalendar
from students.models import SchoolClass

# The registers that nobody took, by how many school days ago they were due; `teacher` has 7A and 8B.
NOT_TAKEN = {"7A": 0, "7B": 4, "9A": 7}
STARTED_TODAY = "9B"
STUDENTS_MARKED_BEFORE_THE_BELL = 9
OPENS_AT, MINUTES_OPEN = (8, 30), 40
# How many children of a class the office has still to call about on the latest day.
NO_MESSAGE = {"7B": 1, "8A": 2, "8B": 1}
REASONS = {
    Story.COMPETED: "Regional athletics championship",
    Story.AWAY: "Wedding in the family",
    Story.TRAVELS: "Visit to grandmother abroad, agreed with the head",
}
WEDNESDAY, THURSDAY, FRIDAY = 2 * DAY, 3 * DAY, 4 * DAY  # after Monday


@dataclass(frozen=True)
class Roll:
    """The students of one class with their marks."""

    school_class: SchoolClass
    marks: list[tuple[Pupil, Marks]]

    def on(self, day: date) -> list[tuple[Pupil, Mark]]:
        return [(pupil, marks[day]) for pupil, marks in self.marks if day in marks]


def take_registers(
    ground: Ground, classes: dict[str, SchoolClass], pupils: list[Pupil], calendar: SchoolCalendar
) -> None:
    """Registers with their marks, class by class, each as its homeroom teacher took it in the morning."""
    # No progress bar where nobody looks: tqdm asks whether the error stream is a terminal.
    for school_class in tqdm(classes.values(), disable=None, desc="Registers", unit="class"):
        days = calendar.school_days(school_class)
        save_roll(ground, call_roll(ground, school_class, pupils, days), days)
    # A bulk insert dates its rows now; a mark is as old as its register.
    Register.objects.update(created_at=F("taken_at"), updated_at=F("taken_at"))
    register = Register.objects.filter(school_class=OuterRef("school_class"), date=OuterRef("date"))
    taken_at = Subquery(register.values("taken_at"))
    AttendanceRecord.objects.update(created_at=taken_at, updated_at=taken_at)


def call_roll(ground: Ground, school_class: SchoolClass, pupils: list[Pupil], days: list[date]) -> Roll:
    """Marks for the days on which the register of the class was taken and the child was in it."""
    waves = cold_waves(ground.random, days)
    open_register = NOT_TAKEN.get(school_class.name)
    taken = [day for day in days if open_register is None or day != days[-1 - open_register]]
    roll = Roll(school_class, [])
    for pupil, starts_on, ends_on in members(school_class, pupils):
        due = [day for day in taken if starts_on <= day and (ends_on is None or day < ends_on)]
        if school_class.name == STARTED_TODAY and len(roll.marks) >= STUDENTS_MARKED_BEFORE_THE_BELL:
            due = [day for day in due if day != days[-1]]
        marks = mark_days(ground.random, Attender(pupil.child.stories, due), waves)
        if Story.COMPETED in pupil.child.stories:
            marks |= dict.fromkeys(
                planned_days(ground.today)[Story.COMPETED], Mark(Status.EXCUSED, note=REASONS[Story.COMPETED])
            )
        roll.marks.append((pupil, marks))
    miss_without_message(roll, days[-1])
    return roll


def miss_without_message(roll: Roll, day: date) -> None:
    """Let the first children without a story be absent on the latest day, with nobody knowing yet why."""
    there = [marks for pupil, marks in roll.marks if not pupil.child.stories and marks.get(day) == Mark(Status.PRESENT)]
    for marks in there[: NO_MESSAGE.get(roll.school_class.name, 0)]:
        marks[day] = Mark(Status.ABSENT)


def members(school_class: SchoolClass, pupils: list[Pupil]) -> Iterator[tuple[Pupil, date, date | None]]:
    """Who was in the class, in the order of the class list, with first day and first day after."""
    for pupil in sorted(pupils, key=lambda pupil: (pupil.student.family_name, pupil.student.given_name)):
        for name, starts_on, ends_on in pupil.stints:
            if name == school_class.name:
                yield pupil, starts_on, ends_on


def save_roll(ground: Ground, roll: Roll, days: list[date]) -> None:
    """Insert the registers and marks of one class with their history."""
    teacher = roll.school_class.homeroom_teacher
    user = teacher.user if teacher else ground.admin
    registers, records = [], []
    moments: dict[date, datetime] = {}
    for day in days:
        if not (marked := roll.on(day)):
            continue
        moments[day] = moment_taken(ground, day)
        registers.append(make_register(roll.school_class, day, user, moments[day], marked))
        records += [make_record(roll.school_class, day, pupil, mark) for pupil, mark in marked]
    insert(registers)
    stamp(registers, by=user, moments=list(moments.values()))
    insert(records)
    stamp(records, by=user, moments=[moments[record.date] for record in records])


def make_register(
    school_class: SchoolClass, day: date, user: User, taken_at: datetime, marked: list[tuple[Pupil, Mark]]
) -> Register:
    counts = {status.value: number for status, number in count(mark.status for _pupil, mark in marked).items()}
    return Register(school_class=school_class, date=day, taken_by=user, taken_at=taken_at, version=1, **counts)


def moment_taken(ground: Ground, day: date) -> datetime:
    """A moment in the first lesson, or now."""
    moment = ground.at(day, *OPENS_AT) + timedelta(seconds=ground.random.randrange(MINUTES_OPEN * 60))
    return ground.until_now(moment)


def make_record(school_class: SchoolClass, day: date, pupil: Pupil, mark: Mark) -> AttendanceRecord:
    return AttendanceRecord(
        student=pupil.student,
        school_class=school_class,
        date=day,
        status=mark.status,
        minutes_late=mark.minutes_late,
        left_early=mark.left_early,
        note=mark.note,
    )


def planned_days(today: date) -> dict[Story, list[date]]:
    """An absence that is over, one that covers the latest school day, and one of next week.

    They stay within weeks that `plan_year` keeps open.
    """
    monday = monday_of(today)
    return {
        Story.COMPETED: [monday - 2 * WEEK + THURSDAY, monday - 2 * WEEK + FRIDAY],
        Story.AWAY: [min(today, monday + FRIDAY), today + DAY],
        Story.TRAVELS: [monday + WEEK, monday + WEEK + WEDNESDAY],
    }


def plan_absences(ground: Ground, pupils: list[Pupil]) -> None:
    """The planned absences, as a guardian told the office three weeks ago."""
    days = planned_days(ground.today)
    absences = [
        PlannedAbsence(
            student=pupil.student,
            starts_on=days[story][0],
            ends_on=days[story][-1] + DAY,
            reason=REASONS[story],
            entered_by=ground.admin,
        )
        for pupil in pupils
        for story in days
        if story in pupil.child.stories
    ]
    store(absences, by=ground.admin, at=ground.at(monday_of(ground.today) - 3 * WEEK, 14))
