"""Cases keep the heads of their streams in their rows: verification is told where."""

from django.apps import AppConfig

from bihuan.kernel.ledger.verify import HEADS


class CasesConfig(AppConfig):
    name = "bihuan.kernel.cases"

    def ready(self) -> None:
        HEADS.append("select 'case:' || id, seq, head from cases_case")
