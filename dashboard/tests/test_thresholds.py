"""Sets of thresholds: versions, what holds without any, what is refused; and two admins at one moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction

from dashboard.alert_services import ThresholdsMovedError, set_thresholds
from dashboard.models import ThresholdSet
from dashboard.tests.factories import ThresholdSetFactory
from dashboard.threshold_form import PercentField, WholeNumberField
from dashboard.thresholds import Thresholds, thresholds_in_force
from students.models import School
from tests.cast import NOW

START = Thresholds()


def values_of(thresholds: Thresholds) -> tuple[object, ...]:
    return (
        thresholds.attendance,
        thresholds.average,
        thresholds.subject,
        thresholds.negative_notes,
        thresholds.note_days,
    )


def test_a_school_that_set_none_has_what_the_portal_starts_with(cast):
    found = thresholds_in_force()
    assert (found.version, found.set_by, found.valid_from) == (0, "", None)
    assert values_of(found) == (Fraction(9, 10), Fraction(6, 10), Fraction(5, 10), 3, 30)


def test_a_new_set_is_a_new_version_with_who_and_when(cast):
    first = set_thresholds(by=cast.office, wanted=START.with_columns(attendance=Decimal("92.5")))
    second = set_thresholds(by=cast.ana.user, wanted=START.with_columns(negative_notes=4, note_days=14))
    assert (first.version, second.version) == (1, 2)
    found = thresholds_in_force()
    assert (found.version, found.set_by, found.valid_from) == (2, "Ana Silva", NOW)
    assert values_of(found) == (Fraction(9, 10), Fraction(6, 10), Fraction(5, 10), 4, 14)
    assert list(ThresholdSet.objects.values_list("version", "attendance")) == [(2, 90), (1, Decimal("92.5"))]


def test_a_percentage_with_a_decimal_is_kept_exactly(cast):
    set_thresholds(by=cast.office, wanted=START.with_columns(attendance=Decimal("92.3"), average=Decimal("59.9")))
    assert values_of(thresholds_in_force())[:2] == (Fraction(923, 1000), Fraction(599, 1000))


def test_the_same_as_in_force_writes_nothing_whether_stored_or_what_the_portal_starts_with(cast):
    assert set_thresholds(by=cast.office, wanted=START) is None
    assert ThresholdSet.objects.count() == 0
    wanted = START.with_columns(subject=Decimal(45))
    assert set_thresholds(by=cast.office, wanted=wanted).version == 1
    assert set_thresholds(by=cast.ana.user, wanted=wanted) is None
    assert ThresholdSet.objects.count() == 1
    assert set_thresholds(by=cast.office, wanted=START).version == 2


def test_what_was_rehearsed_against_another_version_is_refused_and_nothing_changes(cast):
    set_thresholds(by=cast.office, wanted=START.with_columns(attendance=Decimal(92)), against=0)
    with pytest.raises(ThresholdsMovedError) as refused:
        set_thresholds(by=cast.office, wanted=START.with_columns(attendance=Decimal(95)), against=0)
    assert refused.value.in_force.version == 1
    assert ThresholdSet.objects.count() == 1
    assert set_thresholds(by=cast.office, wanted=START.with_columns(attendance=Decimal(95)), against=1).version == 2


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        pytest.param({"attendance": Decimal("100.1")}, "thresholds_within_percent", id="more than all"),
        pytest.param({"average": Decimal("-0.1")}, "thresholds_within_percent", id="less than nothing"),
        pytest.param({"subject": Decimal("999.9")}, "thresholds_within_percent", id="a subject far above"),
        pytest.param({"negative_notes": 0}, "thresholds_of_notes_within_reason", id="no note"),
        pytest.param({"negative_notes": 51}, "thresholds_of_notes_within_reason", id="too many notes"),
        pytest.param({"note_days": 0}, "thresholds_of_notes_within_reason", id="no day"),
        pytest.param({"note_days": 366}, "thresholds_of_notes_within_reason", id="more than a year"),
        pytest.param({"version": 0}, "thresholds_version_from_one", id="the version of the start"),
    ],
)
def test_the_database_refuses_what_cannot_be(cast, wrong, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ThresholdSetFactory(set_by=cast.office, **wrong)


def test_a_version_is_there_once(cast):
    ThresholdSetFactory(version=7, set_by=cast.office)
    with pytest.raises(IntegrityError, match="version"), transaction.atomic():
        ThresholdSetFactory(version=7, set_by=cast.office)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("92", "92"), ("92.5", "92.5"), ("92,5", "92.5"), (" 7 ", "7"), ("0", "0"), ("100", "100"), ("100.0", "100"),
     ("92 %", "92"), ("92.5%", "92.5"), ("92\N{NO-BREAK SPACE}%", "92"), ("007", "7")],
)  # fmt: skip
def test_how_a_percentage_may_be_typed(typed, value):
    assert PercentField().clean(typed) == Decimal(value)


def test_an_empty_percentage_that_need_not_be_given_is_none():
    assert PercentField(required=False).clean("") is None


BELOW_AND_ABOVE = "Give a percentage from 0 to 100, such as 90 or 92.5."


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        pytest.param("", "This field is required.", id="empty"),
        pytest.param("ninety", BELOW_AND_ABOVE, id="a word"),
        pytest.param("101", "Give at most 100 %.", id="above all"),
        pytest.param("100.1", "Give at most 100 %.", id="a tenth above all"),
        pytest.param("-1", "Give a percentage from 0 to 100, without a minus.", id="a minus"),
        pytest.param("−1", "Give a percentage from 0 to 100, without a minus.", id="a printed minus"),
        pytest.param("90.55", "Give at most one decimal, such as 92.5.", id="two decimals"),
        pytest.param("1e3", BELOW_AND_ABOVE, id="an exponent"),
        pytest.param("NaN", BELOW_AND_ABOVE, id="not a number"),
        pytest.param("1_0", BELOW_AND_ABOVE, id="an underscore, which int() takes"),
        pytest.param("９０", "Type the digits 0 to 9, such as 90 or 92.5.", id="full-width digits"),
        pytest.param("٩٠", "Type the digits 0 to 9, such as 90 or 92.5.", id="Arabic digits"),
        pytest.param("9\x000", "This holds characters that cannot be printed. Type it again on one line.", id="a null"),
        pytest.param("9\n0", "This holds characters that cannot be printed. Type it again on one line.", id="a break"),
        pytest.param("9" * 5000, BELOW_AND_ABOVE, id="huge"),
    ],
)
def test_what_is_no_percentage(typed, sentence):
    with pytest.raises(ValidationError) as refused:
        PercentField().clean(typed)
    assert refused.value.messages == [sentence]


@pytest.mark.parametrize("typed", ["0", "51", "400", "-3", "3.0", "3,5", "1e1", "abc", "9" * 5000, "1_0"])
def test_what_is_no_whole_number_of_1_to_50(typed):
    assert WholeNumberField(most=50).clean("50") == 50
    with pytest.raises(ValidationError) as refused:
        WholeNumberField(most=50).clean(typed)
    assert refused.value.messages == ["Give a whole number from 1 to 50."]


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
class TestAtOneMoment:
    TIMES = 8

    def together(self, cast, wanted, **against) -> list[object]:
        """What each of several saves gives, all started at once on connections of their own."""
        start = Barrier(self.TIMES)

        def save(number: int) -> object:
            try:
                start.wait(timeout=60)
                return set_thresholds(by=cast.office, wanted=wanted(number), **against)
            except ThresholdsMovedError:
                return "moved"
            finally:
                connections.close_all()

        with ThreadPoolExecutor(self.TIMES) as threads:
            return list(threads.map(save, range(self.TIMES)))

    def test_admins_who_set_others_get_a_number_each(self, cast):
        assert School.objects.filter(pk=School.ONLY).exists()
        saved = self.together(cast, lambda number: START.with_columns(attendance=Decimal(91 + number)))
        assert sorted(row.version for row in saved) == list(range(1, self.TIMES + 1))
        kept = {row.version: row.attendance for row in ThresholdSet.objects.all()}
        assert kept == {row.version: row.attendance for row in saved}

    def test_the_same_is_saved_once(self, cast):
        saved = self.together(cast, lambda _number: START.with_columns(attendance=Decimal(95)))
        assert [row.version for row in saved if row] == [1]
        assert ThresholdSet.objects.count() == 1

    def test_of_those_rehearsed_against_one_version_the_first_holds_and_the_others_are_told(self, cast):
        saved = self.together(cast, lambda number: START.with_columns(attendance=Decimal(91 + number)), against=0)
        assert saved.count("moved") == self.TIMES - 1
        assert [row.version for row in saved if row != "moved"] == [1]
        assert ThresholdSet.objects.count() == 1
