"""manage.py create_admin USERNAME EMAIL"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.invitations import days_of_a_link, link_for, note_invitation
from accounts.models import User
from accounts.people import create_admin
from accounts.roles import Role


class Command(BaseCommand):
    """Makes the first admin, who chooses a password by a link: none is typed here, mailed or shown."""

    help = _("Make an admin, and print the link by which they choose their password. It works once.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("email")

    def handle(self, *_args: Any, username: str, email: str, **_options: Any) -> None:
        """Raises CommandError for a name or an e-mail that is none, or a name that somebody has."""
        try:
            user = waiting_admin(username, email) or create_admin(username=username, email=email)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        note_invitation(by=None, user=user)
        words = {"name": user.username, "days": days_of_a_link()}
        self.stdout.write(_("%(name)s is an admin. The link to a password works once, for %(days)d days:") % words)
        self.stdout.write(link_for(user))


def waiting_admin(username: str, email: str) -> User | None:
    """The admin of this name and e-mail who has not chosen a password yet: the link before may be lost."""
    user = User.objects.filter(username=username, email=email, role=Role.ADMIN, is_active=True).first()
    return user if user and not user.has_usable_password() else None
