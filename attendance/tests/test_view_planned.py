"""Planned absences: entered by the office or the teacher, they prefill the register as excused."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from attendance.models import PlannedAbsence
from attendance.tests.factories import PlannedAbsenceFactory
from attendance.tests.registers import address, chosen_on, send, stored, text_of, typed_on
from tests.cast import MONDAY, pupil

LIST, NEW = "/attendance/planned-absences/", "/attendance/planned-absences/new/"
DAY = timedelta(days=1)
QUERIES = 6  # who you are, the school, classes, the count, the page, the log
TRIP = {"student": "Amina Diallo", "starts_on": "2026-03-16", "ends_on": "2026-03-18", "reason": "School trip"}


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


@pytest.fixture
def ana(cast, sign_in):
    return sign_in(cast.ana.user)


@pytest.fixture
def ben(cast, sign_in):
    return sign_in(cast.ben.user)


@pytest.fixture
def trip(cast):
    """Amina's planned absence from Monday to Wednesday."""
    return PlannedAbsenceFactory(
        student=cast.amina, starts_on=MONDAY, ends_on=MONDAY + 3 * DAY, reason="School trip", entered_by=cast.office
    )


def place(absence, what="edit"):
    return f"{LIST}{absence.pk}/{what}/"


def seen_on(page):
    """The fingerprint that a page was opened with."""
    return re.search(r'name="seen" value="([^"]+)"', page.content.decode())[1]


def listed(browser, **query):
    response = browser.get(LIST, query)
    assert response.status_code == 200
    return [(absence.student.given_name, absence.reason) for absence in response.context["page"]]


class TestPlanning:
    @pytest.mark.parametrize("person", ["office", "ana"])
    def test_the_office_and_the_teacher_plan_and_the_register_starts_excused(self, person, cast, request):
        browser = request.getfixturevalue(person)
        answer = browser.post(NEW, TRIP, follow=True)
        assertContains(answer, "Planned: Amina Diallo is away Mon 16 Mar 2026 to Wed 18 Mar 2026.")
        absence = PlannedAbsence.objects.get()
        user = {"office": cast.office, "ana": cast.ana.user}[person]
        assert (absence.student, absence.starts_on, absence.ends_on) == (cast.amina, MONDAY, date(2026, 3, 19))
        assert (absence.reason, absence.entered_by) == ("School trip", user)
        assert [(kept.history_type, kept.history_user) for kept in absence.history.all()] == [("+", user)]
        register = request.getfixturevalue("ana").get(address(cast.class_7a))
        assert chosen_on(register)[cast.amina.student_id] == "excused"
        assert typed_on(register, "note", cast.amina) == "School trip"
        assert chosen_on(register)[cast.bo.student_id] == "present"

    @pytest.mark.parametrize(
        "typed", ["amina diallo", "Diallo Amina", "dial", "STU00001", "stu00001", "Amina STU00001"]
    )
    def test_a_text_that_fits_one_student_finds_them(self, typed, cast, ana):
        assert cast.amina.student_id == "STU00001"
        assert ana.post(NEW, TRIP | {"student": typed}).status_code == 302
        assert PlannedAbsence.objects.get().student == cast.amina

    def test_a_name_that_is_a_part_of_another_finds_its_bearer(self, cast, ana):
        pupil("Amina", "Diallo-Berg", cast.class_7a)
        assert ana.post(NEW, TRIP).status_code == 302
        assert PlannedAbsence.objects.get().student == cast.amina

    def test_several_that_fit_are_counted_and_listed_to_choose(self, cast, ana):
        twin = pupil("Amina", "Diallo", cast.class_7a)
        answer = ana.post(NEW, TRIP)
        assert answer.status_code == 422
        assertContains(answer, "2 students match “Amina Diallo”. Choose one below.", status_code=422)
        offered = re.findall(r'name="chosen" value="([^"]+)"', answer.content.decode())
        assert sorted(offered) == sorted([cast.amina.student_id, twin.student_id])
        assertContains(answer, 'value="School trip"', status_code=422)
        assert ana.post(NEW, TRIP | {"chosen": twin.student_id}).status_code == 302
        assert PlannedAbsence.objects.get().student == twin

    def test_a_choice_outside_the_offer_chooses_nobody(self, cast, ana):
        pupil("Amina", "Diallo", cast.class_7a)
        answer = ana.post(NEW, TRIP | {"chosen": cast.cleo.student_id})
        assertContains(answer, "2 students match", status_code=422)
        assert PlannedAbsence.objects.count() == 0

    def test_the_staff_page_leads_here_with_the_student_named(self, cast, ana):
        link = f"{NEW}?student={cast.amina.student_id}"
        assertContains(ana.get(f"/students/{cast.amina.student_id}/"), f'href="{link}"')
        assertContains(ana.get(link), f'value="{cast.amina.student_id}"')
        assertContains(ana.get("/attendance/"), f'href="{LIST}"')

    def test_the_day_after_the_last_is_free_again(self, cast, ana, trip):
        sent = TRIP | {"starts_on": "2026-03-19", "ends_on": "2026-03-19"}
        assert ana.post(NEW, sent).status_code == 302
        assert PlannedAbsence.objects.count() == 2


def away(**changed):
    return TRIP | changed


LONG_AGO = "The first day is more than a year back. Give a later one."
BAD = {
    "nobody of that name": (away(student="Zed"), "You have no student “Zed”. Type a name or a student id."),
    "no student": (away(student=" "), "Type the name or the id of the student."),
    "a student with a NUL": (away(student="Am\x00ina"), "This holds characters that cannot be printed."),
    "a long search": (away(student="x" * 10_000), "This has 10000 characters. Shorten it to 100."),
    "too many that fit": (away(student="Many"), "21 students match “Many”. Type more of the name."),
    "the last day before the first": (away(ends_on="2026-03-15"), "The last day is before the first. Change one"),
    "367 days": (away(ends_on="2027-03-17"), "These are 367 days. Plan at most 366 at once."),
    "more than a year back": (away(starts_on="2025-03-14", ends_on="2025-03-14"), LONG_AGO),
    "year 1": (away(starts_on="0001-01-01", ends_on="0001-01-01"), LONG_AGO),
    "year 9999": (away(ends_on="9999-12-31"), "Give a date before the year 9999."),
    "far ahead": (away(starts_on="2028-03-19", ends_on="2028-03-19"), "more than two years ahead. Give an earlier"),
    "no first day": (away(starts_on=""), "Give the first day."),
    "no last day": (away(ends_on=""), "Give the last day; for a single day the same again."),
    "no such day": (away(starts_on="2026-02-30"), "Give the day as year-month-day, such as 2026-09-14."),
    "full-width digits": (away(starts_on="２０２６-03-16"), "Give the day as year-month-day, such as 2026-09-14."),
    "no reason": (away(reason=" "), "Give the reason, such as “Dentist”."),
    "a long reason": (away(reason="é" * 301), "This has 301 characters. Shorten it to 300."),
    "a reason with a NUL": (away(reason="Trip\x00"), "This holds characters that cannot be printed."),
    "a reason on two lines": (away(reason="Trip\nto Rome"), "This holds characters that cannot be printed."),
    "a reason turned around": (away(reason="Trip\u202etfel"), "This holds characters that cannot be printed."),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_says_what_to_change_keeps_the_rest_and_changes_nothing(case, cast, ana):
    if case == "too many that fit":
        for number in range(21):
            pupil(f"Many{number}", "Fold", cast.class_7a)
    sent, sentence = BAD[case]
    before = stored()
    answer = send(ana, NEW, sent)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    for name, value in TRIP.items():
        if sent[name] == value:
            assert answer.context["form"][name].value() == value
    assert stored() == before


class TestLimits:
    @pytest.mark.parametrize(
        ("first", "last"), [("2025-03-15", "2025-03-15"), ("2026-03-16", "2027-03-16"), ("2028-03-17", "2028-03-17")]
    )
    def test_the_furthest_days_and_the_longest_time_are_accepted(self, first, last, cast, ana):
        assert ana.post(NEW, TRIP | {"starts_on": first, "ends_on": last}).status_code == 302

    @pytest.mark.parametrize(
        ("first", "last"), [("2026-03-16", "2026-03-16"), ("2026-03-18", "2026-03-20"), ("2026-03-10", "2026-03-30")]
    )
    def test_days_that_are_planned_already_are_refused(self, first, last, cast, ana, trip):
        before = stored()
        answer = ana.post(NEW, TRIP | {"starts_on": first, "ends_on": last, "reason": "Again"})
        sentence = "Amina Diallo has a planned absence on these days already: Mon 16 Mar 2026 to Wed 18 Mar 2026"
        assertContains(answer, sentence, status_code=422)
        assert stored() == before

    def test_another_student_may_be_away_on_the_same_days(self, cast, ana, trip):
        assert ana.post(NEW, TRIP | {"student": "Bo Lind"}).status_code == 302


class TestChanging:
    def test_dates_and_reason_with_history(self, cast, ana, trip):
        page = ana.get(place(trip))
        assertContains(page, 'value="2026-03-18"')  # the last day, though the day after is stored
        sent = {"starts_on": "2026-03-17", "ends_on": "2026-03-17", "reason": "Dentist", "seen": seen_on(page)}
        assert ana.post(place(trip), sent).status_code == 302
        trip.refresh_from_db()
        assert (trip.starts_on, trip.ends_on, trip.reason) == (MONDAY + DAY, MONDAY + 2 * DAY, "Dentist")
        assert (trip.student, trip.entered_by) == (cast.amina, cast.office)
        assert (trip.history.first().history_type, trip.history.first().history_user) == ("~", cast.ana.user)

    def test_saving_what_stands_notes_nothing(self, cast, ana, trip):
        before = stored()
        sent = TRIP | {"seen": seen_on(ana.get(place(trip)))}
        assert ana.post(place(trip), sent).status_code == 302
        assert stored() == before

    def test_an_old_one_may_keep_its_first_day(self, cast, ana, trip):
        PlannedAbsence.objects.update(starts_on=date(2024, 10, 1), ends_on=date(2024, 10, 3))
        sent = {"starts_on": "2024-10-01", "ends_on": "2024-10-02", "reason": "Wedding"}
        assert ana.post(place(trip), sent | {"seen": seen_on(ana.get(place(trip)))}).status_code == 302
        assert PlannedAbsence.objects.get().reason == "Wedding"
        earlier = sent | {"starts_on": "2024-09-30", "seen": seen_on(ana.get(place(trip)))}
        assertContains(ana.post(place(trip), earlier), LONG_AGO, status_code=422)

    @pytest.mark.parametrize("what", ["edit", "withdraw"])
    def test_what_somebody_changed_meanwhile_is_told_and_not_overwritten(self, what, cast, ana, office, trip):
        opened = seen_on(ana.get(place(trip, what)))
        theirs = TRIP | {"reason": "Ski camp", "seen": seen_on(office.get(place(trip)))}
        assert office.post(place(trip), theirs).status_code == 302
        before = stored()
        answer = ana.post(place(trip, what), TRIP | {"reason": "Flu", "seen": opened})
        sentence = "Somebody changed this meanwhile: it is now Mon 16 Mar 2026 to Wed 18 Mar 2026, “Ski camp”."
        assertContains(answer, sentence, status_code=422)
        assert stored() == before
        again = ana.post(place(trip, what), TRIP | {"reason": "Flu", "seen": seen_on(answer)})
        assert again.status_code == 302

    def test_moved_onto_other_planned_days_is_refused(self, cast, ana, trip):
        PlannedAbsenceFactory(student=cast.amina, starts_on=MONDAY + 7 * DAY, reason="Dentist", entered_by=cast.office)
        before = stored()
        sent = TRIP | {"ends_on": "2026-03-23", "seen": seen_on(ana.get(place(trip)))}
        answer = ana.post(place(trip), sent)
        assertContains(answer, "on these days already: Mon 23 Mar 2026, “Dentist”", status_code=422)
        assert stored() == before


class TestWithdrawing:
    def test_asks_first_then_removes_with_history(self, cast, ana, trip):
        page = ana.get(place(trip, "withdraw"))
        assertContains(page, "Withdraw the planned absence of Amina Diallo?")
        assert PlannedAbsence.objects.count() == 1
        answer = ana.post(place(trip, "withdraw"), {"seen": seen_on(page)}, follow=True)
        assertContains(answer, "Withdrawn: the planned absence of Amina Diallo, Mon 16 Mar 2026 to Wed 18 Mar 2026.")
        assert PlannedAbsence.objects.count() == 0
        last = PlannedAbsence.history.first()
        assert (last.history_type, last.history_user, last.reason) == ("-", cast.ana.user, "School trip")
        register = ana.get(address(cast.class_7a))
        assert chosen_on(register)[cast.amina.student_id] == "present"

    def test_twice_is_not_there(self, cast, ana, trip):
        seen = {"seen": seen_on(ana.get(place(trip, "withdraw")))}
        ana.post(place(trip, "withdraw"), seen)
        assert ana.post(place(trip, "withdraw"), seen).status_code == 404


class TestWhose:
    def test_a_teacher_neither_lists_nor_changes_those_of_others(self, cast, ana, ben, trip):
        assertContains(ana.get(LIST), "School trip")
        assertNotContains(ben.get(LIST), "School trip")
        seen = seen_on(ana.get(place(trip)))
        before = stored()
        for what in ("edit", "withdraw"):
            assert ben.get(place(trip, what)).status_code == 404
            assert ben.post(place(trip, what), TRIP | {"reason": "Mine", "seen": seen}).status_code == 404
        assert stored() == before

    @pytest.mark.parametrize("typed", ["Amina Diallo", "STU00001"])
    def test_to_plan_for_a_student_of_others_is_as_for_nobody(self, typed, cast, ben):
        before = stored()
        answer, nobody = (ben.post(NEW, TRIP | {"student": name}) for name in (typed, "Nobody At-all"))
        assert (answer.status_code, nobody.status_code) == (422, 422)
        said = text_of(answer).replace(typed, "…")
        assert said == text_of(nobody).replace("Nobody At-all", "…")
        assert stored() == before

    def test_who_left_is_not_planned_for(self, cast, ana):
        cast.bo.left_on = MONDAY
        cast.bo.save()
        answer = ana.post(NEW, TRIP | {"student": "Bo Lind"})
        assertContains(answer, "You have no student “Bo Lind”", status_code=422)


class TestList:
    def test_current_and_coming_by_first_day_then_past_on_demand(self, cast, office, trip):
        for reason, starts_on in (("Coming", MONDAY + 9 * DAY), ("Over", MONDAY - 9 * DAY), ("Today", MONDAY)):
            PlannedAbsenceFactory(student=cast.cleo, starts_on=starts_on, reason=reason, entered_by=cast.office)
        current = [("Amina", "School trip"), ("Cleo", "Today"), ("Cleo", "Coming")]
        assert listed(office) == current
        assert listed(office, when="past") == [("Cleo", "Over")]
        assert listed(office, when="all") == [("Cleo", "Over"), *current]
        assert listed(office, search="amin") == [("Amina", "School trip")]
        assert listed(office, class_id=cast.class_7b.pk) == [("Cleo", "Today"), ("Cleo", "Coming")]
        assert [name for name, _reason in listed(office, sort="-student")] == ["Cleo", "Cleo", "Amina"]

    def test_csv(self, cast, ana, trip):
        PlannedAbsence.objects.update(reason="=1+1")
        response = ana.get(LIST, {"format": "csv"})
        lines = b"".join(response.streaming_content).decode("utf-8-sig").split("\r\n")
        assert lines == [
            "student_id,full_name,class,first_day,last_day,reason,entered_by",
            "STU00001,Amina Diallo,7A,2026-03-16,2026-03-18,'=1+1,office",
            "",
        ]

    def test_empty_says_what_to_do(self, cast, ana, trip):
        assertContains(ana.get(LIST, {"search": "bo"}), "No planned absence matches these filters.")
        PlannedAbsence.objects.all().delete()
        assertContains(ana.get(LIST), "No absence is planned for today or later.")

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ({"when": "x"}, 400),
            ({"class_id": "999999"}, 400),
            ({"search": "x" * 101}, 400),
            ({"search": "a\x00"}, 400),
            ({"sort": "reason"}, 404),
            ({"page": "9" * 40}, 404),
        ],
    )
    def test_a_bad_filter_is_told(self, query, status, cast, ana, trip):
        answer = ana.get(LIST, query)
        assert answer.status_code == status
        assertNotContains(answer, "School trip", status_code=status)

    @pytest.mark.parametrize("number", [1, 3, 60])
    def test_the_same_queries_at_any_size(self, number, cast, ana, count_queries):
        for each in range(number):
            student = pupil(f"Pupil{each}", "More", cast.class_7a)
            PlannedAbsenceFactory(student=student, entered_by=cast.ana.user)
        assert count_queries(lambda: ana.get(LIST)) == QUERIES

    def test_reading_is_noted(self, cast, ana, trip):
        forget_readings()
        for where in (LIST, NEW, place(trip), place(trip, "withdraw")):
            ana.get(where)
        noted = AccessLog.objects.order_by("pk").values_list("page", "student_id")
        one = cast.amina.student_id
        assert list(noted) == [
            ("attendance:planned", ""),
            ("attendance:plan", ""),
            ("attendance:edit_planned", one),
            ("attendance:withdraw_planned", one),
        ]
