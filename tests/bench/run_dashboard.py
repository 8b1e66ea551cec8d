"""Measures the dashboard on one database, on a school of `manage.py bench_school`, part of it at risk."""

from __future__ import annotations

import django

django.setup()

from exchange.bench.school import BenchSchool, build_bench_school  # noqa: E402
from exchange.bulk_loading import settle_statistics  # noqa: E402
from tests.bench.run import bench  # noqa: E402
from tests.bench.visits import AT_RISK, DASHBOARD, EMPTY, OWN_CLASSES, Visit  # noqa: E402
from tests.serving.browser import Browser  # noqa: E402
from tests.serving.databases import end_on_terminate  # noqa: E402
from tests.serving.school import number_from, prepare_database, session_of  # noqa: E402
from tests.serving.server import Server  # noqa: E402


def visits_of_dashboard(school: BenchSchool, portal: Server, bare: Server) -> list[Visit]:
    """The dashboard of the school and of a teacher with eight classes, the list of alerts, and the bare dashboard."""
    office, teacher = school.admin, school.rooms[0].teacher.user
    in_office, at_desk = (Browser(portal.host, portal.port, session_of(user)) for user in (office, teacher))
    beside = Browser(bare.host, bare.port, session_of(office))
    return [
        Visit("empty signed-in page", EMPTY, office, in_office, "/bench/empty/"),
        Visit("dashboard of the school", DASHBOARD, office, in_office, "/dashboard/"),
        Visit("students at risk", AT_RISK, office, in_office, "/dashboard/at-risk/"),
        Visit("dashboard of a teacher", OWN_CLASSES, teacher, at_desk, "/dashboard/"),
        Visit("bare dashboard", DASHBOARD, office, beside, "/dashboard/", is_bare=True),
    ]


def main() -> None:
    end_on_terminate()
    rounds, students, days = number_from("ROUNDS", 200), number_from("STUDENTS", 1_000), number_from("DAYS", 180)
    prepare_database()
    school = build_bench_school(students, days)
    settle_statistics()
    bench(
        f"{students} students in {len(school.rooms)} classes",
        rounds,
        lambda portal, bare: visits_of_dashboard(school, portal, bare),
    )


if __name__ == "__main__":
    main()
