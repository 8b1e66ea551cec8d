"""Two people and one register, step by step: whatever the order of opening and saving, no update is lost.

A step is "ana opens", "ana sends PL" (Amina Present, Bo Late), "ana undoes", "ana keeps theirs", "ana insists" or
"ana sends choices without choosing". Marks are letters; "-" is none. A save answers 302, a clash 409.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from attendance.models import AttendanceRecord, Register, Status
from attendance.tests.registers import YES, address, opened_with, page_posts, save_over
from students.models import Student
from students.tests.factories import TeachingAssignmentFactory

WORDS = {status.letter: status.value for status in Status}
FIELD = re.compile(r'<input type="hidden" name="((?:row|clash|status|minutes|note|left)-[^"]+)" value="([^"]*)"')
SAVED, CLASH = 302, 409

INTERLEAVINGS = {
    "one after the other": (
        "--", ["ana opens", "ana sends PA", "ben opens", "ben sends PL"], [SAVED, SAVED], "PL"),
    "both took it first, the first save stands": (
        "--", ["ana opens", "ben opens", "ana sends PP", "ben sends PA"], [SAVED, CLASH], "PP"),
    "both took it first, the other way round": (
        "--", ["ana opens", "ben opens", "ben sends PA", "ana sends PP"], [SAVED, CLASH], "PA"),
    "both took it first and saw the same": (
        "--", ["ana opens", "ben opens", "ana sends LA", "ben sends LA"], [SAVED, SAVED], "LA"),
    "one line had no mark yet": (
        "P-", ["ana opens", "ben opens", "ana sends PA", "ben sends PP"], [SAVED, CLASH], "PA"),
    "corrections of different lines": (
        "PP", ["ana opens", "ben opens", "ana sends PL", "ben sends AP"], [SAVED, SAVED], "AL"),
    "corrections of different lines, the other way round": (
        "PP", ["ana opens", "ben opens", "ben sends AP", "ana sends PL"], [SAVED, SAVED], "AL"),
    "corrections of one line": (
        "PP", ["ana opens", "ben opens", "ana sends PL", "ben sends PA"], [SAVED, CLASH], "PL"),
    "the same correction twice": (
        "PP", ["ana opens", "ben opens", "ana sends PL", "ben sends PL"], [SAVED, SAVED], "PL"),
    "a form opened before a correction and saved untouched": (
        "PP", ["ben opens", "ana opens", "ana sends PL", "ben sends PP"], [SAVED, SAVED], "PL"),
    "one line clean, one clash": (
        "PP", ["ana opens", "ben opens", "ana sends PL", "ben sends EA"], [SAVED, CLASH], "EL"),
    "a correction known and taken back": (
        "PP", ["ana opens", "ana sends PL", "ben opens", "ben sends PP"], [SAVED, SAVED], "PP"),
    "there and back again is no clash": (
        "PP", ["ben opens", "ana opens", "ana sends PL", "ana opens", "ana sends PP", "ben sends PA"],
        [SAVED, SAVED, SAVED], "PA"),
    "an undone correction is no clash": (
        "PP", ["ben opens", "ana opens", "ana sends PL", "ana undoes", "ben sends PA"], [SAVED, SAVED, SAVED], "PA"),
    "an undone register is untaken again": (
        "--", ["ben opens", "ana opens", "ana sends PL", "ana undoes", "ben sends AA"], [SAVED, SAVED, SAVED], "AA"),
    "a clash decided for the other": (
        "PP", ["ana opens", "ben opens", "ana sends PL", "ben sends PA", "ben keeps theirs"],
        [SAVED, CLASH, SAVED], "PL"),
    "a clash decided for oneself": (
        "PP", ["ana opens", "ben opens", "ana sends PL", "ben sends PA", "ben insists"], [SAVED, CLASH, SAVED], "PA"),
    "a clash left undecided": (
        "PP", ["ana opens", "ben opens", "ana sends PL", "ben sends PA", "ben sends choices without choosing"],
        [SAVED, CLASH, CLASH], "PL"),
    "a clash that moved on while it was decided": (
        "PP", ["ana opens", "ben opens", "ana sends PL", "ben sends PA", "ana opens", "ana sends PE", "ben insists"],
        [SAVED, CLASH, SAVED, CLASH], "PE"),
    "an undo after another line was corrected": (
        "PP", ["ana opens", "ana sends PL", "ben opens", "ben sends AL", "ana undoes"], [SAVED, SAVED, SAVED], "AP"),
    "an undo of what somebody corrected since": (
        "PP", ["ana opens", "ana sends PL", "ben opens", "ben sends PA", "ana undoes"], [SAVED, SAVED, SAVED], "PA"),
}  # fmt: skip


class Writer:
    """Somebody with a browser, the page that is open in it, and when they last saved."""

    def __init__(self, browser, place, students):
        self.browser, self.place, self.students = browser, place, students
        self.page = self.saved_at = self.answer = None

    def marks(self, letters):
        pairs = zip(self.students, letters, strict=True)
        return {f"status-{student.student_id}": WORDS[letter] for student, letter in pairs}

    def do(self, step, now):
        """Take one step; gives the status of the answer to a post, None for opening."""
        if step == "opens":
            self.page = self.browser.get(self.place)
            return None
        if step == "undoes":
            return self.browser.post(f"{self.place}undo/", {"saved_at": self.saved_at}).status_code
        if step.startswith("sends ") and len(step) == len("sends PL"):
            posted = page_posts(self.students) | opened_with(self.page) | self.marks(step[-2:]) | YES
        else:
            choice = {"keeps theirs": {"choice": "theirs"}, "insists": {"choice": "mine"}}.get(step, {})
            posted = dict(FIELD.findall(self.answer.content.decode())) | YES
            shown = [name.removeprefix("clash-") for name in posted if name.startswith("clash-")]
            posted |= {f"{name}-{student}": value for name, value in choice.items() for student in shown}
        self.answer = self.browser.post(self.place, posted)
        self.saved_at = now.isoformat(timespec="microseconds")
        return self.answer.status_code


def letters():
    stored = dict(AttendanceRecord.objects.values_list("student", "status"))
    order = Student.objects.filter(given_name__in=["Amina", "Bo"]).order_by("given_name")
    return "".join(stored.get(student.pk, "-")[0].upper() for student in order)


@pytest.mark.parametrize(("before", "steps", "answers", "after"), INTERLEAVINGS.values(), ids=INTERLEAVINGS)
def test_no_update_is_lost(before, steps, answers, after, cast, sign_in, frozen):
    students, place = [cast.amina, cast.bo], address(cast.class_7a)
    marked = [student for student, letter in zip(students, before, strict=True) if letter != "-"]
    if marked:
        assert save_over(sign_in(cast.office), place, page_posts(marked)).status_code == SAVED
    TeachingAssignmentFactory(teacher=cast.ben, school_class=cast.class_7a, subject=None)
    writers = {
        "ana": Writer(sign_in(cast.ana.user), place, students),
        "ben": Writer(sign_in(cast.ben.user), place, students),
    }
    given = []
    for step in steps:
        frozen.shift(timedelta(seconds=30))
        who, _, what = step.partition(" ")
        answer = writers[who].do(what, timezone.now())
        if answer:
            given.append(answer)
    assert (given, letters()) == (answers, after)
    register = Register.objects.get()
    kept = Counter(AttendanceRecord.objects.values_list("status", flat=True))
    assert {status: getattr(register, status) for status in Status.values} == {
        status: kept[status] for status in Status.values
    }
    assert register.version == Register.history.count()
