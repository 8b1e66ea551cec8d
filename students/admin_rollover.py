"""The start of a school year in the office: days, classes and students, a confirmation; and taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import PortalRequest
from accounts.reading import note_reading
from accounts.scoping import visible_or_404
from students.models import AcademicYear, Rollover
from students.rollover import RolloverRefused, closed_because, count_choices, repeats, year_to_leave
from students.rollover_forms import CLASSES_PREFIXES, DAYS_PREFIXES, Draft
from students.rollover_undo import kept_because, undo_rollover, what_goes
from students.rollover_writing import roll_over

UNREADABLE = 422
STEPS = ("days", "preview", "confirm", "write")  # what the pressed button asks for


class RolloverPages:
    """The pages beside those of a school year."""

    change_list_template = "admin/rollover_list.html"
    change_form_template = "admin/rollover_year.html"

    def get_urls(self) -> Any:
        site: Any = self.admin_site  # type: ignore[attr-defined]
        own = [
            path("next/", site.admin_view(self.next_year), name="students_academicyear_next"),
            path("<int:year_id>/undo/", site.admin_view(self.undo), name="students_academicyear_undo"),
        ]
        return own + super().get_urls()  # type: ignore[misc]

    def page(self, request: HttpRequest, name: str, title: str, **context: Any) -> TemplateResponse:
        """A page of the office in the frame of the school years."""
        site, opts = self.admin_site, self.opts  # type: ignore[attr-defined]
        wrong = context.get("wrong") or context.get("mistyped")
        return TemplateResponse(
            request,
            f"admin/rollover_{name}.html",
            {**site.each_context(request), "opts": opts, "title": title, **context},
            status=UNREADABLE if wrong else 200,
        )

    def next_year(self, request: PortalRequest) -> HttpResponse:
        """Each step is shown by a POST that carries all that was typed before; only the last one stores."""
        if not self.has_add_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        year = chosen_year(request)
        if year is None:
            return self.page(request, "closed", _("Start the next school year"))
        if reason := closed_because(year, timezone.localdate()):
            wrong = [reason] if request.method == "POST" else []
            return self.page(request, "closed", _("Start the next school year"), year=year, reason=reason, wrong=wrong)
        if request.method != "POST":
            return self.days_page(request, Draft(year))
        return self.step(request, Draft(year, request.POST), request.POST.get("to", ""))

    def step(self, request: PortalRequest, draft: Draft, wanted: str) -> HttpResponse:
        """The page that the button asks for, or the one on which something is to be mended."""
        if wanted not in STEPS:
            draft.wrong = [_("This page came back incomplete. Press one of its buttons again.")]
            return self.days_page(request, draft)
        if wanted == "days" or not draft.days_right():
            return self.days_page(request, draft, mistyped=wanted != "days")
        if wanted == "preview" and not draft.shown:
            return self.preview_page(request, draft)
        if not draft.classes_right():
            return self.preview_page(request, draft, mistyped=True)
        if wanted == "write":
            return self.write(request, draft)
        return self.confirm_page(request, draft) if wanted == "confirm" else self.preview_page(request, draft)

    def days_page(self, request: HttpRequest, draft: Draft, *, mistyped: bool = False) -> HttpResponse:
        return self.page(
            request,
            "days",
            _("Start the next school year"),
            draft=draft,
            carried=draft.carried(CLASSES_PREFIXES),
            wrong=draft.wrong,
            mistyped=mistyped,
        )

    def preview_page(self, request: PortalRequest, draft: Draft, *, mistyped: bool = False) -> HttpResponse:
        note_reading(request)
        return self.page(
            request,
            "preview",
            _("Classes and students of %(year)s") % {"year": draft.plan.new_year},
            draft=draft,
            blocks=draft.blocks,
            carried=draft.carried(DAYS_PREFIXES),
            wrong=draft.wrong,
            mistyped=mistyped,
        )

    def confirm_page(self, request: PortalRequest, draft: Draft) -> HttpResponse:
        note_reading(request)
        plan, pupils = draft.plan, draft.reading.pupils
        goes_to = {pupil.place: plan.made.get(plan.choices[pupil.place]) for pupil in pupils}
        going = list(goes_to.values())
        repeaters = [
            (pupil.student, new) for pupil in pupils if (new := goes_to[pupil.place]) and repeats(pupil.source, new)
        ]
        return self.page(
            request,
            "confirm",
            _("Start %(year)s?") % {"year": plan.new_year},
            plan=plan,
            totals=count_choices(plan, pupils),
            classes=[(new, going.count(new)) for new in plan.made.values()],
            repeaters=repeaters,
            carried=draft.carried(DAYS_PREFIXES + CLASSES_PREFIXES),
        )

    def write(self, request: PortalRequest, draft: Draft) -> HttpResponse:
        totals = count_choices(draft.plan, draft.reading.pupils)
        try:
            rollover = roll_over(by=request.user, plan=draft.plan)
        except RolloverRefused as refusal:
            draft.wrong = refusal.messages
            return self.preview_page(request, draft)
        done = _("%(year)s is ready: %(totals)s It can be undone here until its first record.")
        messages.success(request, done % {"year": rollover.new_name, "totals": totals.sentence})
        return redirect("admin:students_academicyear_change", rollover.new_year_id)

    def undo(self, request: PortalRequest, year_id: int) -> HttpResponse:
        """Ask, and on POST take the start of the year back."""
        if not self.has_delete_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        year = visible_or_404(AcademicYear.objects.all(), request.user, pk=year_id)
        rollover = Rollover.objects.filter(new_year=year).select_related("new_year", "made_by").first()
        if rollover is None:
            raise Http404
        reason = kept_because(rollover)
        if request.method == "POST" and not reason:
            try:
                undo_rollover(by=request.user, rollover=rollover)
            except RolloverRefused as refusal:
                reason = " ".join(refusal.messages)
            else:
                messages.success(request, _("The start of %(year)s is undone.") % {"year": rollover.new_name})
                return redirect(reverse("admin:students_academicyear_changelist"))
        wrong = [reason] if request.method == "POST" else []
        title = _("Undo the start of %(year)s?") % {"year": year}
        return self.page(
            request, "undo", title, rollover=rollover, goes=what_goes(rollover), reason=reason, wrong=wrong
        )


def chosen_year(request: PortalRequest) -> AcademicYear | None:
    """The year to start from: the one that the form or the address names, or the latest that has begun."""
    named = request.POST.get("old_year") if request.method == "POST" else request.GET.get("year")
    if named is None:
        return year_to_leave(timezone.localdate())
    if not (named.isascii() and named.isdecimal() and len(named) < 19):  # noqa: PLR2004  (fits a key)
        raise Http404
    return visible_or_404(AcademicYear.objects.all(), request.user, pk=int(named))
