"""Three-way merge: every way in which what was opened, posted and stored can be equal or not."""

import pytest

from core.merge import UNSTORED, Merge, fingerprint, three_way

A, B, C = "absent", "late", "present"


@pytest.mark.parametrize(
    ("opened", "posted", "stored", "outcome"),
    {
        "nothing changed": (A, A, A, "nothing"),
        "changed here alone": (A, B, A, "save"),
        "changed there alone": (A, A, B, "kept"),
        "changed to the same in both": (A, B, B, "nothing"),
        "changed differently in both": (A, B, C, "clash"),
        "first mark": (None, A, None, "save"),
        "first mark in both, the same": (None, A, A, "nothing"),
        "first mark in both, not the same": (None, A, B, "clash"),
        "taken back there, untouched here": (A, A, None, "kept"),
        "taken back there, changed here": (A, B, None, "clash"),
    }.values(),
)
def test_one_line(opened, posted, stored, outcome):
    merge = three_way({"x": fingerprint(opened)}, {"x": posted}, {"x": stored})
    assert (
        merge
        == {
            "nothing": Merge(),
            "save": Merge(save={"x": posted}),
            "kept": Merge(kept=["x"]),
            "clash": Merge(clashes=["x"]),
        }[outcome]
    )


def test_lines_are_judged_one_by_one_and_lines_that_were_not_sent_are_left_alone():
    opened = {"x": fingerprint(A), "y": fingerprint(A), "z": fingerprint(A)}
    merge = three_way(opened, {"x": B, "y": C}, {"x": A, "y": B, "z": C})
    assert merge == Merge(save={"x": B}, clashes=["y"])


def test_who_does_not_tell_what_the_form_was_opened_with_overwrites_nothing():
    assert three_way({}, {"x": A, "y": A}, {"x": None, "y": B}) == Merge(save={"x": A}, clashes=["y"])


def test_a_fingerprint_tells_values_apart_and_nothing_has_an_empty_one():
    assert fingerprint(None) == UNSTORED == ""
    assert len({fingerprint(value) for value in ("", "a", "A", ("a", None), ("a", ""))}) == 5
    assert fingerprint(("late", 5)) == fingerprint(("late", 5))
