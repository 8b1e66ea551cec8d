"""The three roles. A leaf: it imports nothing of ours."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """Decides privileges and the home page; each is also the name of the group with its model permissions."""

    ADMIN = "admin", _("Admin")
    TEACHER = "teacher", _("Teacher")
    PARENT = "parent", _("Parent")


HOME_OF_ROLE = {
    Role.ADMIN: "dashboard:home",
    Role.TEACHER: "attendance:today",
    Role.PARENT: "dashboard:report_home",
}
