"""Runs a program of the developers in a process of its own, on the kind of database that the suite runs on."""

from __future__ import annotations

import os
import subprocess
import sys

from django.conf import settings
from django.db import connection

PATIENCE = 300  # seconds


def run_program(module: str, **environment: str) -> tuple[int, str]:
    """Its exit code and what it printed. One that takes too long is ended, and puts away what it began."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, connection.vendor],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        printed, _nothing = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.terminate()
        printed, _nothing = process.communicate()
    return process.returncode, printed
