"""/dashboard/cards/<class id>/ and its cards.pdf: the cards of a class in one file, for the office."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from assessments.models import Score
from attendance.models import AttendanceRecord
from attendance.tests.factories import AttendanceRecordFactory
from attendance.tests.registers import text_of
from behavior.models import BehaviorRecord
from behavior.tests.factories import BehaviorRecordFactory, by
from dashboard.models import FamilyNote
from dashboard.tests.cards import MARKERS, busy_weeks, open_pdf, pdf_words, score
from dashboard.tests.cards import address as card_of
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from tests.cast import MONDAY, pupil

QUERIES = 13


def page(school_class) -> str:
    return f"/dashboard/cards/{school_class.pk}/"


def file(school_class) -> str:
    return f"/dashboard/cards/{school_class.pk}/cards.pdf"


@pytest.fixture
def office(cast, sign_in):
    return sign_in(cast.office)


# --- The page before the file -------------------------------------------------------------------------


def test_it_says_how_many_cards_there_will_be_and_that_it_takes_a_moment(cast, office):
    said = text_of(office.get(page(cast.class_7a)))
    assert "2 cards, of those in the class today, in one PDF file. Each starts on a new page." in said
    assert "Making it takes a few seconds." in said
    cast.bo.enrolments.update(ends_on=MONDAY)
    assert "1 card, of who is in the class today, as a PDF file." in text_of(office.get(page(cast.class_7a)))


def test_its_button_asks_for_the_file_of_this_school_year_by_itself(cast, office):
    shown = office.get(page(cast.class_7a))
    assertContains(shown, f'<form method="get" action="{file(cast.class_7a)}"')
    assertContains(shown, '<option value="year" selected>This year</option>', html=True)


def test_a_class_without_students_has_no_button_and_no_file(cast, office):
    cast.class_7a.enrolments.all().delete()
    shown = office.get(page(cast.class_7a))
    assertContains(shown, "Nobody is enrolled in this class today, so there is no card to make.")
    assertNotContains(shown, "Make the file")
    assertRedirects(office.get(file(cast.class_7a)), page(cast.class_7a))


def test_the_office_finds_it_on_the_page_of_the_class_and_a_teacher_does_not(cast, office, sign_in):
    link = f'href="{page(cast.class_7a)}"'
    assertContains(office.get(f"/classes/{cast.class_7a.pk}/"), link)
    assertNotContains(sign_in(cast.ana.user).get(f"/classes/{cast.class_7a.pk}/"), link)


# --- The file -----------------------------------------------------------------------------------------


def test_it_holds_the_card_of_each_student_by_name_each_from_a_new_page(cast, office):
    busy_weeks(cast)
    answer = office.get(file(cast.class_7a))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cards-7a.pdf"'
    pdf = open_pdf(answer)
    assert pdf.metadata.title == "Report cards: 7A"
    firsts = [text.splitlines()[1] for text in (each.extract_text() for each in pdf.pages) if "page 1 of" in text]
    assert firsts == ["Amina Diallo", "Bo Lind"]
    assert [entry.title for entry in pdf.outline if not isinstance(entry, list)] == ["Amina Diallo", "Bo Lind"]


def test_each_of_them_is_what_the_card_of_the_child_is(cast, office):
    busy_weeks(cast)
    alone = [pdf_words(office.get(card_of(child))) for child in (cast.amina, cast.bo)]
    assert pdf_words(office.get(file(cast.class_7a))) == " ".join(alone)
    assert all(marker in alone[0] and marker not in alone[1] for marker in MARKERS.values())


def test_who_is_in_the_class_today_has_a_card_and_who_has_left_or_comes_later_has_none(cast, office):
    pupil("Late", "Comer", cast.class_7a, starts_on=MONDAY + timedelta(days=1))
    cast.bo.enrolments.update(ends_on=MONDAY)
    said = pdf_words(office.get(file(cast.class_7a)))
    assert [name for name in ("Amina", "Bo Lind", "Late Comer", "Cleo") if name in said] == ["Amina"]


def test_a_period_is_for_all_of_them(cast, office):
    said = pdf_words(office.get(file(cast.class_7a), {"period": "dates", "first": "2026-03-02", "last": "2026-03-06"}))
    assert said.count("2 Mar 2026 to 6 Mar 2026") == 2


def test_a_period_that_cannot_be_shows_the_page_with_the_reason_and_what_was_chosen(cast, office):
    forget_readings()
    answer = office.get(file(cast.class_7a), {"period": "dates", "first": "2026-03-10", "last": "2026-03-09"})
    assert answer.status_code == 400
    assert "The first day is after the last. Exchange them." in text_of(answer)
    assertContains(answer, 'value="2026-03-10"', status_code=400)
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize("who", ["ana", "ben", "mariam"])
def test_it_is_for_the_office_alone(cast, office, sign_in, who):
    assert office.get(file(cast.class_7a)).status_code == 200
    forget_readings()
    user = {"ana": cast.ana.user, "ben": cast.ben.user, "mariam": cast.mariam.user}[who]
    browser = sign_in(user)
    forget_readings()
    assert [browser.get(place(cast.class_7a)).status_code for place in (page, file)] == [403, 403]
    assert not AccessLog.objects.exists()


def test_a_class_that_is_not_there_is_404(cast, office):
    assert [office.get(f"/dashboard/cards/99999/{rest}").status_code for rest in ("", "cards.pdf")] == [404, 404]


def test_the_file_is_noted_one_row_a_child_and_its_page_as_one(cast, office):
    forget_readings()
    office.get(page(cast.class_7a))
    office.get(file(cast.class_7a))
    assert set(AccessLog.objects.values_list("reader__username", "page", "student_id")) == {
        ("office", "dashboard:class_cards", ""),
        ("office", "dashboard:class_cards_pdf", cast.amina.student_id),
        ("office", "dashboard:class_cards_pdf", cast.bo.student_id),
    }


def test_reading_it_writes_nothing_else(cast, office):
    busy_weeks(cast)
    models = (AttendanceRecord, Score, BehaviorRecord, FamilyNote)
    before = [list(model.objects.order_by("pk").values()) for model in models]
    assert office.get(file(cast.class_7a)).status_code == 200
    assert office.post(file(cast.class_7a)).status_code == 405
    assert [list(model.objects.order_by("pk").values()) for model in models] == before


@pytest.mark.parametrize("number", [1, 3, 60])
def test_it_costs_the_same_for_any_number_of_students(cast, office, count_queries, number):
    cast.class_7a.enrolments.all().delete()
    concert = EventFactory(school_class=cast.class_7a)
    for place in range(number):
        student = pupil(f"Pupil {place}", "Test", cast.class_7a)
        AttendanceRecordFactory(student=student, school_class=cast.class_7a, date=MONDAY, note="Note")
        score(student, cast.class_7a, f"Subject {place % 7}", "17", date(2026, 3, 3), title=f"Quiz {place}")
        BehaviorRecordFactory(student=student, shared_with_parents=True, **by(cast.ana))
        ParticipationRecordFactory(student=student, event=concert)
        FamilyNote.objects.create(student=student, text="Well done.", written_by=cast.ana.user)
    assert count_queries(lambda: office.get(file(cast.class_7a))) == QUERIES
