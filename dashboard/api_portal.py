"""/api/parent/: the caller's children, and the report of a child, by the rules of the pages under /report/."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import ANY_ROLE
from accounts.api_access import ApiView, api_allow
from accounts.api_lists import PAGE, SIZE, check_query, listed, read_query
from accounts.api_schema import describe, many
from accounts.api_tags import detailed
from accounts.reading import note_reading
from dashboard.forms import ReportForm
from dashboard.report import child_report
from dashboard.report_shapes import ChildItem, ReportItem, as_report
from dashboard.views import find_child
from students.models import Student


class ChildrenRoute(ApiView):
    @describe("Your children, whatever else you are at the school.", many(ChildItem))
    @api_allow(*ANY_ROLE)
    def get(self, request: Request) -> Response:
        check_query(request, [PAGE, SIZE])
        children = list(Student.objects.children_of(request.user).with_class())
        answer = listed(request, children, ChildItem)
        note_reading(request, [child.student_id for child in children])
        return answer


class ReportRoute(ApiView):
    @describe(
        "The report of a child: what the parent reads, and what staff who open it read too.",
        {200: ReportItem},
        query=ReportForm,
    )
    @api_allow(*ANY_ROLE)
    def get(self, request: Request, student_id: str) -> Response:
        child, sections = find_child(request, student_id)
        chooser = ReportForm(request.query_params, today=request.school.today())
        month = read_query(request, chooser)["month"]
        note_reading(request, [student_id])
        report = child_report(request.school, child, sections=sections, chooser=chooser, month=month)
        return detailed(request, ReportItem(as_report(report)).data)


urlpatterns = [
    path("children/", ChildrenRoute.as_view(), name="children"),
    path("children/<student_id:student_id>/report/", ReportRoute.as_view(), name="child_report"),
]
