"""Three-way merge of a form with a line a person: what it was opened with, what is posted, what is stored.

Whoever opens a form sees what is stored then. Between opening and posting somebody else may save the same lines. A line
clashes only where the stored value differs from both; every other line has one right answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Generic, TypeVar

ValueT = TypeVar("ValueT")
UNSTORED = ""  # the fingerprint of a line that has nothing stored


def fingerprint(value: object | None) -> str:
    """16 hexadecimal digits that tell one value from another by its repr; "" for None. It travels in the form."""
    return UNSTORED if value is None else blake2b(repr(value).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Merge(Generic[ValueT]):
    """The lines to save, those that clash, and those kept as somebody else saved them since (untouched here)."""

    save: dict[str, ValueT] = field(default_factory=dict)
    clashes: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def three_way(
    opened: Mapping[str, str], posted: Mapping[str, ValueT], stored: Mapping[str, ValueT | None]
) -> Merge[ValueT]:
    """Merge by key. `opened` holds fingerprints; a key without one counts as opened with nothing stored."""
    merge: Merge[ValueT] = Merge()
    for key, value in posted.items():
        now, base = stored[key], opened.get(key, UNSTORED)
        if value == now:
            continue
        if base == fingerprint(now):
            merge.save[key] = value
        elif base == fingerprint(value):
            merge.kept.append(key)
        else:
            merge.clashes.append(key)
    return merge
