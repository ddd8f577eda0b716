"""Score cards and rankings. Pure: counts in, places out, in exact fractions.

A unit's score is the weighted mean, of 100, of its measures that have a rate; a measure without any count is left out and
its weight with it. With `shrink` k, a rate of n counts is drawn towards the rate of its whole list as if k more had been
counted there: few orders say little. Units with fewer than `least` orders are shown and not placed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from bihuan.kernel.scoring.measures import MEASURES

LISTS = {"townships": ("township", "zone"), "departments": ("department",)}
"""The two lists of the accountability rule (S1), by the kinds of unit."""
LIGHTS = ("red", "yellow", "blue")


class Count(NamedTuple):
    """How many of a measure were good, bad and left out."""

    good: int = 0
    bad: int = 0
    out: int = 0

    @property
    def n(self) -> int:
        """The denominator."""
        return self.good + self.bad

    @property
    def share(self) -> Fraction | None:
        """The share of the good; None for 0 / 0."""
        return Fraction(self.good, self.n) if self.n else None

    def plus(self, other: Count) -> Count:
        return Count(self.good + other.good, self.bad + other.bad, self.out + other.out)


Counts = Mapping[str, Count]


@dataclass(frozen=True, slots=True)
class Card:
    """A score card: the local rule's name and version, weights in hundredths by measure, and its thresholds.

    `bottom` units of a list for `months` months running are called to account; a month is closed `close_days` days after
    its end. `lights` are the scores below which a unit is red, yellow, blue. `rule` is the policy row's id (0: none).
    """

    name: str
    version: str
    weights: Mapping[str, int]
    least: int = 10
    shrink: int = 0
    bottom: int = 3
    months: int = 2
    close_days: int = 3
    lights: Mapping[str, int] = field(default_factory=dict)
    public: bool = False
    rule: int = 0


def card_read(value: Mapping[str, Any], *, rule: int = 0, known: Collection[str] = MEASURES) -> Card:
    """A card from a policy's value, which may weigh what is `known`. ValueError, saying what, when it makes no sense."""
    weights = value.get("weights")
    if not isinstance(weights, Mapping) or not weights or not set(weights) <= set(known):
        raise ValueError("weights")
    if sum(map(_whole, weights.values())) != 100:
        raise ValueError("weights")
    if not all(isinstance(value.get(name), str) and value[name].strip() for name in ("name", "version")):
        raise ValueError("name")
    numbers = {
        name: _whole(value[name])
        for name in ("least", "shrink", "bottom", "months", "close_days")
        if name in value
    }
    lights = {name: _whole(value.get("lights", {}).get(name, 0)) for name in LIGHTS}
    if not 0 <= lights["red"] <= lights["yellow"] <= lights["blue"] <= 100:
        raise ValueError("lights")
    if numbers.get("months", 2) < 1 or numbers.get("months", 2) > 12:
        raise ValueError("months")
    public = value.get("public", False)
    if not isinstance(public, bool):
        raise ValueError("public")
    return Card(
        value["name"], value["version"], dict(weights), **numbers, lights=lights, public=public, rule=rule
    )


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
        raise ValueError(str(value)[:40])
    return value


@dataclass(frozen=True, slots=True)
class Placed:
    """A unit in its list: its counts, how many orders, its score of 100 in hundredths (None: nothing counted), its place
    (None: too few orders), whether it is among the last, and its light ("" or red, yellow, blue).
    """

    unit: int
    counts: Counts
    orders: int
    score: int | None
    place: int | None
    bottom: bool = False
    light: str = ""


def score_of(counts: Counts, whole: Counts, card: Card) -> int | None:
    """The score in hundredths of a point, 0-10000; None when nothing that the card weighs was counted."""
    total, weighed = Fraction(0), 0
    for measure, weight in card.weights.items():
        count = counts.get(measure, Count())
        if not count.n or not weight:
            continue
        around = whole.get(measure, count).share or Fraction(0)
        total += weight * (count.good + card.shrink * around) / (count.n + card.shrink)
        weighed += weight
    return round(total / weighed * 10_000) if weighed else None


def ranked(units: Mapping[int, tuple[Counts, int]], card: Card) -> list[Placed]:
    """A list in its order: placed units first, the best first, equal scores at one place; then those with too few orders.

    The last `bottom` are those with fewer than `bottom` placed units below them; a list of so few has no last ones.
    """
    whole = counts_sum(counts for counts, _ in units.values())
    scored = [
        (unit, counts, orders, score_of(counts, whole, card)) for unit, (counts, orders) in units.items()
    ]
    scores = [score for _, _, orders, score in scored if score is not None and orders >= card.least]
    found = []
    for unit, counts, orders, score in scored:
        if score is None or orders < card.least:
            found.append(Placed(unit, counts, orders, score, None))
            continue
        place = 1 + sum(other > score for other in scores)
        last = len(scores) > card.bottom and sum(other < score for other in scores) < card.bottom
        found.append(Placed(unit, counts, orders, score, place, last, light_of(score, card)))
    return sorted(found, key=lambda one: (one.place is None, one.place or 0, one.unit))


def light_of(score: int, card: Card) -> str:
    """Red, yellow or blue for a score (hundredths) below the card's threshold, else nothing."""
    return next((light for light in LIGHTS if score < 100 * card.lights.get(light, 0)), "")


def counts_sum(many: Iterable[Counts]) -> dict[str, Count]:
    """The counts of several together."""
    total: dict[str, Count] = {}
    for counts in many:
        for measure, count in counts.items():
            total[measure] = total.get(measure, Count()).plus(count)
    return total
