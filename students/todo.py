"""What waits for the office among students and parents: who is in no class, who can read about no child."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import Parent
from accounts.todo import Todo
from students.models import Student, StudentParentLink


def without_child(parents: QuerySet[Parent]) -> QuerySet[Parent]:
    """Those of the parents who may sign in and have access to no child, today or later."""
    linked = StudentParentLink.objects.not_over().values("parent")
    return parents.filter(user__is_active=True).exclude(pk__in=linked)


def people_to_place(request: Any) -> Iterable[Todo]:
    """Two lines, each of one statement."""
    students = Student.objects.visible_to(request.user).without_class().count()
    parents = without_child(Parent.objects.visible_to(request.user)).count()
    return [
        Todo(
            ngettext("%(number)d student without a class", "%(number)d students without a class", students)
            % {"number": students},
            students,
            f"{reverse('admin:students_student_changelist')}?class=none",
        ),
        Todo(
            ngettext("%(number)d parent without a child", "%(number)d parents without a child", parents)
            % {"number": parents},
            parents,
            f"{reverse('admin:accounts_parent_changelist')}?children=none",
        ),
    ]
