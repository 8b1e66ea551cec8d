"""No kind of record about a student can be forgotten when the student is erased."""

from django.apps import apps
from django.core.checks import run_checks

from students import records
from students.checks import every_record_is_registered
from students.records import REGISTERED, StudentRecord


def kinds() -> list[type[StudentRecord]]:
    return [model for model in apps.get_models() if issubclass(model, StudentRecord)]


def test_every_kind_of_record_is_registered():
    assert set(REGISTERED) == set(kinds())
    assert every_record_is_registered() == []


def test_a_kind_that_is_not_registered_fails_the_check(monkeypatch):
    forgotten = kinds()[0]
    monkeypatch.delitem(records.REGISTERED, forgotten)
    errors = [(error.id, error.obj, error.msg) for error in run_checks() if error.id == "students.E001"]
    assert errors == [("students.E001", forgotten, f"{forgotten.__name__} is not registered in students.records.")]


def test_every_kind_leads_an_index_with_the_student():
    for model in kinds():
        unique = [constraint.fields[0] for constraint in model._meta.constraints if hasattr(constraint, "fields")]
        indexed = [index.fields[0] for index in model._meta.indexes]
        assert "student" in unique + indexed
