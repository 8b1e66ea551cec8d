"""Undo of an event: one person's own save of the last ten minutes, by the mechanism of the register."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from attendance.tests.registers import text_of
from participation.event_services import save_event
from participation.models import Event, ParticipationRecord
from participation.services import record_participation
from participation.sheet import Note, Status
from participation.tests.factories import EventFactory
from participation.tests.notes import choose_over, chosen, parts_of, place, stored
from tests.cast import pupil

BUTTON = re.compile(r'name="saved_at" value="([^"]+)"')
UNDO_QUERIES = 11


@pytest.fixture
def trip(cast):
    return EventFactory(name="Trip", school_class=cast.class_7a)


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


@pytest.fixture
def corrected(frozen, ana, cast, trip):
    """Ana noted that Amina helped, and five minutes later that she led and Bo was absent; the page after that."""
    ana.post(place(trip), chosen({cast.amina: "helped"}))
    frozen.shift(timedelta(minutes=5))
    choose_over(ana, trip, {cast.amina: "led", cast.bo: "absent"})
    return ana.get(place(trip))


def press(browser, event, page):
    (key,) = BUTTON.findall(page.content.decode())
    return browser.post(f"{place(event)}undo/", {"saved_at": key}, follow=True)


def test_it_brings_back_what_stood_before_as_a_change_with_history(ana, cast, trip, corrected):
    assert "1 led, 1 absent. Undo" in text_of(corrected)
    assert "Undone: 2 lines are as before." in text_of(press(ana, trip, corrected))
    assert parts_of(trip) == {"Amina": ("helped", "")}
    kept = ParticipationRecord.history.filter(student=cast.amina).order_by("history_id")
    assert [(row.history_type, row.status) for row in kept] == [("+", "helped"), ("~", "led"), ("~", "helped")]


def test_who_noted_last_is_again_who_did_before(ana, cast, trip, corrected):
    before = Event.objects.get().noted_at
    press(ana, trip, corrected)
    event = Event.objects.get()
    assert (event.noted_by, event.noted_at) == (cast.ana.user, before - timedelta(minutes=5))


def test_a_line_that_was_taken_away_comes_back(frozen, ana, cast, trip):
    ana.post(place(trip), chosen({cast.amina: "helped"}))
    frozen.shift(timedelta(minutes=5))
    choose_over(ana, trip, {cast.amina: ""})
    press(ana, trip, ana.get(place(trip)))
    assert parts_of(trip) == {"Amina": ("helped", "")}


def test_not_after_ten_minutes(frozen, ana, trip, corrected):
    frozen.shift(timedelta(minutes=10, seconds=1))
    before = stored()
    assert BUTTON.search(ana.get(place(trip)).content.decode()) is None
    assert "Only the save of the last 10 minutes can be undone." in text_of(press(ana, trip, corrected))
    assert stored() == before


def test_not_once_somebody_changed_it(frozen, ana, cast, sign_in, trip, corrected):
    frozen.shift(timedelta(minutes=1))
    choose_over(sign_in(cast.office), trip, {cast.amina: "award"})
    before = stored()
    said = text_of(press(ana, trip, corrected))
    assert "office changed this since, at 09:06: Amina Diallo. Nothing was undone" in said
    assert stored() == before


def test_not_where_a_line_that_would_come_back_stands_in_another_event_by_now(frozen, ana, cast, trip):
    ana.post(place(trip), chosen({cast.amina: "helped"}))
    frozen.shift(timedelta(minutes=5))
    choose_over(ana, trip, {cast.amina: ""})
    page = ana.get(place(trip))
    other = EventFactory(name="Trip", school_class=None)
    record_participation(by=cast.office, event=other, notes={cast.amina.student_id: Note(Status.LED)})
    before = stored()
    said = text_of(press(ana, trip, page))
    assert "Noted already in another event of the name “Trip” on this day: Amina Diallo." in said
    assert stored() == before


def test_a_line_comes_back_under_the_name_that_the_event_has_now(frozen, ana, cast, trip):
    ana.post(place(trip), chosen({cast.amina: "helped"}))
    frozen.shift(timedelta(minutes=5))
    choose_over(ana, trip, {cast.amina: ""})
    page = ana.get(place(trip))
    trip.name = "Trip to the zoo"
    save_event(by=cast.office, event=trip)
    press(ana, trip, page)
    assert ParticipationRecord.objects.get().event_name == "Trip to the zoo"


def test_nobody_undoes_what_somebody_else_saved(cast, sign_in, trip, corrected):
    office = sign_in(cast.office)
    assert BUTTON.search(office.get(place(trip)).content.decode()) is None
    before = stored()
    assert "There is nothing left to undo here." in text_of(press(office, trip, corrected))
    assert stored() == before


@pytest.mark.parametrize("moment", ["", "now", "9999-99-99T00:00:00.000000+00:00"])
def test_a_moment_that_is_none(ana, trip, corrected, moment):
    before = stored()
    answer = ana.post(f"{place(trip)}undo/", {"saved_at": moment}, follow=True)
    assert "There is nothing to undo here." in text_of(answer)
    assert stored() == before


@pytest.mark.parametrize(("who", "status"), [("ben", 404), ("mariam", 403)])
def test_who_may_not_see_the_event_may_not_undo(cast, sign_in, trip, corrected, who, status):
    (key,) = BUTTON.findall(corrected.content.decode())
    before = stored()
    browser = sign_in({"ben": cast.ben.user, "mariam": cast.mariam.user}[who])
    assert browser.post(f"{place(trip)}undo/", {"saved_at": key}).status_code == status
    assert stored() == before


@pytest.mark.parametrize("size", [1, 3])
def test_it_costs_the_same_for_one_and_many(frozen, ana, cast, trip, count_queries, size):
    students = [cast.amina, *(pupil(f"S{number}", "Seven", cast.class_7a) for number in range(size - 1))]
    ana.post(place(trip), chosen(dict.fromkeys(students, "attended")))
    frozen.shift(timedelta(minutes=5))
    choose_over(ana, trip, dict.fromkeys(students, "led"))
    (key,) = BUTTON.findall(ana.get(place(trip)).content.decode())
    assert count_queries(lambda: ana.post(f"{place(trip)}undo/", {"saved_at": key})) == UNDO_QUERIES
    assert parts_of(trip)["Amina"] == ("attended", "")
