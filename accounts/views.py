"""The page on which somebody finds who they are here."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import ANY_ROLE, FORM, PortalRequest, allow
from accounts.models import Parent
from accounts.profile_form import MailForm
from accounts.profiles import choose_mails


@allow(*ANY_ROLE, methods=FORM)
def profile(request: PortalRequest) -> HttpResponse:
    """The own name and addresses; for whoever is a parent, which mails they get."""
    parent: Parent | None = getattr(request.user, "parent", None)
    posted = request.POST if request.method == "POST" else None
    if parent is None and posted is not None:
        raise Http404  # nothing of theirs is for choosing
    form = MailForm(posted, parent=parent) if parent else None
    if parent and form and form.is_valid():
        changed = choose_mails(by=request.user, parent=parent, choices=form.choices)
        messages.success(request, _("Saved.") if changed else _("Saved already: nothing had changed."))
        return redirect("accounts:profile")
    context = {"person": next(iter(request.user.profiles), None), "parent": parent, "form": form}
    return render(request, "accounts/profile.html", context, status=200 if posted is None else 422)
