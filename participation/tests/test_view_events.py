"""The life of an event: set, changed, deleted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from attendance.tests.registers import text_of
from participation.models import Event, ParticipationRecord
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from participation.tests.notes import place, stored
from tests.cast import MONDAY

NEW = "/participation/new/"


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


@pytest.fixture
def trip(cast):
    """A trip of 7A on Friday in which Amina is noted."""
    event = EventFactory(name="Trip", date=MONDAY - timedelta(days=3), school_class=cast.class_7a)
    ParticipationRecordFactory(event=event, student=cast.amina)
    return event


@pytest.fixture
def choir(cast):
    """A mixed group with Amina and Cleo."""
    event = EventFactory(name="Choir", school_class=None)
    for student in (cast.amina, cast.cleo):
        ParticipationRecordFactory(event=event, student=student)
    return event


class TestNew:
    def test_it_begins_today_with_the_class_of_the_address_and_offers_the_own_classes(self, ana, cast):
        form = ana.get(f"{NEW}?class_id={cast.class_7a.pk}").context["form"]
        assert (form["date"].value(), form["school_class"].value()) == (MONDAY, str(cast.class_7a.pk))
        assert [value for value, _label in form.fields["school_class"].choices] == ["", "mixed", cast.class_7a.pk]

    @pytest.mark.parametrize("mixed", [False, True])
    def test_it_leads_to_the_page_where_it_is_noted_who_took_part(self, ana, cast, mixed):
        school_class = "mixed" if mixed else str(cast.class_7a.pk)
        answer = ana.post(NEW, {"name": " Sports day ", "date": "2026-03-20", "school_class": school_class})
        event = Event.objects.get()
        assert answer.url == place(event)
        assert (event.name, event.date, event.school_class) == (
            "Sports day",
            date(2026, 3, 20),
            None if mixed else cast.class_7a,
        )
        assert event.history.get().history_user == cast.ana.user

    def test_a_parent_sets_none(self, cast, sign_in):
        sent = {"name": "Sports day", "date": "2026-03-20", "school_class": "mixed"}
        assert sign_in(cast.mariam.user).post(NEW, sent).status_code == 403
        assert Event.objects.count() == 0


def change(browser, event, **changes):
    """Open the form and send it with these changes."""
    page = browser.get(f"{place(event)}edit/")
    form = page.context["form"]
    sent = {name: form[name].value() for name in ("name", "date", "school_class")} | {"seen": page.context["seen"]}
    return browser.post(f"{place(event)}edit/", sent | changes)


class TestChange:
    def test_a_new_name_and_day_go_to_the_records_with_history(self, ana, cast, trip):
        answer = change(ana, trip, name="Trip to the zoo", date="2026-03-12")
        assert answer.url == place(trip)
        assert "The changes to “Trip to the zoo” are saved." in text_of(ana.get(answer.url))
        row = ParticipationRecord.objects.get()
        assert (row.event_name, row.date, row.school_class) == ("Trip to the zoo", date(2026, 3, 12), cast.class_7a)
        kept = ParticipationRecord.history.first()
        assert (kept.history_type, kept.event_name, kept.history_user) == ("~", "Trip to the zoo", cast.ana.user)

    def test_without_records_the_class_may_change_too(self, ana, cast):
        event = EventFactory(name="Trip", school_class=cast.class_7a)
        change(ana, event, school_class="mixed", date="2026-03-20")
        event.refresh_from_db()
        assert (event.school_class, event.date) == (None, date(2026, 3, 20))

    def test_saving_it_unchanged_writes_nothing(self, ana, trip):
        before = stored()
        assert change(ana, trip).status_code == 302
        assert stored() == before

    def test_of_two_who_change_it_the_second_is_told(self, ana, cast, sign_in, trip):
        page = ana.get(f"{place(trip)}edit/")
        change(sign_in(cast.office), trip, name="Trip to the zoo")
        sent = {"name": "Trip by bus", "date": "2026-03-13", "school_class": cast.class_7a.pk}
        answer = ana.post(f"{place(trip)}edit/", sent | {"seen": page.context["seen"]})
        assert "Somebody changed this meanwhile: it is now “Trip to the zoo”." in text_of(answer)
        assert Event.objects.get().name == "Trip to the zoo"
        assert answer.context["form"]["name"].value() == "Trip by bus"
        sent["seen"] = answer.context["seen"]
        assert ana.post(f"{place(trip)}edit/", sent).status_code == 302
        assert Event.objects.get().name == "Trip by bus"

    def test_a_mixed_group_with_students_of_others_is_the_offices(self, ana, cast, sign_in, choir):
        before = stored()
        answer = change(ana, choir, name="Great choir")
        assert answer.status_code == 422
        assert "Students of other classes are noted in it too. Ask the school office" in text_of(answer)
        assert "Cleo" not in text_of(answer)
        assert stored() == before
        assert change(sign_in(cast.office), choir, name="Great choir").status_code == 302

    def test_a_mixed_group_of_own_students_may_be_changed(self, ana, cast, choir):
        ParticipationRecord.objects.filter(student=cast.cleo).delete()
        assert change(ana, choir, name="Great choir").status_code == 302
        assert ParticipationRecord.objects.get().event_name == "Great choir"


class TestDelete:
    def test_it_says_what_goes_and_keeps_it_in_the_history(self, ana, cast, trip):
        page = ana.get(f"{place(trip)}delete/")
        assert "What is noted of 1 student goes with it." in text_of(page)
        answer = ana.post(f"{place(trip)}delete/", {"seen": "1"}, follow=True)
        assert "Deleted: “Trip” with 1 student." in text_of(answer)
        assert (Event.objects.count(), ParticipationRecord.objects.count()) == (0, 0)
        kept = ParticipationRecord.history.first()
        assert (kept.history_type, kept.student_id, kept.history_user) == ("-", cast.amina.pk, cast.ana.user)
        assert Event.history.first().history_user == cast.ana.user

    def test_a_mixed_group_with_students_of_others_stays(self, ana, choir):
        before = stored()
        answer = ana.post(f"{place(choir)}delete/", {"seen": "2"})
        assert (answer.status_code, "Ask the school office" in text_of(answer)) == (422, True)
        assert stored() == before

    @pytest.mark.parametrize("page", ["edit", "delete"])
    def test_an_event_of_another_class_is_not_there(self, cast, sign_in, trip, page):
        before = stored()
        ben = sign_in(cast.ben.user)
        assert ben.get(f"{place(trip)}{page}/").status_code == 404
        assert ben.post(f"{place(trip)}{page}/", {"seen": "1"}).status_code == 404
        assert stored() == before

    def test_noting_in_an_event_that_somebody_deleted_meanwhile_is_told(self, ana, cast, sign_in, trip):
        sign_in(cast.office).post(f"{place(trip)}delete/", {"seen": "1"})
        assert ana.get(place(trip)).status_code == 404
