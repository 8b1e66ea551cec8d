"""manage.py recount [--check]"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from assessments.recounting import classes_with_totals, recount_whole_class
from attendance.recounting import recount_class
from exchange.recount_report import report
from students.models import SchoolClass


class Command(BaseCommand):
    """Compares everything that is kept beside its rows with these rows."""

    help = _(
        "Count again what is kept beside the rows that it is counted from: the counts of the registers, the totals and "
        "the distributions of the scores. Mends what is wrong, and says what it was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help=_("Only say what is wrong; end with 1 where something is.")
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Raises CommandError, with nothing changed, where --check finds something."""
        repair = not options["check"]
        classes = SchoolClass.objects.select_related("academic_year").order_by("pk")
        registers = [
            wrong
            for school_class in tqdm(classes, disable=None, desc=_("Registers"), unit="class", leave=False)
            for wrong in recount_class(school_class, by=None, repair=repair)
        ]
        totals = [
            wrong
            for school_class in tqdm(classes_with_totals(), disable=None, desc=_("Marks"), unit="class", leave=False)
            for wrong in recount_whole_class(school_class, repair)
        ]
        self.stdout.write(report(registers, totals))
        if not (number := len(registers) + len(totals)):
            return
        if not repair:
            raise CommandError(_("%(number)d wrong. Run manage.py recount to mend them.") % {"number": number})
        self.stdout.write(_("%(number)d mended.") % {"number": number})
