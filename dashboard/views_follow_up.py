"""What staff did about an alert: noted on the page of the student, and withdrawn there."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import ACT, allow
from accounts.roles import Role
from accounts.scoping import visible_or_404
from core.templatetags.portal import day_short
from dashboard.alert_services import note_follow_up, withdraw_follow_up
from dashboard.follow_up_form import FollowUpForm
from dashboard.models import FollowUp
from dashboard.views import student_page
from students.middleware import SchoolRequest
from students.models import Student


@allow(Role.ADMIN, Role.TEACHER, methods=ACT)
def note(request: SchoolRequest, student_id: str) -> HttpResponse:
    """Note what was done; then back to the list at risk, if that is where it was noted from."""
    found = visible_or_404(Student.objects.with_class(), request.user, student_id=student_id)
    form = FollowUpForm(request.POST, today=request.school.today())
    if not form.is_valid():
        return student_page(request, found, follow_up=form)
    cleaned = dict(form.cleaned_data)
    came_from: str = cleaned.pop("next")
    action = note_follow_up(by=request.user, student=found, **cleaned)
    words = {"name": found.full_name, "kind": action.get_kind_display(), "day": day_short(action.look_again_on)}
    messages.success(request, _("Noted for %(name)s: %(kind)s. To be looked at again on %(day)s.") % words)
    return redirect(came_from or section_of(student_id))


@allow(Role.ADMIN, Role.TEACHER, methods=ACT)
def withdraw(request: SchoolRequest, student_id: str, pk: int) -> HttpResponse:
    """Withdraw a follow-up: the own ones, for the office any."""
    action = visible_or_404(
        FollowUp.objects.withdrawable_by(request.user), request.user, pk=pk, student__student_id=student_id
    )
    words = {"kind": action.get_kind_display(), "day": day_short(action.done_on)}
    withdraw_follow_up(by=request.user, action=action)
    messages.success(request, _("Withdrawn: %(kind)s, %(day)s.") % words)
    return redirect(section_of(student_id))


def section_of(student_id: str) -> str:
    """The place of the follow-ups on a student's page."""
    return f"{reverse('dashboard:student', kwargs={'student_id': student_id})}#follow-up"
