from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People who sign in")

    def ready(self) -> None:
        from accounts import signals, todo  # noqa: F401  (signals connects its receivers)

        todo.register("invitations", todo.invitations)
