"""Notes who opened what, for the question every school is asked one day."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.account.adapter import get_adapter

from accounts.access import PortalRequest
from accounts.models import AccessLog

PATH_LENGTH = AccessLog._meta.get_field("path").max_length or 0


def note_reading(request: PortalRequest, student_ids: Iterable[str] = ("",)) -> None:
    """Write one row per child shown on this page, or one row without a child for a list or a register.

    The path is noted without its query, which may hold a name that was searched.
    """
    page = request.resolver_match.view_name if request.resolver_match else ""
    rows = [
        AccessLog(
            reader=request.user,
            page=page,
            path=request.path[:PATH_LENGTH],
            student_id=student_id,
            ip_address=get_adapter().get_client_ip(request),
        )
        for student_id in student_ids
    ]
    AccessLog.objects.bulk_create(rows)
