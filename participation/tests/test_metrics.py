"""What the numbers of participation mean. Expected numbers are written by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from participation.child_participation import participation_of
from participation.metrics import Participation, participation_by_student
from participation.models import ParticipationRecord, Status
from participation.tests.factories import EventFactory, ParticipationRecordFactory
from tests.cast import MONDAY

DAY = timedelta(days=1)


@pytest.fixture
def week(cast):
    """Amina on five days in five ways, the last of them today; Bo twice today; Cleo never."""
    for number, status in enumerate(Status):
        event = EventFactory(name=f"Day {number}", date=MONDAY - (4 - number) * DAY, school_class=cast.class_7a)
        ParticipationRecordFactory(student=cast.amina, event=event, status=status)
    for name in ("Choir", "Chess"):
        ParticipationRecordFactory(student=cast.bo, event=EventFactory(name=name, school_class=None))


def test_each_status_is_counted_and_absence_is_no_part_taken(cast, week):
    found = participation_by_student(ParticipationRecord.objects.all())
    assert found == {
        cast.amina.pk: Participation(attended=1, helped=1, led=1, award=1, absent=1),
        cast.bo.pk: Participation(attended=2),
    }
    assert (found[cast.amina.pk].took_part, found[cast.amina.pk].recorded) == (4, 5)


def test_only_over_the_days_asked_for_both_inclusive(cast, week):
    records = ParticipationRecord.objects.between(MONDAY - 3 * DAY, MONDAY - DAY)
    assert participation_by_student(records) == {cast.amina.pk: Participation(helped=1, led=1, award=1)}


def test_no_record_is_no_entry_and_all_zero(week, cast):
    assert cast.cleo.pk not in participation_by_student(ParticipationRecord.objects.all())
    assert (Participation().took_part, Participation().recorded) == (0, 0)


@pytest.mark.parametrize("times", [1, 3, 60])
def test_it_costs_one_statement(cast, count_queries, times):
    event = EventFactory(school_class=None)
    ParticipationRecordFactory.create_batch(times, event=event)
    assert count_queries(lambda: participation_by_student(ParticipationRecord.objects.all())) == 1


class TestOfOneChild:
    def of_amina(self, cast, first=date(2025, 9, 1), last=MONDAY):
        return participation_of(ParticipationRecord.objects.filter(student=cast.amina), first, last)

    def test_the_latest_come_first_with_their_counts(self, cast, week):
        child = self.of_amina(cast)
        assert [record.event_name for record in child.records] == ["Day 4", "Day 3", "Day 2", "Day 1", "Day 0"]
        assert child.counts == Participation(attended=1, helped=1, led=1, award=1, absent=1)

    def test_a_shorter_span_narrows_both(self, cast, week):
        child = self.of_amina(cast, first=MONDAY, last=MONDAY)
        assert ([record.status for record in child.records], child.counts) == (["absent"], Participation(absent=1))

    def test_a_term_is_a_span_too(self, cast, week):
        assert ParticipationRecord.objects.during(cast.year).filter(student=cast.amina).count() == 5

    def test_it_costs_one_statement_with_the_classes(self, cast, week, count_queries):
        assert count_queries(lambda: [row.school_class for row in self.of_amina(cast).records]) == 1
