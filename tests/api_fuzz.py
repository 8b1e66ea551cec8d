"""schemathesis against the API in this process: every call of the schema, with data that fits it and data that does not.

What is sent comes from the schema and, in half of the places, from what is stored (`known_values`): random keys alone
would be answered with 404 for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.case import Case
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.schemas import BaseSchema

from sptrack.api_docs import schema_in
from students.models import Subject
from tests.cast import MONDAY, YEAR_START, Cast
from tests.routes import arguments

KNOWN = 0.6  # how often a value is one that is stored
PHASES = ("examples", "coverage", "fuzzing", "stateful")
ID_ROUTES = {
    "/api/assessments/{id}/": "api:assessment",
    "/api/behavior/{id}/": "api:behavior_record",
    "/api/admin/users/{id}/": "api:user",
    "/api/admin/teacher-assignments/{id}/": "api:assignment",
    "/api/classes/{id}/": "api:class",
    "/api/classes/{id}/attendance/": "api:class",
}
CHECKS = {
    # Beside the usual refusals: rules of the school refuse what a schema cannot tell (400), and an If-Match that is
    # any text at all names nothing that is stored (412).
    "positive_data_acceptance": {"expected-statuses": ["2xx", "400", "401", "403", "404", "409", "412", "429"]},
    # The same 412, and 413: refused all the same, whatever else was wrong.
    "negative_data_rejection": {
        "expected-statuses": ["400", "401", "403", "404", "405", "409", "412", "413", "415", "429"]
    },
}


@dataclass(frozen=True)
class Effort:
    """How much is sent. Without a seed every run sends the same."""

    examples: int  # a call and phase, at random
    phases: tuple[str, ...]
    seed: int | None = None


@dataclass
class Portal:
    """The portal as a WSGI application.

    While it is `forgetful`, what a request wrote is rolled back once it is answered: each request meets the same school,
    so one that fails can be sent again alone, and no DELETE leaves the rest of the run without rows or without its own
    caller. The counters of the throttle are rows too, so none of them fills up. A chain of requests turns it off.
    """

    forgetful: bool = True
    statuses: Counter[int] = field(default_factory=Counter)
    serve: WSGIHandler = field(default_factory=WSGIHandler)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            self.statuses[int(status[:3])] += 1
            return start_response(status, headers, error)

        # As Django's own test client does: these would hang up, and the rows of the test are in no other connection.
        request_started.disconnect(close_old_connections)
        request_finished.disconnect(close_old_connections)
        try:
            with transaction.atomic():
                answer = self.serve(environ | {"REMOTE_ADDR": "127.0.0.1"}, begin)
                body = b"".join(answer)
                answer.close()
                transaction.set_rollback(self.forgetful)
        finally:
            request_started.connect(close_old_connections)
            request_finished.connect(close_old_connections)
        return [body]


def known_values(cast: Cast) -> dict[str, list[Any]]:
    """What is stored, or would be taken, by the name of a parameter or of a field."""
    classes = [cast.class_7a.pk, cast.class_7b.pk]
    days = [MONDAY.isoformat(), "2026-03-13", YEAR_START.isoformat()]
    return {
        "student_id": [cast.amina.student_id, cast.bo.student_id, cast.cleo.student_id],
        "class_id": [*classes, *map(str, classes)],
        "classId": classes,
        "teacher_id": [cast.ana.pk, cast.ana.user.pk],
        "subject_name": [Subject.objects.order_by("pk")[0].name],
        "category": ["Kindness", "Disruption"],
        "grade_level": ["7"],
        "academic_year": ["2025/26"],
        "month": ["2026-03"],
        "page": [1],
        "If-Match": ["*"],
        "ends_on": ["2026-06-30"],
        **dict.fromkeys(("date", "date_taken", "starts_on", "start_date", "end_date", "first", "last"), days),
    }


def known_keys(cast: Cast) -> dict[str, int]:
    """The key of a row for each address that ends in one."""
    return {path: arguments(route, cast.class_7a, cast.amina)["pk"] for path, route in ID_ROUTES.items()}


def load_schema(cast: Cast, secret: str, effort: Effort) -> BaseSchema:
    """The whole schema, called with this token, with an example for each parameter of a path."""
    keys = known_keys(cast)  # which makes the rows that they name
    values = known_values(cast)
    said = deepcopy(schema_in(None))
    for path, verbs in said["paths"].items():
        for parameter in [each for verb in verbs.values() for each in verb.get("parameters", [])]:
            known = [keys[path]] if parameter["name"] == "id" else values.get(parameter["name"], [])
            if fitting := [each for each in known if type_name(each) == parameter["schema"]["type"]]:
                parameter["example"] = fitting[0]
    for shape in said["components"]["schemas"].values():
        for name, field in shape.get("properties", {}).items():
            if name in values and shape.get("additionalProperties") is False:
                field["examples"] = [each for each in values[name] if type_name(each) in field["type"]]
    config: dict[str, Any] = {
        "auth": {"openapi": {"token": {"bearer": secret}}},
        "checks": CHECKS,
        "dictionaries": {name: {"values": known} for name, known in values.items()}
        | {f"key{key}": {"values": [key]} for key in keys.values()},
        "parameters": {
            place: {"dictionary": name, "probability": KNOWN}
            for name in values
            for place in (name, f"body.{name}", f"body.records[*].{name}")
        },
        "operations": [
            {"include-path": path, "parameters": {"path.id": {"dictionary": f"key{key}", "probability": KNOWN}}}
            for path, key in keys.items()
        ],
        "generation": {"max-examples": effort.examples, "deterministic": effort.seed is None, "database": "none"},
        "phases": {phase: {"enabled": phase in effort.phases} for phase in PHASES},
    }
    if effort.seed is not None:
        config["seed"] = effort.seed
    schema = schemathesis.openapi.from_dict(said, config=SchemathesisConfig.from_dict(config))
    schema.app = Portal()
    return schema


def type_name(value: Any) -> str:
    return "string" if isinstance(value, str) else "integer"


def call_each(schema: BaseSchema) -> dict[str, list[str]]:
    """Send to every call of the schema; what failed, by call, with a line of curl each."""
    load_all_checks()
    failed = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        send = build_operation_test(
            config=schema.config, operation=operation, test_func=send_one, given_kwargs={}, feedback=FeedbackSources()
        )
        try:
            send()
        except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001 -- told at the end; the other calls are still made
            failed[operation.label] = list(told(failure))
    return failed


def send_one(case: Case) -> None:
    case.call_and_validate()


def told(failure: BaseException) -> Iterator[str]:
    """Each failing case in words."""
    if isinstance(failure, BaseExceptionGroup) and not isinstance(failure, FailureGroup):
        for each in failure.exceptions:
            yield from told(each)
    else:
        yield f"{type(failure).__name__}: {failure}"
