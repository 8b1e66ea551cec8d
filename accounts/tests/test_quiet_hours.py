"""When a parent's quiet hours are."""

from datetime import time

import pytest

from accounts.models import Parent

EVENING, MORNING, NOON = time(21, 30), time(7), time(12)


@pytest.mark.parametrize(
    ("start", "end", "clock", "quiet"),
    [
        (None, None, NOON, False),
        (MORNING, NOON, time(6, 59), False),
        (MORNING, NOON, MORNING, True),
        (MORNING, NOON, time(11, 59), True),
        (MORNING, NOON, NOON, False),
        (EVENING, MORNING, time(21, 29), False),
        (EVENING, MORNING, EVENING, True),
        (EVENING, MORNING, time(0), True),
        (EVENING, MORNING, time(6, 59), True),
        (EVENING, MORNING, MORNING, False),
    ],
)
def test_quiet_hours_hold_their_start_and_not_their_end_also_over_midnight(start, end, clock, quiet):
    assert Parent(quiet_from=start, quiet_until=end).is_quiet_at(clock) is quiet
