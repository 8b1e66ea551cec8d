"""One soak on one database: a school, gunicorn, the writers, the verdict. Ends with 1 if anything is amiss."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from statistics import median
from threading import Event

import django

django.setup()

from django.db import connection, connections  # noqa: E402

from tests.serving.browser import Browser  # noqa: E402
from tests.serving.databases import end_on_terminate  # noqa: E402
from tests.serving.school import (  # noqa: E402
    BigSchool,
    build_school,
    number_from,
    prepare_database,
    session_of,
)
from tests.serving.server import Server, serve  # noqa: E402
from tests.soak.judge import Verdict, judge, read_stored  # noqa: E402
from tests.soak.log import WriterLog  # noqa: E402
from tests.soak.writer import Writer  # noqa: E402

WORKERS = 4
IN_A_CLASS, WRITERS_TO_A_CLASS = 30, 4
SEED = 20260316
MOST_SHOWN = 10


def open_school(writers: int) -> BigSchool:
    """A class for four writers; each has two classes, so that about eight meet in each."""
    classes = max(2, writers // WRITERS_TO_A_CLASS)
    assigned = [(number % classes, (number * 5 + 1) % classes) for number in range(writers)]
    return build_school([IN_A_CLASS] * classes, days=0, assigned=[sorted(set(numbers)) for numbers in assigned])


def writers_of(school: BigSchool, server: Server) -> list[Writer]:
    return [
        Writer(
            number=number,
            user=teacher.user.pk,
            browser=Browser(server.host, server.port, session_of(teacher.user)),
            places=[(each.pk, f"/attendance/{each.pk}/{school.today}/") for each in classes],
            random=Random(SEED + number),
        )
        for number, (teacher, classes) in enumerate(zip(school.teachers, school.assigned, strict=True))
    ]


def write_together(writers: list[Writer], seconds: int) -> list[WriterLog]:
    """All writers at once for so many seconds; they leave off early where this program is ended."""
    stop = Event()
    with ThreadPoolExecutor(len(writers)) as threads:
        running = [threads.submit(writer.write_until, stop) for writer in writers]
        try:
            time.sleep(seconds)
        finally:
            stop.set()
        return [each.result() for each in running]


def figures(logs: list[WriterLog], seconds: float) -> str:
    """What happened, in three lines."""
    answers = sum((log.answers for log in logs), Counter())
    times = sorted(second for log in logs for second in log.seconds) or [0]
    marks, undone = sum(len(log.saved) for log in logs), sum(sum(log.undone.values()) for log in logs)
    return (
        f"{connection.vendor}: {len(logs)} writers, {WORKERS} sync workers, {os.cpu_count()} cores, {seconds:.0f} s\n"
        f"{answers['302']} saves ({answers['302'] / seconds:.0f} a second), {marks} marks acknowledged, "
        f"{answers['409']} clashes over {answers['lines in clashes']} marks, {answers['422']} questions, "
        f"{undone} undone, {answers['undo refused']} undos refused, {answers['given up']} given up\n"
        f"a save takes {median(times) * 1000:.0f} ms (median), "
        f"{times[-(-len(times) * 95 // 100) - 1] * 1000:.0f} ms (p95)\n"
    )


def say(verdict: Verdict, errors: list[str]) -> str:
    """The three numbers, with the first of what is amiss."""
    lines = [f"{len(verdict.lost)} lost, {len(verdict.duplicated)} duplicated, {len(errors)} server errors"]
    for sentences in (verdict.lost, verdict.duplicated, errors):
        lines += [f"  {sentence}" for sentence in sentences[:MOST_SHOWN]]
    return "\n".join(lines) + "\n"


def main() -> None:
    end_on_terminate()
    number, seconds = number_from("WRITERS", 50), number_from("SECONDS", 60)
    prepare_database()
    school = open_school(number)
    with serve(Path(os.environ["RUN_FOLDER"]), workers=WORKERS) as server:
        writers = writers_of(school, server)
        connections.close_all()
        begun = time.monotonic()
        logs = write_together(writers, seconds)
        took = time.monotonic() - begun
        errors = [trouble for log in logs for trouble in log.troubles] + server.troubles()
    verdict = judge(logs, read_stored())
    sys.stdout.write(f"\n{figures(logs, took)}{say(verdict, errors)}")
    connections.close_all()
    nothing_saved = not any(log.saved for log in logs)
    sys.exit(1 if verdict.lost or verdict.duplicated or errors or nothing_saved else 0)


if __name__ == "__main__":
    main()
