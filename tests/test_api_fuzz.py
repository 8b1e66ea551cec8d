"""schemathesis."""

import os

import pytest

from tests.api_fuzz import Effort, call_each, load_schema
from tests.api_programs import program_of


def test_operations(cast):
    who = {"office": cast.office, "ana": cast.ana.user, "mariam": cast.mariam.user}[os.environ.get("WHO", "office")]
    effort = Effort(int(os.environ.get("EXAMPLES", 5)), tuple(os.environ.get("PHASES", "examples coverage fuzzing").split()), int(os.environ["SEED"]) if "SEED" in os.environ else None)
    schema = load_schema(cast, program_of(who).secret, effort)
    failed = call_each(schema)
    print(sorted(schema.app.statuses.items()), sum(schema.app.statuses.values()))
    for label, each in failed.items():
        print("=====FAIL", label)
        for x in each: print(x[:1800])
    print(len(failed), list(failed))
