"""/participation/: who took part in what, narrowed, sorted, by pages and as CSV; the latest events above."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from attendance.tests.registers import text_of
from participation.models import ParticipationRecord, Status
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from participation.tests.notes import place, stored
from tests.cast import MONDAY, pupil

LIST = "/participation/"
# Who you are, the school, classes with their years, the count, the page, the events, the log.
QUERIES = 7
EVENTS_QUERIES = 5
DAY = timedelta(days=1)
AMINA_TRIP, BO_TRIP, AMINA_CHOIR, CLEO_CHOIR = "Amina Trip", "Bo Trip", "Amina Choir", "Cleo Choir"


@pytest.fixture
def parts(cast):
    """A trip of 7A on Friday with Amina and Bo, a mixed choir today with Amina and Cleo of 7B."""
    trip = EventFactory(name="Trip", date=MONDAY - 3 * DAY, school_class=cast.class_7a)
    choir = EventFactory(name="Choir", school_class=None)
    ParticipationRecordFactory(student=cast.amina, event=trip)
    ParticipationRecordFactory(student=cast.bo, event=trip, status=Status.ABSENT)
    ParticipationRecordFactory(student=cast.amina, event=choir, status=Status.LED, remarks="Sang alone")
    ParticipationRecordFactory(student=cast.cleo, event=choir, remarks="=canary-of-cleo")
    return trip, choir


@pytest.fixture
def office(cast, parts, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def ana(cast, parts, sign_in):
    return sign_in(cast.ana.user)


def listed(client: Client, **query: object) -> list[str]:
    """The records on the page in its order, as name and event."""
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [f"{record.student.given_name} {record.event_name}" for record in response.context["page"]]


def sheet(client: Client, **query: object) -> list[str]:
    """The lines of the CSV."""
    response = client.get(LIST, {**query, "format": "csv"})
    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return b"".join(response.streaming_content).decode().split("\r\n")


class TestWhose:
    def test_the_office_sees_all_and_a_teacher_those_of_the_own_students(self, cast, office, ana, sign_in):
        assert listed(office) == [AMINA_CHOIR, CLEO_CHOIR, AMINA_TRIP, BO_TRIP]
        assert listed(ana) == [AMINA_CHOIR, AMINA_TRIP, BO_TRIP]
        assert listed(sign_in(cast.ben.user)) == [CLEO_CHOIR]

    def test_no_remark_of_another_class_is_on_the_page_or_in_the_csv(self, cast, office, ana, sign_in):
        for right in (office, sign_in(cast.ben.user)):
            assertContains(right.get(LIST), "canary-of-cleo")
            assert "canary-of-cleo" in "".join(sheet(right))
        assertNotContains(ana.get(LIST), "canary-of-cleo")
        assert "canary-of-cleo" not in "".join(sheet(ana))

    @pytest.mark.parametrize("query", [{}, {"format": "csv"}])
    def test_parents_are_refused_and_the_signed_out_led_to_the_sign_in(self, cast, parts, sign_in, query):
        assert sign_in(cast.mariam.user).get(LIST, query).status_code == 403
        assert Client().get(LIST, query).url.startswith("/accounts/login/?next=/participation/")

    def test_a_student_of_another_class_and_no_student_are_both_not_found(self, cast, ana, office):
        assert listed(office, student_id=cast.cleo.student_id) == [CLEO_CHOIR]
        assert listed(ana, student_id=cast.cleo.student_id) == listed(ana, student_id="STU99999") == []

    def test_reading_writes_one_line_of_the_access_log_without_the_query(self, cast, office):
        forget_readings()
        before = stored()
        office.get(LIST, {"student_id": cast.bo.student_id})
        sheet(office)
        assert stored() == before
        rows = AccessLog.objects.values_list("reader__username", "page", "path", "student_id")
        assert list(rows) == [("office", "participation:list", LIST, "")] * 2


class TestWhatIsShown:
    def test_a_line_says_day_student_class_event_part_and_remarks(self, office):
        body = office.get(LIST).content.decode().split("<tbody>")[1].split("</tbody>")[0]
        assert [text_of(line) for line in body.split("</tr>")[:-1]] == [
            "Mon 16 Mar Amina Diallo Mixed group Choir Led Sang alone",
            "Mon 16 Mar Cleo Marsh Mixed group Choir Attended =canary-of-cleo",
            "Fri 13 Mar Amina Diallo 7A Trip Attended",
            "Fri 13 Mar Bo Lind 7A Trip Absent",
        ]

    def test_the_event_is_a_link_where_the_person_may_open_it(self, cast, parts, ana, sign_in):
        trip, choir = parts
        link = f'<a href="{place(trip)}">Trip</a>'
        assertContains(ana.get(LIST), link, html=True)
        pupil("New", "Comer", cast.class_7b)
        ParticipationRecordFactory(student=cast.cleo, event=trip)
        ben = sign_in(cast.ben.user)
        assert listed(ben) == [CLEO_CHOIR, "Cleo Trip"]
        assertNotContains(ben.get(LIST), link, html=True)
        assertContains(ben.get(LIST), f'<a href="{place(choir)}">Choir</a>', html=True)

    def test_the_latest_five_events_lead_the_page_and_say_where_nothing_is_noted(self, cast, ana):
        for number in range(4):
            EventFactory(name=f"Old {number}", date=MONDAY - (10 + number) * DAY, school_class=None)
        page = text_of(ana.get(LIST))
        assert "Latest events Choir Mon 16 Mar · Mixed group Open Trip Fri 13 Mar · 7A Open" in page
        assert "Old 2 Wed 4 Mar · Mixed group · nothing noted yet Open All events" in page
        assert "Old 3" not in page

    def test_an_empty_list_says_what_to_do(self, cast, sign_in):
        ana = sign_in(cast.ana.user)
        assert "Nobody is noted yet. Add an event, then note who took part." in text_of(ana.get(LIST))
        assert "No record matches these filters." in text_of(ana.get(LIST, {"status": "led"}))


class TestFilters:
    def test_by_student(self, cast, office):
        assert listed(office, student_id=f" {cast.amina.student_id.lower()} ") == [AMINA_CHOIR, AMINA_TRIP]
        assert listed(office, student_id=cast.amina.student_id[:-1]) == []

    def test_by_class(self, cast, office):
        assert listed(office, class_id=cast.class_7a.pk) == [AMINA_TRIP, BO_TRIP]
        assert listed(office, class_id=cast.class_7b.pk) == []

    @pytest.mark.parametrize(("text", "found"), [("trip", [AMINA_TRIP, BO_TRIP]), ("oir", [AMINA_CHOIR, CLEO_CHOIR])])
    def test_by_a_part_of_the_events_name(self, office, text, found):
        assert listed(office, event_name=text) == found

    @pytest.mark.parametrize(
        ("status", "found"),
        [("led", [AMINA_CHOIR]), ("absent", [BO_TRIP]), ("attended", [CLEO_CHOIR, AMINA_TRIP]), ("award", [])],
    )
    def test_by_part_taken(self, office, status, found):
        assert listed(office, status=status) == found

    def test_by_days_both_inclusive(self, office):
        assert listed(office, start_date="2026-03-14") == [AMINA_CHOIR, CLEO_CHOIR]
        assert listed(office, end_date="2026-03-13") == [AMINA_TRIP, BO_TRIP]
        assert listed(office, start_date="2026-03-13", end_date="2026-03-13") == [AMINA_TRIP, BO_TRIP]

    def test_an_active_filter_is_a_chip_that_removes_it(self, office):
        chips = office.get(LIST, {"status": "led", "event_name": "choir"}).context["chips"]
        assert [(chip.label, chip.query) for chip in chips] == [
            ("Event: choir", "?status=led"),
            ("Part taken: Led", "?event_name=choir"),
        ]


class TestOrder:
    @pytest.mark.parametrize(
        ("sort", "found"),
        [
            ("date", [AMINA_TRIP, BO_TRIP, AMINA_CHOIR, CLEO_CHOIR]),
            ("student", [AMINA_TRIP, AMINA_CHOIR, BO_TRIP, CLEO_CHOIR]),
            ("class", [AMINA_TRIP, BO_TRIP, AMINA_CHOIR, CLEO_CHOIR]),
            ("-event", [AMINA_TRIP, BO_TRIP, AMINA_CHOIR, CLEO_CHOIR]),
            ("status", [BO_TRIP, AMINA_TRIP, CLEO_CHOIR, AMINA_CHOIR]),
        ],
    )
    def test_by_each_column(self, office, sort, found):
        assert listed(office, sort=sort) == found

    def test_by_pages(self, cast, office):
        event = EventFactory(name="Big", date=MONDAY - 30 * DAY, school_class=cast.class_7a)
        ParticipationRecordFactory.create_batch(23, event=event)
        assert (len(listed(office)), len(listed(office, page=2))) == (25, 2)


def test_the_csv_holds_the_words_of_the_api_and_disarms_formulas(cast, office):
    keys = {f"{row.student.given_name} {row.event_name}": row.pk for row in ParticipationRecord.objects.all()}
    assert sheet(office, sort="student") == [
        "\ufeffparticipation_id,student_id,full_name,class,event_name,date,status,remarks",
        f"{keys[AMINA_TRIP]},{cast.amina.student_id},Amina Diallo,7A,Trip,2026-03-13,attended,",
        f"{keys[AMINA_CHOIR]},{cast.amina.student_id},Amina Diallo,,Choir,2026-03-16,led,Sang alone",
        f"{keys[BO_TRIP]},{cast.bo.student_id},Bo Lind,7A,Trip,2026-03-13,absent,",
        f"{keys[CLEO_CHOIR]},{cast.cleo.student_id},Cleo Marsh,,Choir,2026-03-16,attended,'=canary-of-cleo",
        "",
    ]
    assert len(sheet(office, status="led")) == 3


class TestEvents:
    def test_all_of_them_the_latest_first_by_pages(self, cast, ana):
        EventFactory(name="Of 7B", school_class=cast.class_7b)
        for number in range(25):
            EventFactory(name=f"Old {number}", date=MONDAY - (10 + number) * DAY, school_class=None)
        first, second = ana.get("/participation/events/"), ana.get("/participation/events/?page=2")
        assert "27 events" in text_of(first)
        assert [event.name for event in first.context["page"]][:3] == ["Choir", "Trip", "Old 0"]
        assert [event.name for event in second.context["page"]] == ["Old 23", "Old 24"]

    def test_none_yet(self, cast, sign_in):
        page = sign_in(cast.ben.user).get("/participation/events/")
        assert "There is no event yet. Add one, then note who took part." in text_of(page)


class TestCost:
    @pytest.mark.parametrize("size", [1, 3, 60])
    def test_the_list_costs_the_same_at_any_size(self, cast, sign_in, count_queries, size):
        for number in range(size):
            event = EventFactory(school_class=cast.class_7a, date=MONDAY - number * DAY)
            ParticipationRecordFactory(student=pupil(f"S{number}", "Seven", cast.class_7a), event=event)
        ana = sign_in(cast.ana.user)
        assert count_queries(lambda: ana.get(LIST)) == QUERIES
        assert count_queries(lambda: ana.get("/participation/events/")) == EVENTS_QUERIES
        assert count_queries(lambda: sheet(ana)) == QUERIES - 2
