"""Bad input, each named by the rule that it attacks: it is said what to change, stays as typed, changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attendance.tests.registers import text_of
from participation.models import Event
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from participation.tests.notes import chosen, chosen_on, place, remarks_on, stored
from tests.cast import MONDAY

UNPRINTABLE = "The note holds characters that cannot be printed. Type it again on one line."
WHICH = "Choose Attended, Helped, Led, Award or Absent, or “Not noted”."
ON_ONE_LINE = "This holds characters that cannot be printed. Type it again on one line."
DAY = "Give the day as year-month-day, such as 2026-09-14."


@pytest.fixture
def trip(cast):
    return EventFactory(name="Trip", school_class=cast.class_7a)


@pytest.fixture
def choir(cast):
    return EventFactory(name="Choir", school_class=None)


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


class TestOneLine:
    @pytest.mark.parametrize(
        ("status", "remarks", "said"),
        [
            ("present", "", WHICH),  # a word of the register
            ("Led", "", WHICH),  # a capital
            ("led ", "", WHICH),  # a space behind
            ("٣", "", WHICH),
            ("", "Late", "There is a remark but no choice. Choose how they took part, or clear the remark."),
            ("led", "x" * 301, "The note has 301 characters. Shorten it to 300."),
            ("led", "two\nlines", UNPRINTABLE),
            ("led", "nothing\0", UNPRINTABLE),
            ("led", "turned\u202eround", UNPRINTABLE),
            ("led", "no letter \ufdd0", UNPRINTABLE),
        ],
    )
    def test_it_is_refused_and_kept_with_the_others(self, ana, cast, trip, status, remarks, said):
        before = stored()
        sent = chosen({cast.amina: status, cast.bo: "led"}) | {f"remarks-{cast.amina.student_id}": remarks}
        page = ana.post(place(trip), sent)
        assert page.status_code == 422
        assert said in text_of(page)
        assert "Nothing is saved yet: look at the lines marked below (1)." in text_of(page)
        assert chosen_on(page)[cast.bo.student_id] == "led"
        assert "".join(remarks_on(page)[cast.amina.student_id].split()) == "".join(remarks.split())
        assert stored() == before


class TestTheSheet:
    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            ({}, "Nothing was sent. Choose how each student took part and save again."),
            ({"status-": "led"}, "Not in this class on this day: ?."),
            ({"status-STU99999": "led"}, "Not in this class on this day: STU99999."),
            ({"remarks-\u202eSTU": "x"}, "Not in this class on this day: ?STU."),
            ({"add-STU99999": "on"}, "Not in this class on this day: STU99999."),
            ({"choice-STU99999": "mine"}, "Not in this class on this day: STU99999."),
        ],
    )
    def test_lines_that_are_not_there(self, ana, cast, trip, sent, said):
        before = stored()
        page = ana.post(place(trip), sent)
        assert (page.status_code, said in text_of(page)) == (422, True)
        assert stored() == before

    def test_a_student_of_another_class(self, ana, cast, trip):
        before = stored()
        page = ana.post(place(trip), chosen({cast.amina: "led", cast.cleo: "led"}))
        assert (page.status_code, chosen_on(page)[cast.amina.student_id]) == (422, "led")
        assert f"Not in this class on this day: {cast.cleo.student_id}." in text_of(page)
        assert stored() == before

    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            ({"find": "1", "search": "  "}, "Type a name or a student id, then find."),
            ({"find": "1", "search": "x" * 101}, "Search by at most 100 characters."),
            ({"join": "1"}, "Tick the students that are to be added."),
            ({"join": "1", "add-STU99999": "on"}, "Not among your students: STU99999."),
            ({"join": "1", "add-stu\0": "on"}, "Not among your students: stu?."),
        ],
    )
    def test_who_cannot_be_found_or_added_to_a_mixed_group(self, ana, cast, choir, sent, said):
        before = stored()
        page = ana.post(place(choir), chosen({cast.amina: "led"}) | sent)
        assert (page.status_code, said in text_of(page)) == (422, True)
        assert chosen_on(page)[cast.amina.student_id] == "led"
        assert stored() == before

    def test_more_students_than_one_statement_can_name(self, ana, cast, choir):
        before = stored()
        page = ana.post(place(choir), {f"add-STU{number:05}": "on" for number in range(90_000, 90_900)})
        assert (page.status_code, "Not among your students" in text_of(page)) == (422, True)
        assert stored() == before


def event_fields(cast, **changes):
    return {"name": "Concert", "date": "2026-03-16", "school_class": str(cast.class_7a.pk), **changes}


BAD_EVENTS = {
    "no name": ({"name": " "}, "Give it a name, such as “Sports day”."),
    "a long name": ({"name": "x" * 101}, "This has 101 characters. Shorten it to 100."),
    "a name on two lines": ({"name": "a\u2028b"}, ON_ONE_LINE),
    "a name with nothing in it": ({"name": "a\0b"}, ON_ONE_LINE),
    "no day": ({"date": ""}, "Give the day of the event."),
    "a day that is none": ({"date": "2026-02-30"}, DAY),
    "a day in words": ({"date": "monday"}, DAY),
    "full-width digits": ({"date": "２０２６-03-16"}, DAY),
    "before anybody lived": ({"date": "1899-12-31"}, "Give a date between 1900 and two years from now."),
    "far ahead": ({"date": "2028-03-31"}, "Give a date between 1900 and two years from now."),
    "outside of the school year": ({"date": "2026-07-18"}, "This day is not in the school year of the class, 2025/26."),
    "no class": ({"school_class": ""}, "Choose a class or a mixed group."),
    "a class that is none": ({"school_class": "x"}, "Choose one of your classes or a mixed group."),
    "a class that is not there": ({"school_class": "999999"}, "Choose one of your classes or a mixed group."),
}


class TestAnEvent:
    @pytest.mark.parametrize("case", BAD_EVENTS)
    def test_a_new_one_is_refused_and_kept_as_typed(self, ana, cast, case):
        changes, said = BAD_EVENTS[case]
        page = ana.post("/participation/new/", event_fields(cast, **changes))
        assert (page.status_code, said in text_of(page)) == (422, True)
        assert {name: page.context["form"][name].value() for name in changes} == changes
        assert Event.objects.count() == 0

    def test_somebody_elses_class_is_no_choice(self, ana, cast):
        page = ana.post("/participation/new/", event_fields(cast, school_class=str(cast.class_7b.pk)))
        assert "Choose one of your classes or a mixed group." in text_of(page)
        assert Event.objects.count() == 0

    @pytest.mark.parametrize(
        ("of_class", "said"),
        [
            (True, "This class has an event of this name on this day already."),
            (False, "There is an event of this name for a mixed group on this day already."),
        ],
    )
    def test_the_same_again(self, ana, cast, of_class, said):
        sent = event_fields(cast) if of_class else event_fields(cast, school_class="mixed")
        assert ana.post("/participation/new/", sent).status_code == 302
        page = ana.post("/participation/new/", sent)
        assert (page.status_code, said in text_of(page), Event.objects.count()) == (422, True, 1)

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"date": "2026-03-17"}, "Somebody is noted in it, so its day has come. Give a day up to today."),
            ({"school_class": "mixed"}, "Somebody is noted in it, so it stays there. Add another event."),
            ({"seen": "0" * 16}, "Somebody changed this meanwhile: it is now “Trip”."),
            ({"seen": ""}, "Somebody changed this meanwhile: it is now “Trip”."),
        ],
    )
    def test_a_change_that_its_records_do_not_allow(self, ana, cast, trip, changes, said):
        ParticipationRecordFactory(event=trip, student=cast.amina)
        seen = ana.get(f"{place(trip)}edit/").context["seen"]
        before = stored()
        page = ana.post(f"{place(trip)}edit/", event_fields(cast, seen=seen) | changes)
        assert (page.status_code, said in text_of(page)) == (422, True)
        assert stored() == before

    def test_a_name_under_which_a_student_is_noted_already(self, ana, cast, trip):
        ParticipationRecordFactory(event=trip, student=cast.amina)
        other = EventFactory(name="Concert", date=MONDAY, school_class=None)
        ParticipationRecordFactory(event=other, student=cast.amina)
        seen = ana.get(f"{place(trip)}edit/").context["seen"]
        before = stored()
        page = ana.post(f"{place(trip)}edit/", event_fields(cast, seen=seen))
        said = "Noted already in another event of the name “Concert” on this day: Amina Diallo."
        assert (page.status_code, said in text_of(page)) == (422, True)
        assert stored() == before

    @pytest.mark.parametrize("seen", ["", "0", "2", "x"])
    def test_a_deletion_that_would_take_more_or_less_than_was_shown(self, ana, cast, trip, seen):
        ParticipationRecordFactory(event=trip, student=cast.amina)
        before = stored()
        page = ana.post(f"{place(trip)}delete/", {"seen": seen})
        assert page.status_code == 422
        assert "There is 1 student noted in it now. Look again, then decide." in text_of(page)
        assert stored() == before


class TestTheList:
    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("?start_date=monday", DAY),
            ("?start_date=2026-03-17&end_date=2026-03-16", "The last day is before the first. Change one of the two."),
            ("?end_date=1800-01-01", "Give a day between the years 1950 and 2150."),
            ("?class_id=x", "Select a valid choice. x is not one of the available choices."),
            ("?status=won", "Select a valid choice. won is not one of the available choices."),
            (f"?event_name={'x' * 101}", "Ensure this value has at most 100 characters (it has 101)."),
            ("?event_name=%00", "Null characters are not allowed."),
        ],
    )
    def test_a_filter_that_cannot_be_read_lists_nothing(self, ana, cast, trip, query, said):
        ParticipationRecordFactory(event=trip, student=cast.amina)
        page = ana.get(f"/participation/{query}")
        assert (page.status_code, said in text_of(page), list(page.context["page"])) == (400, True, [])

    @pytest.mark.parametrize("query", ["?sort=remarks", "?page=99", "?page=x"])
    def test_a_sort_or_page_that_is_none(self, ana, query):
        assert ana.get(f"/participation/{query}").status_code == 404

    @pytest.mark.parametrize("address", ["events/?page=99", "999999/", "999999/edit/", f"{10**30}/"])
    def test_an_address_that_leads_nowhere(self, ana, address):
        assert ana.get(f"/participation/{address}").status_code == 404

    def test_yesterday_is_no_bad_day(self, ana, cast, trip):
        ParticipationRecordFactory(event=trip, student=cast.amina)
        yesterday = (MONDAY - timedelta(days=1)).isoformat()
        assert len(ana.get(f"/participation/?start_date={yesterday}").context["page"]) == 1
