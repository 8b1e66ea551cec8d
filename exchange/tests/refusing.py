"""How a test breaks a bundle, and what it then expects."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError

from exchange.tests.bundles import Bundle, everything, run_import

Change = Callable[[Bundle], object]
Cases = dict[str, tuple[Change, list[str]]]


def refusal(path: Path, *options: str) -> list[str]:
    """The problems that the command reports, without the title."""
    with pytest.raises(CommandError) as caught:
        run_import(path, *options)
    assert caught.value.returncode == 1
    title, *lines = str(caught.value).split("\n")
    assert re.fullmatch(rf"{re.escape(str(path))}: \d+ problems? w(as|ere) found\. Nothing was imported\.", title)
    return [line.strip() for line in lines]


def assert_refused(bundle: Bundle, breach: Change, lines: list[str], folder: Path) -> None:
    """Exactly these lines are said, one breach without echoes, and no row of any table has changed."""
    breach(bundle)
    before = everything()
    assert refusal(bundle.pack(folder)) == lines
    assert everything() == before


def said(place: str, found: str, expected: str) -> str:
    """The line that reports a breach."""
    return f"{place}: found {found}, expected {expected}"


def as_before(bundle: Bundle) -> None:
    """Breaks nothing: the portal has changed instead."""


def set_raw(file: str, change: Callable[[str], str]) -> Change:
    """Changes the text of a file as it is packed."""

    def apply(bundle: Bundle) -> None:
        bundle.raw[f"{file}.csv"] = change(bundle.text(file)).encode()

    return apply


def set_mode(**modes: str) -> Change:
    """Changes what the manifest says about files."""
    return lambda bundle: bundle.modes.update(modes)


def change(file: str, key: str, **cells: str) -> Change:
    return lambda bundle: bundle.change(file, key, **cells)


def both(*changes: Change) -> Change:
    return lambda bundle: [one(bundle) for one in changes]
