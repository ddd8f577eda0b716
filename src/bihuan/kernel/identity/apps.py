"""Identity as a Django application. Log-in writes its own time and entry, so Django's signal for it is taken off."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class IdentityConfig(AppConfig):
    name = "bihuan.kernel.identity"

    def ready(self) -> None:
        user_logged_in.disconnect(dispatch_uid="update_last_login")
