"""What packs count of units beside the measures of scored steps: told and weighed like a measure, once a score card weighs it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bihuan.kernel.manifest import Indicator
from bihuan.kernel.pack import packs
from bihuan.kernel.scoring.measures import MEASURES
from bihuan.kernel.scoring.ranking import Card, Count
from bihuan.kernel.scoring.words import LABELS


def indicators() -> dict[str, Indicator]:
    """Every indicator by its code."""
    return {one.code: one for pack in packs().values() for one in pack.indicators}


def labels() -> dict[str, Any]:
    """What a card may weigh, in words, in order: measures, then indicators."""
    return LABELS | {code: one.label for code, one in indicators().items()}


def measures_of(card: Card) -> tuple[str, ...]:
    """What is shown by this card: every measure, and the indicators that it weighs."""
    return (*MEASURES, *_weighed(card))


def indicators_counted(since: datetime, until: datetime, card: Card) -> dict[str, dict[str, Count]]:
    """By unit's id (a text, as of other counts) the counts of each indicator that the card weighs, over everything."""
    found: dict[str, dict[str, Count]] = {}
    known = indicators()
    for code in _weighed(card):
        for unit, (good, bad) in known[code].counts(since, until).items():
            found.setdefault(str(unit), {})[code] = Count(good, bad)
    return found


def _weighed(card: Card) -> Iterable[str]:
    return [code for code in indicators() if card.weights.get(code)]
