"""/api/behavior/: records of behaviour as programs read, write and withdraw them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.models import AccessLog
from behavior.models import BehaviorCategory, BehaviorRecord
from behavior.tests.factories import BehaviorRecordFactory, by, category
from behavior.tests.noting import stored
from students.models import StudentParentLink
from students.tests.factories import EnrolmentFactory, SchoolClassFactory
from tests.cast import MONDAY

LIST = "/api/behavior/"
FRIDAY = date(2026, 3, 13)


@pytest.fixture
def office(cast, program):
    return program(cast.office)


@pytest.fixture
def ana(cast, program):
    return program(cast.ana.user)


@pytest.fixture
def mariam(cast, program):
    return program(cast.mariam.user)


@pytest.fixture
def of_amina(cast):
    """Praise of Amina that Ana noted on Friday and shared."""
    return BehaviorRecordFactory(
        student=cast.amina, notes="Stood up", date=FRIDAY, shared_with_parents=True, **by(cast.ana)
    )


def place(record):
    return f"{LIST}{record.pk}/"


def keys(caller, **query):
    answer = caller.get(LIST, query)
    assert answer.status_code == 200
    return [item["behavior_id"] for item in answer.json()]


def sent(student, **more):
    return {"student_id": student.student_id, "behavior_type": "positive", "category": "Kindness", **more}


class TestReading:
    def test_a_record_is_one_item_in_the_words_of_the_contract(self, cast, of_amina, office):
        item = {
            "behavior_id": of_amina.pk,
            "student_id": cast.amina.student_id,
            "behavior_type": "positive",
            "category": "Kindness",
            "notes": "Stood up",
            "date": "2026-03-13",
            "teacher_id": cast.ana.user.pk,
            "shared_with_parents": True,
        }
        assert office.get(LIST).json() == [item]
        assert office.get(place(of_amina)).json() == item
        BehaviorRecord.objects.update(teacher=None, noted_by=cast.office)
        assert office.get(place(of_amina)).json()["teacher_id"] is None

    def test_each_person_lists_what_they_may_read(self, cast, of_amina, office, ana, mariam, program):
        unshared = BehaviorRecordFactory(student=cast.amina, **by(cast.ana))
        of_cleo = BehaviorRecordFactory(student=cast.cleo, shared_with_parents=True, **by(cast.ben))
        assert keys(office) == [of_cleo.pk, unshared.pk, of_amina.pk]  # the latest day first, then the latest record
        assert keys(ana) == [unshared.pk, of_amina.pk]
        assert keys(mariam) == [of_amina.pk]
        assert keys(program(cast.former.user)) == []
        for record, status in ((of_amina, 200), (unshared, 404), (of_cleo, 404)):
            assert mariam.get(place(record)).status_code == status
        StudentParentLink.objects.filter(student=cast.amina).update(may_see_behavior=False)
        assert keys(mariam) == []
        assert mariam.get(place(of_amina)).status_code == 404

    @pytest.mark.parametrize(
        ("query", "number"),
        [
            ({"behavior_type": "negative"}, 1),
            ({"category": "Homework"}, 1),
            ({"category": "Kindness", "behavior_type": "negative"}, 0),
            ({"start_date": "2026-03-14"}, 1),
            ({"end_date": "2026-03-13"}, 1),
            ({"search": "stood AMINA"}, 1),
            ({"student_id": "STU99999"}, 0),
            ({"page": "2", "page_size": "1"}, 1),
        ],
    )
    def test_the_filters_are_those_of_the_page(self, cast, of_amina, office, query, number):
        BehaviorRecordFactory(student=cast.cleo, behavior_type="negative", category=category("Homework"))
        assert len(keys(office, **query)) == number

    def test_by_student_and_by_the_class_of_that_day(self, cast, of_amina, office, ana):
        of_cleo = BehaviorRecordFactory(student=cast.cleo, **by(cast.ben))
        assert keys(office, student_id=cast.amina.student_id.lower()) == [of_amina.pk]
        assert keys(office, class_id=cast.class_7b.pk) == [of_cleo.pk]
        refused = ana.get(LIST, {"class_id": cast.class_7b.pk})
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["class_id"])

    def test_parents_choose_among_the_categories_that_they_read(self, cast, of_amina, mariam):
        BehaviorRecordFactory(student=cast.amina, category=category("Homework"), **by(cast.ana))
        assert keys(mariam, category="Kindness") == [of_amina.pk]
        assert mariam.get(LIST, {"category": "Homework"}).status_code == 400

    def test_reading_is_noted_a_row_for_a_list_and_a_row_for_a_child(self, cast, of_amina, ana):
        ana.get(LIST)
        ana.get(place(of_amina))
        assert list(AccessLog.objects.order_by("pk").values_list("reader__username", "page", "student_id")) == [
            ("ana", "api:behavior", ""),
            ("ana", "api:behavior_record", cast.amina.student_id),
        ]

    def test_what_is_not_there_is_not_found(self, office):
        for key in ("999999", "9" * 30):
            assert office.get(f"{LIST}{key}/").status_code == 404


class TestNoting:
    def test_a_record_is_stored_with_who_noted_it_and_in_which_class(self, cast, ana):
        answer = ana.post(LIST, sent(cast.amina, notes="Shared lunch", date="2026-03-13", shared_with_parents=True))
        record = BehaviorRecord.objects.get()
        said = {"message": "Noted: Kindness, Amina Diallo.", "behavior_id": record.pk}
        assert (answer.status_code, answer.json()) == (201, said)
        assert (record.student, record.behavior_type, record.category.name) == (cast.amina, "positive", "Kindness")
        assert (record.notes, record.date, record.shared_with_parents) == ("Shared lunch", FRIDAY, True)
        assert (record.teacher, record.noted_by, record.school_class) == (cast.ana, cast.ana.user, cast.class_7a)
        assert [(row.history_type, row.history_user) for row in BehaviorRecord.history.all()] == [("+", cast.ana.user)]

    def test_what_is_left_out_is_today_without_a_note_for_staff_alone(self, cast, office):
        assert office.post(LIST, sent(cast.amina, behavior_type="negative")).status_code == 201
        record = BehaviorRecord.objects.get()
        assert (record.date, record.notes, record.shared_with_parents) == (MONDAY, "", False)
        assert (record.teacher, record.noted_by) == (None, cast.office)

    def test_another_class_of_the_student_can_be_named(self, cast, office):
        choir = SchoolClassFactory(name="Choir", academic_year=cast.year)
        EnrolmentFactory(student=cast.amina, school_class=choir, starts_on=FRIDAY, is_primary=False)
        assert office.post(LIST, sent(cast.amina, class_id=choir.pk)).status_code == 201
        assert BehaviorRecord.objects.get().school_class == choir

    def test_noting_twice_is_two_records(self, cast, ana):
        assert [ana.post(LIST, sent(cast.amina)).status_code for _time in range(2)] == [201, 201]
        assert BehaviorRecord.objects.count() == 2

    def test_a_teacher_notes_of_own_students_in_own_classes(self, cast, ana, office):
        for wrong, field in (
            (sent(cast.cleo), "student_id"),
            (sent(cast.amina, class_id=cast.class_7b.pk), "class_id"),
        ):
            answer = ana.post(LIST, wrong)
            assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
        assert not BehaviorRecord.objects.exists()
        assert office.post(LIST, sent(cast.cleo, class_id=cast.class_7b.pk)).status_code == 201


BAD = {
    "student-known": ({"student_id": "STU99999"}, "student_id"),
    "student-is-a-text": ({"student_id": 1}, "student_id"),
    "student-length": ({"student_id": "S" * 21}, "student_id"),
    "type-known": ({"behavior_type": "neutral"}, "behavior_type"),
    "category-known": ({"category": "Weather"}, "category"),
    "category-by-name": ({"category": "1"}, "category"),
    "category-length": ({"category": "K" * 101}, "category"),
    "note-length": ({"notes": "x" * 301}, "notes"),
    "note-on-one-line": ({"notes": "One\ntwo"}, "notes"),
    "note-printable": ({"notes": "Hit \u202eneht"}, "notes"),
    "day-is-a-day": ({"date": "2026-02-30"}, "date"),
    "day-not-to-come": ({"date": "2026-03-17"}, "date"),
    "day-not-long-ago": ({"date": "2025-03-14"}, "date"),
    "shared-is-a-truth": ({"shared_with_parents": "yes"}, "shared_with_parents"),
    "class-known": ({"class_id": 999_999}, "class_id"),
    "class-in-range": ({"class_id": 2**63}, "class_id"),
    "unknown-field": ({"teacher_id": 1}, "teacher_id"),
}


class TestRefusals:
    @pytest.mark.parametrize("case", BAD)
    def test_what_the_page_would_refuse_is_refused_by_name_and_nothing_is_stored(self, cast, office, of_amina, case):
        changes, field = BAD[case]
        before = stored()
        for answer in (office.post(LIST, sent(cast.amina) | changes), office.patch(place(of_amina), changes)):
            assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
        assert stored() == before

    def test_student_type_and_category_are_required(self, office, of_amina):
        for answer in (office.post(LIST, {}), office.put(place(of_amina), {})):
            assert list(answer.json()["fields"]) == ["student_id", "behavior_type", "category"]

    def test_a_category_that_is_no_longer_offered(self, cast, office, of_amina):
        BehaviorCategory.objects.filter(name="Kindness").update(is_active=False)
        answer = office.post(LIST, sent(cast.amina))
        offered = "Discipline, Homework, Leadership, Participation, Safety"
        assert answer.json()["fields"] == {"category": [f"Choose one of these: {offered}."]}
        assert office.patch(place(of_amina), {"category": "Kindness", "notes": "Mended"}).status_code == 200

    def test_a_record_stays_with_student_and_class(self, cast, office, of_amina):
        for changes in ({"student_id": cast.bo.student_id}, {"class_id": cast.class_7a.pk}):
            answer = office.patch(place(of_amina), changes)
            assert (answer.status_code, list(answer.json()["fields"])) == (400, list(changes))


class TestChanging:
    def test_what_is_not_sent_stays(self, cast, of_amina, ana):
        before = ana.get(place(of_amina)).json()
        answer = ana.patch(place(of_amina), {"notes": "Stood up again"})
        assert (answer.status_code, answer.json()) == (200, {"message": "The record of Amina Diallo is saved."})
        assert ana.get(place(of_amina)).json() == {**before, "notes": "Stood up again"}
        whole = {"behavior_type": "negative", "category": "Homework", "student_id": cast.amina.student_id}
        assert ana.put(place(of_amina), {**whole, "shared_with_parents": False}).status_code == 200
        assert ana.get(place(of_amina)).json() == {
            **before, **whole, "notes": "Stood up again", "shared_with_parents": False,
        }  # fmt: skip
        kept = [(row.history_type, row.history_user) for row in BehaviorRecord.history.order_by("history_id")]
        assert kept == [("+", None), ("~", cast.ana.user), ("~", cast.ana.user)]

    def test_an_old_record_keeps_its_day(self, of_amina, ana):
        BehaviorRecord.objects.update(date=MONDAY - timedelta(days=900))
        assert ana.patch(place(of_amina), {"notes": "Mended"}).status_code == 200
        assert ana.patch(place(of_amina), {"date": "2023-01-01"}).status_code == 400

    def test_if_match_lets_through_who_read_what_is_stored_and_shows_others_what_is(self, of_amina, ana, office):
        read = ana.get(place(of_amina))
        tag = read.headers["ETag"]
        assert ana.get(place(of_amina), HTTP_IF_NONE_MATCH=tag).status_code == 304
        changed = office.patch(place(of_amina), {"notes": "Sat down"}, HTTP_IF_MATCH=tag)
        assert changed.status_code == 200
        before = stored()
        for refused in (
            ana.patch(place(of_amina), {"notes": "x"}, HTTP_IF_MATCH=tag),
            ana.delete(place(of_amina), HTTP_IF_MATCH=tag),
        ):
            assert refused.status_code == 412
            assert refused.json()["current"] == {**read.json(), "notes": "Sat down"}
            assert refused.headers["ETag"] == changed.headers["ETag"]
        assert stored() == before

    def test_who_did_not_note_it_may_read_and_not_change(self, cast, of_amina, ana, office):
        of_office = BehaviorRecordFactory(student=cast.amina, teacher=None, noted_by=cast.office)
        assert ana.get(place(of_office)).status_code == 200
        before = stored()
        for refused in (ana.patch(place(of_office), {"notes": "x"}), ana.delete(place(of_office))):
            assert refused.status_code == 403
            assert refused.json() == {"error": "Only who noted this, or the school office, can change it."}
        assert stored() == before
        assert office.patch(place(of_amina), {"notes": "x"}).status_code == 200

    def test_a_record_is_withdrawn_and_the_history_keeps_it(self, cast, of_amina, ana):
        answer = ana.delete(place(of_amina))
        assert (answer.status_code, answer.json()) == (200, {"message": "Withdrawn: Kindness, Amina Diallo."})
        assert not BehaviorRecord.objects.exists()
        last = BehaviorRecord.history.latest()
        assert (last.history_type, last.history_user, last.notes) == ("-", cast.ana.user, "Stood up")
        assert ana.get(place(of_amina)).status_code == ana.delete(place(of_amina)).status_code == 404
