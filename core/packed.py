"""Many rows of a result as one: the database joins their columns to a text, which is taken apart faster than rows."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Aggregate, Func, TextField


class Packed(Aggregate):
    """The columns of all rows of a group as one text, a space between any two; `unpack` takes it apart.

    For whole numbers, their digits and days as `IsoDay`, none of them null. The rows come in no order.
    """

    name = "Packed"
    arity = None
    output_field = TextField()

    def as_sql(self, compiler: Any, connection: Any, *_args: Any, **_extra: Any) -> Any:  # noqa: ARG002
        columns, params = self.compiled(compiler)
        row = " || ' ' || ".join(columns)
        return f"GROUP_CONCAT({row}, ' ')", params

    def as_postgresql(self, compiler: Any, _connection: Any, **_extra: Any) -> Any:
        columns, params = self.compiled(compiler)
        row = " || ' ' || ".join(f"{column}::text" for column in columns)  # half the time of CONCAT_WS
        return f"STRING_AGG({row}, ' ')", params

    def compiled(self, compiler: Any) -> tuple[list[str], tuple[Any, ...]]:
        """The SQL of each column, and the parameters of all."""
        both = [compiler.compile(each) for each in self.get_source_expressions() if each is not None]
        return [f"({sql})" for sql, _params in both], tuple(value for _sql, params in both for value in params)


class IsoDay(Func):
    """A day as a text such as 2026-03-31: so SQLite stores it, but of a plain column its driver would make a day."""

    arity = 1
    output_field = TextField()
    template = "(%(expressions)s || '')"

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s)::text", **extra)


def unpack(text: str, number: int) -> list[list[str]]:
    """The `number` columns of a packed text, each in the order of the rows."""
    values = text.split()
    return [values[place::number] for place in range(number)]


def whole(texts: list[str]) -> list[int]:
    """A column of whole numbers."""
    return list(map(int, texts))


@lru_cache(maxsize=4096)
def day_of(text: str) -> date:
    """A day of a column of `IsoDay`; the days of a school year stand in it many times."""
    return date.fromisoformat(text)
