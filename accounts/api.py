"""/api/auth/: signing in and out for the browsers of other programs, and who somebody is."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from allauth.core import ratelimit
from django.contrib.auth import logout
from django.middleware.csrf import get_token
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import ANY_ROLE
from accounts.api_access import ApiView, api_allow, api_public
from accounts.api_callers import TokenAuthentication
from accounts.api_fields import Said, Shape, Text, read_body
from accounts.api_schema import describe
from accounts.models import ApiToken, User

LOCKED, WRONG = "too_many_login_attempts", "username_password_mismatch"
LOCKED_SECONDS = 300  # as ACCOUNT_RATE_LIMITS says; a login that is tried on does not lengthen it
ADDRESS_SECONDS = 60


class SignIn(Shape):
    """A name and a password; the code of the second step where one is enrolled."""

    username = Text(max_length=150)
    password = Text(max_length=4096, trim_whitespace=False)
    code = Text(required=False, allow_blank=True, max_length=20)


class Person(serializers.Serializer):  # type: ignore[misc]
    """Who is signed in."""

    user_id = serializers.IntegerField(source="pk")
    username = serializers.CharField()
    role = serializers.CharField()


class LoginRoute(ApiView):
    """Signing in as on the page, with the same lock; JSON alone is read, which no form of another site can send."""

    authentication_classes = ()

    def get_authenticate_header(self, request: Request) -> str:
        """DRF asks the authentication classes, of which there are none here: without it a 401 would become a 403."""
        return TokenAuthentication().authenticate_header(request)

    @describe("Sign in.", {200: Person}, body=SignIn)
    @api_public
    def post(self, request: Request) -> Response:
        sent = read_body(SignIn, request.data)
        page = request._request
        if not ratelimit.consume(page, action="login"):
            raise Throttled(wait=ADDRESS_SECONDS)
        form = LoginForm({"login": sent["username"], "password": sent["password"]}, request=page)
        refuse_sign_in(form)
        form.login(page)
        if not page.user.is_authenticated:
            raise AuthenticationFailed(_("This account is closed. Ask the school office."))
        return with_csrf(request, Person(page.user).data)


def refuse_sign_in(form: Any) -> None:
    """Raises what the page would say: locked 429, wrong 401, not readable 400; nothing where the password is right."""
    if form.is_valid():
        return
    for errors in form.errors.as_data().values():
        for error in errors:
            if error.code == LOCKED:
                raise Throttled(wait=LOCKED_SECONDS)
            if error.code == WRONG:
                raise AuthenticationFailed(" ".join(error.messages))
    names = {"login": "username"}
    raise ValidationError({names.get(name, name): list(said) for name, said in form.errors.items()})


def with_csrf(request: Request, item: Any) -> Response:
    """The answer with the token that a browser sends back in X-CSRFToken when it writes; its cookie no script reads."""
    answer = Response(item)
    answer["X-CSRFToken"] = get_token(request._request)
    answer["Cache-Control"] = "no-store"
    return answer


class LogoutRoute(ApiView):
    @describe("Sign out.", {200: Said})
    @api_allow(*ANY_ROLE)
    def post(self, request: Request) -> Response:
        if isinstance(request.auth, ApiToken):
            raise ValidationError(_("A token has no session to end. Revoke it in the school office."))
        logout(request._request)
        return Response({"message": _("You are signed out.")})


class MeRoute(ApiView):
    @describe("Who you are.", {200: Person})
    @api_allow(*ANY_ROLE)
    def get(self, request: Request) -> Response:
        user: User = request.user
        return with_csrf(request, Person(user).data)


urlpatterns = [
    path("login/", LoginRoute.as_view(), name="login"),
    path("logout/", LogoutRoute.as_view(), name="logout"),
    path("me/", MeRoute.as_view(), name="me"),
]
