"""The registers' counts hold the marks of those enrolled on the day, whatever changes: marks, enrolments, students."""

from __future__ import annotations

import ast
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.admin import site
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from accounts.tests.office_sweep import fill_in
from attendance.models import AttendanceRecord, Register, Status
from attendance.recounting import recount_registers
from attendance.register import Mark, open_register
from attendance.services import take_register, undo_register
from attendance.tests.factories import AttendanceRecordFactory, RegisterFactory
from students.admin_inlines import EnrolmentsBelow
from students.admin_people import EnrolmentAdmin
from students.models import Enrolment, Rollover, School, SchoolClass, Student
from students.moves import end_classes_of, end_enrolments, move_students
from students.records import enrolments_changed
from students.rollover_undo import undo_rollover
from students.services import create_student, delete_student, enrol, update_student
from students.tests.factories import AcademicYearFactory, EnrolmentFactory, SchoolClassFactory, StudentFactory
from students.tests.rollover_school import OLD_END, class_named, make_school, pupil_named, start_year
from tests.cast import MONDAY, YEAR_START

DAYS = timedelta(days=1)
FRIDAY = MONDAY - 3 * DAYS
ORDER = ("present", "late", "excused", "absent")
ROOT = Path(__file__).resolve().parent.parent.parent


def kept():
    """(class, day): the counts that its register keeps."""
    return {
        (register.school_class_id, register.date): tuple(getattr(register, status) for status in ORDER)
        for register in Register.objects.all()
    }


def counted():
    """The same from the rows, read one by one."""
    enrolments, marks = list(Enrolment.objects.all()), list(AttendanceRecord.objects.all())
    found = {}
    for register in Register.objects.all():
        counts = Counter(
            mark.status
            for mark in marks
            if (mark.school_class_id, mark.date) == (register.school_class_id, register.date)
            and any(
                (row.student_id, row.school_class_id) == (mark.student_id, mark.school_class_id)
                and row.starts_on <= mark.date
                and (row.ends_on is None or mark.date < row.ends_on)
                for row in enrolments
            )
        )
        found[register.school_class_id, register.date] = tuple(counts[status] for status in ORDER)
    return found


def take(by, school_class, day, **marks):
    """Mark everybody present but those named, such as Bo="absent"."""
    opened = open_register(School.current(), school_class, day, by)
    everybody = {line.student_id: marks.get(line.full_name.split()[0], "present") for line in opened.lines}
    take_register(by=by, opened=opened, marks={key: Mark(Status(status)) for key, status in everybody.items()})


@pytest.fixture
def taken(cast):
    """7A of Friday and Monday: Amina late, Bo present."""
    for day in (FRIDAY, MONDAY):
        take(cast.office, cast.class_7a, day, Amina="late")
    return cast


@pytest.fixture
def clerk(client, cast):
    client.force_login(cast.office)
    return client


def page(kind, row):
    return reverse(f"admin:students_{row._meta.model_name}_{kind}", args=[row.pk])


def type_over(clerk, row, **typed):
    place = page("change", row)
    answer = clerk.post(place, {**fill_in(clerk.get(place)), **typed})
    assert answer.status_code == 302, answer.context["errors"]


# Ways in which Amina, marked on Friday and Monday in 7A, is not in it any more from Friday on.
WAYS = {
    "move": lambda cast, _clerk: move_students(
        by=cast.office, students=[cast.amina], school_class=cast.class_7b, starts_on=FRIDAY
    ),
    "end": lambda cast, _clerk: end_enrolments(
        by=cast.office, enrolments=list(cast.amina.enrolments.all()), ends_on=FRIDAY
    ),
    "end all": lambda cast, _clerk: end_classes_of(by=cast.office, students=[cast.amina], ends_on=FRIDAY),
    "leave": lambda cast, _clerk: update_student(by=cast.ana.user, student=cast.amina, details={"left_on": FRIDAY}),
    "erase": lambda cast, _clerk: delete_student(by=cast.office, student=cast.amina),
    "page of the enrolment": lambda cast, clerk: type_over(clerk, cast.amina.enrolments.get(), ends_on="2026-03-12"),
    "another class on it": lambda cast, clerk: type_over(
        clerk, cast.amina.enrolments.get(), school_class=cast.class_7b.pk
    ),
    "another student on it": lambda cast, clerk: type_over(
        clerk, cast.amina.enrolments.get(), student=StudentFactory().pk
    ),
    "enrolment deleted": lambda cast, clerk: clerk.post(page("delete", cast.amina.enrolments.get()), {"post": "yes"}),
    "enrolments deleted": lambda cast, clerk: clerk.post(
        reverse("admin:students_enrolment_changelist"),
        {"action": "delete_selected", ACTION_CHECKBOX_NAME: [cast.amina.enrolments.get().pk], "post": "yes"},
    ),
    "page of the student": lambda cast, clerk: type_over(clerk, cast.amina, **{"enrolments-0-ends_on": "2026-03-12"}),
    "line deleted there": lambda cast, clerk: type_over(clerk, cast.amina, **{"enrolments-0-DELETE": "on"}),
    "last day at the school": lambda cast, clerk: type_over(clerk, cast.amina, left_on="2026-03-12"),
    "page of the class": lambda cast, clerk: type_over(clerk, cast.class_7a, **{"enrolments-0-ends_on": "2026-03-12"}),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_whoever_is_taken_off_a_day_counts_in_its_register_no_more(taken, clerk, way):
    days = [(taken.class_7a.pk, FRIDAY), (taken.class_7a.pk, MONDAY)]
    assert kept() == counted() == dict.fromkeys(days, (1, 1, 0, 0))
    way(taken, clerk)
    assert kept() == counted() == dict.fromkeys(days, (1, 0, 0, 0))


def test_whoever_is_put_back_on_a_day_counts_again(taken):
    end_classes_of(by=taken.office, students=[taken.amina], ends_on=FRIDAY)
    assert kept()[taken.class_7a.pk, MONDAY] == (1, 0, 0, 0)
    enrol(by=taken.office, student=taken.amina, school_class=taken.class_7a, starts_on=MONDAY)
    assert kept() == counted() == {(taken.class_7a.pk, FRIDAY): (1, 0, 0, 0), (taken.class_7a.pk, MONDAY): (1, 1, 0, 0)}
    assert not create_student(
        by=taken.office, details={"given_name": "Zoe"}, school_class=taken.class_7a
    ).attendancerecords.exists()
    assert kept() == counted()


def test_the_start_of_a_year_and_its_undoing_recount(client, db, frozen):
    client.force_login(office := UserFactory(role=Role.ADMIN))
    make_school()
    class_7a, bo = class_named("7A"), pupil_named("Bo")
    AttendanceRecordFactory(student=bo, school_class=class_7a, date=OLD_END)
    RegisterFactory(school_class=class_7a, date=OLD_END, present=1)
    assert kept() == counted() == {(class_7a.pk, OLD_END): (1, 0, 0, 0)}
    start_year(client)
    assert kept() == counted() == {(class_7a.pk, OLD_END): (0, 0, 0, 0)}
    undo_rollover(by=office, rollover=Rollover.objects.get())
    assert kept() == counted() == {(class_7a.pk, OLD_END): (1, 0, 0, 0)}


class TestTheHook:
    def test_the_history_of_the_register_says_who_and_not_that_they_took_it(self, taken):
        end_classes_of(by=taken.ana.user, students=[taken.amina], ends_on=MONDAY)
        register = Register.objects.get(date=MONDAY)
        change = register.history.latest()
        assert (change.history_user, change.taken_by, change.late) == (taken.ana.user, taken.office, 0)
        assert Register.objects.get(date=FRIDAY).history.count() == 1

    def test_a_save_counts_only_those_enrolled_too(self, taken):
        AttendanceRecordFactory(student=taken.cleo, school_class=taken.class_7a, date=MONDAY)
        take(taken.office, taken.class_7a, MONDAY, Bo="absent", Amina="absent")
        assert kept() == counted()
        assert kept()[taken.class_7a.pk, MONDAY] == (0, 0, 0, 2)

    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_two_statements_where_nobody_has_a_mark(self, number, cast, count_queries):
        students = [StudentFactory().pk for _number in range(number)]
        assert count_queries(lambda: enrolments_changed(by=cast.office, students=students, since=FRIDAY)) == 2


class TestRecountingAll:
    def test_nothing_is_wrong_after_what_people_do(self, taken):
        assert recount_registers(by=None, repair=False) == []

    @pytest.fixture
    def wrong(self, taken):
        """A count that is too high, marks without a register, a register whose marks have gone."""
        Register.objects.filter(date=FRIDAY).update(present=2)
        AttendanceRecordFactory(student=taken.cleo, school_class=taken.class_7b, date=MONDAY, status="absent")
        RegisterFactory(school_class=taken.class_7b, date=FRIDAY, excused=1)
        return taken

    def test_each_wrong_register_is_named_and_left(self, wrong):
        before = kept()
        found = recount_registers(by=None, repair=False)
        assert [(str(each.school_class), each.date, each.kept, each.counted) for each in found] == [
            ("7A", FRIDAY, dict(zip(ORDER, (2, 1, 0, 0), strict=True)), dict(zip(ORDER, (1, 1, 0, 0), strict=True))),
            ("7B", FRIDAY, dict(zip(ORDER, (0, 0, 1, 0), strict=True)), dict.fromkeys(ORDER, 0)),
            ("7B", MONDAY, None, dict(zip(ORDER, (0, 0, 0, 1), strict=True))),
        ]  # fmt: skip
        assert kept() == before

    def test_it_is_mended_with_history(self, wrong):
        taken_by = set(Register.objects.filter(date=FRIDAY).values_list("school_class", "taken_by", "version"))
        assert len(recount_registers(by=wrong.office, repair=True)) == 3
        assert kept() == counted()
        assert len(kept()) == 4
        assert recount_registers(by=wrong.office, repair=True) == []
        assert set(Register.objects.filter(date=FRIDAY).values_list("school_class", "taken_by", "version")) == taken_by
        assert Register.objects.get(school_class=wrong.class_7a, date=FRIDAY).history.latest().present == 1

    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_it_costs_three_statements_a_class(self, number, cast, count_queries):
        for place in range(number):
            RegisterFactory(school_class=cast.class_7a, date=YEAR_START + place * DAYS)
        assert count_queries(lambda: recount_registers(by=None, repair=False)) == 1 + 3 * 2


# --- Whatever happens, in any order ----------------------------------------------------------------------------------

PEOPLE, CLASSES, OFFSETS = st.integers(0, 3), st.integers(0, 1), st.integers(0, 3)
MARKS = st.dictionaries(PEOPLE, st.sampled_from(ORDER), min_size=1)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("save"), CLASSES, OFFSETS, MARKS),
        st.tuples(st.just("save"), CLASSES, OFFSETS, MARKS),
        st.tuples(st.just("undo"), CLASSES, OFFSETS),
        st.tuples(st.just("move"), PEOPLE, CLASSES, OFFSETS),
        st.tuples(st.just("end"), PEOPLE, CLASSES, OFFSETS),
        st.tuples(st.just("enrol"), PEOPLE, CLASSES, OFFSETS),
        st.tuples(st.just("remove"), PEOPLE),
        st.tuples(st.just("erase"), PEOPLE),
    ),
    min_size=4,
    max_size=14,
)


class SmallSchool:
    """Four students, the first three in one class, the last in another; four days up to today."""

    def __init__(self, client):
        self.office = UserFactory(role=Role.ADMIN)
        client.force_login(self.office)
        self.client, self.today = client, School.current().today()
        year = AcademicYearFactory()
        self.classes = [SchoolClassFactory(academic_year=year, meets_daily=True) for _number in range(2)]
        self.students = [
            EnrolmentFactory(school_class=self.classes[number // 3], starts_on=year.starts_on).student
            for number in range(4)
        ]

    def day(self, offset):
        return self.today - (3 - offset) * DAYS

    def save(self, place, offset, marks):
        opened = open_register(School.current(), self.classes[place], self.day(offset), self.office)
        there = {line.student_id for line in opened.lines}
        wanted = {self.students[number].student_id: Mark(Status(status)) for number, status in marks.items()}
        take_register(by=self.office, opened=opened, marks={key: mark for key, mark in wanted.items() if key in there})

    def undo(self, place, offset):
        register = Register.objects.filter(school_class=self.classes[place], date=self.day(offset)).first()
        if register and register.taken_at:
            opened = open_register(School.current(), self.classes[place], self.day(offset), self.office)
            undo_register(by=self.office, opened=opened, saved_at=register.taken_at)

    def move(self, number, place, offset):
        there = [self.students[number]]
        move_students(by=self.office, students=there, school_class=self.classes[place], starts_on=self.day(offset))

    def end(self, number, place, offset):
        rows = list(Enrolment.objects.filter(student=self.students[number], school_class=self.classes[place]))
        end_enrolments(by=self.office, enrolments=rows, ends_on=self.day(offset))

    def enrol(self, number, place, offset):
        enrol(
            by=self.office, student=self.students[number], school_class=self.classes[place], starts_on=self.day(offset)
        )

    def remove(self, number):
        if row := self.students[number].enrolments.order_by("-pk").first():
            assert self.client.post(page("delete", row), {"post": "yes"}).status_code == 302

    def erase(self, number):
        delete_student(by=self.office, student=self.students[number])
        self.students[number] = EnrolmentFactory(school_class=self.classes[0], starts_on=self.day(0)).student


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(actions=ACTIONS)
def test_after_anything_the_counts_are_those_of_the_rows(client, actions):
    with transaction.atomic():
        school = SmallSchool(client)
        for name, *words in actions:
            try:
                getattr(school, name)(*words)
            except ValidationError:
                continue  # refused, as the page would say
            assert kept() == counted(), name
        assert recount_registers(by=None, repair=False) == []
        transaction.set_rollback(True)


# --- Nobody forgets ---------------------------------------------------------------------------------------------------

APPS = ("accounts", "students", "attendance", "assessments", "behavior", "participation", "dashboard", "exchange")
WRITES = {
    "save", "save_by", "create", "bulk_create", "update", "bulk_update", "delete", "_raw_delete", "get_or_create",
    "update_or_create", "bulk_create_with_history", "bulk_update_with_history", "store", "settle", "load_rows",
}  # fmt: skip
# Why these need not: they write something else, or enrolments before there is any register.
ASIDE = {
    "attendance/mark_services.py": "reads who is enrolled, and writes marks",
    "exchange/demo/people.py": "the demo school's enrolments come before its registers",
    "exchange/bench/people.py": "a school loaded whole, with its registers counted",
    "exchange/oneroster/grading.py": "plans scores, for those enrolled",
    "exchange/oneroster/planning.py": "plans what writing.py writes",
    "students/models.py": "what is stored, and the number of a new student",
}


def writes_enrolments(source):
    """Whether a module names Enrolment, or a student's enrolments, and writes rows."""
    nodes = list(ast.walk(ast.parse(source)))
    named = {node.id for node in nodes if isinstance(node, ast.Name)}
    named |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    calls = {ast.unparse(node.func).rpartition(".")[2] for node in nodes if isinstance(node, ast.Call)}
    made = any(isinstance(node, ast.Call) and ast.unparse(node.func) == "Enrolment" for node in nodes)
    return made or bool({"Enrolment", "enrolments"} & named and calls & WRITES)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Enrolment(student=student)", True),
        ("Enrolment.objects.filter(pk=1).update(ends_on=day)", True),
        ("student.enrolments.all().delete()", True),
        ("for row in student.enrolments.all(): save_by(row, by)", True),
        ("Enrolment.objects.filter(pk=1).count()", False),
        ("Score.objects.create()", False),
    ],
)
def test_the_fence_sees_who_writes_enrolments(source, expected):
    assert writes_enrolments(source) == expected


def test_every_module_that_writes_enrolments_has_the_registers_recounted():
    files = [
        file
        for app in APPS
        for file in (ROOT / app).rglob("*.py")
        if not {"tests", "migrations"} & set(file.relative_to(ROOT).parts)
    ]
    writing = {str(file.relative_to(ROOT)): file.read_text() for file in files if writes_enrolments(file.read_text())}
    assert {"students/services.py", "students/moves.py", "exchange/oneroster/writing.py"} <= set(writing)
    forgetting = {name for name, source in writing.items() if "enrolments_changed(" not in source}
    assert forgetting <= set(ASIDE)


def test_every_page_of_the_office_on_which_enrolments_are_typed_recounts():
    below = {model for model, page in site._registry.items() if Enrolment in {each.model for each in page.inlines}}
    assert below == {Student, SchoolClass}
    assert all(isinstance(site._registry[model], EnrolmentsBelow) for model in below)
    assert type(site._registry[Enrolment]) is EnrolmentAdmin
    assert {"save_model", "delete_model", "delete_queryset"} <= set(vars(EnrolmentAdmin))
