"""Scoring keeps evidence in words about cases: anonymising a case is told of it."""

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "bihuan.kernel.scoring"

    def ready(self) -> None:
        from bihuan.kernel.cases.personal import ERASERS  # models can be imported only now
        from bihuan.kernel.scoring.decisions import words_forget

        ERASERS.append(words_forget)
