"""TASK_QUEUE=database: the command puts mails into the queue, a worker sends them, on a database of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings

SCENE = """
from accounts.tests.factories import ParentFactory
from attendance.tests.factories import AttendanceRecordFactory, RegisterFactory
from students.tests.factories import EnrolmentFactory, StudentParentLinkFactory
enrolment = EnrolmentFactory()
parent = ParentFactory(user__username="rosa", absence_note=True)
StudentParentLinkFactory(student=enrolment.student, parent=parent)
RegisterFactory(school_class=enrolment.school_class)
AttendanceRecordFactory(student=enrolment.student, school_class=enrolment.school_class, status="absent")
"""
NOTHING = "0 sent, 0 refused by the mail server."


@pytest.fixture
def manage(tmp_path):
    """Runs manage.py in a process of its own; gives what it printed. Mails become files in tmp_path/mails."""
    environment = {
        **os.environ,
        "TASK_QUEUE": "database",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'queue.sqlite3'}",
        "EMAIL_URL": f"filemail:///{tmp_path / 'mails'}",
        "SECRET_KEY": "a-key-of-this-test",
        "DEBUG": "0",
    }

    def run(*words: str) -> list[str]:
        command = [sys.executable, "manage.py", *words]
        finished = subprocess.run(
            command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout.splitlines()

    return run


def test_a_worker_sends_what_the_command_put_into_the_queue(manage, tmp_path):
    manage("migrate", "--verbosity", "0")
    manage("shell", "-c", SCENE)
    assert manage("send_digests") == [NOTHING, "1 task waits for a worker."]
    assert not (tmp_path / "mails").exists()
    manage("send_digests")  # the worker is late: the same mail is in two tasks
    manage("db_worker", "--batch", "--no-startup-delay")
    assert manage("send_digests") == [NOTHING]
    [letters] = (tmp_path / "mails").iterdir()
    assert letters.read_text().count("To: rosa@school.example") == 1
