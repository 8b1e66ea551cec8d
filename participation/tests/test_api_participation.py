"""/api/participation/: records of participation as programs read, change and withdraw them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.models import AccessLog
from participation.models import Event, ParticipationRecord, Status
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from students.models import StudentParentLink
from students.tests.posted import everything_stored
from tests.cast import MONDAY, pupil

LIST = "/api/participation/"
FRIDAY = date(2026, 3, 13)
QUERIES_CHANGED, QUERIES_REMOVED = 12, 11


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
def trip(cast):
    """A trip of 7A on Friday."""
    return EventFactory(name="Trip", date=FRIDAY, school_class=cast.class_7a)


@pytest.fixture
def of_amina(cast, trip):
    return ParticipationRecordFactory(student=cast.amina, event=trip, status=Status.HELPED, remarks="Read the map")


@pytest.fixture
def of_cleo(cast):
    """Cleo in an event of 7B of today."""
    return ParticipationRecordFactory(
        student=cast.cleo, event=EventFactory(name="Sports day", school_class=cast.class_7b)
    )


def place(record):
    return f"{LIST}{record.pk}/"


def keys(caller, **query):
    answer = caller.get(LIST, query)
    assert answer.status_code == 200
    return [item["participation_id"] for item in answer.json()]


def stored():
    """All that is stored, but for what tells that a token was used."""
    return {**everything_stored(), "accounts.ApiToken": []}


class TestReading:
    def test_a_record_is_one_item_in_the_words_of_the_contract(self, cast, of_amina, office):
        item = {
            "participation_id": of_amina.pk,
            "student_id": cast.amina.student_id,
            "class_id": cast.class_7a.pk,
            "event_name": "Trip",
            "date": "2026-03-13",
            "status": "helped",
            "remarks": "Read the map",
        }
        assert office.get(LIST).json() == [item]
        assert office.get(place(of_amina)).json() == item

    def test_a_mixed_group_has_no_class(self, cast, office):
        record = ParticipationRecordFactory(student=cast.amina, event=EventFactory(school_class=None))
        assert office.get(place(record)).json()["class_id"] is None

    def test_each_person_lists_what_they_may_read(self, cast, of_amina, of_cleo, office, ana, mariam, program):
        choir = EventFactory(name="Choir", school_class=None)
        amina_sang, cleo_sang = [ParticipationRecordFactory(student=s, event=choir) for s in (cast.amina, cast.cleo)]
        # The latest day first, then by the name of the event.
        assert keys(office) == [amina_sang.pk, cleo_sang.pk, of_cleo.pk, of_amina.pk]
        assert keys(ana) == keys(mariam) == [amina_sang.pk, of_amina.pk]
        assert keys(program(cast.ben.user)) == keys(program(cast.nils.user)) == [cleo_sang.pk, of_cleo.pk]
        assert keys(program(cast.former.user)) == []
        for caller in (ana, mariam):
            assert [caller.get(place(each)).status_code for each in (of_amina, amina_sang)] == [200, 200]
            assert [caller.get(place(each)).status_code for each in (of_cleo, cleo_sang)] == [404, 404]

    def test_a_link_without_participation_shows_none(self, cast, of_amina, ana, mariam):
        assert keys(mariam) == [of_amina.pk]
        StudentParentLink.objects.filter(student=cast.amina).update(may_see_participation=False)
        assert keys(mariam) == []
        assert mariam.get(place(of_amina)).status_code == 404
        assert keys(ana) == [of_amina.pk]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"status": "helped"}, ["Trip"]),
            ({"status": "absent"}, []),
            ({"event_name": "tri"}, ["Trip"]),
            ({"start_date": "2026-03-14"}, ["Sports day"]),
            ({"end_date": "2026-03-13"}, ["Trip"]),
            ({"start_date": "2026-03-13", "end_date": "2026-03-16"}, ["Sports day", "Trip"]),
            ({"student_id": "STU99999"}, []),
            ({"page": "2", "page_size": "1"}, ["Trip"]),
        ],
    )
    def test_the_filters_are_those_of_the_page(self, of_amina, of_cleo, office, query, found):
        answer = office.get(LIST, query)
        assert [item["event_name"] for item in answer.json()] == found

    @pytest.mark.parametrize("text", ["été", "Été", "FÊTE D’ÉTÉ"])
    def test_a_part_of_the_name_is_found_in_any_capitals(self, cast, of_amina, office, text):
        party = ParticipationRecordFactory(student=cast.amina, event=EventFactory(name="Fête d’Été"))
        assert keys(office, event_name=text) == [party.pk]

    def test_by_student_and_by_class(self, cast, of_amina, of_cleo, office, ana):
        assert keys(office, student_id=cast.amina.student_id.lower()) == [of_amina.pk]
        assert keys(office, class_id=cast.class_7b.pk) == [of_cleo.pk]
        assert keys(ana, student_id=cast.cleo.student_id) == []
        refused = ana.get(LIST, {"class_id": cast.class_7b.pk})
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["class_id"])

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"status": "present"}, "status"),
            ({"start_date": "13.03.2026"}, "start_date"),
            ({"start_date": "2026-03-14", "end_date": "2026-03-13"}, "end_date"),
            ({"event_name": "x" * 101}, "event_name"),
            ({"remarks": "map"}, "remarks"),
            ({"page_size": "501"}, "page_size"),
        ],
    )
    def test_a_filter_that_cannot_be_read_is_refused_by_name(self, of_amina, office, query, field):
        answer = office.get(LIST, query)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])

    def test_reading_is_noted_a_row_for_a_list_and_a_row_for_a_child(self, cast, of_amina, ana):
        ana.get(LIST)
        ana.get(place(of_amina))
        assert list(AccessLog.objects.order_by("pk").values_list("reader__username", "page", "student_id")) == [
            ("ana", "api:participation", ""),
            ("ana", "api:participation_record", cast.amina.student_id),
        ]

    def test_what_is_not_there_is_not_found(self, office):
        for key in ("999999", "9" * 30):
            for answer in (office.get(f"{LIST}{key}/"), office.delete(f"{LIST}{key}/")):
                assert answer.status_code == 404


class TestChanging:
    def test_what_is_not_sent_stays(self, cast, of_amina, ana):
        before = ana.get(place(of_amina)).json()
        answer = ana.patch(place(of_amina), {"status": "led"})
        assert (answer.status_code, answer.json()) == (200, {"message": "The record of Amina Diallo is saved."})
        assert ana.get(place(of_amina)).json() == {**before, "status": "led"}
        assert answer.headers["ETag"] == ana.get(place(of_amina)).headers["ETag"]
        assert ana.patch(place(of_amina), {"remarks": ""}).status_code == 200
        assert ana.get(place(of_amina)).json() == {**before, "status": "led", "remarks": ""}
        of_amina.refresh_from_db()
        assert (of_amina.marked_by, Event.objects.get().noted_by) == (cast.ana.user, cast.ana.user)
        kept = [(row.history_type, row.history_user) for row in ParticipationRecord.history.order_by("history_id")]
        assert kept == [("+", None), ("~", cast.ana.user), ("~", cast.ana.user)]

    def test_put_takes_what_post_takes(self, cast, of_amina, ana):
        whole = {"student_id": cast.amina.student_id.lower(), "event_name": "Trip", "date": "2026-03-13"}
        before = ana.get(place(of_amina)).json()
        answer = ana.put(place(of_amina), {**whole, "class_id": cast.class_7a.pk, "status": "award", "remarks": "Map"})
        assert answer.status_code == 200
        assert ana.get(place(of_amina)).json() == {**before, "status": "award", "remarks": "Map"}
        assert ana.put(place(of_amina), {**whole, "status": "absent"}).status_code == 200
        assert ana.get(place(of_amina)).json() == {**before, "status": "absent", "remarks": "Map"}

    def test_what_is_as_it_stands_writes_nothing(self, of_amina, ana):
        before = stored()
        for sent in ({}, {"status": "helped"}, {"remarks": "Read the map"}):
            assert ana.patch(place(of_amina), sent).status_code == 200
        assert stored() == before

    @pytest.mark.parametrize(
        "changes", [{"student_id": "STU99999"}, {"event_name": "Hike"}, {"date": "2026-03-12"}, {"class_id": None}]
    )
    def test_a_record_stays_with_student_and_event(self, of_amina, office, changes):
        before = stored()
        answer = office.patch(place(of_amina), {"status": "led", **changes})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, list(changes))
        assert stored() == before

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"status": "present"}, "status"),
            ({"status": None}, "status"),
            ({"remarks": "x" * 301}, "remarks"),
            ({"remarks": "Turned \u202eround"}, "remarks"),
            ({"date": "Friday"}, "date"),
            ({"marked_by": 1}, "marked_by"),
        ],
    )
    def test_what_the_page_would_refuse_is_refused_by_name_and_nothing_is_changed(
        self, of_amina, office, changes, field
    ):
        before = stored()
        answer = office.patch(place(of_amina), changes)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
        assert stored() == before

    def test_put_names_what_is_missing(self, of_amina, office):
        answer = office.put(place(of_amina), {})
        assert list(answer.json()["fields"]) == ["student_id", "event_name", "date", "status"]

    def test_if_match_lets_through_who_read_what_is_stored_and_shows_others_what_is(self, of_amina, ana, office):
        read = ana.get(place(of_amina))
        tag = read.headers["ETag"]
        assert ana.get(place(of_amina), HTTP_IF_NONE_MATCH=tag).status_code == 304
        changed = office.patch(place(of_amina), {"remarks": "Lost the map"}, HTTP_IF_MATCH=tag)
        assert changed.status_code == 200
        before = stored()
        for refused in (
            ana.patch(place(of_amina), {"remarks": "x"}, HTTP_IF_MATCH=tag),
            ana.delete(place(of_amina), HTTP_IF_MATCH=tag),
        ):
            assert refused.status_code == 412
            assert refused.json()["current"] == {**read.json(), "remarks": "Lost the map"}
            assert refused.headers["ETag"] == changed.headers["ETag"]
        assert stored() == before

    def test_a_record_is_taken_away_and_the_history_and_the_event_stay(self, cast, trip, of_amina, ana):
        answer = ana.delete(place(of_amina))
        said = {"message": "Amina Diallo is not noted in “Trip” any more."}
        assert (answer.status_code, answer.json()) == (200, said)
        assert (list(ParticipationRecord.objects.all()), list(Event.objects.all())) == ([], [trip])
        last = ParticipationRecord.history.latest()
        assert (last.history_type, last.history_user, last.remarks) == ("-", cast.ana.user, "Read the map")
        assert ana.get(place(of_amina)).status_code == ana.delete(place(of_amina)).status_code == 404

    def test_in_a_mixed_group_a_teacher_changes_the_lines_of_own_students(self, cast, ana):
        choir = EventFactory(name="Choir", school_class=None)
        own, other = [ParticipationRecordFactory(student=each, event=choir) for each in (cast.amina, cast.cleo)]
        assert ana.patch(place(own), {"status": "led"}).status_code == 200
        before = stored()
        for refused in (ana.patch(place(other), {"status": "led"}), ana.delete(place(other))):
            assert refused.status_code == 404
        assert stored() == before

    def test_who_has_not_the_class_of_the_event_may_read_and_not_change(self, cast, of_amina, office, program):
        cast.amina.enrolments.update(ends_on=MONDAY)
        cast.amina.enrolments.create(school_class=cast.class_7b, starts_on=MONDAY, is_primary=True)
        ben = program(cast.ben.user)
        assert ben.get(place(of_amina)).status_code == 200
        before = stored()
        for refused in (ben.patch(place(of_amina), {"status": "led"}), ben.delete(place(of_amina))):
            assert refused.status_code == 403
            said = "Only who has the class of this event, or the school office, can change it."
            assert refused.json() == {"error": said}
        assert stored() == before
        assert office.patch(place(of_amina), {"status": "led"}).status_code == 200

    def test_parents_change_nothing(self, of_amina, mariam):
        before = stored()
        for refused in (mariam.patch(place(of_amina), {"status": "led"}), mariam.delete(place(of_amina))):
            assert refused.status_code == 403
        assert stored() == before

    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_a_change_costs_the_same_in_an_event_of_any_size(self, cast, trip, of_amina, ana, count_queries, number):
        for each in range(number):
            ParticipationRecordFactory(student=pupil("Kid", f"No {each:02}", cast.class_7a), event=trip)
        ana.get(LIST)
        answers = []
        changed = count_queries(lambda: answers.append(ana.patch(place(of_amina), {"status": "led"})))
        removed = count_queries(lambda: answers.append(ana.delete(place(of_amina))))
        assert [answer.status_code for answer in answers] == [200, 200]
        assert (changed, removed) == (QUERIES_CHANGED, QUERIES_REMOVED)


def test_days_of_an_old_event_do_not_hinder_a_change(of_amina, trip, ana):
    for model in (Event, ParticipationRecord):
        model.objects.update(date=MONDAY - timedelta(days=900))
    assert ana.patch(place(of_amina), {"status": "led"}).status_code == 200
