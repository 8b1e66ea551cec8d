"""The door to rows: who sees which profile, and one answer for "not yours" and "not there"."""

import pytest
from django.http import Http404

from accounts.models import Parent, Teacher, User
from accounts.roles import Role
from accounts.scoping import ScopedQuerySet, visible_or_404
from accounts.tests.factories import ParentFactory, UserFactory
from students.models import Student


class ForgottenQuerySet(ScopedQuerySet):
    """Rows of which nobody said who may see them."""


def test_rows_without_a_rule_are_shown_to_nobody_not_even_an_admin():
    with pytest.raises(NotImplementedError, match="ForgottenQuerySet does not say who may see its rows"):
        ForgottenQuerySet(model=Student).visible_to(User(role=Role.ADMIN))


def test_a_row_of_ones_own_is_fetched(cast):
    assert visible_or_404(Student.objects, cast.ana.user, student_id=cast.amina.student_id) == cast.amina


def test_a_row_of_another_and_one_that_is_not_there_are_the_same_answer(cast):
    answers = []
    for student_id in (cast.cleo.student_id, "STU99999"):
        with pytest.raises(Http404) as refused:
            visible_or_404(Student.objects, cast.ana.user, student_id=student_id)
        answers.append(refused.value.args)
    assert answers == [(), ()]
    assert visible_or_404(Student.objects, cast.office, student_id=cast.cleo.student_id) == cast.cleo


def test_fetching_a_row_costs_one_query(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        visible_or_404(Student.objects, cast.ana.user, student_id=cast.amina.student_id)


def names(model, user) -> list[str]:
    return [profile.full_name for profile in model.objects.visible_to(user)]


def test_profiles_are_seen_by_the_office_and_by_their_owner(cast):
    assert names(Teacher, cast.office) == ["Ana Silva", "Ben Okafor", "Gus Gone"]
    assert names(Teacher, cast.ana.user) == ["Ana Silva"]
    assert names(Teacher, cast.mariam.user) == []
    assert names(Parent, cast.office) == ["Fay Former", "Mariam Diallo", "Nils Marsh"]
    assert names(Parent, cast.mariam.user) == ["Mariam Diallo"]
    assert names(Parent, cast.ana.user) == []


def test_a_teacher_who_is_a_parent_sees_both_own_profiles(cast):
    ParentFactory(user=cast.ana.user, full_name="Ana Silva at home")
    assert (names(Teacher, cast.ana.user), names(Parent, cast.ana.user)) == (["Ana Silva"], ["Ana Silva at home"])


def test_somebody_without_a_profile_sees_none(cast):
    stranger = UserFactory(role=Role.PARENT)
    assert (names(Teacher, stranger), names(Parent, stranger)) == ([], [])
