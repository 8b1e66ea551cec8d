"""The mark book as a browser sees it: a class with marks, and what stands on its page."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

from django.http import HttpResponse
from django.test import Client

from assessments.models import Assessment, State
from assessments.tests.factories import AssessmentFactory, CategoryFactory, ScoreFactory
from students.models import Subject
from tests.cast import NOW, Cast

BOOK = "/assessments/"
DAY = timedelta(days=1)
TAG = re.compile(r"<[^>]+>")


def make_works(cast: Cast, maths: Subject) -> tuple[Assessment, Assessment, Assessment]:
    """In 7A: a published quiz of 12 March out of 20, a test of weight 3 out of 50 of the 13th, an essay of today.

    Amina has 15, 25 and nothing yet; Bo has 17.5, missing and exempt.
    """
    heavy = CategoryFactory(name="Heavy", weight=Decimal(3))
    quiz = AssessmentFactory(
        title="Fractions",
        school_class=cast.class_7a,
        subject=maths,
        date_taken=date(2026, 3, 12),
        published_at=NOW - DAY,
    )
    test = AssessmentFactory(
        title="Term test",
        assessment_type="test",
        category=heavy,
        school_class=cast.class_7a,
        subject=maths,
        date_taken=date(2026, 3, 13),
        max_score=Decimal(50),
    )
    essay = AssessmentFactory(
        title="Essay",
        assessment_type="assignment",
        school_class=cast.class_7a,
        subject=maths,
        published_at=NOW + 4 * DAY,
        allows_extra=True,
    )
    ScoreFactory(assessment=quiz, student=cast.amina, score=Decimal(15))
    ScoreFactory(assessment=test, student=cast.amina, score=Decimal(25))
    ScoreFactory(assessment=quiz, student=cast.bo, score=Decimal("17.5"))
    ScoreFactory(assessment=test, student=cast.bo, state=State.MISSING)
    ScoreFactory(assessment=essay, student=cast.bo, state=State.EXEMPT)
    return quiz, test, essay


def words(html: str) -> str:
    return " ".join(unescape(TAG.sub(" ", html)).split())


def table(page: HttpResponse) -> list[list[str]]:
    """The table in words, line by line and cell by cell."""
    lines = re.findall(r"<tr>(.*?)</tr>", page.content.decode(), re.DOTALL)
    return [[words(cell) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", line, re.DOTALL)] for line in lines]


def names(client: Client, **query: object) -> list[str]:
    """The students on the page, by given name, in its order."""
    response = client.get(BOOK, query)
    assert response.status_code == 200
    return [row.student.given_name for row in response.context["book"].rows]


def titles(client: Client, **query: object) -> list[str]:
    """The pieces of work on the page, in its order."""
    response = client.get(BOOK, query)
    assert response.status_code == 200
    return [column.work.title for column in response.context["book"].columns]


def shown(client: Client, **query: object) -> tuple[str, ...]:
    """The class, subject and term that the page shows."""
    chosen = client.get(BOOK, query).context["chosen"]
    return str(chosen.school_class), str(chosen.subject), str(chosen.span)


def sheet(client: Client, **query: object) -> list[str]:
    """The lines of the CSV."""
    response = client.get(BOOK, {**query, "format": "csv"})
    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return b"".join(response.streaming_content).decode("utf-8-sig").split("\r\n")
