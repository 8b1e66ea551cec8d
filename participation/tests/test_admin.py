"""The school office: events to change or delete, records to read."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from accounts.tests.office_sweep import (
    Office,
    check_all_swept,
    check_pages,
    check_queries,
    check_search,
    errors_of,
    fill_in,
)
from participation.models import Event, ParticipationRecord
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from students.tests.factories import SchoolClassFactory

OFFICE = {
    "event": Office(EventFactory, queries=10),
    "participationrecord": Office(ParticipationRecordFactory, queries=11, can_add=False, can_delete=False),
}
EVENTS, RECORDS = (f"/admin/participation/{name}/" for name in OFFICE)
pytestmark = pytest.mark.django_db
each_model = pytest.mark.parametrize("office", OFFICE.values(), ids=OFFICE)


@pytest.fixture
def admin_user():
    return UserFactory(role=Role.ADMIN, username="office")


@pytest.fixture
def clerk(client, admin_user):
    client.force_login(admin_user)
    return client


def url(page, row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def told(answer):
    return [str(message) for message in answer.context["messages"]]


@each_model
def test_pages(office):
    check_pages(office)


@each_model
def test_queries(office):
    check_queries(office)


@each_model
def test_search(office):
    check_search(office)


def test_each_model_is_swept():
    check_all_swept(OFFICE, "participation")


def typed(**changes):
    school_class = SchoolClassFactory()
    day = school_class.academic_year.starts_on.isoformat()
    return {"name": "Sports day", "date": day, "school_class": school_class.pk, **changes}


class TestEvents:
    def test_are_made_by_who_saves_them(self, clerk, admin_user):
        assert clerk.post(f"{EVENTS}add/", typed(school_class="")).status_code == 302
        event = Event.objects.get()
        assert (event.school_class, event.history.get().history_user) == (None, admin_user)

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"name": " "}, "This field is required."),
            ({"name": "A\u2028B"}, "This holds characters that cannot be printed. Type it again on one line."),
            ({"date": "1999-01-01"}, "This day is not in the school year of the class, School year"),
            ({"date": "monday"}, "Enter a valid date."),
        ],
    )
    def test_refused(self, clerk, changes, said):
        errors = errors_of(clerk.post(f"{EVENTS}add/", typed(**changes)))
        assert [error[: len(said)] for error in errors] == [said]
        assert not Event.objects.exists()

    def test_a_new_name_goes_to_the_records(self, clerk, admin_user):
        row = ParticipationRecordFactory(event__name="Trip")
        clerk.post(url("change", row.event), fill_in(clerk.get(url("change", row.event)), name="Trip by bus"))
        row.refresh_from_db()
        assert (row.event_name, row.history.first().history_user) == ("Trip by bus", admin_user)

    def test_a_day_to_come_is_refused_once_somebody_is_noted(self, clerk, frozen):
        row = ParticipationRecordFactory(event__school_class=None, event__date=date(2026, 3, 16))
        posted = fill_in(clerk.get(url("change", row.event)), date="2026-03-17")
        answer = clerk.post(url("change", row.event), posted, follow=True)
        assert told(answer) == ["Somebody is noted in it, so its day has come. Give a day up to today."]
        assert Event.objects.get().date == date(2026, 3, 16)

    def test_keeps_its_class_and_leads_to_its_page(self, clerk):
        event = EventFactory(name="Trip")
        page = clerk.get(url("change", event))
        assert f'<a href="/participation/{event.pk}/">Open the event</a>' in page.content.decode()
        clerk.post(url("change", event), fill_in(page) | {"school_class": SchoolClassFactory().pk, "name": "New"})
        again = Event.objects.get()
        assert (again.name, again.school_class) == ("New", event.school_class)

    @pytest.mark.parametrize("from_list", [False, True])
    def test_is_deleted_with_its_records_which_stay_in_the_history(self, clerk, admin_user, from_list):
        row, other = ParticipationRecordFactory(), ParticipationRecordFactory()
        asked = clerk.get(url("delete", row.event))
        counts = {str(name): number for name, number in asked.context["model_count"]}
        assert counts == {"events": 1, "participation records": 1}
        if from_list:
            chosen = {"action": "delete_selected", "_selected_action": [row.event.pk], "post": "yes"}
            clerk.post(EVENTS, chosen)
        else:
            clerk.post(url("delete", row.event), {"post": "yes"})
        assert list(ParticipationRecord.objects.all()) == [other]
        kept = ParticipationRecord.history.filter(id=row.pk).first()
        assert (kept.history_type, kept.history_user) == ("-", admin_user)


def test_the_list_counts_the_students_of_each_event(clerk):
    event = EventFactory(name="Trip")
    ParticipationRecordFactory.create_batch(2, event=event)
    EventFactory(name="Zoo")
    rows = {row.name: row.number for row in clerk.get(EVENTS).context["cl"].result_list}
    assert rows == {"Trip": 2, "Zoo": 0}
