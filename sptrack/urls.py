"""Every address of the portal. tests/test_access_matrix.py names each of them."""

from allauth.account import urls as allauth_urls
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, register_converter

from accounts.access import declare, public
from accounts.guards import guarded_pages
from sptrack import views
from students.converters import DayConverter, StudentIdConverter

register_converter(StudentIdConverter, "student_id")
register_converter(DayConverter, "day")

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("dashboard.urls")),
    path("", include("accounts.urls")),
    path("", include("students.urls")),
    path("attendance/", include("attendance.urls")),
    path("assessments/", include("assessments.urls")),
    path("behavior/", include("behavior.urls")),
    path("participation/", include("participation.urls")),
    path("api/", include("sptrack.api")),
    path("accounts/", include(guarded_pages(allauth_urls.urlpatterns))),
    path("admin/", admin.site.urls),
    path("healthz/", views.healthz, name="healthz"),
    path("readyz/", views.readyz, name="readyz"),
]
handler400 = "sptrack.errors.bad_request"
handler403 = "sptrack.errors.forbidden"
handler404 = "sptrack.errors.not_found"
handler429 = "sptrack.errors.too_many"  # allauth asks for it by this name
handler500 = "sptrack.errors.server_error"

if settings.DEBUG and "debug_toolbar" in settings.INSTALLED_APPS:
    from debug_toolbar.toolbar import DebugToolbar

    urlpatterns.append(path("__debug__/", include((declare(DebugToolbar.get_urls(), public), "djdt"))))
