"""Undo of mark entry: one person's own save of the last ten minutes, by the mechanism of the register."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from assessments.models import Score, State
from assessments.services import save_assessment
from assessments.tests.entries import place, scores_of, stored, type_over, typed
from assessments.tests.factories import AssessmentFactory
from attendance.tests.registers import text_of
from tests.cast import pupil

BUTTON = re.compile(r'name="saved_at" value="([^"]+)"')
UNDO_QUERIES = 16


@pytest.fixture
def work(cast):
    return AssessmentFactory(title="Quiz 3", school_class=cast.class_7a)


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


@pytest.fixture
def corrected(frozen, ana, cast, work):
    """Ana saved 12 for Amina, and five minutes later 17 for her and M for Bo; gives the page after that."""
    ana.post(place(work), typed({cast.amina: "12"}))
    frozen.shift(timedelta(minutes=5))
    type_over(ana, work, {cast.amina: "17", cast.bo: "M"})
    return ana.get(place(work))


def press(browser, work, page):
    (key,) = BUTTON.findall(page.content.decode())
    return browser.post(f"/assessments/{work.pk}/undo/", {"saved_at": key}, follow=True)


def test_it_brings_back_what_stood_before_as_a_change_with_history(ana, cast, work, corrected):
    assert "1 graded, 1 missing. Undo" in text_of(corrected)
    after = press(ana, work, corrected)
    assert "Undone: 2 scores are as before." in text_of(after)
    assert scores_of(work) == {"Amina": (State.GRADED, "12", "")}
    kept = Score.history.filter(student=cast.amina).order_by("history_id")
    assert [(row.history_type, str(row.score), row.history_user) for row in kept] == [
        ("+", "12", cast.ana.user),
        ("~", "17", cast.ana.user),
        ("~", "12", cast.ana.user),
    ]
    assert [row.history_type for row in Score.history.filter(student=cast.bo).order_by("history_id")] == ["+", "-"]


def test_a_score_that_was_cleared_comes_back(frozen, ana, cast, work):
    ana.post(place(work), typed({cast.amina: "12"}))
    frozen.shift(timedelta(minutes=5))
    type_over(ana, work, {cast.amina: ""})
    assert scores_of(work) == {}
    press(ana, work, ana.get(place(work)))
    assert scores_of(work) == {"Amina": (State.GRADED, "12", "")}


def test_not_after_ten_minutes(frozen, ana, work, corrected):
    frozen.shift(timedelta(minutes=10, seconds=1))
    before = stored()
    assert BUTTON.search(ana.get(place(work)).content.decode()) is None
    answer = press(ana, work, corrected)
    assert "Only the save of the last 10 minutes can be undone." in text_of(answer)
    assert stored() == before


def test_not_once_somebody_changed_it(frozen, ana, cast, sign_in, work, corrected):
    frozen.shift(timedelta(minutes=1))
    type_over(sign_in(cast.office), work, {cast.amina: "18"})
    before = stored()
    said = text_of(press(ana, work, corrected))
    assert "office changed this since, at 09:06: Amina Diallo. Nothing was undone" in said
    assert stored() == before


def test_nobody_undoes_what_somebody_else_saved(cast, sign_in, work, corrected):
    office = sign_in(cast.office)
    assert BUTTON.search(office.get(place(work)).content.decode()) is None
    before = stored()
    assert "There is nothing left to undo here." in text_of(press(office, work, corrected))
    assert stored() == before


@pytest.mark.parametrize("moment", ["", "now", "9999-99-99T00:00:00.000000+00:00"])
def test_a_moment_that_is_none(ana, work, corrected, moment):
    before = stored()
    answer = ana.post(f"/assessments/{work.pk}/undo/", {"saved_at": moment}, follow=True)
    assert "There is nothing to undo here." in text_of(answer)
    assert stored() == before


@pytest.mark.parametrize(("who", "status"), [("ben", 404), ("mariam", 403)])
def test_who_may_not_see_the_work_may_not_undo(cast, sign_in, work, corrected, who, status):
    (key,) = BUTTON.findall(corrected.content.decode())
    before = stored()
    browser = sign_in({"ben": cast.ben.user, "mariam": cast.mariam.user}[who])
    assert browser.post(f"/assessments/{work.pk}/undo/", {"saved_at": key}).status_code == status
    assert stored() == before


def test_not_where_the_maximum_was_lowered_below_a_score_that_would_come_back(frozen, ana, cast, work):
    ana.post(place(work), typed({cast.amina: "18"}))
    frozen.shift(timedelta(minutes=5))
    type_over(ana, work, {cast.amina: ""})
    page = ana.get(place(work))
    work.max_score = Decimal(10)
    save_assessment(by=cast.office, assessment=work)
    before = stored()
    said = text_of(press(ana, work, page))
    assert "The maximum was lowered since, below a score that would come back. Nothing was undone." in said
    assert stored() == before


@pytest.mark.parametrize("size", [1, 3])
def test_it_costs_the_same_for_one_and_many(frozen, ana, cast, work, count_queries, size):
    students = [cast.amina, *(pupil(f"S{number}", "Seven", cast.class_7a) for number in range(size - 1))]
    ana.post(place(work), typed(dict.fromkeys(students, "12")))
    frozen.shift(timedelta(minutes=5))
    type_over(ana, work, dict.fromkeys(students, "13"))
    (key,) = BUTTON.findall(ana.get(place(work)).content.decode())
    assert count_queries(lambda: ana.post(f"/assessments/{work.pk}/undo/", {"saved_at": key})) == UNDO_QUERIES
    assert scores_of(work)["Amina"] == (State.GRADED, "12", "")
