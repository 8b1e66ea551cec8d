"""The school office: students and the people around them."""

from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts.models import AccessLog
from accounts.roles import Role
from accounts.tests.audit_doors import forget_readings
from accounts.tests.factories import ParentFactory, UserFactory
from accounts.tests.office_sweep import (
    add_line,
    count_queries,
    errors_of,
    fill_in,
)
from students.models import (
    EmergencyContact,
    Enrolment,
    Guardian,
    Student,
    StudentParentLink,
)
from students.tests.factories import (
    EmergencyContactFactory,
    EnrolmentFactory,
    GuardianFactory,
    SchoolClassFactory,
    StudentFactory,
    StudentParentLinkFactory,
    SubjectFactory,
    TeachingAssignmentFactory,
)

FRIDAY = date(2026, 3, 6)
pytestmark = pytest.mark.django_db
on_friday = pytest.mark.usefixtures("friday")


@pytest.fixture
def admin_user():
    return UserFactory(role=Role.ADMIN, username="office")


@pytest.fixture
def clerk(client, admin_user):
    client.force_login(admin_user)
    return client


@pytest.fixture
def friday():
    with time_machine.travel(f"{FRIDAY}T10:00:00Z", tick=False):
        yield


def url(page, row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


class TestReading:
    """Who opened which child is noted, by a GET and by no POST."""

    def noted(self):
        return list(AccessLog.objects.order_by("pk").values_list("page", "student_id"))

    @pytest.mark.parametrize("page", ["change", "history", "delete"])
    def test_page_of_a_student(self, clerk, page):
        student = StudentFactory()
        clerk.get(url(page, student))
        assert self.noted() == [(f"admin:students_student_{page}", student.student_id)]

    @pytest.mark.parametrize(
        "factory", [GuardianFactory, EmergencyContactFactory, StudentParentLinkFactory, EnrolmentFactory]
    )
    def test_page_of_a_row_of_a_student(self, clerk, factory):
        row = factory()
        clerk.get(url("change", row))
        assert self.noted() == [(f"admin:students_{row._meta.model_name}_change", row.student.student_id)]

    def test_list(self, clerk):
        clerk.get("/admin/students/student/")
        assert self.noted() == [("admin:students_student_changelist", "")]

    def test_saving_is_no_reading(self, clerk):
        student = StudentFactory()
        posted = fill_in(clerk.get(url("change", student)))
        forget_readings()
        clerk.post(url("change", student), {**posted, "given_name": ""})
        clerk.post(url("change", student), posted)
        assert self.noted() == []

    def test_unknown_student_is_not_noted(self, clerk):
        clerk.get("/admin/students/student/999/change/")
        assert self.noted() == []


@on_friday
class TestStudent:
    def test_entered_with_everybody_around_them(self, clerk, admin_user):
        school_class, parent = SchoolClassFactory(), ParentFactory()
        page = clerk.get("/admin/students/student/add/")
        posted = fill_in(page, given_name="Ana", family_name="Silva")
        add_line(posted, "guardians", name="Rosa Lima", phone="1", priority=1)
        add_line(posted, "emergency_contacts", name="Rui Lima", phone="2", priority=1)
        add_line(posted, "enrolments", school_class=school_class.pk, starts_on="2026-03-02")
        add_line(posted, "parent_links", parent=parent.pk, starts_on="2026-03-02", ends_on="2026-03-06")
        assert clerk.post("/admin/students/student/add/", posted).status_code == 302
        student = Student.objects.get()
        link = student.parent_links.get()
        assert (student.full_name, student.student_id, student.enrollment_date) == ("Ana Silva", "STU00001", FRIDAY)
        assert student.enrolments.get().is_primary
        assert (link.ends_on, link.may_see_attendance) == (date(2026, 3, 7), False)
        rows = [student, student.guardians.get(), student.emergency_contacts.get(), student.enrolments.get(), link]
        assert [row.history.get().history_user for row in rows] == [admin_user] * 5

    def test_number_is_shown_and_cannot_be_typed(self, clerk):
        student = StudentFactory(external_id="SIS-1")
        page = clerk.get(url("change", student))
        assert student.student_id in page.content.decode()
        clerk.post(url("change", student), {**fill_in(page), "student_id": "STU99999", "external_id": "SIS-2"})
        changed = Student.objects.get(pk=student.pk)
        assert (changed.student_id, changed.external_id) == (student.student_id, "SIS-1")

    @pytest.mark.parametrize(
        ("typed", "error"),
        [
            ({"given_name": "A\u200bna"}, "This holds characters that cannot be printed. Type it again on one line."),
            ({"given_name": "A\x00na"}, "Null characters are not allowed."),
            ({"date_of_birth": "1899-12-31"}, "Give a date of birth between 1900 and today."),
            ({"enrollment_date": "9999-12-31"}, "Give a date between 1900 and two years from now."),
            (
                {"enrollment_date": "2026-03-02", "left_on": "2026-02-27"},
                "The last day at the school is before the first. Correct one of the two.",
            ),
            (
                {"enrollment_date": "2026-03-02", "date_of_birth": "2026-03-03"},
                "The date of birth is not before the day of joining. Correct one of the two.",
            ),
        ],
    )
    def test_refused(self, clerk, typed, error):
        student = StudentFactory()
        posted = {**fill_in(clerk.get(url("change", student))), **typed}
        assert errors_of(clerk.post(url("change", student), posted)) == [error]

    def test_last_day_is_typed_and_shown_inclusive(self, clerk):
        student = StudentFactory()
        posted = {**fill_in(clerk.get(url("change", student))), "left_on": "2026-03-06"}
        clerk.post(url("change", student), posted)
        student.refresh_from_db()
        assert student.left_on == date(2026, 3, 7)
        assert fill_in(clerk.get(url("change", student)))["left_on"] == FRIDAY
        assert "6 Mar 2026" in clerk.get("/admin/students/student/").content.decode()
        history = " ".join(clerk.get(url("history", student)).content.decode().split())
        assert "<bdi>–</bdi> → <bdi>6 Mar 2026</bdi>" in history

    @pytest.mark.parametrize(
        ("chosen", "found"),
        [
            ({}, {"Ana", "Rui", "Eva"}),
            ({"status": "attending"}, {"Ana", "Rui"}),
            ({"status": "left"}, {"Eva"}),
            ({"class": "own"}, {"Ana"}),
            ({"class": "²"}, {"Ana", "Rui", "Eva"}),
            ({"class": "9" * 30}, {"Ana", "Rui", "Eva"}),
            ({"status": "'"}, {"Ana", "Rui", "Eva"}),
        ],
    )
    def test_list_is_narrowed(self, clerk, chosen, found):
        enrolment = EnrolmentFactory(student__given_name="Ana")
        StudentFactory(given_name="Rui")
        StudentFactory(given_name="Eva", left_on=FRIDAY)
        own = {name: enrolment.school_class.pk if value == "own" else value for name, value in chosen.items()}
        rows = clerk.get("/admin/students/student/", own).context["cl"].result_list
        assert {row.given_name for row in rows} == found

    def test_list_shows_class_and_phone(self, clerk):
        enrolment = EnrolmentFactory(school_class__name="7A")
        GuardianFactory(student=enrolment.student, phone="555-2", priority=2)
        GuardianFactory(student=enrolment.student, phone="555-1", priority=1)
        page = clerk.get("/admin/students/student/").content.decode()
        assert '<td class="field-class_now">7A</td>' in page
        assert '<td class="field-guardian">555-1</td>' in page

    def test_page_costs_the_same_for_any_number_of_lines(self, clerk):
        student = StudentFactory()
        counts = []
        for number in (1, 2, 2):
            GuardianFactory.create_batch(number, student=student)
            StudentParentLinkFactory.create_batch(number, student=student)
            EnrolmentFactory.create_batch(number, student=student, is_primary=False)
            counts.append(count_queries(clerk, url("change", student)))
        assert counts[1:] == [10, 10]


@on_friday
class TestMainClass:
    def typed(self, clerk, student, **values):
        posted = fill_in(clerk.get(url("change", student)))
        add_line(posted, "enrolments", **values)
        return posted

    def test_second_class_beside_the_main_one_is_none(self, clerk):
        main = EnrolmentFactory()
        other = SchoolClassFactory()
        clerk.post(
            url("change", main.student),
            self.typed(clerk, main.student, school_class=other.pk, starts_on="2026-03-02"),
        )
        assert list(Enrolment.objects.order_by("pk").values_list("is_primary", flat=True)) == [True, False]

    @pytest.mark.parametrize("ticked", [{}, {"is_primary": "on"}], ids=["unticked", "ticked"])
    def test_class_is_changed_in_one_save(self, clerk, ticked):
        before, after = EnrolmentFactory(), SchoolClassFactory()
        student = before.student
        posted = self.typed(clerk, student, school_class=after.pk, starts_on="2026-03-09", **ticked)
        answer = clerk.post(url("change", student), {**posted, "enrolments-0-ends_on": "2026-03-06"})
        assert answer.status_code == 302
        assert list(student.enrolments.order_by("starts_on").values_list("school_class", "ends_on", "is_primary")) == [
            (before.school_class.pk, date(2026, 3, 7), True),
            (after.pk, None, True),
        ]

    def test_two_main_classes_on_a_day_are_refused(self, clerk):
        main = EnrolmentFactory()
        posted = self.typed(
            clerk, main.student, school_class=SchoolClassFactory().pk, starts_on="2026-03-02", is_primary="on"
        )
        errors = errors_of(clerk.post(url("change", main.student), posted))
        assert errors == ["Only one class can be the main class on a day. Untick one of them."]

    def test_two_new_main_classes_are_refused(self, clerk):
        student = StudentFactory()
        posted = self.typed(
            clerk, student, school_class=SchoolClassFactory().pk, starts_on="2026-03-02", is_primary="on"
        )
        add_line(posted, "enrolments", school_class=SchoolClassFactory().pk, starts_on="2026-03-03", is_primary="on")
        errors = errors_of(clerk.post(url("change", student), posted))
        assert errors == ["Only one class can be the main class on a day. Untick one of them."]

    def test_of_two_new_unticked_the_first_is_main(self, clerk):
        student = StudentFactory()
        posted = self.typed(clerk, student, school_class=SchoolClassFactory().pk, starts_on="2026-03-02")
        add_line(posted, "enrolments", school_class=SchoolClassFactory().pk, starts_on="2026-03-02")
        assert clerk.post(url("change", student), posted).status_code == 302
        assert list(student.enrolments.order_by("pk").values_list("is_primary", flat=True)) == [True, False]

    def test_same_class_twice_is_refused(self, clerk):
        student, school_class = StudentFactory(), SchoolClassFactory()
        posted = self.typed(clerk, student, school_class=school_class.pk, starts_on="2026-03-02")
        add_line(posted, "enrolments", school_class=school_class.pk, starts_on="2026-03-03")
        errors = errors_of(clerk.post(url("change", student), posted))
        assert errors == ["These days overlap with another line for the same. Change the dates."]

    def test_enrolled_on_the_page_of_enrolments(self, clerk, admin_user):
        student, school_class = StudentFactory(), SchoolClassFactory(name="7A")
        typed = {"student": student.pk, "school_class": school_class.pk, "starts_on": "2026-03-02"}
        assert clerk.post("/admin/students/enrolment/add/", typed).status_code == 302
        enrolment = Enrolment.objects.get()
        assert (enrolment.is_primary, enrolment.history.get().history_user) == (True, admin_user)
        second = {**typed, "school_class": SchoolClassFactory().pk, "is_primary": "on", "ends_on": "2026-03-31"}
        errors = errors_of(clerk.post("/admin/students/enrolment/add/", second))
        assert errors == ["7A is the student's main class on some of these days. Untick one of the two."]


@on_friday
class TestErasing:
    def family(self):
        enrolment = EnrolmentFactory(student__given_name="Secret", student__family_name="Child")
        student = enrolment.student
        for factory in (GuardianFactory, EmergencyContactFactory, StudentParentLinkFactory):
            factory(student=student)
        return student

    def left_of(self, student):
        """Rows and history rows about a student."""
        kinds = [Guardian, EmergencyContact, StudentParentLink, Enrolment]
        rows = [model.objects.filter(student_id=student.pk).count() for model in kinds]
        past = [model.history.filter(student_id=student.pk).count() for model in kinds]
        return [
            *rows,
            Student.objects.filter(pk=student.pk).count(),
            *past,
            Student.history.filter(id=student.pk).count(),
        ]

    def test_says_what_goes_and_asks(self, clerk):
        student = self.family()
        page = clerk.get(url("delete", student))
        counts = {str(name): number for name, number in page.context["model_count"]}
        assert counts == {
            "students": 1,
            "guardians": 1,
            "emergency contacts": 1,
            "access of parents": 1,
            "enrolments": 1,
        }
        assert f"Secret Child ({student.student_id})" in page.content.decode()
        assert self.left_of(student) == [1] * 10

    def test_erases_every_row_and_its_history(self, clerk, admin_user):
        student, other = self.family(), self.family()
        answer = clerk.post(url("delete", student), {"post": "yes"})
        assert answer.status_code == 302
        assert self.left_of(student) == [0] * 10
        assert self.left_of(other) == [1] * 10
        [entry] = LogEntry.objects.all()
        assert (entry.user, entry.object_repr, entry.change_message) == (admin_user, student.student_id, "")

    def test_erases_the_chosen_of_a_list(self, clerk):
        students = [self.family() for _number in range(3)]
        chosen = {"action": "delete_selected", "_selected_action": [student.pk for student in students[:2]]}
        asked = clerk.post("/admin/students/student/", chosen)
        assert asked.status_code == 200
        assert [self.left_of(student) for student in students] == [[1] * 10] * 3
        clerk.post("/admin/students/student/", {**chosen, "post": "yes"})
        assert [self.left_of(student) for student in students] == [[0] * 10, [0] * 10, [1] * 10]

    def test_leaves_no_name_in_the_log_of_the_office(self, clerk):
        student = self.family()
        clerk.post(url("change", student), fill_in(clerk.get(url("change", student)), gender="female"))
        clerk.post(url("delete", student), {"post": "yes"})
        assert list(LogEntry.objects.values_list("object_repr", flat=True)) == [student.student_id]


@on_friday
class TestPeople:
    def test_parent_gets_children_and_no_other_user(self, clerk, admin_user):
        parent, student = ParentFactory(full_name="Rosa"), StudentFactory()
        posted = fill_in(clerk.get(url("change", parent)))
        add_line(posted, "child_links", student=student.pk, starts_on="2026-03-02", may_see_behavior="on")
        answer = clerk.post(url("change", parent), {**posted, "user": UserFactory().pk})
        link = StudentParentLink.objects.get()
        assert (answer.status_code, link.student, link.may_see_behavior) == (302, student, True)
        assert link.history.get().history_user == admin_user
        before = parent.user
        parent.refresh_from_db()
        assert parent.user == before
        assert '<td class="field-children_now">1</td>' in clerk.get("/admin/accounts/parent/").content.decode()

    def test_child_twice_is_refused(self, clerk):
        parent, student = ParentFactory(), StudentFactory()
        posted = fill_in(clerk.get(url("change", parent)))
        add_line(posted, "child_links", student=student.pk, starts_on="2026-03-02")
        add_line(posted, "child_links", student=student.pk, starts_on="2026-03-06")
        errors = errors_of(clerk.post(url("change", parent), posted))
        assert errors == ["These days overlap with another line for the same. Change the dates."]

    def test_teacher_is_made_for_a_user(self, clerk):
        user = UserFactory()
        posted = fill_in(clerk.get("/admin/accounts/teacher/add/"), user=user.pk, full_name="Ana Silva")
        assert clerk.post("/admin/accounts/teacher/add/", posted).status_code == 302
        assert user.teacher.full_name == "Ana Silva"

    def test_list_counts_classes_of_today(self, clerk):
        assignment = TeachingAssignmentFactory()
        TeachingAssignmentFactory(
            teacher=assignment.teacher, school_class=assignment.school_class, subject=SubjectFactory()
        )
        over = assignment.starts_on + timedelta(days=1)
        TeachingAssignmentFactory(teacher=assignment.teacher, ends_on=over)
        page = clerk.get("/admin/accounts/teacher/").content.decode()
        assert '<td class="field-classes_now">1</td>' in page

    def test_choices_say_which_of_two_namesakes(self, clerk):
        enrolment = EnrolmentFactory(student__given_name="Ana", student__family_name="Silva")
        page = clerk.get(url("change", enrolment)).content.decode()
        assert f"Ana Silva ({enrolment.student.student_id})" in page
        school_class = enrolment.school_class
        assert f"{school_class.name} ({school_class.academic_year.name})" in page


def test_suggestions_tell_two_children_of_one_name_apart(cast, sign_in):
    namesake = StudentFactory(given_name="Amina", family_name="Diallo")
    asked = {"app_label": "students", "model_name": "enrolment", "field_name": "student", "term": "Amina"}
    suggested = sign_in(cast.office).get(reverse("admin:autocomplete"), asked).json()["results"]
    assert {choice["text"] for choice in suggested} == {
        f"Amina Diallo ({cast.amina.student_id})",
        f"Amina Diallo ({namesake.student_id})",
    }
