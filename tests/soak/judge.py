"""Holds what the writers were told against what is stored. Reads rows as they are and imports nothing from services."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from attendance.models import AttendanceRecord, Register, Status
from tests.soak.log import Saved, WriterLog

REMOVED = "-"
MARK = ("status", "minutes_late", "left_early", "note", "marked_by_id")
STATUSES = [status.value for status in Status]


@dataclass(frozen=True)
class Version:
    """One row of the history of a mark. `mark` is None once it is removed; `is_save` tells a save from an undo."""

    school_class: int
    student_id: str
    at: datetime
    user: int
    mark: tuple[Any, ...] | None
    is_save: bool

    @property
    def note(self) -> str:
        return self.mark[MARK.index("note")] if self.mark else ""


@dataclass(frozen=True)
class Count:
    """What a register says of itself. `writes` is how many versions of it the history has, `undos` how many undid."""

    school_class: int
    version: int
    numbers: dict[str, int]
    writes: int
    undos: int


@dataclass
class Stored:
    """All that is stored of attendance after a soak."""

    versions: list[Version]  # the oldest first
    rows: list[tuple[int, str, tuple[Any, ...]]]  # class, student_id, mark
    registers: list[Count]


@dataclass
class Verdict:
    """A sentence for each thing that is amiss."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)


def read_stored() -> Stored:
    """Every row of attendance and of its history."""
    kept = list(Register.history.order_by("history_id").values())
    # A save names who took the register and when, an undo puts back who had before.
    saves = {(row["school_class_id"], row["history_date"]) for row in kept if row["taken_at"] == row["history_date"]}
    versions = [
        Version(
            school_class=row["school_class_id"],
            student_id=row["student__student_id"],
            at=row["history_date"],
            user=row["history_user_id"],
            mark=None if row["history_type"] == REMOVED else tuple(row[name] for name in MARK),
            is_save=(row["school_class_id"], row["history_date"]) in saves,
        )
        for row in AttendanceRecord.history.order_by("history_id").values(
            "school_class_id", "student__student_id", "history_date", "history_user_id", "history_type", *MARK
        )
    ]
    rows = [
        (row["school_class_id"], row["student__student_id"], tuple(row[name] for name in MARK))
        for row in AttendanceRecord.objects.values("school_class_id", "student__student_id", *MARK)
    ]
    registers = []
    for row in Register.objects.values():
        of_class = [each for each in kept if each["school_class_id"] == row["school_class_id"]]
        undos = sum((each["school_class_id"], each["history_date"]) not in saves for each in of_class)
        numbers = {status: row[status] for status in STATUSES}
        registers.append(Count(row["school_class_id"], row["version"], numbers, len(of_class), undos))
    return Stored(versions, rows, registers)


def judge(logs: Iterable[WriterLog], stored: Stored) -> Verdict:
    """Everything that is lost or there twice."""
    logs, verdict = list(logs), Verdict()
    saved = [mark for log in logs for mark in log.saved]
    find_saves(saved, stored, verdict)
    by_line: dict[tuple[int, str], list[Version]] = defaultdict(list)
    for version in stored.versions:
        by_line[version.school_class, version.student_id].append(version)
    find_overwritten({(mark.student_id, mark.note): mark for mark in saved}, by_line, verdict)
    find_rows(stored, by_line, verdict)
    undone = sum((log.undone for log in logs), Counter())
    find_counts(stored, undone, verdict)
    return verdict


def find_saves(saved: Sequence[Saved], stored: Stored, verdict: Verdict) -> None:
    """Each acknowledged mark is in the history once, by its writer; nothing else is."""
    told = Counter((mark.user, mark.school_class, mark.student_id, mark.note, mark.status) for mark in saved)
    kept = Counter(
        (version.user, version.school_class, version.student_id, version.note, version.mark[0])
        for version in stored.versions
        if version.is_save and version.mark
    )
    verdict.lost += [f"acknowledged, but not in the history: {key}" for key in told - kept]
    verdict.duplicated += [f"in the history, but not acknowledged so often: {key}" for key in kept - told]


def find_overwritten(
    saved: Mapping[tuple[str, str], Saved], by_line: Mapping[Any, Sequence[Version]], verdict: Verdict
) -> None:
    """A save replaces only the mark that its writer saw; an undo puts back what its own save had replaced."""
    for line, versions in by_line.items():
        if any(later.at <= earlier.at for earlier, later in pairwise(versions)):
            verdict.duplicated.append(f"two versions of one moment, or out of order: {line}")
        for place, version in enumerate(versions):
            before = versions[place - 1] if place else None
            if version.is_save:
                mine = saved.get((version.student_id, version.note))
                if mine and mine.seen != (before.note if before else ""):
                    verdict.lost.append(f"replaced without having been seen: {before} by {mine}")
            elif not (before and before.is_save and before.user == version.user):
                verdict.lost.append(f"undone by somebody else, or twice: {before} by {version}")
            elif version.mark != (versions[place - 2].mark if place > 1 else None):
                verdict.lost.append(f"an undo put back another mark than there was: {version}")


def find_rows(stored: Stored, by_line: Mapping[Any, Sequence[Version]], verdict: Verdict) -> None:
    """Every row is the last version of its history, and there once."""
    rows = Counter((school_class, student_id) for school_class, student_id, _mark in stored.rows)
    verdict.duplicated += [f"two rows of one student: {line}" for line, number in rows.items() if number > 1]
    now = {(school_class, student_id): mark for school_class, student_id, mark in stored.rows}
    for line in {*now, *by_line}:
        last = by_line[line][-1].mark if by_line.get(line) else None
        if now.get(line) != last:
            verdict.lost.append(f"{line} is {now.get(line)}, but its history ends with {last}")


def find_counts(stored: Stored, undone: Mapping[int, int], verdict: Verdict) -> None:
    """Every register counts its rows, its versions have no gap, and each acknowledged undo is one of them."""
    rows: dict[int, Counter[str]] = defaultdict(Counter)
    for school_class, _student_id, mark in stored.rows:
        rows[school_class][mark[0]] += 1
    for register in stored.registers:
        counted = {status: rows[register.school_class][status] for status in STATUSES}
        if register.numbers != counted:
            verdict.lost.append(f"class {register.school_class} counts {register.numbers}, its rows are {counted}")
        if register.version != register.writes:
            verdict.lost.append(f"class {register.school_class}: version {register.version}, {register.writes} kept")
        if register.undos != undone.get(register.school_class, 0):
            verdict.lost.append(f"class {register.school_class}: {register.undos} undos kept, not as acknowledged")
    classes = Counter(register.school_class for register in stored.registers)
    verdict.duplicated += [f"two registers of class {key}" for key, number in classes.items() if number > 1]
