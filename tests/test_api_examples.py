"""docs/api.md: each example is sent as it stands there, from the top down, and answered as it stands there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.tokens import create_token
from assessments.recounting import recount_totals
from behavior.tests.factories import BehaviorRecordFactory, by
from dashboard.tests.cards import score
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from students.tests.factories import EmergencyContactFactory, GuardianFactory, SubjectFactory
from tests.cast import make_cast

DOC = Path(__file__).resolve().parent.parent / "docs" / "api.md"
EXAMPLE = re.compile(r"```http\n((?:GET|POST|PUT|PATCH|DELETE) .*?)```\n\n```http\n([0-9]{3}.*?)```", re.DOTALL)
HOST = "school.example"
CALLERS = {"ADMIN": "office", "TEACHER": "ana", "PARENT": "mariam"}


@dataclass(frozen=True)
class Example:
    """A request and its answer: the first line, the headers, the body."""

    verb: str
    path: str
    sent: dict[str, str]
    body: str
    status: int
    headers: dict[str, str]
    answer: str


def headers_in(lines: list[str]) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in lines)


def examples() -> list[Example]:
    found = []
    for request, answer in EXAMPLE.findall(DOC.read_text()):
        (asked, _blank, body), (told, _space, item) = request.partition("\n\n"), answer.partition("\n\n")
        first, *sent = asked.strip().splitlines()
        status, *headers = told.strip().splitlines()
        verb, path = first.split(" ")
        found.append(Example(verb, path, headers_in(sent), body, int(status), headers_in(headers), item))
    return found


def number_from_the_start() -> None:
    """Give new rows the keys that they have in a new school, whatever was stored and taken back before."""
    tables = [{"table": model._meta.db_table, "column": model._meta.pk.column} for model in apps.get_models()]
    if connection.vendor == "sqlite":
        statements = connection.ops.sequence_reset_by_name_sql(no_style(), tables)
    else:
        statements = connection.ops.sequence_reset_sql(no_style(), list(apps.get_models()))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def school(db, frozen, settings):
    """The cast at school.example, with the people around Amina, what is noted about her, and a few marks.

    Bo went to the museum.
    """
    settings.ALLOWED_HOSTS = [HOST]
    number_from_the_start()
    cast = make_cast()
    cast.class_7a.homeroom_teacher = cast.ana
    cast.class_7a.save()
    cast.amina.gender, cast.amina.date_of_birth = "female", "2013-05-15"
    cast.amina.save()
    contact = {"student": cast.amina, "relationship": "mother", "phone": "+351 210 000 001"}
    GuardianFactory(name="Mariam Diallo", email="mariam@school.example", parent=cast.mariam, **contact)
    EmergencyContactFactory(student=cast.amina, name="Abu Diallo", relationship="uncle", phone="+351 210 000 002")
    SubjectFactory(name="Mathematics", code="MA")
    score(cast.amina, cast.class_7a, "Mathematics", "17.5", date(2026, 3, 12), title="Fractions")
    for day, points in ((9, "12"), (10, "9.5"), (11, "11")):
        score(cast.cleo, cast.class_7b, "Mathematics", points, date(2026, 3, day))
    recount_totals(repair=True)
    noted = {"date": date(2026, 3, 13), "notes": "Explained fractions to Bo", "shared_with_parents": True}
    BehaviorRecordFactory(student=cast.amina, **noted, **by(cast.ana))
    trip = EventFactory(name="Museum trip", date=date(2026, 3, 13), school_class=cast.class_7a)
    ParticipationRecordFactory(student=cast.bo, event=trip)
    return cast


class Reader:
    """Sends what the page shows: tokens by the word that stands for them, the session by its cookie."""

    def __init__(self) -> None:
        self.browser, self.csrf = Client(enforce_csrf_checks=True, SERVER_NAME=HOST), ""
        self.secrets = {
            word: create_token(by=User.objects.get(username=name), name="example", valid_for=timedelta(days=1))[1]
            for word, name in CALLERS.items()
        }

    def send(self, example: Example):
        sent = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in example.sent.items()}
        if word := sent.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer "):
            sent["HTTP_AUTHORIZATION"] = f"Bearer {self.secrets[word]}"
        if "HTTP_X_CSRFTOKEN" in sent:
            sent["HTTP_X_CSRFTOKEN"] = self.csrf
        client = Client(SERVER_NAME=HOST) if word else self.browser
        body = example.body.encode()
        answer = client.generic(example.verb, example.path, body, content_type="application/json", **sent)
        self.csrf = answer.headers.get("X-CSRFToken", self.csrf)
        return answer


def told(status: int, headers: dict[str, str], body: str) -> tuple[int, dict[str, str], str]:
    """An answer so that two can be compared to the last letter, the blanks of JSON aside."""
    return status, headers, json.dumps(json.loads(body), ensure_ascii=False, indent=1) if body.strip() else ""


def test_each_example_is_answered_as_the_page_says(school):
    reader = Reader()
    for example in examples():
        answer = reader.send(example)
        headers = {name: answer.headers.get(name, "") for name in example.headers}
        found = told(answer.status_code, headers, answer.content.decode())
        assert (example.verb, example.path, *found) == (
            example.verb,
            example.path,
            *told(example.status, example.headers, example.answer),
        )


def test_every_block_of_the_page_is_part_of_an_example():
    assert DOC.read_text().count("```http\n") == 2 * len(examples())


def test_each_call_has_an_example(school, program):
    places = {(example.verb.lower(), example.path.partition("?")[0]) for example in examples()}
    caller = program(school.office)
    caller.client.defaults["SERVER_NAME"] = HOST
    for path, verbs in caller.get("/api/schema/").json()["paths"].items():
        if path != "/api/schema/":  # it would be as long as the page
            shape = re.compile(re.sub(r"\{[a-z_]+\}", "[A-Z0-9]+", path))
            shown = {verb for verb, place in places if shape.fullmatch(place)}
            assert (path, shown) == (path, set(verbs))
