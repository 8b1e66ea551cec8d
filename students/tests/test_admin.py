"""The school office: students, classes and the calendar."""

from datetime import date, timedelta

import pytest
import time_machine
from django.contrib import admin
from django.urls import reverse

from accounts.roles import Role
from accounts.tests.factories import ParentFactory, TeacherFactory, UserFactory
from accounts.tests.office_sweep import (
    Office,
    add_line,
    check_all_swept,
    check_pages,
    check_queries,
    check_search,
    count_queries,
    errors_of,
    fill_in,
)
from students.models import (
    AcademicYear,
    Closure,
    School,
    SchoolClass,
    TeachingAssignment,
)
from students.tests.factories import (
    AcademicYearFactory,
    ClosureFactory,
    EmergencyContactFactory,
    EnrolmentFactory,
    GuardianFactory,
    SchoolClassFactory,
    StudentFactory,
    StudentParentLinkFactory,
    SubjectFactory,
    TeachingAssignmentFactory,
    TermFactory,
)

OFFICE = {
    "student": Office(StudentFactory, queries=8),
    "guardian": Office(GuardianFactory, queries=7),
    "emergencycontact": Office(EmergencyContactFactory, queries=7),
    "studentparentlink": Office(StudentParentLinkFactory, queries=7),
    "enrolment": Office(EnrolmentFactory, queries=10),
    "teacher": Office(TeacherFactory, queries=6),
    "parent": Office(ParentFactory, queries=6),
    "academicyear": Office(AcademicYearFactory, queries=6),
    "term": Office(TermFactory, queries=9),
    "closure": Office(ClosureFactory, queries=8),
    "subject": Office(SubjectFactory, queries=6),
    "schoolclass": Office(SchoolClassFactory, queries=8),
    "teachingassignment": Office(TeachingAssignmentFactory, queries=10),
}
FRIDAY = date(2026, 3, 6)
pytestmark = pytest.mark.django_db
on_friday = pytest.mark.usefixtures("friday")
each_model = pytest.mark.parametrize("office", OFFICE.values(), ids=OFFICE)


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


@each_model
def test_pages(office):
    check_pages(office)


@each_model
def test_queries(office):
    check_queries(office)


@each_model
def test_search(office):
    check_search(office)


def test_each_model_is_swept():
    check_all_swept(OFFICE, "students", but={"school"})


@on_friday
class TestSchoolClass:
    def typed(self, clerk, school_class, **changes):
        return fill_in(clerk.get(url("change", school_class)), **changes)

    def assignments(self):
        rows = TeachingAssignment.objects.order_by("pk")
        return list(rows.values_list("teacher__full_name", "subject", "starts_on", "ends_on"))

    def test_homeroom_teacher_gets_the_class_today(self, clerk, admin_user):
        ana, rui = TeacherFactory(full_name="Ana"), TeacherFactory(full_name="Rui")
        school_class = SchoolClassFactory(homeroom_teacher=ana)
        began = TeachingAssignmentFactory(teacher=ana, school_class=school_class).starts_on
        answer = clerk.post(
            url("change", school_class), self.typed(clerk, school_class, homeroom_teacher=rui.pk, name="7A")
        )
        school_class.refresh_from_db()
        assert (answer.status_code, school_class.homeroom_teacher, school_class.name) == (302, rui, "7A")
        assert self.assignments() == [("Ana", None, began, FRIDAY), ("Rui", None, FRIDAY, None)]
        assert school_class.history.first().history_user == admin_user

    def test_homeroom_teacher_is_taken_away(self, clerk):
        ana = TeacherFactory(full_name="Ana")
        school_class = SchoolClassFactory(homeroom_teacher=ana)
        began = TeachingAssignmentFactory(teacher=ana, school_class=school_class).starts_on
        clerk.post(url("change", school_class), self.typed(clerk, school_class, homeroom_teacher=""))
        school_class.refresh_from_db()
        assert school_class.homeroom_teacher is None
        assert self.assignments() == [("Ana", None, began, FRIDAY)]

    def test_homeroom_teacher_typed_among_the_teachers_too(self, clerk):
        ana, school_class = TeacherFactory(full_name="Ana"), SchoolClassFactory()
        posted = self.typed(clerk, school_class, homeroom_teacher=ana.pk)
        add_line(posted, "assignments", teacher=ana.pk, starts_on="2026-03-09")
        assert clerk.post(url("change", school_class), posted).status_code == 302
        assert self.assignments() == [("Ana", None, FRIDAY, None)]

    def test_new_class_of_a_year_to_come(self, clerk):
        ana = TeacherFactory(full_name="Ana")
        year = AcademicYearFactory(starts_on=date(2026, 9, 1))
        posted = fill_in(
            clerk.get("/admin/students/schoolclass/add/"),
            name="8B",
            academic_year=year.pk,
            homeroom_teacher=ana.pk,
            grade_level="08",
            meets_on=["5", "1", "3"],
        )
        assert clerk.post("/admin/students/schoolclass/add/", posted).status_code == 302
        school_class = SchoolClass.objects.get()
        assert (school_class.meets_on, school_class.grade_level, school_class.homeroom_teacher) == ("135", "08", ana)
        assert self.assignments() == [("Ana", None, date(2026, 9, 1), None)]

    def test_same_name_in_a_year_is_refused(self, clerk):
        first = SchoolClassFactory(name="7A")
        second = SchoolClassFactory(name="7B", academic_year=first.academic_year)
        errors = errors_of(clerk.post(url("change", second), self.typed(clerk, second, name="7A")))
        assert errors == ["There is a class of this name in this school year."]

    def test_weekdays_are_boxes_to_tick(self, clerk):
        school_class = SchoolClassFactory(meets_on="135")
        page = clerk.get(url("change", school_class)).content.decode()
        assert page.count('type="checkbox" name="meets_on"') == 7
        assert fill_in(clerk.get(url("change", school_class)))["meets_on"] == ["1", "3", "5"]

    def test_student_twice_on_the_roster_is_refused(self, clerk):
        student, school_class = StudentFactory(), SchoolClassFactory()
        posted = self.typed(clerk, school_class)
        add_line(posted, "enrolments", student=student.pk, starts_on="2026-03-02")
        add_line(posted, "enrolments", student=student.pk, starts_on="2026-03-03")
        errors = errors_of(clerk.post(url("change", school_class), posted))
        assert errors == ["These days overlap with another line for the same. Change the dates."]

    def test_teacher_twice_is_refused(self, clerk):
        teacher, school_class = TeacherFactory(), SchoolClassFactory()
        posted = self.typed(clerk, school_class)
        add_line(posted, "assignments", teacher=teacher.pk, starts_on="2026-03-02")
        add_line(posted, "assignments", teacher=teacher.pk, starts_on="2026-03-03")
        errors = errors_of(clerk.post(url("change", school_class), posted))
        assert errors == ["These days overlap with another line for the same. Change the dates."]

    def test_roster_costs_the_same_for_any_number_of_students(self, clerk):
        school_class = SchoolClassFactory()
        counts = []
        for number in (1, 2, 20):
            EnrolmentFactory.create_batch(number, school_class=school_class)
            TeachingAssignmentFactory.create_batch(number, school_class=school_class, subject=SubjectFactory())
            counts.append(count_queries(clerk, url("change", school_class)))
        assert counts[1:] == [7, 7]

    def test_list_counts_the_teachers_of_today_once_each(self, clerk):
        school_class = SchoolClassFactory()
        ana = TeachingAssignmentFactory(school_class=school_class)
        TeachingAssignmentFactory(school_class=school_class, teacher=ana.teacher, subject=SubjectFactory())
        TeachingAssignmentFactory(school_class=school_class)
        TeachingAssignmentFactory(school_class=school_class, ends_on=FRIDAY)
        EnrolmentFactory.create_batch(2, school_class=school_class)
        page = clerk.get("/admin/students/schoolclass/").content.decode()
        assert '<td class="field-size">2</td><td class="field-teachers_now">2</td>' in page

    def test_list_shows_size_of_today(self, clerk):
        enrolment = EnrolmentFactory()
        EnrolmentFactory(school_class=enrolment.school_class, ends_on=enrolment.starts_on + timedelta(days=1))
        page = clerk.get("/admin/students/schoolclass/").content.decode()
        assert '<td class="field-size">1</td>' in page


class TestCalendar:
    def typed(self, clerk, *terms):
        posted = fill_in(
            clerk.get("/admin/students/academicyear/add/"),
            name="2026/27",
            starts_on="2026-09-01",
            ends_on="2027-06-30",
        )
        for name, starts_on, ends_on in terms:
            add_line(posted, "terms", name=name, starts_on=starts_on, ends_on=ends_on)
        return posted

    def test_year_with_its_terms(self, clerk):
        posted = self.typed(clerk, ("Autumn", "2026-09-01", "2026-12-18"), ("Spring", "2026-12-19", "2027-06-30"))
        assert clerk.post("/admin/students/academicyear/add/", posted).status_code == 302
        year = AcademicYear.objects.get()
        assert year.ends_on == date(2027, 7, 1)
        assert list(year.terms.order_by("starts_on").values_list("starts_on", "ends_on")) == [
            (date(2026, 9, 1), date(2026, 12, 19)),
            (date(2026, 12, 19), date(2027, 7, 1)),
        ]

    @pytest.mark.parametrize(
        ("terms", "error"),
        [
            (
                [("Autumn", "2026-08-31", "2026-12-18")],
                "The term reaches outside its school year. Change its days or the year's.",
            ),
            (
                [("Autumn", "2026-09-01", "2026-12-18"), ("Spring", "2026-12-18", "2027-06-30")],
                "These days overlap with another term. Change the dates.",
            ),
            ([("Autumn", "2026-12-18", "2026-09-01")], "The last day is before the first."),
            (
                [("Autumn", "2026-09-01", "2026-12-18"), ("Autumn", "2027-01-01", "2027-06-30")],
                "Please correct the duplicate data for name.",
            ),
        ],
    )
    def test_terms_refused(self, clerk, terms, error):
        errors = errors_of(clerk.post("/admin/students/academicyear/add/", self.typed(clerk, *terms)))
        assert error in errors
        assert not AcademicYear.objects.exists()

    def test_shortened_year_must_still_hold_its_terms(self, clerk):
        term = TermFactory()
        year = term.academic_year
        posted = fill_in(clerk.get(url("change", year)), starts_on=year.starts_on + timedelta(days=1))
        errors = errors_of(clerk.post(url("change", year), posted))
        assert "The term reaches outside its school year. Change its days or the year's." in errors

    def test_closure_shows_its_last_day(self, clerk):
        page = "/admin/students/closure/"
        typed = {"name": "Carnival", "starts_on": "2026-02-16", "ends_on": "2026-02-18"}
        assert clerk.post(f"{page}add/", typed).status_code == 302
        closure = Closure.objects.get()
        assert closure.ends_on == date(2026, 2, 19)
        assert '<td class="nowrap">18 Feb 2026</td>' in clerk.get(page).content.decode().replace(
            "field-last_day_shown ", ""
        )
        assert fill_in(clerk.get(url("change", closure)))["ends_on"] == date(2026, 2, 18)


@on_friday
def test_years_and_subjects_show_how_much_hangs_on_them(clerk):
    """Two counts beside each other multiply neither."""
    year = AcademicYearFactory(starts_on=date(2025, 9, 1), ends_on=date(2026, 7, 1))
    for first, last in (((2025, 9, 1), (2026, 1, 1)), ((2026, 1, 1), (2026, 4, 1)), ((2026, 4, 1), (2026, 7, 1))):
        TermFactory(academic_year=year, starts_on=date(*first), ends_on=date(*last))
    maths = SubjectFactory()
    for name in ("7A", "7B"):
        school_class = SchoolClassFactory(name=name, academic_year=year)
        TeachingAssignmentFactory.create_batch(2, school_class=school_class, subject=maths)
    TeachingAssignmentFactory(subject=maths, ends_on=FRIDAY)
    years = clerk.get("/admin/students/academicyear/", {"q": year.name}).content.decode()
    assert '<td class="field-classes">2</td><td class="field-terms">3</td>' in years
    assert '<td class="field-classes_now">2</td>' in clerk.get("/admin/students/subject/").content.decode()


@pytest.mark.parametrize(
    ("kind", "address", "number"),
    [
        (ParentFactory, "/admin/accounts/parent/", 6),
        (TeacherFactory, "/admin/accounts/teacher/", 6),
        (SchoolClassFactory, "/admin/students/schoolclass/", 8),
        (SubjectFactory, "/admin/students/subject/", 6),
        (AcademicYearFactory, "/admin/students/academicyear/", 6),
        (StudentFactory, "/admin/students/student/", 8),
    ],
)
def test_lists_with_counts_cost_the_same_with_rows_to_count(clerk, kind, address, number):
    made, counts = [], []
    clerk.get(address)
    for _number in range(3):
        row = made.append(kind()) or made[-1]
        EnrolmentFactory.create_batch(2, **({"school_class": row} if kind is SchoolClassFactory else {}))
        for name in ("teacher", "school_class", "subject"):
            if isinstance(row, TeachingAssignment._meta.get_field(name).related_model):
                TeachingAssignmentFactory(**{"subject": SubjectFactory(), name: row})
        if kind is ParentFactory:
            StudentParentLinkFactory.create_batch(2, parent=row)
        counts.append(count_queries(clerk, address))
    assert counts == [number] * 3


class TestSchool:
    def test_list_is_its_page(self, clerk):
        answer = clerk.get("/admin/students/school/")
        assert (answer.status_code, answer.url) == (302, "/admin/students/school/1/change/")
        assert clerk.get(answer.url).status_code == 200

    def test_is_the_only_one(self, clerk):
        assert clerk.get("/admin/students/school/add/").status_code == 403
        assert clerk.get("/admin/students/school/1/delete/").status_code == 403
        assert clerk.post("/admin/students/school/1/delete/", {"post": "yes"}).status_code == 403
        assert School.objects.count() == 1

    def test_is_changed_with_history(self, clerk, admin_user):
        school = School.current()
        change = url("change", school)
        posted = fill_in(clerk.get(change), name="Oakwood", time_zone="Europe/Lisbon", weekdays=["1", "2", "7"])
        assert clerk.post(change, posted).status_code == 302
        school.refresh_from_db()
        assert (school.name, school.weekdays, school.history.first().history_user) == ("Oakwood", "127", admin_user)

    def test_unknown_time_zone_is_refused(self, clerk):
        change = url("change", School.current())
        errors = errors_of(clerk.post(change, fill_in(clerk.get(change), time_zone="Lisbon")))
        assert errors == ["“Lisbon” is no time zone. Use a name such as Europe/Lisbon."]

    @pytest.mark.parametrize("role", [Role.TEACHER, Role.PARENT])
    def test_is_the_offices_alone(self, client, role):
        client.force_login(UserFactory(role=role))
        assert client.get("/admin/students/school/").status_code == 403
        assert client.post("/admin/students/school/1/change/", {"name": "Mine"}).status_code == 403


def test_every_choice_of_a_person_or_class_is_searched():
    """A select box with every student of the school would be no choice."""
    searched = {"student", "parent", "teacher", "user", "school_class", "homeroom_teacher", "subject", "academic_year"}
    for model, model_admin in admin.site._registry.items():
        keys = {field.name for field in model._meta.fields if field.many_to_one or field.one_to_one}
        typed = keys & searched if model_admin.has_change_permission.__qualname__.split(".")[0] != "ReadOnly" else set()
        assert typed <= set(getattr(model_admin, "autocomplete_fields", ())), model


def test_the_filter_of_classes_without_a_grade_level_has_a_name(cast, sign_in):
    SchoolClassFactory(name="Choir", grade_level="", academic_year=cast.year)
    page = sign_in(cast.office).get(reverse("admin:students_schoolclass_changelist")).content.decode()
    assert '<a href="?grade_level=7">7</a>' in page
    assert '<a href="?grade_level=">–</a>' in page
