"""Mark entry as a browser sees it: where it is, what a page posts, what stands on it and what is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client

from assessments.models import Assessment, Score
from students.models import Student

TYPED = re.compile(r'name="score-([^"]+)" value="([^"]*)"')
READ = re.compile(r'id="read-([^"]+)"[^>]*>(.*?)</div>', re.DOTALL)
BASE = re.compile(r'name="(row-[^"]+)" value="([^"]*)"')
SURE = re.compile(r'name="(sure-[^"]+)" value="([^"]*)"')
TAG = re.compile(r"<[^>]+>")


def place(work: Assessment) -> str:
    return f"/assessments/{work.pk}/scores/"


def typed(scores: Mapping[Student, str], **more: str) -> dict[str, str]:
    """What a page that was opened before anything was graded sends: what is typed for each student."""
    sent: dict[str, str] = {}
    for student, text in scores.items():
        key = student.student_id
        sent |= {f"row-{key}": "", f"score-{key}": text, f"notes-{key}": ""}
    return sent | more


def hidden_fields(page: HttpResponse) -> dict[str, str]:
    """The fields by which a page tells what it was opened with, and which slips it has asked about."""
    html = page.content.decode()
    return {name: unescape(value) for name, value in (*BASE.findall(html), *SURE.findall(html))}


def type_over(browser: Client, work: Assessment, scores: Mapping[Student, str], **more: Any) -> HttpResponse:
    """Open the page, type these scores over those that it shows, and save."""
    page = browser.get(place(work))
    notes = {f"notes-{student.student_id}": "" for student in scores}
    sent = {f"score-{student.student_id}": text for student, text in scores.items()}
    bases = {f"row-{student.student_id}" for student in scores}
    known = {name: value for name, value in hidden_fields(page).items() if name in bases}
    return browser.post(place(work), notes | sent | known | more)


def typed_on(page: HttpResponse) -> dict[str, str]:
    """What stands in the column, by student_id."""
    return {key: unescape(text) for key, text in TYPED.findall(page.content.decode())}


def read_on(page: HttpResponse) -> dict[str, str]:
    """What is said beside each input, by student_id."""
    return {key: " ".join(unescape(TAG.sub(" ", said)).split()) for key, said in READ.findall(page.content.decode())}


def scores_of(work: Assessment) -> dict[str, tuple[str, str | None, str]]:
    """The stored scores by given name: state, points, note."""
    rows = Score.objects.filter(assessment=work).order_by("student")
    return {
        row.student.given_name: (row.state, None if row.score is None else f"{row.score:f}", row.notes)
        for row in rows.select_related("student")
    }


def stored() -> dict[str, list[dict[str, Any]]]:
    """Every row of assessments and of its history, to show that something changed nothing."""
    models = [Assessment, Score]
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    kept = {f"{model.__name__} history": list(model.history.order_by("history_id").values()) for model in models}
    return rows | kept
