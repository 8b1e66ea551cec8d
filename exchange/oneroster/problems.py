"""What is wrong with a bundle, in the words that the operator reads."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from exchange.oneroster.rows import Row
from exchange.oneroster.schema import GRADEBOOK, MANIFEST, TABLES

LONGEST_FOUND = 60


class UnreadableBundleError(Exception):
    """The file is no bundle that can be opened; the message is one line for the operator."""


class RefusedBundleError(Exception):
    """The bundle breaks rules. `problems` holds every breach, in the order of files and rows."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True)
class Problem:
    """One breach. `row` counts as a spreadsheet does, the header being row 1; None for the file as a whole.

    `key` is the sourcedId of a row that can be left out of the import by itself; None for any other breach.
    """

    file: str
    row: int | None
    column: str | None
    found: str
    expected: str
    key: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}.csv"
        if self.row:
            place += ", " + _("row %(number)s") % {"number": self.row}
        if self.key:
            place += f" ({shown(self.key)})"
        if self.column:
            place += f", {self.column}"
        words = {"place": place, "found": self.found, "expected": self.expected}
        return _("%(place)s: found %(found)s, expected %(expected)s") % words


def quoted(value: str) -> str:
    """A value for the terminal: shortened, control characters shown as escapes, nothing named as such."""
    return f"“{shown(value)}”" if value else _("nothing")


def shown(value: str) -> str:
    """The same without quotation marks."""
    printable = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in value[:LONGEST_FOUND])
    return f"{printable}…" if len(value) > LONGEST_FOUND else printable


class Problems:
    """Collects breaches. A row with one is no longer `sound`, so that later rules do not report its echoes."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def add(self, row: Row, column: str, expected: str, found: str | None = None) -> None:
        """A breach in one cell; `found` is the cell's value unless told."""
        self._add(row, column, quoted(row.get(column)) if found is None else found, expected)

    def add_row(self, row: Row, found: str, expected: str) -> None:
        """A breach of a row as a whole."""
        self._add(row, None, found, expected)

    def _add(self, row: Row, column: str | None, found: str, expected: str) -> None:
        row.sound = False
        key = row.key if row.file in GRADEBOOK else None
        self._problems.append(Problem(row.file, row.number, column, found, expected, key))

    def add_file(self, file: str, found: str, expected: str, row: int | None = None) -> None:
        """A breach that makes a file unreadable."""
        self._problems.append(Problem(file, row, None, found, expected))

    def raise_any(self, *, skip_invalid: bool = False) -> None:
        """Raises RefusedBundleError where anything was collected that cannot be, or is not to be, left out."""
        if any(not (skip_invalid and one.key is not None) for one in self._problems):
            raise RefusedBundleError(self.in_order())

    def in_order(self) -> list[Problem]:
        """What was collected, in the order of files and rows."""
        order = {MANIFEST: -1, **{name: position for position, name in enumerate(TABLES)}}
        return sorted(self._problems, key=lambda one: (order.get(one.file, 99), one.row or 0))
