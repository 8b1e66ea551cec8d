"""What can never be stored about students, classes and the calendar, and what a form would say about it."""

from datetime import date

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from accounts.tests.factories import ParentFactory, TeacherFactory, UserFactory
from students.fields import LastDayFormField, last_day
from students.models import Enrolment, Rollover, School, Student, Term
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
from tests.cast import NOW

pytestmark = pytest.mark.django_db
SEPTEMBER, MARCH, JULY = date(2025, 9, 1), date(2026, 3, 1), date(2026, 7, 18)
BEFORE_MARCH = date(2026, 2, 28)


# --- Constraints: what breaks each ------------------------------------------------------------------


def twice(factory, **fields):
    factory(**fields)
    factory(**fields)


def two_rooms(**second):
    """A teacher with a class, and the same again with `second`."""
    first = TeachingAssignmentFactory(starts_on=SEPTEMBER)
    TeachingAssignmentFactory(teacher=first.teacher, school_class=first.school_class, starts_on=SEPTEMBER, **second)


def two_enrolments(**second):
    first = EnrolmentFactory(starts_on=SEPTEMBER)
    EnrolmentFactory(**{"student": first.student, "starts_on": SEPTEMBER} | second)


def same_class_twice():
    first = EnrolmentFactory(starts_on=SEPTEMBER)
    EnrolmentFactory(student=first.student, school_class=first.school_class, is_primary=False)


def same_subject_twice():
    assignment = TeachingAssignmentFactory(subject=SubjectFactory())
    TeachingAssignmentFactory(
        teacher=assignment.teacher, school_class=assignment.school_class, subject=assignment.subject
    )


def same_link_twice():
    link = StudentParentLinkFactory()
    StudentParentLinkFactory(student=link.student, parent=link.parent)


def same_account_twice():
    student, parent = StudentFactory(), ParentFactory()
    twice(GuardianFactory, student=student, parent=parent)


def same_class_name_twice():
    twice(SchoolClassFactory, name="7A", academic_year=AcademicYearFactory())


def same_term_name_twice():
    twice(TermFactory, name="Autumn", academic_year=AcademicYearFactory())


def rollover(**details):
    """The start of a school year, as stored."""
    kept = {"new_name": "2026/27", "made_by": UserFactory(), "made_at": NOW}
    return Rollover.objects.create(**{**kept, "old_year": AcademicYearFactory(), **details})


def same_year_left_twice(**second):
    first = rollover(new_year=AcademicYearFactory())
    rollover(old_year=first.old_year, **{"new_year": AcademicYearFactory(), **second})


BROKEN = {
    "student_has_given_name": lambda: StudentFactory(given_name=""),
    "student_leaves_after_joining": lambda: StudentFactory(enrollment_date=MARCH, left_on=MARCH),
    "student_born_before_joining": lambda: StudentFactory(date_of_birth=MARCH, enrollment_date=MARCH),
    "student_external_id_once": lambda: twice(StudentFactory, external_id="s-1"),
    "guardian_has_name": lambda: GuardianFactory(name=""),
    "guardian_account_once_per_student": same_account_twice,
    "emergency_contact_has_name": lambda: EmergencyContactFactory(name=""),
    "parent_link_once_while_open": same_link_twice,
    "parent_link_ends_after_start": lambda: StudentParentLinkFactory(starts_on=MARCH, ends_on=BEFORE_MARCH),
    "enrolment_ends_after_start": lambda: EnrolmentFactory(starts_on=MARCH, ends_on=BEFORE_MARCH),
    "enrolment_once_while_open": same_class_twice,
    "enrolment_one_primary_while_open": two_enrolments,
    "enrolment_external_id_once": lambda: twice(EnrolmentFactory, external_id="e-1"),
    "assignment_ends_after_start": lambda: TeachingAssignmentFactory(starts_on=MARCH, ends_on=BEFORE_MARCH),
    "assignment_once_while_open": same_subject_twice,
    "homeroom_assignment_once_while_open": two_rooms,
    "assignment_external_id_once": lambda: twice(TeachingAssignmentFactory, external_id="a-1"),
    "school_only_one": lambda: School.objects.create(pk=2, time_zone="UTC"),
    "school_has_weekdays": lambda: School.objects.update(weekdays=""),
    "year_ends_after_start": lambda: AcademicYearFactory(starts_on=MARCH, ends_on=MARCH),
    "year_name_once": lambda: twice(AcademicYearFactory, name="2025/26"),
    "term_ends_after_start": lambda: TermFactory(starts_on=MARCH, ends_on=MARCH),
    "term_name_once_per_year": same_term_name_twice,
    "closure_ends_after_start": lambda: ClosureFactory(starts_on=MARCH, ends_on=MARCH),
    "subject_code_once": lambda: twice(SubjectFactory, code="MAT"),
    "class_has_name": lambda: SchoolClassFactory(name=""),
    "class_name_once_per_year": same_class_name_twice,
    "class_external_id_once": lambda: twice(SchoolClassFactory, external_id="c-1"),
    "rollover_once_per_year": same_year_left_twice,
    "rollover_undone_has_no_year": lambda: rollover(new_year=AcademicYearFactory(), undone_at=NOW),
}
# Rows that stand next to a rule without breaking it.
ALLOWED = {
    "a student may leave the day after joining": lambda: StudentFactory(enrollment_date=BEFORE_MARCH, left_on=MARCH),
    "students without a roster id are many": lambda: twice(StudentFactory, external_id=""),
    "a guardian without an account may stand twice": lambda: twice(GuardianFactory, student=StudentFactory()),
    "a span may be empty": lambda: EnrolmentFactory(starts_on=MARCH, ends_on=MARCH),
    "a second class beside the main one": lambda: two_enrolments(is_primary=False),
    "a main class after another has ended": lambda: two_enrolments(ends_on=SEPTEMBER),
    "the homeroom and a subject of one class": lambda: two_rooms(subject=SubjectFactory()),
    "a class name again in another year": lambda: twice(SchoolClassFactory, name="7A"),
    "a term name again in another year": lambda: twice(TermFactory, name="Autumn"),
    "a year left again after that was undone": lambda: same_year_left_twice(new_year=None, undone_at=NOW),
}


def names_of_constraints() -> set[str]:
    return {
        constraint.name
        for model in apps.get_app_config("students").get_models()
        for constraint in model._meta.constraints
    }


def test_each_constraint_of_students_has_a_row_that_breaks_it():
    assert set(BROKEN) == names_of_constraints()


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses_what_breaks(name):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        BROKEN[name]()
    if connection.vendor == "postgresql":  # SQLite names the columns of a unique constraint instead
        assert refused.value.__cause__.diag.constraint_name == name


@pytest.mark.parametrize("rows", ALLOWED.values(), ids=ALLOWED)
def test_the_database_takes(rows):
    rows()


# --- Rules that a form tells --------------------------------------------------------------------------


def refusal(row: models.Model) -> list[str]:
    """What full_clean says; an empty list if nothing."""
    try:
        row.full_clean()
    except ValidationError as error:
        return error.messages
    return []


@pytest.mark.parametrize(
    ("first", "last_exclusive", "said"),
    [
        (date(2025, 9, 1), date(2025, 12, 20), []),
        (date(2025, 12, 19), date(2026, 3, 1), ["These days overlap with Autumn."]),
        (date(2025, 12, 20), date(2026, 3, 1), []),
        (date(2025, 10, 1), date(2025, 10, 2), ["These days overlap with Autumn."]),
        (
            date(2025, 8, 31),
            date(2025, 9, 2),
            ["The term reaches outside its school year. Change its days or the year's."],
        ),
        (
            date(2026, 7, 1),
            date(2026, 7, 19),
            ["The term reaches outside its school year. Change its days or the year's."],
        ),
        (date(2026, 7, 1), date(2026, 7, 18), []),
        (date(2026, 3, 1), date(2026, 3, 1), ["The last day is before the first."]),
    ],
)
def test_a_term_lies_within_its_year_and_overlaps_no_other(first, last_exclusive, said):
    year = AcademicYearFactory(starts_on=SEPTEMBER, ends_on=JULY)
    autumn = TermFactory(academic_year=year, name="Autumn", starts_on=SEPTEMBER, ends_on=date(2025, 12, 20))
    term = Term(academic_year=year, name="New", starts_on=first, ends_on=last_exclusive)
    if first == SEPTEMBER:
        term.pk, term._state.adding = autumn.pk, False  # Autumn itself, saved again
    assert refusal(term) == said


def test_terms_of_two_years_may_overlap():
    term = TermFactory()
    other = AcademicYearFactory()
    assert refusal(Term(academic_year=other, name="New", starts_on=term.starts_on, ends_on=term.ends_on)) == []


IN_CLASS = ["The student is in this class already on some of these days. Change the dates."]


@pytest.mark.parametrize(
    ("first", "last_exclusive", "said"),
    [
        (date(2025, 9, 1), date(2025, 10, 1), []),
        (date(2025, 9, 1), date(2025, 10, 2), IN_CLASS),
        (date(2025, 9, 1), None, IN_CLASS),
        (date(2026, 2, 28), None, IN_CLASS),
        (date(2026, 3, 1), None, []),
    ],
)
def test_a_student_is_in_one_class_once_at_a_time(first, last_exclusive, said):
    before = EnrolmentFactory(starts_on=date(2025, 10, 1), ends_on=MARCH)
    fields = {"school_class": before.school_class, "starts_on": first, "ends_on": last_exclusive}
    assert refusal(Enrolment(student=before.student, **fields)) == said
    assert refusal(Enrolment(student=StudentFactory(), **fields)) == []


def test_an_open_enrolment_may_be_saved_again():
    assert refusal(EnrolmentFactory()) == []


@pytest.mark.parametrize(("name", "said"), [("Europe/Lisbon", 0), ("Lisbon", 1), ("../../etc/passwd", 1), ("", 1)])
def test_the_time_zone_of_the_school_is_a_known_one(name, said):
    school = School.current()
    school.time_zone = name
    assert len(refusal(school)) == said


@pytest.mark.parametrize(
    ("weekdays", "said"), [("12345", 0), ("7", 0), ("135", 0), ("21", 1), ("8", 1), ("11", 1), ("", 1)]
)
def test_the_school_days_are_numbers_in_order(weekdays, said):
    school = School.current()
    school.weekdays = weekdays
    assert len(refusal(school)) == said


# --- Names, ids and days ------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "family", "full"), [("Amina", "Diallo", "Amina Diallo"), ("Suharto", "", "Suharto")])
def test_the_full_name_follows_from_its_parts(given, family, full):
    assert str(StudentFactory(given_name=given, family_name=family)) == full


def test_new_students_are_numbered_in_a_row():
    School.objects.update(last_student_number=99998)
    assert [StudentFactory().student_id for _count in range(3)] == ["STU99999", "STU100000", "STU100001"]


def test_several_ids_are_given_out_at_once():
    School.objects.update(last_student_number=7)
    assert School.allocate_student_ids(3) == ["STU00008", "STU00009", "STU00010"]
    assert School.current().last_student_number == 10


def test_saving_a_student_again_keeps_the_id():
    student = StudentFactory()
    before = student.student_id
    student.save()
    assert Student.objects.get(pk=student.pk).student_id == before


def test_a_teacher_with_classes_cannot_be_deleted():
    teacher = TeacherFactory()
    TeachingAssignmentFactory(teacher=teacher)
    with pytest.raises(models.ProtectedError):
        teacher.delete()


# --- Last days ----------------------------------------------------------------------------------------


class LeavingForm(forms.ModelForm):
    class Meta:
        model = Student
        fields = ("left_on",)


def test_the_last_day_is_shown_inclusive_and_stored_exclusive():
    student = StudentFactory(left_on=JULY)
    assert LeavingForm(instance=student)["left_on"].value() == date(2026, 7, 17)
    form = LeavingForm({"left_on": "2026-02-28"}, instance=student)
    assert form.is_valid()
    assert form.save().left_on == MARCH
    assert student.last_day == date(2026, 2, 28)


def test_what_was_typed_is_shown_again_as_typed():
    assert LeavingForm({"left_on": "2026-02-30"})["left_on"].value() == "2026-02-30"


@pytest.mark.parametrize(
    ("typed", "changed"), [("2026-07-17", False), ("2026-07-18", True), ("", True), ("soon", True)]
)
def test_the_last_day_has_changed_only_where_another_is_typed(typed, changed):
    assert LeavingForm({"left_on": typed}, instance=StudentFactory(left_on=JULY)).has_changed() is changed


def test_an_empty_last_day_is_open():
    form = LeavingForm({"left_on": ""}, instance=StudentFactory(left_on=JULY))
    assert form.is_valid()
    assert form.cleaned_data == {"left_on": None}
    assert last_day(None) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("9999-12-31", "Give a date before the year 9999."),
        ("18/07/2026", "Give the day as year-month-day, such as 2026-09-14."),
        ("２０２６-07-18", "Give the day as year-month-day, such as 2026-09-14."),
    ],
)
def test_a_last_day_that_cannot_be_read_is_refused(typed, said):
    with pytest.raises(ValidationError) as refused:
        LastDayFormField().clean(typed)
    assert refused.value.messages == [said]
