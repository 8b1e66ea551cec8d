"""In which class somebody notes something of a student, for the domains that note without being told the class."""

from __future__ import annotations

from datetime import date

from accounts.models import User
from students.models import Enrolment, SchoolClass, Student


def own_class_of(student: Student, user: User, day: date) -> SchoolClass | None:
    """The class in which this person notes something of a student: the main one, if they see it, before any other."""
    own = Enrolment.objects.on(day).filter(student=student, school_class__in=SchoolClass.objects.visible_to(user))
    enrolment = own.select_related("school_class").order_by("-is_primary", "-starts_on").first()
    return enrolment.school_class if enrolment else None
