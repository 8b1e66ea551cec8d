"""What the teachers of the demo school note of behaviour: more praise than blame, and a few children in trouble."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from random import Random

from accounts.models import Teacher
from behavior.models import BehaviorCategory, BehaviorRecord, BehaviorType
from exchange.demo.ground import SEED, Ground
from exchange.demo.history import backdate, insert, stamp
from exchange.demo.patterns import choose
from exchange.demo.people import Pupil
from exchange.demo.stories import Story
from students.calendar import SchoolCalendar
from students.models import SchoolClass, TeachingAssignment

Kind = BehaviorType
Noted = tuple[BehaviorRecord, datetime]

# How often a child is praised or blamed, a school day.
PRAISE = {Story.UNRULY: 0.012, Story.GIFTED: 0.06, Story.PERFECT: 0.06, Story.RISING: 0.07, Story.STRUGGLES: 0.03}
PRAISE_OF_MOST = 0.032
BLAME = {Story.UNRULY: 0.03, Story.LATE: 0.02, Story.FORGETS: 0.025, Story.PERFECT: 0.0, Story.GIFTED: 0.0}
BLAME_OF_MOST = 0.006
# Beside that the unruly are blamed so often in these latest weeks that somebody should talk with them.
LATELY, BLAMED_LATELY = timedelta(days=27), (4, 6)
SHARED = {Kind.POSITIVE: 0.85, Kind.NEGATIVE: 0.5}
WITHOUT_NOTE = 0.2
LESSONS_BEGIN, MINUTES_OF_LESSONS = 8, 7 * 60

NOTES = {
    Kind.POSITIVE: {
        "Participation": (
            "Answered when nobody else dared.",
            "Led the discussion of the poem.",
            "Asked a very good question.",
        ),
        "Homework": (
            "Handed in early and complete.",
            "Helped two others to catch up.",
            "A whole page more than asked.",
        ),
        "Kindness": (
            "Looked after the new pupil.",
            "Shared lunch with a classmate.",
            "Comforted a friend after the test.",
        ),
        "Leadership": ("Organised the group work.", "Spoke for the class in the council.", "Kept the team together."),
        "Safety": ("Told a teacher about the broken window.", "Showed the others how to use the gas tap."),
        "Discipline": ("Quiet and ready before the bell.", "Put the chairs up without being asked."),
    },
    Kind.NEGATIVE: {
        "Discipline": ("Talked through the whole lesson.", "Walked out without asking.", "Phone in use, twice."),
        "Homework": ("No homework for the third time.", "Copied from a classmate."),
        "Kindness": ("Laughed at a classmate's answer.", "Took somebody's pencil case and hid it."),
        "Safety": ("Ran in the laboratory.", "Threw a ball indoors."),
        "Participation": ("Would not open the book.", "Slept on the desk."),
    },
}


@dataclass(frozen=True)
class Staffroom:
    """Who may have noted something: the teachers of each class, its homeroom teacher first; and the categories."""

    teachers: dict[str, list[Teacher]]
    classes: dict[str, SchoolClass]
    categories: dict[str, BehaviorCategory]


def note_behavior_of_all(
    ground: Ground, classes: dict[str, SchoolClass], pupils: list[Pupil], calendar: SchoolCalendar
) -> None:
    """Records of every child over the year to date, each as a teacher of the class noted it on that day."""
    staffroom = meet_teachers(classes)
    noted: list[Noted] = []
    for pupil in pupils:
        # Of its own, so that no child's records depend on another's; nothing here is a secret.
        random = Random(f"{SEED} behaviour {pupil.student.student_id}")  # noqa: S311
        noted += records_of(random, ground, staffroom, pupil, calendar)
    noted.sort(key=lambda pair: (pair[0].date, pair[0].student_id))
    insert([record for record, _moment in noted])
    for _author, group in groupby(sorted(noted, key=author), key=author):
        records, moments = zip(*group, strict=True)
        stamp(records, by=records[0].noted_by, moments=moments)
    backdate(BehaviorRecord)


def author(noted: Noted) -> int:
    """The key of who noted it."""
    return noted[0].noted_by_id


def meet_teachers(classes: dict[str, SchoolClass]) -> Staffroom:
    """Read who teaches what; two statements."""
    assignments = TeachingAssignment.objects.select_related("teacher__user", "school_class").order_by("pk")
    teachers: dict[str, list[Teacher]] = {name: [] for name in classes}
    for assignment in sorted(assignments, key=lambda each: each.subject_id is not None):
        if assignment.teacher not in teachers[assignment.school_class.name]:
            teachers[assignment.school_class.name].append(assignment.teacher)
    categories = {category.name: category for category in BehaviorCategory.objects.all()}
    return Staffroom(teachers, classes, categories)


def records_of(
    random: Random, ground: Ground, staffroom: Staffroom, pupil: Pupil, calendar: SchoolCalendar
) -> Iterator[Noted]:
    """The records of one child; `ground` says when it is, `random` is the child's own."""
    stories = pupil.child.stories
    praise, blame = choose(PRAISE, stories, PRAISE_OF_MOST), choose(BLAME, stories, BLAME_OF_MOST)
    for class_name, starts_on, ends_on in pupil.stints:
        days = calendar.school_days(staffroom.classes[class_name])[:-1]
        there = [day for day in days if starts_on <= day and (ends_on is None or day < ends_on)]
        happened = [(day, Kind.POSITIVE) for day in there if random.random() < praise]
        happened += [(day, Kind.NEGATIVE) for day in there if random.random() < blame]
        if Story.UNRULY in stories:
            happened += [(day, Kind.NEGATIVE) for day in blamed_lately(random, there, ground.today)]
        for day, kind in happened:
            yield make_record(random, ground, staffroom, pupil, (day, kind, class_name))


def blamed_lately(random: Random, days: Sequence[date], today: date) -> list[date]:
    """A handful of days of the latest weeks."""
    lately = [day for day in days if day > today - LATELY]
    return random.sample(lately, min(len(lately), random.randint(*BLAMED_LATELY)))


def make_record(
    random: Random, ground: Ground, staffroom: Staffroom, pupil: Pupil, event: tuple[date, Kind, str]
) -> Noted:
    """A record and the moment at which it was noted; not stored yet."""
    day, kind, class_name = event
    teachers = staffroom.teachers[class_name]
    teacher = teachers[0] if random.random() < 1 / 2 else random.choice(teachers)
    name = random.choice(list(NOTES[kind]))
    minute = random.randrange(MINUTES_OF_LESSONS)
    record = BehaviorRecord(
        student=pupil.student,
        behavior_type=kind,
        category=staffroom.categories[name],
        notes="" if random.random() < WITHOUT_NOTE else random.choice(NOTES[kind][name]),
        date=day,
        teacher=teacher,
        noted_by=teacher.user,
        shared_with_parents=random.random() < SHARED[kind],
        school_class=staffroom.classes[class_name],
    )
    return record, ground.until_now(ground.at(day, LESSONS_BEGIN + minute // 60, minute % 60))
