"""Programs that call the API: they send JSON with a token and read JSON."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from accounts.tokens import create_token


class Program:
    """Calls the API with one token, or without any."""

    def __init__(self, secret: str = "") -> None:
        self.secret = secret
        self.client = Client(raise_request_exception=False)

    def call(self, verb: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """Send a request; a body that is bytes or text goes as it is. Headers are named as in META, HTTP_IF_MATCH."""
        if self.secret:
            headers.setdefault("HTTP_AUTHORIZATION", f"Bearer {self.secret}")
        sent = body if isinstance(body, bytes | str) else b"" if body is None else json.dumps(body).encode()
        kind = headers.pop("CONTENT_TYPE", "application/json")
        return self.client.generic(verb.upper(), path, sent, content_type=kind, **headers)

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> HttpResponse:
        return self.client.get(path, query, **({"HTTP_AUTHORIZATION": f"Bearer {self.secret}"} | headers))

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.call("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self.call("DELETE", path, **headers)


def program_of(user: User, *, valid_for: timedelta = timedelta(days=30)) -> Program:
    """A program with a new token of this user."""
    _token, secret = create_token(by=user, name="timetable", valid_for=valid_for)
    return Program(secret)
