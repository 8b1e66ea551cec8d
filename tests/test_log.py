"""The log: one line a request with its route, status and user; never a name, a mark, an address or a query."""

from __future__ import annotations

import io
import logging
import re
from copy import deepcopy
from logging.config import DictConfigurator

import pytest
from django.conf import settings as configured
from django.db import IntegrityError, connection, transaction
from django.test import Client, override_settings
from django.urls import include, path

from accounts.access import public
from accounts.models import User
from accounts.roles import Role
from accounts.tests.factories import PASSWORD
from attendance.models import AttendanceRecord
from attendance.tests.registers import address, page_posts
from sptrack.urls import handler400, handler403, handler404, handler500  # noqa: F401  (Django asks this module for them)
from tests.test_outage import down, no_file

CANARY = "Quetzalina"
LINE = re.compile(r"^\S+ \S+ \[(\w+)\] (\S+) request=(\S+) (.*)$")
ID = re.compile(r"[0-9a-f]{16}")


def handler_of_settings(stream):
    """The handler that the settings make, with its filter and its format, printing to a stream."""
    maker = DictConfigurator(deepcopy(configured.LOGGING))
    for kind, make in (("filters", maker.configure_filter), ("formatters", maker.configure_formatter)):
        for name, said in maker.config[kind].items():
            maker.config[kind][name] = make(said)
    return maker.configure_handler({**maker.config["handlers"]["console"], "stream": stream})


@pytest.fixture
def log():
    """Everything that would be printed by a portal that is live, of loggers of any level."""
    printed = io.StringIO()
    handler, root = handler_of_settings(printed), logging.getLogger()
    loggers, level = [root, logging.getLogger("gunicorn.error")], root.level
    root.setLevel(logging.INFO)
    for logger in loggers:
        logger.addHandler(handler)
    yield printed
    root.setLevel(level)
    for logger in loggers:
        logger.removeHandler(handler)


def test_every_handler_leaves_names_and_values_out():
    handlers, loggers = configured.LOGGING["handlers"], configured.LOGGING["loggers"]
    assert {name: (said["filters"], said["formatter"]) for name, said in handlers.items()} == {
        "console": (["without_names"], "line")
    }
    chosen = [configured.LOGGING["root"], *loggers.values()]
    assert {name for said in chosen for name in said.get("handlers", [])} == {"console"}


def lines(log, logger="sptrack.requests"):
    """What one logger wrote, as (level, request id, message)."""
    found = [LINE.match(line) for line in log.getvalue().splitlines()]
    return [(line[1], line[3], line[4]) for line in found if line and line[2] == logger]


def without_time(message):
    assert re.search(r" ms=\d+ ", message)
    return re.sub(r" ms=\d+ ", " ", message)


def broken(request):
    """A fault of ours, with somebody's name in a local value, in the text of the error and in that of its cause."""
    name = request.GET.get("name", "")
    try:
        int(name)
    except ValueError as error:
        raise RuntimeError(f"no number: {name}") from error


def stored_twice(request):
    with transaction.atomic():
        for _count in range(2):
            User.objects.create(username=request.GET["name"], role=Role.PARENT)


urlpatterns = [
    path("broken/", public(broken), name="broken"),
    path("stored-twice/", public(stored_twice), name="stored_twice"),
    path("", include("sptrack.urls")),
]


# --- One line a request ---------------------------------------------------------------------------------


def test_every_request_has_its_line(cast, sign_in, program, log):
    ana = sign_in(cast.ana.user)
    caller = program(cast.office)
    log.truncate(0)
    log.seek(0)
    ana.get("/students/", {"q": "Amina"})
    ana.post(address(cast.class_7a), page_posts([cast.amina, cast.bo]))
    ana.get(f"/report/{cast.cleo.student_id}/")
    ana.get("/no/such/page/")
    ana.get("/healthz/")
    b"".join(ana.get("/static/css/tokens.css"))
    caller.get("/api/students/")
    Client().get("/students/")
    Client().get("/accounts/login/", headers={"host": "evil.example"})
    Client().generic("BREW", "/students/")
    key = cast.ana.user.pk
    assert [without_time(message) for _level, _id, message in lines(log)] == [
        f"method=GET route=students:list status=200 user={key}",
        f"method=POST route=attendance:register status=302 user={key}",
        f"method=GET route=dashboard:report status=404 user={key}",
        f"method=GET route=- status=404 user={key}",
        "method=GET route=healthz status=200 user=-",
        "method=GET route=- status=200 user=-",
        f"method=GET route=api:students status=200 user={cast.office.pk}",
        "method=GET route=students:list status=302 user=-",
        "method=GET route=account_login status=400 user=-",
        "method=OTHER route=students:list status=302 user=-",
    ]
    assert {level for level, _id, _message in lines(log)} == {"INFO"}


def test_a_line_bears_the_id_of_the_answer_and_no_two_are_alike(cast, sign_in, log):
    ana = sign_in(cast.ana.user)
    given = [ana.get("/students/")["X-Request-ID"] for _count in range(3)]
    assert [request_id for _level, request_id, _message in lines(log)][-3:] == given
    assert (len(set(given)), [bool(ID.fullmatch(each)) for each in given]) == (3, [True] * 3)


def test_a_line_costs_no_statement(cast, sign_in, count_queries, settings):
    browser = Client()
    page = "sptrack.request_log.RequestLogMiddleware"
    with_line = count_queries(lambda: browser.get("/accounts/login/"))
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != page]
    assert len(settings.MIDDLEWARE) == len(configured.MIDDLEWARE)
    assert count_queries(lambda: Client().get("/accounts/login/")) == with_line


@pytest.mark.parametrize(
    ("proxies", "sent", "is_taken"),
    [
        (1, "0123abcd-EF_45", True),
        (0, "0123abcd-EF_45", False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, "two words", False),
        (1, "Amina\nrequest=forged", False),
        (1, "ünïcödé-ünïcödé", False),
        (1, "", False),
    ],
)
def test_an_id_of_outside_counts_only_as_a_short_token_of_a_proxy_that_is_trusted(proxies, sent, is_taken, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    answer = Client().get("/healthz/", headers={"x-request-id": sent})
    assert (answer["X-Request-ID"] == sent) is is_taken
    assert is_taken or ID.fullmatch(answer["X-Request-ID"])


# --- What the log does not hold -------------------------------------------------------------------------


def drive(cast, ana, caller, tmp_path):
    """A day with the name of somebody in every place where one can be typed."""
    office = Client(raise_request_exception=False)
    posted = page_posts([cast.amina, cast.bo], **{f"note-{cast.bo.student_id}": CANARY})
    return [
        ana.get("/students/", {"q": CANARY}).status_code,
        ana.get(f"/students/{CANARY}/").status_code,
        ana.get(f"/{CANARY}").status_code,
        ana.post(address(cast.class_7a), posted).status_code,
        ana.post("/students/new/", {"given_name": CANARY, "date_of_birth": CANARY}).status_code,
        caller.post("/api/students/", {"given_name": CANARY, "unknown": CANARY}).status_code,
        caller.call("POST", "/api/students/", f"{{{CANARY}").status_code,
        office.post("/accounts/login/", {"login": CANARY, "password": PASSWORD}).status_code,
        office.get("/accounts/login/", headers={"host": f"{CANARY}.example"}).status_code,
        Client(enforce_csrf_checks=True).post(f"/accounts/login/?{CANARY}", {"login": CANARY}).status_code,
        office.post("/accounts/login/", b"a=1&" * 6000, content_type="application/x-www-form-urlencoded").status_code,
        office.get("/broken/", {"name": CANARY}).status_code,
        office.get("/stored-twice/", {"name": CANARY}).status_code,
    ]


@override_settings(ROOT_URLCONF=__name__)
def test_the_log_of_a_day_with_faults_holds_no_name(cast, sign_in, program, log, tmp_path):
    ana, caller = sign_in(cast.ana.user), program(cast.office)
    statuses = drive(cast, ana, caller, tmp_path)
    assert statuses == [200, 404, 404, 302, 422, 400, 400, 200, 400, 403, 413, 500, 500]
    assert AttendanceRecord.objects.filter(note=CANARY).count() == 1
    with down(no_file(tmp_path)):
        assert Client(raise_request_exception=False).get("/students/", {"q": CANARY}).status_code == 503
    assert CANARY not in log.getvalue()
    logging.getLogger("students").warning("a mark of %s", CANARY)
    assert CANARY in log.getvalue()


@override_settings(ROOT_URLCONF=__name__)
def test_a_fault_is_logged_with_its_places_and_kinds(cast, log):
    answer = Client(raise_request_exception=False).get("/broken/", {"name": CANARY})
    [(level, request_id, message)] = lines(log, "django.request")
    assert (level, request_id) == ("ERROR", answer["X-Request-ID"])
    assert message == "method=GET route=broken status=500"
    told = log.getvalue()
    assert told.count("Traceback (most recent call last; values left out):") == 2
    assert f'File "{__file__}"' in told
    assert "in broken" in told
    assert told.index("builtins.ValueError\n") < told.index("which led to:") < told.index("builtins.RuntimeError\n")


def test_a_broken_constraint_is_named_without_the_values(cast, log):
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        User.objects.create(username="ana", role=Role.PARENT)
    assert "username" in str(raised.value)
    logging.getLogger("students").warning("two writers met", exc_info=raised.value)
    last = log.getvalue().splitlines()[-1]
    expected = {
        "sqlite": "django.db.utils.IntegrityError SQLITE_CONSTRAINT_UNIQUE",
        "postgresql": "django.db.utils.IntegrityError 23505 accounts_user_username_key",
    }
    assert last == expected[connection.vendor]


def test_a_database_that_is_down_has_one_line_a_request_without_a_traceback(cast, log, tmp_path):
    browser = Client(raise_request_exception=False)
    with down(no_file(tmp_path)):
        answers = [browser.get(path) for path in ("/accounts/login/", "/readyz/")]
    assert [(request_id, message) for _level, request_id, message in lines(log, "django.request")] == [
        (
            answers[0]["X-Request-ID"],
            "method=GET route=account_login status=503 django.db.utils.OperationalError SQLITE_CANTOPEN",
        ),
        (answers[1]["X-Request-ID"], "method=GET route=readyz status=503"),
    ]
    assert "Traceback" not in log.getvalue()


@pytest.mark.parametrize(
    ("said", "words", "left"),
    [
        ("Error handling request %s %s", ("GET", f"/students/?q={CANARY}"), "Error handling request"),
        (f"Invalid request from ip=192.0.2.7: Invalid HTTP request line: '{CANARY}'", (), "Invalid request"),
        ("Booting worker with pid: %s", (17,), "Booting worker with pid: 17"),
    ],
)
def test_what_gunicorn_says_of_a_request_holds_no_address(said, words, left, log):
    logging.getLogger("gunicorn.error").error(said, *words, exc_info=ValueError(CANARY))
    assert [message for _level, _id, message in lines(log, "gunicorn.error")] == [left]
    assert (CANARY in log.getvalue(), log.getvalue().endswith("builtins.ValueError\n")) == (False, True)


def test_no_error_is_mailed(settings, mailoutbox):
    settings.ADMINS = [("Head", "head@school.example")]
    for name in ("django", "django.request", "django.security"):
        logging.getLogger(name).error("a fault")
    assert mailoutbox == []
    kinds = {type(handler).__name__ for name in ("", "django", "django.request") for handler in handlers_of(name)}
    assert "AdminEmailHandler" not in kinds


def handlers_of(name):
    return logging.getLogger(name).handlers
