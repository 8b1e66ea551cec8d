"""/assessments/<id>/publish/: when parents may read the scores: now, from a moment on, or no longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from assessments.models import Assessment, Score
from assessments.tests.entries import stored
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.tests.registers import send, text_of
from students.models import School, StudentParentLink, TeachingAssignment
from students.tests.factories import SubjectFactory
from tests.cast import MONDAY, NOW, pupil

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FRIDAY = {"do": "at", "day": "2026-03-20", "clock": "08:00"}
FRIDAY_MORNING = datetime(2026, 3, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def quiz(cast):
    """A quiz of 7A that is not published, with Amina's 15 of 20; Bo is not graded."""
    work = AssessmentFactory(title="Fractions", school_class=cast.class_7a, subject__name="Mathematics")
    ScoreFactory(assessment=work, student=cast.amina, score=Decimal(15))
    return work


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


def place(work: Assessment) -> str:
    return f"/assessments/{work.pk}/publish/"


def read_by(parent) -> list[Decimal | None]:
    """The points that a parent may read now."""
    return list(Score.objects.visible_to(parent.user).values_list("score", flat=True))


class TestFromWhenOn:
    def test_published_now_the_parents_of_the_child_read_it_and_nobody_elses(self, cast, quiz, ana):
        assert read_by(cast.mariam) == []
        answer = ana.post(place(quiz), {"do": "now"}, follow=True)
        assertContains(answer, "Published: parents read “Fractions” now.")
        assert answer.redirect_chain[0][0].startswith(f"/assessments/?class_id={cast.class_7a.pk}&")
        quiz.refresh_from_db()
        assert quiz.published_at == NOW
        assert read_by(cast.mariam) == [Decimal(15)]
        assert (read_by(cast.nils), read_by(cast.former)) == ([], [])
        StudentParentLink.objects.filter(parent=cast.mariam).update(may_see_assessments=False)
        assert read_by(cast.mariam) == []

    def test_published_at_a_time_they_read_it_exactly_from_that_moment_on(self, cast, quiz, ana, frozen):
        answer = ana.post(place(quiz), FRIDAY, follow=True)
        assertContains(answer, "Parents will read “Fractions” from Fri 20 Mar, 08:00.")
        quiz.refresh_from_db()
        assert quiz.published_at == FRIDAY_MORNING
        frozen.move_to(FRIDAY_MORNING - timedelta(microseconds=1))
        assert read_by(cast.mariam) == []
        frozen.move_to(FRIDAY_MORNING)
        assert read_by(cast.mariam) == [Decimal(15)]

    def test_the_time_is_that_of_the_schools_clock(self, quiz, ana):
        School.objects.update(time_zone="Asia/Kathmandu")
        answer = ana.post(place(quiz), FRIDAY, follow=True)
        assertContains(answer, "from Fri 20 Mar, 08:00.")
        quiz.refresh_from_db()
        assert quiz.published_at == datetime(2026, 3, 20, 2, 15, tzinfo=UTC)

    @pytest.mark.parametrize("published_at", [NOW, NOW + DAY])
    def test_withdrawn_they_read_it_no_longer_and_will_not(self, published_at, cast, quiz, ana, frozen):
        Assessment.objects.update(published_at=published_at)
        answer = ana.post(place(quiz), {"do": "withdraw"}, follow=True)
        assertContains(answer, "Withdrawn: parents do not read “Fractions”.")
        frozen.move_to(NOW + 2 * DAY)
        assert read_by(cast.mariam) == []
        assert Score.objects.get().score == Decimal(15)

    def test_what_was_planned_can_be_published_now_or_at_another_time(self, cast, quiz, ana):
        ana.post(place(quiz), FRIDAY)
        ana.post(place(quiz), FRIDAY | {"clock": "7:30"})
        quiz.refresh_from_db()
        assert quiz.published_at == FRIDAY_MORNING - 30 * MINUTE
        ana.post(place(quiz), {"do": "now"})
        assert read_by(cast.mariam) == [Decimal(15)]

    def test_history_names_who(self, cast, quiz, ana, sign_in):
        ana.post(place(quiz), {"do": "now"})
        sign_in(cast.office).post(place(quiz), {"do": "withdraw"})
        kept = quiz.history.order_by("history_id").values_list("history_user__username", "published_at")[1:]
        assert list(kept) == [("ana", NOW), ("office", None)]


class TestWhatChangesNothing:
    def test_publishing_again_keeps_since_when(self, quiz, ana, frozen):
        ana.post(place(quiz), {"do": "now"})
        before = stored()
        frozen.move_to(NOW + 5 * MINUTE)
        assertContains(ana.post(place(quiz), {"do": "now"}, follow=True), "Parents read “Fractions” already.")
        assert stored() == before

    def test_withdrawing_what_was_not_published_says_so(self, quiz, ana):
        before = stored()
        assertContains(ana.post(place(quiz), {"do": "withdraw"}, follow=True), "“Fractions” was not published.")
        assert stored() == before

    def test_what_parents_read_is_not_put_off(self, quiz, ana):
        ana.post(place(quiz), {"do": "now"})
        before = stored()
        answer = ana.post(place(quiz), FRIDAY)
        assertContains(answer, "Parents read it already. Withdraw it first if they are to", status_code=422)
        assert stored() == before


ISO = "Give the day as year-month-day, such as 2026-09-14."
CLOCK = "Give the time as 09:12: hours and minutes."
PASSED = "This has passed already. Give a later time, or choose “Publish now”."
FAR = "This is more than a year ahead. Give an earlier day."
BAD = {
    "something is to be done": ({"do": ""}, "Choose what to do: publish it now, at a time, or withdraw it."),
    "something known is to be done": ({"do": "never"}, "Choose what to do: publish it now, at a time"),
    "a day is given": ({"day": ""}, "Give the day from which parents read it."),
    "a time is given": ({"clock": " "}, CLOCK),
    "a day exists": ({"day": "2026-02-30"}, ISO),
    "a day is in ASCII digits": ({"day": "２０２６-03-20"}, ISO),
    "a time exists": ({"clock": "24:00"}, CLOCK),
    "a time is in ASCII digits": ({"clock": "٠٨:٠٠"}, CLOCK),
    "a time holds no NUL": ({"clock": "08:00\x00"}, "This holds characters that cannot be printed."),
    "yesterday": ({"day": "2026-03-15"}, PASSED),
    "this very minute": ({"day": "2026-03-16", "clock": "09:00"}, PASSED),
    "year 1": ({"day": "0001-01-01"}, PASSED),
    "367 days ahead": ({"day": "2027-03-18"}, FAR),
    "year 9999": ({"day": "9999-12-31", "clock": "23:59"}, FAR),
    "a time that the clocks skip": ({"day": "2026-03-29", "clock": "02:30"}, "The clocks change at this time"),
    "a time that the clocks repeat": ({"day": "2026-10-25", "clock": "02:30"}, "The clocks change at this time"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_says_what_to_change_keeps_the_rest_and_changes_nothing(case, quiz, ana, frozen):
    if "clocks" in case:
        School.objects.update(time_zone="Europe/Berlin")
    changes, sentence = BAD[case]
    before, sent = stored(), FRIDAY | changes
    answer = send(ana, place(quiz), sent)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert stored() == before
    if sent["do"] == "at":
        assert (answer.context["form"]["day"].value(), answer.context["form"]["clock"].value()) == (
            sent["day"], sent["clock"],
        )  # fmt: skip


@pytest.mark.parametrize(("day", "clock"), [("2026-03-16", "09:01"), ("2027-03-17", "09:00")])
def test_the_next_minute_and_the_last_of_a_year_are_accepted(day, clock, quiz, ana):
    assert ana.post(place(quiz), {"do": "at", "day": day, "clock": clock}).status_code == 302


class TestWhatThePageSays:
    @pytest.mark.parametrize(
        ("published_at", "said", "offered"),
        [
            (None, "Not published. Parents do not read it.", {"now", "at"}),
            (
                FRIDAY_MORNING,
                "Not published yet. Parents will read it from Fri 20 Mar, 08:00.",
                {"now", "at", "withdraw"},
            ),
            (NOW - DAY, "Published. Parents read it since Sun 15 Mar, 09:00.", {"withdraw"}),
            (NOW - 60 * MINUTE, "Published. Parents read it since 08:00.", {"withdraw"}),
        ],
    )
    def test_the_state_how_many_scores_and_what_can_be_done(self, published_at, said, offered, quiz, ana):
        Assessment.objects.update(published_at=published_at)
        page = ana.get(place(quiz))
        assert said in text_of(page)
        assert "1 graded, 1 not graded yet." in text_of(page)
        buttons = {
            action for action in ("now", "at", "withdraw") if f'name="do" value="{action}"' in page.content.decode()
        }
        assert buttons == offered

    def test_it_leads_to_mark_entry_and_the_mark_book(self, cast, quiz, ana):
        page = ana.get(place(quiz))
        assertContains(page, f'href="/assessments/{quiz.pk}/scores/"')
        assertContains(page, f"/assessments/?class_id={cast.class_7a.pk}&amp;subject={quiz.subject_id}&amp;term=year")

    def test_opening_it_changes_nothing(self, quiz, ana):
        before = stored()
        ana.get(place(quiz), {"do": "now"})
        assert stored() == before


class TestWhose:
    def test_only_who_sees_the_work_publishes_it(self, cast, quiz, ana, sign_in):
        before = stored()
        for person, status in ((cast.ben.user, 404), (cast.mariam.user, 403)):
            browser = sign_in(person)
            assert browser.get(place(quiz)).status_code == status
            for action in ({"do": "now"}, FRIDAY, {"do": "withdraw"}):
                assert browser.post(place(quiz), action).status_code == status
        assert stored() == before
        assert ana.post(place(quiz), {"do": "now"}).status_code == 302
        assert stored() != before

    def test_another_subject_of_the_same_class_is_not_enough(self, cast, quiz, ana):
        TeachingAssignment.objects.filter(teacher=cast.ana).update(subject=SubjectFactory())
        assert ana.post(place(quiz), {"do": "now"}).status_code == 404
        TeachingAssignment.objects.filter(teacher=cast.ana).update(subject=quiz.subject)
        assert ana.post(place(quiz), {"do": "now"}).status_code == 302


@pytest.mark.parametrize("number", [1, 3, 60])
def test_it_costs_the_same_for_any_number_of_students(number, cast, quiz, ana, count_queries):
    for each in range(number):
        ScoreFactory(assessment=quiz, student=pupil(f"Pupil{each}", "More", cast.class_7a))
    page = []
    # Who you are, the school, the work, its term, its lines.
    assert count_queries(lambda: page.append(ana.get(place(quiz)))) == 5
    assertContains(page[0], f"{number + 1} graded, 1 not graded yet.")
    assertNotContains(page[0], "Pupil")
    assert Score.objects.filter(assessment__date_taken=MONDAY).count() == number + 1
