"""Answers hold personal data of cases: anonymising a case is told of them."""

from django.apps import AppConfig


class FormsConfig(AppConfig):
    name = "bihuan.kernel.forms"

    def ready(self) -> None:
        from bihuan.kernel.cases.personal import ERASERS  # models can be imported only now
        from bihuan.kernel.forms.services import answers_forget

        ERASERS.append(answers_forget)
