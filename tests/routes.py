"""Every route of the URLconf, walked, and the arguments that the cast gives to each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from students.models import SchoolClass, Student
from tests.cast import MONDAY


def walk(patterns: list[Any] | None = None, namespace: str = "") -> Iterator[str]:
    """The full name of every route; for one without a name its pattern in brackets."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from walk(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}" if pattern.name else f"{namespace}[{pattern.pattern}]"


def arguments(route: str, school_class: SchoolClass, student: Student) -> dict[str, Any]:
    """The arguments that lead a route to a class and a student."""
    return {
        "students:edit": {"student_id": student.student_id},
        "students:class": {"class_id": school_class.pk},
        "attendance:register": {"class_id": school_class.pk, "day": MONDAY},
        "dashboard:student": {"student_id": student.student_id},
        "dashboard:report": {"student_id": student.student_id},
        "account_reset_password_from_key": {"uidb36": "1", "key": "not-a-key"},
    }.get(route, {})


def address(route: str, school_class: SchoolClass, student: Student) -> str:
    return reverse(route, kwargs=arguments(route, school_class, student))
