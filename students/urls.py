from django.urls import path

from students import views

app_name = "students"
urlpatterns = [
    path("students/", views.student_list, name="list"),
    path("students/new/", views.new_student, name="new"),
    path("students/<student_id:student_id>/edit/", views.edit_student, name="edit"),
    path("classes/<int:class_id>/", views.class_page, name="class"),
    path("classes/<int:class_id>/print/", views.class_print, name="class_print"),
]
