"""Which child is whose, for every role and at every boundary."""

from datetime import date

import pytest

from accounts.roles import Role
from accounts.tests.factories import ParentFactory, UserFactory
from students.models import (
    AcademicYear,
    Closure,
    EmergencyContact,
    Enrolment,
    Guardian,
    SchoolClass,
    Student,
    StudentParentLink,
    Subject,
    TeachingAssignment,
    Term,
)
from students.tests.factories import (
    ClosureFactory,
    EmergencyContactFactory,
    EnrolmentFactory,
    GuardianFactory,
    SchoolClassFactory,
    StudentParentLinkFactory,
    SubjectFactory,
    TeachingAssignmentFactory,
    TermFactory,
)
from tests.cast import MONDAY, pupil

SUNDAY, TUESDAY = date(2026, 3, 15), date(2026, 3, 17)


def seen_by(user) -> list[str]:
    return [student.given_name for student in Student.objects.visible_to(user)]


# --- Roles --------------------------------------------------------------------------------------------


def test_the_office_sees_every_student(cast):
    assert seen_by(cast.office) == ["Amina", "Bo", "Cleo"]


def test_a_teacher_sees_the_students_of_their_classes(cast):
    assert (seen_by(cast.ana.user), seen_by(cast.ben.user)) == (["Amina", "Bo"], ["Cleo"])


def test_a_parent_sees_their_own_children(cast):
    assert (seen_by(cast.mariam.user), seen_by(cast.nils.user)) == (["Amina"], ["Cleo"])


@pytest.mark.parametrize("role", [Role.TEACHER, Role.PARENT])
def test_somebody_without_a_profile_sees_nobody(cast, role):
    assert seen_by(UserFactory(role=role)) == []


def test_a_role_that_does_not_exist_sees_nobody(cast):
    cast.ana.user.role = "headmaster"
    assert seen_by(cast.ana.user) == []


def test_the_role_decides_and_not_the_profiles(cast):
    cast.ana.user.role = Role.PARENT
    assert seen_by(cast.ana.user) == []
    cast.mariam.user.role = Role.TEACHER
    assert seen_by(cast.mariam.user) == []


def test_somebody_deactivated_is_nobody_on_the_next_request(cast, sign_in):
    ana = sign_in(cast.ana.user)
    assert ana.get("/students/").status_code == 200
    cast.ana.user.is_active = False
    cast.ana.user.save()
    response = ana.get("/students/")
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=/students/")


# --- Boundaries: today is Monday ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "sees"),
    [
        (SUNDAY, None, True),
        (MONDAY, None, True),
        (TUESDAY, None, False),
        (SUNDAY, SUNDAY, False),
        (SUNDAY, MONDAY, False),
        (SUNDAY, TUESDAY, True),
        (MONDAY, TUESDAY, True),
    ],
    ids=["open", "from-today", "from-tomorrow", "never", "ended-today", "last-day-today", "today-only"],
)
def test_each_span_counts_on_its_days_and_no_other(cast, starts_on, ends_on, sees):
    link = StudentParentLinkFactory(student=cast.bo, starts_on=starts_on, ends_on=ends_on)
    assert seen_by(link.parent.user) == ["Bo"] * sees
    cover = TeachingAssignmentFactory(school_class=cast.class_7a, starts_on=starts_on, ends_on=ends_on)
    assert seen_by(cover.teacher.user) == ["Amina", "Bo"] * sees
    cast.cleo.enrolments.update(starts_on=starts_on, ends_on=ends_on)
    assert seen_by(cast.ben.user) == ["Cleo"] * sees


def test_access_ends_at_midnight_of_the_school(cast, frozen):
    TeachingAssignmentFactory(teacher=cast.ben, school_class=cast.class_7a, starts_on=MONDAY, ends_on=TUESDAY)
    frozen.move_to("2026-03-16T23:59:59Z")
    assert seen_by(cast.ben.user) == ["Amina", "Bo", "Cleo"]
    frozen.move_to("2026-03-17T00:00:00Z")
    assert seen_by(cast.ben.user) == ["Cleo"]


def test_a_link_that_ended_does_not_show_through_an_open_one_to_another_child(cast):
    StudentParentLinkFactory(student=cast.bo, parent=cast.former, starts_on=SUNDAY)
    assert seen_by(cast.former.user) == ["Bo"]


def test_two_ways_to_a_student_are_one_row(cast):
    club = SchoolClassFactory(academic_year=cast.year)
    TeachingAssignmentFactory(teacher=cast.ana, school_class=club)
    EnrolmentFactory(student=cast.amina, school_class=club, is_primary=False)
    StudentParentLinkFactory(student=cast.amina, parent=cast.mariam, starts_on=SUNDAY, ends_on=TUESDAY)
    assert seen_by(cast.ana.user) == ["Amina", "Bo"]
    assert seen_by(cast.mariam.user) == ["Amina"]


# --- Both a teacher and a parent ----------------------------------------------------------------------


@pytest.fixture
def ana_as_mother(cast):
    """Ana, teacher of 7A, is Cleo's mother too; Cleo is in 7B."""
    return StudentParentLinkFactory(
        student=cast.cleo, parent=ParentFactory(user=cast.ana.user, full_name="Ana Silva"), starts_on=SUNDAY
    )


def report_of(user) -> list[tuple[str, bool]]:
    """Whose report they may open, and whether they read attendance there."""
    rows = Student.objects.report_for(user).with_report_on(user, "attendance")
    return [(student.given_name, student.may_see_attendance) for student in rows]


def test_a_teacher_finds_the_own_child_under_the_report_and_not_in_the_list(cast, ana_as_mother, sign_in):
    ana = sign_in(cast.ana.user)
    assert seen_by(cast.ana.user) == ["Amina", "Bo"]
    assert report_of(cast.ana.user) == [("Amina", True), ("Bo", True), ("Cleo", True)]
    assert ana.get(f"/report/{cast.cleo.student_id}/").status_code == 200
    assert ana.get(f"/students/{cast.cleo.student_id}/").status_code == 404
    assert ana.get(f"/students/{cast.amina.student_id}/").status_code == 200


def test_the_own_child_of_a_teacher_is_read_by_the_rules_of_the_link(cast, ana_as_mother):
    ana_as_mother.may_see_attendance = False
    ana_as_mother.save()
    assert report_of(cast.ana.user) == [("Amina", True), ("Bo", True), ("Cleo", False)]
    assert [student.given_name for student in Student.objects.with_records_for(cast.ana.user, "attendance")] == [
        "Amina",
        "Bo",
    ]


def test_a_teacher_who_teaches_the_own_child_reads_as_staff(cast, ana_as_mother):
    ana_as_mother.may_see_attendance = False
    ana_as_mother.save()
    TeachingAssignmentFactory(teacher=cast.ana, school_class=cast.class_7b)
    assert report_of(cast.ana.user) == [("Amina", True), ("Bo", True), ("Cleo", True)]


@pytest.mark.parametrize("domain", ["attendance", "assessments", "behavior", "participation"])
def test_each_domain_is_opened_by_its_own_right(cast, domain):
    def readable():
        rows = Student.objects.with_records_for(cast.mariam.user, domain)
        return [student.given_name for student in rows]

    assert readable() == ["Amina"]
    cast.mariam.child_links.update(**{f"may_see_{domain}": False})
    assert readable() == []
    assert seen_by(cast.mariam.user) == ["Amina"]
    rights = ("attendance", "assessments", "behavior", "participation")
    cast.mariam.child_links.update(**{f"may_see_{name}": name == domain for name in rights})
    assert readable() == ["Amina"]


# --- Everything else ----------------------------------------------------------------------------------


def test_classes_are_the_offices_and_those_of_their_teachers(cast):
    people = (cast.office, cast.ana.user, cast.ben.user, cast.mariam.user)
    assert [[row.name for row in SchoolClass.objects.visible_to(person)] for person in people] == [
        ["7A", "7B"],
        ["7A"],
        ["7B"],
        [],
    ]


def test_people_to_call_are_seen_by_the_childs_staff_and_of_guardians_each_parent_sees_themselves(cast):
    for student in (cast.amina, cast.cleo):
        GuardianFactory(student=student, name=student.given_name)
        EmergencyContactFactory(student=student, name=student.given_name)
    for model in (Guardian, EmergencyContact):
        seen = [list(model.objects.visible_to(person).values_list("name", flat=True)) for person in people_of(cast)]
        assert [sorted(names) for names in seen] == [["Amina", "Cleo"], ["Amina"], ["Cleo"], []]
    GuardianFactory(student=cast.amina, name="Mariam", parent=cast.mariam)
    assert [each.name for each in Guardian.objects.visible_to(cast.mariam.user)] == ["Mariam"]


def people_of(cast):
    return (cast.office, cast.ana.user, cast.ben.user, cast.mariam.user)


@pytest.mark.parametrize(
    ("model", "numbers"),
    [(Enrolment, [3, 2, 1, 1]), (TeachingAssignment, [3, 1, 1, 0]), (StudentParentLink, [3, 0, 0, 1])],
)
def test_dated_rows_are_seen_by_those_they_name(cast, model, numbers):
    assert [model.objects.visible_to(person).count() for person in people_of(cast)] == numbers


@pytest.mark.parametrize("model", [AcademicYear, Term, Closure, Subject])
def test_the_calendar_is_for_staff(cast, model):
    TermFactory(academic_year=cast.year)
    ClosureFactory()
    SubjectFactory()
    assert [model.objects.visible_to(person).count() for person in people_of(cast)] == [1, 1, 1, 0]


def test_a_class_is_as_large_as_its_roster_of_the_day(cast):
    cast.bo.enrolments.update(ends_on=MONDAY)
    pupil("Dara", "Tomorrow", cast.class_7b, starts_on=TUESDAY)
    SchoolClassFactory(name="Empty", academic_year=cast.year)

    def sizes(day):
        return list(SchoolClass.objects.with_size(day).values_list("name", "size"))

    assert sizes(SUNDAY) == [("7A", 2), ("7B", 1), ("Empty", 0)]
    assert sizes(MONDAY) == [("7A", 1), ("7B", 1), ("Empty", 0)]
    assert sizes(TUESDAY) == [("7A", 1), ("7B", 2), ("Empty", 0)]
