"""/behavior/undo/: for ten minutes, whoever noted something can take it back as one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django.asserts import assertContains, assertRedirects

from behavior.models import BehaviorRecord
from behavior.tests.noting import LIST, NEW, UNDO, seen_on, send, stored, text_of, typed


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


@pytest.fixture
def saved(cast, ana):
    """Ana has noted something of both of her students; gives the key of that save."""
    send(ana, NEW, typed([cast.amina, cast.bo], class_id=cast.class_7a.pk))
    return str(BehaviorRecord.objects.first().entry_key)


def undo(browser, key, **more):
    return browser.post(UNDO, {"entry_key": key, **more}, follow=True)


class TestUndo:
    def test_withdraws_all_of_it_keeps_the_history_and_offers_the_form_again(self, cast, ana, saved):
        answer = undo(ana, saved, class_id=cast.class_7a.pk)
        assertRedirects(answer, f"{NEW}?class_id={cast.class_7a.pk}")
        assertContains(answer, "Undone: 2 records are withdrawn.")
        assert BehaviorRecord.objects.count() == 0
        kept = BehaviorRecord.history.filter(history_type="-").order_by("student")
        assert [(version.student, version.history_user, version.notes) for version in kept] == [
            (cast.amina, cast.ana.user, "Helped the new pupil"),
            (cast.bo, cast.ana.user, "Helped the new pupil"),
        ]

    def test_the_receipt_holds_the_button(self, cast, ana, saved):
        page = ana.get(f"{NEW}?class_id={cast.class_7a.pk}&noted={saved}")
        assertContains(page, f'name="entry_key" value="{saved}"')

    def test_leaves_other_saves_alone(self, cast, ana, saved):
        send(ana, NEW, typed([cast.amina], class_id=cast.class_7a.pk))
        undo(ana, saved)
        assert [record.student for record in BehaviorRecord.objects.all()] == [cast.amina]

    def test_what_was_undone_can_be_noted_again_by_the_same_form(self, cast, ana):
        sent = typed([cast.amina], class_id=cast.class_7a.pk)
        send(ana, NEW, sent)
        undo(ana, str(BehaviorRecord.objects.get().entry_key))
        send(ana, NEW, sent)
        assert BehaviorRecord.objects.count() == 1

    def test_takes_back_the_rest_where_one_was_withdrawn_since(self, cast, ana, saved):
        BehaviorRecord.objects.get(student=cast.bo).delete()
        assertContains(undo(ana, saved), "Undone: 1 record is withdrawn.")
        assert BehaviorRecord.objects.count() == 0


class TestRefused:
    def refused(self, browser, key, sentence, **more):
        before = stored()
        assert sentence in text_of(undo(browser, key, **more))
        assert stored() == before

    def test_after_ten_minutes(self, cast, ana, saved, frozen):
        frozen.shift(timedelta(minutes=10, seconds=1))
        self.refused(ana, saved, "Only the save of the last 10 minutes can be undone. Withdraw the records one by one.")

    def test_up_to_ten_minutes(self, cast, ana, saved, frozen):
        frozen.shift(timedelta(minutes=10))
        assertContains(undo(ana, saved), "Undone: 2 records are withdrawn.")

    def test_once_a_record_was_changed(self, cast, ana, saved):
        place = f"{LIST}{BehaviorRecord.objects.get(student=cast.bo).pk}/edit/"
        sent = typed(notes="Changed", form_key=None, seen=seen_on(ana.get(place)))
        assert send(ana, place, sent).status_code == 302
        self.refused(ana, saved, "One of these records was changed since. Nothing was undone")

    def test_the_save_of_somebody_else_even_for_the_office(self, cast, ana, saved, sign_in):
        for user in (cast.office, cast.ben.user):
            self.refused(sign_in(user), saved, "There is nothing left to undo here.")

    def test_twice(self, cast, ana, saved):
        undo(ana, saved)
        self.refused(ana, saved, "There is nothing left to undo here.")

    @pytest.mark.parametrize("key", ["", "x", "1\x00", "11111111-2222"])
    def test_a_key_that_is_none(self, key, cast, ana, saved):
        self.refused(ana, key, "There is nothing to undo here.")

    def test_a_key_of_no_save(self, cast, ana, saved):
        self.refused(ana, "11111111-2222-4333-8444-555555555555", "There is nothing left to undo here.")

    @pytest.mark.parametrize("class_id", ["", "x", "1/../2", "９"])
    def test_a_class_that_is_none_leads_to_the_list(self, class_id, cast, ana, saved):
        assertRedirects(undo(ana, saved, class_id=class_id), LIST)

    def test_parents_are_refused(self, cast, saved, sign_in):
        before = stored()
        assert sign_in(cast.mariam.user).post(UNDO, {"entry_key": saved}).status_code == 403
        assert stored() == before
