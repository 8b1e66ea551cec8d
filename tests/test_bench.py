"""`make bench` in small: it runs on the database of this suite and prints every line. No time is asserted."""

from __future__ import annotations

import re

from tests.programs import run_program

LINE = re.compile(
    r"^(?P<page>\D.*?\S)\s{2,}[\d.]+\s+[\d.]+\s+(?P<statements>\d+)\s+\d+\s+(?P<ratio>[\d.]+)\s*([\d.]+)?$"
)
COMPARED = [
    "register of 30 opens",
    "register of 30 saves, first time",
    "… saves, 30 marks corrected",
    "… saves, 3 marks corrected",
    "parent's report",
    "student list",
]
OF_MARKS = [  # compared with the empty page alone
    "mark entry of 30 opens",
    "… saves, 28 scores entered",
    "… saves, 28 scores corrected",
    "mark book of 30 × 20",
    "statistics of the school",
    "list of one mark for a program",
    "… of 500 marks",
    "mark sent by a program",
    "… 500 marks sent at once",
]


def test_the_bench_runs_and_prints_every_line():
    code, printed = run_program("tests.bench", ROUNDS="2", CLASSES="3", DAYS="10")
    assert code == 0, printed
    assert "75 students in 3 classes, one client, 2 rounds" in printed
    lines = [found for line in printed.splitlines() if (found := LINE.match(line))]
    assert [line["page"] for line in lines if line[4]] == COMPARED
    assert [line["page"] for line in lines if not line[4]] == [
        "empty signed-in page",
        *OF_MARKS,
        "bare register of 30 opens",
        "bare register of 30 saves",
        "bare report",
        "bare student list",
    ]
    assert re.search(r"^… of 500 marks: [0-9.]+ × list of one mark for a program$", printed, re.MULTILINE)
    assert re.search(r"^… 500 marks sent at once: [0-9.]+ × mark sent by a program$", printed, re.MULTILINE)
    statements = {line["page"]: int(line["statements"]) for line in lines}
    assert (statements["empty signed-in page"], statements["bare register of 30 opens"]) == (3, 5)


def test_the_bench_of_the_dashboard_runs_and_prints_every_line():
    code, printed = run_program("tests.bench.dashboard", ROUNDS="2", STUDENTS="75", DAYS="20")
    assert code == 0, printed
    assert "75 students in 3 classes, one client, 2 rounds" in printed
    lines = [found for line in printed.splitlines() if (found := LINE.match(line))]
    assert [line["page"] for line in lines if line[4]] == ["dashboard of the school"]
    assert [line["page"] for line in lines if not line[4]] == [
        "empty signed-in page",
        "students at risk",
        "dashboard of a teacher",
        "bare dashboard",
    ]
    statements = {line["page"]: int(line["statements"]) for line in lines}
    assert (statements["empty signed-in page"], statements["bare dashboard"]) == (3, 5)
