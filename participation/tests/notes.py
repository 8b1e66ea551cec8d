"""An event as a browser sees it: where it is, what a page posts, what stands on it and what is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client

from participation.models import Event, ParticipationRecord
from students.models import Student

BASE = re.compile(r'name="(row-[^"]+)" value="([^"]*)"')
CHOSEN = re.compile(r'name="status-([^"]+)" value="([^"]*)" checked')
REMARKS = re.compile(r'name="remarks-([^"]+)" value="([^"]*)"')
FOUND = re.compile(r'name="add-([^"]+)"')


def place(event: Event) -> str:
    return f"/participation/{event.pk}/"


def chosen(parts: Mapping[Student, str], **more: str) -> dict[str, str]:
    """What a page that was opened before anybody was noted sends."""
    sent: dict[str, str] = {}
    for student, status in parts.items():
        key = student.student_id
        sent |= {f"row-{key}": "", f"status-{key}": status, f"remarks-{key}": ""}
    return sent | more


def bases_on(page: HttpResponse) -> dict[str, str]:
    """The fields by which a page tells what it was opened with."""
    return {name: unescape(value) for name, value in BASE.findall(page.content.decode())}


def choose_over(browser: Client, event: Event, parts: Mapping[Student, str], **more: Any) -> HttpResponse:
    """Open the page, choose these over those that it shows, and save."""
    known = bases_on(browser.get(place(event)))
    wanted = {f"row-{student.student_id}" for student in parts}
    return browser.post(place(event), chosen(parts) | {key: known[key] for key in wanted & set(known)} | more)


def chosen_on(page: HttpResponse) -> dict[str, str]:
    """What is chosen on each line, by student_id; empty where nothing is noted."""
    return dict(CHOSEN.findall(page.content.decode()))


def remarks_on(page: HttpResponse) -> dict[str, str]:
    return {key: unescape(text) for key, text in REMARKS.findall(page.content.decode())}


def found_on(page: HttpResponse) -> list[str]:
    """Whom the page offers to add to a mixed group, by student_id."""
    return FOUND.findall(page.content.decode())


def parts_of(event: Event) -> dict[str, tuple[str, str]]:
    """What is stored of an event by given name: status and remarks."""
    rows = ParticipationRecord.objects.filter(event=event).order_by("student").select_related("student")
    return {row.student.given_name: (row.status, row.remarks) for row in rows}


def stored() -> dict[str, list[dict[str, Any]]]:
    """Every row of participation and of its history, to show that something changed nothing."""
    models = [Event, ParticipationRecord]
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    kept = {f"{model.__name__} history": list(model.history.order_by("history_id").values()) for model in models}
    return rows | kept
