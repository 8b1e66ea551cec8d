"""What cannot be noted: each is told in a sentence, what was typed stays, and nothing changes."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from behavior.models import BehaviorCategory, BehaviorRecord
from behavior.tests.factories import BehaviorRecordFactory, by, category
from behavior.tests.noting import NEW, form_key_on, seen_on, send, stored, text_of, ticked_on, typed
from tests.cast import MONDAY

UNPRINTABLE = "This holds characters that cannot be printed. Type it again on one line."
NO_DAY = "Give the day as year-month-day, such as 2026-09-14."
TOO_OLD = "This day is more than a year back. Give a later one."
TO_COME = "This day is still to come. Give today or an earlier day."
WHICH_TYPE, WHICH_CATEGORY = "Choose Positive or Negative.", "Choose one of the categories below."
INCOMPLETE = "This page came back incomplete. Look at it, then save once more."
# What each form refuses, as (field, what is sent, the sentence); None leaves the field out.
BAD = {
    "no type": ("behavior_type", None, WHICH_TYPE),
    "a type of its own": ("behavior_type", "neutral", WHICH_TYPE),
    "a type in capitals": ("behavior_type", "POSITIVE", WHICH_TYPE),
    "no category": ("category", None, "Choose a category."),
    "a category that is not there": ("category", "999999", WHICH_CATEGORY),
    "a category by name": ("category", "Kindness", WHICH_CATEGORY),
    "a category with a NUL": ("category", "1\x00", WHICH_CATEGORY),
    "a category that is longer than any": ("category", "9" * 5000, WHICH_CATEGORY),
    "a note of 301 characters": ("notes", "é" * 301, "This has 301 characters. Shorten it to 300."),
    "a note on two lines": ("notes", "One\ntwo", UNPRINTABLE),
    "a note with a NUL": ("notes", "Hit\x00", UNPRINTABLE),
    "a note that turns the line around": ("notes", "Hit \u202eneht", UNPRINTABLE),
    "a note with an invisible character": ("notes", "Hit\u200b", UNPRINTABLE),
    "no day": ("date", None, "Give the day on which it happened."),
    "a day that is not in the calendar": ("date", "2026-02-30", NO_DAY),
    "a day in words": ("date", "yesterday", NO_DAY),
    "a day in full-width digits": ("date", "２０２６-03-16", NO_DAY),
    "tomorrow": ("date", "2026-03-17", TO_COME),
    "the year 9999": ("date", "9999-12-31", TO_COME),
    "a day more than a year back": ("date", "2025-03-14", TOO_OLD),
    "the year 1": ("date", "0001-01-01", TOO_OLD),
}
BAD_FOR_A_NEW_ONE = {
    "no key of the form": ("form_key", None, INCOMPLETE),
    "a key that is none": ("form_key", "x", INCOMPLETE),
    "a key with a NUL": ("form_key", "1111\x00", INCOMPLETE),
}


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


def kept_on(page, name, value):
    """Whether a page still shows what was sent in a field."""
    source = unescape(page.content.decode())
    if name in {"behavior_type", "category"}:
        return re.search(rf'name="{name}" value="{re.escape(value)}" checked', source) is not None
    return re.search(rf'name="{name}"[^>]*? value="{re.escape(value)}"', source) is not None


@pytest.mark.parametrize("case", [*BAD, *BAD_FOR_A_NEW_ONE])
def test_a_new_record(case, cast, ana):
    name, value, sentence = (BAD | BAD_FOR_A_NEW_ONE)[case]
    fine = typed([cast.amina], class_id=cast.class_7a.pk, shared_with_parents="on")
    sent = fine | {name: value} if value is not None else {key: kept for key, kept in fine.items() if key != name}
    before = stored()
    answer = send(ana, NEW, sent)
    assert answer.status_code == 422
    assert "Not saved. Look at what is marked" in text_of(answer)
    assert sentence in text_of(answer)
    assert stored() == before
    assert ticked_on(answer) == {cast.amina.student_id}
    for other in ({"behavior_type", "category", "notes", "date"} - {name}) & sent.keys():
        assert kept_on(answer, other, sent[other]), other
    assert 'name="shared_with_parents" checked' in answer.content.decode()
    # Mended and sent again from the page that complained, it is saved.
    mended = fine | {"form_key": form_key_on(answer)}
    assert send(ana, NEW, mended).status_code == 302
    assert BehaviorRecord.objects.count() == 1


@pytest.mark.parametrize("case", BAD)
def test_a_change(case, cast, ana):
    name, value, sentence = BAD[case]
    record = BehaviorRecordFactory(student=cast.amina, notes="Stood up", **by(cast.ana))
    place = f"/behavior/{record.pk}/edit/"
    fine = typed(notes="Changed", form_key=None, seen=seen_on(ana.get(place)))
    sent = fine | {name: value} if value is not None else {key: kept for key, kept in fine.items() if key != name}
    before = stored()
    answer = send(ana, place, sent)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert stored() == before
    for other in ({"behavior_type", "category", "notes", "date"} - {name}) & sent.keys():
        assert kept_on(answer, other, sent[other]), other
    assert send(ana, place, fine | {"seen": seen_on(answer)}).status_code == 302
    assert BehaviorRecord.objects.get().notes == "Changed"


class TestStudents:
    def refused(self, ana, sent, sentence):
        before = stored()
        answer = send(ana, NEW, sent)
        assert answer.status_code == 422
        assert sentence in text_of(answer)
        assert 'value="Helped the new pupil"' in answer.content.decode()
        assert stored() == before

    def test_nobody_ticked(self, cast, ana):
        self.refused(ana, typed(class_id=cast.class_7a.pk), "Choose at least one student.")

    @pytest.mark.parametrize(
        ("posted", "named"),
        [
            ("STU99999", "STU99999"),
            ("", "?"),
            ("x" * 500, "x" * 20),
            ("STU00001\x00", "STU00001?"),
        ],
    )
    def test_somebody_who_is_not_offered(self, posted, named, cast, ana):
        sent = typed([cast.amina], class_id=cast.class_7a.pk) | {f"student-{posted}": "on"}
        self.refused(ana, sent, f"Not in this class on this day: {named}. The class list may have changed")

    def test_somebody_who_left_the_class_since_the_page_was_opened(self, cast, ana):
        cast.bo.enrolments.update(ends_on=MONDAY)
        sent = typed([cast.amina, cast.bo], class_id=cast.class_7a.pk)
        self.refused(ana, sent, f"Not in this class on this day: {cast.bo.student_id}.")


def test_a_category_that_the_school_withdrew_since_the_page_was_opened(cast, ana):
    kindness = category("Kindness")
    BehaviorCategory.objects.filter(pk=kindness.pk).update(is_active=False)
    before = stored()
    answer = send(ana, NEW, typed([cast.amina], class_id=cast.class_7a.pk))
    assert WHICH_CATEGORY in text_of(answer)
    assert (answer.status_code, stored()) == (422, before)


def test_neither_class_nor_student_asks_for_one(cast, ana):
    answer = send(ana, NEW, typed([cast.amina]))
    assert (answer.status_code, BehaviorRecord.objects.count()) == (422, 0)
    assert "Of which class?" in text_of(answer)


def test_an_old_record_keeps_its_day_and_its_category_though_neither_could_be_noted_now(cast, ana):
    record = BehaviorRecordFactory(student=cast.amina, date=MONDAY - timedelta(days=900), **by(cast.ana))
    BehaviorCategory.objects.filter(name="Kindness").update(is_active=False)
    place = f"/behavior/{record.pk}/edit/"
    sent = typed(notes="Mended", date=record.date, form_key=None, seen=seen_on(ana.get(place)))
    assert send(ana, place, sent).status_code == 302
    assert BehaviorRecord.objects.get().notes == "Mended"
    moved = sent | {"date": "2023-01-01", "seen": seen_on(ana.get(place))}
    assert TOO_OLD in text_of(send(ana, place, moved))
