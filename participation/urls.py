from django.urls import path

from participation import views, views_events, views_lists

app_name = "participation"
urlpatterns = [
    path("", views_lists.records, name="list"),
    path("events/", views_lists.events, name="events"),
    path("new/", views_events.new, name="new"),
    path("<int:pk>/", views.event, name="event"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/edit/", views_events.edit, name="edit"),
    path("<int:pk>/delete/", views_events.delete, name="delete"),
]
