"""The table: medians, statements, and how many times the empty page and the bare page of the same size a page costs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from tests.bench import bare_settings
from tests.bench.visits import EMPTY, Visit
from tests.serving.browser import Answer
from tests.serving.school import session_of

TRANSACTION = re.compile(r"^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)", re.IGNORECASE)
HEAD = ("page", "median ms", "p95 ms", "statements", "KB", "× empty", "× bare")
WIDTHS = (34, 10, 8, 11, 6, 8, 7)
MILLISECONDS = 1000


@dataclass
class CountingBrowser:
    """A browser inside this process that counts the statements of its last request."""

    client: Client
    statements: int = 0

    def open(self, path: str) -> Answer:
        return self.ask(lambda: self.client.get(path))

    def send(self, path: str, fields: dict[str, str]) -> Answer:
        return self.ask(lambda: self.client.post(path, fields))

    def send_json(self, path: str, item: Any) -> Answer:
        return self.ask(lambda: self.client.post(path, item, content_type="application/json"))

    def ask(self, call: Callable[[], HttpResponse]) -> Answer:
        with CaptureQueriesContext(connection) as captured:
            answer = call()
        self.statements = sum(not TRANSACTION.search(query["sql"]) for query in captured.captured_queries)
        return Answer(answer.status_code, "", answer.content.decode())


def count_statements(visits: Sequence[Visit]) -> None:
    """The same visits once more inside this process, the second time counted: the first fills what Django keeps."""
    bare = {name: getattr(bare_settings, name) for name in ("ROOT_URLCONF", "MIDDLEWARE", "TEMPLATES")}
    for visit in visits:
        with override_settings(**(bare if visit.is_bare else {})):
            browser = CountingBrowser(Client(headers={"host": "127.0.0.1"}))
            browser.client.cookies["sessionid"] = session_of(visit.user)
            outside, visit.browser = visit.browser, browser
            visit.go()
            visit.go()
            visit.browser, visit.statements = outside, browser.statements


def p95(seconds: Sequence[float]) -> float:
    """The time that 95 of 100 requests stay within."""
    return sorted(seconds)[max(0, -(-len(seconds) * 95 // 100) - 1)]


def table(visits: Sequence[Visit]) -> str:
    """A line for each visit. The ratios are of medians of the same rounds."""
    floor = next(median(visit.seconds) for visit in visits if visit.kind == EMPTY)
    bare = {visit.kind: median(visit.seconds) for visit in visits if visit.is_bare}
    lines = [HEAD]
    for visit in visits:
        middle = median(visit.seconds)
        beside = f"{middle / bare[visit.kind]:.2f}" if visit.kind in bare and not visit.is_bare else ""
        lines.append(
            (
                visit.name,
                f"{middle * MILLISECONDS:.1f}",
                f"{p95(visit.seconds) * MILLISECONDS:.1f}",
                str(visit.statements),
                f"{visit.size / 1000:.0f}",
                f"{middle / floor:.2f}",
                beside,
            )
        )
    return "\n".join(
        [*(line_of(line) for line in lines), *(times_of(visit, visit.over) for visit in visits if visit.over)]
    )


def times_of(visit: Visit, over: Visit) -> str:
    """How many times as long one visit takes as another."""
    return f"{visit.name}: {median(visit.seconds) / median(over.seconds):.2f} × {over.name}"


def line_of(line: Sequence[str]) -> str:
    return line[0].ljust(WIDTHS[0]) + "".join(
        cell.rjust(width) for cell, width in zip(line[1:], WIDTHS[1:], strict=True)
    )
