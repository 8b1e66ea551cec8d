"""gunicorn as production starts it, before a PostgreSQL that does not run: pages, the API, probes, the log."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from django.conf import settings

from tests.serving.browser import CSRF_SECRET
from tests.serving.server import serve

CANARY = "Quetzalina"
SETTINGS = "tests.serving.settings"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Production without a database: a port that is ours, on which nobody listens."""
    folder = tmp_path_factory.mktemp("outage")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        found = {
            "DATABASE_URL": f"postgres://nobody@127.0.0.1:{taken.getsockname()[1]}/school",
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "RUN_FOLDER": str(folder),
            "SECRET_KEY": "a-key-of-this-test",
            "DEBUG": "0",
            "HTTPS": "0",
        }
        command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
        subprocess.run(command, cwd=settings.BASE_DIR, env={**os.environ, **found}, check=True)
        yield found


@pytest.fixture(scope="module")
def server(environment, tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    with pytest.MonkeyPatch.context() as patched:
        for name, value in environment.items():
            patched.setenv(name, value)
        with serve(folder, workers=1) as running:
            yield running


def ask(server, verb, path, body=None, **headers):
    """One request; its status, headers and text."""
    connection = HTTPConnection(server.host, server.port, timeout=60)
    try:
        connection.request(verb, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def test_probes_tell_a_process_that_lives_from_one_that_can_work(server):
    assert ask(server, "GET", "/healthz/")[::2] == (200, "ok\n")
    assert ask(server, "GET", "/healthz/", Host="10.0.0.9:8000", Cookie="sessionid=any")[::2] == (200, "ok\n")
    assert ask(server, "GET", "/readyz/")[::2] == (503, "not ready\n")


def test_every_page_says_that_the_database_is_down(server):
    for path in ("/", "/accounts/login/", f"/students/?q={CANARY}", "/no/such/page/"):
        status, headers, text = ask(server, "GET", path, Cookie="sessionid=somebody")
        assert (path, status, headers["Retry-After"], headers["Cache-Control"]) == (
            path,
            503,
            "30",
            "private, no-store",
        )
        assert "The database does not answer just now." in text
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_what_was_typed_into_a_register_is_in_the_page(server):
    fields = {"status-STU00001": "late", "note-STU00001": CANARY, "csrfmiddlewaretoken": CSRF_SECRET}
    headers = {"Cookie": f"csrftoken={CSRF_SECRET}; sessionid=x", "Content_Type": "application/x-www-form-urlencoded"}
    status, _headers, text = ask(server, "POST", "/attendance/1/2026-03-16/", urlencode(fields), **headers)
    assert (status, f'<input type="hidden" name="note-STU00001" value="{CANARY}">' in text) == (503, True)
    assert '<form method="post" action="/attendance/1/2026-03-16/">' in text


def test_the_api_says_it_in_json(server):
    for verb, headers in (("GET", {}), ("POST", {"Authorization": "Bearer x", "Content_Type": "application/json"})):
        status, told, text = ask(server, verb, "/api/students/", "{}" if verb == "POST" else None, **headers)
        assert (status, told["Content-Type"], list(json.loads(text))) == (503, "application/json", ["error"])


def test_the_log_has_a_line_a_request_and_no_query_and_no_access_log(server):
    before = len(server.log.read_text())
    ask(server, "GET", f"/students/?q={CANARY}", X_Request_Id="forged-from-outside", User_Agent=CANARY)
    added = server.log.read_text()[before:]
    assert added.count(" sptrack.requests request=") == 1
    assert "method=GET route=students:list status=503 ms=" in added
    assert (CANARY in added, "forged-from-outside" in added, "/students/" in added) == (False, False, False)


@pytest.mark.parametrize(("proxies", "status"), [("0", 301), ("1", 503)])
def test_only_a_trusted_proxy_says_that_a_request_came_by_https(proxies, status, environment, tmp_path, monkeypatch):
    """Even from this machine itself, whose word gunicorn would take."""
    for name, value in {**environment, "HTTPS": "1", "TRUSTED_PROXY_COUNT": proxies}.items():
        monkeypatch.setenv(name, value)
    with serve(tmp_path, workers=1) as running:
        forged = {"X_Forwarded_Proto": "https", "X_Forwarded_Ssl": "on", "X_Forwarded_Protocol": "ssl"}
        assert ask(running, "GET", "/accounts/login/", **forged)[0] == status
        assert ask(running, "GET", "/accounts/login/", X_Forwarded_Ssl="on")[0] == 301
        assert ask(running, "GET", "/healthz/")[0] == 200
