"""The import on bundles and facts from outside the repository, where they are at hand."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Parent, Teacher, User
from accounts.roles import Role
from assessments.models import Assessment, AssessmentCategory, Score, ScoreHistogram, SubjectTotal
from exchange.oneroster.schema import SCHEMA, Format
from exchange.tests.bundles import everything, run_import
from exchange.tests.refusing import refusal
from students.models import Guardian, School, SchoolClass, Student, StudentParentLink, Subject, Term

SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "data" / "oneroster"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the samples are not at hand in {SAMPLES}"),
]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_school_that_nobody_here_made_up(version: str) -> None:
    run_import(SAMPLES / f"grandbend-v{version}.zip", "--skip-invalid")
    assert School.current().name == "Grand Bend High School"
    assert (Student.objects.count(), Parent.objects.count(), Teacher.objects.count()) == (25, 42, 1)
    assert (Guardian.objects.count(), StudentParentLink.objects.count()) == (42, 42)
    assert User.objects.filter(role=Role.PARENT).count() == 42
    school_class = SchoolClass.objects.get()
    assert (school_class.name, school_class.grade_level) == ("Algebra I, Period 2", "09")
    assert school_class.homeroom_teacher == Teacher.objects.get(external_id="207270")
    assert Subject.objects.get().code == "ALG-1"
    assert list(Term.objects.order_by("starts_on").values_list("starts_on", "ends_on")) == [
        (date(2021, 8, 23), date(2021, 12, 18)),
        (date(2022, 1, 4), date(2022, 5, 28)),
    ]
    links = StudentParentLink.objects.values_list("student__external_id", "parent__external_id")
    assert sorted(links) == sorted(Guardian.objects.values_list("student__external_id", "parent__external_id"))
    assert {("604822", "778167"), ("604822", "778791"), ("604940", "777794")} <= set(links)
    assert Student.objects.get(external_id="604822").full_name == "Lisa Woods"


ABOVE_THE_MAXIMUM = [
    f"results.csv, row {row} (RES-{work}-{student}), score: found “{score}”, expected at most 100, the maximum of the "
    "line item"
    for row, work, student, score in [
        (53, "8907100002", "604881", "103.00"),
        (54, "8907100003", "604881", "102.00"),
        (59, "8907100008", "604881", "102.00"),
        (61, "8907100010", "604881", "103.00"),
        (234, "8907100003", "605135", "101.00"),
    ]
]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_scores_above_the_maximum_refuse_the_whole_bundle(version: str) -> None:
    before = everything()
    lines = refusal(SAMPLES / f"grandbend-v{version}.zip")
    assert lines[:-1] == ABOVE_THE_MAXIMUM
    assert lines[-1] == "All are in the marks: --skip-invalid leaves out these rows and imports the rest."
    assert everything() == before


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_the_rows_above_the_maximum_are_left_out_and_reported(version: str) -> None:
    report = run_import(SAMPLES / f"grandbend-v{version}.zip", "--skip-invalid").splitlines()
    title = report.index("5 rows of the gradebook were left out:")
    assert [line.strip() for line in report[title + 1 : title + 6]] == ABOVE_THE_MAXIMUM
    assert Score.objects.count() == Score.history.count() == 245
    assert Score.objects.filter(assessment__external_id="8907100002", student__external_id="604881").count() == 0
    assert Assessment.objects.filter(published_at=None).count() == 10
    types = Counter(Assessment.objects.values_list("assessment_type", "category__name"))
    assert types == {("assignment", "Assignment"): 8, ("quiz", "Quiz"): 1, ("test", "Test"): 1}


def test_every_result_arrives_as_it_is_in_the_file() -> None:
    """Recounted from the zip: no score rounded, clamped or moved to somebody else; late in 1.2 is a note."""
    run_import(SAMPLES / "grandbend-v1.2.zip", "--skip-invalid")
    with zipfile.ZipFile(SAMPLES / "grandbend-v1.2.zip") as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("results.csv").decode("utf-8-sig"))))
    assert len(rows) == 250
    expected = {
        (row["sourcedId"], row["lineItemSourcedId"], row["studentSourcedId"], Decimal(row["score"]), row["late"])
        for row in rows
        if Decimal(row["score"]) <= 100
    }
    columns = ("external_id", "assessment__external_id", "student__external_id", "score", "notes")
    late = {"Handed in late.": "true", "": "false"}
    assert {(*row[:4], late[row[4]]) for row in Score.objects.values_list(*columns)} == expected


def kept() -> dict[str, list[tuple[object, ...]]]:
    """The rows of the marks, their totals and counts by key and id, and those of everything else whole."""
    tables = everything()
    grades = (AssessmentCategory, Assessment, Score)
    for model in (*grades, *(model.history.model for model in grades)):
        del tables[model._meta.label]
    totals = SubjectTotal.objects.order_by("pk").values_list("pk", "student", "school_class", "subject")
    counts = ScoreHistogram.objects.order_by("pk").values_list("pk", "school_class", "subject", "counts")
    return tables | {
        SubjectTotal._meta.label: list(totals),
        ScoreHistogram._meta.label: list(counts),
        **{model._meta.label: list(model.objects.order_by("pk").values_list("pk", "external_id")) for model in grades},
    }


@pytest.mark.parametrize("order", [("1.1", "1.2"), ("1.2", "1.1")])
def test_the_same_school_from_both_versions(order: tuple[str, str]) -> None:
    """Version 1.1 knows neither weights nor late: it adds none and takes none away."""
    run_import(SAMPLES / f"grandbend-v{order[0]}.zip", "--skip-invalid")
    before = kept()
    run_import(SAMPLES / f"grandbend-v{order[1]}.zip", "--skip-invalid")
    assert kept() == before
    assert sorted(AssessmentCategory.objects.exclude(external_id="").values_list("name", "weight")) == [
        ("Assignment", Decimal(40)),
        ("Quiz", Decimal(20)),
        ("Test", Decimal(40)),
    ]
    assert Score.objects.filter(notes="Handed in late.").count() == 25
    again = everything()
    run_import(SAMPLES / f"grandbend-v{order[1]}.zip", "--skip-invalid")
    assert everything() == again


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_the_columns_are_those_of_the_specification(version: str) -> None:
    """Each column that is read exists, is required and has the words as there ("tobedeleted" is for delta alone)."""
    with (SAMPLES / f"oneroster_v{version.replace('.', 'p')}_columns.csv").open(encoding="utf-8-sig") as facts:
        known = {(row["file"], row["column"]): row for row in csv.DictReader(facts)}
    for name, table in SCHEMA[version].items():
        for column in table.columns:
            fact = known[f"{name}.csv", column.name]
            assert column.required == (fact["required"] == "Yes"), (name, column.name)
            if column.format is Format.WORD and column.name != "status":
                assert set(column.words) == set(fact["enumeration"].split("|")), (name, column.name)
            if column.format in {Format.DATE, Format.YEAR}:
                assert fact["format"] == column.format.name.title(), (name, column.name)
        required = {
            column for file, column in known if file == f"{name}.csv" and known[file, column]["required"] == "Yes"
        }
        assert required == {column.name for column in table.columns if column.required}
