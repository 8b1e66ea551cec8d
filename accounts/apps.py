from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People who sign in")

    def ready(self) -> None:
        from accounts import audit_triggers, signals, todo  # noqa: F401  (signals connects its receivers)

        pre_migrate.connect(audit_triggers.before_migrate, sender=self)
        post_migrate.connect(audit_triggers.after_migrate, sender=self)
        todo.register("invitations", todo.invitations)
