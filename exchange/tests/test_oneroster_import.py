"""What comes out of a OneRoster bundle. The cast is in bundles.py."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.contrib.auth import authenticate

from accounts.models import Parent, Teacher, User
from accounts.roles import Role
from exchange.tests.bundles import Bundle, everything, oak_school, run_import
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
both_versions = pytest.mark.parametrize("version", ["1.1", "1.2"])

YEAR = (date(2024, 8, 26), date(2025, 6, 14))
AUTUMN = (date(2024, 8, 26), date(2024, 12, 21))


def of_school() -> dict[str, list[tuple[object, ...]]]:
    """The school in words of the bundle: no keys of the database, no times of writing."""
    columns = {
        School: "name external_id",
        AcademicYear: "external_id name starts_on ends_on",
        Term: "external_id name starts_on ends_on academic_year__external_id",
        Subject: "external_id code name",
        User: "username email role is_active is_superuser",
        Teacher: "external_id full_name phone user__username",
        Parent: "external_id full_name phone user__username",
        SchoolClass: "external_id name grade_level academic_year__external_id homeroom_teacher__external_id",
        Student: "external_id student_id given_name family_name gender date_of_birth enrollment_date",
        Enrolment: "external_id student__external_id school_class__external_id starts_on ends_on is_primary",
        TeachingAssignment: "external_id teacher__external_id school_class__name subject__code starts_on ends_on",
        Guardian: "student__external_id parent__external_id name relationship phone email priority",
        StudentParentLink: "student__external_id parent__external_id relationship starts_on ends_on",
    }
    return {
        model.__name__: sorted(model._base_manager.values_list(*names.split()), key=repr)
        for model, names in columns.items()
    }


@both_versions
def test_the_whole_school(version: str, tmp_path: Path) -> None:
    run_import(oak_school(version).pack(tmp_path))
    school = of_school()
    assert school["School"] == [("Oak School", "S1")]
    assert school["AcademicYear"] == [("Y25", "2024-2025", *YEAR)]
    assert school["Term"] == [
        ("T1", "Autumn", *AUTUMN, "Y25"),
        ("T2", "Spring", date(2025, 1, 6), date(2025, 6, 14), "Y25"),
    ]
    assert school["Subject"] == [("CRS-H", "007", "Homeroom"), ("CRS-M", "MATH", "Mathematics")]
    assert school["SchoolClass"] == [("C-H", "9B", "09", "Y25", None), ("C-M", "Maths 9", "09", "Y25", "tom")]
    assert school["User"] == [
        ("li.chen", "li@home.example", "parent", True, False),
        ("may.chen", "", "parent", True, False),
        ("rita.silva", "rita@home.example", "parent", True, False),
        ("tom.reed", "tom@school.example", "teacher", True, False),
    ]
    assert school["Teacher"] == [("tom", "Tom Reed", "555 10", "tom.reed")]
    assert school["Parent"] == [
        ("li", "Li Chen", "555 31", "li.chen"),
        ("may", "May Chen", "", "may.chen"),
        ("rita", "Rita Silva", "555 20", "rita.silva"),
    ]
    assert school["Student"] == [
        ("ana", "STU00001", "Ana", "Silva", "female", date(2010, 3, 4), date(2024, 8, 26)),
        ("bo", "STU00002", "Bo", "Chen", "", date(2010, 11, 30), date(2024, 9, 2)),
    ]
    assert school["Enrolment"] == [
        ("E1", "ana", "C-M", *AUTUMN, False),
        ("E2", "ana", "C-H", *YEAR, True),
        ("E3", "bo", "C-M", date(2024, 9, 2), date(2024, 12, 21), True),
    ]
    assert school["TeachingAssignment"] == [
        ("E4", "tom", "Maths 9", "MATH", *AUTUMN),
        ("E5", "tom", "9B", None, *YEAR),
    ]
    assert school["Guardian"] == [
        ("ana", "rita", "Rita Silva", "parent", "555 20", "rita@home.example", 1),
        ("bo", "li", "Li Chen", "parent", "555 31", "li@home.example", 1),
        ("bo", "may", "May Chen", "relative", "", "", 2),
    ]
    assert school["StudentParentLink"] == [
        ("ana", "rita", "parent", date(2024, 8, 26), None),
        ("bo", "li", "parent", date(2024, 9, 2), None),
        ("bo", "may", "relative", date(2024, 9, 2), None),
    ]


def test_both_versions_of_one_school_give_the_same_school(tmp_path: Path) -> None:
    run_import(oak_school("1.1").pack(tmp_path))
    before = everything()
    report = run_import(oak_school("1.2").pack(tmp_path))
    assert everything() == before
    assert "OneRoster 1.2, Oak School" in report


@both_versions
def test_what_the_report_says(version: str, tmp_path: Path) -> None:
    bundle = oak_school(version)
    bundle.raw["resources.csv"] = bundle.raw["classResources.csv"] = b"nobody reads this"
    report = run_import(bundle.pack(tmp_path))
    counts = {line.rsplit(maxsplit=3)[0].strip(): line.split()[-3:] for line in report.splitlines() if line[:2] == "  "}
    assert counts == {
        "new": ["new", "changed", "unchanged"],
        "School": ["0", "1", "0"],
        "School years": ["1", "0", "0"],
        "Terms": ["2", "0", "0"],
        "Subjects": ["2", "0", "0"],
        "Users": ["4", "0", "0"],
        "Teachers": ["1", "0", "0"],
        "Parents": ["3", "0", "0"],
        "Classes": ["2", "0", "0"],
        "Students": ["2", "0", "0"],
        "Enrolments": ["3", "0", "0"],
        "Teaching assignments": ["2", "0", "0"],
        "Guardians": ["3", "0", "0"],
        "Access of parents": ["3", "0", "0"],
        "Assessment categories": ["0", "0", "0"],
        "Assessments": ["0", "0", "0"],
        "Scores": ["0", "0", "0"],
    }
    role = "administrator" if version == "1.1" else "principal"
    assert f"Not imported, since the portal knows no such role: {role}: 1 (Pat Head)" in report
    assert "no such role there: administrator: 1 (Pat Head)" in report
    assert "Files that are not read yet: classResources.csv, resources.csv" in report
    assert "Cannot be invited: no e-mail: 1 (May Chen)" in report


@both_versions
def test_a_dry_run_reports_the_same_and_writes_nothing(version: str, tmp_path: Path) -> None:
    path = oak_school(version).pack(tmp_path)
    before = everything()
    dry = run_import(path, "--dry-run")
    assert everything() == before
    assert dry.replace("Dry run: nothing was written.", "The import is complete.") == run_import(path)


@both_versions
def test_everything_new_has_one_row_of_history(version: str, tmp_path: Path) -> None:
    run_import(oak_school(version).pack(tmp_path))
    for model in (AcademicYear, Term, Subject, User, Teacher, Parent, SchoolClass, Student, Enrolment):
        kept = model.history.values_list("id", "history_type", "history_user", "history_change_reason")
        rows = model._base_manager.values_list("pk", flat=True)
        assert sorted(kept) == [(pk, "+", None, "OneRoster import") for pk in sorted(rows)], model
    for model in (TeachingAssignment, Guardian, StudentParentLink):
        assert model.history.filter(history_type="+").count() == model._base_manager.count() > 0
    assert list(School.history.values_list("history_type", "name")) == [("~", "Oak School")]


def test_nobody_can_sign_in_before_the_invitation(tmp_path: Path) -> None:
    run_import(oak_school().pack(tmp_path))
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert authenticate(username="rita.silva", password="") is None


def test_a_login_that_the_roster_disables_is_closed(tmp_path: Path) -> None:
    run_import(oak_school().change("users", "rita", enabledUser="false").pack(tmp_path))
    assert list(User.objects.filter(is_active=False).values_list("username", flat=True)) == ["rita.silva"]


def test_a_byte_order_mark_is_no_part_of_the_first_header(tmp_path: Path) -> None:
    bundle = oak_school()
    bundle.byte_order_mark = True
    run_import(bundle.pack(tmp_path))
    assert Student.objects.count() == 2


def test_columns_of_others_and_their_order_do_not_matter(tmp_path: Path) -> None:
    bundle = oak_school().change("users", "ana", **{"metadata.house": "blue\x00", "locker": "4"})
    bundle.tables["users"] = [dict(reversed(row.items())) for row in bundle.tables["users"]]
    run_import(bundle.pack(tmp_path))
    assert sorted(Student.objects.values_list("given_name", flat=True)) == ["Ana", "Bo"]


def test_quoted_cells_hold_commas_and_quotes(tmp_path: Path) -> None:
    run_import(oak_school().change("classes", "C-H", title='9B, "the owls"').pack(tmp_path))
    assert SchoolClass.objects.get(external_id="C-H").name == '9B, "the owls"'


def test_a_guardian_listed_on_both_sides_is_one_guardian(tmp_path: Path) -> None:
    run_import(oak_school().change("users", "rita", agentSourcedIds="ana").pack(tmp_path))
    assert Guardian.objects.filter(student__external_id="ana").count() == 1
    assert StudentParentLink.objects.filter(student__external_id="ana").count() == 1


def test_people_of_one_name_stay_apart(tmp_path: Path) -> None:
    """Names never match people: neither two of the bundle, nor one of the bundle and one of the portal."""
    Student.objects.create(given_name="Ana", family_name="Silva")
    user = User.objects.create_user("rita", role=Role.PARENT)
    Parent.objects.create(user=user, full_name="Rita Silva", phone="555 20")
    run_import(oak_school().add("users", "ana", sourcedId="ana-2", username="ana.2").pack(tmp_path))
    assert Student.objects.filter(given_name="Ana", family_name="Silva").count() == 3
    assert Parent.objects.filter(full_name="Rita Silva").count() == 2
    assert StudentParentLink.objects.filter(parent__user=user).count() == 0


def test_agents_without_a_role_of_the_family_open_nothing(tmp_path: Path) -> None:
    """Nor does a guardian who lists somebody that is no student."""
    bundle = (
        oak_school().change("users", "ana", agentSourcedIds="rita,tom").change("users", "li", agentSourcedIds="may")
    )
    report = run_import(bundle.pack(tmp_path))
    assert sorted(StudentParentLink.objects.values_list("student__external_id", "parent__external_id")) == [
        ("ana", "rita"),
        ("bo", "may"),
    ]
    assert "Listed as agent of “Ana Silva”, but without a role of the family: 1 (Tom Reed)" in report
    assert "Imported without a child in this roster: 1 (Li Chen)" in report


def test_a_teacher_who_is_also_a_parent_has_one_login_and_two_profiles(tmp_path: Path) -> None:
    bundle = oak_school("1.2").change("users", "ana", agentSourcedIds="rita,tom")
    bundle.add("roles", "R-tom", sourcedId="R-tom-2", roleType="secondary", role="guardian")
    run_import(bundle.pack(tmp_path))
    tom = User.objects.get(username="tom.reed")
    assert (tom.role, tom.teacher.external_id, tom.parent.external_id) == (Role.TEACHER, "tom", "tom")
    assert list(tom.parent.child_links.values_list("student__external_id", "relationship")) == [("ana", "guardian")]
    before = everything()
    run_import(bundle.pack(tmp_path))
    assert everything() == before


def test_a_family_role_that_has_ended_opens_nothing(tmp_path: Path) -> None:
    bundle = oak_school("1.2").change("roles", "R-rita", endDate="2024-09-01")
    report = run_import(bundle.change("roles", "R-li", endDate="2099-09-01").pack(tmp_path))
    assert sorted(Parent.objects.values_list("external_id", flat=True)) == ["li", "may"]
    assert "Family roles that have ended, so they open nothing: 1 (rita)" in report


def test_words_of_the_school_s_own_are_tolerated_in_1_2(tmp_path: Path) -> None:
    """A role is nobody's, a session no term, a sex "other", an org no school, a class as a scheduled one."""
    bundle = oak_school("1.2").change("roles", "R-pat", role="ext:nurse").change("demographics", "bo", sex="ext:x")
    bundle.change("academicSessions", "G1", type="ext:week").change("orgs", "D1", type="ext:trust")
    bundle.change("classes", "C-M", classType="ext:club").change("enrollments", "E6", role="ext:observer")
    report = run_import(bundle.pack(tmp_path))
    assert "Not imported, since the portal knows no such role: ext:nurse: 1 (Pat Head)" in report
    assert "no such role there: ext:observer: 1 (Pat Head)" in report
    assert Student.objects.get(external_id="bo").gender == "other"
    assert Term.objects.count() == 2
    assert TeachingAssignment.objects.get(external_id="E4").subject is not None


def test_a_sex_that_is_unspecified_is_not_recorded(tmp_path: Path) -> None:
    run_import(oak_school("1.2").change("demographics", "ana", sex="unspecified").pack(tmp_path))
    assert Student.objects.get(external_id="ana").gender == ""


def test_terms_win_over_the_semesters_around_them(tmp_path: Path) -> None:
    """By parentSourcedId, and by the dates where the term names the year as its parent; the portal has one level."""
    bundle = oak_school().add("academicSessions", "T1", sourcedId="A", title="First half", type="semester")
    bundle.add("academicSessions", "T2", sourcedId="B", title="Second half", type="semester", startDate="2024-12-21")
    bundle.change("academicSessions", "T2", parentSourcedId="B")
    report = run_import(bundle.pack(tmp_path))
    assert sorted(Term.objects.values_list("external_id", flat=True)) == ["T1", "T2"]
    assert "Not imported, since shorter terms lie in them: 2 (First half, Second half)" in report


@pytest.mark.parametrize("semester", ["T1", "T2"])
def test_a_semester_beside_a_term_is_a_term(semester: str, tmp_path: Path) -> None:
    run_import(oak_school().change("academicSessions", semester, type="semester").pack(tmp_path))
    assert sorted(Term.objects.values_list("external_id", flat=True)) == ["T1", "T2"]


def test_a_term_without_parent_belongs_to_the_only_year_of_its_number(tmp_path: Path) -> None:
    bundle = oak_school().change("academicSessions", "T1", parentSourcedId="")
    bundle.add("academicSessions", "Y25", sourcedId="Y26", title="2025-2026", schoolYear="2026")
    bundle.change("academicSessions", "Y26", startDate="2025-08-25", endDate="2026-06-13")
    run_import(bundle.pack(tmp_path))
    assert Term.objects.get(external_id="T1").academic_year.external_id == "Y25"


def test_a_code_shared_by_courses_is_nobody_s(tmp_path: Path) -> None:
    bundle = oak_school().add("courses", "CRS-M", sourcedId="CRS-M2", title="More mathematics")
    report = run_import(bundle.pack(tmp_path))
    assert sorted(Subject.objects.values_list("external_id", "code")) == [
        ("CRS-H", "007"),
        ("CRS-M", "CRS-M"),
        ("CRS-M2", "CRS-M2"),
    ]
    assert "since courseCode is not theirs alone: 2 (Mathematics, More mathematics)" in report


def test_a_subject_without_code_has_its_id_as_code(tmp_path: Path) -> None:
    run_import(oak_school().change("courses", "CRS-M", courseCode="").pack(tmp_path))
    assert Subject.objects.get(external_id="CRS-M").code == "CRS-M"


def test_of_several_grades_the_first_counts(tmp_path: Path) -> None:
    report = run_import(oak_school().change("classes", "C-H", grades="08,09").pack(tmp_path))
    assert SchoolClass.objects.get(external_id="C-H").grade_level == "08"
    assert "Classes of several grades, imported as grade 08: 1 (9B)" in report


def test_of_two_classes_at_once_without_homeroom_the_first_of_the_file_is_primary(tmp_path: Path) -> None:
    bundle = oak_school().change("classes", "C-H", classType="scheduled")
    run_import(bundle.change("enrollments", "E2", beginDate="2024-09-01").pack(tmp_path))
    assert list(Enrolment.objects.filter(is_primary=True).values_list("external_id", flat=True).order_by("pk")) == [
        "E1",
        "E3",
    ]


def test_enrolments_one_after_the_other_are_each_primary(tmp_path: Path) -> None:
    bundle = oak_school().change("enrollments", "E2", beginDate="2024-12-21")
    run_import(bundle.pack(tmp_path))
    assert Enrolment.objects.filter(student__external_id="ana", is_primary=True).count() == 2


def test_primary_is_a_word_about_teachers(tmp_path: Path) -> None:
    """The first primary teacher of a class is its homeroom teacher; a student's flag says nothing."""
    bundle = oak_school().change("enrollments", "E1", primary="true")
    bundle.add("users", "tom", sourcedId="una", username="una", givenName="Una")
    bundle.add("enrollments", "E4", sourcedId="E7", userSourcedId="una")
    run_import(bundle.pack(tmp_path))
    assert SchoolClass.objects.get(external_id="C-M").homeroom_teacher == Teacher.objects.get(external_id="tom")
    assert not Enrolment.objects.get(external_id="E1").is_primary


def test_staff_without_login_who_teach_are_left_out(tmp_path: Path) -> None:
    report = run_import(oak_school().change("enrollments", "E6", role="teacher").pack(tmp_path))
    assert "Teach a class, but have no role teacher, so they are not imported: 1 (Pat Head)" in report
    assert User.objects.filter(username="pat.head").count() == 0


def test_a_student_in_no_class_is_imported_and_the_link_starts_with_the_year(tmp_path: Path) -> None:
    run_import(oak_school().remove("enrollments", "E3").pack(tmp_path))
    bo = Student.objects.get(external_id="bo")
    assert (bo.enrollment_date, bo.parent_links.earliest("pk").starts_on) == (None, date(2024, 8, 26))


def test_a_bundle_without_demographics(tmp_path: Path) -> None:
    bundle: Bundle = oak_school()
    del bundle.tables["demographics"]
    bundle.modes["demographics"] = "absent"
    run_import(bundle.pack(tmp_path))
    assert list(Student.objects.values_list("date_of_birth", "gender")) == [(None, ""), (None, "")]


def test_columns_of_a_student_that_are_not_stored_may_hold_anything(tmp_path: Path) -> None:
    run_import(oak_school().change("users", "ana", email="none", phone="5" * 60, username="ana silva").pack(tmp_path))
    assert Student.objects.count() == 2
