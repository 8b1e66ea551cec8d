"""Each cell by the rule of its column: required, format, length, words; each sourcedId once; references resolve."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from django.utils.translation import gettext as _

from assessments.fields import DIGITS, MOST_POINTS, PLACES
from exchange.oneroster.problems import Problems
from exchange.oneroster.reading import Bundle
from exchange.oneroster.rows import Row, listed, one_line
from exchange.oneroster.schema import SCHEMA, Column, Format

EXTENSION = re.compile(r"ext:[A-Za-z0-9._-]+")
# Of digits, Python's own parsers also take those of other scripts; the specification does not.
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
YEAR = re.compile(r"[0-9]{4}")
NUMBER = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]+)(\.(?P<decimals>[0-9]+))?")
FIRST_YEAR, LAST_YEAR = 1900, 2100


def check_cells(bundle: Bundle, problems: Problems) -> None:
    """Checks every cell of every sound row. Rows with a problem are sound no longer."""
    ids = {name: {row.key for row in rows} for name, rows in bundle.tables.items()}
    for name, rows in bundle.tables.items():
        _check_keys(rows, problems)
        columns = SCHEMA[bundle.version][name].columns
        for row in [row for row in rows if row.sound]:
            for column in columns:
                if reason := _fault(row.get(column.name), column, ids):
                    problems.add(row, column.name, reason)


def _check_keys(rows: list[Row], problems: Problems) -> None:
    first: dict[str, Row] = {}
    for row in rows:
        if row.key and first.setdefault(row.key, row) is not row:
            expected = _("an id that no other row has; row %(number)s has it") % {"number": first[row.key].number}
            problems.add(row, "sourcedId", expected)


def _fault(value: str, column: Column, ids: dict[str, set[str]]) -> str | None:
    """What is expected instead of a value; None for one that keeps the rule."""
    if not value:
        return _("a value") if column.required and not column.may_be_empty else None
    if column.format is Format.PROSE:
        value = one_line(value)
    if any(unicodedata.category(sign) == "Cc" for sign in value):
        return _("text without control characters or line breaks")
    if column.longest and len(value) > column.longest:
        return _("at most %(most)s characters, not %(number)s") % {"most": column.longest, "number": len(value)}
    if column.format in {Format.REFERENCE, Format.REFERENCES}:
        return _reference_fault(value, column, ids)
    return _format_fault(value, column)


def _format_fault(value: str, column: Column) -> str | None:
    if column.format is Format.DATE and not _is_date(value):
        return _("a date as YYYY-MM-DD, from %(first)s to %(last)s") % {"first": FIRST_YEAR, "last": LAST_YEAR}
    if column.format is Format.BOOLEAN and value not in {"true", "false"}:
        return _("true or false")
    if column.format is Format.YEAR and not _is_year(value):
        return _("a year as YYYY, from %(first)s to %(last)s") % {"first": FIRST_YEAR, "last": LAST_YEAR}
    if column.format is Format.NUMBER:
        return _number_fault(value)
    if column.format is Format.WORD and not _is_word(value, column):
        words = ", ".join(column.words)
        own = _(", or a word of your own as ext:word") if column.extensible else ""
        return (_("one of %(words)s") if len(column.words) > 1 else _("%(words)s or nothing")) % {"words": words} + own
    return None


def _number_fault(value: str) -> str | None:
    """Read as text: Python's numbers also take NaN, 1e3, 1_0 and digits of other scripts, and round a long fraction."""
    if not (parts := NUMBER.fullmatch(value)):
        return _("a number in digits, such as 17 or 17.5")
    whole, decimals = parts["whole"].lstrip("0"), (parts["decimals"] or "").rstrip("0")
    if parts["sign"] and (whole or decimals):
        return _("0 or more")
    if len(decimals) > PLACES:
        return _("at most two decimals, since nothing is rounded")
    return _("at most %(most)s") % {"most": MOST_POINTS} if len(whole) > DIGITS - PLACES else None


def _is_year(value: str) -> bool:
    return bool(YEAR.fullmatch(value)) and FIRST_YEAR <= int(value) <= LAST_YEAR


def _is_date(value: str) -> bool:
    if not DATE.fullmatch(value) or not _is_year(value[:4]):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_word(value: str, column: Column) -> bool:
    return value in column.words or (column.extensible and bool(EXTENSION.fullmatch(value)))


def _reference_fault(value: str, column: Column, ids: dict[str, set[str]]) -> str | None:
    """A file that could not be read is no reason to call every reference to it broken."""
    if column.refers_to not in ids:
        return None
    named = listed(value) if column.format is Format.REFERENCES else [value]
    missing = [one for one in named if one not in ids[column.refers_to]]
    if not named or missing:
        return _("ids of rows of %(file)s.csv; %(missing)s is not there") % {
            "file": column.refers_to,
            "missing": ", ".join(missing) or _("one"),
        }
    return None
