"""`manage.py recount`: what it finds, what it mends, and that --check changes nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import models

from assessments.models import Assessment, Score, ScoreHistogram, SubjectTotal
from assessments.recounting import recount_totals
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.models import AttendanceRecord, Register
from attendance.tests.factories import AttendanceRecordFactory, RegisterFactory
from students.tests.factories import SubjectFactory
from tests.cast import MONDAY, Cast

NOTHING_WRONG = (
    "Registers: nothing wrong.\nTotals of subjects: nothing wrong.\nDistributions of scores: nothing wrong.\n"
)
KEPT: list[type[models.Model]] = [Register, SubjectTotal, ScoreHistogram]


@pytest.fixture
def kept(cast: Cast) -> Iterator[Cast]:
    """A register of 7A with Amina present and Bo late, a quiz of 15 and 12 of 20, everything counted."""
    RegisterFactory(school_class=cast.class_7a, date=MONDAY, taken_by=cast.ana.user, present=1, late=1)
    for student, status in ((cast.amina, "present"), (cast.bo, "late")):
        AttendanceRecordFactory(student=student, school_class=cast.class_7a, date=MONDAY, status=status)
    quiz = AssessmentFactory(school_class=cast.class_7a, subject=SubjectFactory(code="ART", name="Art"))
    ScoreFactory(student=cast.amina, assessment=quiz, score=15)
    ScoreFactory(student=cast.bo, assessment=quiz, score=12)
    recount_totals(repair=True)
    return cast


def run(*arguments: str) -> str:
    printed = io.StringIO()
    call_command("recount", *arguments, stdout=printed)
    return printed.getvalue()


def check() -> tuple[str, str]:
    """What --check prints, and with which words it ends in 1."""
    printed = io.StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("recount", "--check", stdout=printed)
    assert refusal.value.returncode == 1
    return printed.getvalue(), str(refusal.value)


def stored() -> dict[str, list[dict[str, Any]]]:
    """Everything that the command may write, and what it counts from."""
    tables = [*KEPT, AttendanceRecord, Score, Register.history.model]
    return {table.__name__: list(table.objects.order_by("pk").values()) for table in tables}


def test_where_nothing_is_wrong_it_says_so_and_changes_nothing(kept):
    before = stored()
    assert run() == NOTHING_WRONG
    assert run("--check") == NOTHING_WRONG
    assert stored() == before


def test_an_empty_school_has_nothing_wrong(db):
    assert run() == NOTHING_WRONG


def test_a_wrong_register_is_named_and_mended(kept):
    Register.objects.update(present=2, late=0)
    assert run() == (
        "Registers: 1 wrong\n"
        "  7A, 2026-03-16: wrong; kept 2 Present, 0 Late, 0 Excused, 0 Absent; "
        "counted 1 Present, 1 Late, 0 Excused, 0 Absent\n"
        "Totals of subjects: nothing wrong.\nDistributions of scores: nothing wrong.\n1 mended.\n"
    )
    register = Register.objects.get()
    assert (register.present, register.late) == (1, 1)
    assert (register.taken_by, register.version) == (kept.ana.user, 1)
    assert run() == NOTHING_WRONG


def test_marks_without_a_register_are_named_and_get_one(kept):
    day = date(2026, 3, 13)
    AttendanceRecordFactory(student=kept.amina, school_class=kept.class_7a, date=day, status="absent")
    assert "Registers: 1 missing\n  7A, 2026-03-13: missing; kept –; counted 0 Present" in run()
    assert Register.objects.get(date=day).absent == 1
    assert run() == NOTHING_WRONG


def test_a_wrong_total_is_named_and_mended(kept):
    before = stored()
    SubjectTotal.objects.filter(student=kept.amina).update(graded=2)
    assert run() == (
        "Registers: nothing wrong.\n"
        "Totals of subjects: 1 wrong\n"
        f"  7A, Art, {kept.amina.student_id}: wrong; kept 2 graded, 0 missing, 0 exempt, earned 75 of 100; "
        "counted 1 graded, 0 missing, 0 exempt, earned 75 of 100\n"
        "Distributions of scores: nothing wrong.\n1 mended.\n"
    )
    assert totals(stored()) == totals(before)


def test_a_missing_and_a_superfluous_total_are_named_and_mended(kept):
    before = stored()
    SubjectTotal.objects.filter(student=kept.amina).delete()
    bo = SubjectTotal.objects.get(student=kept.bo)
    bo.pk, bo.student = None, kept.cleo
    SubjectTotal.objects.bulk_create([bo])
    printed = run()
    assert "Totals of subjects: 1 missing, 1 superfluous\n" in printed
    assert f"  7A, Art, {kept.amina.student_id}: missing; kept –; counted 1 graded" in printed
    assert f"  7A, Art, {kept.cleo.student_id}: superfluous; kept 1 graded" in printed
    assert printed.endswith("2 mended.\n")
    assert totals(stored()) == totals(before)
    assert run() == NOTHING_WRONG


def test_a_wrong_distribution_is_named_and_mended(kept):
    before = ScoreHistogram.objects.get().counts
    assert (before[75], before[60], sum(before)) == (1, 1, 2)
    ScoreHistogram.objects.update(counts=[0] * 101)
    assert "Distributions of scores: 1 wrong\n  7A, Art: wrong; kept 0 scores; counted 2 scores\n" in run()
    assert ScoreHistogram.objects.get().counts == before


def test_a_wrong_sheet_is_named_and_mended(kept):
    before = ScoreHistogram.objects.get().totals
    ScoreHistogram.objects.update(totals="")
    sheet = "a sheet of 2 students and 1 days with work"
    assert f"Distributions of scores: 1 wrong\n  7A, Art: wrong; kept {sheet}; counted {sheet}\n" in run()
    assert ScoreHistogram.objects.get().totals == before != ""


def test_check_names_the_same_and_changes_nothing(kept):
    Register.objects.update(present=2)
    SubjectTotal.objects.filter(student=kept.amina).delete()
    before = stored()
    printed, refusal = check()
    assert "Registers: 1 wrong\n" in printed
    assert "Totals of subjects: 1 missing\n" in printed
    assert refusal == "2 wrong. Run manage.py recount to mend them."
    assert stored() == before
    assert "2 mended." in run()


def test_only_the_first_twenty_of_a_kind_are_named(kept):
    quiz = Assessment.objects.get()
    ScoreFactory.create_batch(21, assessment=quiz, score=10)
    printed = run()
    assert "Totals of subjects: 21 missing\n" in printed
    assert printed.count(": missing; kept –") == 20
    assert "\n  and 1 more\n" in printed
    assert printed.endswith("22 mended.\n")  # with the distribution


def totals(rows: dict[str, list[dict[str, Any]]]) -> list[tuple[object, ...]]:
    """The totals without keys and times."""
    columns = ("student_id", "school_class_id", "subject_id", "graded", "missing", "exempt", "weight", "earned", "base")
    return sorted(tuple(row[name] for name in columns) for row in rows["SubjectTotal"])
