"""/students/new/ and /students/<student_id>/edit/: a student with the people to call, on one page."""

from datetime import date, timedelta

import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import AccessLog
from students.models import EmergencyContact, Enrolment, Guardian, School, Student
from students.services import delete_student
from students.tests.factories import (
    AcademicYearFactory,
    EmergencyContactFactory,
    GuardianFactory,
    SchoolClassFactory,
    TeachingAssignmentFactory,
)
from students.tests.posted import everything_stored, people, student_form
from tests.cast import MONDAY, YEAR_END

NEW = "/students/new/"
QUERIES_NEW = 3  # who you are, the school, the classes for the drop-down
QUERIES_EDIT = 6


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


def edit_address(student: Student) -> str:
    return f"/students/{student.student_id}/edit/"


def classes_offered(response) -> list[str]:
    return [label for _value, label in response.context["form_page"].details.fields["school_class"].choices]


def authors(model) -> list[tuple[str, str]]:
    """Who did what to the rows of a model, the latest first."""
    return list(model.history.values_list("history_type", "history_user__username"))


# --- Adding -----------------------------------------------------------------------------------------


def test_the_office_adds_a_student_with_everybody_to_call(cast, office):
    response = office.post(
        NEW,
        student_form(
            given_name="Dara",
            family_name="Quist",
            gender="other",
            date_of_birth="2013-04-05",
            enrollment_date="2026-03-02",
            school_class=cast.class_7a.pk,
            **people(
                "guardians",
                {"name": "Mia Quist", "relationship": "mother", "phone": "1", "email": "mia@home.example"},
                {"name": "Per Quist", "relationship": "father", "phone": "2", "address": "Long Lane 1\nHilltop"},
            ),
            **people("emergency", {"name": "Gran", "relationship": "grandmother", "phone": "3"}),
        ),
    )
    student = Student.objects.get(given_name="Dara")
    assertRedirects(response, f"/students/{student.student_id}/", fetch_redirect_response=False)
    assert (student.full_name, student.gender, student.date_of_birth, student.enrollment_date, student.left_on) == (
        "Dara Quist",
        "other",
        date(2013, 4, 5),
        date(2026, 3, 2),
        None,
    )
    assert list(student.guardians.values_list("priority", "name", "relationship", "phone", "email", "address")) == [
        (1, "Mia Quist", "mother", "1", "mia@home.example", ""),
        (2, "Per Quist", "father", "2", "", "Long Lane 1\nHilltop"),
    ]
    assert list(student.emergency_contacts.values_list("priority", "name", "relationship", "phone")) == [
        (1, "Gran", "grandmother", "3")
    ]
    assert list(student.enrolments.values_list("school_class", "starts_on", "ends_on", "is_primary")) == [
        (cast.class_7a.pk, date(2026, 3, 2), None, True)
    ]
    assertContains(office.get(response.url), f"Dara Quist is added as {student.student_id}.")


def test_the_history_of_a_new_student_says_who_added_them(cast, ana):
    contacts = people("guardians", {"name": "Mia"}) | people("emergency", {"name": "Gran"})
    ana.post(NEW, student_form(school_class=cast.class_7a.pk, **contacts))
    student = Student.objects.get(given_name="Dara")
    for rows in (student.history, student.enrolments.get().history, student.guardians.get().history):
        assert list(rows.values_list("history_type", "history_user__username")) == [("+", "ana")]
    assert authors(EmergencyContact) == [("+", "ana")]


def test_a_student_joins_today_where_no_day_is_given(cast, office):
    office.post(NEW, student_form(school_class=cast.class_7a.pk))
    student = Student.objects.get(given_name="Dara")
    assert (student.enrollment_date, student.enrolments.get().starts_on) == (MONDAY, MONDAY)


def test_the_office_may_add_a_student_before_a_class_is_known(office):
    office.post(NEW, student_form())
    assert list(Student.objects.get(given_name="Dara").enrolments.all()) == []


def test_a_teacher_adds_a_student_to_their_own_class(cast, ana):
    response = ana.post(NEW, student_form(school_class=cast.class_7a.pk))
    student = Student.objects.get(given_name="Dara")
    assertRedirects(response, f"/students/{student.student_id}/")
    assert [enrolment.school_class for enrolment in student.enrolments.all()] == [cast.class_7a]


def test_a_teacher_must_choose_a_class(cast, ana):
    before = everything_stored()
    response = ana.post(NEW, student_form())
    assertContains(response, "This field is required.", status_code=422)
    assert list(response.context["form_page"].details.errors) == ["school_class"]
    assert everything_stored() == before


def test_a_teacher_chooses_among_their_own_classes_only(cast, ana, office):
    assert classes_offered(office.get(NEW)) == ["No class yet", "7A", "7B"]
    assert classes_offered(ana.get(NEW)) == ["Choose a class", "7A"]


def test_a_class_of_a_year_that_is_over_is_not_offered(cast, office):
    last_year = AcademicYearFactory(starts_on=date(2024, 9, 1), ends_on=MONDAY)
    SchoolClassFactory(name="6A", academic_year=last_year)
    assert classes_offered(office.get(NEW)) == ["No class yet", "7A", "7B"]
    last_year.ends_on = MONDAY + timedelta(days=1)
    last_year.save()
    assert classes_offered(office.get(NEW)) == ["No class yet", "6A", "7A", "7B"]


def test_a_posted_class_outside_ones_own_is_a_form_error_and_creates_nothing(cast, ana, office):
    before = everything_stored()
    response = ana.post(NEW, student_form(school_class=cast.class_7b.pk))
    assertContains(response, "Select a valid choice. That choice is not one of the available choices.", status_code=422)
    assertContains(response, 'value="Dara"', status_code=422)
    assert everything_stored() == before
    assert office.post(NEW, student_form(school_class=cast.class_7b.pk)).status_code == 302


def test_a_teacher_whose_new_student_joins_later_is_led_to_the_list_and_told_when(cast, ana):
    response = ana.post(NEW, student_form(school_class=cast.class_7a.pk, enrollment_date="2026-03-23"))
    assertRedirects(response, "/students/", fetch_redirect_response=False)
    page = ana.get("/students/")
    student = Student.objects.get(given_name="Dara")
    assertContains(page, f"Dara is added as {student.student_id}.")
    assertContains(page, "You will see Dara from the day of joining, Mon 23 Mar 2026.")


def test_a_parent_may_neither_open_nor_send_the_form(cast, sign_in):
    mariam = sign_in(cast.mariam.user)
    before = everything_stored()
    assert mariam.get(NEW).status_code == 403
    assert mariam.post(NEW, student_form()).status_code == 403
    assert everything_stored() == before


def test_a_name_in_any_script_is_kept_as_typed(cast, office):
    for given, family in (("Zoë", "O’Neil-Østby"), ("علی", "می‌رزایی"), ("太郎", "山田"), ("Ana Maria", "de Sá")):
        office.post(NEW, student_form(given_name=f"  {given} ", family_name=family))
        assert Student.objects.latest("pk").full_name == f"{given} {family}"


# --- Student ids ------------------------------------------------------------------------------------


def test_student_ids_are_numbered_on_from_the_last_one_given_out(cast, office):
    School.objects.update(last_student_number=150)
    office.post(NEW, student_form(given_name="First"))
    office.post(NEW, student_form(given_name="Second"))
    assert list(Student.objects.order_by("-pk").values_list("student_id", flat=True)[:2]) == ["STU00152", "STU00151"]


def test_the_id_of_a_deleted_student_is_never_given_out_again(cast, office):
    School.objects.update(last_student_number=150)
    office.post(NEW, student_form(given_name="Newest"))
    newest = Student.objects.get(given_name="Newest")
    assert newest.student_id == "STU00151"
    delete_student(by=cast.office, student=newest)
    office.post(NEW, student_form(given_name="Next"))
    assert Student.objects.get(given_name="Next").student_id == "STU00152"


def test_a_posted_student_id_is_not_taken(cast, office):
    School.objects.update(last_student_number=150)
    office.post(NEW, student_form(student_id="STU99999", uuid="x", external_id="x"))
    student = Student.objects.get(given_name="Dara")
    assert (student.student_id, student.external_id) == ("STU00151", "")


# --- Another block ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("button", "prefix"), [("add-guardian", "guardians"), ("add-contact", "emergency")], ids=["guardian", "contact"]
)
def test_another_block_posts_the_page_back_one_block_longer_and_saves_nothing(cast, office, button, prefix):
    typed = student_form(family_name="Quist", **people(prefix, {"name": "Mia"}), **{button: "1"})
    before = everything_stored()
    response = office.post(NEW, typed)
    assert everything_stored() == before
    assertContains(response, 'value="Quist"')
    assertContains(response, f'name="{prefix}-0-name" value="Mia"')
    assertContains(response, f'name="{prefix}-1-name"')
    assertNotContains(response, f'name="{prefix}-2-name"')
    assertContains(response, f'name="{prefix}-TOTAL_FORMS" value="2"')


def test_asking_for_another_block_judges_nothing_yet(office):
    typed = student_form(given_name="", date_of_birth="soon", **{"add-guardian": "1"})
    response = office.post(NEW, typed)
    assertNotContains(response, "This field is required.")
    assertNotContains(response, "Not saved.")
    assertContains(response, 'value="soon"')
    del typed["add-guardian"]
    assertContains(office.post(NEW, typed), "This field is required.", status_code=422)


def test_there_is_no_thirteenth_block(office):
    twelve = people("guardians", *[{"name": f"Aunt {number}"} for number in range(12)])
    response = office.post(NEW, student_form(**twelve, **{"add-guardian": "1"}))
    assertContains(response, 'name="guardians-TOTAL_FORMS" value="12"')
    assertNotContains(response, 'name="guardians-12-name"')


def test_twelve_guardians_are_saved(office):
    twelve = people("guardians", *[{"name": f"Aunt {number}"} for number in range(12)])
    assert office.post(NEW, student_form(**twelve)).status_code == 302
    assert Guardian.objects.filter(student__given_name="Dara").count() == 12


def test_an_empty_block_is_nobody(office):
    blocks = people("guardians", {"name": ""}, {"name": "Mia"}, {"name": " "})
    assert office.post(NEW, student_form(**blocks)).status_code == 302
    assert list(Guardian.objects.values_list("priority", "name")) == [(1, "Mia")]


# --- Changing ---------------------------------------------------------------------------------------


@pytest.fixture
def mia(cast):
    return GuardianFactory(student=cast.amina, name="Mia", relationship="mother", phone="1", priority=1)


@pytest.fixture
def per(cast):
    return GuardianFactory(student=cast.amina, name="Per", relationship="father", phone="2", priority=2)


def amina_form(**typed):
    return student_form(
        **{"given_name": "Amina", "family_name": "Diallo", "enrollment_date": "2025-09-01", "school_class": None}
        | {"left_on": ""}
        | typed
    )


def block(guardian: Guardian, **typed):
    return {
        "id": guardian.pk,
        "name": guardian.name,
        "relationship": guardian.relationship,
        "phone": guardian.phone,
    } | (typed)


def test_the_form_shows_what_is_stored(cast, ana, mia):
    Student.objects.filter(pk=cast.amina.pk).update(date_of_birth=date(2013, 5, 6), left_on=YEAR_END)
    response = ana.get(edit_address(cast.amina))
    assertContains(response, "<h1>Change Amina Diallo</h1>", html=True)
    for value in ("Amina", "Diallo", "2013-05-06", "2025-09-01", "2026-07-17", "Mia"):
        assertContains(response, f'value="{value}"')


def test_a_teacher_changes_a_student_of_their_own_class(cast, ana, mia):
    response = ana.post(
        edit_address(cast.amina),
        amina_form(
            given_name="Aminata",
            gender="female",
            left_on="2026-07-17",
            **people("guardians", block(mia, phone="9")),
        ),
    )
    assertRedirects(response, f"/students/{cast.amina.student_id}/", fetch_redirect_response=False)
    cast.amina.refresh_from_db()
    mia.refresh_from_db()
    assert (cast.amina.full_name, cast.amina.gender, cast.amina.left_on, mia.phone) == (
        "Aminata Diallo",
        "female",
        YEAR_END,
        "9",
    )
    assert cast.amina.last_day == date(2026, 7, 17)
    assertContains(ana.get(response.url), "The changes to Aminata Diallo are saved.")


def test_the_history_says_who_changed_what(cast, ana, mia):
    cast.amina.save()  # the cast begins without history
    ana.post(edit_address(cast.amina), amina_form(given_name="Aminata", **people("guardians", block(mia, phone="9"))))
    newest, oldest = cast.amina.history.all()
    assert (newest.history_type, newest.history_user, newest.given_name, oldest.given_name) == (
        "~",
        cast.ana.user,
        "Aminata",
        "Amina",
    )
    assert list(mia.history.values_list("history_type", "history_user__username", "phone")) == [
        ("~", "ana", "9"),
        ("+", None, "1"),
    ]


def test_people_who_stay_as_they_are_get_no_history(cast, ana, mia, per):
    ana.post(edit_address(cast.amina), amina_form(**people("guardians", block(mia), block(per, phone="9"))))
    assert [mia.history.count(), per.history.count()] == [1, 2]


def test_a_guardian_marked_for_removal_goes_and_the_next_is_called_first(cast, ana, mia, per):
    ana.post(edit_address(cast.amina), amina_form(**people("guardians", block(mia, DELETE="on"), block(per))))
    assert list(cast.amina.guardians.values_list("priority", "name")) == [(1, "Per")]
    assert mia.history.first().history_type == "-"
    assert mia.history.first().history_user == cast.ana.user


def test_removing_a_block_that_was_never_saved_is_no_error(cast, ana):
    blocks = people("guardians", {"name": "Mia", "DELETE": "on"})
    assert ana.post(edit_address(cast.amina), amina_form(**blocks)).status_code == 302
    assert list(cast.amina.guardians.all()) == []


def test_an_emergency_contact_is_removed_in_the_same_way(cast, ana):
    gran = EmergencyContactFactory(student=cast.amina, name="Gran")
    block_of_gran = {"id": gran.pk, "name": "Gran", "DELETE": "on"}
    ana.post(edit_address(cast.amina), amina_form(**people("emergency", block_of_gran)))
    assert list(cast.amina.emergency_contacts.all()) == []


def test_people_are_called_in_the_order_of_the_page(cast, ana, mia, per):
    ana.post(edit_address(cast.amina), amina_form(**people("guardians", block(per), block(mia), {"name": "Aunt Zoe"})))
    assert list(cast.amina.guardians.values_list("priority", "name")) == [(1, "Per"), (2, "Mia"), (3, "Aunt Zoe")]


def test_a_changed_student_keeps_their_id_and_classes(cast, office):
    before = cast.amina.student_id
    office.post(edit_address(cast.amina), amina_form(student_id="STU99999", school_class=cast.class_7b.pk))
    cast.amina.refresh_from_db()
    assert cast.amina.student_id == before
    assert [enrolment.school_class for enrolment in Enrolment.objects.filter(student=cast.amina)] == [cast.class_7a]


def test_another_guardian_of_a_stored_student_keeps_the_first(cast, ana, mia):
    typed = amina_form(**people("guardians", block(mia, phone="9")), **{"add-guardian": "1"})
    before = everything_stored()
    response = ana.post(edit_address(cast.amina), typed)
    assert everything_stored() == before
    assertContains(response, 'name="guardians-0-phone" value="9"')
    assertContains(response, 'name="guardians-1-name"')


def test_the_heading_keeps_the_stored_name_while_another_is_typed(cast, ana):
    response = ana.post(edit_address(cast.amina), amina_form(given_name="", family_name="Typed"))
    assertContains(response, "<h1>Change Amina Diallo</h1>", status_code=422, html=True)
    assertContains(response, "<title>Amina Diallo · SPTrack</title>", status_code=422, html=True)


def test_a_student_of_another_teacher_is_not_there(cast, ana, office):
    before = everything_stored()
    assert ana.get(edit_address(cast.cleo)).status_code == 404
    assert ana.post(edit_address(cast.cleo), amina_form(given_name="Taken")).status_code == 404
    assert everything_stored() == before
    assert office.post(edit_address(cast.cleo), amina_form(given_name="Taken")).status_code == 302


def test_a_parent_may_not_change_even_their_own_child(cast, sign_in):
    mariam = sign_in(cast.mariam.user)
    before = everything_stored()
    assert mariam.get(edit_address(cast.amina)).status_code == 403
    assert mariam.post(edit_address(cast.amina), amina_form(given_name="Taken")).status_code == 403
    assert everything_stored() == before


def test_a_teacher_may_change_a_student_only_while_they_have_the_class(cast, ana):
    assert ana.get(edit_address(cast.amina)).status_code == 200
    cast.ana.assignments.update(ends_on=MONDAY)
    assert ana.get(edit_address(cast.amina)).status_code == 404


def test_opening_the_form_of_a_student_is_noted_and_sending_it_is_not(cast, ana):
    ana.get(edit_address(cast.amina))
    ana.post(edit_address(cast.amina), amina_form(given_name=""))
    assert list(AccessLog.objects.values_list("reader__username", "page", "student_id")) == [
        ("ana", "students:edit", cast.amina.student_id)
    ]


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_an_empty_form_costs_the_same_for_any_number_of_classes(cast, ana, count_queries, rows):
    for number in range(rows - 1):
        SchoolClassFactory(name=f"Class {number}", academic_year=cast.year)
        TeachingAssignmentFactory(
            teacher=cast.ana, school_class=SchoolClassFactory(name=f"Mine {number}", academic_year=cast.year)
        )
    assert count_queries(lambda: ana.get(NEW)) == QUERIES_NEW


@pytest.mark.parametrize("rows", [1, 3, 12])
def test_the_form_costs_the_same_for_any_number_of_guardians(cast, ana, count_queries, rows):
    GuardianFactory.create_batch(rows, student=cast.amina)
    EmergencyContactFactory.create_batch(rows, student=cast.amina)
    assert count_queries(lambda: ana.get(edit_address(cast.amina))) == QUERIES_EDIT
