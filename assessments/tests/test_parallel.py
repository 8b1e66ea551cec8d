"""Many saves of one piece of work in the same moment, and one whose session had ended."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.models import ParkedForm
from assessments.models import Score, State
from assessments.tests.entries import place, scores_of, typed, typed_on
from assessments.tests.factories import AssessmentFactory
from attendance.tests.registers import text_of
from attendance.tests.test_parallel import post_together

SIGNED = re.compile(r'name="kept_for" value="([^"]+)"')
TOGETHER = 8


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_identical_saves_write_each_score_once(self, cast, sign_in):
        work = AssessmentFactory(school_class=cast.class_7a)
        post = (sign_in(cast.ana.user), place(work), typed({cast.amina: "17", cast.bo: "M"}))
        assert post_together([post] * TOGETHER) == [302] * TOGETHER
        assert (Score.objects.count(), Score.history.count()) == (2, 2)

    def test_of_different_saves_one_wins_and_the_others_are_asked(self, cast, sign_in):
        work = AssessmentFactory(school_class=cast.class_7a)
        ana = cast.ana.user
        posts = [(sign_in(ana), place(work), typed({cast.amina: str(number)})) for number in range(TOGETHER)]
        answers = post_together(posts)
        state, points, _note = scores_of(work)["Amina"]
        assert state == State.GRADED
        assert answers == [302 if str(number) == points else 409 for number in range(TOGETHER)]
        assert Score.history.count() == 1


def test_what_was_typed_in_an_ended_session_waits_and_is_saved_only_by_saving(cast, sign_in):
    work = AssessmentFactory(school_class=cast.class_7a)
    page = sign_in(cast.ana.user).get(place(work))
    sent = typed({cast.amina: "85%", cast.bo: "99"}) | {"kept_for": SIGNED.search(page.content.decode())[1]}
    answer = Client().post(place(work), urlencode(sent), content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, Score.objects.count()) == (302, 0)
    waiting = f"{place(work)}?parked={ParkedForm.objects.get().pk}"
    assert typed_on(sign_in(cast.office).get(waiting))[cast.amina.student_id] == ""
    ana = sign_in(cast.ana.user)
    shown = ana.get(waiting)
    assert "It is not saved yet: look at it and save." in text_of(shown)
    assert typed_on(shown) == {cast.amina.student_id: "85%", cast.bo.student_id: "99"}
    assert Score.objects.count() == 0
    key = {"parked": str(ParkedForm.objects.get().pk)}
    assert ana.post(waiting, sent | key | {f"score-{cast.bo.student_id}": "9"}).status_code == 302
    assert scores_of(work) == {"Amina": (State.GRADED, "17", ""), "Bo": (State.GRADED, "9", "")}
    assert ParkedForm.objects.count() == 0
