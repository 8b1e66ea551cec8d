"""Fills the mark books of the demo school: work in every subject of every class, from the start of the year on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tqdm import tqdm

from accounts.models import User
from assessments.models import Assessment, AssessmentCategory, AssessmentType, Score
from assessments.recounting import recount_totals
from attendance.models import AttendanceRecord, Status
from exchange.demo.abilities import Learner, Piece, get_to_know, grade
from exchange.demo.days import DAY
from exchange.demo.ground import Ground
from exchange.demo.history import backdate, insert, stamp
from exchange.demo.people import Pupil, opened_at
from exchange.demo.registers import members
from exchange.demo.staff import SUBJECTS
from exchange.demo.topics import PRACTICAL, title_of
from students.calendar import SchoolCalendar
from students.models import TeachingAssignment
from students.services import save_by

Kind = AssessmentType

WEIGHTS = {Kind.QUIZ: 20, Kind.ASSIGNMENT: 20, Kind.TEST: 40, Kind.EXAM: 40}
MAXIMA = {Kind.QUIZ: 20, Kind.ASSIGNMENT: 10, Kind.TEST: 50, Kind.EXAM: 100}
THEORY = (Kind.ASSIGNMENT, Kind.QUIZ, Kind.TEST, Kind.ASSIGNMENT, Kind.QUIZ, Kind.EXAM)
PRACTICE = (Kind.ASSIGNMENT, Kind.TEST)
# School days from one piece of work to the next.
PACE = {"MAT": 7, "ENG": 7}
PACE_OF_MOST = 10
WITH_BONUS_TASK = ("SCI", 3)  # the subject, and the place of the piece in its year

# The newest piece of work of these is not graded yet, graded but not published, or published the day after tomorrow.
NOT_GRADED = {("7A", "MAT"), ("8A", "FRE")}
NOT_PUBLISHED = {("7A", "ENG"), ("8B", "MAT"), ("7B", "HIS"), ("9B", "SCI"), ("9A", "GEO")}
SCHEDULED = {("9B", "MAT")}
MOST_DAYS_TO_GRADE = 5
SCHOOL_IS_OUT, MINUTES_OF_AFTERNOON = 15, 180
PUBLISHED_AT = 18

Away = dict[tuple[int, date], str]


@dataclass(frozen=True)
class Course:
    """One subject of one class, with the teacher who marks it, its pupils and who of them was away when."""

    assignment: TeachingAssignment
    pupils: list[tuple[Pupil, Learner, date, date | None]]
    away: Away

    @property
    def place(self) -> tuple[str, str]:
        subject = self.assignment.subject
        return self.assignment.school_class.name, subject.code if subject else ""

    @property
    def code(self) -> str:
        return self.place[1]

    @property
    def teacher(self) -> User:
        return self.assignment.teacher.user

    def on(self, day: date) -> Iterator[tuple[Pupil, Learner]]:
        for pupil, learner, starts_on, ends_on in self.pupils:
            if starts_on <= day and (ends_on is None or day < ends_on):
                yield pupil, learner


def enter_marks(ground: Ground, pupils: list[Pupil], calendar: SchoolCalendar) -> None:
    """Work with its scores, subject by subject, each as its teacher entered it some days after."""
    categories = weigh_categories(ground)
    learners = {pupil.student.pk: get_to_know(pupil.student.student_id, pupil.child.stories) for pupil in pupils}
    away = AttendanceRecord.objects.filter(status__in=[Status.ABSENT, Status.EXCUSED])
    away_on = {(record.student_id, record.date): record.status for record in away}
    assignments = TeachingAssignment.objects.exclude(subject=None).order_by("pk")
    related = assignments.select_related("school_class__academic_year", "subject", "teacher__user")
    for assignment in tqdm(related, disable=None, desc="Marks", unit="subject"):
        school_class = assignment.school_class
        its_pupils = [
            (pupil, learners[pupil.student.pk], starts_on, ends_on)
            for pupil, starts_on, ends_on in members(school_class, pupils)
        ]
        course = Course(assignment, its_pupils, away_on)
        works = set_work(ground, course, calendar.school_days(school_class), categories)
        save_marks(ground, course, works)
    backdate(Assessment)
    backdate(Score)
    recount_totals(repair=True)


def weigh_categories(ground: Ground) -> dict[Kind, AssessmentCategory]:
    """The categories of a new school, with what the office lets each count."""
    categories = {Kind(one.default_for): one for one in AssessmentCategory.objects.exclude(default_for="")}
    for kind, category in sorted(categories.items()):
        category.weight = Decimal(WEIGHTS[kind])
        category._history_date = opened_at(ground)  # type: ignore[attr-defined]
        save_by(category, ground.admin)
    AssessmentCategory.objects.update(created_at=opened_at(ground), updated_at=opened_at(ground))
    return categories


def set_work(
    ground: Ground, course: Course, days: list[date], categories: dict[Kind, AssessmentCategory]
) -> list[Assessment]:
    """The work of one course; `days` are its school days to date, on the latest of which nothing is written."""
    pace = PACE.get(course.code, PACE_OF_MOST)
    first = list(SUBJECTS).index(course.code) % pace
    kinds = PRACTICE if course.code in PRACTICAL else THEORY
    taken = days[first:-1][pace // 2 :: pace]
    works = []
    for number, day in enumerate(taken):
        kind = kinds[number % len(kinds)]
        work = Assessment(
            title=title_of(course.code, kind, number),
            school_class=course.assignment.school_class,
            subject=course.assignment.subject,
            assessment_type=kind,
            category=categories[kind],
            date_taken=day,
            max_score=Decimal(MAXIMA[kind]),
            allows_extra=(course.code, number) == WITH_BONUS_TASK,
        )
        if day != taken[-1] or course.place not in NOT_GRADED:
            grade_and_publish(ground, course, work, newest=day == taken[-1])
        works.append(work)
    return works


def grade_and_publish(ground: Ground, course: Course, work: Assessment, *, newest: bool) -> None:
    """Say when the scores were entered, and from when on parents read them."""
    graded_on = work.date_taken + ground.random.randint(1, MOST_DAYS_TO_GRADE) * DAY
    minute = ground.random.randrange(MINUTES_OF_AFTERNOON)
    graded_at = ground.at(graded_on, SCHOOL_IS_OUT + minute // 60, minute % 60)
    work.scored_by, work.scored_at = course.teacher, ground.until_now(graded_at)
    if newest and course.place in SCHEDULED:
        work.published_at = ground.at(ground.today + 2 * DAY, PUBLISHED_AT)
    elif not (newest and course.place in NOT_PUBLISHED):
        work.published_at = ground.until_now(ground.at(graded_on, PUBLISHED_AT))


def save_marks(ground: Ground, course: Course, works: list[Assessment]) -> None:
    """Insert the work and the scores of one course with their history."""
    moments = [work.scored_at or ground.until_now(ground.at(work.date_taken, SCHOOL_IS_OUT)) for work in works]
    scores = [score for work in works if work.scored_at for score in grade_work(ground, course, work)]
    insert(works)
    stamp(works, by=course.teacher, moments=moments)
    insert(scores)
    stamp(scores, by=course.teacher, moments=[moment_of(score) for score in scores])


def moment_of(score: Score) -> datetime:
    moment = score.assessment.scored_at
    if moment is None:
        raise ValueError("a piece of work with scores was scored at some moment")
    return moment


def grade_work(ground: Ground, course: Course, work: Assessment) -> Iterator[Score]:
    """A score for everybody in the class on the day."""
    progress = (work.date_taken - ground.plan.starts_on) / (ground.today - ground.plan.starts_on)
    piece = Piece(course.code, Kind(work.assessment_type), work.max_score, work.allows_extra, progress)
    for pupil, learner in course.on(work.date_taken):
        grading = grade(ground.random, learner, piece, course.away.get((pupil.student.pk, work.date_taken)))
        yield Score(
            student=pupil.student,
            assessment=work,
            state=grading.state,
            score=grading.score,
            notes=grading.notes,
            max_score=work.max_score,
            allows_extra=work.allows_extra,
            marked_by=course.teacher,
        )
