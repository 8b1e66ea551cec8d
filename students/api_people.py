"""/api/admin/users/parents/ and /api/admin/teacher-assignments/: who reads about whom, and who teaches which class."""

from __future__ import annotations

from django.db import transaction
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_access import ApiView, api_allow
from accounts.api_fields import Said, read_body, refuse_fields
from accounts.api_lists import filtered, listed
from accounts.api_people_shapes import PersonAdded
from accounts.api_schema import describe, many
from accounts.api_sent_people import invite_new, judge_new_person
from accounts.api_tags import check_match
from accounts.models import Parent, User
from accounts.people import create_parent
from accounts.person_form import NewParentForm
from accounts.roles import Role
from accounts.scoping import visible_or_404
from students.api_people_shapes import AssignmentAdded, AssignmentItem, SentAssignment, SentParent
from students.assignment_form import AssignmentForm
from students.filters import AssignmentFilter
from students.models import Student, TeachingAssignment
from students.services import assign_teacher, link_children, withdraw_assignment

API_NAMES = {"teacher": "teacher_id", "school_class": "class_id", "subject": "subject_id"}


class ParentsRoute(ApiView):
    @describe("Add a parent of these children, who is invited by mail.", {201: PersonAdded}, body=SentParent)
    @api_allow(Role.ADMIN)
    def post(self, request: Request) -> Response:
        sent = read_body(SentParent, request.data)
        children = find_children(request.user, sent.pop("children", []))
        form = judge_new_person(Parent, NewParentForm, sent)
        with transaction.atomic():
            parent = create_parent(by=request.user, parent=form.instance, **form.account)
            link_children(by=request.user, parent=parent, children=children, starts_on=request.school.today())
        return Response({"message": invite_new(request, parent), "user_id": parent.user.pk}, status=201)


def find_children(user: User, student_ids: list[str]) -> list[Student]:
    """The students of these ids, in their order. Raises ValidationError by index for those that are not there."""
    wanted = [student_id.upper() for student_id in student_ids]
    students = Student.objects.visible_to(user).filter(student_id__in=wanted)
    known = {student.student_id: student for student in students}
    errors = {}
    for place, student_id in enumerate(wanted):
        if student_id not in known:
            errors[str(place)] = [_("There is no student of this id.")]
        elif student_id in wanted[:place]:
            errors[str(place)] = [_("This student stands here twice.")]
    if errors:
        raise ValidationError({"children": errors})
    return [known[student_id] for student_id in wanted]


class AssignmentsRoute(ApiView):
    @describe("Who teaches which class, the latest first.", many(AssignmentItem), query=AssignmentFilter)
    @api_allow(Role.ADMIN)
    def get(self, request: Request) -> Response:
        rows = TeachingAssignment.objects.visible_to(request.user).select_related("teacher", "school_class", "subject")
        rows = filtered(request, AssignmentFilter, rows)
        return listed(request, rows.order_by("-starts_on", "pk"), AssignmentItem)

    @describe(
        "Give a class to a teacher, from today unless a day is given; without a subject it is the homeroom.",
        {201: AssignmentAdded},
        body=SentAssignment,
    )
    @api_allow(Role.ADMIN)
    def post(self, request: Request) -> Response:
        sent = read_body(SentAssignment, request.data)
        sent.setdefault("starts_on", request.school.today())
        form = AssignmentForm({name: sent.get(API_NAMES.get(name, name)) for name in AssignmentForm.base_fields})
        refuse_fields(form.errors, API_NAMES)
        assignment = assign_teacher(by=request.user, assignment=form.instance)
        words = {"teacher": assignment.teacher, "class": assignment.school_class}
        said = _("%(teacher)s has %(class)s now.") % words
        return Response({"message": said, "assignment_id": assignment.pk}, status=201)


class AssignmentRoute(ApiView):
    @describe("Take an assignment back as if it had not been given.", {200: Said}, tagged=True)
    @api_allow(Role.ADMIN)
    @transaction.atomic
    def delete(self, request: Request, pk: int) -> Response:
        visible_or_404(TeachingAssignment.objects.select_for_update(), request.user, pk=pk)
        assignment = visible_or_404(
            TeachingAssignment.objects.select_related("teacher", "school_class", "subject"), request.user, pk=pk
        )
        check_match(request, AssignmentItem(assignment).data)
        withdraw_assignment(by=request.user, assignment=assignment)
        words = {"teacher": assignment.teacher, "class": assignment.school_class}
        return Response({"message": _("%(teacher)s does not have %(class)s any more.") % words})


urlpatterns = [
    path("users/parents/", ParentsRoute.as_view(), name="parents"),
    path("teacher-assignments/", AssignmentsRoute.as_view(), name="assignments"),
    path("teacher-assignments/<int:pk>/", AssignmentRoute.as_view(), name="assignment"),
]
