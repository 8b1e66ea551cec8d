"""gunicorn as `make run` starts it, on a free port, with its log kept."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.serving.browser import Browser

START = 60  # seconds for the first answer
STOP = 15


@dataclass(frozen=True)
class Server:
    """Where gunicorn listens, and what it wrote."""

    host: str
    port: int
    log: Path

    def troubles(self) -> list[str]:
        """The lines of its log that no healthy day has."""
        words = ("Traceback", "[ERROR]", "[CRITICAL]", "Internal Server Error", "WORKER TIMEOUT", "locked")
        return [line for line in self.log.read_text().splitlines() if any(word in line for word in words)]


@contextmanager
def serve(folder: Path, *, workers: int, settings: str | None = None, name: str = "portal") -> Iterator[Server]:
    """Serve until the block ends. The socket is opened here and handed on: no other process can take the port."""
    log = folder / f"{name}.log"
    with socket.socket() as listener, log.open("wb") as output:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1024)
        options = ["--bind", f"fd://{listener.fileno()}", "--workers", str(workers), "--no-control-socket"]
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "sptrack.wsgi", *options],
            env={**os.environ, **({"DJANGO_SETTINGS_MODULE": settings} if settings else {})},
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        server = Server(*listener.getsockname(), log)
        try:
            wait_for(server, process)
            yield server
        finally:
            end(process)


def wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Until it answers; raises RuntimeError with its log where it ends instead."""
    until = time.monotonic() + START
    while process.poll() is None and time.monotonic() < until:
        try:
            if Browser(server.host, server.port, timeout=2).open("/").status:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"gunicorn does not answer:\n{server.log.read_text()}")


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and end the whole group where it does not."""
    process.terminate()
    try:
        process.wait(STOP)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
