"""Bundles that collide with what the portal holds, one rule each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from accounts.models import Parent, Teacher, User
from accounts.roles import Role
from exchange.tests.bundles import Bundle, oak_school, run_import
from exchange.tests.refusing import Change, as_before, assert_refused, change, refusal, said
from students.models import AcademicYear, Enrolment, School, SchoolClass, Student, Subject, Term

pytestmark = pytest.mark.django_db


def imported(name: str) -> Student:
    return Student.objects.get(external_id=name)


def other_school() -> None:
    School.objects.update(name="Elm School", external_id="S2")


def enrolled_by_hand() -> None:
    group = SchoolClass.objects.get(external_id="C-H")
    Enrolment.objects.create(student=imported("bo"), school_class=group, starts_on=date(2024, 10, 1))


def term_by_hand() -> None:
    year = AcademicYear.objects.get()
    Term.objects.create(academic_year=year, name="Summer", starts_on=date(2025, 6, 1), ends_on=date(2025, 6, 14))
    Term.objects.filter(external_id="T2").delete()


def term_named_by_hand() -> None:
    year = AcademicYear.objects.get()
    Term.objects.filter(external_id="T2").delete()
    Term.objects.create(academic_year=year, name="Spring", starts_on=date(2024, 12, 23), ends_on=date(2024, 12, 24))


def two_ids() -> None:
    tom = User.objects.get(username="tom.reed")
    Parent.objects.create(user=tom, full_name="Tom Reed", external_id="elsewhere")


def two_ids_of_a_parent() -> None:
    rita = User.objects.get(username="rita.silva")
    Teacher.objects.create(user=rita, full_name="Rita Silva", external_id="elsewhere")


def as_teacher_too(bundle: Bundle) -> None:
    bundle.add("roles", "R-rita", sourcedId="R-rita-2", role="teacher", roleType="secondary")


def as_parent_too(bundle: Bundle) -> None:
    bundle.add("roles", "R-tom", sourcedId="R-tom-2", role="parent", roleType="secondary")


# rule: (what the portal holds after a first import, what the second bundle brings, the lines)
COLLIDING: dict[str, tuple[Callable[[], object], Change, list[str]]] = {
    "an installation holds one school": (
        other_school,
        as_before,
        [said("orgs.csv, row 3, sourcedId", "“S1”", "“S2”: this installation already holds the school “Elm School”")],
    ),
    "a year's name is taken": (
        lambda: AcademicYear.objects.create(name="2025-2026", starts_on=date(2025, 8, 25), ends_on=date(2026, 6, 1)),
        change("academicSessions", "Y25", title="2025-2026"),
        [
            said(
                "academicSessions.csv, row 2, title",
                "“2025-2026”",
                "a title that no other school year has in the portal",
            )
        ],
    ),
    "a term made by hand overlaps": (
        term_by_hand,
        as_before,
        [
            said(
                "academicSessions.csv, row 4, startDate",
                "“2025-01-06”",
                "days outside the term “Summer” of the portal, which lasts from 2025-06-01 to before 2025-06-14",
            )
        ],
    ),
    "a term made by hand has the name": (
        term_named_by_hand,
        as_before,
        [
            said(
                "academicSessions.csv, row 4, title",
                "“Spring”",
                "a title that no other term of the year has in the portal",
            )
        ],
    ),
    "a username of the portal is taken": (
        lambda: User.objects.create_user("rita.s", role=Role.PARENT),
        change("users", "rita", username="RITA.S"),
        [said("users.csv, row 5, username", "“RITA.S”", "a username that nobody else has in the portal")],
    ),
    "a login has one id": (
        two_ids,
        as_parent_too,
        [said("users.csv, row 4, sourcedId", "“tom”", "the id that this login has in the portal")],
    ),
    "a login of a parent has one id": (
        two_ids_of_a_parent,
        as_teacher_too,
        [said("users.csv, row 5, sourcedId", "“rita”", "the id that this login has in the portal")],
    ),
    "enrolled by hand in the class": (
        enrolled_by_hand,
        lambda bundle: bundle.add("enrollments", "E2", sourcedId="E9", userSourcedId="bo"),
        [
            said(
                "enrollments.csv, row 8, beginDate",
                "nothing",
                "days on which the student is not yet in this class: in the portal since 2024-10-01",
            )
        ],
    ),
    "the birth in the portal is before the first enrolment": (
        lambda: Student.objects.filter(external_id="bo").update(date_of_birth=date(2022, 1, 1)),
        lambda bundle: bundle.remove("demographics", "bo").change("enrollments", "E3", beginDate="2021-09-01"),
        [said("enrollments.csv, row 4, beginDate", "“2021-09-01”", "a day after the birth on 2022-01-01")],
    ),
    "a student leaves after joining": (
        lambda: Student.objects.filter(external_id="bo").update(enrollment_date=None, left_on=date(2024, 9, 2)),
        as_before,
        [
            said(
                "enrollments.csv, row 4, beginDate",
                "“2024-09-02”",
                "a day before 2024-09-02, by which the student has left in the portal",
            )
        ],
    ),
}


@pytest.mark.parametrize("rule", COLLIDING)
def test_a_bundle_that_collides_with_the_portal_is_refused(rule: str, tmp_path: Path) -> None:
    run_import(oak_school("1.2").pack(tmp_path))
    given, breach, lines = COLLIDING[rule]
    given()
    assert_refused(oak_school("1.2"), breach, lines, tmp_path)


def test_the_code_of_a_subject_made_by_hand_and_the_id_are_taken(tmp_path: Path) -> None:
    Subject.objects.create(code="MATH", name="Maths of last year")
    report = run_import(oak_school().pack(tmp_path))
    assert "since courseCode is not theirs alone: 1 (Mathematics)" in report
    Subject.objects.filter(external_id="CRS-M").update(external_id="")
    assert refusal(oak_school().pack(tmp_path)) == [
        said("courses.csv, row 3, courseCode", "“MATH”", "a code of its own, since the sourcedId cannot serve as one")
    ]
