"""Moving students to another class, ending enrolments, and cover: all of it or nothing."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from students.models import Enrolment, SchoolClass, Student, TeachingAssignment
from students.moves import end_classes_of, end_enrolments, move_students
from students.services import give_cover
from students.tests.factories import (
    AcademicYearFactory,
    EnrolmentFactory,
    SchoolClassFactory,
    SubjectFactory,
    TeachingAssignmentFactory,
)
from tests.cast import MONDAY, YEAR_END, YEAR_START, pupil

TUESDAY = MONDAY + timedelta(days=1)


def classes_of(student):
    """Class, first day, exclusive end, main or not: oldest first."""
    rows = student.enrolments.order_by("starts_on", "pk")
    return [(row.school_class.name, row.starts_on, row.ends_on, row.is_primary) for row in rows]


class TestMove:
    def test_the_main_class_ends_the_day_before_and_the_new_one_begins(self, cast):
        move_students(by=cast.office, students=[cast.amina, cast.bo], school_class=cast.class_7b, starts_on=TUESDAY)
        for student in (cast.amina, cast.bo):
            assert classes_of(student) == [("7A", YEAR_START, TUESDAY, True), ("7B", TUESDAY, None, True)]
            assert [row.history.first().history_user for row in student.enrolments.all()] == [cast.office] * 2

    def test_on_the_day_itself_each_register_lists_the_student_once(self, cast):
        move_students(by=cast.office, students=[cast.amina], school_class=cast.class_7b, starts_on=TUESDAY)
        lists = [
            cast.amina in Student.objects.enrolled_on(school_class, day)
            for day in (MONDAY, TUESDAY)
            for school_class in (cast.class_7a, cast.class_7b)
        ]
        assert lists == [True, False, False, True]

    def test_other_classes_stay_and_a_student_without_a_class_gets_one(self, cast):
        choir = SchoolClassFactory(name="Choir", academic_year=cast.year)
        EnrolmentFactory(student=cast.amina, school_class=choir, starts_on=YEAR_START, is_primary=False)
        cast.bo.enrolments.all().delete()
        move_students(by=cast.office, students=[cast.amina, cast.bo], school_class=cast.class_7b, starts_on=TUESDAY)
        assert ("Choir", YEAR_START, None, False) in classes_of(cast.amina)
        assert classes_of(cast.bo) == [("7B", TUESDAY, None, True)]

    def test_a_student_who_leaves_later_leaves_the_new_class_too(self, cast):
        Student.objects.filter(pk=cast.bo.pk).update(left_on=date(2026, 4, 1))
        cast.bo.refresh_from_db()
        move_students(by=cast.office, students=[cast.bo], school_class=cast.class_7b, starts_on=TUESDAY)
        assert classes_of(cast.bo)[-1] == ("7B", TUESDAY, date(2026, 4, 1), True)

    @pytest.mark.parametrize(
        ("details", "enrolled", "refusal"),
        [
            ({"left_on": TUESDAY}, None, "leaves the school with Mon 16 Mar 2026."),
            ({"enrollment_date": TUESDAY + timedelta(days=1)}, None, "joins the school on Wed 18 Mar 2026."),
            ({}, ("7B", MONDAY, None), "is in 7B on or after Tue 17 Mar 2026 already."),
            ({}, ("7B", date(2026, 5, 1), date(2026, 6, 1)), "is in 7B on or after Tue 17 Mar 2026 already."),
            ({}, ("8A", date(2026, 5, 1), None), "begins in 8A on Fri 1 May 2026. End that enrolment first."),
        ],
        ids=["left", "not there yet", "in it", "in it later", "in another later"],
    )
    def test_who_cannot_be_moved_is_named_and_nobody_is(self, cast, details, enrolled, refusal):
        other = pupil("Eva", "Costa", SchoolClassFactory(name="7C", academic_year=cast.year), starts_on=YEAR_START)
        Student.objects.filter(pk=other.pk).update(**details)
        other.refresh_from_db()
        SchoolClassFactory(name="8A", academic_year=cast.year)
        if enrolled:
            name, starts_on, ends_on = enrolled
            other.enrolments.update(ends_on=starts_on)
            new = SchoolClass.objects.get(name=name)
            EnrolmentFactory(
                student=other, school_class=new, starts_on=starts_on, ends_on=ends_on, is_primary=name == "8A"
            )
        before = classes_of(cast.amina), classes_of(other)
        with pytest.raises(ValidationError) as refused:
            move_students(by=cast.office, students=[cast.amina, other], school_class=cast.class_7b, starts_on=TUESDAY)
        assert refused.value.messages == [f"Eva Costa ({other.student_id}) {refusal}"]
        assert (classes_of(cast.amina), classes_of(other)) == before

    @pytest.mark.parametrize("day", [YEAR_START - timedelta(days=1), YEAR_END, date.min, date.max])
    def test_a_day_outside_the_school_year_is_refused(self, cast, day):
        with pytest.raises(ValidationError, match="is outside the school year 2025/26 of 7B"):
            move_students(by=cast.office, students=[cast.amina], school_class=cast.class_7b, starts_on=day)
        assert classes_of(cast.amina) == [("7A", YEAR_START, None, True)]


class TestEnd:
    def test_enrolments_end_with_the_last_day(self, cast):
        rows = list(Enrolment.objects.filter(student__in=[cast.amina, cast.bo]))
        end_enrolments(by=cast.office, enrolments=rows, ends_on=TUESDAY)
        assert classes_of(cast.amina) == classes_of(cast.bo) == [("7A", YEAR_START, TUESDAY, True)]
        assert rows[0].history.first().history_user == cast.office

    @pytest.mark.parametrize(
        ("spans", "refusal"),
        [
            ((TUESDAY, None), "begins in 7A on Tue 17 Mar 2026. Choose a later last day."),
            ((YEAR_START, MONDAY), "is in 7A only until Sun 15 Mar 2026 already."),
            ((YEAR_START, TUESDAY), "is in 7A only until Mon 16 Mar 2026 already."),
        ],
    )
    def test_one_that_begins_later_or_has_ended_refuses_all(self, cast, spans, refusal):
        cast.bo.enrolments.update(starts_on=spans[0], ends_on=spans[1])
        rows = list(Enrolment.objects.filter(student__in=[cast.amina, cast.bo]))
        with pytest.raises(ValidationError) as refused:
            end_enrolments(by=cast.office, enrolments=rows, ends_on=TUESDAY)
        assert refused.value.messages == [f"Bo Lind ({cast.bo.student_id}) {refusal}"]
        assert classes_of(cast.amina) == [("7A", YEAR_START, None, True)]

    def test_all_classes_of_a_student_end_but_not_those_to_come(self, cast):
        choir, camp = (SchoolClassFactory(name=name, academic_year=cast.year) for name in ("Choir", "Camp"))
        EnrolmentFactory(student=cast.amina, school_class=choir, starts_on=YEAR_START, is_primary=False)
        EnrolmentFactory(student=cast.amina, school_class=camp, starts_on=date(2026, 6, 1), is_primary=False)
        ended = end_classes_of(by=cast.office, students=[cast.amina], ends_on=TUESDAY)
        assert sorted(row.school_class.name for row in ended) == ["7A", "Choir"]
        assert [(row[0], row[2]) for row in classes_of(cast.amina)] == [
            ("7A", TUESDAY),
            ("Choir", TUESDAY),
            ("Camp", None),
        ]

    def test_a_student_in_no_class_refuses_all(self, cast):
        cast.bo.enrolments.update(ends_on=MONDAY)
        with pytest.raises(ValidationError) as refused:
            end_classes_of(by=cast.office, students=[cast.amina, cast.bo], ends_on=TUESDAY)
        sentence = f"Bo Lind ({cast.bo.student_id}) is in no class on Mon 16 Mar 2026 that lasts longer."
        assert refused.value.messages == [sentence]
        assert classes_of(cast.amina) == [("7A", YEAR_START, None, True)]


class TestCover:
    def test_the_teacher_has_the_class_on_that_day_and_on_no_other(self, cast, frozen):
        cover = give_cover(by=cast.office, school_class=cast.class_7a, teacher=cast.ben, day=TUESDAY)
        assert (cover.subject, cover.starts_on, cover.ends_on) == (None, TUESDAY, TUESDAY + timedelta(days=1))
        assert cover.history.get().history_user == cast.office
        seen = []
        for _day in range(3):
            seen.append(cast.class_7a in SchoolClass.objects.visible_to(cast.ben.user))
            frozen.shift(timedelta(days=1))
        assert seen == [False, True, False]

    def test_on_two_days_and_in_two_classes_and_by_two_teachers(self, cast):
        other = TeachingAssignmentFactory(starts_on=YEAR_START).teacher
        give_cover(by=cast.office, school_class=cast.class_7a, teacher=cast.ben, day=MONDAY)
        give_cover(by=cast.office, school_class=cast.class_7a, teacher=cast.ben, day=TUESDAY)
        give_cover(by=cast.office, school_class=cast.class_7a, teacher=other, day=MONDAY)
        give_cover(by=cast.office, school_class=cast.class_7b, teacher=other, day=MONDAY)
        assert TeachingAssignment.objects.filter(ends_on__isnull=False).count() == 4

    @pytest.mark.parametrize("subject", [False, True], ids=["homeroom", "subject"])
    def test_a_teacher_who_has_the_class_already_is_refused(self, cast, subject):
        cast.ana.assignments.update(subject=SubjectFactory() if subject else None)
        with pytest.raises(ValidationError, match="Ana Silva has 7A on Tue 17 Mar 2026 already") as refused:
            give_cover(by=cast.office, school_class=cast.class_7a, teacher=cast.ana, day=TUESDAY)
        assert refused.value.code == "has_class"

    def test_cover_given_twice_is_refused(self, cast):
        give_cover(by=cast.office, school_class=cast.class_7a, teacher=cast.ben, day=MONDAY)
        with pytest.raises(ValidationError, match="Ben Okafor has 7A on Mon 16 Mar 2026 already"):
            give_cover(by=cast.office, school_class=cast.class_7a, teacher=cast.ben, day=MONDAY)

    def test_a_deactivated_teacher_is_refused(self, cast):
        User.objects.filter(pk=cast.ben.user.pk).update(is_active=False)
        cast.ben.refresh_from_db()
        with pytest.raises(ValidationError, match="The account of Ben Okafor is deactivated"):
            give_cover(by=cast.office, school_class=cast.class_7a, teacher=cast.ben, day=TUESDAY)

    @pytest.mark.parametrize("day", [YEAR_START - timedelta(days=1), YEAR_END, date.min, date.max])
    def test_a_day_outside_the_school_year_of_the_class_is_refused(self, cast, day):
        AcademicYearFactory(name="2026/27", starts_on=YEAR_END, ends_on=date(2027, 7, 1))
        with pytest.raises(ValidationError, match="is outside the school year 2025/26 of 7A"):
            give_cover(by=cast.office, school_class=cast.class_7a, teacher=cast.ben, day=day)
        assert not TeachingAssignment.objects.filter(teacher=cast.ben, school_class=cast.class_7a).exists()
