"""Gradebooks that break one rule each. Each case names the rule that it attacks; the row is named with its sourcedId.

Without --skip-invalid nothing is imported; with it the rest is, unless the breach is of a whole file or the roster.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from assessments.models import Assessment, AssessmentCategory, Score
from exchange.tests.bundles import everything, oak_gradebook, run_import
from exchange.tests.refusing import Cases, assert_refused, both, change, refusal, said, set_mode, set_raw

pytestmark = pytest.mark.django_db

HINT = "All are in the marks: --skip-invalid leaves out these rows and imports the rest."
NUMBER = "a number in digits, such as 17 or 17.5"
DECIMALS = "at most two decimals, since nothing is rounded"
MOST = "at most 20, the maximum of the line item"
R1, L1, KQ = "results.csv, row 2 (R1)", "lineItems.csv, row 2 (L1)", "categories.csv, row 2 (K-Q)"
IN_YEAR = "a day from 2024-08-26 to before 2025-06-14, the school year of the class"
STATUSES = "one of exempt, fully graded, not submitted, partially graded, submitted"


def score(value: str, expected: str, found: str | None = None) -> tuple[object, list[str]]:
    return change("results", "R1", score=value), [said(f"{R1}, score", found or f"“{value}”", expected)]


def maximum(value: str, expected: str) -> tuple[object, list[str]]:
    return change("lineItems", "L1", resultValueMax=value), [said(f"{L1}, resultValueMax", f"“{value}”", expected)]


# rule: (what breaks it, the lines that say so)
ROWS: Cases = {
    # scores
    "not above the maximum": score("20.01", MOST),
    "not far above the maximum either": score("99999.99", MOST),
    "not negative": score("-1", "0 or more"),
    "not negative by a hundredth": score("-0.01", "0 or more"),
    "not rounded": score("17.555", DECIMALS),
    "not rounded, however small the rest": score(f"17.{'0' * 60}1", DECIMALS, f"“17.{'0' * 57}…”"),
    "room of a score": score("100000", "at most 99999.99"),
    "room of a score, ten thousand digits": score("9" * 10_000, "at most 99999.99", f"“{'9' * 60}…”"),
    "a number, not NaN": score("NaN", NUMBER),
    "a number, not infinity": score("inf", NUMBER),
    "a number, not a power of ten": score("1e1", NUMBER),
    "a number, not grouped by underscores": score("1_0", NUMBER),
    "a number, not grouped by commas": score("1,0", NUMBER),
    "a number with digits before the point": score(".5", NUMBER),
    "a number with digits behind the point": score("5.", NUMBER),
    "a number without a plus": score("+5", NUMBER),
    "a number, not a percentage": score("85%", NUMBER),
    "a number, not a letter": score("A-", NUMBER),
    "digits of ours, not wide ones": score("１２", NUMBER),
    "digits of ours, not Arabic ones": score("١٢", NUMBER),
    "no number for what was not submitted": (
        change("results", "R3", score="12"),
        [said("results.csv, row 4 (R3), score", "“12”", "nothing, since the work was not submitted")],
    ),
    # whose score of what
    "line item there": (
        change("results", "R1", lineItemSourcedId="L9"),
        [said(f"{R1}, lineItemSourcedId", "“L9”", "ids of rows of lineItems.csv; L9 is not there")],
    ),
    "student there": (
        change("results", "R1", studentSourcedId="anna"),
        [said(f"{R1}, studentSourcedId", "“anna”", "ids of rows of users.csv; anna is not there")],
    ),
    "a student": (
        change("results", "R1", studentSourcedId="tom"),
        [said(f"{R1}, studentSourcedId", "“tom”", "somebody with the role student")],
    ),
    "in the class": (
        change("results", "R5", studentSourcedId="bo"),
        [said("results.csv, row 6 (R5), studentSourcedId", "“bo”", "a student of the class “C-H”")],
    ),
    "one result for a student and a line item": (
        lambda bundle: bundle.add("results", "R1", sourcedId="R6", score="3"),
        [
            said(
                "results.csv, row 7 (R6), studentSourcedId",
                "“ana”",
                "one result for a student and a line item; row 2 has it",
            )
        ],
    ),
    "sourcedId once": (
        change("results", "R2", sourcedId="R1"),
        [said("results.csv, row 3 (R1), sourcedId", "“R1”", "an id that no other row has; row 2 has it")],
    ),
    "sourcedId": (
        change("results", "R1", sourcedId=""),
        [said("results.csv, row 2, sourcedId", "nothing", "a value")],
    ),
    "room of a sourcedId": (
        change("results", "R1", sourcedId="R" * 256),
        [
            said(
                f"results.csv, row 2 ({'R' * 60}…), sourcedId",
                f"“{'R' * 60}…”",
                "at most 255 characters, not 256",
            )
        ],
    ),
    # the other cells of a result
    "status known": (
        change("results", "R1", scoreStatus="graded"),
        [said(f"{R1}, scoreStatus", "“graded”", STATUSES)],
    ),
    "no status of one's own in 1.1": (
        change("results", "R1", scoreStatus="ext:late"),
        [said(f"{R1}, scoreStatus", "“ext:late”", STATUSES)],
    ),
    "status given": (change("results", "R1", scoreStatus=""), [said(f"{R1}, scoreStatus", "nothing", "a value")]),
    "scoreDate a day": (
        change("results", "R1", scoreDate="11.09.2024"),
        [said(f"{R1}, scoreDate", "“11.09.2024”", "a date as YYYY-MM-DD, from 1900 to 2100")],
    ),
    "room of a comment": (
        change("results", "R1", comment="x" * 301),
        [said(f"{R1}, comment", f"“{'x' * 60}…”", "at most 300 characters, not 301")],
    ),
    "no control characters in a comment": (
        change("results", "R1", comment="Well\x00done"),
        [said(f"{R1}, comment", "“Well\\x00done”", "text without control characters or line breaks")],
    ),
    "tobedeleted only in delta": (
        change("results", "R1", status="tobedeleted"),
        [said(f"{R1}, status", "“tobedeleted”", "active or nothing")],
    ),
    "no ragged row": (
        set_raw("results", lambda text: text.replace("17.50", "17,50")),
        [said(R1, "8 values", "7, as in the header")],
    ),
    # line items
    "maximum above 0": maximum("0", "more than 0"),
    "maximum not negative": maximum("-20", "0 or more"),
    "maximum not rounded": maximum("20.125", DECIMALS),
    "maximum a number": maximum("twenty", NUMBER),
    "maximum given in 1.1": (
        change("lineItems", "L1", resultValueMax=""),
        [said(f"{L1}, resultValueMax", "nothing", "a value")],
    ),
    "counted from 0": (
        change("lineItems", "L1", resultValueMin="1.0"),
        [said(f"{L1}, resultValueMin", "“1.0”", "0: scores are counted from 0")],
    ),
    "title given": (change("lineItems", "L1", title=""), [said(f"{L1}, title", "nothing", "a value")]),
    "room of a title": (
        change("lineItems", "L1", title="x" * 201),
        [said(f"{L1}, title", f"“{'x' * 60}…”", "at most 200 characters, not 201")],
    ),
    "due when it was assigned, or later": (
        change("lineItems", "L1", assignDate="2024-09-11"),
        [said(f"{L1}, dueDate", "“2024-09-10”", "2024-09-11, when it was assigned, or later")],
    ),
    "due before the school year is over": (
        change("lineItems", "L1", dueDate="2025-06-14"),
        [
            said(
                f"{L1}, dueDate",
                "“2025-06-14”",
                "a day from 2024-08-26 to before 2025-06-14, the school year of the class",
            )
        ],
    ),
    "due once the school year has begun": (
        change("lineItems", "L1", assignDate="2024-08-01", dueDate="2024-08-25"),
        [
            said(
                f"{L1}, dueDate",
                "“2024-08-25”",
                "a day from 2024-08-26 to before 2025-06-14, the school year of the class",
            )
        ],
    ),
    "class there": (
        change("lineItems", "L1", classSourcedId="C-X"),
        [said(f"{L1}, classSourcedId", "“C-X”", "ids of rows of classes.csv; C-X is not there")],
    ),
    "category there": (
        change("lineItems", "L1", categorySourcedId="K-X"),
        [said(f"{L1}, categorySourcedId", "“K-X”", "ids of rows of categories.csv; K-X is not there")],
    ),
    "grading period there": (
        change("lineItems", "L1", gradingPeriodSourcedId="G9"),
        [said(f"{L1}, gradingPeriodSourcedId", "“G9”", "ids of rows of academicSessions.csv; G9 is not there")],
    ),
    # categories
    "title of a category": (change("categories", "K-Q", title=""), [said(f"{KQ}, title", "nothing", "a value")]),
    "room of a category's title": (
        change("categories", "K-Q", title="x" * 101),
        [said(f"{KQ}, title", f"“{'x' * 60}…”", "at most 100 characters, not 101")],
    ),
}

# rules of version 1.2 alone
ROWS_1_2: Cases = {
    "weight a number": (
        change("categories", "K-Q", weight="20 %"),
        [said(f"{KQ}, weight", "“20 %”", NUMBER)],
    ),
    "weight not negative": (change("categories", "K-Q", weight="-20"), [said(f"{KQ}, weight", "“-20”", "0 or more")]),
    "a weight for all or for none": (
        change("categories", "K-Q", weight=""),
        [said(f"{KQ}, weight", "nothing", "a weight, as other categories have one")],
    ),
    "the class of the line item": (
        change("results", "R1", classSourcedId="C-H"),
        [said(f"{R1}, classSourcedId", "“C-H”", "“C-M”, the class of the line item")],
    ),
    "the school of the class": (
        change("lineItems", "L1", schoolSourcedId="D1"),
        [said(f"{L1}, schoolSourcedId", "“D1”", "“S1”, the school of the class")],
    ),
    "late true or false": (
        change("results", "R1", late="yes"),
        [said(f"{R1}, late", "“yes”", "true or false")],
    ),
    "missing true or false": (
        change("results", "R1", missing="1"),
        [said(f"{R1}, missing", "“1”", "true or false")],
    ),
    "room of a comment with the word about coming late": (
        change("results", "R1", comment="x" * 300, late="true"),
        [said(f"{R1}, comment", f"“{'x' * 60}…”", "at most 300 characters together with “Handed in late.”")],
    ),
}

# breaches that no row can be left out for
FILES: Cases = {
    "no delta": (
        set_mode(results="delta"),
        [said("manifest.csv, row 13, value", "“delta”", "bulk: lists of changes (delta) cannot be imported yet")],
    ),
    "results need line items": (
        lambda bundle: bundle.tables.pop("lineItems"),
        [said("manifest.csv, row 12, value", "“bulk”", "absent, as long as lineItems.csv is absent")],
    ),
    "line items need categories": (
        both(lambda bundle: bundle.tables.pop("categories"), lambda bundle: bundle.tables.pop("results")),
        [said("manifest.csv, row 11, value", "“bulk”", "absent, as long as categories.csv is absent")],
    ),
    "no missing header": (
        lambda bundle: bundle.without_column("results", "score"),
        [said("results.csv, row 1", "no column score", "a header with score")],
    ),
    "no file without rows": (
        set_raw("results", lambda text: text.splitlines()[0]),
        [said("results.csv", "no rows", "at least one: a file without rows is left out and called absent")],
    ),
    "UTF-8": (
        lambda bundle: bundle.raw.update(
            {"results.csv": bundle.text("results").replace("Well", "Wéll").encode("latin-1")}
        ),
        [said("results.csv, row 2", "the byte 0xE9", "text in UTF-8")],
    ),
    "quotes end": (
        set_raw("results", lambda text: text.replace("Well", '"Well')),
        [
            said(
                "results.csv, row 2",
                "unexpected end of data",
                "cells as RFC 4180 has them: a quoted cell ends with a quote, then comes a comma or a new line",
            )
        ],
    ),
    "the roster whole": (
        both(change("users", "rita", email="@"), change("results", "R1", score="21")),
        [
            said("users.csv, row 5, email", "“@”", "an e-mail address or nothing"),
            said(f"{R1}, score", "“21”", MOST),
        ],
    ),
}


@pytest.mark.parametrize("rule", ROWS)
def test_a_row_that_breaks_a_rule_refuses_everything(rule: str, tmp_path: Path) -> None:
    breach, lines = ROWS[rule]
    assert_refused(oak_gradebook(), breach, [*lines, HINT], tmp_path)


@pytest.mark.parametrize("rule", ROWS_1_2)
def test_a_row_of_1_2_that_breaks_a_rule_refuses_everything(rule: str, tmp_path: Path) -> None:
    breach, lines = ROWS_1_2[rule]
    assert_refused(oak_gradebook("1.2"), breach, [*lines, HINT], tmp_path)


@pytest.mark.parametrize("rule", FILES)
def test_a_breach_of_a_file_or_the_roster_refuses_everything(rule: str, tmp_path: Path) -> None:
    assert_refused(oak_gradebook(), *FILES[rule], tmp_path)


@pytest.mark.parametrize("rule", FILES)
def test_such_a_breach_is_not_skipped(rule: str, tmp_path: Path) -> None:
    breach, lines = FILES[rule]
    bundle = oak_gradebook()
    breach(bundle)
    before = everything()
    assert refusal(bundle.pack(tmp_path), "--skip-invalid") == lines
    assert everything() == before


def left_out(report: str) -> list[str]:
    """The lines under "left out", without their margin."""
    lines = report.splitlines()
    start = next(number for number, line in enumerate(lines) if "of the gradebook w" in line)
    return [line.strip() for line in lines[start + 1 :] if line.startswith("  ")]


@pytest.mark.parametrize(
    ("breach", "line", "kept"),
    [
        pytest.param(*score("21", MOST), ({"K-Q", "K-T", "K-H"}, {"L1", "L2", "L3"}, {"R2", "R3", "R4"}), id="result"),
        pytest.param(*maximum("0", "more than 0"), ({"K-Q", "K-T", "K-H"}, {"L2", "L3"}, {"R3", "R4"}), id="line item"),
        pytest.param(*ROWS["title of a category"], ({"K-T", "K-H"}, {"L2", "L3"}, {"R3", "R4"}), id="category"),
    ],
)
def test_skipping_leaves_out_a_row_with_what_hangs_on_it(
    breach: object, line: list[str], kept: tuple[set[str], set[str], set[str]], tmp_path: Path
) -> None:
    bundle = oak_gradebook()
    breach(bundle)
    report = run_import(bundle.pack(tmp_path), "--skip-invalid")
    assert "1 row of the gradebook was left out:" in report
    assert left_out(report) == line
    tables = (AssessmentCategory, Assessment, Score)
    found = [set(model.objects.exclude(external_id="").values_list("external_id", flat=True)) for model in tables]
    assert found == list(kept)


def test_results_left_out_with_their_line_item_are_named(tmp_path: Path) -> None:
    bundle = oak_gradebook().change("lineItems", "L1", resultValueMax="0")
    report = run_import(bundle.pack(tmp_path), "--skip-invalid")
    assert "Results left out with their line item: 2 (R1, R2)" in report


def test_of_very_many_rows_left_out_each_is_told(tmp_path: Path) -> None:
    """What is not imported is never hidden behind a number."""
    bundle = oak_gradebook()
    for number in range(120):
        bundle.add("results", "R1", sourcedId=f"more-{number}")
    report = run_import(bundle.pack(tmp_path), "--skip-invalid")
    assert "120 rows of the gradebook were left out:" in report
    assert len(left_out(report)) == 120


def test_skipping_with_nothing_to_skip_is_a_plain_import(tmp_path: Path) -> None:
    path = oak_gradebook().pack(tmp_path)
    assert "left out" not in run_import(path, "--skip-invalid")
    assert Score.objects.count() == 4


def test_a_dry_run_skips_the_same_and_writes_nothing(tmp_path: Path) -> None:
    path = oak_gradebook().change("results", "R1", score="21").pack(tmp_path)
    before = everything()
    dry = run_import(path, "--dry-run", "--skip-invalid")
    assert everything() == before
    assert dry.replace("Dry run: nothing was written.", "The import is complete.") == run_import(path, "--skip-invalid")
