"""The sealer: what it seals, in which order, and what it notes outside the database."""

from __future__ import annotations

import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts import audit_head, sealing
from accounts.audit_head import read_heads
from accounts.models import AccessLog, AuditEntry, AuditErasure, AuditSeal
from accounts.sealing import seal_audit
from accounts.tests.audit_doors import forget_readings
from accounts.tests.factories import AccessLogFactory
from students.models import Student
from students.services import delete_student, save_by


@pytest.fixture(autouse=True)
def head_file(settings, tmp_path):
    settings.AUDIT_HEAD_FILE = str(tmp_path / "head" / "audit")
    return tmp_path / "head" / "audit"


def said(*command):
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def sealed():
    return list(AuditEntry.objects.order_by("number").values_list("number", "source", "row"))


def test_an_empty_school_has_nothing_to_seal(db, head_file):
    assert seal_audit() == (0, [])
    assert not AuditSeal.objects.exists()
    assert not head_file.exists()
    assert "As it was sealed: 0 rows, 0 seals." in said("verify_audit")


def test_every_new_row_is_sealed_once(cast, head_file):
    save_by(cast.amina, cast.office)
    version = Student.history.get()
    first, second = AccessLogFactory(reader=cast.office), AccessLogFactory(reader=cast.office)
    assert said("seal_audit") == "3 rows sealed.\n"
    assert said("seal_audit") == "0 rows sealed.\n"
    third = AccessLogFactory(reader=cast.office)
    assert said("seal_audit") == "1 row sealed.\n"
    assert sealed() == [
        (1, "accounts.AccessLog", first.pk),
        (2, "accounts.AccessLog", second.pk),
        (3, "students.HistoricalStudent", version.pk),
        (4, "accounts.AccessLog", third.pk),
    ]
    assert "As it was sealed: 4 rows, 2 seals." in said("verify_audit")


def test_many_rows_become_several_seals(cast, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 2)
    for _number in range(5):
        AccessLogFactory(reader=cast.office)
    seal_audit()
    assert list(AuditSeal.objects.order_by("number").values_list("number", "last_entry")) == [(1, 2), (2, 4), (3, 5)]
    assert "As it was sealed: 5 rows, 3 seals." in said("verify_audit")


def test_two_equal_rows_have_different_digests(cast, frozen):
    """Else who knows one would know the other, and could try out what an erased one held."""
    for _number in range(2):
        AccessLogFactory(reader=cast.office)
    seal_audit()
    salts, personal = zip(*AuditEntry.objects.values_list("salt", "personal"), strict=True)
    assert (len(set(salts)), len(set(personal))) == (2, 2)


def test_the_head_file_has_a_line_for_each_seal(cast, head_file):
    for _number in range(2):
        AccessLogFactory(reader=cast.office)
        seal_audit()
    first, second = AuditSeal.objects.order_by("number")
    when = "2026-03-16T09:00:00+00:00"
    assert head_file.read_text() == f"{when} 1 1 {first.digest}\n{when} 2 2 {second.digest}\n"
    assert head_file.stat().st_mode & 0o777 == 0o600


def test_a_sealer_that_was_killed_before_its_line_is_made_up_for(cast, head_file):
    for _number in range(2):
        AccessLogFactory(reader=cast.office)
        seal_audit()
    whole = head_file.read_text()
    head_file.write_text(whole.splitlines(keepends=True)[0])
    with pytest.raises(CommandError, match="does not say what seal 2 says"):
        call_command("verify_audit", stdout=StringIO())
    assert seal_audit() == (0, [])
    assert head_file.read_text() == whole


@pytest.mark.parametrize("line", ["x 1 1 0000\n", "nonsense\n", "x 1 9 00\n", "x 1 1"])
def test_nothing_is_sealed_while_the_head_file_says_something_else(cast, head_file, line):
    AccessLogFactory(reader=cast.office)
    seal_audit()
    AccessLogFactory(reader=cast.office)
    head_file.write_text(line)
    with pytest.raises(CommandError, match=str(head_file)):
        call_command("seal_audit")
    assert AuditSeal.objects.count() == 1


def test_a_missing_head_file_is_started_anew_only_when_asked_to(cast, head_file):
    AccessLogFactory(reader=cast.office)
    seal_audit()
    whole = head_file.read_text()
    head_file.unlink()
    with pytest.raises(CommandError, match="missing or empty"):
        call_command("seal_audit")
    with pytest.raises(CommandError, match="does not say what seal 1 says"):
        call_command("verify_audit", stdout=StringIO())
    assert said("seal_audit", "--new-head") == "0 rows sealed.\n"
    assert head_file.read_text() == whole
    with pytest.raises(CommandError, match="Move it away"):
        call_command("seal_audit", "--new-head")


def test_sealing_costs_the_same_statements_for_one_row_and_for_many(cast, count_queries):
    AccessLogFactory(reader=cast.office)
    one = count_queries(seal_audit)
    for _number in range(30):
        AccessLogFactory(reader=cast.office)
    assert count_queries(seal_audit) == one


# --- Erasing -------------------------------------------------------------------------------------------


def test_an_erased_child_leaves_digests_and_the_chain_still_holds(cast):
    for child in (cast.amina, cast.bo):
        save_by(child, cast.office)
        save_by(child.enrolments.get(), cast.office)
        AccessLogFactory(reader=cast.ana.user, student_id=child.student_id, path=f"/report/{child.student_id}/")
    seal_audit()
    digests = list(AuditEntry.objects.order_by("number").values_list("number", "digest"))
    delete_student(by=cast.office, student=cast.amina)
    after = list(AuditEntry.objects.filter(number__lte=6).order_by("number").values_list("number", "digest"))
    assert after == digests
    assert list(AuditEntry.objects.order_by("number").values_list("number", flat=True).filter(salt=None)) == [1, 3, 5]
    assert AccessLog.objects.filter(student_id="", path="").count() == 1
    assert "As it was sealed: 6 rows, 1 seals." in said("verify_audit")
    seal_audit()
    assert "As it was sealed" in said("verify_audit")
    erasure = AuditErasure.objects.get()
    assert (erasure.entries, erasure.is_open, erasure.student_id, erasure.erased_by) == (3, False, "", cast.office)


def test_a_child_may_be_erased_before_anything_is_sealed(cast):
    save_by(cast.amina, cast.office)
    AccessLogFactory(reader=cast.ana.user, student_id=cast.amina.student_id, path="/x/")
    delete_student(by=cast.office, student=cast.amina)
    seal_audit()
    assert "As it was sealed" in said("verify_audit")
    assert AuditErasure.objects.get().entries == 0


# --- Late rows -----------------------------------------------------------------------------------------


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
def test_a_row_with_a_lower_key_that_is_committed_later_is_not_skipped():
    """On PostgreSQL its table waits for the next run; on SQLite no other writer could have a higher key yet."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: keys appear in the order of commits")
    reader = AccessLogFactory().reader
    forget_readings()
    written, may_commit = threading.Event(), threading.Event()

    def write_late():
        with transaction.atomic():
            AccessLogFactory(reader=reader, page="late")
            written.set()
            may_commit.wait(timeout=30)
        connection.close()

    writer = threading.Thread(target=write_late)
    writer.start()
    assert written.wait(timeout=30)
    AccessLogFactory(reader=reader, page="early")
    _number, busy = seal_audit()
    assert "accounts.AccessLog" in busy
    assert not AuditEntry.objects.filter(source="accounts.AccessLog").exists()
    may_commit.set()
    writer.join()
    _number, busy = seal_audit()
    assert busy == []
    keys = AuditEntry.objects.filter(source="accounts.AccessLog").order_by("number").values_list("row", flat=True)
    pages = dict(AccessLog.objects.values_list("pk", "page"))
    assert [pages[key] for key in keys] == ["late", "early"]


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
def test_sealers_at_once_make_one_chain():
    reader = AccessLogFactory().reader
    for _number in range(20):
        AccessLogFactory(reader=reader)
    failures = []

    def work():
        try:
            seal_audit()
        except Exception as error:  # noqa: BLE001  (told below)
            failures.append(error)
        finally:
            connection.close()

    sealers = [threading.Thread(target=work) for _number in range(4)]
    for sealer in sealers:
        sealer.start()
    for sealer in sealers:
        sealer.join()
    assert failures == []
    rows = AccessLog.objects.order_by("pk").values_list("pk", flat=True)
    entries = AuditEntry.objects.filter(source="accounts.AccessLog").order_by("number")
    assert list(entries.values_list("row", flat=True)) == list(rows)
    assert [head.number for head in read_heads()] == list(
        AuditSeal.objects.order_by("number").values_list("number", flat=True)
    )
    assert "As it was sealed" in said("verify_audit")


def test_the_path_of_the_head_file_is_a_setting(head_file):
    assert audit_head.head_path() == head_file
