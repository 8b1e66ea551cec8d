"""What the children of the demo school took part in: trips of a class, days of the whole school, clubs and concerts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from accounts.models import User
from attendance.models import AttendanceRecord
from attendance.models import Status as Mark
from exchange.demo.ground import SEED, Ground
from exchange.demo.history import backdate, insert, stamp
from exchange.demo.patterns import choose
from exchange.demo.people import Pupil
from exchange.demo.registers import members
from exchange.demo.stories import Story
from participation.models import Event, ParticipationRecord, Status
from students.calendar import SchoolCalendar
from students.models import SchoolClass, TeachingAssignment

SCHOOL_IS_OUT, MINUTES_OF_AFTERNOON = 15, 90
Away = set[tuple[int, date]]


@dataclass(frozen=True)
class Plan:
    """An event of the year: on which of its school days, and for a group every how many pupils take one in."""

    name: str
    day: int
    every: int = 0


# Each class for itself, one class a school day after the other.
OF_EACH_CLASS = (
    Plan("Trip to the museum", 12),
    Plan("Science fair", 33),
    Plan("Walk in the forest", 60),
    Plan("Trip to the theatre", 95),
    Plan("Book presentations", 130),
)
# The whole school on one day, class by class.
OF_THE_SCHOOL = (Plan("Sports day", 20), Plan("Winter bazaar", 66), Plan("Spring run", 145))
OF_GROUPS = (
    *(Plan("Reading club", day, every=11) for day in range(9, 190, 10)),
    Plan("Autumn concert", 28, every=6),
    Plan("Chess tournament", 41, every=9),
    Plan("Winter concert", 68, every=6),
    Plan("Mathematics olympiad", 88, every=10),
    Plan("School play", 150, every=7),
)
NOT_NOTED = "7A"  # this class has an event of the latest past school day in which nobody is noted yet
LATEST = "Visit of the library"
# How often somebody there did what, and a remark.
PARTS = {Status.ATTENDED: 84, Status.HELPED: 8, Status.LED: 4, Status.AWARD: 4}
PARTS_OF_THE_GIFTED = {Status.ATTENDED: 62, Status.HELPED: 10, Status.LED: 12, Status.AWARD: 16}
PARTS_OF = {Story.GIFTED: PARTS_OF_THE_GIFTED}
MISSED_GROUP = 0.08
WITH_REMARK = {Status.HELPED: 0.6, Status.LED: 0.7, Status.AWARD: 1.0, Status.ATTENDED: 0.06, Status.ABSENT: 0.0}
REMARKS = {
    Status.ATTENDED: ("Asked good questions.", "Took part with joy.", "Was there to the very end."),
    Status.HELPED: ("Put up and took down the stands.", "Looked after the younger ones.", "Kept the time."),
    Status.LED: ("Spoke for the group.", "Planned the whole programme.", "Captain of the team."),
    Status.ABSENT: ("",),
    Status.AWARD: ("First place.", "Second place.", "Third place.", "Prize of the jury."),
}


@dataclass(frozen=True)
class Held:
    """An event that was held: who leads and notes it, and every how many pupils a group takes one in (0: a class)."""

    event: Event
    leader: User
    moment: datetime
    every: int = 0


def hold_events(ground: Ground, classes: dict[str, SchoolClass], pupils: list[Pupil], calendar: SchoolCalendar) -> None:
    """The events of the year to date, each noted by its leader in the afternoon."""
    away = AttendanceRecord.objects.filter(status__in=[Mark.ABSENT, Mark.EXCUSED]).order_by()
    away_on: Away = set(away.values_list("student_id", "date"))
    held = [*class_events(ground, classes, calendar), *group_events(ground, classes, calendar)]
    for leader in sorted({each.leader for each in held}, key=lambda user: user.pk):
        save_held([each for each in held if each.leader == leader], classes, pupils, away_on)
    backdate(Event)
    backdate(ParticipationRecord)


def save_held(held: list[Held], classes: dict[str, SchoolClass], pupils: list[Pupil], away_on: Away) -> None:
    """Insert the events of one leader and who took part, with their history."""
    insert([each.event for each in held])
    stamp([each.event for each in held], by=held[0].leader, moments=[each.moment for each in held])
    noted = [
        (record, each.moment)
        for each in held
        if each.event.noted_at
        for record in records_of(each, pupils_of(each, classes, pupils), away_on)
    ]
    insert([record for record, _moment in noted])
    stamp([record for record, _moment in noted], by=held[0].leader, moments=[moment for _record, moment in noted])


def class_events(ground: Ground, classes: dict[str, SchoolClass], calendar: SchoolCalendar) -> Iterator[Held]:
    """The events of each class with its homeroom teacher; of the latest past day one that nobody has noted yet."""
    for place, school_class in enumerate(classes.values()):
        days = calendar.school_days(school_class)[:-1]
        plans = [(plan.name, plan.day + place) for plan in OF_EACH_CLASS]
        plans += [(plan.name, plan.day) for plan in OF_THE_SCHOOL]
        leader = school_class.homeroom_teacher.user if school_class.homeroom_teacher else ground.admin
        for name, number in plans:
            if number < len(days):
                yield hold(ground, Event(name=name, date=days[number], school_class=school_class), leader)
        if school_class.name == NOT_NOTED and days:
            event = Event(name=LATEST, date=days[-1], school_class=school_class)
            yield Held(event, leader, afternoon(ground, event))


def group_events(ground: Ground, classes: dict[str, SchoolClass], calendar: SchoolCalendar) -> Iterator[Held]:
    """The events of mixed groups, with a teacher who teaches every class, else the office."""
    taught: dict[User, set[int]] = {}
    for assignment in TeachingAssignment.objects.select_related("teacher__user").order_by("pk"):
        taught.setdefault(assignment.teacher.user, set()).add(assignment.school_class_id)
    everybody = {school_class.pk for school_class in classes.values()}
    leader = next((user for user, own in taught.items() if own == everybody), ground.admin)
    days = calendar.school_days(next(iter(classes.values())))[:-1]
    for plan in OF_GROUPS:
        if plan.day < len(days):
            yield hold(ground, Event(name=plan.name, date=days[plan.day]), leader, plan.every)


def hold(ground: Ground, event: Event, leader: User, every: int = 0) -> Held:
    """An event noted by its leader in the afternoon."""
    event.noted_by, event.noted_at = leader, afternoon(ground, event)
    return Held(event, leader, event.noted_at, every)


def afternoon(ground: Ground, event: Event) -> datetime:
    """When it was noted; no two events of a day at once."""
    minute = ground.random.randrange(MINUTES_OF_AFTERNOON)
    return ground.until_now(ground.at(event.date, SCHOOL_IS_OUT + minute // 60, minute % 60))


def pupils_of(held: Held, classes: dict[str, SchoolClass], pupils: list[Pupil]) -> Iterator[Pupil]:
    """The class of the day; of a group those at the school whose turn it is."""
    day, school_class = held.event.date, held.event.school_class
    for each in classes.values() if school_class is None else [school_class]:
        for number, (pupil, starts_on, ends_on) in enumerate(members(each, pupils)):
            is_there = starts_on <= day and (ends_on is None or day < ends_on)
            # Always the same pupils in one club: its name decides who.
            is_taken = not held.every or (number + len(held.event.name)) % held.every == 0
            if is_there and is_taken:
                yield pupil


def records_of(held: Held, pupils: Iterable[Pupil], away_on: Away) -> Iterator[ParticipationRecord]:
    """How each of these pupils took part; who was away that day was absent."""
    event = held.event
    for pupil in pupils:
        student = pupil.student
        # Of its own, so that no child's records depend on another's; nothing here is a secret.
        random = Random(f"{SEED} {event.name} {event.date} {student.student_id}")  # noqa: S311
        table = choose(PARTS_OF, pupil.child.stories, PARTS)
        (status,) = random.choices(list(table), list(table.values()))
        if (student.pk, event.date) in away_on or (held.every and random.random() < MISSED_GROUP):
            status = Status.ABSENT
        remarks = random.choice(REMARKS[status]) if random.random() < WITH_REMARK[status] else ""
        yield ParticipationRecord(
            student=student,
            event=event,
            event_name=event.name,
            date=event.date,
            school_class=event.school_class,
            status=status,
            remarks=remarks,
            marked_by=held.leader,
        )
