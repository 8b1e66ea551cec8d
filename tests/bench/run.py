"""Measures the pages of a day on one database: builds the school, serves it, asks for each page in turn."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import django

django.setup()

from django.db import connection, connections  # noqa: E402
from tqdm import tqdm  # noqa: E402

from tests.bench.figures import count_statements, table  # noqa: E402
from tests.bench.visits import Visit, bare_visits, portal_visits  # noqa: E402
from tests.serving.databases import end_on_terminate  # noqa: E402
from tests.serving.marks import give_marks  # noqa: E402
from tests.serving.school import build_school, number_from, prepare_database  # noqa: E402
from tests.serving.server import Server, serve  # noqa: E402

WARM_UP = 5  # rounds that are not counted
WORKERS = 2
REGISTER, OTHER = 30, 25  # students in the class that is measured, and in the others


def sizes_of(classes: int) -> list[int]:
    """One class of 30, the others of 25 but the last, so that 40 classes have 1,000 students."""
    return [REGISTER, *[OTHER] * (classes - 2), OTHER * 2 - REGISTER]


def measure(visits: list[Visit], rounds: int) -> None:
    """All visits in turn, so that whatever else the machine does hits them alike."""
    for number in tqdm(range(-min(WARM_UP, rounds), rounds), disable=None, desc="Bench", unit="round"):
        for visit in visits:
            answer = visit.go()
            if number >= 0:
                visit.seconds.append(answer.seconds)
                visit.size = answer.size


def heading(size: str, rounds: int) -> str:
    """What was measured on what."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
        version = cursor.fetchone()[0]
    load = " ".join(f"{number:.1f}" for number in os.getloadavg())
    return (
        f"\n{connection.vendor} {version}, Python {platform.python_version()}, Django {django.__version__}, "
        f"gunicorn with {WORKERS} sync workers, {os.cpu_count()} cores, load {load}\n"
        f"{size}, one client, {rounds} rounds, "
        "a new connection for each request; statements with those of session and user, without BEGIN and COMMIT\n\n"
    )


def bench(size: str, rounds: int, visits_on: Callable[[Server, Server], list[Visit]]) -> None:
    """Serve the school that is built, by the portal and by the bare project; measure these visits, print the table."""
    folder = Path(os.environ["RUN_FOLDER"])
    with (
        serve(folder, workers=WORKERS) as portal,
        serve(folder, workers=WORKERS, settings="tests.bench.bare_settings", name="bare") as bare,
    ):
        visits = visits_on(portal, bare)
        measure(visits, rounds)
        troubles = portal.troubles() + bare.troubles()
    count_statements(visits)
    sys.stdout.write(heading(size, rounds) + table(visits) + "\n")
    connections.close_all()
    if troubles:
        sys.exit("gunicorn has written:\n" + "\n".join(troubles))


def main() -> None:
    end_on_terminate()
    rounds, classes, days = number_from("ROUNDS", 200), number_from("CLASSES", 40), number_from("DAYS", 180)
    classes, days = max(classes, 2), max(days, 10)
    prepare_database()
    school = build_school(sizes_of(classes), days=days, assigned=[[number] for number in range(classes)])
    give_marks(school)
    students = sum(len(roster) for roster in school.rosters)
    bench(
        f"{students} students in {classes} classes",
        rounds,
        lambda portal, bare: portal_visits(school, portal) + bare_visits(school, bare),
    )


if __name__ == "__main__":
    main()
