"""manage.py bench_school --students N [--days 180]"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from exchange.bench.days import FEWEST_DAYS, MOST_DAYS
from exchange.bench.school import NAME, build_bench_school
from exchange.bulk_loading import settle_statistics
from exchange.demo.school import DatabaseInUseError

USUAL_DAYS = 180


class Command(BaseCommand):
    """Fills an empty database with a school of any size, to measure on."""

    help = _(
        "Fill an empty database with a school of N students and a school year up to today, to measure on. "
        "Its rows have no history, and nobody has a password."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--students", type=int, required=True, metavar="N", help=_("In classes of 25."))
        parser.add_argument(
            "--days", type=int, default=USUAL_DAYS, help=_("School days up to today, by default %(default)s.")
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Raises CommandError, with nothing changed, for a size that cannot be and a database that is in use."""
        students, days = options["students"], options["days"]
        if students < 1:
            raise CommandError(_("--students takes a whole number above 0."))
        if not FEWEST_DAYS <= days <= MOST_DAYS:
            raise CommandError(_("--days takes %(from)d to %(to)d days.") % {"from": FEWEST_DAYS, "to": MOST_DAYS})
        try:
            school = build_bench_school(students, days)
        except DatabaseInUseError as refusal:
            raise CommandError(str(refusal)) from refusal
        settle_statistics()
        self.stdout.write(
            _("%(school)s is ready: %(students)d students in %(classes)d classes, %(days)d school days.")
            % {"school": NAME, "students": students, "classes": len(school.rooms), "days": days}
        )
