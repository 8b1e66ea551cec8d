"""Lists as XLSX: dates are dates, numbers are numbers, and no text is run as a formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 100_000  # of one file: some 15 seconds, half of what a worker is given for a request
LONGEST_CELL = 32_767  # characters, of the format


class TooManyRows(Exception):
    """A list is longer than MOST_ROWS."""


def write_workbook(header: Sequence[object], rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook of one sheet. Raises TooManyRows, which also keeps it to some 10 MB."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("SPTrack")
    sheet.freeze_panes = "A2"
    sheet.append(list(cells(sheet, header)))
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS:
            sheet.close()
            sheet._writer.cleanup()  # its temporary file, which else stays until the process ends
            raise TooManyRows
        sheet.append(list(cells(sheet, row)))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def cells(sheet: Any, row: Sequence[object]) -> Iterator[Any]:
    for value in row:
        cell = WriteOnlyCell(sheet, value=stored(value))
        if isinstance(cell.value, str):
            cell.data_type = "s"  # else a text that starts with = is a formula, and #N/A an error
        yield cell


def stored(value: object) -> object:
    """The value as the format can hold it: times of the school without a zone, no control characters."""
    if isinstance(value, datetime):
        return timezone.make_naive(value) if timezone.is_aware(value) else value
    if isinstance(value, (str, Promise)):
        return ILLEGAL_CHARACTERS_RE.sub("", str(value))[:LONGEST_CELL]
    return value
