"""The settings of a portal that is live, read in a process of its own, since the suite runs with others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from django.conf import settings

WITH_HTTPS = (
    "SECURE_SSL_REDIRECT", "SECURE_PROXY_SSL_HEADER", "SECURE_REDIRECT_EXEMPT", "SECURE_HSTS_SECONDS",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_SECURE", "CSRF_COOKIE_NAME", "ALLAUTH_TRUSTED_PROXY_COUNT",
)  # fmt: skip
READ_BACK = (*WITH_HTTPS, "HTTPS", "PORTAL_URL", "ALLOWED_HOSTS", "DATABASES")
READ = """
import json, sys
from sptrack import settings
print(json.dumps({name: value for name, value in vars(settings).items() if name in sys.argv[1:]}))
"""


def live_settings(**environment: str | None) -> dict[str, Any]:
    """What the settings are where HTTPS is on and nothing else is set but `environment`; None takes a name away."""
    said = {"PATH": os.environ["PATH"], "SECRET_KEY": "a-key-of-this-test", "HTTPS": "1", **environment}
    finished = subprocess.run(
        [sys.executable, "-c", READ, *READ_BACK],
        cwd=settings.BASE_DIR,
        env={name: value for name, value in said.items() if value is not None},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(finished.stdout)
    return found


def go_live(fixture: Any, **environment: str) -> None:
    """Put what HTTPS and the proxies decide into pytest-django's `settings`."""
    found = live_settings(**environment)
    for name in WITH_HTTPS:
        setattr(fixture, name, found[name])
