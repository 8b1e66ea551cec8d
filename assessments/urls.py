from django.urls import path

from assessments import views, views_book, views_statistics, views_work

app_name = "assessments"
urlpatterns = [
    path("statistics/", views_statistics.statistics, name="statistics"),
    path("<int:pk>/scores/", views.scores, name="scores"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("", views_book.book, name="book"),
    path("records/", views_book.records, name="records"),
    path("new/", views_work.new, name="new"),
    path("<int:pk>/edit/", views_work.edit, name="edit"),
    path("<int:pk>/delete/", views_work.delete, name="delete"),
    path("<int:pk>/publish/", views_work.publish, name="publish"),
]
