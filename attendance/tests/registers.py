"""Registers as a browser sees them: where they are, what a page posts, what stands on it and what is stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

from attendance.models import AttendanceRecord, PlannedAbsence, Register
from students.models import SchoolClass, Student
from tests.cast import MONDAY

TAG = re.compile(r"<[^>]+>")
ROW_LINK = re.compile(r'<a class="row-link" href="([^"]+)">(.*?)</a>', re.DOTALL)
CHOSEN = re.compile(r'name="status-([^"]+)" value="([^"]+)" checked')
NAME = re.compile(r'id="name-[^"]+">([^<]*)</div>')
BASE = re.compile(r'name="(row-[^"]+)" value="([^"]*)"')
YES = {"confirmed": "past absent others"}
CONTROL = r'name="%s-%s"[^>]*? value="([^"]*)"'


def address(school_class: SchoolClass, day: date | str = MONDAY) -> str:
    return f"/attendance/{school_class.pk}/{day}/"


def page_posts(students: Iterable[Student], status: str = "present", **changes: str | None) -> dict[str, str]:
    """What a page opened before anybody was marked sends: every student with one mark.

    `changes` are further fields, None takes a field away.
    """
    sent = {}
    for student in students:
        sent |= {
            f"row-{student.student_id}": "",
            f"status-{student.student_id}": status,
            f"minutes-{student.student_id}": "",
            f"note-{student.student_id}": "",
        }
    sent |= {name: value for name, value in changes.items() if value is not None}
    return {name: value for name, value in sent.items() if changes.get(name, "") is not None}


def send(browser: Client, place: str, posted: Mapping[str, str]) -> HttpResponse:
    """Post as a form does, which carries any character; the test client's own multipart drops some."""
    return browser.post(place, urlencode(posted), content_type="application/x-www-form-urlencoded")


def opened_with(page: HttpResponse) -> dict[str, str]:
    """The fields by which a page tells what it was opened with."""
    return dict(BASE.findall(page.content.decode()))


def save_over(browser: Client, place: str, posted: Mapping[str, str], **more: Any) -> HttpResponse:
    """Open the register, send these marks over those that it shows, and mean whatever it asks about."""
    bases = {name: value for name, value in opened_with(browser.get(place)).items() if name in posted}
    return browser.post(place, dict(posted) | bases | YES, **more)


def text_of(response: HttpResponse | str) -> str:
    """The words of a page on one line."""
    html = response if isinstance(response, str) else response.content.decode()
    return " ".join(unescape(TAG.sub(" ", html)).split())


def row_links(html: str) -> list[tuple[str, str]]:
    """The lines of a list of registers: where each leads and what it says."""
    return [(unescape(place), text_of(inside)) for place, inside in ROW_LINK.findall(html)]


def names_on(response: HttpResponse) -> list[str]:
    """The students on a register, from top to bottom."""
    return [unescape(name) for name in NAME.findall(response.content.decode())]


def chosen_on(response: HttpResponse) -> dict[str, str]:
    """The marks that stand chosen on a register, by student_id."""
    return dict(CHOSEN.findall(response.content.decode()))


def typed_on(response: HttpResponse, control: str, student: Student) -> str:
    """What stands in a text control ("note" or "minutes") of one student."""
    found = re.search(CONTROL % (control, student.student_id), response.content.decode())
    assert found, f"the page has no {control} of {student}"
    return unescape(found[1])


def stored() -> dict[str, list[dict[str, Any]]]:
    """Every row of attendance and of its history, to show that something changed nothing."""
    models = [Register, AttendanceRecord, PlannedAbsence]
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    kept = {f"{model.__name__} history": list(model.history.order_by("pk").values()) for model in models}
    return rows | kept
