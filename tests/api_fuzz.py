"""schemathesis against the API in this process: every call of the schema, with what it allows and what it forbids.

What is sent comes from the schema and, in more than half of the places, from what is stored (`known_values`): random
keys alone would be answered with 404 for ever.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from dataclasses import field as with_default
from typing import Any

import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.urls import resolve
from django.utils.translation import get_language
from hypothesis import HealthCheck, seed, settings
from schemathesis.checks import CheckFunction, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.case import Case
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import ignored_auth

from sptrack.api_docs import schema_in
from students.tests.factories import SubjectFactory
from tests.cast import MONDAY, YEAR_START, Cast
from tests.routes import arguments

KNOWN = 0.6  # how often a value is one that is stored
STEPS = 8  # of a chain
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
    """How much is sent; the same seed sends the same."""

    examples: int  # drawn at random: for a call, or of chains
    phases: tuple[str, ...]  # what schemathesis does beside: "coverage" walks the limits of every field
    seed: int


@dataclass
class Portal:
    """The portal as a WSGI application.

    While it is `forgetful`, what a request wrote is rolled back once it is answered. So each request meets the same
    school: one that fails can be sent again alone, and no DELETE leaves the rest of the run without rows or without
    its own caller. The counters of the throttle are rows too, and none fills up. A chain of requests turns it off.
    """

    forgetful: bool = True
    statuses: Counter[int] = with_default(default_factory=Counter)
    serve: WSGIHandler = with_default(default_factory=WSGIHandler)

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
        "subject_name": [SubjectFactory(name="Mathematics").name],
        "email": ["eva@school.example"],
        "name": ["Eva Ebert"],
        "category": ["Kindness", "Disruption"],
        "grade_level": ["7"],
        "academic_year": ["2025/26"],
        "month": ["2026-03"],
        "page": [1],
        "If-Match": ["*"],
        "ends_on": ["2026-06-30"],
        **dict.fromkeys(("date", "date_taken", "starts_on", "start_date", "end_date", "first", "last"), days),
    }


def known_keys(cast: Cast, paths: Iterable[str]) -> dict[str, int]:
    """The key of a row for each address that takes one; the row is made where there is none."""
    routes = {path: resolve(path.replace("{id}", "1")).view_name for path in paths if "{id}" in path}
    return {path: arguments(route, cast.class_7a, cast.amina)["pk"] for path, route in routes.items()}


def load_schema(cast: Cast, secret: str, effort: Effort) -> BaseSchema:
    """The whole schema, called with this token."""
    said = deepcopy(schema_in(get_language()))
    keys, values = known_keys(cast, said["paths"]), known_values(cast)
    add_examples(said, keys, values)
    asked = {
        "auth": {"openapi": {"token": {"bearer": secret}}},
        "checks": CHECKS,
        "seed": effort.seed,
        "suppress-health-check": ["all"],  # they judge how data is made on this machine, not what is answered
        "generation": {"max-examples": effort.examples, "database": "none"},
        "phases": {phase: {"enabled": phase in effort.phases} for phase in ("examples", "coverage", "fuzzing")}
        # Whether a call asks who is there is asked of each call alone.
        | {"stateful": {"enabled": "stateful" in effort.phases, "checks": {"ignored_auth": {"enabled": False}}}},
    }
    config = SchemathesisConfig.from_dict({**asked, **dictionaries_of(keys, values)})
    schema = schemathesis.openapi.from_dict(said, config=config)
    schema.app = Portal()
    return schema


def add_examples(said: dict[str, Any], keys: dict[str, int], values: dict[str, list[Any]]) -> None:
    """Put what is stored into the schema as examples: from them the limits of the other fields are walked."""
    for path, verbs in said["paths"].items():
        for parameter in [each for verb in verbs.values() for each in verb.get("parameters", [])]:
            known = [keys[path]] if parameter["name"] == "id" else values.get(parameter["name"], [])
            if fitting := [each for each in known if type_name(each) == parameter["schema"]["type"]]:
                parameter["example"] = fitting[0]
    for shape in said["components"]["schemas"].values():
        for name, field in shape.get("properties", {}).items():
            if name in values and shape.get("additionalProperties") is False:
                field["examples"] = [each for each in values[name] if type_name(each) in field["type"]]


def dictionaries_of(keys: dict[str, int], values: dict[str, list[Any]]) -> dict[str, Any]:
    """What is stored as the dictionaries of schemathesis, from which it draws now and then."""
    return {
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
    }


def type_name(value: Any) -> str:
    return "string" if isinstance(value, str) else "integer"


def call_each(schema: BaseSchema) -> list[str]:
    """Send to every call of the schema; what failed in words, with a line of curl each. Printed as it goes."""
    failures = []
    for found in schema.get_all_operations():
        before = schema.app.statuses.total()
        failed = call_one(found.ok())
        sent = schema.app.statuses.total() - before
        sys.stdout.write("\n".join([f"{found.ok().label}: {sent} requests, {len(failed)} failures", *failed, ""]))
        sys.stdout.flush()
        failures += failed
    return failures


def call_one(operation: APIOperation) -> list[str]:
    """Send to one call all that is to be sent to it."""
    load_all_checks()
    send = build_operation_test(
        config=operation.schema.config,
        operation=operation,
        test_func=sender(),
        given_kwargs={},
        feedback=FeedbackSources(),
    )
    try:
        send()
    except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001 -- told at the end; the others are still called
        return [f"{operation.label}: {each}" for each in told(failure)]
    return []


def sender() -> Callable[..., None]:
    """Sends a case and asks every check of schemathesis.

    Whether a call asks who is there it is asked once, as schemathesis itself does in its other ways of running: each
    time would be three more requests beside every one that succeeds.
    """
    asked: list[CheckFunction] = []

    def send(case: Case) -> None:
        answer = case.call_and_validate(excluded_checks=asked)
        if not asked and 200 <= answer.status_code < 300:
            asked.append(ignored_auth)

    return send


def call_in_chains(schema: BaseSchema, effort: Effort) -> list[str]:
    """Chains of calls in which one takes what another answered: a row is made, read, changed, deleted, read again.

    What a chain wrote is rolled back at its end. What failed comes back in words.
    """
    schema.app.forgetful = False
    machine = seed(effort.seed)(chains_of(schema))
    try:
        machine.run(
            settings=settings(
                max_examples=effort.examples,
                stateful_step_count=STEPS,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            )
        )
    except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001 -- whatever it was, the caller tells it
        return list(told(failure))
    return []


def chains_of(schema: BaseSchema) -> type[Any]:
    machine: Any = schema.build_state_machine(feedback=FeedbackSources(), link_calibration=None)

    class Chain(machine):
        def setup(self) -> None:
            self.school = transaction.atomic()
            self.school.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.school.__exit__(None, None, None)

    return Chain


def told(failure: BaseException) -> Iterator[str]:
    """Each failing case in words."""
    if isinstance(failure, BaseExceptionGroup) and not isinstance(failure, FailureGroup):
        for each in failure.exceptions:
            yield from told(each)
    else:
        yield f"{type(failure).__name__}: {failure}"
