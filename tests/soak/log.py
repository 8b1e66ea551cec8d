"""What the writers remember, to be held against the database afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Saved:
    """One mark that the server acknowledged.

    `note` is given to one save only, so it names the save in the history; `seen` is the note of the mark that stood on
    the page when this one was chosen, empty where none did.
    """

    user: int
    school_class: int
    student_id: str
    note: str
    status: str
    seen: str


@dataclass
class WriterLog:
    """What one writer was told by the server. `undone` counts the saves that it took back, by class."""

    user: int
    saved: list[Saved] = field(default_factory=list)
    undone: Counter[int] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
