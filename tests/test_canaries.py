"""Every text of Cleo's family carries a marker: no page of the wrong person may hold one, the right person's must."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.models import Parent
from attendance.models import AttendanceRecord, PlannedAbsence, Status
from attendance.tests.factories import AttendanceRecordFactory, PlannedAbsenceFactory
from students.models import EmergencyContact, Enrolment, Guardian, Student, StudentParentLink
from students.records import REGISTERED
from students.tests.factories import EmergencyContactFactory, GuardianFactory
from tests.cast import MONDAY
from tests.routes import address, walk

MARKER = re.compile(r"canary-[a-z]+-[a-z_]+", re.IGNORECASE)
# Texts that are no words about a person: codes, choices and keys.
WITHOUT_WORDS = {"student_id", "gender", "status", "external_id"}
PAGES = sorted(route for route in walk() if ":" in route and not route.startswith("admin:"))


def texts_of(model: type[models.Model]) -> set[str]:
    """The text columns of a model that hold words about somebody."""
    kinds = (models.CharField, models.TextField)
    return {field.name for field in model._meta.concrete_fields if isinstance(field, kinds)} - WITHOUT_WORDS


@pytest.fixture
def marked(cast):
    """Cleo's family with a marker in every text; gives the markers."""
    yesterday = MONDAY - timedelta(days=3)
    link = StudentParentLink.objects.get(student=cast.cleo)
    rows = [
        cast.cleo,
        GuardianFactory(student=cast.cleo),
        EmergencyContactFactory(student=cast.cleo),
        link,
        Enrolment.objects.get(student=cast.cleo),
        cast.nils,
        AttendanceRecordFactory(
            student=cast.cleo, school_class=cast.class_7b, date=yesterday, status=Status.EXCUSED, note="x"
        ),
        PlannedAbsenceFactory(
            student=cast.cleo, starts_on=MONDAY, ends_on=MONDAY + timedelta(days=1), entered_by=cast.office
        ),
    ]
    markers = set()
    for row in rows:
        for name in texts_of(type(row)):
            marker = f"canary-{type(row).__name__}-{name}".lower()
            setattr(row, name, f"{marker}@school.example" if name == "email" else marker)
            markers.add(marker)
        row.save()
    return markers


def seen_by(browser: Client, cast) -> set[str]:
    """The markers in all that a person can reach: every page for both classes, searches, the CSV, the sent forms."""
    found = set()
    urls = [
        address(route, *rows) for route in PAGES for rows in ((cast.class_7b, cast.cleo), (cast.class_7a, cast.amina))
    ]
    urls += [
        reverse("students:list") + query
        for query in ("?search=canary", "?status=all&search=canary", f"?class_id={cast.class_7b.pk}", "?format=csv")
    ]
    urls.append(reverse("attendance:today") + "?date=2026-03-13")
    for url in urls:
        for answer in (browser.get(url), browser.post(url, {})):
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            found |= {marker.lower() for marker in MARKER.findall(content.decode())}
    return found


def test_every_text_about_a_student_is_marked(marked):
    about = {
        Student,
        Guardian,
        EmergencyContact,
        StudentParentLink,
        Enrolment,
        Parent,
        AttendanceRecord,
        PlannedAbsence,
    }
    assert set(REGISTERED) <= about, "a new kind of record needs a canary"
    pointing = {
        relation.related_model
        for relation in Student._meta.related_objects
        if not relation.related_model.__name__.startswith("Historical")
    }
    assert pointing <= about, "a new model about students needs a canary"
    assert marked == {f"canary-{model.__name__}-{name}".lower() for model in about for name in texts_of(model)}


@pytest.mark.parametrize("wrong", ["ana", "mariam", "former", "gone", "anonymous"])
def test_the_wrong_person_sees_no_marker_anywhere(wrong, marked, cast, sign_in):
    users = {"ana": cast.ana.user, "mariam": cast.mariam.user, "former": cast.former.user, "gone": cast.gone}
    browser = Client() if wrong == "anonymous" else sign_in(users[wrong])
    assert seen_by(browser, cast) == set()


STAFF_SEE = {
    "canary-student-given_name",
    "canary-student-family_name",
    "canary-guardian-name",
    "canary-guardian-relationship",
    "canary-guardian-phone",
    "canary-guardian-email",
    "canary-guardian-address",
    "canary-emergencycontact-name",
    "canary-emergencycontact-relationship",
    "canary-emergencycontact-phone",
    "canary-emergencycontact-email",
    "canary-emergencycontact-address",
    "canary-studentparentlink-relationship",
    "canary-parent-full_name",
    "canary-attendancerecord-note",
    "canary-plannedabsence-reason",
}


@pytest.mark.parametrize("right", ["ben", "office"])
def test_the_childs_teacher_and_the_office_see_the_markers(right, marked, cast, sign_in):
    user = {"ben": cast.ben.user, "office": cast.office}[right]
    assert seen_by(sign_in(user), cast) == STAFF_SEE


def test_the_parent_sees_what_the_report_holds(marked, cast, sign_in):
    assert seen_by(sign_in(cast.nils.user), cast) == {
        "canary-student-given_name",
        "canary-student-family_name",
        "canary-attendancerecord-note",
        "canary-parent-full_name",
    }


def test_a_link_without_attendance_hides_its_notes(marked, cast, sign_in):
    StudentParentLink.objects.filter(student=cast.cleo).update(may_see_attendance=False)
    assert "canary-attendancerecord-note" not in seen_by(sign_in(cast.nils.user), cast)
