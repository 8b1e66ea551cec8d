"""/api/classes/ and /api/teacher/classes/: the classes that staff may see, and those that are one's own."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_access import ApiView, api_allow
from accounts.api_lists import PAGE, SIZE, check_query, listed
from accounts.api_schema import describe, many
from accounts.api_tags import detailed
from accounts.reading import note_reading
from accounts.roles import Role
from accounts.scoping import visible_or_404
from students.api_people_shapes import ClassItem, OwnClassItem
from students.models import SchoolClass

STAFF = (Role.ADMIN, Role.TEACHER)
IN_ORDER = ("-academic_year__starts_on", "name", "pk")


class ClassesRoute(ApiView):
    @describe("The classes that you may see, those of the latest school year first.", many(ClassItem))
    @api_allow(*STAFF)
    def get(self, request: Request) -> Response:
        check_query(request, [PAGE, SIZE])
        classes = SchoolClass.objects.visible_to(request.user).with_teacher().with_size()
        answer = listed(request, classes.order_by(*IN_ORDER), ClassItem)
        note_reading(request)
        return answer


class ClassRoute(ApiView):
    @describe("One class.", {200: ClassItem})
    @api_allow(*STAFF)
    def get(self, request: Request, pk: int) -> Response:
        school_class = visible_or_404(SchoolClass.objects.with_teacher().with_size(), request.user, pk=pk)
        note_reading(request)
        return detailed(request, ClassItem(school_class).data)


class OwnClassesRoute(ApiView):
    @describe("The classes that are yours today, with what you teach in them.", many(OwnClassItem))
    @api_allow(*STAFF)
    def get(self, request: Request) -> Response:
        check_query(request, [PAGE, SIZE])
        classes = SchoolClass.objects.visible_to(request.user).taught_by(request.user).with_teacher().with_size()
        answer = listed(request, classes.order_by(*IN_ORDER), OwnClassItem)
        note_reading(request)
        return answer


urlpatterns = [
    path("classes/", ClassesRoute.as_view(), name="classes"),
    path("classes/<int:pk>/", ClassRoute.as_view(), name="class"),
    path("teacher/classes/", OwnClassesRoute.as_view(), name="own_classes"),
]
