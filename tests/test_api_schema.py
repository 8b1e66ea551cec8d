"""The OpenAPI schema says what the routes do, and the page says what the schema says."""

from __future__ import annotations

import pytest
from django.urls import resolve

VERBS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def schema(cast, program):
    return program(cast.mariam.user).get("/api/schema/").json()


def test_every_verb_that_a_route_answers_is_described_and_no_other(schema):
    for path, verbs in schema["paths"].items():
        view = resolve(path.replace("{student_id}", "STU00001").replace("{id}", "1")).func.cls
        assert (path, set(verbs)) == (path, set(view.handlers()) - {"head"})
        for verb, said in verbs.items():
            assert said["summary"].endswith((".", "*."))
            assert {"400", "401", "403", "405", "429"} <= set(said["responses"])
            assert (verb in {"post", "put", "patch"}) is ("415" in said["responses"])


def test_no_two_verbs_have_one_name(schema):
    names = [said["operationId"] for verbs in schema["paths"].values() for said in verbs.values()]
    assert len(names) == len(set(names))


def test_what_is_sent_may_hold_no_other_field(schema):
    assert schema["components"]["schemas"]["SentStudent"]["additionalProperties"] is False


def test_the_schema_is_generated_without_a_warning(capsys):
    from drf_spectacular.generators import SchemaGenerator

    SchemaGenerator().get_schema(request=None, public=True)
    assert capsys.readouterr().err == ""


def test_the_page_names_every_call(cast, schema, sign_in):
    page = sign_in(cast.mariam.user).get("/api/docs/").content.decode()
    for path, verbs in schema["paths"].items():
        for verb in verbs:
            assert f'<code dir="ltr">{verb.upper()} {path}</code>' in page
    assert '<code dir="ltr">records[].minutes_late</code>: integer or null, 1 to 720' in page


def test_a_filter_says_what_it_takes(schema):
    said = {each["name"]: each["schema"] for each in schema["paths"]["/api/admin/users/"]["get"]["parameters"]}
    assert said["search"] == {"type": "string", "minLength": 1, "maxLength": 100}
    assert said["role"] == {"type": "string", "enum": ["admin", "parent", "teacher"]}
    said = {
        each["name"]: each["schema"] for each in schema["paths"]["/api/admin/teacher-assignments/"]["get"]["parameters"]
    }
    assert said["teacher_id"] == {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
    assert said["starts_on"] == {"type": "string", "format": "date"}
