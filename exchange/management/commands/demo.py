"""`manage.py demo`: loads the demo school into an empty database and prints its logins."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from exchange.demo import DEMO_PASSWORD
from exchange.demo.school import NAME, DatabaseInUseError, build_demo_school


class Command(BaseCommand):
    help = "Load the demo school into an empty database. Where it is loaded already, nothing changes."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Raises CommandError, with nothing changed, for a database that holds another school."""
        try:
            built = build_demo_school()
        except DatabaseInUseError as refusal:
            raise CommandError(str(refusal)) from refusal
        if built:
            self.stdout.write(_("%(school)s is ready.") % {"school": NAME})
        else:
            self.stdout.write(_("%(school)s is here already; nothing was changed.") % {"school": NAME})
        self.stdout.write(self.logins())

    def logins(self) -> str:
        """Who may sign in, a line each."""
        lines = [
            ("admin", _("the school office")),
            ("teacher", _("Ana Silva, classes 7A and 8B; also teacher2 to teacher9")),
            ("parent", _("Miriam Keller, two children; also parent2 to parent120")),
        ]
        return "\n".join(
            [
                _("Sign in with the password %(password)s as") % {"password": DEMO_PASSWORD},
                *(f"  {username:<8} {who}" for username, who in lines),
            ]
        )
