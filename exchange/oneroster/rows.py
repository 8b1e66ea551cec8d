"""One row of a bundle's file, with the place at which the operator finds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


def listed(cell: str) -> list[str]:
    """The values of a list cell, in order, each once."""
    values = (value.strip() for value in cell.split(","))
    return list(dict.fromkeys(value for value in values if value))


def one_line(cell: str) -> str:
    """Text without its line breaks: the portal keeps a note on one line."""
    return " ".join(cell.split())


@dataclass(slots=True)
class Row:
    """The cells of a row by column name, stripped. A column that the file does not have is not in `cells`.

    The typed readers answer for cells that kept their rule; ask only rows that are still sound.
    """

    file: str
    number: int
    cells: dict[str, str]
    sound: bool = True

    @property
    def key(self) -> str:
        """The sourcedId."""
        return self.get("sourcedId")

    def has(self, column: str) -> bool:
        """Whether the file has this column at all: an empty cell says "nothing", a missing column says no word."""
        return column in self.cells

    def get(self, column: str) -> str:
        return self.cells.get(column, "")

    def day(self, column: str) -> date | None:
        return date.fromisoformat(self.get(column)) if self.get(column) else None

    def points(self, column: str) -> Decimal | None:
        return Decimal(self.get(column)) if self.get(column) else None

    def flag(self, column: str) -> bool:
        return self.get(column) == "true"

    def several(self, column: str) -> list[str]:
        return listed(self.get(column))
