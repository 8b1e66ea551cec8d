"""/api/admin/users/: the people who sign in, for the office. Parents are added in students.api_people."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_access import ApiView, api_allow
from accounts.api_errors import Conflict
from accounts.api_fields import Said, read_body
from accounts.api_lists import filtered, listed
from accounts.api_people_shapes import PersonAdded, SentPerson, SentUser, UserItem
from accounts.api_schema import describe, many
from accounts.api_sent_people import invite_new, judge_account, judge_new_person, judge_profiles
from accounts.api_tags import check_match, detailed, tag_of
from accounts.filters import UserFilter
from accounts.models import Teacher, User
from accounts.people import StillNeededError, create_teacher, delete_user, save_account, save_profile
from accounts.person_form import NewTeacherForm
from accounts.roles import Role
from accounts.scoping import visible_or_404


def find_user(request: Request, pk: int, *, locked: bool = False) -> tuple[User, Any]:
    """A user and the item that stands for them; 404 otherwise. `locked` holds the row until the transaction ends."""
    if locked:
        visible_or_404(User.objects.get_queryset().select_for_update(), request.user, pk=pk)
    user = visible_or_404(User.objects.get_queryset().select_related("teacher", "parent"), request.user, pk=pk)
    return user, UserItem(user).data


class UsersRoute(ApiView):
    @describe("The people who sign in.", many(UserItem), query=UserFilter)
    @api_allow(Role.ADMIN)
    def get(self, request: Request) -> Response:
        users = User.objects.visible_to(request.user).select_related("teacher", "parent")
        return listed(request, filtered(request, UserFilter, users).order_by("username", "pk"), UserItem)


class TeachersRoute(ApiView):
    @describe("Add a teacher, who is invited by mail.", {201: PersonAdded}, body=SentPerson)
    @api_allow(Role.ADMIN)
    def post(self, request: Request) -> Response:
        form = judge_new_person(Teacher, NewTeacherForm, read_body(SentPerson, request.data))
        teacher = create_teacher(by=request.user, teacher=form.instance, **form.account)
        return Response({"message": invite_new(request, teacher), "user_id": teacher.user.pk}, status=201)


class UserRoute(ApiView):
    @describe("One person who signs in.", {200: UserItem})
    @api_allow(Role.ADMIN)
    def get(self, request: Request, pk: int) -> Response:
        _user, item = find_user(request, pk)
        return detailed(request, item)

    @describe("Change a user: what is sent; user name and e-mail must be.", {200: Said}, body=SentUser, tagged=True)
    @api_allow(Role.ADMIN)
    def put(self, request: Request, pk: int) -> Response:
        return self.change(request, pk, partial=False)

    @describe("Change a user: what is sent.", {200: Said}, body=SentUser, tagged=True)
    @api_allow(Role.ADMIN)
    def patch(self, request: Request, pk: int) -> Response:
        return self.change(request, pk, partial=True)

    @transaction.atomic
    def change(self, request: Request, pk: int, *, partial: bool) -> Response:
        user, item = find_user(request, pk, locked=True)
        check_match(request, item)
        sent = read_body(SentUser, request.data, partial=partial)
        changed = judge_account(request.user, user, sent)
        profiles = judge_profiles(user, sent)
        if changed:
            save_account(by=request.user, user=user, changed=changed)
        for profile in profiles:
            save_profile(by=request.user, profile=profile)
        _user, now = find_user(request, pk)
        said = _("The changes to %(name)s are saved.") % {"name": user}
        return Response({"message": said}, headers={"ETag": tag_of(now)})

    @describe("Delete a user who has done nothing yet; others are deactivated.", {200: Said}, tagged=True)
    @api_allow(Role.ADMIN)
    @transaction.atomic
    def delete(self, request: Request, pk: int) -> Response:
        user, item = find_user(request, pk, locked=True)
        check_match(request, item)
        words = {"name": str(user)}
        try:
            delete_user(by=request.user, user=user)
        except StillNeededError as error:
            said = _("Records depend on %(name)s. Deactivate the account instead: is_active false.")
            raise Conflict(said % words, current=item) from error
        return Response({"message": _("%(name)s is deleted.") % words})


urlpatterns = [
    path("users/", UsersRoute.as_view(), name="users"),
    path("users/teachers/", TeachersRoute.as_view(), name="teachers"),
    path("users/<int:pk>/", UserRoute.as_view(), name="user"),
]
