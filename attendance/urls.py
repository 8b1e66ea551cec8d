from django.urls import path

from attendance import views

app_name = "attendance"
urlpatterns = [
    path("", views.today, name="today"),
    path("<int:class_id>/<day:day>/", views.register, name="register"),
]
