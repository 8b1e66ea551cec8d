"""A teacher takes the register of a class of 28 with 3 exceptions."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from accounts.tests.factories import PASSWORD, TeacherFactory
from attendance.models import AttendanceRecord, Register, Status
from attendance.tests.factories import PlannedAbsenceFactory
from students.tests.factories import TeachingAssignmentFactory
from tests.browser.conftest import DESK, PHONE, SchoolOfToday

pytestmark = pytest.mark.browser


def take_the_register(page: Page, school: SchoolOfToday) -> None:
    """From the page a teacher lands on: open the class, mark three exceptions, save."""
    page.get_by_role("link", name="7A not taken yet").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("7A, today")
    expect(page.locator("main")).to_contain_text("Not taken yet")
    for name, mark in (("Bo Lind", "Absent"), ("Chidi Obi", "Excused"), ("Dana Levy", "Late")):
        page.get_by_role("radio", name=f"{name}: {mark}").check(force=True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".note--done p")).to_have_text("25 present, 1 late, 1 excused, 1 absent.")


def assert_stored(school: SchoolOfToday) -> None:
    register = Register.objects.get(school_class=school.school_class, date=school.today)
    assert (register.present, register.late, register.excused, register.absent) == (25, 1, 1, 1)
    assert register.taken_by == school.teacher.user
    stored = AttendanceRecord.objects.filter(date=school.today).values_list("student__given_name", "status")
    exceptions = {name: status for name, status in stored if status != Status.PRESENT}
    assert exceptions == {"Bo": "absent", "Chidi": "excused", "Dana": "late"}
    assert len(stored) == 28


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_register_of_28_with_3_exceptions_by_mouse(size, scripts, open_page, school_of_today):
    page = open_page(school_of_today.teacher.user, size=size, scripts=scripts)
    take_the_register(page, school_of_today)
    assert_stored(school_of_today)
    page.get_by_role("link", name="Registers").first.click()
    expect(page.locator(".rows").first).to_contain_text("by Ana Silva: 25 present, 1 late, 1 excused, 1 absent")


def test_the_counts_move_as_marks_are_chosen(open_page, school_of_today):
    page = open_page(school_of_today.teacher.user)
    page.goto(f"/attendance/{school_of_today.school_class.pk}/{school_of_today.today.isoformat()}/")
    save = page.get_by_role("button", name="Save")
    expect(save).to_have_text("Save: 28 P")
    page.get_by_role("radio", name="Bo Lind: Absent").check(force=True)
    expect(save).to_have_text("Save: 27 P, 1 A")
    expect(page.locator(".counters")).to_contain_text("27 Present")


def test_what_was_typed_is_still_there_after_a_mistake(open_page, school_of_today):
    page = open_page(school_of_today.teacher.user, scripts=False)
    page.goto(f"/attendance/{school_of_today.school_class.pk}/{school_of_today.today.isoformat()}/")
    page.get_by_text("Minutes, note Bo Lind").click()
    page.get_by_label("Minutes late Bo Lind").fill("12")
    page.get_by_label("Note (parents can read it) Bo Lind").fill("Bus")
    page.get_by_role("button", name="Save").click()
    row = page.locator(".register__row--wrong")
    expect(row).to_contain_text("Minutes are noted, but the mark is not Late. Choose Late or clear the minutes.")
    expect(page.get_by_label("Note (parents can read it) Bo Lind")).to_have_value("Bus")
    assert AttendanceRecord.objects.filter(date=school_of_today.today).count() == 0
    page.get_by_role("radio", name="Bo Lind: Late").check(force=True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".note--done p")).to_have_text("27 present, 1 late.")
    record = AttendanceRecord.objects.get(date=school_of_today.today, student__given_name="Bo")
    assert (record.status, record.minutes_late, record.note) == ("late", 12, "Bus")


def register_of(school: SchoolOfToday) -> str:
    return f"/attendance/{school.school_class.pk}/{school.today.isoformat()}/"


def focused(page: Page) -> str:
    """The accessible name of what has the focus, such as "Bo Lind: Present"."""
    return " ".join(page.evaluate("document.activeElement.closest('label')?.innerText ?? ''").split())


class TestByKeyboardAlone:
    @pytest.fixture
    def page(self, open_page, school_of_today):
        """The register with the first student in focus."""
        page = open_page(school_of_today.teacher.user)
        page.goto(register_of(school_of_today))
        page.keyboard.press("ArrowDown")
        assert focused(page) == "P Quinn Adair: Present"
        return page

    def test_a_register_of_28_with_3_exceptions(self, page, school_of_today):
        for name, key in (("bo l", "A"), ("chidi", "e"), ("dana", "l")):
            page.keyboard.press("/")
            page.keyboard.type(name)
            page.keyboard.press("Enter")
            page.keyboard.press(key)
        page.keyboard.press("Control+s")
        expect(page.locator(".note--done p")).to_have_text("25 present, 1 late, 1 excused, 1 absent.")
        assert_stored(school_of_today)

    def test_a_letter_marks_and_moves_on(self, page):
        for key in ("p", "A", "e"):
            page.keyboard.press(key)
        assert focused(page) == "P Lea Brun: Present"
        expect(page.get_by_role("radio", name="Zoë Baker: Absent")).to_be_checked()
        expect(page.get_by_role("radio", name="Åsa Berg: Excused")).to_be_checked()
        expect(page.get_by_role("button", name="Save")).to_have_text("Save: 26 P, 1 E, 1 A")

    def test_arrows_move_between_students_and_marks(self, page):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        assert focused(page) == "P Åsa Berg: Present"
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowRight")
        assert focused(page) == "L Zoë Baker: Late"
        expect(page.get_by_role("radio", name="Zoë Baker: Late")).to_be_checked()
        expect(page.get_by_role("button", name="Save")).to_have_text("Save: 27 P, 1 L")

    def test_tab_is_one_stop_a_student(self, page):
        names = []
        for _student in range(3):
            page.keyboard.press("Tab")
            names.append(focused(page))
        assert names == ["P Zoë Baker: Present", "P Åsa Berg: Present", "P Lea Brun: Present"]

    def test_a_name_is_found(self, page):
        page.keyboard.press("/")
        page.keyboard.type("nag")
        expect(page.locator(".register__row--found .register__name")).to_have_text("Éva Nagy")
        page.keyboard.press("Enter")
        assert focused(page) == "P Éva Nagy: Present"
        expect(page.locator(".register__row--found")).to_have_count(0)

    def test_letters_typed_in_a_note_are_letters(self, page, school_of_today):
        page.keyboard.press("n")
        page.keyboard.press("Tab")
        page.keyboard.type("late apple? /pe")
        expect(page.get_by_label("Note (parents can read it) Quinn Adair")).to_have_value("late apple? /pe")
        expect(page.get_by_role("button", name="Save")).to_have_text("Save: 28 P")
        page.keyboard.press("Control+s")
        expect(page.locator(".note--done p")).to_have_text("28 present.")
        noted = AttendanceRecord.objects.exclude(note="").filter(date=school_of_today.today)
        assert list(noted.values_list("student__given_name", "note")) == [("Quinn", "late apple? /pe")]

    def test_help_is_shown_and_keys_can_be_switched_off(self, page):
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        page.get_by_label("Use these keys on this device").uncheck()
        page.keyboard.press("Escape")
        page.get_by_role("radio", name="Bo Lind: Present").focus()
        page.keyboard.press("a")
        expect(page.get_by_role("radio", name="Bo Lind: Absent")).not_to_be_checked()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_rest_are_set_present_and_who_was_marked_stays(scripts, open_page, school_of_today):
    PlannedAbsenceFactory(student=school_of_today.pupils[0], starts_on=school_of_today.today, reason="Dentist")
    page = open_page(school_of_today.teacher.user, scripts=scripts)
    page.goto(register_of(school_of_today))
    page.get_by_role("link", name="Start with nobody marked").click()
    page.get_by_role("radio", name="Bo Lind: Absent").check(force=True)
    expect(page.get_by_role("radio", name="Chidi Obi: Present")).not_to_be_checked()
    page.get_by_role("button", name="Set the rest present").click()
    expect(page.get_by_role("radio", name="Chidi Obi: Present")).to_be_checked()
    expect(page.get_by_role("radio", name="Amina Diallo: Excused")).to_be_checked()
    page.get_by_role("button", name="Save", exact=False).first.click()
    expect(page.locator(".note--done p")).to_have_text("26 present, 1 excused, 1 absent.")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_two_teachers_clash_and_choose(size, open_page, school_of_today):
    cover = TeacherFactory(full_name="Ben Okafor", user__username="ben")
    TeachingAssignmentFactory(teacher=cover, school_class=school_of_today.school_class, subject=None)
    ana = open_page(school_of_today.teacher.user, size=size)
    ben = open_page(cover.user, size=size)
    for page in (ana, ben):
        page.goto(register_of(school_of_today))
    ana.get_by_role("radio", name="Bo Lind: Absent").check(force=True)
    ana.get_by_role("button", name="Save").click()
    expect(ana.locator(".note--done p")).to_have_text("27 present, 1 absent.")
    ben.get_by_role("radio", name="Bo Lind: Late").check(force=True)
    ben.get_by_role("button", name="Save").click()
    expect(ben.get_by_role("heading", level=1)).to_have_text("1 mark was changed meanwhile")
    choice = ben.get_by_role("group", name="Bo Lind")
    expect(choice).to_contain_text("Ana Silva")
    choice.get_by_role("radio", name="you").check()
    ben.get_by_role("button", name="Save these choices").click()
    expect(ben.locator(".note--done p")).to_have_text("27 present, 1 late.")
    assert AttendanceRecord.objects.get(student=school_of_today.pupils[1], date=school_of_today.today).status == "late"
    ana.reload()
    expect(ana.get_by_role("radio", name="Bo Lind: Late")).to_be_checked()


def test_a_save_is_undone(open_page, school_of_today):
    page = open_page(school_of_today.teacher.user)
    take_the_register(page, school_of_today)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".note--done")).to_have_text("Undone: 28 marks are as before.")
    expect(page.locator("main")).to_contain_text("Not taken yet")
    assert AttendanceRecord.objects.filter(date=school_of_today.today).count() == 0


def test_a_step_back_shows_the_marks_that_are_stored_by_then(open_page, school_of_today):
    """A browser would put back what was chosen before, on a page that knows of the newer mark: it would be lost."""
    page = open_page(school_of_today.teacher.user)
    take_the_register(page, school_of_today)
    marks = AttendanceRecord.objects.filter(date=school_of_today.today, student__given_name="Bo")
    assert marks.update(status=Status.LATE) == 1
    page.go_back()
    expect(page.get_by_role("radio", name="Bo Lind: Late")).to_be_checked()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_session_that_ends_while_marking_loses_nothing(scripts, open_page, school_of_today):
    page = open_page(school_of_today.teacher.user, scripts=scripts, size=PHONE)
    page.goto(register_of(school_of_today))
    page.get_by_role("radio", name="Bo Lind: Absent").check(force=True)
    Session.objects.all().delete()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("What you typed is kept for an hour; it is not saved yet.")
    page.get_by_label("Username").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("main")).to_contain_text("This is what you typed before your session ended.")
    expect(page.get_by_role("radio", name="Bo Lind: Absent")).to_be_checked()
    assert AttendanceRecord.objects.filter(date=school_of_today.today).count() == 0
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".note--done p").first).to_have_text("27 present, 1 absent.")


def test_leaving_with_unsaved_marks_asks_first(open_page, school_of_today):
    page = open_page(school_of_today.teacher.user)
    page.goto(register_of(school_of_today))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Students").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Students")
    assert asked == []
    page.goto(register_of(school_of_today))
    page.get_by_role("radio", name="Bo Lind: Absent").check(force=True)
    page.get_by_role("link", name="Students").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Students")
    assert asked == ["beforeunload"]
