"""/api/classes/<id>/attendance/: the register of a class on a day."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import path
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_access import ApiView, api_allow
from accounts.api_lists import read_query
from accounts.api_schema import describe
from accounts.api_tags import detailed
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from attendance.models import Status
from attendance.register import OpenRegister, open_register
from students.fields import DayFormField
from students.models import SchoolClass
from students.record_filters import within_years


class DayOfRegister(forms.Form):
    """Which day; today without one."""

    date = DayFormField(label=gettext_lazy("Day"), required=False, validators=[within_years])


class RegisterLine(serializers.Serializer):  # type: ignore[misc]
    """One student of the register; without a mark yet, attendance_id, status and minutes_late are null."""

    student_id = serializers.CharField()
    full_name = serializers.CharField()
    attendance_id = serializers.IntegerField(source="record", allow_null=True)
    status = serializers.ChoiceField(source="mark.status", choices=Status.choices, allow_null=True)
    minutes_late = serializers.IntegerField(source="mark.minutes_late", allow_null=True)
    left_early = serializers.BooleanField(source="mark.left_early", default=False)
    note = serializers.CharField(source="mark.note", default="")


class RegisterCounts(serializers.Serializer):  # type: ignore[misc]
    present = serializers.IntegerField()
    late = serializers.IntegerField()
    excused = serializers.IntegerField()
    absent = serializers.IntegerField()


class RegisterItem(serializers.Serializer):  # type: ignore[misc]
    """A register: taken when every student of the day has a mark; closed_because says why you may not take it."""

    class_id = serializers.IntegerField()
    class_name = serializers.CharField()
    date = serializers.DateField()
    is_taken = serializers.BooleanField()
    recorded = serializers.IntegerField()
    enrolled = serializers.IntegerField()
    closed_because = serializers.CharField(allow_null=True)
    counts = RegisterCounts()
    students = RegisterLine(many=True)


def as_register(opened: OpenRegister) -> dict[str, Any]:
    """A register as the API gives it."""
    return {
        "class_id": opened.school_class.pk,
        "class_name": opened.school_class.name,
        "date": opened.date,
        "is_taken": opened.is_taken,
        "recorded": opened.recorded,
        "enrolled": len(opened.lines),
        "closed_because": opened.closed_because,
        "counts": {status.value: number for status, number in opened.counts.items()},
        "students": opened.lines,
    }


class RegisterRoute(ApiView):
    @describe("The register of a class on a day, today unless one is given.", {200: RegisterItem}, query=DayOfRegister)
    @api_allow(Role.ADMIN, Role.TEACHER)
    def get(self, request: Request, pk: int) -> Response:
        school_class = visible_or_404(SchoolClass.objects.select_related("academic_year"), request.user, pk=pk)
        day = read_query(request, DayOfRegister(request.query_params))["date"] or request.school.today()
        note_reading(request)
        opened = open_register(request.school, school_class, day, request.user)
        return detailed(request, RegisterItem(as_register(opened)).data)


urlpatterns = [path("classes/<int:pk>/attendance/", RegisterRoute.as_view(), name="class_attendance")]
