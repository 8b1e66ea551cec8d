"""The forms of a piece of work as a browser sees them: where they are and what they send."""

from __future__ import annotations

import re

from django.http import HttpResponse

from assessments.models import Assessment
from students.models import Subject
from tests.cast import Cast

NEW = "/assessments/new/"
SEEN = re.compile(r'name="seen" value="([^"]*)"')


def fields(cast: Cast, taught: Subject, **changes: object) -> dict[str, object]:
    """What the form of a new piece of work of 7A sends, a quiz of today out of 20; `changes` are other values."""
    typed: dict[str, object] = {
        "school_class": cast.class_7a.pk,
        "subject": taught.pk,
        "title": "Fractions",
        "assessment_type": "quiz",
        "category": "",
        "date_taken": "2026-03-16",
        "max_score": "20",
    }
    return typed | changes


def seen_on(page: HttpResponse) -> str:
    """What the page was opened with."""
    return SEEN.search(page.content.decode())[1]


def edit(work: Assessment) -> str:
    return f"/assessments/{work.pk}/edit/"


def delete(work: Assessment) -> str:
    return f"/assessments/{work.pk}/delete/"
