"""A client that is as thin as can be: one connection a request, since sync workers close them, and cookies."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode

CSRF_SECRET = "a" * 32
HEADER = re.compile(r"^([^:\r\n]+):[ \t]*(.*?)\r?$", re.MULTILINE)
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
INPUT = re.compile(r"<input\b([^>]*)>")
ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')


@dataclass(frozen=True)
class Answer:
    """What came back. `seconds` runs from the connection to the last byte."""

    status: int
    location: str
    body: str
    seconds: float = 0.0
    size: int = 0


@dataclass
class Browser:
    """Somebody's browser; `session` is the key of a session that stands in the database."""

    host: str
    port: int
    session: str = ""
    timeout: float = 60
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cookies |= {"csrftoken": CSRF_SECRET} | ({"sessionid": self.session} if self.session else {})

    def open(self, path: str) -> Answer:
        return self.ask("GET", path)

    def send(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Post a form."""
        return self.ask("POST", path, urlencode({**fields, "csrfmiddlewaretoken": CSRF_SECRET}).encode())

    def send_json(self, path: str, item: Any) -> Answer:
        """Post what a program would."""
        return self.ask("POST", path, json.dumps(item).encode(), f"application/json\r\nX-CSRFToken: {CSRF_SECRET}")

    def ask(self, verb: str, path: str, body: bytes = b"", kind: str = "application/x-www-form-urlencoded") -> Answer:
        """One request. Raises OSError where the connection breaks or stays silent."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [f"{verb} {path} HTTP/1.1", f"Host: {self.host}:{self.port}", f"Cookie: {cookies}", "Connection: close"]
        if body:
            lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        request = "\r\n".join([*lines, "", ""]).encode() + body
        begun = time.perf_counter()
        with socket.create_connection((self.host, self.port), self.timeout) as connection:
            connection.sendall(request)
            parts = []
            while part := connection.recv(262_144):
                parts.append(part)
        return self.read(b"".join(parts), time.perf_counter() - begun)

    def read(self, answer: bytes, seconds: float) -> Answer:
        """Take an answer apart and keep its cookies. Raises ConnectionError where it broke off."""
        head, found, body = answer.partition(b"\r\n\r\n")
        if not found:
            raise ConnectionError("the answer broke off")
        first, _, rest = head.decode("latin-1").partition("\r\n")
        location = ""
        length = len(body)
        for name, value in HEADER.findall(rest):
            match name.lower():
                case "location":
                    location = value
                case "content-length":
                    length = int(value)
                case "set-cookie":
                    cookie, _, content = value.partition(";")[0].partition("=")
                    self.cookies[cookie] = content
        if length != len(body):
            raise ConnectionError("the answer broke off")
        return Answer(int(first.split(" ", 2)[1]), location, body.decode(), seconds, len(body))


def fields_with(html: str, prefix: str) -> dict[str, str]:
    """What a browser would send of the first form that has a field whose name begins so, buttons aside."""
    form = next((form for form in FORM.findall(html) if f'name="{prefix}' in form), "")
    found = {}
    for tag in INPUT.findall(form):
        attributes = dict(ATTRIBUTE.findall(tag))
        if attributes.get("type") in {"radio", "checkbox"} and "checked" not in attributes:
            continue
        if "name" in attributes:
            found[attributes["name"]] = unescape(attributes.get("value", "on"))
    found.pop("csrfmiddlewaretoken", None)
    return found
