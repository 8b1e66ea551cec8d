"""Bad marks, each named by the rule that it attacks: the line is flagged, stays as typed, and nothing is stored."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assessments.models import Score
from assessments.tests.entries import place, read_on, stored, typed, typed_on
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.tests.registers import send, text_of

FORMS = "Type points such as 17 or 17.5, a percentage such as 85%, EX, M, or nothing."
DIGITS = "Type the digits 0 to 9, such as 17 or 17.5."
SIGN = "Type the score without a sign; a score cannot be below 0."
ONE_POINT = "Type one decimal point or comma, such as 17.5."
LONG = "This is too long for a score. Type points such as 17 or 17.5."
FINE = "This is no whole hundredth of a point. Type the points with at most two decimals."
ABOVE = "Above the maximum of 20."
LONG_NOTE = "The note has 301 characters. Shorten it to 300."
UNPRINTABLE = "The note holds characters that cannot be printed. Type it again on one line."

BAD_SCORES = {
    "float's nan": ("NaN", FORMS),
    "float's infinity": ("inf", FORMS),
    "infinity with a sign": ("-Infinity", FORMS),
    "the sign for infinity": ("∞", FORMS),
    "an exponent": ("1e1", FORMS),
    "an exponent beyond every float": ("1e309", FORMS),
    "a number below zero": ("-1", SIGN),
    "the least number below zero": ("-0.01", SIGN),
    "zero below zero": ("-0", SIGN),
    "a typographic minus": ("−5", SIGN),
    "a plus": ("+17", SIGN),
    "arabic digits": ("١٢", DIGITS),
    "full-width digits": ("１２", DIGITS),
    "devanagari digits": ("१२", DIGITS),
    "a superscript": ("1²", DIGITS),
    "a fraction in one letter": ("½", DIGITS),
    "an arabic decimal sign": ("١٢٫٥", DIGITS),
    "python's underscore": ("1_0", FORMS),
    "two commas": ("10,5,1", ONE_POINT),
    "thousands and decimals": ("1.000,5", ONE_POINT),
    "a comma alone": (",", FORMS),
    "no digit before the point": (".5", FORMS),
    "no digit behind the point": ("5.", FORMS),
    "hexadecimal": ("0x10", FORMS),
    "octal": ("0o17", FORMS),
    "a fraction": ("17/20", FORMS),
    "a sum": ("10+7", FORMS),
    "a formula": ("=17", FORMS),
    "a blank between digits": ("1 7", FORMS),
    "a line break between digits": ("1\n7", FORMS),
    "a null between digits": ("1\x007", FORMS),
    "an invisible joiner": ("1\u200d7", FORMS),
    "right-to-left override": ("\u202e71", FORMS),
    "a currency": ("17 €", FORMS),
    "a word": ("seventeen", FORMS),
    "another word for missing": ("missing", FORMS),
    "two marks in one": ("M EX", FORMS),
    "a percentage without a number": ("%", FORMS),
    "two percent signs": ("85%%", FORMS),
    "per mille": ("850‰", FORMS),
    "a percentage below zero": ("-5%", SIGN),
    "html": ("<b>17</b>", FORMS),
    "a third decimal": ("17.505", FINE),
    "a third decimal that a float would round away": ("16.999999999", FINE),
    "a percentage that is no hundredth": ("33.33%", FINE),
    "one hundredth above the maximum": ("20.01", ABOVE),
    "above the maximum": ("21", ABOVE),
    "a percentage above the maximum": ("100.05%", ABOVE),
    "the highest number of five digits": ("99999", ABOVE),
    "a number of six digits": ("100000", FORMS),
    "a number longer than any score": ("1" * 21, LONG),
    "10 kB of digits": ("9" * 10_000, LONG),
    "10 kB of letters": ("M" * 10_000, LONG),
}


@pytest.fixture
def work(cast):
    return AssessmentFactory(title="Quiz 3", school_class=cast.class_7a)


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


@pytest.mark.parametrize("rule", BAD_SCORES)
def test_a_bad_score_is_flagged_and_stays_as_typed(rule, ana, cast, work):
    text, sentence = BAD_SCORES[rule]
    ScoreFactory(assessment=work, student=cast.amina, score=Decimal("12.5"))
    before = stored()
    sent = typed({cast.amina: text})
    del sent[f"row-{cast.amina.student_id}"]
    answer = send(ana, place(work), sent)
    assert answer.status_code == 422
    assert read_on(answer)[cast.amina.student_id] == sentence
    assert typed_on(answer)[cast.amina.student_id].replace("\r\n", "\n") == text
    assert stored() == before


@pytest.mark.parametrize(
    ("note", "sentence"),
    [
        pytest.param("x" * 301, LONG_NOTE, id="a note longer than its column"),
        pytest.param("Well\x00done", UNPRINTABLE, id="a null in a note"),
        pytest.param("Well\x1bdone", UNPRINTABLE, id="an escape in a note"),
        pytest.param("\ue000", UNPRINTABLE, id="a character that no font has"),
    ],
)
def test_a_bad_note_is_flagged(note, sentence, ana, cast, work):
    before = stored()
    answer = send(ana, place(work), typed({cast.amina: "17"}) | {f"notes-{cast.amina.student_id}": note})
    assert (answer.status_code, stored()) == (422, before)
    assert sentence in text_of(answer)


def test_a_note_without_a_score_is_flagged(ana, cast, work):
    answer = ana.post(place(work), typed({cast.amina: ""}) | {f"notes-{cast.amina.student_id}": "Ill"})
    assert "There is a note but no score. Type a score, M or EX, or clear the note." in text_of(answer)
    assert Score.objects.count() == 0


class TestWholeForms:
    """A form that cannot be right as a whole saves none of its lines."""

    def refused(self, browser, work, fields, sentence):
        before = stored()
        answer = send(browser, place(work), fields)
        assert (answer.status_code, stored()) == (422, before)
        assert sentence in text_of(answer)

    def test_a_student_of_another_class(self, ana, cast, work):
        fields = typed({cast.amina: "17", cast.cleo: "17"})
        self.refused(ana, work, fields, f"Not in this class on this day: {cast.cleo.student_id}.")

    def test_a_student_who_does_not_exist(self, ana, cast, work):
        fields = typed({cast.amina: "17"}) | {"score-STU99999": "17"}
        self.refused(ana, work, fields, "Not in this class on this day: STU99999.")

    def test_a_student_without_a_number(self, ana, cast, work):
        self.refused(ana, work, typed({cast.amina: "17"}) | {"score-": "17"}, "Not in this class on this day: ?.")

    def test_no_scores_at_all(self, ana, work):
        self.refused(ana, work, {"csrf": "x"}, "No scores were sent. Type the scores and save again.")

    def test_a_forged_base_makes_a_clash_not_an_overwrite(self, ana, cast, work):
        ScoreFactory(assessment=work, student=cast.amina, score=Decimal(12))
        before = stored()
        forged = typed({cast.amina: "17"}) | {f"row-{cast.amina.student_id}": "0" * 16}
        assert ana.post(place(work), forged).status_code == 409
        assert stored() == before


def test_a_piece_of_work_that_does_not_exist(ana, cast, work):
    assert ana.get(f"/assessments/{work.pk + 1}/scores/").status_code == 404
    assert ana.post(f"/assessments/{work.pk + 1}/scores/", typed({cast.amina: "17"})).status_code == 404
    assert ana.get("/assessments/99999999999999999999999/scores/").status_code == 404
