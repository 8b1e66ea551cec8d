"""How often a caller has called within a minute, as all workers together count it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from accounts.call_counts import count_call
from accounts.models import CallCount

MINUTE = 29_000_000  # since the epoch
WORKERS, CALLS = 8, 10


def stored():
    return {row.caller: (row.minute - MINUTE, row.calls) for row in CallCount.objects.all()}


@pytest.mark.django_db
class TestCounting:
    def test_each_caller_is_counted_alone(self):
        assert [count_call("token:1", MINUTE) for _call in range(3)] == [1, 2, 3]
        assert count_call("token:2", MINUTE) == 1
        assert stored() == {"token:1": (0, 3), "token:2": (0, 1)}

    def test_a_new_minute_begins_anew(self):
        assert [count_call("user:1", minute) for minute in (MINUTE, MINUTE, MINUTE + 1, MINUTE + 1)] == [1, 2, 1, 2]

    def test_a_clock_that_is_behind_begins_no_minute_again(self):
        assert [count_call("user:1", minute) for minute in (MINUTE + 1, MINUTE, MINUTE + 1)] == [1, 2, 3]
        assert stored() == {"user:1": (1, 3)}

    def test_who_came_once_is_forgotten_in_the_second_minute_after(self):
        count_call("address:192.0.2.1", MINUTE)
        count_call("user:1", MINUTE + 1)
        assert stored() == {"address:192.0.2.1": (0, 1), "user:1": (1, 1)}
        count_call("user:1", MINUTE + 2)
        assert stored() == {"user:1": (2, 1)}

    def test_a_call_costs_one_statement_and_the_first_of_a_minute_two(self, count_queries):
        assert [count_queries(lambda: count_call("user:1", MINUTE)) for _call in range(3)] == [2, 1, 1]


@pytest.mark.parallel
@pytest.mark.django_db(transaction=True)
def test_no_call_is_lost_between_workers():
    start = Barrier(WORKERS)

    def call(_worker):
        try:
            start.wait(timeout=60)
            return [count_call("token:1", MINUTE) for _call in range(CALLS)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as threads:
        counted = [number for answers in threads.map(call, range(WORKERS)) for number in answers]
    assert sorted(counted) == list(range(1, WORKERS * CALLS + 1))
