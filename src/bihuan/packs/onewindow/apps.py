"""Messages also go to whoever holds a ticket of the hall."""

from django.apps import AppConfig


class OnewindowConfig(AppConfig):
    name = "bihuan.packs.onewindow"

    def ready(self) -> None:
        from bihuan.kernel.notices.recipients import RECIPIENTS
        from bihuan.packs.onewindow.hall.recipients import ticket_recipient  # models can be imported only now

        RECIPIENTS["ticket"] = ticket_recipient
