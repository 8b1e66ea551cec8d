"""What waits for the office among the registers: those of the last two weeks that are not taken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.todo import Todo
from attendance.not_taken import registers_not_taken
from attendance.today import MISSED_DAYS
from students.models import SchoolClass

REGISTERS = "registers"


def missing_registers(request: Any) -> Iterable[Todo]:
    """The registers of today and the 14 days before that were due and are not taken, in four statements."""
    today = request.school.today()
    first = today - timedelta(days=MISSED_DAYS)
    years = {"academic_year__starts_on__lte": today, "academic_year__ends_on__gt": first}
    classes = SchoolClass.objects.visible_to(request.user).filter(**years).select_related("academic_year")
    number = len(registers_not_taken(request.school, list(classes), None, first, today).missing)
    address = reverse("attendance:not_taken")
    return [
        Todo(
            ngettext("%(number)d register not taken", "%(number)d registers not taken", number) % {"number": number},
            number,
            f"{address}?start_date={first.isoformat()}&end_date={today.isoformat()}",
        )
    ]
