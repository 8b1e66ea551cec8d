"""What comes out of the gradebook of a OneRoster bundle. The cast is in bundles.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine

from accounts.models import User
from assessments.models import Assessment, AssessmentCategory, Score
from assessments.tests.recounts import assert_kept
from exchange.tests.bundles import Bundle, everything, oak_gradebook, run_import
from students.models import Enrolment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_all_along")]
both_versions = pytest.mark.parametrize("version", ["1.1", "1.2"])


@pytest.fixture
def kept_all_along(db: None) -> Iterator[None]:
    """After each of these tests the kept totals are what the scores add up to."""
    yield
    assert_kept()


def scores() -> dict[str, tuple[str, Decimal | None]]:
    """State and score by sourcedId."""
    rows = Score.objects.values_list("external_id", "state", "score")
    return {key: (state, score) for key, state, score in rows}


@both_versions
def test_the_whole_gradebook(version: str, tmp_path: Path) -> None:
    run_import(oak_gradebook(version).pack(tmp_path))
    weights = (Decimal(1), Decimal(1), Decimal(1)) if version == "1.1" else (Decimal(20), Decimal(40), Decimal(40))
    imported = AssessmentCategory.objects.exclude(external_id="").order_by("pk")
    assert list(imported.values_list("external_id", "name", "weight", "default_for")) == [
        ("K-Q", "Quizzes", weights[0], ""),
        ("K-T", "Unit tests", weights[1], ""),
        ("K-H", "Homework", weights[2], ""),
    ]
    columns = ("title", "school_class__name", "subject__code", "assessment_type", "category__external_id", "date_taken")
    assert list(Assessment.objects.order_by("external_id").values_list("external_id", *columns, "max_score")) == [
        ("L1", "Fractions", "Maths 9", "MATH", "quiz", "K-Q", date(2024, 9, 10), Decimal(20)),
        ("L2", "Unit 1", "Maths 9", "MATH", "test", "K-T", date(2024, 10, 2), Decimal(50)),
        ("L3", "Reading log", "9B", "007", "assignment", "K-H", date(2024, 10, 11), Decimal(10)),
    ]
    names = ("assessment__title", "student__given_name")
    columns = ("external_id", *names, "state", "score", "max_score", "allows_extra", "notes", "marked_by")
    late = "Handed in late." if version == "1.2" else ""
    assert list(Score.objects.order_by("external_id").values_list(*columns)) == [
        ("R1", "Fractions", "Ana", "graded", Decimal("17.5"), Decimal(20), False, "Well done", None),
        ("R2", "Fractions", "Bo", "exempt", None, Decimal(20), False, "", None),
        ("R3", "Unit 1", "Ana", "missing", None, Decimal(50), False, "", None),
        ("R4", "Unit 1", "Bo", "graded", Decimal(41), Decimal(50), False, late, None),
    ]


@both_versions
def test_what_the_report_says(version: str, tmp_path: Path) -> None:
    report = run_import(oak_gradebook(version).pack(tmp_path))
    counts = {line.rsplit(maxsplit=3)[0].strip(): line.split()[-3:] for line in report.splitlines() if line[:2] == "  "}
    assert counts["Assessment categories"] == ["3", "0", "0"]
    assert counts["Assessments"] == ["3", "0", "0"]
    assert counts["Scores"] == ["4", "0", "0"]
    assert "left out" not in report
    assert "not read yet" not in report


def test_imported_work_is_not_published(tmp_path: Path) -> None:
    """A parent reads it once the school has published it, and then does."""
    run_import(oak_gradebook().pack(tmp_path))
    rita = User.objects.get(username="rita.silva")
    assert list(Score.objects.visible_to(rita)) == []
    Assessment.objects.update(published_at=datetime(2024, 10, 1, tzinfo=UTC))
    seen = Score.objects.visible_to(rita).order_by("external_id").values_list("external_id", flat=True)
    assert list(seen) == ["R1", "R3"]


def test_everything_new_has_one_row_of_history(tmp_path: Path) -> None:
    run_import(oak_gradebook().pack(tmp_path))
    for model in (Assessment, Score):
        kept = model.history.values_list("id", "history_type", "history_user", "history_change_reason")
        rows = model.objects.order_by("pk").values_list("pk", flat=True)
        assert sorted(kept) == [(pk, "+", None, "OneRoster import") for pk in rows], model
    assert AssessmentCategory.history.filter(history_type="+").exclude(external_id="").count() == 3


@both_versions
def test_a_dry_run_reports_the_same_and_writes_nothing(version: str, tmp_path: Path) -> None:
    path = oak_gradebook(version).pack(tmp_path)
    before = everything()
    dry = run_import(path, "--dry-run")
    assert everything() == before
    assert dry.replace("Dry run: nothing was written.", "The import is complete.") == run_import(path)


# what a result says: (its cells, the row that comes of it)
SAID: dict[str, tuple[dict[str, str], tuple[str, Decimal | None] | None]] = {
    "a score of 0 is 0": ({"score": "0"}, ("graded", Decimal(0))),
    "a blank score is not graded": ({"score": ""}, None),
    "exempt with a score is exempt": ({"scoreStatus": "exempt", "score": "0.0"}, ("exempt", None)),
    "not submitted with 0 is missing": ({"scoreStatus": "not submitted", "score": "0"}, ("missing", None)),
    "a part of a score is not final": ({"scoreStatus": "partially graded", "score": "9"}, None),
    "handed in is not graded": ({"scoreStatus": "submitted", "score": ""}, None),
    "the full maximum": ({"score": "20"}, ("graded", Decimal(20))),
    "zeros behind a number": ({"score": "017.5000"}, ("graded", Decimal("17.5"))),
    "two decimals": ({"score": "17.25"}, ("graded", Decimal("17.25"))),
}


@pytest.mark.parametrize("words", SAID)
def test_what_a_result_says(words: str, tmp_path: Path) -> None:
    cells, expected = SAID[words]
    run_import(oak_gradebook().change("results", "R1", **cells).pack(tmp_path))
    assert scores().get("R1") == expected
    assert scores()["R4"] == ("graded", Decimal(41))


def test_missing_in_1_2_is_missing_unless_there_is_a_score(tmp_path: Path) -> None:
    bundle = oak_gradebook("1.2").change("results", "R1", missing="true").change("results", "R5", missing="true")
    run_import(bundle.pack(tmp_path))
    assert scores()["R1"] == ("graded", Decimal("17.5"))
    assert scores()["R5"] == ("missing", None)


def test_a_word_of_the_school_s_own_grades_nothing(tmp_path: Path) -> None:
    report = run_import(oak_gradebook("1.2").change("results", "R1", scoreStatus="ext:draft").pack(tmp_path))
    assert set(scores()) == {"R2", "R3", "R4"}
    assert "Scores that are not final, not imported: 1 (Ana Silva in Fractions)" in report


def test_letters_without_a_number_are_not_imported_and_named(tmp_path: Path) -> None:
    report = run_import(oak_gradebook("1.2").change("results", "R4", score="", textScore="A-").pack(tmp_path))
    assert set(scores()) == {"R1", "R2", "R3"}
    assert "Fully graded without a score, not imported: 1 (Bo Chen in Unit 1)" in report


def test_work_without_a_maximum_is_left_out_with_its_results_and_named(tmp_path: Path) -> None:
    report = run_import(oak_gradebook("1.2").change("lineItems", "L1", resultValueMax="").pack(tmp_path))
    assert sorted(Assessment.objects.values_list("external_id", flat=True)) == ["L2", "L3"]
    assert set(scores()) == {"R3", "R4"}
    assert "Line items without resultValueMax, not imported: 1 (Fractions)" in report
    assert "Results left out with their line item: 2 (R1, R2)" in report


@pytest.mark.parametrize(("today", "state"), [("2024-10-02", None), ("2024-10-03", ("missing", None))])
def test_work_is_not_missing_before_its_day_is_over(today: str, state: tuple[str, None] | None, tmp_path: Path) -> None:
    with time_machine.travel(datetime.fromisoformat(f"{today}T12:00+00:00"), tick=False):
        run_import(oak_gradebook().pack(tmp_path))
    assert scores().get("R3") == state
    assert scores()["R1"] == ("graded", Decimal("17.5"))


def test_late_comes_before_the_comment(tmp_path: Path) -> None:
    run_import(oak_gradebook("1.2").change("results", "R1", late="true").pack(tmp_path))
    assert Score.objects.get(external_id="R1").notes == "Handed in late. Well done"


def test_a_comment_of_several_lines_becomes_one(tmp_path: Path) -> None:
    run_import(oak_gradebook().change("results", "R1", comment="Well done.\r\n\r\nOn to fractions").pack(tmp_path))
    assert Score.objects.get(external_id="R1").notes == "Well done. On to fractions"


# the category's title: the type of its work
NAMED = {
    "Final Exams": "exam",
    "Tests and quizzes": "test",
    "QUIZ": "quiz",
    "Mid-term examination": "exam",
    "Testimonials": "assignment",
    "Klassenarbeiten": "assignment",
}


@pytest.mark.parametrize("title", NAMED)
def test_the_type_is_the_first_that_the_category_names(title: str, tmp_path: Path) -> None:
    run_import(oak_gradebook().change("categories", "K-Q", title=title).pack(tmp_path))
    assert Assessment.objects.get(external_id="L1").assessment_type == NAMED[title]


def test_categories_of_one_name_stay_apart(tmp_path: Path) -> None:
    """Neither two of the bundle nor one of the bundle and the portal's own “Quizzes” are taken for the same."""
    run_import(oak_gradebook("1.2").change("categories", "K-T", title="Quizzes").pack(tmp_path))
    weights = AssessmentCategory.objects.filter(name="Quizzes").order_by("pk").values_list("external_id", "weight")
    assert list(weights) == [("", Decimal(1)), ("K-Q", Decimal(20)), ("K-T", Decimal(40))]


def test_a_student_who_has_left_the_class_keeps_the_results(tmp_path: Path) -> None:
    """By an enrolment of the portal that the bundle no longer lists."""
    run_import(oak_gradebook().pack(tmp_path))
    Enrolment.objects.filter(external_id="E3").update(ends_on=date(2024, 9, 20))
    run_import(oak_gradebook().remove("enrollments", "E3").change("results", "R4", score="42").pack(tmp_path))
    assert scores()["R4"] == ("graded", Decimal(42))


def test_a_bundle_without_marks_is_still_a_roster(tmp_path: Path) -> None:
    bundle = oak_gradebook()
    for name in ("results", "lineItems", "categories"):
        del bundle.tables[name]
    run_import(bundle.pack(tmp_path))
    assert (Assessment.objects.count(), Enrolment.objects.count()) == (0, 3)


def without(*names: str) -> Callable[[Bundle], None]:
    def remove(bundle: Bundle) -> None:
        for name in names:
            del bundle.tables[name]

    return remove


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param(without("results", "lineItems"), (3, 0, 0), id="categories alone"),
        pytest.param(without("results"), (3, 3, 0), id="work that nobody has done yet"),
    ],
)
def test_the_gradebook_up_to_where_it_goes(
    change: Callable[[Bundle], None], found: tuple[int, int, int], tmp_path: Path
) -> None:
    bundle = oak_gradebook()
    change(bundle)
    run_import(bundle.pack(tmp_path))
    imported = AssessmentCategory.objects.exclude(external_id="").count()
    assert (imported, Assessment.objects.count(), Score.objects.count()) == found


def with_more_results(number: int) -> Bundle:
    """The gradebook with further students in the class, each with a result."""
    bundle = oak_gradebook()
    for place in range(number):
        bundle.add("users", "bo", sourcedId=f"bo-{place}", username=f"bo-{place}")
        bundle.add("enrollments", "E3", sourcedId=f"E-{place}", userSourcedId=f"bo-{place}")
        bundle.add("results", "R4", sourcedId=f"R-{place}", studentSourcedId=f"bo-{place}")
    return bundle


@pytest.mark.parametrize("number", [1, 3, 60])
def test_a_second_import_costs_the_same_whatever_the_number_of_results(
    number: int, count_queries: Callable[[Callable[[], object]], int], tmp_path: Path
) -> None:
    """Planned alone: a write is split by what either database takes in one statement."""
    path = with_more_results(number).pack(tmp_path)
    run_import(path)
    assert Score.objects.count() == 4 + number
    assert count_queries(lambda: run_import(path, "--dry-run")) == 19
