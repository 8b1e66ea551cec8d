"""The start of a school year is taken back: everything as before, until the new year's first record."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.roles import Role
from accounts.tests.factories import TeacherFactory, UserFactory
from attendance.tests.factories import AttendanceRecordFactory, PlannedAbsenceFactory, RegisterFactory
from students.models import (
    AcademicYear,
    Enrolment,
    Rollover,
    SchoolClass,
    Student,
    TeachingAssignment,
    Term,
)
from students.rollover import RolloverRefused
from students.rollover_undo import undo_rollover
from students.services import delete_student, enrol, save_by
from students.tests.factories import SchoolClassFactory, TeachingAssignmentFactory, TermFactory
from students.tests.posted import everything_stored
from students.tests.rollover_school import (
    NEW_START,
    OLD_END,
    again,
    choice,
    class_named,
    make_school,
    pupil_named,
    start_year,
)

pytestmark = pytest.mark.django_db
TABLES = (AcademicYear, Term, SchoolClass, Enrolment, TeachingAssignment, Student)


@pytest.fixture
def year(frozen):
    return make_school()


@pytest.fixture
def office(year):
    return UserFactory(username="office", role=Role.ADMIN)


@pytest.fixture
def clerk(office, sign_in):
    return sign_in(office)


@pytest.fixture
def rollover(clerk, frozen):
    """Started a minute after the school was typed, with Bo repeating."""
    frozen.shift(60)
    start_year(clerk, **{choice("Bo", "7A"): again("7A")})
    return Rollover.objects.get()


def rows():
    """Every row of the school, history aside."""
    return {
        name: stored
        for name, stored in everything_stored().items()
        if "Historical" not in name and name not in {"accounts.AccessLog", "students.Rollover"}
    }


def undo_page(rollover):
    return f"/admin/students/academicyear/{rollover.new_year_id}/undo/"


def test_everything_is_as_before(clerk, frozen, office):
    before = rows()
    frozen.shift(60)
    start_year(clerk, **{choice("Bo", "7A"): again("7A")})
    rollover = Rollover.objects.get()
    assert rows() != before
    frozen.shift(60)
    page = clerk.get(undo_page(rollover)).content.decode()
    assert "These go: 1 school year, 2 terms, 5 classes, 1 teaching assignment, 3 enrolments." in page
    assert "6 earlier enrolments get back the end they had." in page
    assert "2 leavers stay at the school." in page
    answer = clerk.post(undo_page(rollover))
    assert (answer.status_code, answer.url) == (302, "/admin/students/academicyear/")
    assert rows() == before
    rollover.refresh_from_db()
    assert (rollover.undone_by, rollover.new_year, rollover.written) == (office, None, {})
    assert "The start of 2026/27 is undone." in clerk.get(answer.url).content.decode()


def test_history_says_who_took_it_back(rollover, office):
    boss = UserFactory(role=Role.ADMIN)
    undo_rollover(by=boss, rollover=rollover)
    kinds = {
        model.__name__: "".join(model.history.filter(history_user=boss).values_list("history_type", flat=True))
        for model in TABLES
    }
    assert {name: "".join(sorted(types)) for name, types in kinds.items()} == {
        "AcademicYear": "-",
        "Term": "--",
        "SchoolClass": "-----",
        "Enrolment": "---~~~~~~",
        "TeachingAssignment": "-~~~",
        "Student": "~~",
    }
    bo = Enrolment.history.filter(student_id=pupil_named("Bo").pk, history_user=boss)
    assert set(bo.values_list("history_type", "school_class__name", "ends_on")) == {
        ("~", "7A", None),
        ("-", None, None),
    }


def test_the_year_can_be_started_again_and_undone_again(rollover, clerk, office):
    undo_rollover(by=office, rollover=rollover)
    start_year(clerk)
    undo_rollover(by=office, rollover=Rollover.objects.get(new_year__isnull=False))
    assert [year.name for year in AcademicYear.objects.all()] == ["2025/26"]


def new_class():
    return class_named("8A", "2026/27")


def change(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    save_by(row, None)


SINCE = {
    "a register": (
        lambda: RegisterFactory(school_class=new_class(), date=date(2026, 9, 1)),
        "Added since to what was made (class): 1 register.",
    ),
    "a mark": (
        lambda: AttendanceRecordFactory(student=pupil_named("Amina"), school_class=new_class(), date=date(2026, 9, 1)),
        "The new year has its first records: 1 attendance record.",
    ),
    "a mark before the first day": (
        lambda: AttendanceRecordFactory(student=pupil_named("Amina"), school_class=new_class(), date=date(2026, 8, 1)),
        "Added since to what was made (class): 1 attendance record.",
    ),
    "a planned absence": (
        lambda: PlannedAbsenceFactory(
            student=pupil_named("Amina"), starts_on=date(2026, 8, 20), ends_on=date(2026, 9, 5)
        ),
        "The new year has its first records: 1 planned absence.",
    ),
    "a new student in a new class": (
        lambda: enrol(by=None, student=pupil_named("Gus"), school_class=new_class(), starts_on=NEW_START),
        "Added since to what was made (class): 1 enrolment.",
    ),
    "a student in an old class": (
        lambda: enrol(
            by=None, student=pupil_named("Bo"), school_class=class_named("7B"), starts_on=OLD_END, ends_on=NEW_START
        ),
        "Bo came into 7B since. Remove that enrolment first.",
    ),
    "a teacher": (
        lambda: TeachingAssignmentFactory(school_class=new_class(), teacher=TeacherFactory()),
        "Added since to what was made (class): 1 teaching assignment.",
    ),
    "a term": (
        lambda: TermFactory(academic_year=AcademicYear.objects.get(name="2026/27")),
        "Added since to what was made (school year): 1 term.",
    ),
    "a class": (
        lambda: SchoolClassFactory(academic_year=AcademicYear.objects.get(name="2026/27")),
        "Added since to what was made (school year): 1 class.",
    ),
    "a class renamed": (
        lambda: change(new_class(), name="8 Blue"),
        "Changed since: 8 Blue (class).",
    ),
    "the new year moved": (
        lambda: change(AcademicYear.objects.get(name="2026/27"), starts_on=date(2026, 9, 1)),
        "Changed since: 2026/27 (school year).",
    ),
    "an old enrolment changed": (
        lambda: change(Enrolment.objects.get(student__given_name="Emil"), ends_on=date(2026, 5, 1)),
        "Changed since: Emil, 8A (enrolment).",
    ),
    "a new enrolment removed": (
        lambda: Enrolment.objects.get(student__given_name="Bo", ends_on=None).delete(),
        "Changed since: Bo, 7A (enrolment).",
    ),
    "a leaver's day changed": (
        lambda: change(pupil_named("Hana"), left_on=date(2026, 5, 1)),
        "Changed since: Hana (student).",
    ),
}


@pytest.mark.parametrize("since", SINCE)
def test_is_refused_after(since, rollover, clerk, office):
    assert "Yes, undo it" in clerk.get(undo_page(rollover)).content.decode()
    happens, reason = SINCE[since]
    happens()
    stored = everything_stored()
    with pytest.raises(RolloverRefused, match=r".") as refusal:
        undo_rollover(by=office, rollover=rollover)
    assert reason in refusal.value.messages[0]
    answer = clerk.post(undo_page(rollover))
    assert (answer.status_code, reason in answer.content.decode()) == (422, True)
    assert everything_stored() == stored
    page = clerk.get(undo_page(rollover)).content.decode()
    assert (reason in page, "Yes, undo it" in page) == (True, False)


def test_records_of_the_old_year_and_absences_planned_before_do_not_matter(clerk, office):
    PlannedAbsenceFactory(student=pupil_named("Amina"), starts_on=date(2026, 9, 1), ends_on=date(2026, 9, 5))
    start_year(clerk)
    AttendanceRecordFactory(student=pupil_named("Amina"), school_class=class_named("7A"), date=date(2026, 3, 16))
    RegisterFactory(school_class=class_named("7A"), date=date(2026, 3, 16))
    undo_rollover(by=office, rollover=Rollover.objects.get())
    assert AcademicYear.objects.count() == 1


def test_students_who_were_erased_meanwhile_stay_erased(rollover, office):
    for name in ("Bo", "Emil"):
        delete_student(by=office, student=pupil_named(name))
    undo_rollover(by=office, rollover=rollover)
    assert set(Enrolment.objects.filter(ends_on=None).values_list("student__given_name", flat=True)) == {
        "Amina",
        "Cleo",
        "Hana",
    }
    assert pupil_named("Hana").left_on is None
    assert not Student.objects.filter(given_name__in=["Bo", "Emil"]).exists()
    assert not Student.history.filter(given_name__in=["Bo", "Emil"]).exists()


def test_a_year_started_out_of_the_new_one_goes_first(rollover, sign_in, office, frozen):
    frozen.move_to("2026-09-10")
    start_year(sign_in(office))
    later = Rollover.objects.get(old_year=rollover.new_year)
    with pytest.raises(RolloverRefused, match="Added since to what was made"):
        undo_rollover(by=office, rollover=rollover)
    undo_rollover(by=office, rollover=later)
    with pytest.raises(RolloverRefused, match="Changed since"):  # its enrolments ended and came back: no more as made
        undo_rollover(by=office, rollover=rollover)


def test_is_undone_only_once(rollover, office, clerk):
    address = undo_page(rollover)
    undo_rollover(by=office, rollover=rollover)
    with pytest.raises(RolloverRefused, match="has been taken back already"):
        undo_rollover(by=office, rollover=rollover)
    assert clerk.post(address).status_code == 404


def test_a_year_typed_by_hand_has_nothing_to_undo(clerk, year):
    assert clerk.get(f"/admin/students/academicyear/{year.pk}/undo/").status_code == 404
    page = clerk.get(f"/admin/students/academicyear/{year.pk}/change/").content.decode()
    assert "Undo the start of this year" not in page


@pytest.mark.parametrize("role", [Role.TEACHER, Role.PARENT])
def test_nobody_else_takes_it_back(role, rollover, sign_in, client):
    other, stored = sign_in(UserFactory(role=role)), everything_stored()
    assert (other.get(undo_page(rollover)).status_code, other.post(undo_page(rollover)).status_code) == (403, 403)
    assert (client.get(undo_page(rollover)).status_code, client.post(undo_page(rollover)).status_code) == (302, 302)
    assert everything_stored() == stored
