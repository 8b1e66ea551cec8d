"""Whoever changes an audited row, an entry or a seal past the triggers is found, and what they changed is named.

AUDIT_TAMPERINGS says how many random tamperings are tried (docs/operations.md); 60 unless it is set. Each is drawn from
a seed of its own, so one that is not found can be tried again.
"""

from __future__ import annotations

import os
import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, models, transaction

from accounts import sealing
from accounts.audit_digests import audited_models, sources
from accounts.models import AccessLog, AuditEntry, AuditErasure, AuditSeal
from accounts.sealing import seal_audit
from accounts.tests.audit_doors import without_triggers
from accounts.tests.factories import AccessLogFactory
from accounts.verifying import unsealed_tail, verify_audit
from students.models import Student
from students.services import delete_student, save_by

TAMPERINGS = int(os.environ.get("AUDIT_TAMPERINGS", "60"))


@pytest.fixture(autouse=True)
def head_file(settings, tmp_path):
    settings.AUDIT_HEAD_FILE = str(tmp_path / "audit-head")
    return tmp_path / "audit-head"


@pytest.fixture
def audit(cast, monkeypatch, frozen):
    """Some fifty audited rows of eight tables in six seals, with gaps between their keys and an erased child."""
    monkeypatch.setattr(sealing, "BATCH", 25)
    for minute in range(5):
        frozen.move_to(f"2026-03-16T09:{minute:02}:00+00:00")
        for child in (cast.amina, cast.bo, cast.cleo):
            AccessLogFactory(
                reader=(cast.ana, cast.ben)[minute % 2].user,
                student_id=child.student_id,
                path=f"/report/{child.student_id}/",
                page="dashboard:report",
            )
        for row in (cast.amina, cast.bo, cast.class_7a, cast.ana, cast.mariam, cast.bo.enrolments.get()):
            save_by(row, cast.office)
        if minute == 2:
            with without_triggers():
                logged(cast).last().delete()
                Student.history.filter(id=cast.amina.pk).order_by("pk").last().delete()
        seal_audit()
    delete_student(by=cast.office, student=cast.amina)
    seal_audit()
    assert list(verify_audit()) == []
    assert unsealed_tail() == {}
    return cast


def found():
    return [str(finding) for finding in verify_audit()]


# --- By hand, each named as what it is --------------------------------------------------------------------


def logged(cast):
    return AccessLog.objects.filter(student_id=cast.bo.student_id).order_by("pk")


def first_gap():
    """The first key between sealed rows at which there is none."""
    keys = set(AccessLog.objects.values_list("pk", flat=True))
    return next(key for key in range(min(keys), max(keys)) if key not in keys)


def tampered(change):
    with without_triggers():
        change()
    return found()


def test_a_changed_row_is_named(audit):
    row = logged(audit)[2]
    assert tampered(lambda: logged(audit).filter(pk=row.pk).update(reader=audit.office)) == [
        f"wrong: accounts.AccessLog {row.pk}"
    ]


def test_a_changed_version_is_named(audit):
    version = Student.history.filter(id=audit.bo.pk).first()
    assert tampered(lambda: Student.history.filter(pk=version.pk).update(given_name="Robert")) == [
        f"wrong: students.HistoricalStudent {version.pk}"
    ]


def test_a_deleted_row_is_named(audit):
    key = logged(audit)[2].pk
    assert tampered(AccessLog.objects.filter(pk=key).delete) == [f"missing: accounts.AccessLog {key}"]


def test_an_added_row_is_named(audit):
    gap = first_gap()
    row = logged(audit)[0]
    row.pk = gap
    assert tampered(lambda: AccessLog.objects.bulk_create([row])) == [f"added: accounts.AccessLog {gap}"]


def test_a_row_that_moved_is_named(audit):
    gap = first_gap()
    assert tampered(lambda: AccessLog.objects.filter(pk=gap + 1).update(id=gap)) == [
        f"moved: accounts.AccessLog {gap + 1}, which now stands at {gap}"
    ]


def test_two_rows_that_changed_places_are_named(audit):
    first, second = logged(audit)[:2]

    def swap():
        first.pk, second.pk = second.pk, first.pk
        AccessLog.objects.filter(pk__in=[first.pk, second.pk]).delete()
        AccessLog.objects.bulk_create([first, second])
        AccessLog.objects.filter(pk=first.pk).update(read_at=first.read_at)
        AccessLog.objects.filter(pk=second.pk).update(read_at=second.read_at)

    low, high = first.pk, second.pk
    assert tampered(swap) == [f"wrong: accounts.AccessLog {low}", f"wrong: accounts.AccessLog {high}"]


def test_a_row_that_comes_back_after_its_child_was_erased_is_named(audit):
    entry = AuditEntry.objects.filter(source="students.HistoricalStudent", salt=None).first()
    version = Student.history.filter(id=audit.bo.pk).first()
    version.pk = entry.row
    assert tampered(lambda: type(version).objects.bulk_create([version])) == [
        f"wrong: students.HistoricalStudent {entry.row}"
    ]


def test_an_erasure_that_never_was_is_named(audit):
    """Somebody deletes a version and lets it look as if its child had been erased."""
    entry = AuditEntry.objects.filter(source="students.HistoricalStudent").exclude(salt=None).first()
    erasure = AuditErasure.objects.get()

    def pretend():
        Student.history.filter(pk=entry.row).delete()
        AuditEntry.objects.filter(pk=entry.pk).update(salt=None, erasure=erasure)

    assert tampered(pretend) == [f"wrong: erasure {erasure.pk} does not say which entries it took"]


@pytest.mark.parametrize("change", [{"row": 0}, {"source": "students.HistoricalStudent "}])
def test_an_erased_entry_that_says_it_was_another_row_is_named(audit, change):
    entry = AuditEntry.objects.filter(source="students.HistoricalStudent", salt=None).order_by("number")[0]
    seal = AuditSeal.objects.filter(last_entry__gte=entry.number).order_by("number")[0]
    assert tampered(lambda: AuditEntry.objects.filter(pk=entry.pk).update(**change)) == [
        f"wrong: seal {seal.number} does not match its entries"
    ]


def test_a_seal_that_is_gone_is_named(audit):
    named = tampered(AuditSeal.objects.filter(number=3).delete)
    assert "missing: seal 3" in named


def test_seals_and_entries_cut_off_at_the_end_are_named(audit, head_file):
    """What only a head outside the database can tell: the chain that is left holds."""
    last = AuditSeal.objects.order_by("-number")[0]
    before = AuditSeal.objects.get(number=last.number - 1)

    def cut():
        entries = AuditEntry.objects.filter(number__gt=before.last_entry)
        for source, row in entries.values_list("source", "row"):
            rows = sources()[source].model._base_manager.filter(pk=row)
            rows._raw_delete(rows.db)
        entries.delete()
        AuditSeal.objects.filter(number=last.number).delete()

    erasure = AuditErasure.objects.get().pk
    assert tampered(cut) == [
        f"missing: seal {before.number + 1}, which {head_file} names",
        f"missing: erasure {erasure}, which entries name",
    ]


def test_a_chain_that_was_made_anew_is_named(audit):
    """Somebody changes a row, throws all seals away and seals again, with the head file out of their reach."""

    def forge():
        logged(audit).update(reader=audit.office)
        AuditEntry.objects.all().delete()
        AuditSeal.objects.all().delete()
        while sealing.seal_batch(dict.fromkeys(sources(), 10**6)):
            pass

    assert "does not say what seal 1 says" in tampered(forge)[0]


def test_a_trigger_that_is_gone_is_named(audit):
    with connection.cursor() as cursor:
        on_table = ' ON "accounts_auditseal"' if connection.vendor == "postgresql" else ""
        cursor.execute(f'DROP TRIGGER "audit_update_accounts_auditseal"{on_table}')
    assert found() == ["missing: the trigger audit_update_accounts_auditseal; run manage.py migrate"]


def test_the_command_names_the_first_finding_and_the_unsealed_tail_and_ends_with_an_error(audit):
    row, out = logged(audit)[1], StringIO()
    waiting = AccessLogFactory(reader=audit.office)
    call_command("verify_audit", stdout=out)
    assert f"not sealed yet: 1 of accounts.AccessLog, from {waiting.pk}\n" in out.getvalue()
    with without_triggers():
        AccessLog.objects.filter(pk=row.pk).update(page="x")
    with pytest.raises(CommandError, match=f"First: wrong: accounts.AccessLog {row.pk}$"):
        call_command("verify_audit", stdout=StringIO())


# --- At random -------------------------------------------------------------------------------------------


def other_than(value, field, chance):  # noqa: PLR0911  (a line a type)
    """Another value that the column takes."""
    match value:
        case bool():
            return not value
        case int():
            return value + chance.choice([-1, 1, 7, 1000])
        case datetime():
            return value + timedelta(microseconds=chance.choice([1, -1, 10**6, -(10**9)]))
        case Decimal():
            return value + 1
        case UUID():
            return uuid4()
        case str() if field.max_length and len(value) >= field.max_length:
            return ("0" if value[0] != "0" else "1") + value[1:]
        case str():
            return value + chance.choice(["x", " ", "0"])
        case None:
            return sample_of(field)
    return value + timedelta(days=chance.choice([1, -1]))  # a day


def sample_of(field):
    """A value for a column that is empty."""
    samples = [
        (models.DateTimeField, datetime(2020, 1, 1, tzinfo=UTC)),
        (models.DateField, date(2020, 1, 1)),
        (models.TimeField, time(1, 0)),
        (models.IntegerField, 1),
        (models.ForeignKey, 1),
        (models.GenericIPAddressField, "192.0.2.99"),
    ]
    return next((sample for kind, sample in samples if isinstance(field, kind)), "x")


def some_row(chance, model):
    keys = list(model._base_manager.order_by("pk").values_list("pk", flat=True))
    return model._base_manager.filter(pk=chance.choice(keys)) if keys else None


def edit(chance, model):
    """Change a column of a row. An IP address is text that must stay one, a JSON stays one by chance or not."""
    rows = some_row(chance, model)
    field = chance.choice(model._meta.concrete_fields)
    value = rows.values_list(field.attname, flat=True).get()
    if isinstance(field, models.GenericIPAddressField):
        new = "192.0.2.77"
    elif field.primary_key:
        new = -chance.randrange(1, 10**6)
    elif isinstance(field, models.ForeignKey) and field.db_constraint:
        others = list(field.related_model._base_manager.exclude(pk=value).values_list("pk", flat=True))
        new = chance.choice([*others, *([None] if field.null and value is not None else [])])
    else:
        new = other_than(value, field, chance)
    rows.update(**{field.attname: new})
    return f"{model._meta.label}.{field.attname}: {value!r} → {new!r}"


def delete(chance, model):
    rows = some_row(chance, model)
    key = rows.values_list("pk", flat=True).get()
    rows._raw_delete(rows.db)
    return f"{model._meta.label} {key} deleted"


def insert(chance, model):
    """Add a copy of a row under a key at which there is none, between the sealed ones or before them."""
    row = some_row(chance, model).get()
    keys = set(model._base_manager.values_list("pk", flat=True))
    sealed = set(AuditEntry.objects.filter(source=model._meta.label).values_list("row", flat=True))
    free = [key for key in range(-3, max(keys)) if key not in keys | sealed]
    row.pk = chance.choice(free)
    if model is AuditEntry:
        row.row = -chance.randrange(1, 10**6)
    if model is AuditSeal:
        row.previous = "f" * 64
    model._base_manager.bulk_create([row])
    return f"{model._meta.label} {row.pk} inserted"


def swap(chance, model):
    """Let two rows that differ change places."""
    columns = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
    keys = list(model._base_manager.order_by("pk").values_list("pk", flat=True))
    chance.shuffle(keys)
    contents = {row["pk"]: row for row in model._base_manager.values("pk", *columns)}
    one = keys[0]
    two = next(key for key in keys[1:] if any(contents[key][name] != contents[one][name] for name in columns))
    instances = [model(**{**contents[other], "pk": key}) for key, other in ((one, two), (two, one))]
    rows = model._base_manager.filter(pk__in=[one, two])
    rows._raw_delete(rows.db)
    model._base_manager.bulk_create(instances)
    for key, other in ((one, two), (two, one)):  # some columns are filled in at each insert
        filled = [field.attname for field in model._meta.concrete_fields if getattr(field, "auto_now_add", False)]
        if filled:
            model._base_manager.filter(pk=key).update(**{name: contents[other][name] for name in filled})
    return f"{model._meta.label} {one} and {two} swapped"


def cut(chance, _model):
    """Throw away the last seals with their entries and, or not, the rows that they sealed."""
    seals = list(AuditSeal.objects.order_by("number"))
    left = chance.randrange(len(seals))
    before = seals[left - 1].last_entry if left else 0
    entries = AuditEntry.objects.filter(number__gt=before)
    if chance.random() < 0.5:
        for source, row in entries.values_list("source", "row"):
            rows = sources()[source].model._base_manager.filter(pk=row)
            rows._raw_delete(rows.db)
    entries._raw_delete(entries.db)
    doomed = AuditSeal.objects.filter(number__gt=left)
    doomed._raw_delete(doomed.db)
    return f"cut off after seal {left}"


KINDS = {edit: 6, delete: 3, insert: 2, swap: 3, cut: 1}


def tamper(chance):
    """One random tampering; gives what it was."""
    tables = [model for model in audited_models() if model._base_manager.count() > 1]
    kind = chance.choices(list(KINDS), weights=list(KINDS.values()))[0]
    if kind is insert:
        tables = [model for model in tables if model is not AuditErasure]
    return kind(chance, chance.choice(tables))


def tampered_at_random(seed):
    """The first tampering of this seed that the database's own constraints let pass."""
    chance = random.Random(seed)
    for _attempt in range(20):
        try:
            with transaction.atomic():
                return tamper(chance)
        except DatabaseError:  # a key that is there already, a number that is too long
            continue
    pytest.fail(f"the database refuses whatever seed {seed} draws")


def test_every_random_tampering_is_found(audit):
    unfound = []
    with without_triggers():
        for seed in range(TAMPERINGS):
            with transaction.atomic():
                done = tampered_at_random(seed)
                if all("the trigger" in finding for finding in found()):
                    unfound.append((seed, done))
                transaction.set_rollback(True)
    assert found() == []
    assert unfound == []
