"""What is handed to whoever runs the portal is true: each setting, command, address and limit in it exists."""

from __future__ import annotations

import ast
import configparser
import pkgutil
import re

import django_tasks_db.management.commands
import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from django.urls import reverse
from gunicorn.config import Config

ROOT = settings.BASE_DIR
DEPLOY = sorted(file for file in (ROOT / "deploy").rglob("*") if file.is_file())
OPERATIONS = [ROOT / "docs" / "operations.md", ROOT / "README.md"]
HANDED_OUT = [ROOT / "Dockerfile", ROOT / "compose.yaml", *DEPLOY, *OPERATIONS]
UNITS = [file for file in DEPLOY if file.suffix in {".service", ".timer"}]
# Names that others read: PostgreSQL's image, Python, gunicorn, our own Makefile.
OF_OTHERS = {
    "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PATH",
    "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_NO_CACHE_DIR", "PORT", "REQUIRE_BROWSER", "WRITERS", "SECONDS", "ROUNDS",
    "STUDENTS", "BENCH_POSTGRES", "SHUFFLE", "EXAMPLES", "SEED", "AUDIT_TAMPERINGS",
}  # fmt: skip
ASSIGNED = re.compile(r"(?<![\w.$-])([A-Z][A-Z_]{2,})=")
COMMAND = re.compile(r"manage\.py ([a-z_]+)")


def named(file):
    return str(file.relative_to(ROOT))


def settings_read():
    """The names that settings.py asks the environment for."""
    tree = ast.parse((ROOT / "sptrack" / "settings.py").read_text())
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def commands_known():
    """Those of manage.py, with those that TASK_QUEUE=database adds."""
    return set(get_commands()) | {
        each.name for each in pkgutil.iter_modules(django_tasks_db.management.commands.__path__)
    }


def unit(file):
    """A unit of systemd by section; names in it may stand more than once, of which the last counts."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read_string(file.read_text())
    return parser


def option_of(kind, text):
    """The value of an option of nginx or Caddy in bytes."""
    number, letter = re.search(rf"{kind} (\d+)(m|MB)", text).groups()
    return int(number) * {"m": 1024**2, "MB": 1000**2}[letter]


def test_the_example_lists_every_setting_and_no_other():
    listed = re.findall(r"^#? ?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(settings_read())
    assert {"SECRET_KEY", "DATABASE_URL", "TRUSTED_PROXY_COUNT"} <= settings_read()


@pytest.mark.parametrize("file", HANDED_OUT, ids=named)
def test_every_setting_that_is_named_is_read(file):
    found = set(ASSIGNED.findall(file.read_text()))
    assert found - settings_read() - OF_OTHERS == set()


def test_such_a_name_is_seen():
    assert ASSIGNED.findall("DEBUG=0 FOO_BAR=1\n  BAZ=x $QUX=y a.QUUX=z") == ["DEBUG", "FOO_BAR", "BAZ"]


@pytest.mark.parametrize("file", HANDED_OUT, ids=named)
def test_every_command_that_is_named_exists(file):
    assert set(COMMAND.findall(file.read_text())) - commands_known() == set()


def test_the_documents_name_the_commands_of_a_year():
    words = OPERATIONS[0].read_text()
    expected = {"migrate", "createcachetable", "collectstatic", "check", "send_digests", "db_worker", "recount"}
    assert expected <= set(COMMAND.findall(words))


# --- systemd --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", [file for file in UNITS if file.suffix == ".service"], ids=named)
def test_a_service_runs_as_nobody_special_from_the_folder_of_the_docs(file):
    service = unit(file)["Service"]
    assert (service["User"], service["WorkingDirectory"]) == ("sptrack", "/srv/sptrack")
    assert (service["EnvironmentFile"], service["NoNewPrivileges"]) == ("/etc/sptrack/portal.env", "true")
    assert service["ExecStart"].startswith("/srv/sptrack/.venv/bin/")


@pytest.mark.parametrize("file", [file for file in UNITS if file.suffix == ".timer"], ids=named)
def test_a_timer_runs_a_command_that_exists(file):
    timer = unit(file)["Timer"]
    command = re.fullmatch(r"sptrack@([a-z_]+)\.timer", file.name)[1]
    assert (timer["Unit"], command in commands_known()) == (f"sptrack@{command}.service", True)
    assert (file.parent / "sptrack@.service").is_file()


def test_the_worker_is_there_and_the_mails_have_a_timer():
    assert {file.name for file in UNITS} >= {
        "sptrack-web.service", "sptrack-worker.service", "sptrack@.service", "sptrack@send_digests.timer",
    }  # fmt: skip
    [worker] = [file for file in UNITS if file.name == "sptrack-worker.service"]
    assert unit(worker)["Service"]["ExecStart"].endswith("manage.py db_worker")


# --- Containers -----------------------------------------------------------------------------------------


def steps():
    """The instructions of the Dockerfile as (word, rest), lines that go on joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(" ", 1)) for line in text.splitlines() if line.strip()]


def test_the_image_is_built_from_the_lock_and_runs_as_nobody_special():
    words = [word for word, _rest in steps()]
    by_word = dict(steps())
    assert words.index("USER") < words.index("CMD")
    assert by_word["USER"] == "sptrack"
    assert any("--require-hashes" in rest and "requirements.lock" in rest for _word, rest in steps())
    assert any("manage.py collectstatic" in rest for _word, rest in steps())
    assert f"http://127.0.0.1:8000{reverse('healthz')}" in by_word["HEALTHCHECK"]
    assert "--no-control-socket" in by_word["CMD"]


def test_nothing_secret_goes_into_the_image_and_nothing_needed_stays_out():
    left_out = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".git", ".env", "*.env", "var", "**/tests"} <= set(left_out)
    code = [
        file for app in settings.INSTALLED_APPS if (ROOT / app).is_dir() for file in (ROOT / app).rglob("*.py")
        if "tests" not in file.relative_to(ROOT).parts
    ] + list((ROOT / "sptrack").rglob("*.py"))  # fmt: skip
    assert len(code) > 100
    of_tests = re.compile(r"^\s*(from|import) (tests\b|\w+\.tests\b)", re.MULTILINE)
    assert of_tests.search("from accounts.tests.factories import x")
    assert [named(file) for file in code if of_tests.search(file.read_text())] == []


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


def test_compose_starts_the_portal_after_its_tables(services):
    assert set(services) == {"database", "migrate", "web", "worker"}
    for name in ("web", "worker"):
        waits = {other: how["condition"] for other, how in services[name]["depends_on"].items()}
        assert waits == {"database": "service_healthy", "migrate": "service_completed_successfully"}
        assert services[name]["environment"] == {"TASK_QUEUE": "database"}
    assert services["worker"]["command"] == "python manage.py db_worker"
    assert services["database"]["volumes"] == ["database:/var/lib/postgresql/data"]


def test_compose_takes_its_secrets_from_a_file_and_opens_no_port_to_the_world(services):
    assert {services[name]["env_file"] for name in services} == {"portal.env"}
    assert [port for name in services for port in services[name].get("ports", [])] == ["127.0.0.1:8000:8000"]
    example = (ROOT / "deploy" / "compose" / "portal.env.example").read_text()
    assert {"SECRET_KEY", "DATABASE_URL", "POSTGRES_PASSWORD", "TRUSTED_PROXY_COUNT"} <= set(ASSIGNED.findall(example))
    assert re.search(r"^SECRET_KEY=$", example, re.MULTILINE)
    assert "portal.env" in (ROOT / ".gitignore").read_text().splitlines()


# --- Servers before and behind --------------------------------------------------------------------------


def test_gunicorn_knows_every_option_of_its_file():
    said: dict[str, object] = {}
    exec((ROOT / "gunicorn.conf.py").read_text(), said)  # noqa: S102
    chosen = {name: value for name, value in said.items() if not name.startswith("__")}
    config = Config()
    for name, value in chosen.items():
        config.set(name, value)
    assert (config.accesslog, config.control_socket_disable) == (None, True)
    assert (config.forwarded_allow_ips, config.secure_scheme_headers) == ([], {})


def test_nobody_turns_the_access_log_on():
    for file in [*HANDED_OUT, ROOT / "Makefile"]:
        assert (named(file), re.findall(r"--access-?log\S*|accesslog = (?!None)", file.read_text())) == (
            named(file),
            [],
        )


@pytest.mark.parametrize(
    ("file", "option"), [("nginx/sptrack.conf", "client_max_body_size"), ("caddy/Caddyfile", "max_size")]
)
def test_a_proxy_lets_through_what_the_portal_takes_and_little_more(file, option):
    most = option_of(option, (ROOT / "deploy" / file).read_text())
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE <= most < 2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def test_nginx_overwrites_what_a_browser_says_of_itself():
    said = dict(re.findall(r"proxy_set_header (\S+) (.+);", (ROOT / "deploy" / "nginx" / "sptrack.conf").read_text()))
    assert said == {
        "Host": "$host",
        "X-Forwarded-For": "$remote_addr",
        "X-Forwarded-Proto": "$scheme",
        "X-Forwarded-Host": '""',
        "Forwarded": '""',
        "X-Request-ID": "$request_id",
    }
