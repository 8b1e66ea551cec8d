"""Programs that send batches of marks in the same second, over the same registers and others, in any order."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from attendance.models import AttendanceRecord, Register
from students.tests.factories import SchoolClassFactory
from tests.cast import MONDAY, pupil

pytestmark = [pytest.mark.parallel, pytest.mark.django_db(transaction=True)]
BATCH = "/api/attendance/batch/"
TOGETHER, CLASSES, SIZE = 10, 4, 5


def send_together(program, cast, batches):
    """Send all batches in the same moment, each by a program of its own; their answers in that order."""
    callers = [program(cast.office) for _batch in batches]
    start = Barrier(len(batches))

    def send(caller, records):
        try:
            start.wait(timeout=60)
            return caller.post(BATCH, {"records": records})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(batches)) as threads:
        return [
            answer.result() for answer in [threads.submit(send, *each) for each in zip(callers, batches, strict=True)]
        ]


@pytest.fixture
def rosters(cast):
    """Four classes of five."""
    found = []
    for number in range(CLASSES):
        school_class = SchoolClassFactory(name=f"Class {number}", academic_year=cast.year)
        found.append((school_class, [pupil(f"Kid{place}", "More", school_class) for place in range(SIZE)]))
    return found


def marks_of(rosters, status="present"):
    return [
        {"student_id": student.student_id, "class_id": school_class.pk, "date": str(MONDAY), "status": status}
        for school_class, students in rosters
        for student in students
    ]


def stored():
    """The status of each mark, and of each register the counts and the version."""
    marks = sorted(AttendanceRecord.objects.values_list("school_class", "student", "status"))
    return marks, sorted(Register.objects.values_list("school_class", "present", "late", "absent", "version"))


def whole(rosters, status="present", version=1):
    """What is stored where each of these students has one mark."""
    marks = sorted((group.pk, student.pk, status) for group, students in rosters for student in students)
    counts = [SIZE if status == each else 0 for each in ("present", "late", "absent")]
    return marks, sorted((group.pk, *counts, version) for group, _students in rosters)


@pytest.mark.parametrize("are_there", [0, 2])
def test_the_same_marks_forwards_and_backwards_are_saved_once(cast, program, rosters, are_there):
    """Whether the registers are all new, or some are locked and the others made."""
    for school_class, _students in rosters[:are_there]:
        Register.objects.create(school_class=school_class, date=MONDAY)
    forwards = marks_of(rosters)
    answers = send_together(program, cast, [forwards, forwards[::-1]] * (TOGETHER // 2))
    assert [answer.status_code for answer in answers] == [201] * TOGETHER
    assert stored() == whole(rosters)
    assert AttendanceRecord.history.count() == CLASSES * SIZE


def test_of_different_marks_one_batch_wins_whole_and_the_others_see_it(cast, program, rosters):
    statuses = ["present", "absent"] * (TOGETHER // 2)
    batches = [marks_of(rosters, each) if each == "present" else marks_of(rosters, each)[::-1] for each in statuses]
    answers = send_together(program, cast, batches)
    (winner,) = set(AttendanceRecord.objects.values_list("status", flat=True))
    assert stored() == whole(rosters, winner)
    assert [answer.status_code for answer in answers] == [201 if each == winner else 409 for each in statuses]
    for answer in answers:
        if answer.status_code == 409:
            current = answer.json()["current"]
            assert Counter(item["status"] for item in current.values()) == {winner: CLASSES * SIZE}
    assert AttendanceRecord.history.count() == CLASSES * SIZE


def test_batches_that_share_registers_and_no_student_are_all_saved(cast, program, rosters):
    """Each batch has one place of every roster, and the next begins with another class."""
    batches = []
    for place in range(SIZE):
        part = [(school_class, [students[place]]) for school_class, students in rosters]
        turn = place % CLASSES
        batches.append(marks_of(part[turn:] + part[:turn]))
    answers = send_together(program, cast, batches)
    assert [(answer.status_code, answer.json()["count"]) for answer in answers] == [(201, CLASSES)] * SIZE
    assert stored() == whole(rosters, version=SIZE)
    assert AttendanceRecord.history.count() == CLASSES * SIZE


def test_batches_that_overlap_in_one_register_are_all_saved(cast, program, rosters):
    """Each has two classes, the second of which is the first of the next; the last closes the ring."""
    ring = [[rosters[number], rosters[(number + 1) % CLASSES]] for number in range(CLASSES)]
    answers = send_together(program, cast, [marks_of(pair) for pair in ring])
    assert [answer.status_code for answer in answers] == [201] * CLASSES
    assert stored() == whole(rosters)
    assert AttendanceRecord.history.count() == CLASSES * SIZE
