"""What a form asks for in stages."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import QueryDict

from bihuan.lib.text import number_of
from bihuan.packs.fire.models import Stage
from bihuan.packs.fire.stages.covering import stage_told
from bihuan.packs.fire.stages.rules import Early

MOST = 600


def stages_asked(sent: QueryDict) -> tuple[list[int], Early]:
    """The ids of the stages that were chosen, and whether these works are to be used before the rest."""
    early = Early(bool(sent.get("early")), bool(sent.get("independent")), bool(sent.get("safe")))
    return numbers_read(sent.getlist("stages")), early


def numbers_read(texts: Sequence[str]) -> list[int]:
    """The ids among what was sent."""
    return [number for one in texts[:MOST] if (number := number_of(one)) is not None]


def stages_named(stages: Sequence[int]) -> list[str]:
    """Stages in Chinese, in their order."""
    return [
        stage_told(one) for one in Stage.objects.filter(pk__in=stages).select_related("work").order_by("pk")
    ]
