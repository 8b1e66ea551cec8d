"""/api/assessments/: scores, each with the piece of work that it belongs to, and their statistics."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as Refusal
from django.db import transaction
from django.http import Http404
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import ANY_ROLE
from accounts.api_access import ApiView, api_allow
from accounts.api_fields import Said, by_api_names, read_body
from accounts.api_lists import filtered, listed, read_query
from accounts.api_schema import describe, many
from accounts.api_tags import check_match, detailed, may_replace_with, refusal_with_tag, tag_of
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from assessments.api_sent import API_NAMES, as_score, changed_work, new_work
from assessments.api_shapes import ScoreItem, ScoreSaved, SentScoreShape, StatisticsItem, as_statistics
from assessments.filters import ScoreFilter
from assessments.models import Score
from assessments.score_services import ScoreClash, change_score, record_score, remove_score
from assessments.services import ScoresRefused, lock_scores
from assessments.statistics import statistics_of
from assessments.statistics_form import Offered, StatisticsForm

STAFF = (Role.ADMIN, Role.TEACHER)


def find_score(request: Request, pk: int, *, locked: bool = False) -> tuple[Score, Any]:
    """A score that the caller may read, and the item that stands for it; 404 otherwise.

    `locked` holds its piece of work until the transaction ends, so that what If-Match is compared with is what is
    changed.
    """
    if locked:
        found = visible_or_404(Score.objects.select_related("assessment"), request.user, pk=pk)
        try:
            lock_scores(found.assessment)
        except ScoresRefused as gone:
            raise Http404 from gone
    score = visible_or_404(Score.objects.with_work().with_term_name(), request.user, pk=pk)
    return score, ScoreItem(score).data


class ScoresRoute(ApiView):
    @describe("The scores that you may read.", many(ScoreItem), query=ScoreFilter)
    @api_allow(*ANY_ROLE)
    def get(self, request: Request) -> Response:
        scores = Score.objects.visible_to(request.user).with_work().with_term_name()
        scores = filtered(request, ScoreFilter, scores, user=request.user)
        answer = listed(request, scores.order_by("-assessment__date_taken", "pk"), ScoreItem)
        note_reading(request)
        return answer

    @describe(
        "Score a student. The piece of work is matched, else set; another score than the stored one needs If-Match.",
        {201: ScoreSaved, 200: ScoreSaved},
        body=SentScoreShape,
        tagged=True,
    )
    @api_allow(*STAFF)
    @transaction.atomic
    def post(self, request: Request) -> Response:
        sent = read_body(SentScoreShape, request.data)
        fields = new_work(request.user, sent)
        pk, is_new = save(request, sent, fields)
        _score, item = find_score(request, pk)
        answer = Response({"message": _("The score is saved."), "assessment_id": pk}, status=201 if is_new else 200)
        answer["ETag"] = tag_of(item)
        return answer


def save(request: Request, sent: Any, fields: dict[str, Any]) -> tuple[int, bool]:
    """Save a score. Where another is stored: 409 with it; with If-Match only what it names is replaced, else 412."""
    may_replace = may_replace_with(request, ScoreItem)
    student_id, score = sent["student_id"].upper(), as_score(sent)
    try:
        return record_score(by=request.user, student_id=student_id, fields=fields, sent=score, may_replace=may_replace)
    except Refusal as refusal:
        raise by_api_names(refusal, API_NAMES) from refusal
    except ScoreClash as clash:
        raise refusal_with_tag(request, ScoreItem(clash.stored).data if clash.stored else None) from clash


class ScoreRoute(ApiView):
    @describe("One score.", {200: ScoreItem})
    @api_allow(*ANY_ROLE)
    def get(self, request: Request, pk: int) -> Response:
        score, item = find_score(request, pk)
        note_reading(request, [score.student.student_id])
        return detailed(request, item)

    @describe("Change a score; what may be left out stays.", {200: Said}, body=SentScoreShape, tagged=True)
    @api_allow(*STAFF)
    def put(self, request: Request, pk: int) -> Response:
        return self.change(request, pk, partial=False)

    @describe("Change a score: what is sent.", {200: Said}, body=SentScoreShape, tagged=True)
    @api_allow(*STAFF)
    def patch(self, request: Request, pk: int) -> Response:
        return self.change(request, pk, partial=True)

    @transaction.atomic
    def change(self, request: Request, pk: int, *, partial: bool) -> Response:
        score, item = find_score(request, pk, locked=True)
        check_match(request, item)
        sent = read_body(SentScoreShape, request.data, partial=partial)
        fields = changed_work(request.user, sent, score)
        try:
            change_score(by=request.user, score=score, sent=as_score(sent), fields=fields)
        except Refusal as refusal:
            raise by_api_names(refusal, API_NAMES) from refusal
        _score, changed = find_score(request, pk)
        said = _("The score of %(name)s is saved.") % {"name": score.student.full_name}
        return Response({"message": said}, headers={"ETag": tag_of(changed)})

    @describe("Take a score away; its piece of work stays.", {200: Said}, tagged=True)
    @api_allow(*STAFF)
    @transaction.atomic
    def delete(self, request: Request, pk: int) -> Response:
        score, item = find_score(request, pk, locked=True)
        check_match(request, item)
        remove_score(by=request.user, score=score)
        words = {"name": score.student.full_name, "title": score.assessment.title}
        return Response({"message": _("The score of %(name)s in “%(title)s” is removed.") % words})


class StatisticsRoute(ApiView):
    @describe(
        "Averages, subjects and grades of your scores, of this school year unless another is asked for.",
        StatisticsItem,
        query=StatisticsForm,
    )
    @api_allow(*STAFF)
    def get(self, request: Request) -> Response:
        offered = Offered.to(request.user)
        form = StatisticsForm(request.query_params, offered=offered, today=request.school.today())
        read_query(request, form)
        found = statistics_of(Score.objects.visible_to(request.user), form.asked, offered)
        note_reading(request)
        return Response(StatisticsItem(as_statistics(found)).data)


urlpatterns = [
    path("", ScoresRoute.as_view(), name="assessments"),
    path("<int:pk>/", ScoreRoute.as_view(), name="assessment"),
    path("statistics/", StatisticsRoute.as_view(), name="assessment_statistics"),
]
