"""What the log may hold: where something happened and of what kind it was, never what was typed or stored.

The text of an exception quotes values (“Key (username)=(…) already exists”), so a traceback ends with its kind alone.
"""

from __future__ import annotations

import logging
import traceback
from typing import Any

from django.http import HttpRequest

from sptrack.request_log import method_of, request_id, route_of

FAULT = 500  # whose place in our code is worth knowing
# What gunicorn says of a request that it could not read or finish holds the address, or the line that was sent.
QUOTING = ("Error handling request", "Invalid request", "Error parsing request")


class WithoutNames(logging.Filter):
    """Takes addresses out of the lines of Django and gunicorn, and adds the id of the request to every line."""

    def filter(self, record: logging.LogRecord) -> bool:
        if "request_id" in record.__dict__:
            return True  # by another handler
        bearer = request_id.get()
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            # Django writes the line of an answer once all middleware is through with it.
            bearer = getattr(request, "request_id", bearer)
            status = getattr(record, "status_code", "")
            record.msg = "method=%s route=%s status=%s"
            record.args = (method_of(request), route_of(request), status)
            if status != FAULT and record.exc_info:
                # Of what a browser sent, and of a database that is down, the kind says enough.
                record.msg, record.args = f"{record.msg} %s", (*record.args, kind_of(record.exc_info[1]))
                record.exc_info = None
        elif record.name == "gunicorn.error":
            said = next((words for words in QUOTING if str(record.msg).startswith(words)), None)
            record.msg, record.args = (said, ()) if said else (record.msg, record.args)
        record.__dict__["request_id"] = bearer
        return True


class WithoutValues(logging.Formatter):
    """Tracebacks with files, lines and kinds of errors, without their texts; Python prints no local values."""

    def formatException(self, ei: Any) -> str:  # noqa: N802  (the name is logging's)
        return "\n".join(lines_of(ei[1]))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        return stack_info


def lines_of(error: BaseException | None) -> list[str]:
    """A traceback, that of the cause first."""
    if error is None:
        return []
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = lines_of(before)
    if before is not None:
        lines.append("\nwhich led to:\n")
    lines.append("Traceback (most recent call last; values left out):")
    lines += [line.rstrip("\n") for line in traceback.format_tb(error.__traceback__)]
    return [*lines, kind_of(error)]


def kind_of(error: BaseException | None) -> str:
    """The kind of an error; of one of the database also its code and the constraint that was broken."""
    kind = type(error)
    words = [f"{kind.__module__}.{kind.__qualname__}"]
    cause = getattr(error, "__cause__", None)
    for source in (error, cause):
        words += [
            str(getattr(source, name)) for name in ("sqlstate", "sqlite_errorname") if getattr(source, name, None)
        ]
        constraint = getattr(getattr(source, "diag", None), "constraint_name", None)
        words += [constraint] if constraint else []
    return " ".join(words)
