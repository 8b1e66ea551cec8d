"""Lists as CSV that a spreadsheet opens without harm."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

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

    None becomes an empty cell; numbers stay numbers.
    """
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return "'" + value
    return value


class _Line:
    """A file-like whose write returns the line, so that csv.writer can be streamed."""

    def write(self, line: str) -> str:
        return line


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
