"""Attachments hold personal data of cases: anonymising a case is told of them."""

from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    name = "bihuan.kernel.attachments"

    def ready(self) -> None:
        from bihuan.kernel.attachments.forgetting import attachments_forget
        from bihuan.kernel.cases.personal import ERASERS  # models can be imported only now

        ERASERS.append(attachments_forget)
