"""Keeps a form that was posted after its session had ended, until the same person has signed in again.

A form that is worth keeping carries a signed field that names its person and its address. Whoever posts it while signed
out, or signed in anew in another window, is sent on; what was typed waits for an hour, is shown to nobody else, and is
saved only when they save it.
"""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import PortalRequest
from accounts.models import ParkedForm, User

OWNER, KEY = "kept_for", "parked"
MOST_BYTES = 100_000
KEPT_FOR = timedelta(hours=1)
OPEN_FOR = timedelta(days=1)  # how long a page may lie open and still be known as its person's
LEFT_OUT = ("csrfmiddlewaretoken", OWNER, KEY)

signer = TimestampSigner(salt="accounts.parking")


def owner_field(user: User, path: str) -> str:
    """The value of the signed field of a form: whose it is, and at which address."""
    return signer.sign(f"{user.pk}:{path}")


def owner_of(request: HttpRequest) -> int | None:
    """Whose form was posted to this address, as its signed field says; None for any other post."""
    try:
        key, path = signer.unsign(request.POST.get(OWNER, ""), max_age=OPEN_FOR).split(":", 1)
    except BadSignature:
        return None
    return int(key) if path == request.path else None


def park(request: HttpRequest) -> HttpResponse | None:
    """Keep a posted form and lead to the sign-in, or to the page for somebody signed in; None where it has no owner.

    A later form of the same address takes the place of the earlier one.
    """
    owner = owner_of(request)
    if owner is None or not User.objects.filter(pk=owner, is_active=True).exists():
        return None
    address = request.path
    fields = json.dumps({name: value for name, value in request.POST.dict().items() if name not in LEFT_OUT})
    if len(fields.encode()) > MOST_BYTES:
        messages.error(request, _("Your session had ended, and this was too much text to keep. It was not saved."))
    else:
        forget_old()
        ParkedForm.objects.filter(owner=owner, path=request.path).delete()
        parked = ParkedForm.objects.create(owner_id=owner, path=request.path, fields=fields)
        address = f"{request.path}?{urlencode({KEY: parked.pk})}"
        messages.warning(request, _("Your session had ended. What you typed is kept for an hour; it is not saved yet."))
    return redirect(address) if request.user.is_authenticated else redirect_to_login(address)


def forget_old() -> None:
    """Delete what has waited longer than an hour."""
    ParkedForm.objects.filter(parked_at__lt=timezone.now() - KEPT_FOR).delete()


def parked_fields(request: PortalRequest) -> dict[str, str] | None:
    """What this person typed at this address and could not save, for the page to show; None if nothing waits."""
    try:
        key = uuid.UUID(request.GET.get(KEY, ""))
    except ValueError:
        return None
    waiting = ParkedForm.objects.filter(
        pk=key, owner=request.user, path=request.path, parked_at__gte=timezone.now() - KEPT_FOR
    ).first()
    fields: dict[str, str] | None = json.loads(waiting.fields) if waiting else None
    return fields


def forget(request: PortalRequest) -> None:
    """The form is saved: what was kept of it goes."""
    try:
        key = uuid.UUID(request.POST.get(KEY, ""))
    except ValueError:
        return
    ParkedForm.objects.filter(pk=key, owner=request.user).delete()


def forget_student(student_id: str) -> None:
    """A student is erased: a form that names them goes too."""
    ParkedForm.objects.filter(fields__contains=f'-{student_id}"').delete()
