"""Who does well: the students with an average of 85 % and more of at least three graded scores."""

from __future__ import annotations

from dataclasses import dataclass

from assessments.metrics import Average
from dashboard.figures import Readings
from dashboard.scope import Scope
from students.models import Enrolment, Student


@dataclass(frozen=True)
class HighPerformer:
    """A student, with class_name, and the average with what it is of."""

    student: Student
    average: Average


def get_high_performers(scope: Scope) -> list[HighPerformer]:
    """Those who are in the scope's classes today, by name; by all marks that this person sees. Two statements.

    Published or not, of the year or of the scope's term; the dashboard counts the same students.
    """
    marks = Readings(scope).marks
    high = marks.high()
    averages = marks.of_students(high)
    here = Enrolment.objects.on(scope.today).filter(school_class__in=[each.pk for each in scope.classes])
    students = Student.objects.visible_to(scope.seen.user).with_class(scope.today).filter(pk__in=high)
    listed = students.filter(pk__in=here.order_by().values("student")).order_by("family_name", "given_name", "pk")
    return [HighPerformer(student, averages[student.pk]) for student in listed]
