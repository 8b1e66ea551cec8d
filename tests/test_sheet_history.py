"""The lines of every sheet leave the rows that simple-history leaves for a line written by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from accounts.tests.audit_doors import without_triggers
from accounts.tests.factories import UserFactory
from assessments.models import Score, State
from assessments.tests.factories import AssessmentFactory, ScoreFactory
from attendance.models import AttendanceRecord, Status
from attendance.tests.factories import AttendanceRecordFactory
from participation.models import ParticipationRecord
from participation.models import Status as TookPart
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from students.sheets import remove_rows, update_rows, write_rows
from students.tests.factories import SchoolClassFactory
from tests.cast import MONDAY

LATER = datetime(2026, 3, 16, 11, 30, tzinfo=UTC)
LETTERS = 'é "%s" \'; --'


def marks(cast):
    """An attendance record of each kind of change."""
    rows = AttendanceRecordFactory.create_batch(3, school_class=cast.class_7a, marked_by=cast.office)
    for row, (status, minutes, left) in zip(
        rows, [(Status.LATE, 7, True), (Status.ABSENT, None, False), (Status.PRESENT, None, True)], strict=True
    ):
        row.status, row.minutes_late, row.left_early, row.note = status, minutes, left, LETTERS
    return rows


def scores(cast):
    """A score that is raised, one that becomes missing, and one whose maximum changed with its work."""
    rows = ScoreFactory.create_batch(3, assessment=AssessmentFactory(school_class=cast.class_7a))
    rows[0].score = Decimal("17.25")
    rows[1].state, rows[1].score, rows[1].notes = State.MISSING, None, LETTERS
    rows[2].max_score, rows[2].allows_extra = Decimal("22.5"), True
    return rows


def notes(cast):
    """A record that says more, and two that moved with their event."""
    rows = ParticipationRecordFactory.create_batch(3, event=EventFactory(school_class=cast.class_7a))
    rows[0].status, rows[0].remarks = TookPart.HELPED, LETTERS
    rows[1].event_name, rows[1].date, rows[1].school_class = "Chess", MONDAY - timedelta(days=3), None
    rows[2].event_name = LETTERS
    return rows


MORE = {
    AttendanceRecord: (),
    Score: ("max_score", "allows_extra"),
    ParticipationRecord: ("event_name", "date", "school_class"),
}
SHEETS = pytest.mark.parametrize("make", [marks, scores, notes])


def stored(model):
    """The rows and their versions, field by field; history_id alone tells nothing of a version."""
    versions = list(model.history.order_by("history_date", "history_type", "id").values())
    assert all(version.pop("history_id") for version in versions)
    return list(model.objects.order_by("pk").values()), versions


def left_by(model, write):
    """What a write leaves, once it is taken back again."""
    with transaction.atomic():
        write()
        found = stored(model)
        transaction.set_rollback(True)
    return found


def one_by_one(rows, by, write):
    """Write each row by itself, as simple-history means it to be done."""
    for row in rows:
        row._history_user, row._history_date = by, LATER
        write(row)
        del row._history_user, row._history_date


class TestHistoryOfSheets:
    @SHEETS
    def test_changed_lines(self, cast, frozen, make):
        rows = make(cast)
        model, by = type(rows[0]), cast.ana.user
        frozen.move_to(LATER)
        expected = left_by(model, lambda: one_by_one(rows, by, lambda row: row.save()))
        assert [version["history_type"] for version in expected[1]] == ["+", "+", "+", "~", "~", "~"]
        update_rows(by=by, moment=LATER, rows=rows, more=MORE[model])
        assert stored(model) == expected

    @SHEETS
    def test_new_lines(self, cast, frozen, make):
        rows = make(cast)
        model, by, keys = type(rows[0]), cast.ana.user, [row.pk for row in rows]
        with without_triggers():
            model.objects.all().delete()
            model.history.all().delete()
        frozen.move_to(LATER)
        for row in rows:
            row.marked_by = by
        expected = left_by(model, lambda: one_by_one(rows, by, lambda row: row.save(force_insert=True)))
        assert [version["history_type"] for version in expected[1]] == ["+", "+", "+"]
        write_rows(by=by, moment=LATER, new=rows)
        assert (stored(model), [row.pk for row in rows]) == (expected, keys)

    @SHEETS
    def test_removed_lines(self, cast, frozen, make):
        make(cast)
        model, by = {marks: AttendanceRecord, scores: Score, notes: ParticipationRecord}[make], cast.ana.user
        rows = list(model.objects.order_by("pk"))
        frozen.move_to(LATER)
        expected = left_by(model, lambda: one_by_one(list(rows), by, type(rows[0]).delete))
        assert [version["history_type"] for version in expected[1]] == ["+", "+", "+", "-", "-", "-"]
        remove_rows(by=by, moment=LATER, rows=list(model.objects.order_by("pk")))
        assert stored(model) == expected

    def test_lines_of_many_hands_keep_who_wrote_each(self, cast):
        rows = marks(cast)
        rows[0].marked_by, rows[1].marked_by = UserFactory(), None
        expected = [row.marked_by_id for row in rows]
        update_rows(by=cast.ana.user, moment=LATER, rows=rows)
        assert list(AttendanceRecord.objects.order_by("pk").values_list("marked_by", flat=True)) == expected
        assert {version.history_user for version in AttendanceRecord.history.filter(history_type="~")} == {
            cast.ana.user
        }

    def test_more_lines_than_one_statement_takes(self, cast, count_queries):
        school_class = SchoolClassFactory()
        rows = [
            AttendanceRecordFactory(student=cast.amina, school_class=school_class, date=MONDAY - timedelta(days=number))
            for number in range(200)
        ]
        for row in rows:
            row.status = Status.ABSENT
        split = 3 + 1 if connection.vendor == "sqlite" else 1 + 1  # SQLite takes 999 parameters a statement
        assert count_queries(lambda: update_rows(by=cast.ana.user, moment=LATER, rows=rows)) == split
        changed = AttendanceRecord.history.filter(history_type="~").order_by("id")
        assert list(changed.values_list("id", "status", "date")) == [(row.pk, "absent", row.date) for row in rows]
        assert set(AttendanceRecord.objects.values_list("status", "updated_at")) == {("absent", LATER)}
