"""The import on bundles and facts from outside the repository, where they are at hand."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Parent, Teacher, User
from accounts.roles import Role
from exchange.oneroster.schema import SCHEMA, Format
from exchange.tests.bundles import everything, run_import
from students.models import Guardian, School, SchoolClass, Student, StudentParentLink, Subject, Term

SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "data" / "oneroster"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the samples are not at hand in {SAMPLES}"),
]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_school_that_nobody_here_made_up(version: str) -> None:
    run_import(SAMPLES / f"grandbend-v{version}.zip")
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


@pytest.mark.parametrize("order", [("1.1", "1.2"), ("1.2", "1.1")])
def test_the_same_school_from_both_versions(order: tuple[str, str]) -> None:
    run_import(SAMPLES / f"grandbend-v{order[0]}.zip")
    before = everything()
    run_import(SAMPLES / f"grandbend-v{order[1]}.zip")
    assert everything() == before


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
