from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StudentsConfig(AppConfig):
    name = "students"
    verbose_name = _("Students, classes and the calendar")

    def ready(self) -> None:
        from accounts.todo import register
        from students import checks  # noqa: F401  (registers its checks)
        from students.todo import people_to_place

        register("people to place", people_to_place)
