"""What the seat shows while an agent types: where the order would go and why, who calls, what is known already.

The proposal is the decision that `order_take` would make of the same words (`dispatching.decide`), never another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Unit
from bihuan.packs.hotline.answers.ready import ready_answers_for
from bihuan.packs.hotline.dispatching import Decision, DispatchMap, dispatch_map
from bihuan.packs.hotline.emergencies import danger_found
from bihuan.packs.hotline.models import ReadyAnswer
from bihuan.packs.hotline.order_data import CleanOrder, order_clean
from bihuan.packs.hotline.reasons import reasons_told
from bihuan.packs.hotline.selectors import Alike, matter_names, orders_alike, orders_by_phone
from bihuan.packs.hotline.services import decisions_of

PROPOSING = ("text", "type", "territory", "place", "matter", "accused", "urgent")
"""The fields that the decision rests on; a faulty one is left out until it is typed to its end."""
SHOWN = 5
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Proposed:
    """Where the order would go. `confidence` is in percent, None when the model was not asked."""

    decision: Decision
    matter: str
    unit: Unit
    territory: Unit | None
    confidence: int | None

    @property
    def reasons(self) -> list[str]:
        """Why, in the reader's language."""
        return reasons_told(self.decision.reasons)

    @property
    def stays(self) -> bool:
        """Does it stay at the seat?"""
        return self.decision.step == "hold"


@dataclass(slots=True)
class Suggestion:
    """`month`: how many orders the caller brought in the last 30 days; `service` must be called at once.

    Words of danger are shown even where the matter that is given says nothing of it.
    """

    asked: bool = False
    proposed: Proposed | None = None
    earlier: list[Case] = field(default_factory=list)
    month: int = 0
    more: int = 0
    alike: list[Alike] = field(default_factory=list)
    answers: list[ReadyAnswer] = field(default_factory=list)
    service: str = ""

    @property
    def often(self) -> str:
        return gettext("近 30 天 %(n)s 件") % {"n": self.month}


def suggestion(*, typed: Mapping[str, str], phone: str, now: datetime) -> Suggestion:
    """What can be said of what is typed so far. `phone` is "" for who may not read numbers."""
    at = dispatch_map()
    order = order_proposed(typed, at=at, now=now)
    found = Suggestion(asked=bool(order or phone))
    if phone:
        earlier = list(orders_by_phone(phone=phone).select_related("unit")[:200])
        found.earlier = earlier[:SHOWN]
        found.more = len(earlier) - len(found.earlier)
        found.month = sum(case.reported_at >= now - MONTH for case in earlier)
    if order is None:
        return found
    (decision,) = decisions_of([order], at)
    matter = decision.matter or decision.proposed
    found.proposed = _proposed(decision, at, matter)
    danger = danger_found(order.text)
    found.service = decision.service or (danger.service if danger else "")
    found.alike = orders_alike(
        text=order.text, matter=matter, place=order.place, territory=decision.territory
    )
    found.answers = ready_answers_for(matter=matter, text=order.text)
    return found


def order_proposed(typed: Mapping[str, str], *, at: DispatchMap, now: datetime) -> CleanOrder | None:
    """The order as typed so far, or None while nothing is said."""
    data = {name: typed[name] for name in PROPOSING if typed.get(name, "").strip()}
    order, faults = order_clean(data, now=now, words=at.words())
    if faults:
        wrong = {fault.field for fault in faults}
        rest = {name: value for name, value in data.items() if name not in wrong}
        order, _ = order_clean(rest, now=now, words=at.words())
    return order


def _proposed(decision: Decision, at: DispatchMap, matter: str) -> Proposed:
    units = Unit.objects.in_bulk([u for u in (decision.unit, decision.territory) if u])
    confidence = None if decision.confidence is None else round(decision.confidence * 100)
    return Proposed(
        decision,
        matter_names().get(matter, matter),
        units[decision.unit],
        units.get(decision.territory or 0),
        confidence,
    )
