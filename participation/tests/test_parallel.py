"""Many saves of one event in the same moment, and one whose session had ended."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.models import ParkedForm
from attendance.tests.registers import text_of
from attendance.tests.test_parallel import post_together
from participation.models import Event, ParticipationRecord, Status
from participation.tests.factories import EventFactory
from participation.tests.notes import chosen, chosen_on, parts_of, place

SIGNED = re.compile(r'name="kept_for" value="([^"]+)"')
TOGETHER = 8


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_identical_saves_write_each_line_once(self, cast, sign_in):
        trip = EventFactory(school_class=cast.class_7a)
        post = (sign_in(cast.ana.user), place(trip), chosen({cast.amina: "led", cast.bo: "absent"}))
        assert post_together([post] * TOGETHER) == [302] * TOGETHER
        assert (ParticipationRecord.objects.count(), ParticipationRecord.history.count()) == (2, 2)

    def test_of_different_saves_one_wins_and_the_others_are_asked(self, cast, sign_in):
        trip = EventFactory(school_class=cast.class_7a)
        statuses = list(Status)
        ana = cast.ana.user
        answers = post_together([(sign_in(ana), place(trip), chosen({cast.amina: status})) for status in statuses])
        won, _remarks = parts_of(trip)["Amina"]
        assert answers == [302 if status == won else 409 for status in statuses]
        assert ParticipationRecord.history.count() == 1

    def test_two_events_of_one_name_and_day_take_a_student_once(self, cast, sign_in):
        events = [EventFactory(name="Choir", school_class=each) for each in (cast.class_7a, None)]
        ana = cast.ana.user
        answers = post_together([(sign_in(ana), place(event), chosen({cast.amina: "led"})) for event in events])
        assert sorted(answers) == [302, 422]
        assert ParticipationRecord.objects.count() == 1

    def test_the_same_new_event_is_made_once(self, cast, sign_in):
        sent = {"name": "Choir", "date": "2026-03-16", "school_class": "mixed"}
        post = (sign_in(cast.ana.user), "/participation/new/", sent)
        assert sorted(post_together([post] * TOGETHER)) == [302] + [422] * (TOGETHER - 1)
        assert Event.objects.count() == 1


@pytest.mark.parametrize("mixed", [False, True])
def test_what_was_chosen_in_an_ended_session_waits_and_is_saved_only_by_saving(cast, sign_in, mixed):
    event = EventFactory(school_class=None if mixed else cast.class_7a)
    page = sign_in(cast.ana.user).get(place(event))
    sent = chosen({cast.amina: "led", cast.bo: ""}) | {"kept_for": SIGNED.search(page.content.decode())[1]}
    answer = Client().post(place(event), urlencode(sent), content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, ParticipationRecord.objects.count()) == (302, 0)
    waiting = f"{place(event)}?parked={ParkedForm.objects.get().pk}"
    assert "led" not in chosen_on(sign_in(cast.office).get(waiting)).values()
    ana = sign_in(cast.ana.user)
    shown = ana.get(waiting)
    assert "It is not saved yet: look at it and save." in text_of(shown)
    assert chosen_on(shown) == {cast.amina.student_id: "led", cast.bo.student_id: ""}
    assert ParticipationRecord.objects.count() == 0
    key = {"parked": str(ParkedForm.objects.get().pk)}
    assert ana.post(waiting, sent | key).status_code == 302
    assert parts_of(event) == {"Amina": ("led", "")}
    assert ParkedForm.objects.count() == 0
