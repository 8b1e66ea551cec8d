"""From the bytes of a zip to rows: the manifest, the encoding, the CSV and its headers."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.oneroster.archive import read_archive
from exchange.oneroster.problems import Problems, quoted
from exchange.oneroster.rows import Row
from exchange.oneroster.schema import MANIFEST, MODES, SCHEMA, TABLES, VERSIONS, Column, Table

MANIFEST_COLUMNS = (Column("propertyName", required=True), Column("value"))


@dataclass
class Bundle:
    """What was read: the rows by file name, and the names of the files that nothing reads yet."""

    version: str
    tables: dict[str, list[Row]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def rows(self, name: str) -> list[Row]:
        return self.tables.get(name, [])


def read_bundle(path: Path, problems: Problems) -> Bundle:
    """Opens a zip and gives the rows of every file that the manifest calls bulk.

    A file that cannot be read is missing from `tables`. Raises UnreadableBundleError for a zip that cannot be opened,
    RefusedBundleError for a manifest that cannot be followed.
    """
    names, members = read_archive(path, {f"{name}.csv" for name in (MANIFEST, *TABLES)})
    manifest = _read_manifest(members[f"{MANIFEST}.csv"], problems)
    version = manifest["oneroster.version"].get("value")
    bundle = Bundle(version)
    for name, table in SCHEMA[version].items():
        if _is_expected(table, manifest, members, problems):
            rows = read_table(name, members[f"{name}.csv"], table.columns, problems)
            if rows is not None:
                bundle.tables[name] = rows
    known = {f"{name}.csv" for name in (MANIFEST, *SCHEMA[version])}
    bundle.left_out = sorted(set(names) - known)
    return bundle


def _read_manifest(content: bytes, problems: Problems) -> dict[str, Row]:
    """The properties by name, with a version that is known. Raises RefusedBundleError for anything else."""
    rows = read_table(MANIFEST, content, MANIFEST_COLUMNS, problems) or []
    problems.raise_any()
    manifest: dict[str, Row] = {}
    for row in rows:
        name = row.get("propertyName")
        if name in manifest:
            problems.add(row, "propertyName", _("each property once"))
        manifest[name] = row
    for name, versions in (("manifest.version", ("1.0",)), ("oneroster.version", VERSIONS)):
        expected = _("%(name)s to be %(values)s") % {"name": name, "values": _(" or ").join(versions)}
        if name not in manifest:
            problems.add_file(MANIFEST, _("no property %(name)s") % {"name": name}, expected)
        elif manifest[name].get("value") not in versions:
            problems.add(manifest[name], "value", expected)
    problems.raise_any()
    return manifest


def _is_expected(table: Table, manifest: dict[str, Row], members: dict[str, bytes], problems: Problems) -> bool:
    """Whether to read a file; a manifest that contradicts the zip, or asks for what is not done yet, is a problem."""
    row = manifest.get(f"file.{table.name}")
    if row is None:
        problems.add_file(MANIFEST, _("no property file.%(name)s") % {"name": table.name}, _("bulk or absent"))
        return False
    mode, there = row.get("value"), f"{table.name}.csv" in members
    if mode not in MODES:
        problems.add(row, "value", _(" or ").join(MODES))
    elif mode == "delta":
        problems.add(row, "value", _("bulk: lists of changes (delta) cannot be imported yet"))
    elif mode == "absent" and table.required:
        problems.add(row, "value", _("bulk: a roster needs %(name)s.csv") % {"name": table.name})
    elif mode == "absent" and there:
        problems.add(row, "value", _("bulk, since the zip holds %(name)s.csv") % {"name": table.name})
    elif mode == "bulk" and table.needs and not _is_bulk(table.needs, manifest):
        problems.add(row, "value", _("absent, as long as %(name)s.csv is absent") % {"name": table.needs})
    elif mode == "bulk" and not there:
        problems.add(row, "value", _("a file %(name)s.csv in the zip") % {"name": table.name})
    return mode == "bulk" and there


def _is_bulk(name: str, manifest: dict[str, Row]) -> bool:
    return f"file.{name}" in manifest and manifest[f"file.{name}"].get("value") == "bulk"


def read_table(name: str, content: bytes, columns: tuple[Column, ...], problems: Problems) -> list[Row] | None:
    """The rows of a CSV file; None where it cannot be read, with the reason among the problems.

    A row with too many or too few cells is kept, no longer sound, so that references to it still resolve.
    """
    text = _decoded(name, content, problems)
    if text is None:
        return None
    lines = _records(name, text, problems)
    if lines is None:
        return None
    header = [cell.strip() for cell in lines[0][1]] if lines else []
    if not _header_is_good(name, header, columns, problems):
        return None
    if not lines[1:]:
        problems.add_file(name, _("no rows"), _("at least one: a file without rows is left out and called absent"))
        return None
    wanted = {column.name for column in columns}
    rows = []
    for number, cells in lines[1:]:
        values = {column: cell.strip() for column, cell in zip(header, cells, strict=False) if column in wanted}
        row = Row(name, number, values)
        if len(cells) != len(header):
            found = ngettext("%(number)s value", "%(number)s values", len(cells)) % {"number": len(cells)}
            problems.add_row(row, found, _("%(number)s, as in the header") % {"number": len(header)})
        rows.append(row)
    return rows


def _decoded(name: str, content: bytes, problems: Problems) -> str | None:
    expected = _("text in UTF-8")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        problems.add_file(name, _("text in UTF-16"), expected)
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.add_file(name, _("the byte %(byte)s") % {"byte": f"0x{content[error.start]:02X}"}, expected, line)
        return None


def _records(name: str, text: str, problems: Problems) -> list[tuple[int, list[str]]] | None:
    """The records with their numbers as in a spreadsheet (a quoted line break does not count); empty lines fall out."""

    def numbered() -> Iterator[tuple[int, list[str]]]:
        for cells in csv.reader(io.StringIO(text, newline=""), strict=True):
            records.append(cells)
            if cells:
                yield len(records), cells

    records: list[list[str]] = []
    try:
        return list(numbered())
    except csv.Error as error:
        # Python's reader takes all up to the next quote for one cell: the fault is in the record it had begun.
        expected = _("cells as RFC 4180 has them: a quoted cell ends with a quote, then comes a comma or a new line")
        problems.add_file(name, str(error), expected, len(records) + 1)
        return None


def _header_is_good(name: str, header: list[str], columns: tuple[Column, ...], problems: Problems) -> bool:
    faults = 0
    for column, times in Counter(header).items():
        if times > 1:
            found = _("the column %(column)s %(times)s times") % {"column": quoted(column), "times": times}
            problems.add_file(name, found, _("each column once"), 1)
            faults += 1
    for rule in columns:
        if rule.required and rule.name not in header:
            found = _("no column %(column)s") % {"column": rule.name}
            problems.add_file(name, found, _("a header with %(column)s") % {"column": rule.name}, 1)
            faults += 1
    return not faults
