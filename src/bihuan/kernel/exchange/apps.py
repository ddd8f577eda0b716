"""The exchange as a Django application; what it keeps of a case's words is erased with the case."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "bihuan.kernel.exchange"
    label = "exchange"

    def ready(self) -> None:
        from bihuan.kernel.cases.personal import ERASERS
        from bihuan.kernel.exchange.upkeep import messages_erase

        ERASERS.append(lambda cases, now: messages_erase(cases=cases, now=now))
