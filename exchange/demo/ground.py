"""What every part of the demo school stands on."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime, time
from random import Random

from django.utils import timezone

from accounts.models import User
from exchange.demo.days import YearPlan
from students.models import School

SEED = 20100901


@dataclass(frozen=True)
class Ground:
    """The school and its year, today, the one generator, and the admin in whose name the office works."""

    school: School
    plan: YearPlan
    today: date
    random: Random
    admin: User

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A time of day at the school."""
        return datetime.combine(day, time(hour, minute), tzinfo=zoneinfo.ZoneInfo(self.school.time_zone))

    def until_now(self, moment: datetime) -> datetime:
        """The moment, but never in the future: the demo school may be made at six in the morning."""
        return min(moment, max(timezone.now(), self.at(self.today, 0)))
