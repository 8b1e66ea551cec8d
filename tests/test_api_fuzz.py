"""Whatever is sent to the API, it answers as its schema says. In small here; `make fuzz` is the same at length."""

from __future__ import annotations

import logging
import os
import sys

import pytest
from hypothesis.internal.conjecture import providers

from accounts.models import User
from tests.api_fuzz import Effort, call_each, call_in_chains, call_one, load_schema
from tests.api_programs import program_of

AT_LENGTH = "EXAMPLES" in os.environ
SEED = int(os.environ.get("SEED", "1"))
WALK, DRAW, CHAINS = ("examples", "coverage", "fuzzing"), ("fuzzing",), ("stateful",)


def effort(examples: int, phases: tuple[str, ...]) -> Effort:
    """As much as is said here, or what `make fuzz` asks for."""
    if AT_LENGTH:
        return Effort(int(os.environ["EXAMPLES"]), WALK if phases == DRAW else phases, SEED)
    return Effort(examples, phases, SEED)


@pytest.fixture(autouse=True)
def no_log_of_refusals(caplog):
    for name in ("", "django.request"):
        caplog.set_level(logging.ERROR, name)


@pytest.fixture(autouse=True)
def same_data_whatever_is_loaded(monkeypatch):
    """Hypothesis likes to draw the constants of all code that is loaded by now: at length that is welcome."""
    if AT_LENGTH:
        yield
        return
    providers.CONSTANTS_CACHE.cache.clear()
    monkeypatch.setattr(providers, "_get_local_constants", providers.Constants)
    yield
    providers.CONSTANTS_CACHE.cache.clear()


def tell(who, schema, failures):
    """Print what was sent, for `make fuzz`, and fail with the cases that failed."""
    answers = ", ".join(f"{times} × {status}" for status, times in sorted(schema.app.statuses.items()))
    number = schema.app.statuses.total()
    sys.stdout.write(f"\n{who}, seed {SEED}: {number} requests, {len(failures)} failures; answers {answers}\n")
    assert not failures, f"seed {SEED}\n\n" + "\n\n".join(failures)


@pytest.mark.parametrize(
    ("person", "effort"),
    [("office", effort(2, WALK)), ("ana", effort(2, DRAW)), ("mariam", effort(1, DRAW))],
    ids=["office", "teacher", "parent"],
)
def test_every_call_answers_as_the_schema_says(person, effort, cast):
    users = {"office": cast.office, "ana": cast.ana.user, "mariam": cast.mariam.user}
    schema = load_schema(cast, program_of(users[person]).secret, effort)
    tell(person, schema, call_each(schema))
    assert schema.app.statuses[200]
    assert schema.app.statuses[429] == 0


def test_chains_of_calls_answer_as_the_schema_says(cast):
    much = effort(10, CHAINS)
    schema = load_schema(cast, program_of(cast.office).secret, much)
    tell("chains", schema, call_in_chains(schema, much))
    assert schema.app.statuses[200]
    assert schema.app.statuses[429] == 0


def test_an_answer_that_the_schema_does_not_know_is_found(cast):
    schema = load_schema(cast, program_of(cast.mariam.user).secret, Effort(1, DRAW, seed=1))
    refused = schema.raw_schema["paths"]["/api/classes/"]["get"]["responses"].pop("403")
    assert refused
    (found,) = call_one(schema["/api/classes/"]["GET"])
    assert "Received: 403" in found
    assert "curl -X GET" in found


@pytest.mark.parametrize("forgetful", [True, False])
def test_a_request_finds_the_school_of_the_one_before_only_in_a_chain(forgetful, cast):
    schema = load_schema(cast, program_of(cast.office).secret, Effort(1, DRAW, seed=1))
    schema.app.forgetful = forgetful
    body = {"email": "eva@school.example", "full_name": "Eva Ebert"}
    assert schema["/api/admin/users/teachers/"]["POST"].Case(body=body).call().status_code == 401
    case = schema["/api/admin/users/teachers/"]["POST"].Case(body=body)
    answer = case.call(headers={"Authorization": f"Bearer {program_of(cast.office).secret}"})
    assert answer.status_code == 201
    assert User.objects.filter(email="eva@school.example").exists() is not forgetful
