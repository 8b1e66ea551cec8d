"""The schema as a page of chapters: one a domain, in it each call with what it takes and answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

VERBS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a body or an answer; `name` holds the path to it, such as guardians[].name."""

    name: str
    kind: str
    required: bool
    words: str


@dataclass(frozen=True)
class Answer:
    status: str
    words: str
    fields: list[Field]


@dataclass(frozen=True)
class Call:
    """One verb of one address."""

    verb: str
    path: str
    summary: str
    query: list[Field]
    body: list[Field]
    answers: list[Answer]
    refusals: list[Answer]

    @property
    def anchor(self) -> str:
        return f"{self.verb}{self.path}".replace("/", "-").replace("{", "").replace("}", "").strip("-").lower()


@dataclass(frozen=True)
class Chapter:
    name: str
    calls: list[Call]


def chapters_of(schema: dict[str, Any]) -> list[Chapter]:
    """The calls of a schema by their first word after /api/, in the order of the alphabet."""
    chapters: dict[str, list[Call]] = {}
    for path, verbs in sorted(schema["paths"].items()):
        for verb in VERBS:
            if verb in verbs:
                call = call_of(schema, path, verb, verbs[verb])
                chapters.setdefault(verbs[verb]["tags"][0], []).append(call)
    return [Chapter(name, calls) for name, calls in sorted(chapters.items())]


def call_of(schema: dict[str, Any], path: str, verb: str, said: dict[str, Any]) -> Call:
    answers = [
        Answer(status, answer.get("description", ""), fields_of(schema, schema_in(answer)))
        for status, answer in sorted(said["responses"].items())
    ]
    return Call(
        verb=verb.upper(),
        path=path,
        summary=said["summary"],
        query=[parameter(schema, each) for each in said.get("parameters", [])],
        body=list(fields_of(schema, schema_in(said.get("requestBody", {})))),
        answers=[answer for answer in answers if answer.status < "400"],
        refusals=[answer for answer in answers if answer.status >= "400"],
    )


def parameter(schema: dict[str, Any], said: dict[str, Any]) -> Field:
    """A parameter of the address, its query or the headers."""
    return Field(
        said["name"], kind_of(schema, said["schema"]), said.get("required", False), said.get("description", "")
    )


def schema_in(part: dict[str, Any]) -> dict[str, Any]:
    """The schema of a body or an answer; nothing where it has none."""
    content: dict[str, Any] = part.get("content", {}).get("application/json", {})
    found: dict[str, Any] = content.get("schema", {})
    return found


def resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """A part with its reference followed."""
    for wrapped in ("allOf", "oneOf", "anyOf"):
        if wrapped in part:
            return resolved(schema, part[wrapped][0])
    if "$ref" not in part:
        return part
    found: dict[str, Any] = schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[-1]]
    return found


def fields_of(schema: dict[str, Any], part: dict[str, Any], path: str = "") -> list[Field]:
    """The fields of an object, those of inner objects too."""
    return list(walk(schema, part, path))


def walk(schema: dict[str, Any], part: dict[str, Any], path: str) -> Iterator[Field]:
    part = resolved(schema, part)
    if part.get("type") == "array":
        yield from walk(schema, part["items"], f"{path}[]")
    for name, inner in part.get("properties", {}).items():
        place = f"{path}.{name}" if path else name
        required = name in part.get("required", [])
        yield Field(place, kind_of(schema, inner), required, inner.get("description", ""))
        yield from walk(schema, inner, place)


def kind_of(schema: dict[str, Any], part: dict[str, Any]) -> str:
    """The type of a value in a few words: "string (date)", "integer, 1 to 720", "Female, Male"."""
    part = resolved(schema, part)
    kinds = part.get("type", "")
    word = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    if "enum" in part:
        return ", ".join(json.dumps(value) for value in part["enum"])
    if "format" in part:
        word += f" ({part['format']})"
    if "minimum" in part and "maximum" in part:
        word += f", {part['minimum']} to {part['maximum']}"
    if "maxLength" in part:
        word += f", at most {part['maxLength']} characters"
    return word
