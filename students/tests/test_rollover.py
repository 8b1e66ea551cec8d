"""The start of a school year: what is proposed, and every row that is written."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from django.http import QueryDict

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from students.models import (
    AcademicYear,
    Closure,
    Enrolment,
    Rollover,
    SchoolClass,
    Student,
    TeachingAssignment,
    Term,
)
from students.rollover import RolloverRefused, level_of, one_up, read_year, year_to_leave
from students.rollover_forms import Draft, suggested_name
from students.rollover_writing import roll_over
from students.tests.factories import AcademicYearFactory, EnrolmentFactory, SchoolClassFactory, StudentFactory
from students.tests.posted import everything_stored
from students.tests.rollover_school import (
    NEW_START,
    OLD_END,
    START,
    again,
    choice,
    class_named,
    fields_of,
    make_school,
    preview,
    pupil_named,
    start_year,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def year(frozen):
    return make_school()


@pytest.fixture
def office(year):
    return UserFactory(username="office", role=Role.ADMIN)


@pytest.fixture
def clerk(office, sign_in):
    return sign_in(office)


def plan_from(page):
    """The plan that a browser would send from the second step."""
    typed = QueryDict(mutable=True)
    typed.update(fields_of(page))
    draft = Draft(AcademicYear.objects.get(pk=typed["old_year"]), typed)
    assert draft.days_right()
    assert draft.classes_right()
    return draft.plan


@pytest.mark.parametrize(
    ("name", "next_name"),
    [
        ("7A", "8A"),
        ("9A", "10A"),
        ("09", "10"),
        ("007-2", "008-2"),
        ("Year 7 Blue", "Year 8 Blue"),
        ("Oak", "Oak"),
        ("", ""),
    ],
)
def test_the_first_number_of_a_name_goes_up(name, next_name):
    assert one_up(name) == next_name


@pytest.mark.parametrize(
    ("level", "name", "number"), [("7", "Oak 3", 7), ("", "8B", 8), ("K", "1A", None), ("", "Oak", None)]
)
def test_the_level_is_the_number_of_the_grade_level_or_else_of_the_name(level, name, number):
    assert level_of(level, name) == number


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [("2025/26", "2026/27"), ("2025-2026", "2026-2027"), ("1998/99", "1999/00"), ("2025", "2026"), ("This year", "")],
)
def test_the_name_of_the_next_year(name, suggestion):
    assert suggested_name(name) == suggestion


def test_what_is_proposed(year):
    reading = read_year(year, NEW_START)
    made = [
        (new.key.split("-")[0], new.source.name, new.name, new.grade_level, str(new.teacher))
        for new in reading.proposed
    ]
    assert made == [
        ("after", "7A", "8A", "8", "Ana Silva"),
        ("after", "7B", "8B", "8", "None"),
        ("after", "8A", "", "9", "None"),
        ("after", "8B", "", "9", "None"),
        ("after", "Choir", "Choir", "", "None"),
        ("again", "7A", "7A", "7", "None"),
        ("again", "7B", "7B", "7", "None"),
    ]
    proposals = {
        pupil.student.given_name: (str(pupil.source), pupil.proposal.split("-")[0]) for pupil in reading.pupils
    }
    assert proposals == {
        "Amina": ("7A", "after"),
        "Bo": ("7A", "after"),
        "Cleo": ("7B", "after"),
        "Emil": ("8A", "leaves"),
        "Gus": ("None", "none"),
        "Hana": ("8B", "leaves"),
    }


def test_two_classes_that_would_be_called_the_same_are_numbered(year):
    SchoolClass.objects.filter(name="7B").update(external_id="course-1")
    SchoolClassFactory(name="7B", grade_level="7", academic_year=year, external_id="course-2")
    names = [new.name for new in read_year(year, NEW_START).proposed if new.source.name == "7B"]
    assert names == ["8B", "8B (2)", "7B", ""]


def test_the_year_to_leave_is_the_latest_with_classes_that_has_begun(year):
    AcademicYearFactory(name="2026/27", starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 1))
    AcademicYearFactory(name="Empty", starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 1))
    assert year_to_leave(date(2026, 3, 16)) == year
    assert year_to_leave(date(2025, 8, 31)) is None


class TestWritten:
    """Bo repeats 7A; everybody else as proposed."""

    @pytest.fixture(autouse=True)
    def started(self, clerk):
        self.answer = start_year(clerk, **{choice("Bo", "7A"): again("7A")})

    def test_leads_to_the_new_year_and_says_what_happened(self, clerk):
        new = AcademicYear.objects.get(name="2026/27")
        assert (self.answer.status_code, self.answer.url) == (302, f"/admin/students/academicyear/{new.pk}/change/")
        page = clerk.get(self.answer.url).content.decode()
        totals = "2 move on, 1 repeats, 2 leave the school, 1 stays without a class."
        assert f"2026/27 is ready: {totals}" in page
        assert "Undo the start of this year" in page

    def test_year_terms_and_closures(self):
        new = AcademicYear.objects.get(name="2026/27")
        assert (new.starts_on, new.ends_on) == (NEW_START, date(2027, 7, 17))
        assert list(new.terms.order_by("starts_on").values_list("name", "starts_on", "ends_on")) == [
            ("Autumn", date(2026, 8, 31), date(2026, 12, 19)),
            ("Spring", date(2027, 1, 4), date(2027, 7, 17)),
        ]
        assert list(Closure.objects.values_list("name", flat=True)) == ["Carnival"]
        old = AcademicYear.objects.get(name="2025/26")
        assert (old.starts_on, old.ends_on, old.terms.count()) == (START, OLD_END, 2)

    def test_classes(self):
        rows = SchoolClass.objects.filter(academic_year__name="2026/27").order_by("name")
        assert list(rows.values_list("name", "grade_level", "homeroom_teacher__full_name", "meets_on")) == [
            ("7A", "7", None, "1234"),
            ("7B", "7", None, ""),
            ("8A", "8", "Ana Silva", "1234"),
            ("8B", "8", None, ""),
            ("Choir", "", None, ""),
        ]

    def test_enrolments(self):
        rows = Enrolment.objects.order_by("student__given_name", "starts_on", "pk")
        assert list(
            rows.values_list(
                "student__given_name",
                "school_class__academic_year__name",
                "school_class__name",
                "starts_on",
                "ends_on",
                "is_primary",
            )
        ) == [
            ("Amina", "2025/26", "7A", START, OLD_END, True),
            ("Amina", "2025/26", "Choir", START, OLD_END, False),
            ("Amina", "2026/27", "8A", NEW_START, None, True),
            ("Bo", "2025/26", "7A", START, OLD_END, True),
            ("Bo", "2026/27", "7A", NEW_START, None, True),
            ("Cleo", "2025/26", "7B", START, OLD_END, True),
            ("Cleo", "2026/27", "8B", NEW_START, None, True),
            ("Dana", "2025/26", "7B", START, date(2025, 12, 20), True),
            ("Emil", "2025/26", "8A", START, OLD_END, True),
            ("Hana", "2025/26", "8A", START, date(2026, 3, 2), True),
            ("Hana", "2025/26", "8B", date(2026, 3, 2), OLD_END, True),
        ]

    def test_students(self):
        assert dict(Student.objects.values_list("given_name", "left_on")) == {
            "Amina": None,
            "Bo": None,
            "Cleo": None,
            "Dana": date(2025, 12, 20),
            "Emil": OLD_END,
            "Gus": None,
            "Hana": OLD_END,
        }

    def test_teachers(self):
        rows = TeachingAssignment.objects.order_by("starts_on", "teacher__full_name", "school_class__name")
        columns = ("teacher__full_name", "school_class__name", "subject__code", "starts_on", "ends_on")
        assert list(rows.values_list(*columns)) == [
            ("Ana Silva", "7A", None, START, OLD_END),
            ("Ana Silva", "8A", "MATH", START, OLD_END),
            ("Ben Okafor", "8B", None, START, OLD_END),
            ("Cora Lund", "7B", None, START, date(2026, 2, 1)),
            ("Ana Silva", "8A", None, NEW_START, None),
        ]

    def test_history_says_who_wrote_each_row(self, office):
        kinds = {
            model.__name__: sorted(
                model.history.filter(history_user=office).values_list("history_type", flat=True), reverse=True
            )
            for model in (AcademicYear, Term, SchoolClass, TeachingAssignment, Enrolment, Student)
        }
        assert kinds == {
            "AcademicYear": ["+"],
            "Term": ["+"] * 2,
            "SchoolClass": ["+"] * 5,
            "TeachingAssignment": ["~"] * 3 + ["+"],
            "Enrolment": ["~"] * 6 + ["+"] * 3,
            "Student": ["~"] * 2,
        }

    def test_who_and_when_is_kept(self, office, year):
        rollover = Rollover.objects.get()
        assert (rollover.made_by, rollover.old_year, rollover.new_year.name) == (office, year, "2026/27")
        assert (rollover.undone_at, rollover.undone_by) == (None, None)

    def test_the_same_year_is_left_only_once(self, clerk, year):
        page = clerk.get("/admin/students/academicyear/next/").content.decode()
        assert "2026/27 has been started out of 2025/26 already." in page
        answer = clerk.post("/admin/students/academicyear/next/", {"old_year": year.pk, "to": "write"})
        assert (answer.status_code, AcademicYear.objects.count()) == (422, 2)


def test_a_student_without_a_class_can_be_given_one_and_a_leaver_can_stay(clerk):
    keys = {choice("Gus", None): again("7B"), choice("Emil", "8A"): f"after-{class_named('7A').pk}"}
    start_year(clerk, **keys)
    main = Enrolment.objects.get(student=pupil_named("Gus"))
    assert (main.school_class.name, main.starts_on, main.is_primary) == ("7B", NEW_START, True)
    repeated = Enrolment.objects.get(student=pupil_named("Emil"), ends_on=None)
    assert repeated.school_class.name == "8A"
    assert pupil_named("Emil").left_on is None


def test_who_joins_or_leaves_within_the_new_year_is_enrolled_for_those_days(clerk):
    Student.objects.filter(given_name="Gus").update(enrollment_date=date(2026, 10, 1))
    Student.objects.filter(given_name="Cleo").update(left_on=date(2026, 12, 1))
    start_year(clerk, **{choice("Gus", None): again("7A")})
    rows = Enrolment.objects.filter(school_class__academic_year__name="2026/27")
    days = {row.student.given_name: (row.starts_on, row.ends_on) for row in rows}
    assert days["Gus"] == (date(2026, 10, 1), None)
    assert days["Cleo"] == (NEW_START, date(2026, 12, 1))


def test_a_last_day_noted_in_the_holidays_stays(clerk):
    Student.objects.filter(given_name="Amina").update(left_on=date(2026, 8, 1))
    start_year(clerk)
    assert pupil_named("Amina").left_on == date(2026, 8, 1)
    assert not Enrolment.objects.filter(student__given_name="Amina", school_class__academic_year__name="2026/27")


def test_the_homeroom_teacher_can_be_another_and_a_class_can_be_left_out(clerk):
    ben = class_named("8B").homeroom_teacher
    typed = {
        f"class-after-{class_named('7A').pk}-teacher": str(ben.pk),
        f"class-after-{class_named('7A').pk}-name": "8 Blue",
        f"class-again-{class_named('7B').pk}-name": "",
        f"class-after-{class_named('Choir').pk}-name": "",
    }
    start_year(clerk, **typed)
    rows = SchoolClass.objects.filter(academic_year__name="2026/27").order_by("name")
    assert list(rows.values_list("name", "homeroom_teacher__full_name")) == [
        ("7A", None),
        ("8 Blue", "Ben Okafor"),
        ("8B", None),
    ]
    assert TeachingAssignment.objects.filter(ends_on=None).get().teacher == ben


def test_a_failure_in_the_middle_leaves_nothing(clerk, office):
    """A term without a name gets past every check of ours; the database refuses it after the enrolments have ended."""
    plan = plan_from(preview(clerk))
    plan.terms[1].name = None
    before = everything_stored()
    with pytest.raises(RolloverRefused, match="Nothing was changed"):
        roll_over(by=office, plan=plan)
    assert everything_stored() == before
    fresh = plan_from(preview(clerk))
    assert roll_over(by=office, plan=fresh).new_year.name == "2026/27"


def test_statements_do_not_grow_with_the_students(clerk, office, count_queries):
    counts = []
    for number in (3, 40):
        for _number in range(number):
            EnrolmentFactory(school_class=class_named("7A"), student=StudentFactory(enrollment_date=START))
        plan = plan_from(preview(clerk))
        with transaction.atomic():
            counts.append(count_queries(lambda plan=plan: roll_over(by=office, plan=plan)))
            transaction.set_rollback(True)
    assert counts[0] == counts[1]
