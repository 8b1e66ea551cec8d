"""A query that every request asks with other values: Django writes its SQL once a process instead of each time.

Writing a query of the ORM takes 1 to 2 ms, which is five to ten times what the database takes to answer it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import BooleanField, Expression, F, Field, Func, Model, QuerySet
from django.db.models.query import get_related_populators

ModelT = TypeVar("ModelT", bound=Model)


class Given(Expression):
    """Stands in a query for a value that is handed in by this name; it travels as a parameter, never within the SQL."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:  # noqa: ARG002
        return "%s", [self]

    def parameter(self, value: Any) -> Any:
        """The value as the database takes it."""
        return self.output_field.get_db_prep_value(value, connection)


class WholeNumbers(Field[Any, Any]):
    """Any number of whole numbers as one value, for `OneOf`."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: ARG002
        numbers = list(value)
        return numbers if connection.vendor == "postgresql" else json.dumps(numbers)


class OneOf(Func):
    """Whether a column is one of the whole numbers handed in by this name: `__in` would write each into the SQL."""

    output_field = BooleanField()
    conditional = True
    template = "%(expressions)s"

    def __init__(self, column: str, name: str, **extra: Any) -> None:
        super().__init__(F(column), Given(name, WholeNumbers()), **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **_extra: Any) -> Any:
        sql, params = self.as_sql(compiler, connection, arg_joiner=" IN (SELECT value FROM json_each(")
        return f"{sql}))", params

    def as_postgresql(self, compiler: Any, connection: Any, **_extra: Any) -> Any:
        sql, params = self.as_sql(compiler, connection, arg_joiner=" = ANY(")
        return f"{sql}::bigint[])", params


@dataclass(frozen=True)
class Written:
    """A query in SQL.

    parameters: in order, some of them `Given`; columns: those of a row, as expressions. select, models: the same as
    Django notes them to make instances of.
    """

    query: Any
    sql: str
    parameters: tuple[Any, ...]
    select: list[Any]
    columns: list[Any]
    models: Any


class Prepared(Generic[ModelT]):
    """A query with `Given` where its values go. `build` gives it, once: no annotations but of columns, no prefetching.

    Only for a query that is always the same but for these values: none that asks who asks, or what day is today.
    """

    def __init__(self, build: Callable[[], QuerySet[ModelT, Any]]) -> None:
        self.build = build

    @cached_property
    def written(self) -> Written:
        query = self.build().query
        compiler: Any = query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        columns = [column for column, *_names in compiler.select[: compiler.col_count]]
        return Written(query, sql, tuple(parameters), compiler.select, columns, compiler.klass_info)

    def rows(self, **given: Any) -> list[Any]:
        """The rows for these values, in one statement; each a sequence of its columns."""
        written = self.written
        values = [each.parameter(given[each.name]) if isinstance(each, Given) else each for each in written.parameters]
        with connection.cursor() as cursor:
            cursor.execute(written.sql, values)
            rows = cursor.fetchall()
        compiler = written.query.get_compiler(connection=connection)
        converters = compiler.get_converters(written.columns)
        return list(compiler.apply_converters(rows, converters)) if converters else rows

    def objects(self, **given: Any) -> list[ModelT]:
        """The rows as instances, with what select_related names, in one statement."""
        written = self.written
        model, places = written.models["model"], written.models["select_fields"]
        names = [written.columns[place].target.attname for place in places]
        populators: Any = get_related_populators  # its annotations are those of a later Django
        related = populators(written.models, written.select, connection.alias)
        found = []
        for row in self.rows(**given):
            instance = model.from_db(connection.alias, names, row[places[0] : places[-1] + 1])
            for populator in related:
                populator.populate(row, instance)
            found.append(instance)
        return found
