"""allauth for the bare project, which has its tables but not the middleware that it insists on."""

from allauth.account.apps import AccountConfig


class AccountsWithoutMiddleware(AccountConfig):
    def ready(self) -> None:
        """Nothing to check."""
