"""Noting behaviour as a browser does it: what a page posts, and what is stored."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from html import unescape
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

from behavior.models import BehaviorCategory, BehaviorRecord
from students.models import Student

LIST, NEW, UNDO = "/behavior/", "/behavior/new/", "/behavior/undo/"
FORM_KEY = re.compile(r'name="form_key" value="([^"]*)"')
SEEN = re.compile(r'name="seen" value="([^"]*)"')
TAG = re.compile(r"<[^>]+>")


def typed(students: Iterable[Student] = (), **changes: object) -> dict[str, str]:
    """What a page sends: praise for kindness, today, for staff only. `changes` replace fields, None drops one."""
    sent = {f"student-{student.student_id}": "on" for student in students}
    sent |= {
        "behavior_type": "positive",
        "category": str(BehaviorCategory.objects.get(name="Kindness").pk),
        "notes": "Helped the new pupil",
        "date": "2026-03-16",
        "form_key": str(uuid.uuid4()),
    }
    sent |= {name: str(value) for name, value in changes.items()}
    return {name: value for name, value in sent.items() if changes.get(name, "") is not None}


def send(browser: Client, place: str, posted: dict[str, str], **more: Any) -> HttpResponse:
    """Post as a form does, which carries any character; the test client's own multipart drops some."""
    return browser.post(place, urlencode(posted), content_type="application/x-www-form-urlencoded", **more)


def form_key_on(page: HttpResponse) -> str:
    return FORM_KEY.search(page.content.decode())[1]


def seen_on(page: HttpResponse) -> str:
    """The fingerprint that a page was opened with."""
    return SEEN.search(page.content.decode())[1]


def text_of(page: HttpResponse | str) -> str:
    """The words of a page."""
    source = page if isinstance(page, str) else page.content.decode()
    return " ".join(unescape(TAG.sub(" ", source)).split())


def ticked_on(page: HttpResponse) -> set[str]:
    """The ids of the students who are ticked."""
    return set(re.findall(r'name="student-([^"]+)" checked', page.content.decode()))


def stored() -> dict[str, list[dict[str, Any]]]:
    """Every record and its history, to show that something changed nothing."""
    return {
        "records": list(BehaviorRecord.objects.order_by("pk").values()),
        "history": list(BehaviorRecord.history.order_by("pk").values()),
    }
