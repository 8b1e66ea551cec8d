"""Audited tables are append-only, on both databases, after any migration."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from accounts.audit_digests import audited_models, sources
from accounts.audit_triggers import make_triggers, missing_triggers
from accounts.erasing import erasing, forget_child
from accounts.models import AccessLog, AuditEntry, AuditErasure, User
from accounts.people import StillNeededError, delete_user
from accounts.tests.audit_doors import without_triggers
from accounts.tests.factories import AccessLogFactory, UserFactory
from students.models import Student
from students.services import save_by

REFUSED = "append-only"


def opened(cast, student):
    return AccessLogFactory(
        reader=cast.ana.user, student_id=student.student_id, path=f"/report/{student.student_id}/", page="report"
    )


def refused(change):
    """Whether the database refuses a change, by our trigger and by nothing else."""
    with pytest.raises(IntegrityError, match=REFUSED), transaction.atomic():
        change()
    return True


def test_the_audited_tables_are_the_log_every_history_and_the_seals_themselves():
    labels = {model._meta.label for model in audited_models()}
    assert {
        "accounts.AccessLog",
        "accounts.AuditEntry",
        "accounts.AuditErasure",
        "accounts.AuditSeal",
        "accounts.HistoricalUser",
        "attendance.HistoricalAttendanceRecord",
        "students.HistoricalStudent",
    } <= labels
    assert "accounts.User" not in labels


def test_no_row_of_an_audited_table_is_changed_or_deleted(cast):
    save_by(cast.amina, cast.office)
    save_by(cast.class_7a, cast.office)
    opened(cast, cast.amina)
    for rows in (AccessLog.objects, Student.history, type(cast.class_7a).history):
        key = rows.model._meta.pk.attname
        for row in rows.all():
            mine = rows.filter(pk=row.pk)
            assert refused(mine.delete)
            for field in rows.model._meta.concrete_fields:
                value = -1 if field.attname == key else getattr(row, field.attname)
                assert refused(lambda mine=mine, field=field, value=value: mine.update(**{field.attname: value}))


def test_a_user_whom_a_history_names_is_not_deleted(cast):
    """Deleting would blank their name in it. Who only was made goes as ever."""
    clerk, newcomer = UserFactory(username="clerk"), UserFactory(username="newcomer")
    save_by(cast.class_7a, clerk)
    with pytest.raises(StillNeededError):
        delete_user(by=cast.office, user=clerk)
    assert type(cast.class_7a).history.get().history_user == clerk
    delete_user(by=cast.office, user=newcomer)
    assert not User.objects.filter(username="newcomer").exists()


def test_rows_are_added_as_ever(cast):
    opened(cast, cast.amina)
    save_by(cast.amina, cast.office)
    assert (AccessLog.objects.count(), Student.history.count()) == (1, 1)


def test_the_triggers_are_there_after_migrating(db):
    assert missing_triggers(connection) == []


def test_a_dropped_trigger_is_missed_and_migrating_makes_it_anew(db):
    with connection.cursor() as cursor:
        on_table = ' ON "accounts_accesslog"' if connection.vendor == "postgresql" else ""
        cursor.execute(f'DROP TRIGGER "audit_delete_accounts_accesslog"{on_table}')
    assert missing_triggers(connection) == ["audit_delete_accounts_accesslog"]
    make_triggers(connection)
    assert missing_triggers(connection) == []


def test_a_trigger_that_does_nothing_is_missed(db):
    name, table = "audit_delete_accounts_accesslog", "accounts_accesslog"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            body = "BEGIN RETURN OLD; END"
            cursor.execute(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS '{body}'")
        else:
            cursor.execute(f'DROP TRIGGER "{name}"')
            cursor.execute(f"CREATE TRIGGER {name} BEFORE DELETE ON {table} BEGIN SELECT 1; END")
    assert missing_triggers(connection) == [name]
    make_triggers(connection)
    assert missing_triggers(connection) == []


def change_page(*, longer):
    """Change a column of an audited table as a migration would: SQLite makes a new table and drops the old one."""
    field = AccessLog._meta.get_field("page")
    long = field.clone()
    long.max_length = field.max_length + 20
    long.set_attributes_from_name("page")
    with connection.schema_editor() as editor:
        editor.alter_field(AccessLog, *((field, long) if longer else (long, field)))


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_rebuilds_an_audited_table_leaves_it_append_only():
    AccessLogFactory()
    rows = list(AccessLog.objects.values_list())
    for longer in (True, False):
        change_page(longer=longer)
        lost = ["audit_delete_accounts_accesslog", "audit_update_accounts_accesslog"]
        assert missing_triggers(connection) == (lost if connection.vendor == "sqlite" else [])
        call_command("migrate", verbosity=0)
        assert missing_triggers(connection) == []
        assert refused(AccessLog.objects.all().delete)
    assert list(AccessLog.objects.values_list()) == rows


# --- What erasing a child may do -----------------------------------------------------------------------


@pytest.fixture
def histories(cast):
    """A version of each of two children, and who opened their records."""
    for child in (cast.amina, cast.bo):
        save_by(child, cast.office)
        save_by(child.enrolments.get(), cast.office)
        opened(cast, child)
    return cast


def erasure_of(child, by):
    return erasing(by=by, student_key=child.pk, student_id=child.student_id)


def test_within_the_erasure_of_a_child_its_history_may_go_and_no_others(histories):
    amina, bo = histories.amina, histories.bo
    enrolments = type(amina.enrolments.get()).history
    with erasure_of(amina, histories.office):
        assert refused(Student.history.filter(id=bo.pk).delete)
        assert refused(enrolments.filter(student_id=bo.pk).delete)
        assert refused(lambda: Student.history.filter(id=amina.pk).update(given_name="x"))
        assert refused(AccessLog.objects.all().delete)
        Student.history.filter(id=amina.pk).delete()
        enrolments.filter(student_id=amina.pk).delete()
    assert list(Student.history.values_list("id", flat=True)) == [bo.pk]
    assert list(enrolments.values_list("student_id", flat=True)) == [bo.pk]
    assert refused(Student.history.filter(id=bo.pk).delete)


def test_who_opened_the_record_keeps_everything_but_the_child(histories):
    office, amina, bo = histories.office, histories.amina, histories.bo
    with erasure_of(amina, office) as erasure:
        mine = AccessLog.objects.filter(student_id=amina.student_id)
        for change in (
            {"student_id": "", "path": "", "reader": office},
            {"student_id": "", "path": "", "ip_address": None},
            {"student_id": ""},
            {"student_id": bo.student_id, "path": ""},
        ):
            assert refused(lambda change=change: mine.update(**change))
        assert refused(lambda: AccessLog.objects.filter(student_id=bo.student_id).update(student_id="", path=""))
        forget_child(erasure)
    rows = AccessLog.objects.order_by("pk").values_list("reader", "page", "student_id", "path", "ip_address")
    assert list(rows) == [
        (histories.ana.user.pk, "report", "", "", "192.0.2.1"),
        (histories.ana.user.pk, "report", bo.student_id, f"/report/{bo.student_id}/", "192.0.2.1"),
    ]


def test_an_entry_loses_its_salt_to_an_open_erasure_and_nothing_else(histories):
    entry = AuditEntry.objects.create(number=1, source="x", row=1, salt="s", digest="d")
    mine = AuditEntry.objects.filter(number=1)
    closed = AuditErasure.objects.create(student_key=0, erased_by=histories.office, is_open=False)
    assert refused(lambda: mine.update(salt=None))
    assert refused(lambda: mine.update(salt=None, erasure=closed))
    with erasure_of(histories.amina, histories.office) as erasure:
        assert refused(lambda: mine.update(salt=None, erasure=erasure, digest="other"))
        assert refused(lambda: mine.update(erasure=erasure))
        assert refused(mine.delete)
        mine.update(salt=None, erasure=erasure)
        assert refused(lambda: mine.update(salt=None, erasure=erasure))
    entry.refresh_from_db()
    assert (entry.salt, entry.digest, entry.erasure) == (None, "d", erasure)


def test_an_erasure_is_closed_once_and_never_opened_again(histories):
    with erasure_of(histories.amina, histories.office) as erasure:
        pass
    mine = AuditErasure.objects.filter(pk=erasure.pk)
    assert mine.values_list("is_open", "student_id", "student_key").get() == (False, "", histories.amina.pk)
    assert refused(lambda: mine.update(is_open=True))
    assert refused(lambda: mine.update(student_key=1))
    assert refused(mine.delete)


def test_every_table_that_may_name_a_child_is_known_to():
    about = {label for label, source in sources().items() if source.names_child}
    assert about == {
        "accounts.AccessLog",
        "assessments.HistoricalScore",
        "assessments.HistoricalSubjectTotal",
        "attendance.HistoricalAttendanceRecord",
        "attendance.HistoricalPlannedAbsence",
        "behavior.HistoricalBehaviorRecord",
        "dashboard.HistoricalFamilyMail",
        "dashboard.HistoricalFamilyNote",
        "dashboard.HistoricalFollowUp",
        "participation.HistoricalParticipationRecord",
        "students.HistoricalEmergencyContact",
        "students.HistoricalEnrolment",
        "students.HistoricalGuardian",
        "students.HistoricalStudent",
        "students.HistoricalStudentParentLink",
    }


def test_the_doors_of_the_tests_close_again(db):
    with without_triggers():
        assert len(missing_triggers(connection)) == 2 * len(list(audited_models()))
    assert missing_triggers(connection) == []
    assert User.objects.count() == 0
