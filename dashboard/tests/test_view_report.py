"""/report/ and /report/<student_id>/: a parent reads how their child attends."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import AccessLog
from accounts.tests.audit_doors import forget_readings
from accounts.tests.factories import ParentFactory
from attendance.models import AttendanceRecord, Status
from attendance.tests.factories import AttendanceRecordFactory
from students.tests.factories import ClosureFactory, EnrolmentFactory, StudentFactory, StudentParentLinkFactory
from tests.cast import MONDAY, YEAR_START

HOME = "/report/"
QUERIES = 12
QUERIES_HOME = 4  # who you are, the school, the children, the log
SQUARE = re.compile(r'<text class="number"[^>]*>(\d+)</text>\s*(?:<text class="letter[^>]*>(.)</text>)?')
LINE = re.compile(r'<tr><th scope="row">\w+ (\d+) Mar</th><td>\s*(?:<span class="mark[^>]*>)?(.)')
# What 7A did from 2 to 16 March: ten sessions, the 13th closed.
MARKS = {
    2: Status.PRESENT,
    3: Status.PRESENT,
    4: Status.LATE,
    5: Status.ABSENT,
    6: Status.EXCUSED,
    9: Status.PRESENT,
    10: Status.PRESENT,
    11: Status.PRESENT,
    12: Status.PRESENT,
    16: Status.PRESENT,
}
ASK_THE_OFFICE = "Your access does not include attendance. The school office can tell you more."


def address(student) -> str:
    return f"/report/{student.student_id}/"


@pytest.fixture
def marks(cast):
    """Amina joined on 2 March; ten registers since, all taken."""
    cast.amina.enrolments.update(starts_on=date(2026, 3, 2))
    ClosureFactory(name="Training day", starts_on=date(2026, 3, 13))
    notes = {4: ("Bus was late", 12), 6: ("Dentist", None)}
    for day, status in MARKS.items():
        note, minutes = notes.get(day, ("", None))
        AttendanceRecordFactory(
            student=cast.amina,
            school_class=cast.class_7a,
            date=date(2026, 3, day),
            status=status,
            note=note,
            minutes_late=minutes,
        )


@pytest.fixture
def mariam(cast, sign_in):
    return sign_in(cast.mariam.user)


def words(response) -> str:
    """The text of the page in one line, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\N{NO-BREAK SPACE}", " ").split())


# --- /report/ -----------------------------------------------------------------------------------------


def test_a_parent_of_one_child_is_led_straight_to_the_report(cast, mariam):
    assertRedirects(mariam.get(HOME), address(cast.amina))


def test_a_parent_of_two_chooses_among_cards(cast, mariam):
    StudentParentLinkFactory(student=cast.bo, parent=cast.mariam)
    cast.bo.enrolments.update(ends_on=MONDAY)
    response = mariam.get(HOME)
    assertContains(response, f'<a class="child" href="{address(cast.amina)}"><b>Amina Diallo</b>7A</a>', html=True)
    assertContains(
        response, f'<a class="child" href="{address(cast.bo)}"><b>Bo Lind</b>No class at the moment</a>', html=True
    )
    assertNotContains(response, "Cleo")


def test_a_parent_without_a_child_is_told_whom_to_ask(cast, sign_in):
    response = sign_in(cast.former.user).get(HOME)
    assertContains(response, "No child is linked to your account. The school office can link yours.")


def test_the_cards_are_noted_one_row_a_child(cast, mariam):
    StudentParentLinkFactory(student=cast.bo, parent=cast.mariam)
    forget_readings()
    mariam.get(HOME)
    assert set(AccessLog.objects.values_list("reader__username", "page", "student_id")) == {
        ("mariam", "dashboard:report_home", cast.amina.student_id),
        ("mariam", "dashboard:report_home", cast.bo.student_id),
    }


@pytest.mark.parametrize("rows", [2, 3, 60])
def test_the_cards_cost_the_same_for_any_number_of_children(cast, mariam, count_queries, rows):
    for _number in range(rows - 1):
        student = StudentFactory()
        EnrolmentFactory(student=student, school_class=cast.class_7a)
        StudentParentLinkFactory(student=student, parent=cast.mariam)
    assert count_queries(lambda: mariam.get(HOME)) == QUERIES_HOME


# --- Figures ------------------------------------------------------------------------------------------


def test_the_figures_when_all_registers_are_counted(cast, marks, mariam):
    said = words(mariam.get(address(cast.amina)))
    assert (
        "80.0 % attendance: 2 days missed of 10, 1 of them without an excuse, all registers counted. "
        "Absence so far: Severe absence."
    ) in said
    assert "registers are counted" not in said


def test_the_figures_when_registers_are_missing(cast, marks, mariam):
    AttendanceRecord.objects.filter(date__in=[date(2026, 3, 10), date(2026, 3, 11)]).delete()
    said = words(mariam.get(address(cast.amina)))
    assert (
        "75.0 % attendance: 2 days missed of 8, 1 of them without an excuse. "
        "8 of 10 registers are counted (80.0 %); the others were not taken."
    ) in said
    assert "all registers counted" not in said
    assert "Absence so far" not in said


def test_a_child_who_was_always_there(cast, marks, mariam):
    AttendanceRecord.objects.update(status=Status.PRESENT, minutes_late=None)
    said = words(mariam.get(address(cast.amina)))
    assert "100.0 % attendance: 0 days missed of 10, all registers counted." in said
    assert "Absence so far" not in said


def test_marks_in_a_class_beside_the_main_one_do_not_count(cast, marks, mariam):
    EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, is_primary=False)
    AttendanceRecordFactory(
        student=cast.amina, school_class=cast.class_7b, date=date(2026, 3, 9), status=Status.ABSENT, note="Choir"
    )
    response = mariam.get(address(cast.amina))
    assert "80.0 % attendance: 2 days missed of 10," in words(response)
    assertNotContains(response, "Choir")


def test_before_the_first_register_there_is_no_figure(cast, mariam):
    response = mariam.get(address(cast.amina))
    assertContains(response, "No register has been taken for this child in this school year yet.")
    assertNotContains(response, "%")


def test_a_child_who_has_been_in_no_class_has_nothing_to_report(cast, mariam):
    cast.amina.enrolments.all().delete()
    response = mariam.get(address(cast.amina))
    assertContains(response, "This child has been in no class yet, so there is nothing to report.")
    assertContains(response, "No class at the moment")


def test_the_page_says_class_year_and_the_moment(cast, marks, mariam):
    assert "Amina Diallo 7A · school year 2025/26 · as of 16 Mar 2026, 09:00" in words(mariam.get(address(cast.amina)))


# --- The month ----------------------------------------------------------------------------------------


def test_the_letters_of_the_calendar_and_of_the_table_are_the_same(cast, marks, mariam):
    AttendanceRecord.objects.filter(date=date(2026, 3, 10)).delete()
    page = mariam.get(address(cast.amina)).content.decode()
    letters = {day: status.letter for day, status in MARKS.items()} | {10: "–"}
    assert {int(day): letter for day, letter in SQUARE.findall(page) if letter} == letters
    assert [(int(day), letter) for day, letter in LINE.findall(page)] == sorted(letters.items())


def test_the_calendar_has_a_title_and_says_where_the_same_is_in_words(cast, marks, mariam):
    response = mariam.get(address(cast.amina))
    assertContains(response, '<title id="calendar-title">Attendance in March 2026</title>')
    assertContains(response, "The same marks stand in the table below.")


def test_without_a_month_the_latest_with_a_mark_is_shown(cast, marks, mariam):
    AttendanceRecord.objects.exclude(date=date(2026, 3, 2)).delete()
    AttendanceRecord.objects.update(date=date(2026, 2, 2))
    cast.amina.enrolments.update(starts_on=YEAR_START)
    assertContains(mariam.get(address(cast.amina)), '<h3 class="mb-0" id="month">February 2026</h3>', html=True)


def test_other_months_are_reached_by_links(cast, marks, mariam):
    response = mariam.get(address(cast.amina))
    assertContains(response, '<a href="?month=2026-02#month" rel="prev">← February</a>', html=True)
    assertNotContains(response, 'rel="next"')
    february = mariam.get(address(cast.amina), {"month": "2026-02"})
    assertContains(february, '<h3 class="mb-0" id="month">February 2026</h3>', html=True)
    assertContains(february, '<a href="?month=2026-03#month" rel="next">March →</a>', html=True)
    assertContains(february, "No register was due in this month.")
    assert "80.0 % attendance" in words(february)


@pytest.mark.parametrize(("asked", "shown"), [("1999-01", "September 2025"), ("2026-12", "March 2026")])
def test_a_month_outside_the_year_shows_the_nearest_one(cast, marks, mariam, asked, shown):
    assertContains(mariam.get(address(cast.amina), {"month": asked}), f'id="month">{shown}</h3>')


@pytest.mark.parametrize(
    "asked", ["2026-13", "2026-00", "march", "2026-3", "２０２６-03", "2026-03\n", "9999-12", "a\x00"]
)
def test_a_month_that_cannot_be_read_is_answered_with_the_reason_and_the_report(cast, marks, mariam, asked):
    response = mariam.get(address(cast.amina), {"month": asked})
    assert response.status_code == 400
    said = words(response)
    assert "Give the month as 2026-11: year and month." in said
    assert "80.0 % attendance" in said


def test_the_latest_five_notes_stand_beside_the_month(cast, marks, mariam):
    said = words(mariam.get(address(cast.amina)))
    assert "Latest notes Fri 6 Mar E Excused Dentist Wed 4 Mar L Late, 12 minutes Bus was late" in said
    for day in (2, 3, 5, 9):
        AttendanceRecord.objects.filter(date=date(2026, 3, day)).update(note=f"Note of the {day}.")
    listed = words(mariam.get(address(cast.amina))).split("Latest notes")[1]
    assert [day for day in (9, 6, 5, 4, 3, 2) if f"{day} Mar" in listed] == [9, 6, 5, 4, 3]


def test_a_report_without_notes_says_so(cast, marks, mariam):
    AttendanceRecord.objects.update(note="")
    assertContains(mariam.get(address(cast.amina)), "Teachers have noted nothing beside the marks.")


# --- Who may open it ----------------------------------------------------------------------------------


def test_without_the_right_to_attendance_there_is_no_figure_and_no_note(cast, marks, mariam):
    assertContains(mariam.get(address(cast.amina)), "Bus was late")
    cast.mariam.child_links.update(may_see_attendance=False)
    response = mariam.get(address(cast.amina))
    assertContains(response, ASK_THE_OFFICE)
    for hidden in ("Bus was late", "Dentist", "attendance:", "%", '<svg class="calendar"', "Absent", "March 2026"):
        assertNotContains(response, hidden)


def test_the_right_of_one_parent_does_not_open_it_for_the_other(cast, marks, sign_in):
    other = StudentParentLinkFactory(student=cast.amina, may_see_attendance=False)
    assert cast.mariam.child_links.get().may_see_attendance
    assertContains(sign_in(other.parent.user).get(address(cast.amina)), ASK_THE_OFFICE)


def test_a_link_that_ends_closes_the_report_the_same_day(cast, marks, mariam):
    assert mariam.get(address(cast.amina)).status_code == 200
    cast.mariam.child_links.update(ends_on=MONDAY + timedelta(days=1))
    assert mariam.get(address(cast.amina)).status_code == 200
    cast.mariam.child_links.update(ends_on=MONDAY)
    assert mariam.get(address(cast.amina)).status_code == 404


def test_the_child_of_another_family_is_not_there(cast, marks, mariam, sign_in):
    assert sign_in(cast.nils.user).get(address(cast.cleo)).status_code == 200
    refused = mariam.get(address(cast.cleo))
    unknown = mariam.get("/report/STU99999/")
    assert (refused.status_code, words(refused)) == (404, words(unknown))


def test_somebody_signed_out_is_led_to_the_sign_in(cast):
    response = Client().get(address(cast.amina))
    assert (response.status_code, response.url) == (302, f"/accounts/login/?next={address(cast.amina)}")


@pytest.mark.parametrize("reader", ["office", "ana"])
def test_staff_open_the_report_and_see_the_same_figures(cast, marks, mariam, sign_in, reader):
    cast.mariam.child_links.update(may_see_attendance=True)
    user = {"office": cast.office, "ana": cast.ana.user}[reader]
    pages = (mariam.get(address(cast.amina)), sign_in(user).get(address(cast.amina)))
    # Teachers are not told who opened it, so their page ends without that link.
    parents, theirs = (words(page).removesuffix(" Who opened this record") for page in pages)
    assert parents[parents.index("80.0 %") :] == theirs[theirs.index("80.0 %") :]


def test_a_teacher_of_another_class_may_not_open_it(cast, marks, sign_in):
    assert sign_in(cast.ben.user).get(address(cast.amina)).status_code == 404


def test_staff_read_the_report_whatever_the_link_of_a_parent_hides(cast, marks, sign_in):
    cast.mariam.child_links.update(may_see_attendance=False)
    assert "80.0 % attendance" in words(sign_in(cast.ana.user).get(address(cast.amina)))


def test_a_teacher_who_is_a_parent_reads_their_own_child_by_the_link(cast, marks, sign_in):
    link = StudentParentLinkFactory(
        student=cast.amina, parent=ParentFactory(user=cast.ben.user, full_name="Ben Okafor")
    )
    ben = sign_in(cast.ben.user)
    assertRedirects(ben.get(HOME), address(cast.amina))
    assert "80.0 % attendance" in words(ben.get(address(cast.amina)))
    link.may_see_attendance = False
    link.save()
    assertContains(ben.get(address(cast.amina)), ASK_THE_OFFICE)


def test_each_opening_is_noted_with_the_child(cast, marks, mariam):
    forget_readings()
    mariam.get(address(cast.amina), {"month": "2026-02"})
    mariam.get(address(cast.amina), {"month": "wrong"})
    mariam.get(address(cast.cleo))
    assert (
        list(AccessLog.objects.values_list("reader__username", "page", "path", "student_id", "ip_address"))
        == [("mariam", "dashboard:report", address(cast.amina), cast.amina.student_id, "127.0.0.1")] * 2
    )


def test_reading_a_report_writes_nothing_else(cast, marks, mariam):
    before = list(AttendanceRecord.objects.order_by("pk").values())
    assert mariam.post(address(cast.amina)).status_code == 405
    mariam.get(address(cast.amina))
    assert list(AttendanceRecord.objects.order_by("pk").values()) == before


# --- Cost ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3, 60])
def test_the_report_costs_the_same_for_any_number_of_marks(cast, mariam, count_queries, rows):
    days = [MONDAY - timedelta(days=number) for number in range(150)]
    for day in [day for day in days if day.isoweekday() <= 5][:rows]:
        AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a, date=day, note="Note")
    assert count_queries(lambda: mariam.get(address(cast.amina))) == QUERIES
