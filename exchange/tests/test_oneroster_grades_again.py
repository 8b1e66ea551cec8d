"""A second import of a gradebook: nothing changes, or just what differs, and the teachers' own marks stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.models import User
from accounts.roles import Role
from accounts.tests.factories import UserFactory
from assessments.models import Assessment, AssessmentCategory, Score, State
from assessments.scoresheet import Entry
from assessments.services import publish, record_scores, save_assessment, save_category
from assessments.tests.recounts import assert_kept
from exchange.tests.bundles import changed, everything, oak_gradebook, run_import
from exchange.tests.refusing import assert_refused, change, refusal, said
from students.models import Student

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_all_along")]

HINT = "All are in the marks: --skip-invalid leaves out these rows and imports the rest."


@pytest.fixture
def kept_all_along(db: None) -> Iterator[None]:
    """After each of these tests the kept totals are what the scores add up to."""
    yield
    assert_kept()


def enter(work: str, student: str, entry: Entry | None) -> User:
    """A mark typed in the portal; gives who did it."""
    somebody = UserFactory(role=Role.ADMIN)
    student_id = Student.objects.get(external_id=student).student_id
    record_scores(by=somebody, assessment=Assessment.objects.get(external_id=work), entries={student_id: entry})
    return somebody


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_importing_twice_changes_nothing(version: str, tmp_path: Path) -> None:
    path = oak_gradebook(version).pack(tmp_path)
    run_import(path)
    before = everything()
    report = run_import(path)
    assert everything() == before
    counts = {line.rsplit(maxsplit=3)[0].strip(): line.split()[-3:] for line in report.splitlines() if line[:2] == "  "}
    assert counts["Assessment categories"] == ["0", "0", "3"]
    assert counts["Assessments"] == ["0", "0", "3"]
    assert counts["Scores"] == ["0", "0", "4"]


def test_each_changed_value_is_updated_with_history(tmp_path: Path) -> None:
    run_import(oak_gradebook().pack(tmp_path))
    bundle = oak_gradebook().change("results", "R1", score="18", comment="Very well done")
    bundle.change("results", "R3", scoreStatus="fully graded", score="33.25").change("lineItems", "L3", title="Log")
    bundle.change("categories", "K-H", title="Home").change("lineItems", "L3", dueDate="2024-10-14")
    before = everything()
    run_import(bundle.pack(tmp_path))
    assert changed(before) == {
        "assessments.AssessmentCategory": 1,
        "assessments.HistoricalAssessmentCategory": 1,
        "assessments.Assessment": 1,
        "assessments.HistoricalAssessment": 1,
        "assessments.Score": 2,
        "assessments.HistoricalScore": 2,
        "assessments.SubjectTotal": 1,
        "assessments.ScoreHistogram": 1,
    }
    corrected = Score.objects.get(external_id="R1")
    assert (corrected.score, corrected.notes) == (Decimal(18), "Very well done")
    handed_in = Score.objects.get(external_id="R3")
    assert (handed_in.state, handed_in.score) == (State.GRADED, Decimal("33.25"))
    versions = corrected.history.order_by("history_id").values_list("history_type", "score", "history_change_reason")
    assert list(versions) == [("+", Decimal("17.5"), "OneRoster import"), ("~", Decimal(18), "OneRoster import")]


def test_an_empty_comment_empties_the_note_and_a_missing_column_leaves_it(tmp_path: Path) -> None:
    run_import(oak_gradebook().pack(tmp_path))
    run_import(oak_gradebook().without_column("results", "comment").pack(tmp_path))
    assert Score.objects.get(external_id="R1").notes == "Well done"
    run_import(oak_gradebook().change("results", "R1", comment="").pack(tmp_path))
    assert Score.objects.get(external_id="R1").notes == ""


def test_1_1_after_1_2_takes_back_neither_weights_nor_late(tmp_path: Path) -> None:
    run_import(oak_gradebook("1.2").pack(tmp_path))
    before = everything()
    run_import(oak_gradebook("1.1").pack(tmp_path))
    assert everything() == before


def test_1_2_after_1_1_adds_both(tmp_path: Path) -> None:
    run_import(oak_gradebook("1.1").pack(tmp_path))
    before = everything()
    run_import(oak_gradebook("1.2").pack(tmp_path))
    assert changed(before) == {
        "assessments.AssessmentCategory": 3,
        "assessments.HistoricalAssessmentCategory": 3,
        "assessments.Score": 1,
        "assessments.HistoricalScore": 1,
        "assessments.SubjectTotal": 2,
        "assessments.ScoreHistogram": 1,  # which holds the weights by day
    }
    assert Score.objects.get(external_id="R4").notes == "Handed in late."


def test_marks_that_the_bundle_no_longer_lists_stay(tmp_path: Path) -> None:
    run_import(oak_gradebook().pack(tmp_path))
    bundle = oak_gradebook().remove("results", "R1").remove("results", "R3").remove("lineItems", "L3")
    bundle.remove("results", "R5")
    before = everything()
    run_import(bundle.pack(tmp_path))
    assert everything() == before


@pytest.mark.parametrize("cells", [{"score": ""}, {"scoreStatus": "submitted", "score": ""}])
def test_a_score_that_the_bundle_takes_back_stays_and_is_named(cells: dict[str, str], tmp_path: Path) -> None:
    run_import(oak_gradebook().pack(tmp_path))
    before = everything()
    report = run_import(oak_gradebook().change("results", "R1", **cells).pack(tmp_path))
    assert everything() == before
    assert "Not graded in the bundle, so their score in the portal stays: 1 (Ana Silva in Fractions)" in report


def test_a_score_corrected_in_the_portal_stays_and_is_named(tmp_path: Path) -> None:
    run_import(oak_gradebook().pack(tmp_path))
    somebody = enter("L1", "ana", Entry(State.GRADED, Decimal(19), "Recounted"))
    before = everything()
    report = run_import(oak_gradebook().change("results", "R1", score="18").pack(tmp_path))
    assert everything() == before
    score = Score.objects.get(external_id="R1")
    assert (score.score, score.notes, score.marked_by) == (Decimal(19), "Recounted", somebody)
    assert "Entered or corrected in the portal, so their score there stays: 1 (Ana Silva in Fractions)" in report


def test_a_score_typed_before_the_bundle_had_it_stays(tmp_path: Path) -> None:
    run_import(oak_gradebook().pack(tmp_path))
    enter("L3", "ana", Entry(State.GRADED, Decimal(7)))
    report = run_import(oak_gradebook().change("results", "R5", scoreStatus="fully graded", score="8").pack(tmp_path))
    assert Score.objects.get(assessment__external_id="L3").score == Decimal(7)
    assert "Entered or corrected in the portal, so their score there stays: 1 (Ana Silva in Reading log)" in report


def test_what_the_school_decided_beside_the_bundle_stays(tmp_path: Path) -> None:
    """When parents read it, which type it is, and extra credit."""
    run_import(oak_gradebook().pack(tmp_path))
    admin, work = UserFactory(role=Role.ADMIN), Assessment.objects.get(external_id="L1")
    work.assessment_type, work.allows_extra = "exam", True
    save_assessment(by=admin, assessment=work)
    publish(by=admin, assessments=[work], at=datetime(2024, 9, 12, tzinfo=UTC))
    category = AssessmentCategory.objects.get(external_id="K-Q")
    category.weight = Decimal(3)
    save_category(by=admin, category=category)
    before = everything()
    run_import(oak_gradebook().pack(tmp_path))
    assert everything() == before


def test_extra_credit_allowed_in_the_portal_lets_a_score_in(tmp_path: Path) -> None:
    """The way for scores above the maximum: import without them, allow extra credit, import again."""
    path = oak_gradebook().change("results", "R1", score="21").pack(tmp_path)
    run_import(path, "--skip-invalid")
    assert Score.objects.filter(external_id="R1").count() == 0
    work = Assessment.objects.get(external_id="L1")
    work.allows_extra = True
    save_assessment(by=UserFactory(role=Role.ADMIN), assessment=work)
    run_import(path)
    score = Score.objects.get(external_id="R1")
    assert (score.score, score.max_score, score.allows_extra) == (Decimal(21), Decimal(20), True)


def test_a_new_maximum_reaches_the_scores_that_the_bundle_does_not_list(tmp_path: Path) -> None:
    run_import(oak_gradebook().pack(tmp_path))
    bundle = oak_gradebook().remove("results", "R1").change("lineItems", "L1", resultValueMax="25")
    run_import(bundle.pack(tmp_path))
    kept = Score.objects.filter(assessment__external_id="L1").order_by("external_id")
    assert list(kept.values_list("external_id", "score", "max_score")) == [
        ("R1", Decimal("17.5"), Decimal(25)),
        ("R2", None, Decimal(25)),
    ]
    assert Score.history.filter(external_id="R1").latest().max_score == Decimal(25)


def test_a_maximum_does_not_fall_below_a_score_that_stays(tmp_path: Path) -> None:
    run_import(oak_gradebook().pack(tmp_path))
    bundle = oak_gradebook().remove("results", "R1")
    line = said(
        "lineItems.csv, row 2 (L1), resultValueMax", "“17”", "at least 17.5, which “Ana Silva” has in the portal"
    )
    assert_refused(bundle, change("lineItems", "L1", resultValueMax="17"), [line, HINT], tmp_path)


def test_a_maximum_falls_together_with_its_scores(tmp_path: Path) -> None:
    run_import(oak_gradebook().pack(tmp_path))
    bundle = oak_gradebook().change("lineItems", "L1", resultValueMax="17").change("results", "R1", score="16")
    run_import(bundle.pack(tmp_path))
    score = Score.objects.get(external_id="R1")
    assert (score.score, score.max_score) == (Decimal(16), Decimal(17))


def test_a_result_under_a_new_id_is_the_same_score(tmp_path: Path) -> None:
    run_import(oak_gradebook().pack(tmp_path))
    before = Score.objects.get(external_id="R1").pk
    run_import(oak_gradebook().change("results", "R1", sourcedId="R1-new").pack(tmp_path))
    assert Score.objects.get(external_id="R1-new").pk == before
    assert Score.objects.count() == 4


def test_an_id_that_another_score_has_is_refused(tmp_path: Path) -> None:
    run_import(oak_gradebook().pack(tmp_path))
    bundle = oak_gradebook().remove("results", "R1").change("results", "R5", scoreStatus="fully graded", score="8")
    line = said("results.csv, row 5 (R1), sourcedId", "“R1”", "an id that no other score has in the portal")
    assert_refused(bundle, change("results", "R5", sourcedId="R1"), [line, HINT], tmp_path)


def test_a_row_left_out_leaves_the_score_of_the_portal_alone(tmp_path: Path) -> None:
    run_import(oak_gradebook().pack(tmp_path))
    before = everything()
    path = oak_gradebook().change("results", "R1", score="21").pack(tmp_path)
    assert refusal(path) == [
        said("results.csv, row 2 (R1), score", "“21”", "at most 20, the maximum of the line item"),
        HINT,
    ]
    run_import(path, "--skip-invalid")
    assert everything() == before
