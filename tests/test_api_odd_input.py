"""What no honest program sends: each case attacks one rule of the API, on one of its routes, and changes nothing."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from assessments.tests.factories import AssessmentFactory, ScoreFactory
from behavior.tests.factories import BehaviorRecordFactory, by
from students.tests.factories import SubjectFactory
from students.tests.posted import everything_stored

WRONG = "Something here cannot be taken. Nothing was changed."
NO_JSON, TWICE, NO_NUMBER = (
    "This is not JSON.",
    "A field stands twice in one object.",
    "NaN and Infinity are no numbers here.",
)
NUL = "A text holds a NUL character, which cannot be stored."
HALF = "A text holds half a character (a lone surrogate)."
DEEP, NO_UTF_8, MUCH = (
    "This is nested more than 100 deep.",
    "This is not UTF-8.",
    "This is too much at once. Send it in smaller parts.",
)
KIND, CHARSET = "Send JSON, with the Content-Type application/json.", "Send JSON as UTF-8."
NO_FILTER, NO_FIELD, ONCE = "There is no such filter here.", "There is no such field here.", "Give this once."
OBJECT = "Send an object here, with its fields by name."
DAY = "Give the day as year-month-day, such as 2026-09-14."
NO_TEXT, NO_WHOLE = "Not a valid string.", "A valid integer is required."
NO_PAGE, NO_SIZE = "Give a whole number from 1.", "Give a whole number from 1 to 500."
CHANGED = "This is not what you read: it was changed since. Look at it as it is now."
NO_TOKEN = "This token is not in force. Make a new one, or ask the school office."
GONE = "There is nothing here that is yours to see."

STUDENTS, MARKS, BATCH = "/api/students/", "/api/attendance/", "/api/attendance/batch/"
SCORES, RECORDS, USERS = "/api/assessments/", "/api/behavior/", "/api/admin/users/"
NAME = b'{"name": "Ada Lee"}'


def sent(**more: Any) -> bytes:
    return json.dumps({"name": "Ada Lee", **more}).encode()


def mark(**more: Any) -> dict[str, Any]:
    return {"student_id": "$amina", "class_id": "$class", "date": "2026-03-16", "status": "present", **more}


def score(**more: Any) -> dict[str, Any]:
    work = {"subject_name": "Mathematics", "assessment_type": "quiz", "title": "Angles", "date_taken": "2026-03-13"}
    return {"student_id": "$amina", **work, "score": 14, "max_score": 20, **more}


def noted(**more: Any) -> dict[str, Any]:
    return {"student_id": "$amina", "behavior_type": "positive", "category": "Kindness", **more}


def as_text(item: dict[str, Any]) -> bytes:
    return json.dumps(item).encode()


def raw(item: dict[str, Any], name: str, value: bytes) -> bytes:
    """The item as JSON, with these very bytes as the value of one of its fields."""
    return as_text(item | {name: "$raw"}).replace(b'"$raw"', value)


def mark_with(**more: Any) -> bytes:
    return as_text({"records": [mark(), mark(student_id="$bo", **more)]})


@dataclass(frozen=True)
class Odd:
    """A request and its refusal: `said` is the whole sentence, or what is wrong with each field."""

    call: str
    body: bytes = b""
    status: int = 400
    said: str | dict[str, Any] = ""
    headers: dict[str, str] = field(default_factory=dict)


def kind(name: str) -> dict[str, str]:
    return {"CONTENT_TYPE": name}


# Bodies that readers of JSON would read differently, or not at all.
BODIES = {
    "blank": Odd("POST " + MARKS, b" ", said=NO_JSON),
    "of-a-browser's-form": Odd("POST " + RECORDS, b"student_id=STU00001", said=NO_JSON),
    "unfinished": Odd("PATCH /api/students/$amina/", b'{"name": "Ada', said=NO_JSON),
    "two-values": Odd("POST " + STUDENTS, NAME + NAME, said=NO_JSON),
    "comma-at-the-end": Odd("PUT /api/behavior/$record/", b'{"notes": "x",}', said=NO_JSON),
    "comment": Odd("POST /api/admin/users/teachers/", b'{"full_name": "Eva"} // new', said=NO_JSON),
    "byte-order-mark": Odd("POST /api/admin/teacher-assignments/", b"\xef\xbb\xbf{}", said=NO_JSON),
    "control-character": Odd("PATCH /api/assessments/$score/", b'{"notes": "A\x07"}', said=NO_JSON),
    "more-digits-than-python-reads": Odd("POST " + SCORES, raw(score(), "score", b"9" * 5000), said=NO_JSON),
    "latin-1": Odd("POST " + STUDENTS, '{"name": "Zoë"}'.encode("latin-1"), said=NO_UTF_8),
    "utf-16": Odd("POST /api/auth/login/", '{"username": "office"}'.encode("utf-16"), said=NO_UTF_8),
    "gzip": Odd("POST " + BATCH, gzip.compress(b"{}"), said=NO_UTF_8, headers={"HTTP_CONTENT_ENCODING": "gzip"}),
    "surrogate-in-raw-bytes": Odd("POST " + STUDENTS, b'{"name": "A\xed\xa0\x80"}', said=NO_UTF_8),
    "nan": Odd("POST " + SCORES, raw(score(), "score", b"NaN"), said=NO_NUMBER),
    "minus-infinity": Odd("PATCH /api/assessments/$score/", b'{"score": -Infinity}', said=NO_NUMBER),
    "beyond-a-float": Odd("POST " + SCORES, raw(score(), "max_score", b"1e999"), said=NO_NUMBER),
    "field-twice": Odd("POST " + MARKS, as_text(mark())[:-1] + b', "status": "absent"}', said=TWICE),
    "field-twice-inside": Odd("POST " + BATCH, b'{"records": [{"note": "a", "note": "b"}]}', said=TWICE),
    "field-twice-by-an-escape": Odd(
        "PATCH /api/admin/users/$user/", b'{"role": "admin", "r\\u006fle": "parent"}', said=TWICE
    ),
    "nul": Odd("POST " + RECORDS, as_text(noted(notes="a\x00b")), said=NUL),
    "nul-in-a-name": Odd("POST /api/auth/login/", b'{"user\\u0000name": "office"}', said=NUL),
    "nul-far-inside": Odd("POST " + BATCH, mark_with(note="\x00"), said=NUL),
    "high-surrogate": Odd("PUT /api/students/$amina/", b'{"name": "A\\ud800da"}', said=HALF),
    "low-surrogate-in-a-list": Odd("POST " + STUDENTS, b'{"guardians": [{"name": "\\udfff"}]}', said=HALF),
    "surrogates-in-the-wrong-order": Odd("POST " + SCORES, raw(score(), "notes", b'"\\udc00\\ud840"'), said=HALF),
    "nested-101-deep": Odd("POST " + STUDENTS, b'{"name": ' + b"[" * 100 + b"]" * 100 + b"}", said=DEEP),
    "lists-nested-2000-deep": Odd("POST " + BATCH, b"[" * 2000 + b"]" * 2000, said=DEEP),
    "objects-nested-2000-deep": Odd("POST " + RECORDS, b'{"a":' * 2000 + b"1" + b"}" * 2000, said=DEEP),
    "nested-100000-deep-and-unfinished": Odd("POST /api/auth/login/", b"[" * 100_000, said=DEEP),
}

# Bodies of another size, or that say they are of another type.
SIZES_AND_TYPES = {
    "just-above-1-mb": Odd("POST " + STUDENTS, sent(name="a" * 1_000_000), 413, MUCH),
    "10-mb-of-blanks": Odd("PUT /api/behavior/$record/", b"[" + b" " * 10_000_000 + b"]", 413, MUCH),
    "10-mb-before-signing-in": Odd("POST /api/auth/login/", b"{" * 10_000_000, 413, MUCH),
    "10-mb-of-a-form": Odd(
        "POST " + MARKS, b"a=" + b"b" * 10_000_000, 413, MUCH, kind("application/x-www-form-urlencoded")
    ),
    "a-form": Odd("POST " + MARKS, b"a=b", 415, KIND, kind("application/x-www-form-urlencoded")),
    "plain-text": Odd("POST " + STUDENTS, NAME, 415, KIND, kind("text/plain")),
    "files-without-a-boundary": Odd("POST " + RECORDS, NAME, 415, KIND, kind("multipart/form-data")),
    "a-kind-of-json": Odd("PATCH /api/students/$amina/", NAME, 415, KIND, kind("application/merge-patch+json")),
    "no-type": Odd("POST " + BATCH, NAME, 415, KIND, kind("")),
    "two-types": Odd("POST " + SCORES, NAME, 415, KIND, kind("application/json, text/plain")),
    "another-charset": Odd("POST " + STUDENTS, NAME, 415, CHARSET, kind("application/json; charset=utf-16")),
}

# JSON as it should be, of another shape.
SHAPES = {
    "a-list-for-an-object": Odd("POST " + RECORDS, b"[]", said=OBJECT),
    "a-text-for-an-object": Odd("POST /api/auth/login/", b'"office"', said=OBJECT),
    "null-for-an-object": Odd("PATCH /api/assessments/$score/", b"null", said=OBJECT),
    "an-object-for-a-list": Odd(
        "POST " + BATCH, b'{"records": {"0": {}}}', said={"records": ['Expected a list of items but got type "dict".']}
    ),
    "a-number-for-a-row": Odd("POST " + BATCH, b'{"records": [5]}', said={"records": {"0": [OBJECT]}}),
    "more-than-500-rows": Odd(
        "POST " + BATCH,
        as_text({"records": [{}] * 501}),
        said={"records": ["Ensure this field has no more than 500 elements."]},
    ),
    "an-unknown-field": Odd("PATCH /api/behavior/$record/", b'{"teacher_id": 1}', said={"teacher_id": [NO_FIELD]}),
    "an-unknown-field-of-a-row": Odd(
        "POST " + BATCH, mark_with(marked_by=1), said={"records": {"1": {"marked_by": [NO_FIELD]}}}
    ),
    "5000-unknown-fields": Odd(
        "POST " + STUDENTS,
        sent(**{f"a{number:04}": 1 for number in range(5000)}),
        said={f"a{number:04}": [NO_FIELD] for number in range(20)},
    ),
    "an-endless-unknown-field": Odd("POST " + MARKS, as_text(mark(**{"x" * 100_000: 1})), said={"x" * 50: [NO_FIELD]}),
    "a-thousand-people": Odd(
        "POST " + STUDENTS,
        sent(guardians=[{"name": "Ida"}] * 1000),
        said={"guardians": ["Give at most 12 people here."]},
    ),
    "an-object-for-a-text": Odd("POST " + STUDENTS, sent(name={"a": 1}), said={"name": [NO_TEXT]}),
    "a-number-for-a-text": Odd("POST " + RECORDS, as_text(noted(category=5)), said={"category": [NO_TEXT]}),
    "a-text-for-a-key": Odd("POST " + MARKS, as_text(mark(class_id="1")), said={"class_id": [NO_WHOLE]}),
    "a-truth-for-a-key": Odd(
        "POST /api/admin/teacher-assignments/", b'{"teacher_id": 1, "class_id": true}', said={"class_id": [NO_WHOLE]}
    ),
    "a-key-beyond-64-bits": Odd(
        "POST " + STUDENTS,
        sent(classId=2**63),
        said={"classId": [f"Ensure this value is less than or equal to {2**63 - 1}."]},
    ),
    "a-text-for-points": Odd(
        "PATCH /api/assessments/$score/", b'{"score": "14"}', said={"score": ["A valid number is required."]}
    ),
    "a-text-for-a-truth": Odd(
        "PATCH /api/admin/users/$user/", b'{"is_active": "no"}', said={"is_active": ["Must be a valid boolean."]}
    ),
    "null-for-a-status": Odd(
        "POST " + MARKS, as_text(mark(status=None)), said={"status": ["This field may not be null."]}
    ),
    "a-day-without-dashes": Odd("POST " + SCORES, as_text(score(date_taken="20260313")), said={"date_taken": [DAY]}),
    "a-day-in-other-digits": Odd("POST " + STUDENTS, sent(dateOfBirth="٢٠١٣-٠٥-١٥"), said={"dateOfBirth": [DAY]}),
    "a-day-that-is-not-in-the-calendar": Odd(
        "POST " + RECORDS, as_text(noted(date="2026-02-30")), said={"date": [DAY]}
    ),
    "a-day-of-the-year-1": Odd(
        "POST " + STUDENTS,
        sent(dateOfBirth="0001-01-01"),
        said={"dateOfBirth": ["Give a day between the years 1900 and 2150."]},
    ),
    "text-that-runs-backwards": Odd(
        "POST " + STUDENTS,
        sent(name="A\u202eb"),
        said={"name": ["This holds characters that cannot be printed. Type it again on one line."]},
    ),
    "a-name-of-blanks": Odd("POST " + STUDENTS, sent(name="  \t "), said={"name": ["This field may not be blank."]}),
    "an-endless-password": Odd(
        "POST /api/auth/login/",
        as_text({"username": "office", "password": "x" * 100_000}),
        said={"password": ["Ensure this field has no more than 4096 characters."]},
    ),
}

# Addresses, queries and headers.
NO_VALUE = "Give a value, or leave this out."
QUERIES = {
    "an-unknown-filter": Odd(f"GET {MARKS}?colour=red", said={"colour": [NO_FILTER]}),
    "an-unknown-filter-of-one-item": Odd("GET /api/students/$amina/?fields=name", said={"fields": [NO_FILTER]}),
    "an-unknown-filter-of-a-write": Odd(f"POST {STUDENTS}?dry_run=1", NAME, said={"dry_run": [NO_FILTER]}),
    "an-unknown-filter-of-a-removal": Odd("DELETE /api/behavior/$record/?undo=1", said={"undo": [NO_FILTER]}),
    "a-filter-that-frameworks-know": Odd(f"GET {SCORES}?format=csv", said={"format": [NO_FILTER]}),
    "a-filter-twice": Odd(f"GET {STUDENTS}?search=a&search=b", said={"search": [ONCE]}),
    "5000-filters": Odd(
        f"GET {MARKS}?" + "&".join(f"a{number:04}" for number in range(5000)),
        said={f"a{number:04}": [NO_FILTER] for number in range(20)},
    ),
    "an-endless-filter": Odd(f"GET {USERS}?{'x' * 3000}=1", said={"x" * 50: [NO_FILTER]}),
    "a-search-of-blanks": Odd(f"GET {STUDENTS}?search=%20%09", said={"search": [NO_VALUE]}),
    "an-empty-class": Odd(f"GET {RECORDS}?class_id=", said={"class_id": [NO_VALUE]}),
    "nul-in-a-search": Odd(f"GET {STUDENTS}?search=a%00b", said={"search": ["Null characters are not allowed."]}),
    "an-endless-search": Odd(
        f"GET {RECORDS}?search={'a' * 101}",
        said={"search": ["Ensure this value has at most 100 characters (it has 101)."]},
    ),
    "a-class-that-is-no-number": Odd(
        f"GET {STUDENTS}?class_id=x",
        said={"class_id": ["Select a valid choice. x is not one of the available choices."]},
    ),
    "a-class-beyond-64-bits": Odd(
        f"GET /api/admin/teacher-assignments/?class_id={10**30}",
        said={"class_id": [f"Ensure this value is less than or equal to {2**63 - 1}."]},
    ),
    "an-unknown-status": Odd(
        f"GET {MARKS}?status=gone",
        said={"status": ["Select a valid choice. gone is not one of the available choices."]},
    ),
    "a-filter-day-of-a-week": Odd(f"GET {MARKS}?date=2026-W12-1", said={"date": [DAY]}),
    "days-in-the-wrong-order": Odd(
        f"GET {RECORDS}?start_date=2026-03-16&end_date=2026-03-01",
        said={"end_date": ["The last day is before the first. Change one of the two."]},
    ),
    "a-threshold-above-100": Odd(
        "GET /api/dashboard/alerts/?attendance=101", said={"attendance": ["Give at most 100 %."]}
    ),
    "a-threshold-that-is-no-number": Odd(
        "GET /api/dashboard/alerts/?performance=nan",
        said={"performance": ["Give a percentage from 0 to 100, such as 90 or 92.5."]},
    ),
    "a-month-that-there-is-not": Odd(
        "GET /api/parent/children/$amina/report/?month=2026-13",
        said={"month": ["Give the month as 2026-11: year and month."]},
    ),
    "page-0": Odd(f"GET {STUDENTS}?page=0", said={"page": [NO_PAGE]}),
    "a-page-in-wide-digits": Odd(f"GET {RECORDS}?page=１", said={"page": [NO_PAGE]}),
    "a-page-of-400-digits": Odd(f"GET {SCORES}?page={'9' * 400}", said={"page": [NO_PAGE]}),
    "an-empty-page": Odd("GET /api/classes/?page=", said={"page": [NO_VALUE]}),
    "a-page-after-the-last": Odd(
        f"GET {STUDENTS}?page=999999999", status=404, said="There is no such page of this list. The last one is page 1."
    ),
    "a-page-of-none": Odd("GET /api/teacher/classes/?page_size=0", said={"page_size": [NO_SIZE]}),
    "a-page-above-500": Odd(f"GET {USERS}?page_size=501", said={"page_size": [NO_SIZE]}),
    "a-key-of-30-digits": Odd(f"GET /api/behavior/{10**30}/", status=404, said=GONE),
    "nul-in-an-address": Odd(
        "GET /api/students/%00/",
        status=404,
        said="It does not exist, or it is not yours to see. Check the address, or start from the home page.",
    ),
    "a-tag-that-is-none": Odd("PATCH /api/behavior/$record/", b"{}", 412, CHANGED, {"HTTP_IF_MATCH": "yesterday"}),
    "a-weak-tag": Odd("DELETE /api/assessments/$score/", b"", 412, CHANGED, {"HTTP_IF_MATCH": 'W/"1"'}),
    "a-token-with-nul": Odd(
        f"GET {STUDENTS}", status=401, said=NO_TOKEN, headers={"HTTP_AUTHORIZATION": "Bearer a\x00b"}
    ),
    "a-token-of-100000-letters": Odd(
        f"GET {STUDENTS}", status=401, said=NO_TOKEN, headers={"HTTP_AUTHORIZATION": "Bearer " + "x" * 100_000}
    ),
    "a-password-in-place-of-a-token": Odd(
        f"GET {STUDENTS}",
        status=401,
        said="Sign in, or send a token.",
        headers={"HTTP_AUTHORIZATION": "Basic b2ZmaWNlOng="},
    ),
    "another-verb-in-a-header": Odd(
        f"GET {BATCH}",
        status=405,
        said="This address does not answer this verb.",
        headers={"HTTP_X_HTTP_METHOD_OVERRIDE": "POST"},
    ),
}
CASES = BODIES | SIZES_AND_TYPES | SHAPES | QUERIES


class World:
    """A school with a score and a record of behaviour, and what the words of the cases stand for."""

    def __init__(self, cast):
        work = AssessmentFactory(school_class=cast.class_7a, subject=SubjectFactory(name="Mathematics"))
        self.words = {
            "$amina": cast.amina.student_id,
            "$bo": cast.bo.student_id,
            "$class": str(cast.class_7a.pk),
            "$score": str(ScoreFactory(student=cast.amina, assessment=work).pk),
            "$record": str(BehaviorRecordFactory(student=cast.amina, **by(cast.ana)).pk),
            "$user": str(cast.ben.user.pk),
        }

    def told(self, text: str) -> str:
        text = text.replace('"$class"', self.words["$class"])
        for word, meaning in self.words.items():
            text = text.replace(word, meaning)
        return text

    def body(self, body: bytes) -> bytes:
        return self.told(body.decode("latin-1")).encode("latin-1")


@pytest.fixture
def world(cast):
    return World(cast)


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_in_words_and_changes_nothing(cast, world, program, name):
    case = CASES[name]
    office = program(cast.office)
    assert office.get("/api/auth/me/").status_code == 200
    before = everything_stored()
    verb, path = world.told(case.call).split(" ", 1)
    answer = office.call(verb, path, world.body(case.body), **case.headers)
    said = answer.json()
    refusal = {"error": case.said} if isinstance(case.said, str) else {"error": WRONG, "fields": case.said}
    assert everything_stored() == before
    assert (answer.status_code, answer.headers["Content-Type"]) == (case.status, "application/json")
    assert {name: said[name] for name in said if name != "current"} == refusal
