"""/api/behavior/: what is noted of the students whom somebody may see, one record of it, and noting more."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import ANY_ROLE
from accounts.api_access import ApiView, api_allow
from accounts.api_fields import Said, read_body
from accounts.api_lists import filtered, listed
from accounts.api_schema import describe, many
from accounts.api_tags import check_match, detailed, tag_of
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from behavior.api_sent import find_place, judge_change, judge_new
from behavior.api_shapes import BehaviorItem, BehaviorSaved, SentBehavior
from behavior.filters import BehaviorFilter
from behavior.models import BehaviorRecord
from behavior.services import behavior_fingerprint, change_behavior, note_behavior, withdraw_behavior

STAFF = (Role.ADMIN, Role.TEACHER)


def find_record(request: Request, pk: int) -> tuple[Any, Any]:
    """A record that the caller may read, with `may_change`, and the item that stands for it; 404 otherwise."""
    records = BehaviorRecord.objects.visible_to(request.user).with_may_change(request.user)
    record = visible_or_404(records.select_related("student", "category", "teacher"), request.user, pk=pk)
    return record, BehaviorItem(record).data


def hold_record(request: Request, pk: int) -> tuple[BehaviorRecord, Any]:
    """The same to be changed, locked until the transaction ends; 403 where the caller may only read it, 412 where
    If-Match names another version.
    """
    visible_or_404(BehaviorRecord.objects.select_for_update(), request.user, pk=pk)
    record, item = find_record(request, pk)
    if not record.may_change:
        raise PermissionDenied(_("Only who noted this, or the school office, can change it."))
    check_match(request, item)
    return record, item


class RecordsRoute(ApiView):
    @describe("What is noted of behaviour, as far as you may read it.", many(BehaviorItem), query=BehaviorFilter)
    @api_allow(*ANY_ROLE)
    def get(self, request: Request) -> Response:
        records = BehaviorRecord.objects.visible_to(request.user).select_related("student", "category", "teacher")
        records = filtered(request, BehaviorFilter, records, user=request.user)
        answer = listed(request, records.order_by("-date", "-pk"), BehaviorItem)
        note_reading(request)
        return answer

    @describe("Note the behaviour of a student.", {201: BehaviorSaved}, body=SentBehavior)
    @api_allow(*STAFF)
    def post(self, request: Request) -> Response:
        sent, today = read_body(SentBehavior, request.data), request.school.today()
        student, school_class = find_place(request.user, sent, today)
        noting = judge_new(request.user, sent, today)
        receipt = note_behavior(by=request.user, students=[student], noting=noting, school_class=school_class)
        record = BehaviorRecord.objects.visible_to(request.user).get(entry_key=receipt.entry_key)
        said = _("Noted: %(category)s, %(name)s.") % {"category": noting.category, "name": student.full_name}
        return Response({"message": said, "behavior_id": record.pk}, status=201)


class RecordRoute(ApiView):
    @describe("One record of behaviour.", {200: BehaviorItem})
    @api_allow(*ANY_ROLE)
    def get(self, request: Request, pk: int) -> Response:
        record, item = find_record(request, pk)
        note_reading(request, [record.student.student_id])
        return detailed(request, item)

    @describe("Change a record of your own; the office may change all.", {200: Said}, body=SentBehavior, tagged=True)
    @api_allow(*STAFF)
    def put(self, request: Request, pk: int) -> Response:
        return self.change(request, pk, partial=False)

    @describe("Change what is sent of a record of your own.", {200: Said}, body=SentBehavior, tagged=True)
    @api_allow(*STAFF)
    def patch(self, request: Request, pk: int) -> Response:
        return self.change(request, pk, partial=True)

    @transaction.atomic
    def change(self, request: Request, pk: int, *, partial: bool) -> Response:
        record, _item = hold_record(request, pk)
        sent = read_body(SentBehavior, request.data, partial=partial)
        noting = judge_change(request.user, sent, record)
        change_behavior(by=request.user, record=record, base=behavior_fingerprint(record), noting=noting)
        _record, changed = find_record(request, pk)
        said = _("The record of %(name)s is saved.") % {"name": record.student.full_name}
        return Response({"message": said}, headers={"ETag": tag_of(changed)})

    @describe("Withdraw a record of your own; the history keeps it.", {200: Said}, tagged=True)
    @api_allow(*STAFF)
    @transaction.atomic
    def delete(self, request: Request, pk: int) -> Response:
        record, _item = hold_record(request, pk)
        withdraw_behavior(by=request.user, record=record, base=behavior_fingerprint(record))
        words = {"category": record.category, "name": record.student.full_name}
        return Response({"message": _("Withdrawn: %(category)s, %(name)s.") % words})


urlpatterns = [
    path("", RecordsRoute.as_view(), name="behavior"),
    path("<int:pk>/", RecordRoute.as_view(), name="behavior_record"),
]
