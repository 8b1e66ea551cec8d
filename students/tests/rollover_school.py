"""A school by hand for the start of a year, and its office at the form of the next one.

It is March 2026. 7A, 7B, 8A and 8B have one or two students each. Amina sings in the choir too; Hana went from 8A to
8B in March; Dana left at Christmas; Gus is in no class. Ana has 7A and teaches mathematics in 8A, Ben has 8B; Cora
had 7B until January.
"""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser

from django.urls import reverse

from accounts.tests.factories import TeacherFactory
from students.models import AcademicYear, Enrolment, SchoolClass, Student
from students.tests.factories import (
    AcademicYearFactory,
    ClosureFactory,
    EnrolmentFactory,
    SchoolClassFactory,
    StudentFactory,
    SubjectFactory,
    TeachingAssignmentFactory,
    TermFactory,
)

START, OLD_END, NEW_START = date(2025, 9, 1), date(2026, 7, 18), date(2026, 8, 31)
NEXT = reverse("admin:students_academicyear_next")


def make_school() -> AcademicYear:
    year = AcademicYearFactory(name="2025/26", starts_on=START, ends_on=OLD_END)
    TermFactory(academic_year=year, name="Autumn", starts_on=START, ends_on=date(2025, 12, 20))
    TermFactory(academic_year=year, name="Spring", starts_on=date(2026, 1, 5), ends_on=OLD_END)
    ClosureFactory(name="Carnival", starts_on=date(2026, 2, 16), ends_on=date(2026, 2, 18))
    ana, ben, cora = (TeacherFactory(full_name=name) for name in ("Ana Silva", "Ben Okafor", "Cora Lund"))
    class_7a = SchoolClassFactory(name="7A", grade_level="7", academic_year=year, homeroom_teacher=ana, meets_on="1234")
    class_7b = SchoolClassFactory(name="7B", grade_level="7", academic_year=year)
    class_8a = SchoolClassFactory(name="8A", grade_level="8", academic_year=year)
    class_8b = SchoolClassFactory(name="8B", grade_level="8", academic_year=year, homeroom_teacher=ben)
    choir = SchoolClassFactory(name="Choir", academic_year=year)
    TeachingAssignmentFactory(teacher=ana, school_class=class_7a)
    TeachingAssignmentFactory(teacher=ana, school_class=class_8a, subject=SubjectFactory(code="MATH"))
    TeachingAssignmentFactory(teacher=ben, school_class=class_8b, ends_on=date(2026, 8, 1))
    TeachingAssignmentFactory(teacher=cora, school_class=class_7b, ends_on=date(2026, 2, 1))
    places = {"Amina": class_7a, "Bo": class_7a, "Cleo": class_7b, "Dana": class_7b, "Emil": class_8a, "Hana": class_8a}
    pupils = {name: StudentFactory(given_name=name, family_name="", enrollment_date=START) for name in [*places, "Gus"]}
    for name, school_class in places.items():
        EnrolmentFactory(student=pupils[name], school_class=school_class)
    EnrolmentFactory(student=pupils["Amina"], school_class=choir, is_primary=False)
    Enrolment.objects.filter(student=pupils["Hana"]).update(ends_on=date(2026, 3, 2))
    EnrolmentFactory(student=pupils["Hana"], school_class=class_8b, starts_on=date(2026, 3, 2))
    Enrolment.objects.filter(student=pupils["Dana"]).update(ends_on=date(2025, 12, 20))
    Student.objects.filter(pk=pupils["Dana"].pk).update(left_on=date(2025, 12, 20))
    return year


def pupil_named(name: str) -> Student:
    return Student.objects.get(given_name=name)


def class_named(name: str, year: str = "2025/26") -> SchoolClass:
    return SchoolClass.objects.get(name=name, academic_year__name=year)


class Fields(HTMLParser):
    """What a browser would send from the last form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.found = {}
        elif tag == "input" and given.get("name"):
            self.found[given["name"]] = given.get("value") or ""
        elif tag == "select":
            self.select = given["name"]
        elif tag == "option" and (self.select not in self.found or "selected" in given):
            self.found[self.select] = given["value"]


def fields_of(page) -> dict[str, str]:
    reader = Fields()
    reader.feed(page.content.decode())
    return {name: value for name, value in reader.found.items() if name != "csrfmiddlewaretoken"}


def choice(student: str, school_class: str | None) -> str:
    """The name of the field in which a student's choice stands."""
    source = class_named(school_class).pk if school_class else 0
    return f"student-{pupil_named(student).pk}-{source}"


def after(name: str) -> str:
    return f"after-{class_named(name).pk}"


def again(name: str) -> str:
    return f"again-{class_named(name).pk}"


def press(browser, page, button: str, **typed: str):
    """Press a button of a page with some fields typed over."""
    return browser.post(NEXT, {**fields_of(page), **typed, "to": button})


def preview(browser, **typed: str):
    """The second step, with the days as proposed or typed over."""
    return press(browser, browser.get(NEXT), "preview", **typed)


def start_year(browser, **typed: str):
    """All three steps, with the classes and choices typed over."""
    asked = press(browser, preview(browser), "confirm", **typed)
    assert asked.status_code == 200, asked.context["wrong"]
    return press(browser, asked, "write")
