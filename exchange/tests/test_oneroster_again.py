"""A second import: nothing changes, or just what differs, and the office's own decisions stand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress

from accounts.models import Parent, Teacher, User
from accounts.roles import Role
from attendance.tests.factories import AttendanceRecordFactory, RegisterFactory
from exchange.tests.bundles import Bundle, changed, everything, oak_school, run_import, table
from students.models import (
    AcademicYear,
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

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_importing_twice_changes_nothing(version: str, tmp_path: Path) -> None:
    path = oak_school(version).pack(tmp_path)
    run_import(path)
    before = everything()
    report = run_import(path)
    assert everything() == before
    counts = [line.split()[-3:-1] for line in report.splitlines() if line[:2] == "  " and line[-1].isdigit()]
    assert counts == [["0", "0"]] * 16


def test_each_changed_value_is_updated_with_history(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    bundle = oak_school().change("orgs", "S1", name="Oak Academy").change("academicSessions", "T2", title="Second term")
    bundle.change("academicSessions", "Y25", endDate="2025-06-20").change("courses", "CRS-M", title="Maths")
    bundle.change("classes", "C-H", grades="08").change("users", "ana", familyName="Silva Reis")
    bundle.change("users", "tom", username="t.reed").change("users", "rita", phone="555 99", role="guardian")
    bundle.change("enrollments", "E3", beginDate="2024-08-27").change("enrollments", "E4", endDate="2024-12-01")
    before = everything()
    report = run_import(bundle.pack(tmp_path))
    assert changed(before) == {
        label: 1
        for name in [
            "accounts.User",
            "accounts.Parent",
            "students.School",
            "students.AcademicYear",
            "students.Term",
            "students.Subject",
            "students.SchoolClass",
            "students.Enrolment",
            "students.TeachingAssignment",
            "students.Guardian",
            "students.StudentParentLink",
        ]
        for label in (name, name.replace(".", ".Historical"))
    } | {"students.Student": 2, "students.HistoricalStudent": 2}
    assert School.current().name == "Oak Academy"
    assert Term.objects.get(external_id="T2").name == "Second term"
    assert AcademicYear.objects.get().ends_on == date(2025, 6, 20)
    assert Subject.objects.get(external_id="CRS-M").name == "Maths"
    assert SchoolClass.objects.get(external_id="C-H").grade_level == "08"
    assert Student.objects.get(external_id="ana").family_name == "Silva Reis"
    assert Student.objects.get(external_id="bo").enrollment_date == date(2024, 8, 27)
    assert Teacher.objects.get(external_id="tom").user.username == "t.reed"
    assert Parent.objects.get(external_id="rita").phone == "555 99"
    contact = Guardian.objects.get(parent__external_id="rita")
    assert (contact.phone, contact.relationship) == ("555 99", "guardian")
    assert StudentParentLink.objects.get(parent__external_id="rita").relationship == "guardian"
    assert TeachingAssignment.objects.get(external_id="E4").ends_on == date(2024, 12, 1)
    latest = Student.history.filter(external_id="ana").latest()
    assert (latest.history_type, latest.family_name, latest.history_user) == ("~", "Silva Reis", None)
    assert "Students                         0         2          0" in report


def test_a_changed_row_says_when_it_changed(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    before = Student.objects.get(external_id="ana").updated_at
    run_import(oak_school().change("users", "ana", givenName="Anna").pack(tmp_path))
    assert Student.objects.get(external_id="ana").updated_at > before


def test_two_who_swap_their_usernames_and_two_courses_their_codes(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    bundle = oak_school().change("users", "tom", username="rita.silva").change("users", "rita", username="tom.reed")
    bundle.change("courses", "CRS-H", courseCode="MATH").change("courses", "CRS-M", courseCode="007")
    bundle.change("academicSessions", "T1", title="Spring").change("academicSessions", "T2", title="Autumn")
    run_import(bundle.pack(tmp_path))
    assert Teacher.objects.get(external_id="tom").user.username == "rita.silva"
    assert Parent.objects.get(external_id="rita").user.username == "tom.reed"
    assert Subject.objects.get(external_id="CRS-M").code == "007"
    assert Term.objects.get(external_id="T1").name == "Spring"


def test_a_changed_address_loses_its_verification(tmp_path: Path) -> None:
    """Else the old mailbox could still ask for a new password."""
    run_import(oak_school().pack(tmp_path))
    for username, email in (("rita.silva", "rita@home.example"), ("li.chen", "li@home.example")):
        user = User.objects.get(username=username)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    run_import(oak_school().change("users", "rita", email="rita@new.example").pack(tmp_path))
    assert User.objects.get(username="rita.silva").email == "rita@new.example"
    assert Guardian.objects.get(parent__external_id="rita").email == "rita@new.example"
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["li@home.example"]


def test_columns_that_the_bundle_does_not_have_leave_values_alone(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    bundle = oak_school().without_column("demographics", "sex").without_column("demographics", "birthDate")
    bundle.without_column("users", "email").without_column("users", "phone").without_column("users", "sms")
    bundle.without_column("classes", "grades").without_column("enrollments", "primary")
    before = everything()
    run_import(bundle.pack(tmp_path))
    assert everything() == before


def test_an_empty_cell_empties_the_value(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    bundle = (
        oak_school().change("demographics", "ana", sex="", birthDate="").change("users", "rita", email="", phone="")
    )
    run_import(bundle.pack(tmp_path))
    ana = Student.objects.get(external_id="ana")
    assert (ana.gender, ana.date_of_birth) == ("", None)
    rita = Parent.objects.get(external_id="rita")
    assert (rita.user.email, rita.phone) == ("", "")


def test_nothing_that_the_bundle_no_longer_lists_is_removed(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    bundle = oak_school().remove("enrollments", "E3").remove("demographics", "bo").remove("users", "may")
    bundle.remove("users", "li").remove("users", "bo")
    before = everything()
    run_import(bundle.pack(tmp_path))
    assert everything() == before


def test_a_bundle_of_the_next_year_does_not_move_the_day_of_joining(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    bundle = oak_school().change("enrollments", "E1", sourcedId="E1b", beginDate="2024-10-01", endDate="2024-11-01")
    bundle.change("enrollments", "E1b", classSourcedId="C-M2").remove("enrollments", "E2").remove("enrollments", "E4")
    bundle.add("classes", "C-M", sourcedId="C-M2", title="Maths, again")
    run_import(bundle.pack(tmp_path))
    assert Student.objects.get(external_id="ana").enrollment_date == date(2024, 8, 26)


def in_the_next_year(bundle: Bundle) -> Bundle:
    """The same school a year later: years, terms, classes and enrolments are new, the terms' names are not."""
    bundle.tables["academicSessions"] = table(
        "sourcedId|title|type|startDate|endDate|parentSourcedId|schoolYear",
        "Y26|2025-2026|schoolYear|2025-08-25|2026-06-13||2026",
        "T3|Autumn|term|2025-08-25|2025-12-20|Y26|2026",
    )
    for row in bundle.tables["courses"]:
        row["schoolYearSourcedId"] = "Y26"
    for row in bundle.tables["classes"]:
        row |= {"sourcedId": row["sourcedId"] + "-26", "termSourcedIds": "T3"}
    for row in bundle.tables["enrollments"]:
        row |= {"sourcedId": row["sourcedId"] + "-26", "classSourcedId": row["classSourcedId"] + "-26"}
        row |= {"beginDate": "", "endDate": ""}
    return bundle


def test_the_next_year_comes_beside_the_last(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    run_import(in_the_next_year(oak_school()).pack(tmp_path))
    terms = Term.objects.order_by("starts_on").values_list("academic_year__name", "name")
    assert list(terms) == [("2024-2025", "Autumn"), ("2024-2025", "Spring"), ("2025-2026", "Autumn")]
    assert (SchoolClass.objects.count(), Enrolment.objects.count(), Student.objects.count()) == (4, 6, 2)
    assert Enrolment.objects.filter(student__external_id="ana", is_primary=True).count() == 2


def test_the_terms_of_two_years_do_not_collide(tmp_path: Path) -> None:
    """Even where the bundle knows the last year still, but not all of its terms."""
    run_import(oak_school().pack(tmp_path))
    bundle = in_the_next_year(oak_school())
    bundle.tables["academicSessions"].append(oak_school().row("academicSessions", "Y25"))
    run_import(bundle.pack(tmp_path))
    assert Term.objects.count() == 3


def test_a_student_who_left_in_the_portal_is_still_updated(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    Student.objects.filter(external_id="bo").update(left_on=date(2024, 11, 1))
    run_import(oak_school().change("users", "bo", givenName="Bob").pack(tmp_path))
    bo = Student.objects.get(external_id="bo")
    assert (bo.given_name, bo.left_on) == ("Bob", date(2024, 11, 1))


@pytest.mark.parametrize(
    ("class_id", "starts_on", "ends_on"),
    [
        pytest.param("C-H", date(2024, 10, 1), None, id="in another class"),
        pytest.param("C-M", date(2024, 8, 26), date(2024, 9, 2), id="in the class, before"),
        pytest.param("C-M", date(2024, 12, 21), None, id="in the class, after"),
    ],
)
def test_enrolments_by_hand_that_do_not_collide(
    class_id: str, starts_on: date, ends_on: date | None, tmp_path: Path
) -> None:
    run_import(oak_school().pack(tmp_path))
    bo, group = Student.objects.get(external_id="bo"), SchoolClass.objects.get(external_id=class_id)
    Enrolment.objects.create(student=bo, school_class=group, starts_on=starts_on, ends_on=ends_on)
    before = everything()
    run_import(oak_school().pack(tmp_path))
    assert everything() == before


def test_a_parent_who_becomes_a_teacher_keeps_the_login(tmp_path: Path) -> None:
    run_import(oak_school("1.2").pack(tmp_path))
    before = User.objects.get(username="rita.silva").pk
    run_import(
        oak_school("1.2")
        .add("roles", "R-rita", sourcedId="R-rita-2", role="teacher", roleType="secondary")
        .pack(tmp_path)
    )
    rita = User.objects.get(username="rita.silva")
    assert (rita.pk, rita.role, rita.teacher.external_id, rita.parent.external_id) == (
        before,
        Role.TEACHER,
        "rita",
        "rita",
    )


def test_a_teacher_made_parent_by_hand_is_recognised_by_the_login(tmp_path: Path) -> None:
    run_import(oak_school("1.2").pack(tmp_path))
    by_hand = Parent.objects.create(user=User.objects.get(username="tom.reed"), full_name="Tom Reed")
    bundle = oak_school("1.2").add("roles", "R-tom", sourcedId="R-tom-2", role="parent", roleType="secondary")
    run_import(bundle.pack(tmp_path))
    assert Parent.objects.get(external_id="tom").pk == by_hand.pk


def test_an_admin_stays_an_admin(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    User.objects.filter(username="tom.reed").update(role=Role.ADMIN)
    run_import(oak_school().pack(tmp_path))
    assert User.objects.get(username="tom.reed").role == Role.ADMIN


def test_a_login_closed_in_the_portal_stays_closed(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    User.objects.filter(username="rita.silva").update(is_active=False)
    report = run_import(oak_school().pack(tmp_path))
    assert not User.objects.get(username="rita.silva").is_active
    assert "their login is closed in the portal and stays so: 1 (Rita Silva)" in report


def test_access_ended_in_the_portal_stays_ended(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    StudentParentLink.objects.filter(parent__external_id="rita").update(ends_on=date(2024, 10, 1))
    before = everything()
    report = run_import(oak_school().change("users", "rita", role="guardian").pack(tmp_path))
    assert changed(before) == {"students.Guardian": 1, "students.HistoricalGuardian": 1}
    assert "Access to a child that was ended in the portal and stays so: 1 (Rita Silva → Ana Silva)" in report


def test_access_opened_again_in_the_portal_stays_open(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    link = StudentParentLink.objects.get(parent__external_id="rita")
    StudentParentLink.objects.filter(pk=link.pk).update(ends_on=date(2024, 10, 1))
    StudentParentLink.objects.create(student=link.student, parent=link.parent, starts_on=date(2024, 11, 1))
    report = run_import(oak_school().pack(tmp_path))
    assert "was ended in the portal" not in report
    assert StudentParentLink.objects.filter(parent__external_id="rita").count() == 2


def test_what_the_office_set_beside_the_roster_stays(tmp_path: Path) -> None:
    """The homeroom teacher where the roster names none, what a parent may see, who is called first, weekdays."""
    run_import(oak_school().pack(tmp_path))
    SchoolClass.objects.filter(external_id="C-H").update(homeroom_teacher=Teacher.objects.get(), meets_on="135")
    StudentParentLink.objects.update(may_see_behavior=False, starts_on=date(2024, 9, 9))
    Guardian.objects.update(priority=7, address="1 Oak Lane")
    before = everything()
    run_import(oak_school().pack(tmp_path))
    assert everything() == before


def test_guardians_of_the_bundle_come_after_those_of_the_portal(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    bo = Student.objects.get(external_id="bo")
    Guardian.objects.create(student=bo, name="Granny", priority=5)
    bundle = oak_school().change("users", "rita", agentSourcedIds="bo")
    run_import(bundle.pack(tmp_path))
    names = Guardian.objects.filter(student=bo).order_by("priority").values_list("name", "priority")
    assert list(names) == [("Li Chen", 1), ("May Chen", 2), ("Granny", 5), ("Rita Silva", 6)]


def test_a_primary_class_chosen_by_hand_stays_the_only_one(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    year = AcademicYear.objects.get()
    group = SchoolClass.objects.create(name="By hand", academic_year=year)
    Enrolment.objects.filter(student__external_id="bo").delete()
    bo = Student.objects.get(external_id="bo")
    Enrolment.objects.create(student=bo, school_class=group, starts_on=date(2024, 8, 26), is_primary=True)
    run_import(oak_school().pack(tmp_path))
    assert not Enrolment.objects.get(external_id="E3").is_primary


def test_a_register_counts_those_who_are_enrolled_after_the_import(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    bo, group = Student.objects.get(external_id="bo"), SchoolClass.objects.get(external_id="C-M")
    AttendanceRecordFactory(student=bo, school_class=group, date=date(2024, 9, 3))
    register = RegisterFactory(school_class=group, date=date(2024, 9, 3), present=1)
    run_import(oak_school().pack(tmp_path))
    register.refresh_from_db()
    assert register.present == 1
    run_import(oak_school().change("enrollments", "E3", beginDate="2024-09-04").pack(tmp_path))
    register.refresh_from_db()
    assert register.present == 0
    run_import(oak_school().pack(tmp_path))
    register.refresh_from_db()
    assert register.present == 1
    bundle = oak_school().change("enrollments", "E1", endDate="2024-09-02")
    run_import(bundle.change("enrollments", "E3", userSourcedId="ana", beginDate="2024-09-04").pack(tmp_path))
    register.refresh_from_db()
    assert register.present == 0
