"""Backup files that tests take apart, change and seal again, as nobody but a tester or a forger would."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from exchange.backup.archive import MANIFEST, new_archive

Parts = dict[str, bytes]


def parts_of(path: Path) -> Parts:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def manifest_in(path: Path) -> dict[str, Any]:
    return json.loads(parts_of(path)[MANIFEST])


def remade(path: Path, change: Callable[[Parts], object]) -> Path:
    """A file beside it with other parts and a seal that holds."""
    parts = parts_of(path)
    change(parts)
    other = path.with_name(f"remade-{path.name}")
    other.unlink(missing_ok=True)
    with new_archive(other) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return other


def with_manifest(change: Callable[[dict[str, Any]], object]) -> Callable[[Parts], None]:
    def changed(parts: Parts) -> None:
        manifest = json.loads(parts[MANIFEST])
        change(manifest)
        parts[MANIFEST] = json.dumps(manifest).encode()

    return changed


def with_rows(table: str, change: Callable[[list[bytes]], list[bytes]], *, honest: bool) -> Callable[[Parts], None]:
    """Other lines in a table; `honest` writes their checksum and number into the manifest too."""

    def changed(parts: Parts) -> None:
        name = f"tables/{table}.jsonl"
        lines = change(parts[name].splitlines(keepends=True))
        parts[name] = b"".join(lines)
        if honest:
            digest = hashlib.sha256(parts[name]).hexdigest()
            with_manifest(
                lambda manifest: next(part for part in manifest["tables"] if part["table"] == table).update(
                    sha256=digest, rows=len(lines)
                )
            )(parts)

    return changed


def with_value(table: str, column: str, value: Callable[[Any], Any], *, honest: bool = True) -> Callable[[Parts], None]:
    """Another value in one column of the first row of a table."""

    def changed(parts: Parts) -> None:
        manifest = json.loads(parts[MANIFEST])
        place = next(part for part in manifest["tables"] if part["table"] == table)["columns"].index(column)

        def first_row(lines: list[bytes]) -> list[bytes]:
            row = json.loads(lines[0])
            row[place] = value(row[place])
            return [json.dumps(row).encode() + b"\n", *lines[1:]]

        with_rows(table, first_row, honest=honest)(parts)

    return changed
