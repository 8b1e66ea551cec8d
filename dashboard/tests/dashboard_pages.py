"""What a test reads of the dashboard: its figures, tables and files as text, and a school of two classes."""

from __future__ import annotations

import csv
import re
from html import unescape
from io import StringIO

from django.test import Client

from dashboard.tests.early_warning import attends, keep, scores
from students.models import Student, Subject
from tests.cast import MONDAY, Cast, pupil

HOME = "/dashboard/"
TAG = re.compile(r"<[^>]+>")


def six_in_each(cast: Cast, maths: Subject) -> None:
    """Each class has six students. In 7A five attend all 20 days and Amina misses 4; in 7B all attend 10 days and Cleo
    misses one. Mathematics: 90, 90 and 90 in 7A, Amina 30 three times; in 7B 50, 70 and 90.
    """
    for school_class, first, sessions, missed in (
        (cast.class_7a, cast.amina, 20, 4),
        (cast.class_7b, cast.cleo, 10, 1),
    ):
        roster = [*Student.objects.enrolled_on(school_class, MONDAY)]
        roster += [pupil(f"Extra{number}", school_class.name, school_class) for number in range(6 - len(roster))]
        for student in roster:
            attends(student, school_class, missed=missed if student == first else 0, sessions=sessions)
            points = (50, 70, 90) if school_class == cast.class_7b else (30,) * 3 if student == first else (90,) * 3
            scores(student, school_class, maths, points)
    keep()


def text_of(html: str) -> str:
    html = re.sub(r"<(script|style|title)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(TAG.sub(" ", html)).replace("\N{NO-BREAK SPACE}", " ").split())


def words(response, status=200) -> str:
    """The text of the page in one line, without its tags."""
    assert response.status_code == status
    return text_of(response.content.decode())


def figures(browser: Client, **query: object) -> list[str]:
    """The four figures in words."""
    page = browser.get(HOME, query).content.decode()
    found = page.split('id="figures"')[1].split("</ul>")[0].split("</li>")[:-1]
    return [text_of(re.sub(r'<span class="visually-hidden">.*?</span>', "", f"<i {each}")) for each in found]


def table(browser: Client, caption: str, **query: object) -> list[str]:
    """The lines of the table with this caption."""
    page = browser.get(HOME, query).content.decode()
    page = re.sub(r'<span class="visually-hidden">.*?</span>', "", page)
    body = page.split(f">{caption}</caption>")[1].split("<tbody>")[1].split("</tbody>")[0]
    return [text_of(line) for line in body.split("</tr>")[:-1]]


def sheet(browser: Client, name: str, **query: object) -> list[list[str]]:
    """The lines of a table as CSV."""
    response = browser.get(HOME, {**query, "format": "csv", "table": name})
    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.reader(StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
