"""`manage.py verify_audit`: names what is not as it was sealed."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts import audit_head
from accounts.audit_models import AuditSeal
from accounts.verifying import one_moment, unsealed_tail, verify_audit

MOST = 100  # findings that are told


class Command(BaseCommand):
    help = _("Compare every audited row with its seal; name what is wrong, missing, moved or added.")

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Raises CommandError, so that it ends with 1, where something is not as it was sealed."""
        with audit_head.locked(), one_moment():
            findings = list(islice(verify_audit(), MOST))
            last = AuditSeal.objects.order_by("-number").first()
            tail = unsealed_tail()
        for finding in findings:
            self.stdout.write(str(finding))
        for label, (number, first) in tail.items():
            self.stdout.write(
                _("not sealed yet: %(number)d of %(label)s, from %(first)d")
                % {"number": number, "label": label, "first": first}
            )
        if findings:
            message = _("The audit is not as it was sealed. First: %(first)s")
            raise CommandError(message % {"first": findings[0]})
        words = {"entries": last.last_entry if last else 0, "seals": last.number if last else 0}
        self.stdout.write(_("As it was sealed: %(entries)d rows, %(seals)d seals.") % words)
