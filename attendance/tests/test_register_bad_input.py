"""Bad posts to the register. Each is named by the rule that it attacks: refused in words, with nothing changed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils.html import escape

from attendance.models import AttendanceRecord
from attendance.tests.registers import YES, address, chosen_on, page_posts, save_over, send, stored, text_of, typed_on
from students.models import Enrolment, SchoolClass
from students.tests.factories import ClosureFactory, EnrolmentFactory, TermFactory
from tests.cast import MONDAY, YEAR_END, YEAR_START, pupil

DAYS = timedelta(days=1)
FRIDAY, TUESDAY = MONDAY - 3 * DAYS, MONDAY + DAYS

CHOOSE = "Choose Present, Late, Excused or Absent."
MINUTES = "Give the minutes as a whole number from 1 to 720."
ONLY_LATE = "Minutes are noted, but the mark is not Late. Choose Late or clear the minutes."
LEFT_EARLY = "“Left early” goes with Present or Late. Choose one of them or untick it."
UNPRINTABLE = "The note holds characters that cannot be printed. Type it again on one line."
ONE_LINE = "Nothing is saved yet: look at the lines marked below (1)."
NO_MARKS = "No marks were sent. Choose a mark for each student and save again."


def not_here(*names):
    listed = ", ".join(names)
    return f"Not in this class on this day: {listed}. The class list may have changed; open the page again."


@pytest.fixture
def ana(cast, sign_in):
    """Ana's browser."""
    return sign_in(cast.ana.user)


@pytest.fixture
def both(cast):
    """The two students of 7A."""
    return [cast.amina, cast.bo]


@pytest.fixture
def taken(cast, ana, both):
    """What is stored before the bad post: Friday's register and today's, everybody late, with their history."""
    for day in (FRIDAY, MONDAY):
        assert send(ana, address(cast.class_7a, day), page_posts(both, "late") | YES).status_code == 302
    return stored()


# What is typed for Bo: status, minutes, left early, note; and what the page answers.
BAD_LINES = {
    "the mark is one of four": ({"status": "vacation"}, CHOOSE),
    "a mark has no other spelling": ({"status": "Present"}, CHOOSE),
    "a mark has no space around it": ({"status": " late"}, CHOOSE),
    "a mark is chosen": ({"status": None}, CHOOSE),
    "a mark is not empty": ({"status": ""}, CHOOSE),
    "a mark holds no NUL": ({"status": "late\0"}, CHOOSE),
    "minutes go with late": ({"status": "present", "minutes": "5"}, ONLY_LATE),
    "minutes are at least 1": ({"status": "late", "minutes": "0"}, MINUTES),
    "minutes are at most 720": ({"status": "late", "minutes": "721"}, MINUTES),
    "minutes have no sign": ({"status": "late", "minutes": "-5"}, MINUTES),
    "minutes have no plus": ({"status": "late", "minutes": "+5"}, MINUTES),
    "minutes have no exponent": ({"status": "late", "minutes": "1e2"}, MINUTES),
    "minutes have no fraction": ({"status": "late", "minutes": "5.5"}, MINUTES),
    "minutes have no underscore": ({"status": "late", "minutes": "1_0"}, MINUTES),
    "minutes are digits": ({"status": "late", "minutes": "five"}, MINUTES),
    "minutes are ASCII digits, not full-width ones": ({"status": "late", "minutes": "５"}, MINUTES),
    "minutes are ASCII digits, not superscripts": ({"status": "late", "minutes": "²"}, MINUTES),
    "minutes hold no NUL": ({"status": "late", "minutes": "5\0"}, MINUTES),
    "minutes are short": ({"status": "late", "minutes": "9" * 5000}, MINUTES),
    "a note has at most 300 characters": (
        {"status": "present", "note": "n" * 301},
        "The note has 301 characters. Shorten it to 300.",
    ),
    "a note holds no NUL": ({"status": "present", "note": "a\0b"}, UNPRINTABLE),
    "a note holds no escape sequence": ({"status": "present", "note": "a\x1b[31mb"}, UNPRINTABLE),
    "a note has one line": ({"status": "present", "note": "a\nb"}, UNPRINTABLE),
    "a note has one line in Unicode too": ({"status": "present", "note": "a\u2028b"}, UNPRINTABLE),
    "a note does not turn the text around": ({"status": "present", "note": "a\u202eb"}, UNPRINTABLE),
    "who is absent cannot leave early": ({"status": "absent", "left": "on"}, LEFT_EARLY),
    "who is excused cannot leave early": ({"status": "excused", "left": "on"}, LEFT_EARLY),
}


@pytest.mark.parametrize(("typed", "sentence"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_line_that_breaks_a_rule(typed, sentence, cast, ana, both, taken):
    line = {f"{control}-{cast.bo.student_id}": value for control, value in typed.items()}
    answer = send(ana, address(cast.class_7a), page_posts(both, "absent", **line))
    assert answer.status_code == 422
    assert answer.context["form"].errors == [ONE_LINE]
    assert [row.errors for row in answer.context["form"].rows] == [[], [sentence]]
    assert ONE_LINE in text_of(answer)
    assert sentence in text_of(answer)
    assert stored() == taken
    kept = {"status": chosen_on(answer).get(cast.bo.student_id)}
    kept |= {control: typed_on(answer, control, cast.bo) for control in ("minutes", "note")}
    if typed["status"] in {"present", "late", "excused", "absent"}:
        assert kept["status"] == typed["status"]
    assert {control: kept[control].replace("\0", "") for control in ("minutes", "note")} == {
        control: typed.get(control, "").replace("\0", "") for control in ("minutes", "note")
    }
    assert chosen_on(answer)[cast.amina.student_id] == "absent"  # the other line is as it was typed too
    assert save_over(ana, address(cast.class_7a), page_posts(both, "absent")).status_code == 302
    assert stored() != taken


def test_a_line_may_break_two_rules_and_both_are_said(cast, ana, both, taken):
    line = {f"minutes-{cast.bo.student_id}": "0", f"left-{cast.bo.student_id}": "on"}
    answer = send(ana, address(cast.class_7a), page_posts(both, "absent", **line))
    assert answer.context["form"].rows[1].errors == [MINUTES, ONLY_LATE, LEFT_EARLY]
    assert stored() == taken


# Further fields beside a good page; {cleo} is a student of another class, {nobody} an id that was never given out.
BAD_FIELDS = {
    "a student of another class": ({"status-{cleo}": "absent"}, not_here("{cleo}")),
    "only a row of a student of another class": ({"row-{cleo}": "1"}, not_here("{cleo}")),
    "only a note on a student of another class": ({"note-{cleo}": "x"}, not_here("{cleo}")),
    "who left before that day": ({"status-{left}": "absent"}, not_here("{left}")),
    "who joins after that day": ({"status-{joins}": "absent"}, not_here("{joins}")),
    "an id that was never given out": ({"status-STU99999": "absent"}, not_here("STU99999")),
    "an id of another case": ({"status-{lower}": "absent"}, not_here("{lower}")),
    "a key in place of the id": ({"status-1": "absent"}, not_here("1")),
    "no id at all": ({"status-": "absent"}, not_here("?")),
    "an id with odd characters": ({"status-<b>\0\n": "absent"}, not_here("<b>??")),
    "an id of 5,000 characters": ({"status-" + "9" * 5000: "absent"}, not_here("9" * 20)),
    "two at once": ({"status-STU99999": "late", "note-{cleo}": "x"}, not_here("{cleo}", "STU99999")),
}


@pytest.mark.parametrize(("fields", "sentence"), BAD_FIELDS.values(), ids=BAD_FIELDS)
def test_marks_of_students_who_are_not_on_the_register(fields, sentence, cast, ana, both, taken):
    left, joins = pupil("Lea", "Left", cast.class_7a), pupil("Jo", "Joins", cast.class_7a, starts_on=TUESDAY)
    Enrolment.objects.filter(student=left).update(ends_on=MONDAY)
    ids = {"cleo": cast.cleo.student_id, "left": left.student_id, "joins": joins.student_id}
    ids["lower"] = cast.bo.student_id.lower()
    posted = {name.format(**ids): value for name, value in fields.items()}
    answer = send(ana, address(cast.class_7a), page_posts(both, "absent", **posted))
    assert (answer.status_code, stored()) == (422, taken)
    assert answer.context["form"].errors == [sentence.format(**ids)]
    assert escape(sentence.format(**ids)) in answer.content.decode()
    assert set(chosen_on(answer).values()) == {"absent"}
    assert save_over(ana, address(cast.class_7a), page_posts(both, "absent")).status_code == 302


BAD_DAYS = {
    "the day is not in the future": (
        TUESDAY,
        "Tue 17 Mar 2026 is in the future. A register can be taken on its day or later.",
    ),
    "the day is not the last that there is": (
        date(9999, 12, 31),
        "Fri 31 Dec 9999 is in the future. A register can be taken on its day or later.",
    ),
    "the class meets on that weekday": (
        date(2026, 3, 14),
        "The school does not meet on Sat 14 Mar 2026, but on Mon, Tue, Wed, Thu, Fri. Choose a school day.",
    ),
    "the school is not closed": (
        date(2026, 3, 11),
        "The school is closed on Wed 11 Mar 2026: Staff & training. Choose a school day.",
    ),
    "the day lies in a term": (
        date(2026, 3, 9),
        "Mon 9 Mar 2026 is outside the terms of the school year 2025/26. Choose a school day.",
    ),
    "the day lies in the school year": (
        date(2025, 8, 29),
        "Fri 29 Aug 2025 is outside the school year 2025/26. Choose a school day.",
    ),
    "the day is not the first that there is": (
        date(1, 1, 1),
        "Mon 1 Jan 0001 is outside the school year 2025/26. Choose a school day.",
    ),
    "the day lies in the teacher's window": (
        date(2026, 2, 27),
        (
            "Fri 27 Feb 2026 is more than 14 days ago. Teachers can correct registers back to Mon 2 Mar 2026; "
            "ask the school office to correct this one."
        ),
    ),
}


@pytest.mark.parametrize(("day", "sentence"), BAD_DAYS.values(), ids=BAD_DAYS)
def test_a_day_on_which_it_may_not_be_taken(day, sentence, cast, ana, both, taken):
    TermFactory(academic_year=cast.year, name="Winter", starts_on=YEAR_START, ends_on=date(2026, 3, 7))
    TermFactory(academic_year=cast.year, name="Summer", starts_on=date(2026, 3, 10), ends_on=YEAR_END)
    ClosureFactory(name="Staff & training", starts_on=date(2026, 3, 11))
    Enrolment.objects.update(starts_on=date(1, 1, 1))
    note = {f"note-{cast.bo.student_id}": "As typed"}
    answer = send(ana, address(cast.class_7a, day.isoformat()), page_posts(both, "absent", **note))
    assert (answer.status_code, stored()) == (422, taken)
    assert answer.context["form"].errors == [sentence]
    assert sentence in text_of(answer)
    assert set(chosen_on(answer).values()) == {"absent"}
    assert typed_on(answer, "note", cast.bo) == "As typed"
    assert save_over(ana, address(cast.class_7a), page_posts(both, "absent", **note)).status_code == 302


def test_the_day_after_the_last_of_the_year_is_outside_it(cast, both, sign_in, frozen):
    frozen.move_to("2026-07-20T09:00Z")
    office, last = sign_in(cast.office), YEAR_END - DAYS
    assert last == date(2026, 7, 17)
    answer = send(office, address(cast.class_7a, YEAR_END), page_posts(both))
    assert (answer.status_code, AttendanceRecord.objects.count()) == (422, 0)
    assert "Sat 18 Jul 2026 is outside the school year 2025/26." in text_of(answer)
    assert send(office, address(cast.class_7a, last), page_posts(both) | YES).status_code == 302


BAD_ADDRESSES = {
    "the month has that day": "2026-02-30",
    "the year has that month": "2026-13-01",
    "there is no year 0": "0000-01-01",
    "a month has two digits": "2026-3-16",
    "digits are ASCII": "２０２６-03-16",
    "a day has no time": "2026-03-16T09:00",
    "a day is a day": "today",
}


@pytest.mark.parametrize("day", BAD_ADDRESSES.values(), ids=BAD_ADDRESSES)
def test_an_address_of_no_day_is_not_found(day, cast, ana, both, taken):
    assert ana.get(address(cast.class_7a, day)).status_code == 404
    assert send(ana, address(cast.class_7a, day), page_posts(both)).status_code == 404
    assert stored() == taken


@pytest.mark.parametrize("key", ["0", "999999", "9" * 30, "-1", "7A"])
def test_an_address_of_no_class_is_not_found(key, cast, ana, both, taken):
    assert send(ana, f"/attendance/{key}/2026-03-16/", page_posts(both)).status_code == 404
    assert stored() == taken


class TestEmptyPosts:
    @pytest.mark.parametrize("posted", [{}, {"csrfmiddlewaretoken": "x"}, {"status": "present"}])
    def test_a_post_without_a_line_is_no_register(self, posted, cast, ana, taken):
        answer = send(ana, address(cast.class_7a), posted)
        assert (answer.status_code, stored()) == (422, taken)
        assert answer.context["form"].errors == [NO_MARKS]
        assert NO_MARKS in text_of(answer)

    def test_a_class_with_nobody_enrolled(self, cast, ana, taken):
        Enrolment.objects.filter(school_class=cast.class_7a).delete()
        answer = send(ana, address(cast.class_7a), {})
        assert (answer.status_code, stored()) == (422, taken)
        assert "Nobody is enrolled in this class on this day." in text_of(answer)

    def test_marks_for_a_class_that_was_emptied_meanwhile(self, cast, ana, both, taken):
        Enrolment.objects.filter(school_class=cast.class_7a).delete()
        answer = send(ana, address(cast.class_7a), page_posts(both))
        assert (answer.status_code, stored()) == (422, taken)
        assert not_here(cast.amina.student_id, cast.bo.student_id) in text_of(answer)


def test_nothing_is_kept_of_a_post_with_one_good_and_one_bad_line(cast, ana, both):
    posted = page_posts(both, **{f"status-{cast.bo.student_id}": "gone"})
    assert send(ana, address(cast.class_7a), posted).status_code == 422
    assert stored() == {name: [] for name in stored()}


def test_the_weekday_of_a_class_that_meets_on_other_days(cast, ana, both, taken):
    SchoolClass.objects.filter(pk=cast.class_7a.pk).update(meets_on="35")
    answer = send(ana, address(cast.class_7a), page_posts(both, "absent"))
    assert (answer.status_code, stored()) == (422, taken)
    assert "7A does not meet on Mon 16 Mar 2026, but on Wed, Fri. Choose a school day." in text_of(answer)


def test_what_was_typed_is_shown_as_text(cast, ana, both):
    note = '"><script>alert(1)</script>'
    line = {f"note-{cast.bo.student_id}": note, f"status-{cast.bo.student_id}": "<script>"}
    answer = send(ana, address(cast.class_7a), page_posts(both, **line))
    assert answer.status_code == 422
    assert typed_on(answer, "note", cast.bo) == note
    assert "<script>alert" not in answer.content.decode()


def test_without_the_token_of_the_form_nothing_is_saved(cast, both, sign_in):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.ana.user, backend="accounts.backends.RoleBackend")
    answer = send(browser, address(cast.class_7a), page_posts(both))
    assert answer.status_code == 403
    assert "This form is too old to be sent" in text_of(answer)
    assert AttendanceRecord.objects.count() == 0
    page = browser.get(address(cast.class_7a))
    token = {"csrfmiddlewaretoken": str(page.context["csrf_token"])}
    assert send(browser, address(cast.class_7a), page_posts(both) | token).status_code == 302
    assert AttendanceRecord.objects.count() == 2


def test_somebody_enrolled_twice_on_a_day_is_marked_once(cast, ana, both):
    EnrolmentFactory(student=cast.bo, school_class=cast.class_7a, ends_on=TUESDAY, is_primary=False)
    assert send(ana, address(cast.class_7a), page_posts(both)).status_code == 302
    assert AttendanceRecord.objects.filter(student=cast.bo).count() == 1
