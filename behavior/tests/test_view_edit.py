"""/behavior/<key>/edit/ and /withdraw/: one's own records, the office all, with a history that forgets nothing."""

from __future__ import annotations

import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from accounts.tests.factories import TeacherFactory
from behavior.models import BehaviorCategory, BehaviorRecord
from behavior.tests.factories import BehaviorRecordFactory, by, category
from behavior.tests.noting import LIST, seen_on, send, stored, text_of, typed
from students.models import Enrolment
from students.tests.factories import TeachingAssignmentFactory
from tests.cast import MONDAY, YEAR_START


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def colleague(cast, sign_in):
    """Another teacher of 7A, who reads what Ana noted and changes none of it."""
    teacher = TeacherFactory(full_name="Cleo Colleague")
    TeachingAssignmentFactory(teacher=teacher, school_class=cast.class_7a, starts_on=YEAR_START)
    return sign_in(teacher.user)


@pytest.fixture
def record(cast):
    """What Ana noted of Amina."""
    return BehaviorRecordFactory(student=cast.amina, notes="Shared lunch", school_class=cast.class_7a, **by(cast.ana))


def place(record, what="edit"):
    return f"{LIST}{record.pk}/{what}/"


def change(browser, record, **changes):
    """Open the form and send it with these changes."""
    sent = typed(notes="Shared lunch", form_key=None) | {name: str(value) for name, value in changes.items()}
    return send(browser, place(record), sent | {"seen": seen_on(browser.get(place(record)))}, follow=True)


class TestChanging:
    @pytest.mark.parametrize("person", ["ana", "office"])
    def test_everything_but_the_student_and_who_noted_it(self, person, cast, record, request):
        answer = change(
            request.getfixturevalue(person), record, behavior_type="negative", category=category("Homework").pk,
            notes="Copied it", date="2026-03-12", shared_with_parents="on",
        )  # fmt: skip
        assertRedirects(answer, LIST)
        assertContains(answer, "The record of Amina Diallo is saved.")
        record.refresh_from_db()
        assert (record.behavior_type, record.category.name, record.notes) == ("negative", "Homework", "Copied it")
        assert (record.date.isoformat(), record.shared_with_parents) == ("2026-03-12", True)
        assert (record.student, record.teacher, record.noted_by) == (cast.amina, cast.ana, cast.ana.user)
        user = {"ana": cast.ana.user, "office": cast.office}[person]
        versions = [(kept.history_type, kept.notes, kept.history_user) for kept in record.history.all()]
        assert versions == [("~", "Copied it", user), ("+", "Shared lunch", None)]

    def test_the_form_shows_what_stands(self, cast, ana, record):
        BehaviorRecord.objects.update(shared_with_parents=True, behavior_type="negative")
        page = ana.get(place(record))
        for part in (
            'name="behavior_type" value="negative" checked',
            f'name="category" value="{category("Kindness").pk}" checked',
            'value="Shared lunch"',
            'name="shared_with_parents" checked',
            'value="2026-03-16"',
        ):
            assertContains(page, part)

    def test_saving_what_stands_notes_nothing(self, cast, ana, record):
        before = stored()
        change(ana, record)
        assert stored() == before

    def test_taking_the_sharing_back_takes_it_from_the_parents(self, cast, ana, record):
        change(ana, record, shared_with_parents="on")
        assert BehaviorRecord.objects.visible_to(cast.mariam.user).count() == 1
        change(ana, record)
        assert BehaviorRecord.objects.visible_to(cast.mariam.user).count() == 0

    def test_a_category_that_is_no_longer_offered_is_offered_for_its_own_record_alone(self, cast, ana, record):
        other = BehaviorRecordFactory(student=cast.bo, category=category("Safety"), **by(cast.ana))
        BehaviorCategory.objects.filter(name="Kindness").update(is_active=False)
        assert "Kindness" in text_of(ana.get(place(record)))
        assert "Kindness" not in text_of(ana.get(place(other)))


class TestMeanwhile:
    @pytest.mark.parametrize("what", ["edit", "withdraw"])
    def test_what_somebody_changed_is_told_and_not_overwritten_until_it_was_seen(self, what, cast, ana, office, record):
        opened = seen_on(ana.get(place(record, what)))
        change(office, record, notes="By the office")
        before = stored()
        sent = typed(notes="By Ana", form_key=None)
        answer = send(ana, place(record, what), sent | {"seen": opened})
        sentence = "Somebody changed this meanwhile: it is now Positive, Kindness, “By the office”. Look again."
        assert (answer.status_code, sentence in text_of(answer)) == (422, True)
        assert stored() == before
        assert send(ana, place(record, what), sent | {"seen": seen_on(answer)}).status_code == 302
        assert list(BehaviorRecord.objects.values_list("notes", flat=True)) == (["By Ana"] if what == "edit" else [])

    def test_a_form_that_cannot_be_read_does_not_hide_it(self, cast, ana, office, record):
        opened = seen_on(ana.get(place(record)))
        change(office, record, notes="By the office")
        answer = send(ana, place(record), typed(notes="x" * 301, form_key=None, seen=opened))
        again = send(ana, place(record), typed(notes="By Ana", form_key=None, seen=seen_on(answer)))
        assert "Somebody changed this meanwhile" in text_of(again)
        assert BehaviorRecord.objects.get().notes == "By the office"

    @pytest.mark.parametrize("seen", [None, "", "x", "é\x00"])
    @pytest.mark.parametrize("what", ["edit", "withdraw"])
    def test_without_what_was_seen_nothing_changes(self, seen, what, cast, ana, record):
        before = stored()
        answer = send(ana, place(record, what), typed(notes="Blind", form_key=None, seen=seen))
        assert (answer.status_code, stored()) == (422, before)


class TestWithdrawing:
    @pytest.mark.parametrize("person", ["ana", "office"])
    def test_asks_first_then_deletes_and_the_history_keeps_it(self, person, cast, record, request):
        browser = request.getfixturevalue(person)
        page = browser.get(place(record, "withdraw"))
        assertContains(page, "Withdraw the record of Amina Diallo?")
        assertContains(page, "Shared lunch")
        assert BehaviorRecord.objects.count() == 1
        answer = browser.post(place(record, "withdraw"), {"seen": seen_on(page)}, follow=True)
        assertContains(answer, "Withdrawn: Kindness, Amina Diallo.")
        assert BehaviorRecord.objects.count() == 0
        last = BehaviorRecord.history.first()
        user = {"ana": cast.ana.user, "office": cast.office}[person]
        assert (last.history_type, last.history_user, last.notes) == ("-", user, "Shared lunch")

    def test_says_whether_parents_lose_it_too(self, cast, ana, record):
        assertNotContains(ana.get(place(record, "withdraw")), "parents included")
        BehaviorRecord.objects.update(shared_with_parents=True)
        assertContains(ana.get(place(record, "withdraw")), "parents included")

    def test_twice_is_not_there(self, cast, ana, record):
        seen = {"seen": seen_on(ana.get(place(record, "withdraw")))}
        ana.post(place(record, "withdraw"), seen)
        assert ana.post(place(record, "withdraw"), seen).status_code == 404


class TestWhose:
    @pytest.mark.parametrize("what", ["edit", "withdraw"])
    def test_a_colleague_reads_it_and_changes_nothing(self, what, cast, ana, colleague, record):
        assertContains(colleague.get(LIST), "Shared lunch")
        assertNotContains(colleague.get(LIST), place(record, what))
        assertContains(ana.get(LIST), place(record, what))
        self.not_there(colleague, record, what, seen_on(ana.get(place(record, what))))

    @pytest.mark.parametrize("what", ["edit", "withdraw"])
    def test_nor_does_a_teacher_of_another_class_or_who_noted_it_once_the_student_has_moved(
        self, what, cast, ana, record, sign_in
    ):
        seen = seen_on(ana.get(place(record, what)))
        self.not_there(sign_in(cast.ben.user), record, what, seen)
        Enrolment.objects.filter(student=cast.amina).update(ends_on=MONDAY)
        self.not_there(ana, record, what, seen)

    def not_there(self, browser, record, what, seen):
        before = stored()
        assert browser.get(place(record, what)).status_code == 404
        sent = typed(notes="Mine now", form_key=None, seen=seen)
        assert send(browser, place(record, what), sent).status_code == 404
        assert stored() == before

    def test_parents_are_refused_even_what_they_read(self, cast, record, sign_in):
        BehaviorRecord.objects.update(shared_with_parents=True)
        before = stored()
        mariam = sign_in(cast.mariam.user)
        for what in ("edit", "withdraw"):
            assert mariam.get(place(record, what)).status_code == 403
            assert mariam.post(place(record, what), typed()).status_code == 403
        assert stored() == before

    def test_reading_is_noted(self, cast, ana, record):
        forget_readings()
        for what in ("edit", "withdraw"):
            ana.get(place(record, what))
        one = cast.amina.student_id
        assert list(AccessLog.objects.order_by("pk").values_list("page", "student_id")) == [
            ("behavior:edit", one),
            ("behavior:withdraw", one),
        ]
