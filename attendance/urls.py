from django.urls import path

from attendance import views, views_desk, views_lists, views_planned

app_name = "attendance"
urlpatterns = [
    path("", views.today, name="today"),
    path("<int:class_id>/<day:day>/", views.register, name="register"),
    path("<int:class_id>/<day:day>/undo/", views.undo, name="undo"),
    path("<int:class_id>/<day:day>/print/", views_lists.paper, name="print"),
    path("records/", views_lists.records, name="records"),
    path("<int:class_id>/<day:day>/cover/", views_desk.cover, name="cover"),
    path("absent-today/", views_desk.absent, name="absent_today"),
    path("late-desk/", views_desk.late_desk, name="late_desk"),
    path("planned-absences/", views_planned.planned, name="planned"),
    path("planned-absences/new/", views_planned.plan, name="plan"),
    path("planned-absences/<int:pk>/edit/", views_planned.edit_planned, name="edit_planned"),
    path("planned-absences/<int:pk>/withdraw/", views_planned.withdraw_planned, name="withdraw_planned"),
    path("not-taken/", views_lists.not_taken, name="not_taken"),
]
