"""POST /api/participation/: a program notes how a student took part; the event is matched, or else set."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attendance.tests.test_parallel import post_together
from participation.models import Event, ParticipationRecord, Status
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from students.tests.factories import EnrolmentFactory, SchoolClassFactory
from students.tests.posted import everything_stored
from tests.cast import MONDAY, YEAR_START, pupil

LIST = "/api/participation/"
QUERIES_NEW, QUERIES_SAME = 15, 9
TOGETHER = 8


@pytest.fixture
def office(cast, program):
    return program(cast.office)


@pytest.fixture
def ana(cast, program):
    return program(cast.ana.user)


@pytest.fixture
def sent(cast):
    """What a program sends: Amina led the trip of today; `changes` are other fields, ... leaves one out."""

    def note(**changes):
        fields = {
            "student_id": cast.amina.student_id,
            "event_name": "Trip",
            "date": "2026-03-16",
            "status": "led",
            **changes,
        }
        return {name: value for name, value in fields.items() if value is not ...}

    return note


def fields_of(answer):
    return list(answer.json()["fields"])


def stored():
    """All that is stored, but for what tells that a token was used."""
    return {**everything_stored(), "accounts.ApiToken": []}


def parts():
    """Each record: whose, in which event of which class, how."""
    rows = ParticipationRecord.objects.order_by("pk").select_related("student", "school_class")
    return [
        (row.student.given_name, row.event_name, row.school_class and row.school_class.name, row.status, row.remarks)
        for row in rows
    ]


class TestNoting:
    def test_a_note_sets_its_event_in_the_own_class_with_who_did_it(self, cast, ana, sent):
        answer = ana.post(LIST, sent(remarks="Knew the way"))
        record = ParticipationRecord.objects.get()
        said = {"message": "Amina Diallo is noted in “Trip”.", "participation_id": record.pk}
        assert (answer.status_code, answer.json()) == (201, said)
        assert parts() == [("Amina", "Trip", "7A", "led", "Knew the way")]
        event = record.event
        assert (event.name, event.date, event.school_class) == ("Trip", MONDAY, cast.class_7a)
        assert (record.date, record.marked_by, event.noted_by) == (MONDAY, cast.ana.user, cast.ana.user)
        kept = [*Event.history.all(), *ParticipationRecord.history.all()]
        assert [(row.history_type, row.history_user) for row in kept] == [("+", cast.ana.user)] * 2
        assert answer.headers["ETag"] == ana.get(f"{LIST}{record.pk}/").headers["ETag"]

    def test_the_notes_of_a_class_stand_in_one_event(self, cast, ana, sent):
        for student, name in ((cast.amina, "Trip"), (cast.bo, " Trip "), (cast.bo, "Choir")):
            answer = ana.post(LIST, sent(student_id=student.student_id.lower(), event_name=name))
            assert answer.status_code == 201
        events = Event.objects.order_by("pk")
        assert [(event.name, event.records.count()) for event in events] == [("Trip", 2), ("Choir", 1)]

    def test_an_event_that_a_teacher_has_set_is_matched(self, cast, ana, sent):
        trip = EventFactory(name="Trip", school_class=cast.class_7a)
        assert ana.post(LIST, sent()).status_code == 201
        assert (ParticipationRecord.objects.get().event, Event.objects.count()) == (trip, 1)

    @pytest.mark.parametrize("changes", [{"event_name": "trip"}, {"date": "2026-03-13"}])
    def test_another_event_is_set_where_name_or_day_differs(self, ana, sent, changes):
        ana.post(LIST, sent())
        assert ana.post(LIST, sent(**changes)).status_code == 201
        assert Event.objects.count() == 2

    def test_null_is_a_mixed_group_of_any_students(self, cast, office, ana, sent):
        for student in (cast.amina, cast.cleo):
            assert office.post(LIST, sent(student_id=student.student_id, class_id=None)).status_code == 201
        assert ana.post(LIST, sent(student_id=cast.bo.student_id, class_id=None, status="helped")).status_code == 201
        assert parts() == [
            ("Amina", "Trip", None, "led", ""),
            ("Cleo", "Trip", None, "led", ""),
            ("Bo", "Trip", None, "helped", ""),
        ]
        assert Event.objects.get().school_class is None

    def test_the_class_is_the_main_one_of_that_day_unless_another_is_named(self, cast, office, sent):
        band = SchoolClassFactory(name="Band", academic_year=cast.year)
        EnrolmentFactory(student=cast.amina, school_class=band, starts_on=YEAR_START, is_primary=False)
        cast.amina.enrolments.filter(is_primary=True).update(ends_on=MONDAY - timedelta(days=7))
        EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, starts_on=MONDAY, is_primary=True)
        for changes in ({}, {"date": "2026-03-02"}, {"event_name": "Concert", "class_id": band.pk}):
            assert office.post(LIST, sent(**changes)).status_code == 201
        assert [school_class for _who, _event, school_class, *_how in parts()] == ["7B", "7A", "Band"]

    def test_parents_note_nobody(self, cast, program, sent):
        mariam, before = program(cast.mariam.user), stored()
        assert mariam.post(LIST, sent()).status_code == 403
        assert stored() == before

    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_a_note_costs_the_same_in_an_event_of_any_size(self, cast, ana, sent, count_queries, number):
        trip = EventFactory(name="Trip", school_class=cast.class_7a)
        for each in range(number):
            ParticipationRecordFactory(student=pupil("Kid", f"No {each:02}", cast.class_7a), event=trip)
        ana.get(LIST)
        answers = []
        new = count_queries(lambda: answers.append(ana.post(LIST, sent())))
        same = count_queries(lambda: answers.append(ana.post(LIST, sent())))
        assert [answer.status_code for answer in answers] == [201, 200]
        assert (new, same) == (QUERIES_NEW, QUERIES_SAME)


class TestAgain:
    def test_the_same_again_writes_nothing(self, ana, office, sent):
        first = ana.post(LIST, sent(remarks="Knew the way"))
        before = stored()
        for caller, again in ((ana, sent(remarks="Knew the way")), (office, sent()), (ana, sent(event_name="Trip "))):
            answer = caller.post(LIST, again)
            assert (answer.status_code, answer.json()) == (200, first.json())
        assert stored() == before

    @pytest.mark.parametrize("changes", [{"status": "absent"}, {"remarks": "Was ill"}, {"remarks": ""}])
    def test_another_note_is_refused_with_what_is_stored_until_if_match_names_it(
        self, cast, ana, office, sent, changes
    ):
        first = ana.post(LIST, sent(remarks="Knew the way"))
        read = ana.get(LIST).json()[0]
        before = stored()
        refused = office.post(LIST, sent(**changes))
        assert (refused.status_code, refused.json()["current"]) == (409, read)
        assert stored() == before
        tag = refused.headers["ETag"]
        assert tag == first.headers["ETag"]
        saved = office.post(LIST, sent(**changes), HTTP_IF_MATCH=tag)
        assert (saved.status_code, saved.json()) == (200, first.json())
        assert ana.get(LIST).json() == [{**read, **changes}]
        assert ParticipationRecord.objects.get().marked_by == cast.office

    def test_if_match_of_what_is_not_stored_any_more_is_refused_with_what_is(self, ana, office, sent):
        tag = ana.post(LIST, sent()).headers["ETag"]
        office.post(LIST, sent(status="absent"), HTTP_IF_MATCH=tag)
        read = ana.get(LIST).json()[0]
        before = stored()
        outdated = ana.post(LIST, sent(status="award"), HTTP_IF_MATCH=tag)
        assert (outdated.status_code, outdated.json()["current"]) == (412, read)
        assert stored() == before
        assert ana.post(LIST, sent(status="award"), HTTP_IF_MATCH="*").status_code == 200
        assert ana.get(LIST).json() == [{**read, "status": "award"}]

    def test_if_match_of_a_record_that_is_not_there_fails_and_sets_no_event(self, ana, sent):
        answer = ana.post(LIST, sent(), HTTP_IF_MATCH='"0123"')
        assert (answer.status_code, list(answer.json())) == (412, ["error"])
        assert Event.objects.count() == 0


BAD = {
    "student-required": ({"student_id": ...}, "student_id"),
    "student-known": ({"student_id": "STU99999"}, "student_id"),
    "student-is-a-text": ({"student_id": 1}, "student_id"),
    "student-length": ({"student_id": "S" * 21}, "student_id"),
    "student-in-the-class": ({"class_id": "7B"}, "student_id"),
    "in-a-class-on-that-day": ({"date": "2025-08-31"}, "class_id"),
    "class-known": ({"class_id": 999_999}, "class_id"),
    "class-in-range": ({"class_id": 2**63}, "class_id"),
    "class-is-a-key": ({"class_id": "mixed"}, "class_id"),
    "event-required": ({"event_name": ...}, "event_name"),
    "event-has-a-name": ({"event_name": " "}, "event_name"),
    "event-length": ({"event_name": "x" * 101}, "event_name"),
    "event-printable": ({"event_name": "Tr\u202eip"}, "event_name"),
    "event-on-one-line": ({"event_name": "Trip\nto"}, "event_name"),
    "once-in-events-of-a-name": ({"event_name": "Choir"}, "event_name"),
    "day-required": ({"date": ...}, "date"),
    "day-is-a-day": ({"date": "2026-02-30"}, "date"),
    "day-has-come": ({"date": "2026-03-17"}, "date"),
    "day-has-come-in-a-mixed-group": ({"date": "2026-03-17", "class_id": None}, "date"),
    "day-in-the-year": ({"date": "2025-08-31", "class_id": "7A"}, "date"),
    "day-of-a-life": ({"date": "1899-12-31", "class_id": None}, "date"),
    "day-not-far-ahead": ({"date": "2029-01-01", "class_id": None}, "date"),
    "status-required": ({"status": ...}, "status"),
    "status-known": ({"status": "present"}, "status"),
    "status-spelt": ({"status": "Led"}, "status"),
    "status-given": ({"status": None}, "status"),
    "remarks-are-a-text": ({"remarks": 5}, "remarks"),
    "remarks-length": ({"remarks": "x" * 301}, "remarks"),
    "remarks-on-one-line": ({"remarks": "One\ntwo"}, "remarks"),
    "remarks-printable": ({"remarks": "a\u0007b"}, "remarks"),
    "unknown-field": ({"event_id": 1}, "event_id"),
}


class TestRefusals:
    @pytest.mark.parametrize("case", BAD)
    def test_what_the_page_would_refuse_is_refused_by_name_and_nothing_is_stored(self, cast, office, sent, case):
        ParticipationRecordFactory(student=cast.amina, event=EventFactory(name="Choir", school_class=None))
        changes, field = BAD[case]
        classes = {"7A": cast.class_7a.pk, "7B": cast.class_7b.pk}
        if changes.get("class_id") in classes:
            changes = {**changes, "class_id": classes[changes["class_id"]]}
        before = stored()
        answer = office.post(LIST, sent(**changes))
        assert (answer.status_code, fields_of(answer)) == (400, [field])
        assert stored() == before

    def test_what_is_required_is_named(self, office):
        assert fields_of(office.post(LIST, {})) == ["student_id", "event_name", "date", "status"]

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            (
                {"date": "2026-03-17"},
                {"date": "This is on Tue 17 Mar. Who took part can be noted on that day or later."},
            ),
            (
                {"date": "2025-08-31"},
                {
                    "class_id": "The student is in no class of yours on this day. "
                    "Give the class, or null for a mixed group."
                },
            ),
            ({"class_id": 999_999}, {"class_id": "Choose one of your classes or a mixed group."}),
            (
                {"event_name": "Choir"},
                {
                    "event_name": "Noted already in another event of the name “Choir” on this day: Amina Diallo. "
                    "Nothing was saved. Note them in one of the two alone."
                },
            ),
        ],
    )
    def test_why_is_said_in_words(self, cast, office, sent, changes, said):
        ParticipationRecordFactory(student=cast.amina, event=EventFactory(name="Choir", school_class=None))
        assert office.post(LIST, sent(**changes)).json() == {
            "error": "Something here cannot be taken. Nothing was changed.",
            "fields": {name: [sentence] for name, sentence in said.items()},
        }

    def test_a_teacher_notes_own_students_in_own_classes_alone(self, cast, ana, office, sent):
        before = stored()
        for changes, field in (
            ({"student_id": cast.cleo.student_id}, "student_id"),
            ({"student_id": cast.cleo.student_id, "class_id": None}, "student_id"),
            ({"student_id": cast.cleo.student_id, "class_id": cast.class_7a.pk}, "student_id"),
            ({"class_id": cast.class_7b.pk}, "class_id"),
        ):
            answer = ana.post(LIST, sent(**changes))
            assert (answer.status_code, fields_of(answer)) == (400, [field])
        assert stored() == before
        of_cleo = sent(student_id=cast.cleo.student_id, class_id=cast.class_7b.pk)
        assert office.post(LIST, of_cleo).status_code == 201

    def test_a_refusal_shows_nothing_of_what_others_noted_of_another_class(self, cast, ana, sent):
        event = EventFactory(name="Trip", school_class=cast.class_7b)
        ParticipationRecordFactory(student=cast.cleo, event=event, remarks="Secret")
        of_cleo = sent(student_id=cast.cleo.student_id, class_id=cast.class_7b.pk)
        answer = ana.post(LIST, of_cleo, HTTP_IF_MATCH='"0123"')
        assert answer.json()["fields"] == {"student_id": ["There is no such student who is yours."]}
        assert "current" not in answer.json()


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_programs_that_send_one_note_in_the_same_moment_store_it_once(self, cast, program, sent):
        callers = [program(cast.ana.user), program(cast.office)] * (TOGETHER // 2)
        answers = post_together([(caller, LIST, sent()) for caller in callers])
        assert sorted(answers) == [200] * (TOGETHER - 1) + [201]
        assert parts() == [("Amina", "Trip", "7A", "led", "")]
        assert [ParticipationRecord.history.count(), Event.objects.count(), Event.history.count()] == [1, 1, 1]

    def test_of_different_notes_one_wins_and_the_others_are_told(self, cast, program, sent):
        answers = post_together([(program(cast.ana.user), LIST, sent(status=status)) for status in Status])
        [(_who, _event, _class, won, _remarks)] = parts()
        assert answers == [201 if status == won else 409 for status in Status]
        assert ParticipationRecord.history.count() == 1

    def test_a_class_sent_in_the_same_moment_stands_in_one_event(self, cast, program, sent):
        kids = [pupil("Kid", f"No {number}", cast.class_7a) for number in range(TOGETHER)]
        posts = [(program(cast.ana.user), LIST, sent(student_id=kid.student_id)) for kid in kids]
        assert post_together(posts) == [201] * TOGETHER
        assert Event.objects.get().records.count() == TOGETHER
