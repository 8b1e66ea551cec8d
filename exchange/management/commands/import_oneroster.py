"""manage.py import_oneroster FILE.zip [--dry-run]"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from exchange.oneroster import report
from exchange.oneroster.importing import import_bundle
from exchange.oneroster.problems import RefusedBundleError, UnreadableBundleError


class Command(BaseCommand):
    """Reads the roster half of a OneRoster bundle; importing it again changes nothing."""

    help = _("Imports the roster of a OneRoster CSV bundle, version 1.1 or 1.2: all of it or nothing.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.zip")
        parser.add_argument("--dry-run", action="store_true", help=_("Check the bundle and report; write nothing."))

    def handle(self, *_args: Any, **options: Any) -> None:
        file, dry_run = options["file"], options["dry_run"]
        # On anything but a terminal (a log, cron) the bar keeps silent.
        with tqdm(desc=_("Rows"), unit="", file=sys.stderr, disable=None, leave=False) as bar:

            def start(total: int) -> Any:
                bar.reset(total=total)
                return bar.update

            try:
                outcome = import_bundle(file, dry_run=dry_run, start=start)
            except UnreadableBundleError as error:
                raise CommandError(f"{file}: {error}") from error
            except RefusedBundleError as error:
                raise CommandError(f"{file}: {report.refusal(error)}") from error
        self.stdout.write(report.summary(outcome, dry_run=dry_run))
