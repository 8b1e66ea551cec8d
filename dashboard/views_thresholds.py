"""The thresholds of the alerts: which are in force, what others would change, and putting them in force."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import FORM, allow
from accounts.reading import note_reading
from accounts.roles import Role
from core.lists import page_of
from dashboard.alert_services import ThresholdsMovedError, set_thresholds
from dashboard.models import ThresholdSet
from dashboard.rehearsal import rehearse
from dashboard.threshold_form import ThresholdForm
from dashboard.threshold_words import rules_in_words, thresholds_in_words
from dashboard.thresholds import Thresholds, thresholds_of
from students.middleware import SchoolRequest


@allow(Role.ADMIN, methods=FORM)
def thresholds(request: SchoolRequest) -> HttpResponse:
    """The thresholds in force, the rehearsal of others, and all versions; a POST puts rehearsed ones in force."""
    versions = all_versions(request)
    in_force = versions[0] if versions else Thresholds()
    if request.method != "POST":
        form = ThresholdForm.of_query(request.GET, in_force)
        return thresholds_page(request, versions, form, status=400 if form.errors else 200)
    form = ThresholdForm(request.POST, in_force=in_force)
    if form.is_valid() and form.against is not None:
        return put_in_force(request, form, form.against)
    notice = "" if form.errors else _("Nothing is saved yet: look first at what would change.")
    return thresholds_page(request, versions, form, status=422, notice=notice)


def all_versions(request: SchoolRequest) -> list[Thresholds]:
    """Every set of thresholds there was, the latest first; one statement, since a school sets few."""
    rows = ThresholdSet.objects.visible_to(request.user).select_related("set_by__teacher", "set_by__parent")
    return [thresholds_of(row) for row in rows]


def put_in_force(request: SchoolRequest, form: ThresholdForm, against: int) -> HttpResponse:
    """Save the rehearsed thresholds, unless others have been put in force since: then they are rehearsed again."""
    try:
        saved = set_thresholds(by=request.user, wanted=form.wanted, against=against)
    except ThresholdsMovedError as moved:
        words = {"name": moved.in_force.set_by, "version": moved.in_force.version}
        notice = _("%(name)s has put version %(version)d in force meanwhile. Nothing is changed: look again.") % words
        again = ThresholdForm(request.POST, in_force=moved.in_force)
        return thresholds_page(request, all_versions(request), again, status=409, notice=notice)
    if saved is None:
        messages.info(request, _("These thresholds are in force already. Nothing is changed."))
    else:
        words = {"version": saved.version, "words": thresholds_in_words(thresholds_of(saved))}
        messages.success(request, _("Version %(version)d is in force from now on: %(words)s.") % words)
    return redirect("dashboard:thresholds")


def thresholds_page(
    request: SchoolRequest, versions: list[Thresholds], form: ThresholdForm, *, status: int, notice: str = ""
) -> HttpResponse:
    """The page, with a rehearsal of what was typed where that can be rehearsed and is not in force already."""
    is_other = form.is_valid() and form.wanted.columns() != form.in_force.columns()
    rehearsal = rehearse(request.user, request.school, form.in_force, form.wanted) if is_other else None
    note_reading(request)
    context = {
        "form": form,
        "in_force": form.in_force,
        "rules": rules_in_words(form.in_force),
        "rehearsal": rehearsal,
        "wanted": rules_in_words(form.wanted) if rehearsal else {},
        "is_in_force": form.is_valid() and not is_other,
        "is_sent": request.method == "POST",
        "notice": notice,
        "page": page_of(versions, request.GET),
    }
    return render(request, "dashboard/thresholds.html", context, status=status)
