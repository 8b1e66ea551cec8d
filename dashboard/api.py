"""/api/dashboard/: how students and classes are doing, and whom to talk to; for staff, read only."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_access import ApiView, api_allow
from accounts.api_lists import PAGE, SIZE, listed, read_query
from accounts.api_schema import describe, many
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from dashboard.alert_words import explain
from dashboard.alerts import at_risk_in
from dashboard.api_shapes import (
    AlertsItem,
    PerformanceItem,
    PointItem,
    SubjectItem,
    SummaryItem,
    as_alerts,
    as_performance,
    as_point,
    as_subject,
    as_summary,
)
from dashboard.at_risk_form import AlertsForm
from dashboard.dashboard_form import TrendForm
from dashboard.figures import get_dashboard_summary, get_performance_trends, get_subject_performance
from dashboard.performance import get_student_performance, get_student_trend
from dashboard.scope import Scope, TermScopeForm, seen_year
from dashboard.trends import Period, TrendPoint
from students.models import Student

STAFF = (Role.ADMIN, Role.TEACHER)


class SummaryRoute(ApiView):
    @describe("The figures of your classes, of the school year to date or of a term.", SummaryItem, query=TermScopeForm)
    @api_allow(*STAFF)
    def get(self, request: Request) -> Response:
        form = TermScopeForm(request.query_params, seen=seen_year(request.user, request.school))
        read_query(request, form)
        note_reading(request)
        return Response(SummaryItem(as_summary(get_dashboard_summary(form.scope) if form.scope else None)).data)


class PerformanceRoute(ApiView):
    @describe("How a student is doing this school year, by all marks that you see.", PerformanceItem)
    @api_allow(*STAFF)
    def get(self, request: Request, student_id: str) -> Response:
        student = visible_or_404(Student.objects.all(), request.user, student_id=student_id)
        note_reading(request, [student_id])
        found = get_student_performance(request.school, student, request.user)
        return Response(PerformanceItem(as_performance(student, found)).data)


class SubjectsRoute(ApiView):
    @describe("The subjects of your classes, by name.", many(SubjectItem), query=TermScopeForm)
    @api_allow(*STAFF)
    def get(self, request: Request) -> Response:
        form = TermScopeForm(request.query_params, seen=seen_year(request.user, request.school))
        read_query(request, form, PAGE, SIZE)
        found = get_subject_performance(form.scope) if form.scope else []
        answer = listed(request, [as_subject(each) for each in found], SubjectItem)
        note_reading(request)
        return answer


class TrendsRoute(ApiView):
    @describe(
        "Attendance and averages of your classes or of a student, by day or week.", many(PointItem), query=TrendForm
    )
    @api_allow(*STAFF)
    def get(self, request: Request) -> Response:
        form = TrendForm(request.query_params)
        student_id = read_query(request, form, PAGE, SIZE)["student_id"].upper()
        if student_id:
            student = visible_or_404(Student.objects.all(), request.user, student_id=student_id)
            points = get_student_trend(request.school, student, request.user, form.chosen_period)
        else:
            points = trend_of_all(request, form.chosen_period)
        answer = listed(request, [as_point(each) for each in points], PointItem)
        note_reading(request, [student_id])
        return answer


def trend_of_all(request: Request, period: Period) -> list[TrendPoint]:
    """The trend of all classes that the caller sees; no point without any."""
    seen = seen_year(request.user, request.school)
    return get_performance_trends(Scope(seen, seen.classes), period).points if seen else []


class AlertsRoute(ApiView):
    @describe(
        "Whom to talk to, and why; `attendance` and `performance` are thresholds for this look.",
        AlertsItem,
        query=AlertsForm,
    )
    @api_allow(*STAFF)
    def get(self, request: Request) -> Response:
        form = AlertsForm(request.query_params, seen=seen_year(request.user, request.school))
        read_query(request, form)
        note_reading(request)
        listing = at_risk_in(form.scope, rule=None, **form.overrides) if form.scope else None
        return Response(AlertsItem(as_alerts(explain(listing, listing.alerts) if listing else [])).data)


urlpatterns = [
    path("summary/", SummaryRoute.as_view(), name="dashboard_summary"),
    path("students/<student_id:student_id>/performance/", PerformanceRoute.as_view(), name="dashboard_performance"),
    path("subject-performance/", SubjectsRoute.as_view(), name="dashboard_subjects"),
    path("trends/", TrendsRoute.as_view(), name="dashboard_trends"),
    path("alerts/", AlertsRoute.as_view(), name="dashboard_alerts"),
]
