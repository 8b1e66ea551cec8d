"""/api/students/: whom somebody may see, one of them, and what staff write about them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import path
from django.utils.translation import gettext as _
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
from students.api_sent import judge, new_class_of
from students.api_shapes import Added, SentStudent, StudentItem
from students.filters import StudentFilter
from students.models import Student
from students.moves import move_students
from students.services import create_student, delete_student, update_student

STAFF = (Role.ADMIN, Role.TEACHER)


def find_student(request: Request, student_id: str, *, locked: bool = False) -> tuple[Student, Any]:
    """A student whom the caller may see, and the item that stands for them; 404 otherwise.

    `locked` holds the row until the transaction ends, so that what If-Match is compared with is what is changed.
    """
    if locked:
        visible_or_404(Student.objects.select_for_update(), request.user, student_id=student_id)
    student = visible_or_404(
        Student.objects.with_class().with_contacts_for(request.user), request.user, student_id=student_id
    )
    return student, StudentItem(student).data


class StudentsRoute(ApiView):
    @describe("The students whom you may see.", many(StudentItem), query=StudentFilter)
    @api_allow(*ANY_ROLE)
    def get(self, request: Request) -> Response:
        students = Student.objects.visible_to(request.user).with_class().with_contacts_for(request.user)
        students = filtered(request, StudentFilter, students, user=request.user)
        answer = listed(request, students.order_by("family_name", "given_name", "pk"), StudentItem)
        note_reading(request)
        return answer

    @describe("Add a student.", {201: Added}, body=SentStudent)
    @api_allow(*STAFF)
    def post(self, request: Request) -> Response:
        sent = read_body(SentStudent, request.data)
        values = judge(request.user, Student(), sent, required=True)
        student = create_student(by=request.user, **values)
        names = {"name": student.full_name, "student_id": student.student_id}
        said = _("%(name)s is added as %(student_id)s.") % names
        return Response({"message": said, "student_id": student.student_id}, status=201)


class StudentRoute(ApiView):
    @describe("One student.", {200: StudentItem})
    @api_allow(*ANY_ROLE)
    def get(self, request: Request, student_id: str) -> Response:
        _student, item = find_student(request, student_id)
        note_reading(request, [student_id])
        return detailed(request, item)

    @describe("Change a student: what is sent; a name must be.", {200: Said}, body=SentStudent, tagged=True)
    @api_allow(*STAFF)
    def put(self, request: Request, student_id: str) -> Response:
        return self.change(request, student_id, required=True)

    @describe("Change a student: what is sent.", {200: Said}, body=SentStudent, tagged=True)
    @api_allow(*STAFF)
    def patch(self, request: Request, student_id: str) -> Response:
        return self.change(request, student_id, required=False)

    @transaction.atomic
    def change(self, request: Request, student_id: str, *, required: bool) -> Response:
        student, item = find_student(request, student_id, locked=True)
        check_match(request, item)
        sent = read_body(SentStudent, request.data)
        school_class = new_class_of(request.user, item["class_id"], sent)
        values = judge(request.user, student, sent, required=required)
        values.pop("school_class")
        update_student(by=request.user, student=student, **values)
        if school_class:
            today = request.school.today()
            move_students(by=request.user, students=[student], school_class=school_class, starts_on=today)
        _student, changed = find_student(request, student_id)
        said = _("The changes to %(name)s are saved.") % {"name": student.full_name}
        return Response({"message": said}, headers={"ETag": tag_of(changed)})

    @describe("Remove a student and every record about them.", {200: Said}, tagged=True)
    @api_allow(Role.ADMIN)
    def delete(self, request: Request, student_id: str) -> Response:
        # Not locked here: delete_student locks in the order in which a save does.
        student, item = find_student(request, student_id)
        check_match(request, item)
        delete_student(by=request.user, student=student)
        said = _("%(name)s and every record about them are removed.") % {"name": item["full_name"]}
        return Response({"message": said})


urlpatterns = [
    path("students/", StudentsRoute.as_view(), name="students"),
    path("students/<student_id:student_id>/", StudentRoute.as_view(), name="student"),
]
