from django.urls import path

from dashboard import views

app_name = "dashboard"
urlpatterns = [
    path("dashboard/", views.home, name="home"),
    path("students/<student_id:student_id>/", views.student, name="student"),
    path("report/", views.report_home, name="report_home"),
    path("report/<student_id:student_id>/", views.report, name="report"),
]
