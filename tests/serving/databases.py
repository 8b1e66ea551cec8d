"""A database of its own for each run, on SQLite and on PostgreSQL, dropped at the end."""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

SQLITE, POSTGRESQL = "sqlite", "postgresql"
SCHEMES = {"postgres", "postgresql", "psql", "pgsql"}
DEFAULT_SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
PATIENCE = 5  # seconds for a server to answer


def postgres_server() -> str:
    """The PostgreSQL server to use: BENCH_POSTGRES, else DATABASE_URL where it names one, else the local one."""
    for address in (os.environ.get("BENCH_POSTGRES", ""), os.environ.get("DATABASE_URL", "")):
        if urlsplit(address).scheme in SCHEMES:
            return urlsplit(address)._replace(scheme="postgres").geturl()
    return DEFAULT_SERVER


@contextmanager
def sqlite_database(folder: Path) -> Iterator[str]:
    """A file in the folder of the run, which goes with the folder."""
    yield f"sqlite:///{folder / 'school.sqlite3'}"


@contextmanager
def postgres_database() -> Iterator[str]:
    """A new database on the server. Raises psycopg.OperationalError where none answers."""
    server = postgres_server()
    name = f"sptrack_{os.getpid()}_{secrets.token_hex(3)}"
    with psycopg.connect(server, autocommit=True, connect_timeout=PATIENCE) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True, connect_timeout=PATIENCE) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def run_on(engine: str, module: str, settings: str) -> int:
    """Run a module in a process of its own with the settings of production and a new database; gives its exit code."""
    with tempfile.TemporaryDirectory(prefix="sptrack-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        database = sqlite_database(folder) if engine == SQLITE else postgres_database()
        with database as address:
            production = {
                "DEBUG": "0",
                "HTTPS": "0",
                "SECRET_KEY": secrets.token_urlsafe(64),
                "CACHE_URL": "dbcache://cache",
            }
            own = {"DATABASE_URL": address, "RUN_FOLDER": name, "DJANGO_SETTINGS_MODULE": settings}
            with subprocess.Popen([sys.executable, "-m", module], env={**os.environ, **production, **own}) as process:
                try:
                    return process.wait()
                finally:
                    process.terminate()


def run_on_each(module: str, settings: str, purpose: str) -> int:
    """Run a module on the databases named on the command line, on both if none is; gives the worst exit code.

    Where PostgreSQL was not asked for by name and does not answer, says so and goes on without it.
    """
    parser = argparse.ArgumentParser(description=purpose)
    parser.add_argument("engines", nargs="*", metavar="sqlite|postgresql", help="both, if none is named")
    asked = parser.parse_args().engines
    if unknown := set(asked) - {SQLITE, POSTGRESQL}:
        parser.error(f"unknown database: {', '.join(sorted(unknown))}")
    end_on_terminate()
    worst = 0
    for engine in asked or [SQLITE, POSTGRESQL]:
        try:
            worst = max(worst, run_on(engine, module, settings))
        except psycopg.OperationalError as trouble:
            sys.stderr.write(f"\nPostgreSQL is left out, {postgres_server()} does not answer: {trouble}\n")
            worst = max(worst, int(bool(asked)))
    return worst


def end_on_terminate() -> None:
    """Let a SIGTERM end this process as an exception does, so that what it began is put away."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        sys.exit(1)

    signal.signal(signal.SIGTERM, leave)
