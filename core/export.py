"""Lists as CSV that a spreadsheet opens without harm."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

# OWASP, CSV Injection: a cell that starts with one of these is run as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


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
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
