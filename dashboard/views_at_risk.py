"""Whom to talk to, and why: the alerts with their evidence."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from accounts.access import allow
from accounts.reading import note_reading
from accounts.roles import Role
from core.export import asks_for_file, file_response
from core.lists import chips_of, page_of
from core.numbers import percent
from dashboard.alert_words import ExplainedAlert, explain, version_in_words
from dashboard.alerts import AtRisk, at_risk_in
from dashboard.at_risk_form import AtRiskForm
from dashboard.risk import Rule
from dashboard.scope import seen_year
from students.middleware import SchoolRequest

COLUMNS = (
    "student_id",
    "full_name",
    "class",
    "rule",
    "subject",
    "value",
    "threshold",
    "raised_by",
    "since",
    "clears",
    "last_action",
    "action_date",
    "look_again_on",
)


@allow(Role.ADMIN, Role.TEACHER)
def at_risk(request: SchoolRequest) -> HttpResponseBase:
    """The students at risk whom this person sees, by pages or as a file."""
    seen = seen_year(request.user, request.school)
    form = AtRiskForm(request.GET, seen=seen)
    scope = form.scope if form.is_valid() else None
    listed = at_risk_in(scope, rule=form.chosen_rule, **form.overrides) if scope else None
    note_reading(request)
    if listed and asks_for_file(request):
        return file_response(request, "students-at-risk", COLUMNS, lines(explain(listed, listed.alerts)))
    return at_risk_page(request, form, listed)


def at_risk_page(request: SchoolRequest, form: AtRiskForm, listed: AtRisk | None) -> HttpResponse:
    """The page that was asked for, with the rows behind its alerts."""
    page = page_of(listed.alerts if listed else [], request.GET)
    context = {
        "filter_form": form,
        "chips": chips_of(form, request.GET),
        "listed": listed,
        "page": page,
        "alerts": explain(listed, list(page.object_list)) if listed else [],
        "counts": [(rule, rule.label, number) for rule, number in listed.counts.items()] if listed else [],
        "in_force": version_in_words(listed.in_force) if listed else "",
    }
    return render(request, "dashboard/at_risk.html", context, status=400 if form.errors else 200)


def lines(alerts: list[ExplainedAlert]) -> Iterator[list[object]]:
    """One line of the file a reason, in the words of the API; a share as percent, notes as a number."""
    for explained in alerts:
        student, action = explained.alert.student, explained.alert.action
        for each in explained.reasons:
            reason = each.reason
            is_number = reason.rule == Rule.BEHAVIORAL_CONCERN
            yield [
                student.student_id,
                student.full_name,
                student.class_name,  # type: ignore[attr-defined]
                reason.rule.value,
                each.subject,
                int(reason.value) if is_number else percent(reason.value),
                int(reason.threshold) if is_number else percent(reason.threshold),
                each.raised_by,
                each.since,
                each.clears,
                action.kind.value if action else "",
                action.done_on if action else None,
                action.look_again_on if action else None,
            ]
