"""The form that starts a school year: its steps, what it refuses, and who may open it."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import AccessLog
from accounts.roles import Role
from accounts.tests.factories import UserFactory
from students.models import AcademicYear, Enrolment, SchoolClass, Student
from students.services import delete_student, enrol
from students.tests.factories import AcademicYearFactory, EnrolmentFactory, SchoolClassFactory, StudentFactory
from students.tests.posted import everything_stored
from students.tests.rollover_school import (
    NEXT,
    OLD_END,
    START,
    after,
    again,
    choice,
    class_named,
    fields_of,
    make_school,
    press,
    preview,
    pupil_named,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def year(frozen):
    return make_school()


@pytest.fixture
def clerk(year, sign_in):
    return sign_in(UserFactory(username="office", role=Role.ADMIN))


def stored():
    """Everything but the note of who opened the list."""
    return {name: rows for name, rows in everything_stored().items() if name != "accounts.AccessLog"}


def test_the_list_of_years_leads_to_the_first_step(clerk):
    page = clerk.get("/admin/students/academicyear/").content.decode()
    assert f'<a href="{NEXT}">Start the next school year</a>' in page
    assert fields_of(clerk.get(NEXT)) | {"old_year": ""} == {
        "old_year": "",
        "year-name": "2026/27",
        "year-starts_on": "2026-08-31",
        "year-ends_on": "2027-07-16",
        "terms-TOTAL_FORMS": "6",
        "terms-INITIAL_FORMS": "2",
        "terms-MIN_NUM_FORMS": "0",
        "terms-MAX_NUM_FORMS": "6",
        "terms-0-name": "Autumn",
        "terms-0-starts_on": "2026-08-31",
        "terms-0-ends_on": "2026-12-18",
        "terms-1-name": "Spring",
        "terms-1-starts_on": "2027-01-04",
        "terms-1-ends_on": "2027-07-16",
        **{f"terms-{row}-{name}": "" for row in (2, 3, 4, 5) for name in ("name", "starts_on", "ends_on")},
    }


def test_the_second_step_shows_every_student_with_the_proposal(clerk):
    page = preview(clerk)
    fields = fields_of(page)
    students = {name: value for name, value in fields.items() if name.startswith("student-")}
    assert students == {
        choice("Amina", "7A"): after("7A"),
        choice("Bo", "7A"): after("7A"),
        choice("Cleo", "7B"): after("7B"),
        choice("Emil", "8A"): "leaves",
        choice("Hana", "8B"): "leaves",
        choice("Gus", None): "none",
    }
    assert "2 students:\n        2 move on, 0 repeat, 0 leave the school." in page.content.decode()
    groups = {group.split('"')[0] for group in page.content.decode().split('<optgroup label="')[1:]}
    assert groups == {"Moves on to", "Repeats in", "Another class", "Without a class", "Class"}


def test_the_third_step_says_what_will_happen(clerk):
    page = press(clerk, preview(clerk), "confirm", **{choice("Bo", "7A"): again("7A"), choice("Gus", None): "leaves"})
    text = page.content.decode()
    assert "<strong>2 move on, 1 repeats, 3 leave the school.</strong>" in text
    assert "2026/27 lasts from 31 Aug 2026 to 16 Jul 2027." in text
    assert "<li>Bo: 7A</li>" in text
    numbers = {new.name: number for new, number in page.context["classes"]}
    assert numbers == {"7A": 1, "7B": 0, "8A": 1, "8B": 1, "Choir": 0}


def test_nothing_is_stored_before_the_end_and_what_was_typed_stays(clerk):
    before = stored()
    typed = {choice("Bo", "7A"): again("7A"), f"class-{after('7A')}-name": "8 Blue"}
    asked = press(clerk, preview(clerk, **{"year-name": "Next"}), "confirm", **typed)
    days = press(clerk, press(clerk, asked, "preview"), "days")
    assert fields_of(days)["year-name"] == "Next"
    again_shown = fields_of(press(clerk, days, "preview"))
    assert {name: again_shown[name] for name in typed} == typed
    assert stored() == before


def test_a_class_named_later_can_be_chosen_after_showing_the_list_again(clerk):
    named = press(clerk, preview(clerk), "preview", **{f"class-{after('8A')}-name": "9A"})
    asked = press(clerk, named, "confirm", **{choice("Emil", "8A"): after("8A")})
    assert {new.name: number for new, number in asked.context["classes"]}["9A"] == 1


def test_a_choice_of_a_class_that_lost_its_name_does_not_slip_to_another(clerk):
    nameless = press(clerk, preview(clerk), "confirm", **{f"class-{after('7A')}-name": ""})
    assert nameless.status_code == 422
    assert fields_of(nameless)[choice("Amina", "7A")] == after("7A")


BAD_DAYS = {
    "no name": ({"year-name": ""}, "This field is required."),
    "a name taken": ({"year-name": "2025/26"}, "School year with this Name already exists."),
    "a name too long": ({"year-name": "x" * 10_000}, "Ensure this value has at most 100 characters"),
    "a NUL byte": ({"year-name": "a\x00b"}, "Null characters are not allowed."),
    "a line break": ({"year-name": "a\u2028b"}, "This holds characters that cannot be printed."),
    "before the old one ends": ({"year-starts_on": "2026-07-17"}, "2025/26 lasts until 17 Jul 2026."),
    "upside down": ({"year-ends_on": "2026-08-01"}, "The last day is before the first."),
    "year 1": ({"year-starts_on": "0001-01-01"}, "Give a date between 1900 and two years from now."),
    "year 9999": ({"year-ends_on": "9999-12-31"}, "Give a date before the year 9999."),
    "full-width digits": ({"year-starts_on": "２０２６-08-31"}, "Give the day as year-month-day"),
    "overlaps another year": ({"year-ends_on": "2027-10-01"}, "overlap with the school year Far"),
    "term outside": ({"terms-0-starts_on": "2026-08-30"}, "Autumn reaches outside the new year."),
    "terms overlap": ({"terms-1-starts_on": "2026-12-18"}, "Autumn and Spring overlap."),
    "term upside down": ({"terms-0-ends_on": "2026-08-30"}, "Autumn: the last day is before the first."),
    "terms of one name": ({"terms-1-name": "Autumn"}, "Two terms are called “Autumn”."),
    "term without days": ({"terms-2-name": "Summer"}, "This field is required."),
    "rows gone": ({"terms-TOTAL_FORMS": "x"}, "ManagementForm data is missing"),
    "too many terms": ({"terms-TOTAL_FORMS": "1000"}, "Please submit at most 6 forms."),
}


@pytest.mark.parametrize("case", BAD_DAYS)
def test_days_that_are_refused(case, clerk):
    AcademicYearFactory(name="Far", starts_on=date(2027, 9, 1), ends_on=date(2028, 7, 1))
    typed, message = BAD_DAYS[case]
    first, before = clerk.get(NEXT), stored()
    for button in ("preview", "write"):
        answer = press(clerk, first, button, **typed)
        assert answer.status_code == 422
        assert message in answer.content.decode()
        kept = {name: value for name, value in typed.items() if name.startswith("year-") and "\x00" not in value}
        assert {name: fields_of(answer)[name] for name in kept} == kept
    assert stored() == before


def bad_choices():
    """Wrong classes and choices, with what is said."""
    amina = choice("Amina", "7A")
    return {
        "unknown choice": ({amina: "after-999999"}, "Choose again for Amina"),
        "empty choice": ({amina: ""}, "Choose again for Amina"),
        "no class for one in a class": ({amina: "none"}, "Choose again for Amina"),
        "not a choice at all": ({amina: "x\x00" * 5_000}, "Choose again for Amina"),
        "class without a name": ({f"class-{after('7A')}-name": " "}, "The class chosen for Amina, Bo has no name."),
        "two classes of one name": ({f"class-{after('7A')}-name": "8B"}, "Two new classes are called “8B”."),
        "class name too long": ({f"class-{after('7A')}-name": "8" * 201}, "at most 200 characters"),
        "grade level too long": ({f"class-{after('7A')}-grade_level": "8" * 21}, "at most 20 characters"),
        "class with a NUL byte": ({f"class-{after('7A')}-name": "8\x00"}, "Null characters are not allowed."),
        "unknown teacher": ({f"class-{after('7A')}-teacher": "999999"}, "no active account any more"),
        "a student in two classes": (
            {f"student-{pupil_named('Amina').pk}-{class_named('7B').pk}": "leaves"},
            "Amina is in the list twice.",
        ),
        "a student who is not there": ({"student-999999999999999999-0": "leaves"}, "who is not there any more"),
    }


@pytest.mark.parametrize("case", range(12))
def test_choices_that_are_refused(case, clerk):
    typed, message = list(bad_choices().values())[case]
    shown, before = preview(clerk), stored()
    for button in ("confirm", "write"):
        answer = press(clerk, shown, button, **typed)
        assert (answer.status_code, message in answer.content.decode()) == (422, True)
    assert stored() == before


def test_a_list_that_came_back_without_a_student_is_refused(clerk):
    fields, before = fields_of(preview(clerk)), stored()
    del fields[choice("Amina", "7A")]
    answer = clerk.post(NEXT, {**fields, "to": "write"})
    assert "Came or changed class meanwhile, look them over: Amina." in answer.content.decode()
    doubled = clerk.post(NEXT, {**fields, choice("Amina", "7A"): [after("7A"), "leaves"], "to": "write"})
    assert "A student is in the list twice." in doubled.content.decode()
    assert (answer.status_code, doubled.status_code, stored() == before) == (422, 422, True)


def joins(name):
    enrol(
        by=None,
        student=StudentFactory(given_name=name, family_name=""),
        school_class=class_named("7B"),
        starts_on=START,
    )


def leaves(name):
    Student.objects.filter(given_name=name).update(left_on=date(2026, 3, 16))


MEANWHILE = {
    "came": (lambda: joins("Ida"), "Came or changed class meanwhile, look them over: Ida."),
    "left": (lambda: leaves("Bo"), "Not in the class any more in which this page had them: Bo."),
    "changed class": (
        lambda: Enrolment.objects.filter(student__given_name="Bo").update(school_class=class_named("7B")),
        "Not in the class any more in which this page had them: Bo.",
    ),
    "erased": (
        lambda: delete_student(by=UserFactory(role=Role.ADMIN), student=pupil_named("Bo")),
        "this page had them: a student who is not there any more.",
    ),
    "leaves in the holidays": (
        lambda: Student.objects.filter(given_name="Bo").update(left_on=OLD_END),
        "Noted as leaving the school before the new year begins: Bo.",
    ),
    "joins later": (
        lambda: Student.objects.filter(given_name="Emil").update(enrollment_date=OLD_END),
        "cannot leave with it: Emil.",
    ),
    "has a class of another year": (
        lambda: EnrolmentFactory(
            student=pupil_named("Bo"),
            school_class__academic_year=AcademicYearFactory(
                name="Far", starts_on=date(2027, 9, 1), ends_on=date(2028, 7, 1)
            ),
            ends_on=date(2028, 7, 1),
        ),
        "Has a main class in the new year already: Bo.",
    ),
    "a class was added": (
        lambda: SchoolClassFactory(name="7C", academic_year=AcademicYear.objects.get()),
        "The classes of 2025/26 have changed meanwhile.",
    ),
}


@pytest.mark.parametrize("case", MEANWHILE)
def test_what_happened_meanwhile_is_named(case, clerk):
    happens, message = MEANWHILE[case]
    asked = press(clerk, preview(clerk), "confirm")
    assert asked.status_code == 200
    happens()
    before = stored()
    answer = press(clerk, asked, "write")
    assert (answer.status_code, message in answer.content.decode()) == (422, True)
    assert stored() == before


@pytest.mark.parametrize(
    "address", [f"{NEXT}?year={key}" for key in ("0", "999", "9" * 30, "７", "x", "-1", "%00", "")]
)
def test_a_year_that_is_not_there(address, clerk):
    assert clerk.get(address).status_code == 404
    assert clerk.post(NEXT, {"old_year": "9" * 18, "to": "write"}).status_code == 404


def test_years_out_of_which_none_can_be_started(clerk, year):
    later = AcademicYearFactory(name="2027/28", starts_on=date(2027, 9, 1), ends_on=date(2028, 7, 1))
    assert "2027/28 has not begun yet." in clerk.get(f"{NEXT}?year={later.pk}").content.decode()
    empty = AcademicYearFactory(name="Empty", starts_on=date(2024, 9, 1), ends_on=date(2025, 7, 1))
    assert "Empty has no classes" in clerk.get(f"{NEXT}?year={empty.pk}").content.decode()
    assert clerk.post(NEXT, {"old_year": later.pk}).status_code == 422


def test_a_school_without_a_year_is_told_what_to_do(frozen, sign_in):
    page = sign_in(UserFactory(role=Role.ADMIN)).get(NEXT).content.decode()
    assert "Add the year and its classes first." in page


@pytest.mark.parametrize("button", ["", "nonsense"])
def test_a_form_without_its_button_is_shown_again(button, clerk):
    answer = press(clerk, clerk.get(NEXT), button)
    assert (answer.status_code, "Press one of its buttons again." in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("role", [Role.TEACHER, Role.PARENT])
def test_nobody_else_starts_a_year(role, clerk, sign_in, client):
    fields = {**fields_of(press(clerk, preview(clerk), "confirm")), "to": "write"}
    other, before = sign_in(UserFactory(role=role)), everything_stored()
    assert (other.get(NEXT).status_code, other.post(NEXT, fields).status_code) == (403, 403)
    assert (client.get(NEXT).status_code, client.post(NEXT, fields).status_code) == (302, 302)
    assert everything_stored() == before
    assert clerk.post(NEXT, fields).status_code == 302
    assert SchoolClass.objects.filter(academic_year__name="2026/27").count() == 5


def test_the_list_of_students_is_noted_as_opened(clerk):
    clerk.get(NEXT)
    assert AccessLog.objects.filter(page="admin:students_academicyear_next").count() == 0
    preview(clerk)
    noted = AccessLog.objects.get(page="admin:students_academicyear_next")
    assert (noted.reader.username, noted.student_id) == ("office", "")


def test_the_list_costs_the_same_for_any_number_of_students(clerk, count_queries):
    first, counts = clerk.get(NEXT), []
    for number in (3, 57):
        EnrolmentFactory.create_batch(number, school_class=class_named("7A"), starts_on=START)
        counts.append(count_queries(lambda: press(clerk, first, "preview")))
    assert counts == [16, 16]
