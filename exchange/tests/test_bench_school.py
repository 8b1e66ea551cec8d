"""The bench school: how large it is, that its figures are believable, and that it is the same each time.

Expected numbers are counted from raw rows, not by the code of the portal.
"""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.test import Client, TestCase
from django.urls import reverse

from accounts.models import Parent, Teacher, User
from accounts.tests.factories import UserFactory
from assessments.models import Assessment, Score, ScoreHistogram, SubjectTotal
from assessments.recounting import recount_totals
from attendance.models import AttendanceRecord, Register
from behavior.models import BehaviorRecord
from exchange.bench.school import build_bench_school
from exchange.bulk_loading import load_rows, next_key
from participation.models import Event, ParticipationRecord
from students.calendar import load_calendar
from students.models import (
    AcademicYear,
    Closure,
    Enrolment,
    Guardian,
    School,
    SchoolClass,
    Student,
    StudentParentLink,
    Subject,
    TeachingAssignment,
    Term,
)
from students.tests.factories import StudentFactory

WEDNESDAY = date(2026, 3, 18)
MORNING = datetime(2026, 3, 18, 11, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 3, 22, 11, 0, tzinfo=UTC)
STUDENTS, DAYS = 40, 60
EVERY_MODEL: list[type[models.Model]] = [
    User, Teacher, Parent, AcademicYear, Term, Closure, Subject, SchoolClass, TeachingAssignment, Student, Guardian,
    StudentParentLink, Enrolment, Register, AttendanceRecord, Assessment, Score, SubjectTotal, ScoreHistogram,
    BehaviorRecord, Event, ParticipationRecord,
]  # fmt: skip
# Keys differ from one insert to the next, also those of the students in a sheet; nobody has a password.
NOT_COMPARED = {"id", "students", "by_day", "password"}


def fingerprint() -> dict[str, list[tuple[object, ...]]]:
    """Every column of every row that does not name another row, table by table."""
    tables = {}
    for model in EVERY_MODEL:
        columns = [
            field.attname
            for field in model._meta.concrete_fields
            if not field.is_relation and field.name not in NOT_COMPARED
        ]
        rows = model._default_manager.order_by("pk").values_list(*columns)
        tables[model.__name__] = [tuple(str(value) for value in row) for row in rows]
    return tables


def run_bench_school(**options: int) -> str:
    printed = io.StringIO()
    call_command("bench_school", stdout=printed, **{"students": STUDENTS, "days": DAYS, **options})
    return printed.getvalue()


def shares_missed() -> dict[str, Fraction]:
    """The share of days missed by student id."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for student_id, status in AttendanceRecord.objects.values_list("student__student_id", "status"):
        counted[student_id][status] += 1
    return {key: Fraction(marks["absent"] + marks["excused"], marks.total()) for key, marks in counted.items()}


def averages() -> dict[str, dict[str, Fraction]]:
    """The weighted averages by subject and student id, missing work as 0."""
    earned: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    weights: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    columns = ("assessment__subject__code", "student__student_id", "assessment__category__weight", "score", "max_score")
    for subject, student_id, weight, score, most in Score.objects.exclude(state="exempt").values_list(*columns):
        weights[subject][student_id] += Fraction(weight)
        earned[subject][student_id] += Fraction(weight) * Fraction(score or 0) / Fraction(most)
    return {
        subject: {key: earned[subject][key] / weight for key, weight in of_students.items()}
        for subject, of_students in weights.items()
    }


@time_machine.travel(MORNING, tick=False)
class BenchSchoolTests(TestCase):
    """40 students and 60 school days, made on a Wednesday in March."""

    made_before: dict[str, list[tuple[object, ...]]]
    printed: str

    @classmethod
    def setUpTestData(cls) -> None:
        with transaction.atomic():
            build_bench_school(STUDENTS, DAYS)
            cls.made_before = fingerprint()
            transaction.set_rollback(True)
        cls.printed = run_bench_school()

    def test_the_same_day_and_size_give_the_same_school(self) -> None:
        assert len(self.made_before["AttendanceRecord"]) > 2000
        assert fingerprint() == self.made_before

    def test_it_says_what_it_made(self) -> None:
        assert self.printed == "Bench School is ready: 40 students in 2 classes, 60 school days.\n"

    def test_numbers_on_either_database(self) -> None:
        assert {model.__name__: model._default_manager.count() for model in EVERY_MODEL} == {
            "User": 13, "Teacher": 2, "Parent": 10, "AcademicYear": 1, "Term": 3, "Closure": 1, "Subject": 8,
            "SchoolClass": 2, "TeachingAssignment": 18, "Student": 40, "Guardian": 40, "StudentParentLink": 10,
            "Enrolment": 40, "Register": 120, "AttendanceRecord": 40 * 60 - 20, "Assessment": 320,
            "Score": 40 * 160 - 54, "SubjectTotal": 320, "ScoreHistogram": 16, "BehaviorRecord": 113, "Event": 6,
            "ParticipationRecord": 40 * 3 - 1,
        }  # fmt: skip
        marks = Counter(AttendanceRecord.objects.values_list("status", flat=True))
        assert marks == {"present": 2199, "late": 71, "excused": 68, "absent": 42}
        points = Score.objects.filter(score__isnull=False).values_list("score", flat=True)
        assert (len(points), sum(points)) == (6039, Decimal("186006.5"))

    def test_classes_of_25_with_grades_and_teachers(self) -> None:
        sizes = Counter(Enrolment.objects.values_list("school_class__name", "school_class__grade_level"))
        assert sizes == {("1A", "1"): 25, ("7A", "7"): 15}
        homerooms = TeachingAssignment.objects.filter(subject=None)
        assert {row.school_class.name: row.teacher.user.username for row in homerooms} == {
            "1A": "teacher",
            "7A": "teacher2",
        }
        assert all(row.school_class.homeroom_teacher == row.teacher for row in homerooms)
        taught = Counter(TeachingAssignment.objects.exclude(subject=None).values_list("school_class__name", flat=True))
        assert taught == {"1A": 8, "7A": 8}

    def test_a_register_of_every_school_day_with_the_counts_of_its_rows(self) -> None:
        year = AcademicYear.objects.get()
        calendar = load_calendar(School.current(), year.starts_on, WEDNESDAY)
        for school_class in SchoolClass.objects.select_related("academic_year"):
            days = calendar.school_days(school_class)
            assert (len(days), days[0], days[-1]) == (DAYS, year.starts_on, WEDNESDAY)
            registers = Register.objects.filter(school_class=school_class)
            assert sorted(registers.values_list("date", flat=True)) == days
        rows: dict[tuple[int, date], Counter[str]] = defaultdict(Counter)
        for school_class, day, status in AttendanceRecord.objects.values_list("school_class", "date", "status"):
            rows[school_class, day][status] += 1
        kept = {
            (register.school_class_id, register.date): Counter(
                present=register.present, late=register.late, excused=register.excused, absent=register.absent
            )
            for register in Register.objects.all()
        }
        assert kept == rows

    def test_who_joined_later_has_marks_from_that_day_on(self) -> None:
        late_joiner = Student.objects.get(student_id="STU00032")
        joined = Enrolment.objects.get(student=late_joiner).starts_on
        assert joined > AcademicYear.objects.get().starts_on
        marked = AttendanceRecord.objects.filter(student=late_joiner)
        assert (marked.earliest("date").date, marked.count()) == (joined, 40)
        assert Score.objects.filter(student=late_joiner, assessment__date_taken__lt=joined).count() == 0
        assert Score.objects.filter(assessment__date_taken__lt=joined).count() > 0

    def test_5_percent_are_chronically_absent_and_nobody_else_is_near(self) -> None:
        chronic = {student for student, share in shares_missed().items() if share >= Fraction(1, 10)}
        assert chronic == {"STU00008", "STU00028"}

    def test_some_fail_and_some_fail_one_subject(self) -> None:
        by_subject = averages()
        assert len(by_subject) == 8
        of_student: dict[str, list[Fraction]] = defaultdict(list)
        for students in by_subject.values():
            for student, average in students.items():
                of_student[student].append(average)
        means = {student: sum(shares) / len(shares) for student, shares in of_student.items()}
        failing = {student for student, share in means.items() if share < Fraction(60, 100)}
        assert failing == {"STU00004", "STU00020", "STU00036"}
        weak = {student for student, shares in of_student.items() if min(shares) < Fraction(1, 2)}
        assert weak - failing == {"STU00012", "STU00028"}
        assert all(sum(share < Fraction(1, 2) for share in of_student[student]) == 1 for student in weak - failing)

    def test_states_of_scores(self) -> None:
        states = Counter(Score.objects.values_list("state", flat=True))
        assert states == {"graded": 6039, "missing": 200, "exempt": 107}

    def test_4_percent_have_three_negative_records_in_30_days(self) -> None:
        lately = BehaviorRecord.objects.filter(behavior_type="negative", date__gt=WEDNESDAY - timedelta(days=30))
        often = {
            student
            for student, number in Counter(lately.values_list("student__student_id", flat=True)).items()
            if number >= 3
        }
        assert often == {"STU00013", "STU00038"}

    def test_nothing_has_a_history_and_nobody_a_password(self) -> None:
        kept = [model for model in EVERY_MODEL if hasattr(model, "history")]
        assert len(kept) > 15
        assert {model.__name__: number for model in kept if (number := model.history.count())} == {}
        assert [user.username for user in User.objects.all() if user.has_usable_password()] == []

    def test_the_kept_totals_are_those_of_the_scores(self) -> None:
        assert recount_totals(repair=False) == []
        Score.objects.filter(state="graded").first().delete()
        assert len(recount_totals(repair=False)) == 2

    def test_the_keys_of_further_rows_follow(self) -> None:
        work = Assessment.objects.latest("pk")
        pk, work.pk, work.title = work.pk, None, "One more"
        work.save()
        assert work.pk > pk  # a sequence goes on from the highest key that ever was
        assert next_key(Assessment) == work.pk + 1

    def test_a_second_run_is_refused_and_changes_nothing(self) -> None:
        with pytest.raises(CommandError, match="in use: it holds 13 users"):
            run_bench_school()
        assert fingerprint() == self.made_before

    def test_its_pages_open(self) -> None:
        school_class = SchoolClass.objects.get(name="1A")
        child = Student.objects.get(student_id="STU00001")
        register = reverse("attendance:register", args=[school_class.pk, WEDNESDAY])
        pages = {
            "teacher": (register, child.full_name),
            "admin": (reverse("students:list"), "40 students"),
            "parent": (reverse("dashboard:report", args=[child.student_id]), child.full_name),
        }
        for username, (path, shown) in pages.items():
            client = Client()
            client.force_login(User.objects.get(username=username), backend="accounts.backends.RoleBackend")
            answer = client.get(path)
            assert answer.status_code == 200
            assert shown in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("make_somebody", [UserFactory, StudentFactory])
def test_a_database_with_other_people_is_refused_and_left_alone(make_somebody: type[UserFactory]) -> None:
    make_somebody()
    before = fingerprint()
    with pytest.raises(CommandError, match="in use: it holds 1 "):
        run_bench_school()
    assert fingerprint() == before
    assert School.current().name == "SPTrack"


@pytest.mark.django_db
@pytest.mark.parametrize("options", [{"students": 0}, {"days": 9}, {"days": 201}])
def test_a_size_that_cannot_be_is_refused(options: dict[str, int]) -> None:
    with pytest.raises(CommandError, match=r"--(students|days) takes "):
        run_bench_school(**options)
    assert not User.objects.exists()


@pytest.mark.django_db
def test_on_a_sunday_the_last_school_day_is_friday() -> None:
    with time_machine.travel(SUNDAY, tick=False):
        run_bench_school(students=1, days=10)
        year = AcademicYear.objects.get()
        calendar = load_calendar(School.current(), year.starts_on, SUNDAY.date())
        days = calendar.school_days(SchoolClass.objects.select_related("academic_year").get())
    assert (len(days), days[-1]) == (10, date(2026, 3, 20))
    assert sorted(Register.objects.values_list("date", flat=True)) == days


@pytest.mark.django_db(transaction=True)
def test_of_ten_classes_one_has_not_taken_the_latest_register() -> None:
    with time_machine.travel(MORNING, tick=False):
        run_bench_school(students=250, days=10)
    taken = Register.objects.filter(date=WEDNESDAY).values("school_class")
    assert SchoolClass.objects.count() == 10
    assert [each.name for each in SchoolClass.objects.exclude(pk__in=taken)] == ["11A"]
    connection.check_constraints()  # every foreign key names a row


@pytest.mark.django_db
def test_rows_are_loaded_as_a_model_stores_them(cast) -> None:
    columns = ("student_id", "school_class_id", "date", "status", "minutes_late", "left_early", "note",
               "marked_by_id", "created_at", "updated_at")  # fmt: skip
    day, odd = date(2026, 3, 9), "tab\there, a \\ and “quotes”\nin two lines, 100 %s"
    row = (cast.amina.pk, cast.class_7a.pk, day, "late", 12, False, odd, cast.ana.user.pk, MORNING, MORNING)
    assert load_rows(AttendanceRecord, columns, iter([row])) == 1
    assert list(AttendanceRecord.objects.values_list(*columns)) == [row]
    assert load_rows(AttendanceRecord, columns, []) == 0


@pytest.mark.django_db
def test_the_database_refuses_a_row_that_breaks_a_rule(cast) -> None:
    columns = ("student_id", "school_class_id", "date", "status", "minutes_late", "left_early", "note", "created_at",
               "updated_at")  # fmt: skip
    rows = [
        (student.pk, cast.class_7a.pk, date(2026, 3, 9), status, None, False, "", MORNING, MORNING)
        for student, status in ((cast.amina, "present"), (cast.bo, "asleep"))
    ]
    with pytest.raises(Exception, match="attendance_status_known"), transaction.atomic():
        load_rows(AttendanceRecord, columns, rows)
    assert AttendanceRecord.objects.count() == 0
