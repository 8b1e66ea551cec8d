from django.urls import path

from behavior import views

app_name = "behavior"
urlpatterns = [
    path("", views.records, name="list"),
    path("new/", views.new, name="new"),
    path("undo/", views.undo, name="undo"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/withdraw/", views.withdraw, name="withdraw"),
]
