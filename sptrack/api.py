"""Every address of the JSON API. tests/test_api_matrix.py names each of them."""

from django.urls import include, path

from sptrack import api_docs

app_name = "api"
urlpatterns = [
    path("auth/", include("accounts.api")),
    path("", include("students.api")),
    path("attendance/", include("attendance.api")),
    path("assessments/", include("assessments.api")),
    path("behavior/", include("behavior.api")),
    path("participation/", include("participation.api")),
    path("dashboard/", include("dashboard.api")),
    path("admin/", include("students.api_people")),
    path("admin/", include("accounts.api_people")),
    path("", include("students.api_classes")),
    path("", include("attendance.api_class")),
    path("parent/", include("dashboard.api_portal")),
    path("schema/", api_docs.SchemaRoute.as_view(), name="schema"),
    path("docs/", api_docs.docs, name="docs"),
]
