"""manage.py import_oneroster FILE.zip [--dry-run] [--skip-invalid]"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from exchange.oneroster import report
from exchange.oneroster.importing import Wanted, import_bundle
from exchange.oneroster.problems import RefusedBundleError, UnreadableBundleError


class Command(BaseCommand):
    """Reads the roster and the gradebook of a OneRoster bundle; importing it again changes nothing."""

    help = _("Imports the roster and the marks of a OneRoster CSV bundle, version 1.1 or 1.2: all of it or nothing.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.zip")
        parser.add_argument("--dry-run", action="store_true", help=_("Check the bundle and report; write nothing."))
        parser.add_argument(
            "--skip-invalid",
            action="store_true",
            help=_("Leave out rows of the marks that break a rule, and report them; a roster is taken whole or not."),
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        file, wanted = options["file"], Wanted(dry_run=options["dry_run"], skip_invalid=options["skip_invalid"])
        # On anything but a terminal (a log, cron) the bar keeps silent.
        with tqdm(desc=_("Rows"), unit="", file=sys.stderr, disable=None, leave=False) as bar:

            def start(total: int) -> Any:
                bar.reset(total=total)
                return bar.update

            try:
                outcome = import_bundle(file, wanted, start=start)
            except UnreadableBundleError as error:
                raise CommandError(f"{file}: {error}") from error
            except RefusedBundleError as error:
                raise CommandError(f"{file}: {report.refusal(error)}") from error
        self.stdout.write(report.summary(outcome, dry_run=wanted.dry_run))
