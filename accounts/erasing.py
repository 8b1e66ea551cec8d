"""What the audit forgets when a child is erased, and how it goes on to verify."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from accounts.audit_digests import PERSONAL_OF_READING, erasure_digest, sources
from accounts.audit_models import AuditEntry, AuditErasure
from accounts.models import AccessLog, User
from accounts.sealing import lock_chain


@contextmanager
def erasing(*, by: User, student_key: int, student_id: str) -> Iterator[AuditErasure]:
    """Within it, in one transaction, the history of this child may be deleted; elsewhere the triggers refuse that.

    Call forget_child before deleting. No seal is made meanwhile: it would expect rows that are about to go.
    """
    with transaction.atomic():
        lock_chain()
        erasure = AuditErasure.objects.create(student_key=student_key, student_id=student_id, erased_by=by)
        yield erasure
        numbers = AuditEntry.objects.filter(erasure=erasure).order_by("number").values_list("number", flat=True)
        forgotten = list(numbers)
        AuditErasure.objects.filter(pk=erasure.pk).update(
            is_open=False, student_id="", entries=len(forgotten), digest=erasure_digest(forgotten)
        )


def forget_child(erasure: AuditErasure) -> None:
    """Take the salt of every entry about the child, and the child's name out of who opened what."""
    for source in sources().values():
        if source.names_child:
            about = source.rows_about(student_key=erasure.student_key, student_id=erasure.student_id)
            rows = about.values(source.key)
            known = AuditEntry.objects.filter(source=source.label, row__in=rows, salt__isnull=False)
            known.update(salt=None, erasure=erasure)
    AccessLog.objects.filter(student_id=erasure.student_id).update(**dict.fromkeys(PERSONAL_OF_READING, ""))
