"""A real Chromium against a live server, with a school of today: every day is a school day here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from accounts.models import Parent, Teacher, User
from accounts.roles import Role
from accounts.tests.factories import PASSWORD, ParentFactory, TeacherFactory, UserFactory
from attendance.models import Status
from attendance.tests.factories import AttendanceRecordFactory
from students.models import School, SchoolClass, Student
from students.tests.factories import (
    AcademicYearFactory,
    EmergencyContactFactory,
    GuardianFactory,
    SchoolClassFactory,
    StudentParentLinkFactory,
    TeachingAssignmentFactory,
)
from tests.cast import pupil

# Playwright's loop runs in this thread, which Django takes for an asynchronous context.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
CHROMIUM = shutil.which("chromium") or "chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 30_000  # milliseconds; how long a page takes says how busy the machine is
expect.set_options(timeout=PATIENCE)
PHONE, DESK = {"width": 360, "height": 780}, {"width": 1440, "height": 900}
WATCH_POLICY = """
window.refused = [];
document.addEventListener("securitypolicyviolation", event => window.refused.push(event.violatedDirective));
"""
PUPILS = 28
NAMES = [
    "Amina Diallo", "Bo Lind", "Chidi Obi", "Dana Levy", "Emil Koch", "Fatima Zahra Benali", "Gao Lin", "Hana Sato",
    "Ivo Petrov", "Jade O’Neill", "Kofi Mensah", "Lea Brun", "Milo Costa", "Nora Dahl", "Omar Haddad", "Pia Rossi",
    "Quinn Adair", "Rosa Vega", "Sami Virtanen", "Tara Singh", "Uma Rao", "Victor-Emmanuel de la Fontaine-Montgomery",
    "Wanda Nowak", "Xenia Pappas", "Yusuf Kaya", "Zoë Baker", "Åsa Berg", "Éva Nagy",
]  # fmt: skip


@dataclass
class SchoolOfToday:
    """A class of 28, its teacher, a mother of two of them, and the office."""

    school_class: SchoolClass
    today: date
    teacher: Teacher
    parent: Parent
    office: User
    pupils: list[Student]


def follow(page: Page, target: Locator) -> None:
    """Press what leads to another page and wait until that is there: what is read next must not be half a page."""
    with page.expect_navigation():
        target.click()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def school_of_today(transactional_db: None) -> SchoolOfToday:
    School.objects.filter(pk=School.ONLY).update(weekdays="1234567", name="Hillside School")
    today = timezone.localdate()
    year = AcademicYearFactory(
        name="This year", starts_on=today - timedelta(days=40), ends_on=today + timedelta(days=60)
    )
    school_class = SchoolClassFactory(name="7A", grade_level="7", academic_year=year)
    teacher = TeacherFactory(full_name="Ana Silva", user__username="ana")
    TeachingAssignmentFactory(teacher=teacher, school_class=school_class, subject=None, starts_on=year.starts_on)
    pupils = [pupil(*name.split(" ", 1), school_class, starts_on=year.starts_on) for name in NAMES]
    parent = ParentFactory(full_name="Mariam Diallo", user__username="mariam")
    for child in pupils[:2]:
        StudentParentLinkFactory(student=child, parent=parent, starts_on=year.starts_on)
        GuardianFactory(student=child, name="Mariam Diallo", phone="+44 7700 900001")
        EmergencyContactFactory(student=child)
        for number in range(1, 31):
            status = {3: Status.LATE, 5: Status.ABSENT, 9: Status.EXCUSED}.get(number, Status.PRESENT)
            AttendanceRecordFactory(
                student=child,
                school_class=school_class,
                date=today - timedelta(days=number),
                status=status,
                note="Dentist" if status == Status.EXCUSED else "",
            )
    office = UserFactory(username="office", role=Role.ADMIN)
    return SchoolOfToday(school_class, today, teacher, parent, office, pupils)


@pytest.fixture
def open_page(chromium: Browser, live_server: object) -> Iterator[Callable[..., Page]]:
    """Opens a window of a size, signed in as somebody; fails at the end if the browser refused or logged anything."""
    contexts, complaints = [], []

    def opened(
        user: User | None = None, *, size: dict[str, int] = DESK, scripts: bool = True, dark: bool = False
    ) -> Page:
        context = chromium.new_context(
            base_url=str(live_server),
            viewport=size,
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.add_init_script(WATCH_POLICY)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if user:
            page.goto("/accounts/login/")
            page.get_by_label("Username").fill(user.username)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(lambda url: "login" not in url)
        return page

    yield opened
    for context in contexts:
        context.close()
    # A page asked for on purpose that answers 4xx is logged by the browser as a failed resource.
    assert [text for text in complaints if "the server responded with a status of 4" not in text] == []
