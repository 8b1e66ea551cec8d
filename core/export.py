"""Lists as files, CSV or XLSX, that a spreadsheet opens without harm."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from core.lists import query_with
from core.spreadsheet import CONTENT_TYPE, MOST_ROWS, TooManyRows, write_workbook

# OWASP, CSV Injection: a cell that starts with one of these is run as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# What a name of a file may not hold: parts of a path, what Windows forbids, control characters, and the marks that turn
# the direction of writing, by which “exe.fdp” is read as “pdf.exe”.
NOT_IN_A_NAME = re.compile(
    r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|%\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+'
)
LONGEST_NAME, LONGEST_ENDING = 100, 10  # letters


def as_download(filename: str) -> dict[str, str]:
    """The header that makes an answer a file to keep, under a name that is safe on any system."""
    return {"Content-Disposition": str(content_disposition_header(True, safe_name(filename)))}


def safe_name(filename: str) -> str:
    """The name without what it may not hold, its ending kept; “file” where nothing else is left."""
    clean = PurePosixPath(NOT_IN_A_NAME.sub("-", filename))
    ending = clean.suffix.strip("- ")
    stem = clean.stem.strip("-. ")[:LONGEST_NAME].rstrip("-. ") or "file"
    return stem + (ending if len(ending) <= LONGEST_ENDING else "")


def disarm(value: object) -> object:
    """The value for a CSV cell: text that a spreadsheet would run as a formula gets a leading quote.

    None becomes an empty cell; numbers stay numbers; times are written as ISO 8601 has them.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return "'" + value
    return value


class _Line:
    """A file-like whose write returns the line, so that csv.writer can be streamed."""

    def write(self, line: str) -> str:
        return line


def asks_for_file(request: HttpRequest) -> bool:
    """Whether a list is wanted as a file."""
    return request.GET.get("format") in {"csv", "xlsx"}


def file_response(
    request: HttpRequest, name: str, header: Sequence[object], rows: Iterable[Sequence[object]]
) -> HttpResponseBase:
    """The list as the file that is asked for, without the ending in its name."""
    if request.GET["format"] == "csv":
        return csv_response(f"{name}.csv", header, rows)
    try:
        content = write_workbook(header, rows)
    except TooManyRows:
        refused = _("An Excel file is made of at most %(most)d rows. Narrow the list by its filters, or take the CSV.")
        messages.error(request, refused % {"most": MOST_ROWS})
        return redirect(f"{request.path}{query_with(request.GET, format=None)}")
    return HttpResponse(content, content_type=CONTENT_TYPE, headers=as_download(f"{name}.xlsx"))


def csv_response(filename: str, header: Sequence[object], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A streamed download: UTF-8 with a byte-order mark (Excel guesses wrong without), CRLF, RFC 4180."""
    writer = csv.writer(_Line())

    def lines() -> Iterator[str]:
        yield "\ufeff"
        yield writer.writerow([disarm(cell) for cell in header])
        for row in rows:
            yield writer.writerow([disarm(cell) for cell in row])

    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers=as_download(filename),
    )
