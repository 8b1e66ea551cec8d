"""`make soak` in small, on the database of this suite; and that its judge finds what it looks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.programs import run_program
from tests.soak.judge import Count, Stored, Version, judge
from tests.soak.log import Saved, WriterLog

ANA, BEN, CLASS_7A = 1, 2, 7
NOON = datetime(2026, 3, 16, 12, tzinfo=UTC)


def test_eight_writers_lose_and_double_nothing():
    code, printed = run_program("tests.soak", WRITERS="8", SECONDS="4")
    assert "0 lost, 0 duplicated, 0 server errors" in printed
    assert code == 0


def mark(status, note, by):
    return (status, None, False, note, by)


def version(minutes, user, kept, *, is_save=True):
    return Version(CLASS_7A, "STU00001", NOON + timedelta(minutes=minutes), user, kept, is_save)


LATE, ABSENT = mark("late", "w1n1", ANA), mark("absent", "w2n1", BEN)
ANA_SAVED = Saved(ANA, CLASS_7A, "STU00001", "w1n1", "late", seen="")
BEN_SAVED = Saved(BEN, CLASS_7A, "STU00001", "w2n1", "absent", seen="w1n1")
ANA_SAVES, BEN_SAVES = version(1, ANA, LATE), version(2, BEN, ABSENT)
BEN_UNDOES = version(3, BEN, LATE, is_save=False)


def numbers(**counted):
    return {"present": 0, "late": 0, "excused": 0, "absent": 0} | counted


def logs(*saved, undone=0):
    found = {user: WriterLog(user) for user in (ANA, BEN)}
    for each in saved:
        found[each.user].saved.append(each)
    found[BEN].undone[CLASS_7A] += undone
    return found.values()


def after_both(**changes):
    """Ana marked late, then Ben, who had seen it, absent."""
    stored = Stored(
        versions=[ANA_SAVES, BEN_SAVES],
        rows=[(CLASS_7A, "STU00001", ABSENT)],
        registers=[Count(CLASS_7A, version=2, numbers=numbers(absent=1), writes=2, undos=0)],
    )
    return replace(stored, **changes)


def test_the_judge_finds_nothing_amiss_in_two_saves_and_an_undo():
    both = judge(logs(ANA_SAVED, BEN_SAVED), after_both())
    assert (both.lost, both.duplicated) == ([], [])
    undone = after_both(
        versions=[ANA_SAVES, BEN_SAVES, BEN_UNDOES],
        rows=[(CLASS_7A, "STU00001", LATE)],
        registers=[Count(CLASS_7A, version=3, numbers=numbers(late=1), writes=3, undos=1)],
    )
    after_undo = judge(logs(ANA_SAVED, BEN_SAVED, undone=1), undone)
    assert (after_undo.lost, after_undo.duplicated) == ([], [])


@pytest.mark.parametrize(
    ("saved", "changes", "begins"),
    [
        pytest.param(
            [ANA_SAVED, BEN_SAVED, replace(ANA_SAVED, note="w1n2")], {}, "acknowledged, but not in the history",
            id="a mark that was acknowledged is nowhere"),
        pytest.param(
            [ANA_SAVED, replace(BEN_SAVED, seen="")], {}, "replaced without having been seen",
            id="a save replaced what its writer had not seen"),
        pytest.param(
            [ANA_SAVED, BEN_SAVED],
            {"rows": [(CLASS_7A, "STU00001", LATE)], "registers": [Count(CLASS_7A, 2, numbers(late=1), 2, 0)]},
            "(7, 'STU00001') is",
            id="the row is not the last of its history"),
        pytest.param(
            [ANA_SAVED, BEN_SAVED], {"registers": [Count(CLASS_7A, 2, numbers(late=1), 2, 0)]}, "class 7 counts",
            id="the counts are not the rows'"),
        pytest.param(
            [ANA_SAVED, BEN_SAVED], {"registers": [Count(CLASS_7A, 1, numbers(absent=1), 2, 0)]}, "class 7: version 1",
            id="two writes were one version"),
        pytest.param(
            [ANA_SAVED, BEN_SAVED], {"registers": [Count(CLASS_7A, 2, numbers(absent=1), 2, 1)]}, "class 7: 1 undos",
            id="an undo that nobody was told of"),
    ],
)  # fmt: skip
def test_the_judge_finds_what_is_lost(saved, changes, begins):
    (found,) = judge(logs(*saved), after_both(**changes)).lost
    assert found.startswith(begins)


@pytest.mark.parametrize(
    ("undo", "begins"),
    [
        pytest.param(version(3, ANA, LATE, is_save=False), "undone by somebody else", id="of another's save"),
        pytest.param(version(3, BEN, None, is_save=False), "an undo put back another mark", id="to another mark"),
    ],
)
def test_the_judge_finds_a_wrong_undo(undo, begins):
    rows = [(CLASS_7A, "STU00001", undo.mark)] if undo.mark else []
    counted = numbers(late=1) if undo.mark else numbers()
    stored = after_both(versions=[ANA_SAVES, BEN_SAVES, undo], rows=rows, registers=[Count(CLASS_7A, 3, counted, 3, 1)])
    (found,) = judge(logs(ANA_SAVED, BEN_SAVED, undone=1), stored).lost
    assert found.startswith(begins)


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        pytest.param(
            {"rows": [(CLASS_7A, "STU00001", ABSENT)] * 2,
             "registers": [Count(CLASS_7A, 2, numbers(absent=2), 2, 0)]},
            "two rows of one student", id="a row"),
        pytest.param(
            {"versions": [ANA_SAVES, BEN_SAVES, replace(BEN_SAVES, at=NOON + timedelta(minutes=3))],
             "registers": [Count(CLASS_7A, 3, numbers(absent=1), 3, 0)]},
            "in the history, but not acknowledged so often", id="a save"),
        pytest.param(
            {"versions": [ANA_SAVES, replace(BEN_SAVES, at=ANA_SAVES.at)]},
            "two versions of one moment", id="a moment"),
        pytest.param(
            {"registers": [Count(CLASS_7A, 2, numbers(absent=1), 2, 0)] * 2}, "two registers", id="a register"),
    ],
)  # fmt: skip
def test_the_judge_finds_what_is_there_twice(changes, begins):
    (found,) = judge(logs(ANA_SAVED, BEN_SAVED), after_both(**changes)).duplicated
    assert found.startswith(begins)
