"""The fences that no view can forget: each is shown to hold, and shown to catch what it is for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import allow
from accounts.api_access import ApiView, api_allow
from accounts.models import User
from accounts.roles import Role
from accounts.scoping import ScopedQuerySet
from tests.api_programs import Program

ROOT = Path(__file__).resolve().parent.parent
APPS = (
    "core", "accounts", "students", "attendance", "assessments", "behavior", "participation", "dashboard", "exchange",
    "sptrack",
)  # fmt: skip
GUARDED_FILES = ("views*.py", "api*.py", "exports.py")
DOORS = {"visible_to", "children_of", "report_for", "with_records_for"}


def forgotten(request):
    return HttpResponse("everything")


@allow(Role.ADMIN)
def declared(request):
    return HttpResponse("for the office")


urlpatterns = [
    path("forgotten/", forgotten),
    path("declared/", declared),
    path("", include("sptrack.urls")),
]


@override_settings(ROOT_URLCONF=__name__)
def test_a_view_that_declares_nothing_answers_nobody(client, cast, sign_in):
    office = sign_in(cast.office)
    assert office.get("/declared/").status_code == 200
    assert office.get("/forgotten/").status_code == 403
    assert sign_in(cast.ana.user).get("/forgotten/").status_code == 403
    assert client.get("/forgotten/").status_code == 302


def test_a_queryset_that_does_not_say_who_sees_its_rows_shows_none():
    with pytest.raises(NotImplementedError, match="does not say who may see its rows"):
        ScopedQuerySet(User).visible_to(User(role=Role.ADMIN))


class Forgotten(ApiView):
    def get(self, request):
        return Response("everything")


class Declared(ApiView):
    @api_allow(Role.ADMIN)
    def get(self, request):
        return Response("for the office")

    def post(self, request):
        return Response("everything")


class SomebodyElses(APIView):
    def get(self, request):
        return Response("everything")


urlpatterns += [
    path("api/forgotten/", Forgotten.as_view()),
    path("api/declared/", Declared.as_view()),
    path("api/somebody-elses/", SomebodyElses.as_view()),
]


@override_settings(ROOT_URLCONF=__name__)
def test_a_verb_of_the_api_that_declares_nothing_answers_nobody(cast, program):
    office, ana, stranger = program(cast.office), program(cast.ana.user), Program()
    assert office.get("/api/declared/").json() == "for the office"
    assert ana.get("/api/declared/").status_code == 403
    for verb, address in (("GET", "/api/forgotten/"), ("POST", "/api/declared/"), ("GET", "/api/somebody-elses/")):
        answers = {caller.call(verb, address).status_code for caller in (office, ana)}
        assert (verb, address, answers) == (verb, address, {403})
        assert stranger.call(verb, address).status_code in {401, 403}


def handlers_in(source: str) -> list[str]:
    """The verbs of a file's routes that declare no audience."""
    verbs = {"get", "post", "put", "patch", "delete"}
    return [
        f"{route.name}.{handler.name}"
        for route in ast.walk(ast.parse(source))
        if isinstance(route, ast.ClassDef) and any(ast.unparse(base).endswith("View") for base in route.bases)
        for handler in route.body
        if isinstance(handler, ast.FunctionDef) and handler.name in verbs
        if not any(ast.unparse(each).startswith(("api_allow(", "api_public")) for each in handler.decorator_list)
    ]


def test_the_linter_sees_a_verb_without_an_audience():
    route = "class Route(ApiView):\n    @describe('x')\n    def get(self, request): ...\n"
    assert handlers_in(route) == ["Route.get"]
    assert handlers_in(route.replace("@describe('x')", "@api_allow(Role.ADMIN)")) == []


def test_every_verb_of_the_api_declares_its_audience():
    files = [file for app in APPS for file in (ROOT / app).rglob("api*.py")]
    assert ROOT / "students" / "api.py" in files
    assert {str(file.relative_to(ROOT)): found for file in files if (found := handlers_in(file.read_text()))} == {}


def undoored(source: str) -> list[str]:
    """Where a source reaches rows without the door: Model.objects that is neither handed to visible_or_404 nor
    followed, in the same chain, by a method that asks who is looking."""
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in {"get_object_or_404", "get_list_or_404"}:
            found.append(f"line {node.lineno}: {node.id}")
        if not (isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "history"}):
            continue
        link, doored = parents[node], False
        while isinstance(link, ast.Attribute | ast.Call):
            doored |= isinstance(link, ast.Attribute) and link.attr in DOORS
            is_door = isinstance(link, ast.Call) and getattr(link.func, "id", "") == "visible_or_404"
            doored |= is_door
            link = parents[link]
        if not doored:
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


@pytest.mark.parametrize(
    "source",
    [
        "Student.objects.get(pk=1)",
        "Student.objects.all()",
        "rows = Student.objects.filter(pk=1).order_by('pk')",
        "get_object_or_404(Student, pk=1)",
        "render(request, Student.objects.all())",
        "Student.history.filter(pk=1)",
        "rows = Student.objects",
    ],
)
def test_the_linter_sees_rows_without_the_door(source):
    assert len(undoored(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "Student.objects.visible_to(request.user).filter(pk=1)",
        "Student.objects.with_class().visible_to(request.user)",
        "visible_or_404(Student.objects.with_class(), request.user, pk=1)",
        "list(Student.objects.children_of(request.user))",
    ],
)
def test_the_linter_lets_the_door_pass(source):
    assert undoored(source) == []


def test_no_view_api_or_export_reaches_rows_without_the_door():
    files = [file for app in APPS for name in GUARDED_FILES for file in (ROOT / app).rglob(name)]
    assert ROOT / "attendance" / "views.py" in files
    assert {str(file.relative_to(ROOT)): found for file in files if (found := undoored(file.read_text()))} == {}
