"""Every text of Cleo's family carries a marker: no page of the wrong person may hold one, the right person's must."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import models
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from accounts.models import Parent
from assessments.models import Assessment, Score, SubjectTotal
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.models import AttendanceRecord, PlannedAbsence, Status
from attendance.tests.factories import AttendanceRecordFactory, PlannedAbsenceFactory
from behavior.models import BehaviorRecord
from behavior.tests.factories import BehaviorRecordFactory, by
from dashboard.models import FamilyMail, FamilyNote, FollowUp
from dashboard.tests.early_warning import attends, blamed, keep, scores
from dashboard.tests.factories import FollowUpFactory
from participation.models import Event, ParticipationRecord
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from students.models import EmergencyContact, Enrolment, Guardian, Student, StudentParentLink, Subject
from students.records import REGISTERED
from students.tests.factories import EmergencyContactFactory, GuardianFactory, SubjectFactory
from tests.cast import MONDAY, NOW
from tests.routes import address, walk

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MARKER = re.compile(r"canary-[a-z]+-[a-z_]+", re.IGNORECASE)
# Texts that are no words about a person: codes, choices and keys.
WITHOUT_WORDS = {"student_id", "gender", "status", "state", "kind", "behavior_type", "external_id"}
PUBLISHED = {"canary-score-notes", "canary-assessment-title"}
UNPUBLISHED = {"canary-unpublished-notes", "canary-unpublished-title"}
TOOK_PART = {
    "canary-participationrecord-event_name",
    "canary-participationrecord-remarks",
    "canary-mixed-remarks",
}
SHARED, STAFF_ONLY = "canary-behaviorrecord-notes", "canary-unshared-notes"
SIGNS_OUT = "api:logout"
PAGES = sorted(route for route in walk() if ":" in route and not route.startswith("admin:") and route != SIGNS_OUT)


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
    # On the list of those to call, with all contacts.
    AttendanceRecordFactory(student=cast.cleo, school_class=cast.class_7b, status=Status.ABSENT)
    rows.append(mark_work(cast, published_at=NOW - timedelta(hours=1), title="canary-assessment-title").scores.get())
    mark_work(cast, published_at=None, title="canary-unpublished-title", notes="canary-unpublished-notes")
    rows.append(BehaviorRecordFactory(student=cast.cleo, shared_with_parents=True, notes="x", **by(cast.ben)))
    BehaviorRecordFactory(student=cast.cleo, notes=STAFF_ONLY, **by(cast.ben))
    rows.append(FamilyNote(student=cast.cleo, text="x", written_by=cast.office))
    rows.append(FollowUpFactory(student=cast.cleo, noted_by=cast.office, note="x"))
    rows.append(ParticipationRecordFactory(student=cast.cleo, event=EventFactory(school_class=cast.class_7b)))
    choir = EventFactory(name="Choir", school_class=None)
    ParticipationRecordFactory(student=cast.cleo, event=choir, remarks="canary-mixed-remarks")
    markers = set()
    for row in rows:
        for name in texts_of(type(row)):
            marker = f"canary-{type(row).__name__}-{name}".lower()
            setattr(row, name, f"{marker}@school.example" if name == "email" else marker)
            markers.add(marker)
        row.save()
    return markers


def mark_work(cast, *, published_at, title, notes="x"):
    """A piece of work of 7B with a score of Cleo's."""
    subject = Subject.objects.filter(code="CAN").first() or SubjectFactory(code="CAN")
    work = AssessmentFactory(school_class=cast.class_7b, subject=subject, title=title, published_at=published_at)
    ScoreFactory(assessment=work, student=cast.cleo, notes=notes)
    return work


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
    urls += [reverse("attendance:records") + query for query in ("?format=csv", f"?student_id={cast.cleo.student_id}")]
    urls.append(reverse("attendance:not_taken") + "?format=csv")
    urls += [reverse("attendance:planned") + query for query in ("?format=csv", "?when=all&search=canary")]
    urls += [reverse("attendance:absent_today") + query for query in ("?format=csv", "?date=2026-03-13")]
    urls += [reverse("attendance:late_desk") + query for query in ("?search=canary", f"?search={cast.cleo.student_id}")]
    urls.append(reverse("attendance:plan") + f"?student={cast.cleo.student_id}")
    queries = ("?format=csv&table=classes", f"?class_id={cast.class_7b.pk}", "?format=csv&table=summary")
    urls += [reverse("dashboard:home") + query for query in queries]
    urls.append(reverse("dashboard:high_performers") + "?format=csv")
    urls += api_about_cleo(cast)
    urls += marks_of_7b(cast)
    urls += behavior_of_cleo(cast)
    urls += participation_of_cleo(cast)
    urls += [url.replace("format=csv", "format=xlsx") for url in urls if "format=csv" in url]
    for url in urls:
        for answer in (browser.get(url), browser.post(url, {})):
            found |= {marker.lower() for marker in MARKER.findall(text_in(answer))}
    return found


def api_about_cleo(cast) -> list[str]:
    """What there is to read about Cleo as JSON beside the plain lists."""
    of_cleo, of_class = f"?student_id={cast.cleo.student_id}", f"?class_id={cast.class_7b.pk}"
    urls = [reverse("api:students") + query for query in ("?search=canary", "?status=all", of_class)]
    urls += [reverse("api:attendance") + query for query in (of_cleo, of_class, "?status=excused")]
    urls += [reverse("api:assessments") + query for query in (of_cleo, of_class, "?state=graded")]
    of_subject = f"?subject={Subject.objects.get(code='CAN').pk}"
    urls += [reverse(f"api:{name}") + of_subject for name in ("assessments", "assessment_statistics")]
    urls += [reverse("api:assessment", args=[score.pk]) for score in Score.objects.filter(student=cast.cleo)]
    urls += [reverse("api:users") + query for query in ("?search=canary", "?role=parent")]
    urls.append(reverse("api:class_attendance", args=[cast.class_7b.pk]) + "?date=2026-03-13")
    urls.append(reverse("api:child_report", args=[cast.cleo.student_id]) + "?period=term&month=2026-03")
    urls += [reverse("api:behavior") + query for query in (of_cleo, of_class, "?search=canary")]
    urls += [reverse("api:participation") + query for query in (of_cleo, of_class, "?event_name=canary")]
    parts = ParticipationRecord.objects.filter(student=cast.cleo).order_by("pk")
    urls += [reverse("api:participation_record", args=[part.pk]) for part in parts]
    return [*urls, reverse("api:attendance_rate") + of_cleo]


def behavior_of_cleo(cast) -> list[str]:
    """What there is to read about Cleo's behaviour, record by record and as lists."""
    queries = ("?format=csv", "?search=canary", f"?student_id={cast.cleo.student_id}")
    urls = [reverse("behavior:list") + query for query in queries]
    urls += [reverse("behavior:new") + f"?student={cast.cleo.student_id}"]
    records = BehaviorRecord.objects.filter(student=cast.cleo).order_by("pk")
    return urls + [reverse(f"behavior:{name}", args=[record.pk]) for record in records for name in ("edit", "withdraw")]


def participation_of_cleo(cast) -> list[str]:
    """What there is to read about the events that Cleo stands in, one of them a mixed group."""
    queries = ("?format=csv", "?event_name=canary", f"?student_id={cast.cleo.student_id}")
    urls = [reverse("participation:list") + query for query in queries]
    events = Event.objects.filter(records__student=cast.cleo).order_by("pk")
    of_one = ("event", "edit", "delete")
    return urls + [reverse(f"participation:{name}", args=[event.pk]) for event in events for name in of_one]


def text_in(answer) -> str:
    """The text of an answer; of a PDF as a reader copies it out and in one piece where a line ended at a hyphen; of a
    workbook what is in its cells.
    """
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer.headers.get("Content-Type") == WORKBOOK:
        return "\n".join(str(value) for row in load_workbook(BytesIO(content)).active.values for value in row)
    if answer.headers.get("Content-Type") != "application/pdf":
        return content.decode()
    return re.sub(r"-\s+", "-", "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages))


def marks_of_7b(cast) -> list[str]:
    """What there is to read about the work of 7B, with and without filters."""
    subject = Subject.objects.get(code="CAN").pk
    lists = [reverse(f"assessments:{name}") for name in ("book", "records", "statistics")]
    queries = ("?format=csv", f"?class_id={cast.class_7b.pk}&subject={subject}", f"?student_id={cast.cleo.student_id}")
    urls = [place + query for place in lists for query in queries]
    urls.append(f"{lists[0]}?class_id={cast.class_7b.pk}&subject={subject}&format=csv")
    of_one = ("scores", "edit", "publish", "delete")
    works = Assessment.objects.filter(school_class=cast.class_7b).order_by("pk")
    return urls + [reverse(f"assessments:{name}", args=[work.pk]) for work in works for name in of_one]


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
        Score,
        SubjectTotal,
        BehaviorRecord,
        ParticipationRecord,
        FamilyNote,
        FamilyMail,
        FollowUp,
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
    "canary-familynote-text",
    "canary-followup-note",
    *PUBLISHED,
    *UNPUBLISHED,
    *TOOK_PART,
    SHARED,
    STAFF_ONLY,
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
        "canary-parent-phone",
        "canary-familynote-text",
        *PUBLISHED,
        *TOOK_PART,
        SHARED,
    }


def test_a_link_without_attendance_hides_its_notes(marked, cast, sign_in):
    StudentParentLink.objects.filter(student=cast.cleo).update(may_see_attendance=False)
    assert "canary-attendancerecord-note" not in seen_by(sign_in(cast.nils.user), cast)


def test_a_link_without_behaviour_hides_even_what_is_shared(marked, cast, sign_in):
    StudentParentLink.objects.filter(student=cast.cleo).update(may_see_behavior=False)
    assert SHARED not in seen_by(sign_in(cast.nils.user), cast)


def test_what_is_noted_for_staff_becomes_the_parents_by_sharing_alone(marked, cast, sign_in):
    nils = sign_in(cast.nils.user)
    assert STAFF_ONLY not in seen_by(nils, cast)
    BehaviorRecord.objects.update(shared_with_parents=True)
    assert STAFF_ONLY in seen_by(nils, cast)


def test_a_link_without_participation_hides_events_and_remarks(marked, cast, sign_in):
    StudentParentLink.objects.filter(student=cast.cleo).update(may_see_participation=False)
    assert TOOK_PART.isdisjoint(seen_by(sign_in(cast.nils.user), cast))


def test_a_link_without_marks_hides_them(marked, cast, sign_in):
    StudentParentLink.objects.filter(student=cast.cleo).update(may_see_assessments=False)
    assert PUBLISHED.isdisjoint(seen_by(sign_in(cast.nils.user), cast))


def test_an_unpublished_mark_is_for_staff_and_a_published_one_for_the_parent(marked, cast, sign_in):
    nils = sign_in(cast.nils.user)
    assert UNPUBLISHED.isdisjoint(seen_by(nils, cast))
    Assessment.objects.filter(title="canary-unpublished-title").update(published_at=NOW)
    assert seen_by(nils, cast) >= UNPUBLISHED


def test_mails_hold_markers_for_the_parent_alone_and_never_a_note_or_a_mark(marked, cast, frozen):
    Parent.objects.update(weekly_digest=True, absence_note=True)
    for student in (cast.amina, cast.bo):
        AttendanceRecordFactory(student=student, school_class=cast.class_7a, status=Status.ABSENT)
    found: dict[str, set[str]] = {}
    for moment in (NOW, NOW + timedelta(days=4, hours=6)):
        frozen.move_to(moment)
        call_command("send_digests", verbosity=0)
    for message in mail.outbox:
        text = f"{message.message()} {message.body}"
        found.setdefault(message.to[0], set()).update(marker.lower() for marker in MARKER.findall(text))
    assert [message.to[0] for message in mail.outbox].count("mariam@school.example") == 2
    assert found == {
        "mariam@school.example": set(),
        "nils@school.example": {
            "canary-student-given_name",
            "canary-student-family_name",
            "canary-parent-full_name",
            "canary-studentparentlink-relationship",
        },
    }


def test_the_card_holds_the_markers_of_the_report_for_the_right_person_and_none_for_the_wrong(marked, cast, sign_in):
    place = address("dashboard:card", cast.class_7b, cast.cleo)
    people = {"nils": cast.nils.user, "ben": cast.ben.user, "ana": cast.ana.user, "mariam": cast.mariam.user}
    found = {name: set(MARKER.findall(text_in(sign_in(user).get(place)).lower())) for name, user in people.items()}
    assert found["nils"] >= {"canary-student-given_name", "canary-attendancerecord-note", "canary-familynote-text"}
    assert found["nils"] >= PUBLISHED
    assert found["nils"].isdisjoint(UNPUBLISHED)
    assert found["ben"] == found["nils"]
    assert found["ana"] == found["mariam"] == set()


def test_the_cards_of_a_class_hold_the_markers_of_its_own_students_alone(marked, cast, sign_in):
    office = sign_in(cast.office)
    assert MARKER.search(text_in(office.get(address("dashboard:class_cards_pdf", cast.class_7b, cast.cleo))))
    assert not MARKER.search(text_in(office.get(address("dashboard:class_cards_pdf", cast.class_7a, cast.amina))))


def test_an_alert_holds_the_markers_for_the_childs_staff_and_for_nobody_else(marked, cast, sign_in):
    AttendanceRecord.objects.filter(student=cast.cleo).delete()
    attends(cast.cleo, cast.class_7b, missed=5)
    AttendanceRecord.objects.filter(student=cast.cleo).update(note="canary-attendancerecord-note")
    scores(cast.cleo, cast.class_7b, Subject.objects.get(code="CAN"), [10, 20, 30])
    blamed(cast.cleo, cast.ben, 0, 1, 2)
    BehaviorRecord.objects.filter(student=cast.cleo).update(notes=STAFF_ONLY)
    attends(cast.amina, cast.class_7a, missed=5)
    keep()
    people = {"office": cast.office, "ben": cast.ben.user, "ana": cast.ana.user, "mariam": cast.mariam.user}
    people |= {"nils": cast.nils.user}
    found = {}
    for name, user in people.items():
        browser = sign_in(user)
        answers = [browser.get(reverse("dashboard:at_risk") + query) for query in ("", "?format=csv")]
        text = " ".join(text_in(answer) for answer in answers)
        found[name] = {marker.lower() for marker in MARKER.findall(text)}
        assert ("Amina Diallo" in text) is (name in {"office", "ana"})
    of_alerts = {
        "canary-student-given_name",
        "canary-student-family_name",
        "canary-attendancerecord-note",
        "canary-followup-note",
        "canary-assessment-title",
        "canary-unpublished-title",
        STAFF_ONLY,
    }
    nothing, own_name = set[str](), {"canary-parent-full_name"}  # in the menu
    assert found == {"office": of_alerts, "ben": of_alerts, "ana": nothing, "mariam": nothing, "nils": own_name}


def test_the_dashboard_names_a_child_to_the_childs_staff_and_to_nobody_else(marked, cast, sign_in):
    AttendanceRecord.objects.filter(student=cast.cleo).delete()
    attends(cast.cleo, cast.class_7b, missed=5)
    ScoreFactory.create_batch(
        3, student=cast.cleo, assessment__school_class=cast.class_7b, score=20, assessment__max_score=20
    )
    attends(cast.amina, cast.class_7a, missed=5)
    keep()
    people = {"office": cast.office, "ben": cast.ben.user, "ana": cast.ana.user, "mariam": cast.mariam.user}
    found = {}
    for name, user in people.items():
        browser = sign_in(user)
        answers = [browser.get(reverse(f"dashboard:{page}")) for page in ("home", "high_performers")]
        text = " ".join(text_in(answer) for answer in answers)
        found[name] = {marker.lower() for marker in MARKER.findall(text)}
        assert ("Amina Diallo" in text) is (name in {"office", "ana"})
    name_of_child = {"canary-student-given_name", "canary-student-family_name"}
    assert found == {"office": name_of_child, "ben": name_of_child, "ana": set(), "mariam": set()}


def score_of_cleo(cast) -> dict[str, object]:
    """Another score of Cleo's than the stored one, as a program sends it."""
    score = Score.objects.get(student=cast.cleo, notes="canary-score-notes")
    work = score.assessment
    sent = {"student_id": cast.cleo.student_id, "subject_name": work.subject.name, "title": work.title, "score": 1}
    sent |= {"assessment_type": work.assessment_type, "max_score": 20, "date_taken": work.date_taken.isoformat()}
    return {**sent, "class_id": work.school_class_id}


def part_of_cleo(part: ParticipationRecord) -> dict[str, object]:
    """Another note of Cleo than the stored one, as a program sends it."""
    sent = {"student_id": part.student.student_id, "event_name": part.event_name, "date": part.date.isoformat()}
    return {**sent, "class_id": part.school_class_id, "status": "led"}


def test_what_the_wrong_person_sends_to_the_api_is_answered_without_a_marker(marked, cast, program):
    """A refusal of a write shows what is stored: to those who may read it."""
    mark = {"student_id": cast.cleo.student_id, "class_id": cast.class_7b.pk, "date": "2026-03-13", "status": "late"}
    calls = [
        ("POST", reverse("api:attendance"), mark),
        ("POST", reverse("api:attendance_batch"), {"records": [mark]}),
        ("PATCH", reverse("api:student", args=[cast.cleo.student_id]), {"name": "Cleo Marsh"}),
        ("DELETE", reverse("api:student", args=[cast.cleo.student_id]), None),
    ]
    for score in Score.objects.filter(student=cast.cleo):
        place = reverse("api:assessment", args=[score.pk])
        calls += [("PUT", place, {}), ("PATCH", place, {"score": 1}), ("DELETE", place, None)]
    calls.append(("POST", reverse("api:assessments"), score_of_cleo(cast)))
    for record in BehaviorRecord.objects.filter(student=cast.cleo):
        place = reverse("api:behavior_record", args=[record.pk])
        calls += [("PATCH", place, {"notes": "x"}), ("DELETE", place, None)]
    for part in ParticipationRecord.objects.filter(student=cast.cleo):
        place = reverse("api:participation_record", args=[part.pk])
        calls += [("PUT", place, {}), ("PATCH", place, {"status": "led"}), ("DELETE", place, None)]
        calls.append(("POST", reverse("api:participation"), part_of_cleo(part)))
    found = {}
    for person in (cast.ana.user, cast.mariam.user, cast.former.user, cast.ben.user):
        answers = [program(person).call(*call, HTTP_IF_MATCH='"0"').content.decode() for call in calls]
        found[person.username] = {marker.lower() for answer in answers for marker in MARKER.findall(answer)}
    of_others = {"canary-attendancerecord-note", "canary-guardian-phone", SHARED, STAFF_ONLY, *TOOK_PART}
    assert found.pop("ben") >= {*of_others, *PUBLISHED, *UNPUBLISHED}
    assert set.union(*found.values()) == set()
