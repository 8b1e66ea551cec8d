"""A backup brings the whole school back on either database, or it is refused and nothing is changed."""

from __future__ import annotations

import json
import os
import random
import stat
import subprocess
import sys
import threading
from decimal import Decimal
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.audit_triggers import missing_triggers
from accounts.models import AccessLog, User
from accounts.tests.factories import AccessLogFactory
from assessments.recounting import recount_totals
from assessments.tests.factories import ScoreFactory
from behavior.tests.factories import BehaviorRecordFactory
from exchange.backup.archive import MANIFEST, SEAL
from exchange.backup.tables import fingerprint
from exchange.backup.writing import one_moment
from exchange.tests.backups import manifest_in, parts_of, remade, with_manifest, with_rows, with_value
from students.models import Guardian, Student
from tests.cast import MONDAY, make_cast, pupil

ODD = "Zoë “O’Hara” \u2028 \\ \t شيماء 🙂"
STUDENTS, ENROLMENTS, MARKS = "students_student", "students_enrolment", "behavior_behaviorrecord"


def said(command, *arguments, **options):
    output = StringIO()
    call_command(command, *arguments, stdout=output, **options)
    return output.getvalue().strip()


def refusal(*arguments, **options):
    with pytest.raises(CommandError) as refused:
        said(*arguments, **options)
    return str(refused.value)


@pytest.fixture
def head_file(settings, tmp_path):
    settings.AUDIT_HEAD_FILE = str(tmp_path / "head")


@pytest.fixture
def school(transactional_db, frozen, head_file):
    """The cast with a score, a note of odd signs, a reading, histories and a sealed audit."""
    cast = make_cast()
    cast.amina.given_name = ODD
    cast.amina.save()
    ScoreFactory(student=cast.amina, assessment__school_class=cast.class_7a, score=Decimal("7.25"))
    recount_totals(repair=True)
    BehaviorRecordFactory(student=cast.bo, notes=ODD, date=MONDAY)
    AccessLogFactory(reader=cast.ana.user, student_id=cast.amina.student_id)
    call_command("seal_audit", stdout=StringIO())
    return cast


@pytest.fixture
def file(cast, tmp_path):
    """A backup of the cast with one note; the test is one transaction, so what it refuses is rolled back by itself."""
    BehaviorRecordFactory(student=cast.bo, notes="kept", date=MONDAY)
    connection.check_constraints()
    said("backup", str(tmp_path / "school.zip"))
    return tmp_path / "school.zip"


class TestRoundTrip:
    def test_everything_comes_back_and_nothing_else(self, school, sign_in, tmp_path):
        before, file = fingerprint(), tmp_path / "school.zip"
        rows = sum(number for _digest, number in before.values())
        assert said("backup", str(file)) == f"{rows} rows are in {file}."
        sign_in(school.office)
        Student.objects.filter(pk=school.bo.pk).update(given_name="Changed")
        late = pupil("Late", "Comer", school.class_7a)
        assert fingerprint() != before
        assert said("restore", str(file), replace=True) == f"{rows} rows are restored. Everybody is signed out."
        assert fingerprint() == before
        assert Student.objects.get(pk=school.amina.pk).given_name == ODD
        assert not Student.objects.filter(pk=late.pk).exists()
        assert Session.objects.count() == 0

    def test_what_is_written_next_gets_a_key_of_its_own(self, school, tmp_path):
        said("backup", str(tmp_path / "school.zip"))
        last = max(Student.objects.values_list("pk", flat=True))
        said("restore", str(tmp_path / "school.zip"), replace=True)
        assert pupil("Next", "One", school.class_7a).pk == last + 1

    def test_the_audit_is_as_it_was_sealed_and_append_only(self, school, tmp_path):
        said("backup", str(tmp_path / "school.zip"))
        said("restore", str(tmp_path / "school.zip"), replace=True)
        assert "As it was sealed" in said("verify_audit")
        assert missing_triggers(connection) == []
        with pytest.raises(Exception, match="append-only"):
            AccessLog.objects.all().delete()

    def test_it_moves_to_a_database_of_sqlite_and_back(self, school, tmp_path):
        """On PostgreSQL the whole way from one kind to the other; on SQLite from one file to another."""
        before, there, back = fingerprint(), tmp_path / "there.zip", tmp_path / "back.zip"
        said("backup", str(there))
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/other.sqlite3", "SECRET_KEY": "x" * 50}
        for command in (["migrate", "--verbosity", "0"], ["restore", str(there)], ["backup", str(back)]):
            subprocess.run(  # noqa: S603  (our own command)
                [sys.executable, "manage.py", *command], cwd=settings.BASE_DIR, env=environment, check=True,
                stdout=subprocess.DEVNULL,
            )  # fmt: skip
        assert manifest_in(back)["tables"] == manifest_in(there)["tables"]
        said("restore", str(back), replace=True)
        assert fingerprint() == before


class TestWriting:
    def test_the_file_is_for_its_owner_alone(self, file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_nobody_who_is_signed_in_is_in_it(self, cast, sign_in, tmp_path):
        key = sign_in(cast.office).session.session_key
        said("backup", str(tmp_path / "school.zip"))
        parts = parts_of(tmp_path / "school.zip")
        assert Session.objects.filter(pk=key).exists()
        assert key.encode() not in b"".join(parts.values())
        assert b"office" in parts["tables/accounts_user.jsonl"]

    def test_a_file_that_is_there_stays_as_it_is(self, file):
        content = file.read_bytes()
        assert refusal("backup", str(file)) == f"{file} is there already. Name a new file."
        assert file.read_bytes() == content

    def test_a_folder_that_is_not_there_is_named(self, cast, tmp_path):
        missing = tmp_path / "nowhere" / "school.zip"
        assert refusal("backup", str(missing)) == f"{missing} cannot be written: No such file or directory."

    @pytest.mark.parallel
    def test_it_is_of_one_moment_and_nobody_waits_for_it(self, school):
        def write() -> None:
            Guardian.objects.create(student=school.bo, name="Meanwhile", relationship="uncle")
            connection.close()

        with one_moment():
            before = Guardian.objects.count()
            writer = threading.Thread(target=write)
            writer.start()
            writer.join(timeout=10)
            assert not writer.is_alive()
            assert Guardian.objects.count() == before
        assert Guardian.objects.count() == before + 1


class TestDamage:
    def test_a_hundred_damages_are_a_hundred_refusals(self, file):
        whole, chance, before = file.read_bytes(), random.Random(2026), fingerprint()
        damaged = file.with_name("damaged.zip")
        for number in range(100):
            damaged.write_bytes(DAMAGES[number % len(DAMAGES)](whole, chance))
            assert damaged.read_bytes() != whole
            said_no = refusal("restore", str(damaged), replace=True)
            assert said_no == f"{damaged} is damaged, or no backup: its checksum is not that of its bytes."
        assert fingerprint() == before

    def test_the_whole_file_is_taken(self, file):
        before = fingerprint()
        said("restore", str(file), replace=True)
        assert fingerprint() == before


def one_bit(whole, chance):
    place = chance.randrange(len(whole))
    return whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :]


def cut_off(whole, chance):
    return whole[: chance.randrange(len(whole))]


def a_hole(whole, chance):
    start = chance.randrange(len(whole) - 600)
    return whole[:start] + bytes(512) + whole[start + 512 :]


def longer(whole, chance):
    return whole + chance.randbytes(chance.randrange(1, 400))


def a_piece_gone(whole, chance):
    start = chance.randrange(len(whole) - 100)
    return whole[:start] + whole[start + chance.randrange(1, 90) :]


DAMAGES = [one_bit, cut_off, a_hole, longer, a_piece_gone]


class TestForgery:
    """A seal that holds, around parts that nobody wrote so."""

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            pytest.param(
                with_value(STUDENTS, "given_name", lambda _name: "Eve", honest=False),
                "tables/students_student.jsonl is not as it was written.",
                id="a part has the checksum of the manifest",
            ),
            pytest.param(
                with_rows(MARKS, lambda _lines: [], honest=False),
                "tables/behavior_behaviorrecord.jsonl is not as it was written.",
                id="no row is missing",
            ),
            pytest.param(lambda parts: parts.pop(f"tables/{MARKS}.jsonl"), "cannot be read", id="every part is there"),
            pytest.param(lambda parts: parts.pop(MANIFEST), "cannot be read", id="there is a manifest"),
            pytest.param(lambda parts: parts.update({MANIFEST: b"[]"}), "cannot be read", id="of the right shape"),
            pytest.param(
                with_manifest(lambda manifest: manifest.update(format=2)),
                "a format that this version of SPTrack does not know",
                id="of this format",
            ),
            pytest.param(
                with_manifest(lambda manifest: manifest["migrations"].append(["students", "0999_later"])),
                "another version of SPTrack: it and this database differ in students.0999_later",
                id="of this version",
            ),
            pytest.param(
                with_manifest(lambda manifest: manifest["tables"].pop()),
                "other tables than this version",
                id="of all tables",
            ),
            pytest.param(
                with_rows(MARKS, lambda _lines: [b"[1,\n"], honest=True),
                "tables/behavior_behaviorrecord.jsonl cannot be stored",
                id="a row is JSON",
            ),
            pytest.param(
                with_rows(MARKS, lambda _lines: [b"[1]\n"], honest=True),
                "values expected",
                id="a row has a value for each column",
            ),
            pytest.param(
                with_value(STUDENTS, "id", lambda _key: "first"),
                "tables/students_student.jsonl cannot be stored",
                id="a key is a number",
            ),
            pytest.param(
                with_value(STUDENTS, "date_of_birth", lambda _day: "2014-02-30"),
                "tables/students_student.jsonl cannot be stored",
                id="a day is one of the calendar",
            ),
            pytest.param(
                with_value(STUDENTS, "enrollment_date", lambda day: day.replace("-0", "-")),
                "students_student was not stored as it was.",
                id="what is stored is what was in the file",
            ),
            pytest.param(
                with_rows(STUDENTS, lambda lines: [*lines, lines[0].replace(b"[", b"[9", 1)], honest=True),
                "tables/students_student.jsonl cannot be stored",
                id="constraints hold",
            ),
            pytest.param(
                with_value(ENROLMENTS, "student_id", lambda _key: 987654),
                "The rows of the backup do not belong together",
                id="a row that is named is there",
            ),
        ],
    )
    def test_is_refused_and_changes_nothing(self, file, change, sentence):
        before = fingerprint()
        assert sentence in refusal("restore", str(remade(file, change)), replace=True)
        assert fingerprint() == before
        assert missing_triggers(connection) == []

    def test_what_is_sealed_but_no_zip(self, tmp_path, db):
        import hashlib

        file = tmp_path / "words.zip"
        words = b"no zip at all " * 20
        file.write_bytes(words + hashlib.sha256(words).hexdigest().encode())
        assert len(hashlib.sha256(words).hexdigest()) == SEAL
        assert refusal("restore", str(file)).startswith(f"{file} cannot be read:")

    def test_a_file_that_is_not_there(self, tmp_path, db):
        assert "cannot be read" in refusal("restore", str(tmp_path / "none.zip"))


def test_a_database_with_people_is_not_overwritten_unasked(file):
    User.objects.filter(username="office").update(email="now@school.example")
    assert "The database holds people already." in refusal("restore", str(file))
    assert User.objects.get(username="office").email == "now@school.example"


def test_every_row_of_a_part_is_one_line_of_json(file):
    for part in manifest_in(file)["tables"]:
        lines = parts_of(file)[f"tables/{part['table']}.jsonl"].splitlines()
        assert [len(json.loads(line)) for line in lines] == [len(part["columns"])] * part["rows"]
