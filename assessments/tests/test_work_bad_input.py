"""Whatever is typed into the form of a piece of work: a sentence that says what to change, and nothing is stored."""

from __future__ import annotations

import pytest

from assessments.tests.entries import stored
from assessments.tests.factories import AssessmentFactory
from assessments.tests.works import NEW, fields
from attendance.tests.registers import send, text_of
from students.tests.factories import (
    SubjectFactory,
)


@pytest.fixture
def maths(cast):
    return SubjectFactory(name="Mathematics")


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


POINTS = "Give a number of points such as 20 or 17.5."
FINE = "Give at most two decimals, such as 17.5. Type thousands without a sign between them."
ASCII = "Type the digits 0 to 9, such as 20 or 17.5."
ABOVE_0 = "Give a maximum above 0."
ISO = "Give the day as year-month-day, such as 2026-09-14."
YEAR = "This day is not in the school year of the class, 2025/26."
ODD = "This holds characters that cannot be printed. Type it again on one line."
TYPES = "Choose one of the types: quiz, test, exam or assignment."
BAD = {
    "a title is given": ({"title": "  "}, "Give it a title, such as “Fractions”."),
    "a title has at most 200 characters": ({"title": "é" * 201}, "This has 201 characters. Shorten it to 200."),
    "a title holds no NUL": ({"title": "Fractions\x00"}, ODD),
    "a title is on one line": ({"title": "Fractions\nand more"}, ODD),
    "a title is not turned around": ({"title": "Fractions\u202esnoitcarf"}, ODD),
    "a maximum is given": ({"max_score": " "}, "Give the highest number of points, such as 20."),
    "a maximum of nothing": ({"max_score": "0"}, ABOVE_0),
    "a maximum of nothing with decimals": ({"max_score": "0.00"}, ABOVE_0),
    "a negative maximum": ({"max_score": "-20"}, ABOVE_0),
    "a maximum is a number": ({"max_score": "NaN"}, POINTS),
    "a maximum is finite": ({"max_score": "inf"}, POINTS),
    "a maximum has no exponent": ({"max_score": "1e309"}, POINTS),
    "a maximum has no underscore": ({"max_score": "1_0"}, POINTS),
    "a maximum has one decimal sign": ({"max_score": "10,5,1"}, POINTS),
    "a maximum is no percentage": ({"max_score": "100%"}, POINTS),
    "a maximum is no fraction": ({"max_score": "½"}, ASCII),
    "a maximum in Arabic digits": ({"max_score": "١٢"}, ASCII),
    "a maximum in wide digits": ({"max_score": "１２"}, ASCII),
    "a maximum has two decimals": ({"max_score": "17.125"}, FINE),
    "a comma of thousands is not guessed": ({"max_score": "1,000"}, FINE),
    "a maximum is no more than can be stored": ({"max_score": "100000"}, "Give at most 99999.99 points."),
    "a maximum is short": ({"max_score": "9" * 10_000}, "This is too long for a number of points."),
    "a maximum holds no NUL": ({"max_score": "20\x00"}, ODD),
    "a date is given": ({"date_taken": ""}, "Give the day on which it was or will be written."),
    "a date exists": ({"date_taken": "2026-02-30"}, ISO),
    "a date is in ASCII digits": ({"date_taken": "２０２６-03-16"}, ISO),
    "a date has no other order": ({"date_taken": "16.03.2026"}, ISO),
    "the day before the school year": ({"date_taken": "2025-08-31"}, YEAR),
    "the day after the school year": ({"date_taken": "2026-07-18"}, YEAR),
    "a date of year 1": ({"date_taken": "0001-01-01"}, YEAR),
    "a date of year 9999": ({"date_taken": "9999-12-31"}, YEAR),
    "a type is given": ({"assessment_type": ""}, "Choose a type."),
    "a type is known": ({"assessment_type": "essay"}, TYPES),
    "a type is in small letters": ({"assessment_type": "Quiz"}, TYPES),
    "a category is known": ({"category": "999999"}, "Choose one of the categories."),
    "a category is no name": ({"category": "Quizzes"}, "Choose one of the categories."),
    "a class is given": ({"school_class": ""}, "Choose a class."),
    "a class is known": ({"school_class": "999999"}, "Choose one of your classes."),
    "a class is no name": ({"school_class": "7A"}, "Choose one of your classes."),
    "a subject is given": ({"subject": ""}, "Choose a subject."),
    "a subject is known": ({"subject": "999999"}, "Choose one of your subjects."),
    "the same work twice": (
        {"title": "Known"},
        "There is a piece of work of this title, type, date and maximum already.",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_says_what_to_change_keeps_the_rest_and_stores_nothing(case, cast, maths, ana):
    AssessmentFactory(title="Known", school_class=cast.class_7a, subject=maths)
    changes, sentence = BAD[case]
    before = stored()
    sent = fields(cast, maths, **changes)
    answer = send(ana, NEW, sent)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert stored() == before
    for name, value in sent.items():
        assert str(answer.context["form"][name].value()) == str(value)
