from django.urls import path

from dashboard import (
    views,
    views_at_risk,
    views_audit,
    views_card,
    views_dashboard,
    views_follow_up,
    views_performance,
    views_thresholds,
)

app_name = "dashboard"
urlpatterns = [
    path("dashboard/", views_dashboard.home, name="home"),
    path("dashboard/high-performers/", views_dashboard.high_performers, name="high_performers"),
    path(
        "dashboard/students/<student_id:student_id>/",
        views_performance.student_performance,
        name="student_performance",
    ),
    path("students/<student_id:student_id>/", views.student, name="student"),
    path("students/<student_id:student_id>/note/", views.write_note, name="write_note"),
    path("students/<student_id:student_id>/note/<int:pk>/withdraw/", views.withdraw_note, name="withdraw_note"),
    path("students/<student_id:student_id>/changes/", views_audit.changes, name="changes"),
    path("dashboard/at-risk/", views_at_risk.at_risk, name="at_risk"),
    path("dashboard/thresholds/", views_thresholds.thresholds, name="thresholds"),
    path("students/<student_id:student_id>/follow-up/", views_follow_up.note, name="note_follow_up"),
    path(
        "students/<student_id:student_id>/follow-up/<int:pk>/withdraw/",
        views_follow_up.withdraw,
        name="withdraw_follow_up",
    ),
    path("report/", views.report_home, name="report_home"),
    path("report/<student_id:student_id>/", views.report, name="report"),
    path("report/<student_id:student_id>/opened/", views_audit.opened, name="opened"),
    path("report/<student_id:student_id>/card.pdf", views_card.card, name="card"),
    path("dashboard/cards/<int:class_id>/", views_card.class_cards, name="class_cards"),
    path("dashboard/cards/<int:class_id>/cards.pdf", views_card.class_cards_pdf, name="class_cards_pdf"),
]
