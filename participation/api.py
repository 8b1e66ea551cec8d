"""/api/participation/: how students took part in events, one record of it, and noting more."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as Refusal
from django.db import transaction
from django.http import Http404
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import ANY_ROLE
from accounts.api_access import ApiView, api_allow
from accounts.api_fields import Said, by_api_names, read_body
from accounts.api_lists import filtered, listed
from accounts.api_schema import describe, many
from accounts.api_tags import check_match, detailed, may_replace_with, refusal_with_tag, tag_of
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from participation.api_sent import API_NAMES, as_note, judge_event, refuse_moving
from participation.api_shapes import ParticipationItem, ParticipationSaved, SentParticipation
from participation.filters import ParticipationFilter
from participation.models import ParticipationRecord
from participation.record_services import ParticipationClash, change_note, note_student, withdraw_note
from participation.services import ParticipationRefused, lock_event
from students.api_sent import own_student
from students.models import Student

STAFF = (Role.ADMIN, Role.TEACHER)


def find_record(request: Request, pk: int) -> tuple[Any, Any]:
    """A record that the caller may read, with `may_open`, and the item that stands for it; 404 otherwise."""
    record = visible_or_404(
        ParticipationRecord.objects.with_may_open(request.user).select_related("student", "event"),
        request.user,
        pk=pk,
    )
    return record, ParticipationItem(record).data


def hold_record(request: Request, pk: int) -> ParticipationRecord:
    """The same to be changed, its event locked until the transaction ends; 403 where the caller may not open that, 412
    where If-Match names another version.
    """
    found = visible_or_404(ParticipationRecord.objects.select_related("event"), request.user, pk=pk)
    try:
        lock_event(found.event)
    except ParticipationRefused as gone:
        raise Http404 from gone
    record, item = find_record(request, pk)
    if not record.may_open:
        raise PermissionDenied(_("Only who has the class of this event, or the school office, can change it."))
    check_match(request, item)
    return record  # type: ignore[no-any-return]


class RecordsRoute(ApiView):
    @describe("Who took part in what, as far as you may read it.", many(ParticipationItem), query=ParticipationFilter)
    @api_allow(*ANY_ROLE)
    def get(self, request: Request) -> Response:
        records = ParticipationRecord.objects.visible_to(request.user).select_related("student")
        records = filtered(request, ParticipationFilter, records, user=request.user)
        answer = listed(request, records.order_by("-date", "event_name", "pk"), ParticipationItem)
        note_reading(request)
        return answer

    @describe(
        "Note how a student took part. The event is matched, else set; to replace another note takes If-Match.",
        {201: ParticipationSaved, 200: ParticipationSaved},
        body=SentParticipation,
        tagged=True,
    )
    @api_allow(*STAFF)
    @transaction.atomic
    def post(self, request: Request) -> Response:
        sent = read_body(SentParticipation, request.data)
        student = own_student(request.user, sent["student_id"])
        pk, is_new = save(request, student, sent)
        record, item = find_record(request, pk)
        words = {"name": student.full_name, "event": record.event_name}
        said = _("%(name)s is noted in “%(event)s”.") % words
        answer = Response({"message": said, "participation_id": pk}, status=201 if is_new else 200)
        answer["ETag"] = tag_of(item)
        return answer


def save(request: Request, student: Student, sent: dict[str, Any]) -> tuple[int, bool]:
    """Save a note. Where another is stored: 409 with it; with If-Match only what it names is replaced, else 412."""
    fields = judge_event(request.user, student, sent)
    may_replace = may_replace_with(request, ParticipationItem)
    try:
        return note_student(
            by=request.user, student=student, fields=fields, sent=as_note(sent), may_replace=may_replace
        )
    except Refusal as refusal:
        raise by_api_names(refusal, API_NAMES) from refusal
    except ParticipationClash as clash:
        stored = ParticipationItem(clash.stored).data if clash.stored else None
        raise refusal_with_tag(request, stored) from clash


class RecordRoute(ApiView):
    @describe("One record of participation.", {200: ParticipationItem})
    @api_allow(*ANY_ROLE)
    def get(self, request: Request, pk: int) -> Response:
        record, item = find_record(request, pk)
        note_reading(request, [record.student.student_id])
        return detailed(request, item)

    @describe(
        "Change how a student took part; the record stays with student and event.",
        {200: Said},
        body=SentParticipation,
        tagged=True,
    )
    @api_allow(*STAFF)
    def put(self, request: Request, pk: int) -> Response:
        return self.change(request, pk, partial=False)

    @describe("Change what is sent of how a student took part.", {200: Said}, body=SentParticipation, tagged=True)
    @api_allow(*STAFF)
    def patch(self, request: Request, pk: int) -> Response:
        return self.change(request, pk, partial=True)

    @transaction.atomic
    def change(self, request: Request, pk: int, *, partial: bool) -> Response:
        record = hold_record(request, pk)
        sent = read_body(SentParticipation, request.data, partial=partial)
        refuse_moving(sent, record)
        change_note(by=request.user, record=record, sent=as_note(sent, record))
        _record, changed = find_record(request, pk)
        said = _("The record of %(name)s is saved.") % {"name": record.student.full_name}
        return Response({"message": said}, headers={"ETag": tag_of(changed)})

    @describe("Take a record away; the event stays, and the history keeps it.", {200: Said}, tagged=True)
    @api_allow(*STAFF)
    @transaction.atomic
    def delete(self, request: Request, pk: int) -> Response:
        record = hold_record(request, pk)
        withdraw_note(by=request.user, record=record)
        words = {"name": record.student.full_name, "event": record.event_name}
        return Response({"message": _("%(name)s is not noted in “%(event)s” any more.") % words})


urlpatterns = [
    path("", RecordsRoute.as_view(), name="participation"),
    path("<int:pk>/", RecordRoute.as_view(), name="participation_record"),
]
