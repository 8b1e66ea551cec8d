"""Behaviour in the school office: categories are edited, records are read."""

from __future__ import annotations

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from behavior.models import BehaviorCategory
from behavior.tests.factories import BehaviorRecordFactory, by, category
from behavior.tests.noting import stored

CATEGORIES, RECORDS = "/admin/behavior/behaviorcategory/", "/admin/behavior/behaviorrecord/"


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


class TestCategories:
    def test_a_new_one_is_offered_at_once_with_history(self, cast, office, sign_in):
        assert office.post(f"{CATEGORIES}add/", {"name": "Courage", "is_active": "on"}).status_code == 302
        courage = category("Courage")
        assert [(kept.history_type, kept.history_user) for kept in courage.history.all()] == [("+", cast.office)]
        page = sign_in(cast.ana.user).get("/behavior/new/", {"class_id": cast.class_7a.pk})
        assertContains(page, "Courage")

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("", "This field is required."),
            ("Kindness", "There is a category of this name."),
            ("x" * 101, "Ensure this value has at most 100 characters"),
            ("Cour\u202eage", "This holds characters that cannot be printed."),
        ],
    )
    def test_a_name_that_cannot_be_is_told(self, name, sentence, cast, office):
        before = list(BehaviorCategory.objects.values())
        answer = office.post(f"{CATEGORIES}add/", {"name": name, "is_active": "on"})
        assertContains(answer, sentence)
        assert list(BehaviorCategory.objects.values()) == before

    def test_one_with_records_is_not_deleted_and_its_number_is_shown(self, cast, office):
        record = BehaviorRecordFactory(student=cast.amina, **by(cast.ana))
        assertContains(office.get(CATEGORIES), '<td class="field-number_of_records">1</td>', html=True)
        before = stored()
        office.post(f"{CATEGORIES}{record.category.pk}/delete/", {"post": "yes"})
        assert BehaviorCategory.objects.filter(name="Kindness").exists()
        assert stored() == before

    def test_one_without_is(self, cast, office):
        office.post(f"{CATEGORIES}{category('Safety').pk}/delete/", {"post": "yes"})
        assert not BehaviorCategory.objects.filter(name="Safety").exists()


class TestRecords:
    def test_are_read_and_lead_to_where_they_are_changed(self, cast, office):
        record = BehaviorRecordFactory(student=cast.amina, notes="Shared lunch", **by(cast.ana))
        for page in (office.get(RECORDS), office.get(f"{RECORDS}{record.pk}/change/")):
            assertContains(page, "Shared lunch")
            assertContains(page, f'href="/behavior/{record.pk}/edit/"')
            assertNotContains(page, 'name="notes"')
        before = stored()
        assert office.post(f"{RECORDS}{record.pk}/change/", {"notes": "x"}).status_code == 403
        assert office.post(f"{RECORDS}{record.pk}/delete/", {"post": "yes"}).status_code == 403
        assert stored() == before

    def test_are_found_by_note_and_student(self, cast, office):
        BehaviorRecordFactory(student=cast.amina, notes="Shared lunch", **by(cast.ana))
        BehaviorRecordFactory(student=cast.cleo, notes="Ran indoors", **by(cast.ben))
        for words in ("lunch", "Diallo", cast.amina.student_id):
            page = office.get(RECORDS, {"q": words})
            assertContains(page, "Shared lunch")
            assertNotContains(page, "Ran indoors")

    def test_the_list_costs_the_same_at_any_size(self, cast, office, count_queries):
        BehaviorRecordFactory(student=cast.amina, **by(cast.ana))
        one = count_queries(lambda: office.get(RECORDS))
        for _time in range(10):
            BehaviorRecordFactory(student=cast.bo)
        assert count_queries(lambda: office.get(RECORDS)) == one
