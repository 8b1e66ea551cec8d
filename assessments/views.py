"""The pages of mark entry: the scores of one piece of work, and the undo of a save."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import parking
from accounts.access import ACT, FORM, allow
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from assessments.forms import ScoresForm
from assessments.models import Assessment
from assessments.scores_page import ScoresPage
from assessments.scoresheet import read_lines, say_saved
from assessments.services import Receipt, ScoresRefused, record_scores, undo_scores
from students.middleware import SchoolRequest
from students.sheet_pages import tell_kept, undo_posted


@allow(Role.ADMIN, Role.TEACHER, methods=FORM)
def scores(request: SchoolRequest, pk: int) -> HttpResponse:
    """Enter the scores of a piece of work."""
    page = open_page(request, pk)
    if page.form.is_valid():
        try:
            return saved(request, page)
        except ScoresRefused as refusal:
            page.form.errors.extend(refusal.messages)
    if request.method != "POST":
        note_reading(request)
    return entry_page(request, page)


def open_page(request: SchoolRequest, pk: int) -> ScoresPage:
    """The piece of work that may be seen, with what was posted or is waiting since a session ended."""
    assessment = visible_or_404(
        Assessment.objects.select_related("school_class__academic_year", "subject", "category"), request.user, pk=pk
    )
    posted = request.POST.dict() if request.method == "POST" else None
    parked = None if posted else parking.parked_fields(request)
    if parked is not None:
        parked["check"] = "1"  # shown as a preview; saved only when it is sent again
    return ScoresPage(assessment, ScoresForm(assessment, read_lines(assessment), posted or parked), request.user)


def entry_page(request: SchoolRequest, page: ScoresPage) -> HttpResponse:
    """The form, as it stands or as it was sent."""
    context = {
        "page": page,
        "form": page.form,
        "kept_for": parking.owner_field(request.user, request.path),
        "parked": request.GET.get(parking.KEY) or request.POST.get(parking.KEY),
    }
    refused = request.method == "POST" and (page.form.errors or not page.form.wants_check)
    return render(request, "assessments/scores.html", context, status=422 if refused else 200)


def saved(request: SchoolRequest, page: ScoresPage) -> HttpResponse:
    """Save the lines that can be; the page that follows shows those that cannot, or asks which of a clash stands."""
    form = page.form
    receipt = record_scores(by=request.user, assessment=page.assessment, entries=form.entries, bases=form.bases)
    tell_kept(request, receipt.kept)
    if form.held and not receipt.clashes:
        page.show_saved(receipt.saved)
        return entry_page(request, page)
    parking.forget(request)
    if not receipt.clashes:
        if not receipt.saved:
            messages.success(request, _("Nothing to change."))
        return redirect("assessments:scores", pk=page.assessment.pk)
    return clash_page(request, page, receipt)


def clash_page(request: SchoolRequest, page: ScoresPage, receipt: Receipt) -> HttpResponse:
    """Asks which score of each clash stands; lines held back travel along as they were typed."""
    if receipt.saved:
        messages.success(request, say_saved(receipt.saved))
    context = {
        "page": page,
        "clashes": page.clashes(receipt.clashes),
        "carried": page.carried,
        "undecided": page.form.undecided,
        "today": request.school.today(),
        "kept_for": parking.owner_field(request.user, request.path),
    }
    return render(request, "assessments/clash.html", context, status=409)


@allow(Role.ADMIN, Role.TEACHER, methods=ACT)
def undo(request: SchoolRequest, pk: int) -> HttpResponse:
    """Take back this person's own save of the last ten minutes."""
    assessment = visible_or_404(Assessment.objects.all(), request.user, pk=pk)
    undo_posted(
        request, lambda saved_at: undo_scores(by=request.user, assessment=assessment, saved_at=saved_at), say_undone
    )
    return redirect("assessments:scores", pk=pk)


def say_undone(number: int) -> str:
    """What an undo brought back."""
    return ngettext("Undone: %(number)d score is as before.", "Undone: %(number)d scores are as before.", number) % {
        "number": number
    }
