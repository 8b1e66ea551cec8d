"""/report/<student_id>/card.pdf: the report of a child as a file, for whoever may open the report."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertRedirects

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from accounts.tests.factories import ParentFactory
from attendance.models import AttendanceRecord
from attendance.tests.factories import AttendanceRecordFactory
from attendance.tests.registers import text_of
from behavior.tests.factories import BehaviorRecordFactory, by
from dashboard.models import FamilyNote
from dashboard.tests.cards import MARKERS, SECTIONS, address, busy_weeks, open_pdf, pdf_words, score
from students.models import StudentParentLink
from students.tests.factories import StudentParentLinkFactory
from tests.cast import MONDAY

QUERIES = 13


@pytest.fixture
def mariam(cast, sign_in):
    busy_weeks(cast)
    return sign_in(cast.mariam.user)


def logged() -> list[tuple[str, str, str]]:
    return list(AccessLog.objects.values_list("reader__username", "page", "student_id"))


# --- What it is ---------------------------------------------------------------------------------------


def test_it_is_a_download_with_the_student_id_in_its_name(cast, mariam):
    answer = mariam.get(address(cast.amina))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="card-{cast.amina.student_id}.pdf"'
    assert open_pdf(answer).metadata.title == "Report card: Amina Diallo"
    assert open_pdf(answer).metadata.author == "Hillside School"


def test_the_sections_stand_in_the_order_of_the_page(cast, mariam):
    said = pdf_words(mariam.get(address(cast.amina)))
    titles = ("attendance:", "New since last week", "From the school", "Marks", "Attendance Month", "Behaviour Day",
              "Participation Event")  # fmt: skip
    places = [said.index(title) for title in titles]
    assert places == sorted(places)


def test_the_report_leads_to_it_in_the_period_that_is_shown(cast, mariam):
    assertContains(mariam.get(f"/report/{cast.amina.student_id}/"), f'href="{address(cast.amina)}?"')
    shown = mariam.get(f"/report/{cast.amina.student_id}/?period=term&month=2026-03")
    assertContains(shown, f'href="{address(cast.amina)}?period=term"')


def test_a_child_of_whom_nothing_is_noted_has_a_card_that_says_so(cast, sign_in):
    said = pdf_words(sign_in(cast.nils.user).get(address(cast.cleo)))
    for sentence in (
        "No register has been taken for this child in this school year yet.",
        "No marks are published for this time yet.",
        "Behaviour: nothing noted.",
        "Nothing has been noted for this time yet.",
        "No register was taken in this time.",
        "Nothing was noted for you in this time.",
        "No events in this time.",
    ):
        assert sentence in said


def test_a_child_without_a_class_has_a_card_that_says_so(cast, sign_in):
    cast.cleo.enrolments.all().delete()
    said = pdf_words(sign_in(cast.nils.user).get(address(cast.cleo)))
    assert "This child has been in no class yet, so there is nothing to report." in said


def test_a_moment_between_two_seconds_is_none_the_worse(cast, mariam, frozen):
    frozen.shift(0.25)
    assert mariam.get(address(cast.amina)).status_code == 200


def test_a_name_in_a_script_without_a_font_is_no_error(cast, mariam):
    cast.amina.given_name = "\u0378"  # a code point that no font will have
    cast.amina.save()
    answer = mariam.get(address(cast.amina))
    assert answer.status_code == 200
    assert f"Student {cast.amina.student_id}" in pdf_words(answer)


def test_a_word_longer_than_its_column_breaks_and_keeps_every_letter(cast, mariam):
    AttendanceRecord.objects.filter(note=MARKERS["attendance"]).update(note="W" * 300)
    FamilyNote.objects.update(text="W" * 500)
    pages = [page.extract_text() for page in open_pdf(mariam.get(address(cast.amina))).pages]
    letters = [line.count("W") for page in pages for line in page.splitlines()]
    assert max(letters) < 100
    assert sum(letters) == 300 + 500 + sum(page.count("Wed ") for page in pages)


# --- Who may open it ----------------------------------------------------------------------------------


def test_the_child_of_another_family_is_not_there(cast, mariam, sign_in):
    assert sign_in(cast.nils.user).get(address(cast.cleo)).status_code == 200
    forget_readings()
    refused, unknown = mariam.get(address(cast.cleo)), mariam.get("/report/STU99999/card.pdf")
    assert (refused.status_code, unknown.status_code) == (404, 404)
    assert text_of(refused) == text_of(unknown)
    assert logged() == []


def test_a_link_that_ends_closes_it_the_same_day(cast, mariam):
    cast.mariam.child_links.update(ends_on=MONDAY + timedelta(days=1))
    assert mariam.get(address(cast.amina)).status_code == 200
    cast.mariam.child_links.update(ends_on=MONDAY)
    assert mariam.get(address(cast.amina)).status_code == 404


def test_a_teacher_of_another_class_may_not_open_it_and_the_own_may(cast, mariam, sign_in):
    assert sign_in(cast.ana.user).get(address(cast.amina)).status_code == 200
    forget_readings()
    assert sign_in(cast.ben.user).get(address(cast.amina)).status_code == 404
    assert [row for row in logged() if row[1] == "dashboard:card"] == []


def test_somebody_signed_out_is_led_to_the_sign_in(cast):
    assertRedirects(
        Client().get(address(cast.amina)), f"/accounts/login/?next={address(cast.amina)}", fetch_redirect_response=False
    )


def test_staff_get_what_the_parent_gets(cast, mariam, sign_in):
    cards = [pdf_words(sign_in(user).get(address(cast.amina))) for user in (cast.office, cast.ana.user)]
    assert cards == [pdf_words(mariam.get(address(cast.amina)))] * 2


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_that_the_link_forbids_is_not_in_it(cast, mariam, section):
    said = pdf_words(mariam.get(address(cast.amina)))
    assert {name for name, marker in MARKERS.items() if marker in said} == set(SECTIONS)
    StudentParentLink.objects.filter(parent=cast.mariam).update(**{f"may_see_{section}": False})
    said = pdf_words(mariam.get(address(cast.amina)))
    assert {name for name, marker in MARKERS.items() if marker not in said} == {section}
    name = {"assessments": "marks", "behavior": "behaviour"}.get(section, section)
    assert f"Your access does not include {name}. The school office can tell you more." in said


def test_a_teacher_reads_the_own_child_in_another_class_by_the_link(cast, mariam, sign_in):
    link = StudentParentLinkFactory(student=cast.amina, parent=ParentFactory(user=cast.ben.user, full_name="Ben"))
    ben = sign_in(cast.ben.user)
    assert MARKERS["behavior"] in pdf_words(ben.get(address(cast.amina)))
    link.may_see_behavior = False
    link.save()
    assert MARKERS["behavior"] not in pdf_words(ben.get(address(cast.amina)))


@pytest.mark.parametrize("who", ["mariam", "ana", "office"])
def test_what_is_not_published_or_not_shared_is_in_nobodys(cast, mariam, sign_in, who):
    user = {"mariam": cast.mariam.user, "ana": cast.ana.user, "office": cast.office}[who]
    browser = sign_in(user)
    score(cast.amina, cast.class_7a, "Latin", "1", date(2026, 3, 4), notes="Talk to me", published_at=None)
    said = pdf_words(browser.get(address(cast.amina)))
    assert [text for text in ("Latin", "Talk to me", "For staff alone") if text in said] == []
    BehaviorRecordFactory(student=cast.amina, notes="For the family", shared_with_parents=True, **by(cast.ana))
    score(cast.amina, cast.class_7a, "Latin", "2", date(2026, 3, 5), notes="Open mark")
    said = pdf_words(browser.get(address(cast.amina)))
    assert [text for text in ("Latin", "Open mark", "For the family") if text not in said] == []


def test_each_card_is_noted_with_the_child(cast, mariam):
    forget_readings()
    mariam.get(address(cast.amina), {"period": "term"})
    assert logged() == [("mariam", "dashboard:card", cast.amina.student_id)]


# --- The period ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"period": "week"}, "Choose this term, this year, or days of your choice."),
        ({"period": "dates"}, "Give the first and the last day of the period."),
        (
            {"period": "dates", "first": "2026-03-10", "last": "2026-03-09"},
            "The first day is after the last. Exchange them.",
        ),
        (
            {"period": "dates", "first": "2026-03-10", "last": "2026-03-17"},
            "The last day is still to come. Choose today or an earlier day.",
        ),
        ({"period": "dates", "first": "2020-03-10", "last": "2026-03-09"}, "Choose a period of at most three years."),
    ],
)
def test_a_period_that_cannot_be_is_answered_with_the_sentence_of_the_page(cast, mariam, query, sentence):
    answer = mariam.get(address(cast.amina), query)
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    assert sentence in text_of(mariam.get(f"/report/{cast.amina.student_id}/", query))
    assertContains(answer, f'href="/report/{cast.amina.student_id}/"', status_code=400)


# --- Cost ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_it_costs_the_same_for_any_number_of_rows(cast, sign_in, count_queries, rows):
    days = [day for day in (MONDAY - timedelta(days=number) for number in range(150)) if day.isoweekday() <= 5][:rows]
    for place, day in enumerate(days):
        AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a, date=day, note="Note")
        score(cast.amina, cast.class_7a, f"Subject {place}", "17", day)
        BehaviorRecordFactory(student=cast.amina, date=day, shared_with_parents=True, **by(cast.ana))
    browser = sign_in(cast.mariam.user)
    assert count_queries(lambda: browser.get(address(cast.amina))) == QUERIES
