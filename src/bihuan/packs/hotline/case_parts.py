"""What the hotline adds to a case: its type and channel, the centres above and below, the recording of the call that the order
came of, ready answers where it is answered, and the open orders that are like it.
"""

from __future__ import annotations

from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.case.page import CasePage
from bihuan.kernel.desk.case.parts import Fact, Part, Ready
from bihuan.kernel.exchange.selectors import LinkTold, links_told
from bihuan.packs.hotline.answers.ready import ready_answers_fitting
from bihuan.packs.hotline.figures import time_told
from bihuan.packs.hotline.models import Order
from bihuan.packs.hotline.rules import CHANNELS, TYPES
from bihuan.packs.hotline.seat.calls import call_of_order
from bihuan.packs.hotline.selectors import orders_alike

ALIKE = 6
"""So many similar orders are offered to be compared."""


def case_parts(page: CasePage) -> list[Part]:
    """Other centres that have to do with it, and the call; its recording is offered to who may read the caller's data."""
    links = links_told(case=page.case.pk)
    parts = (
        [Part("exchange/part.html", {"links": links, "times": _times(page.case.pk, links)})] if links else []
    )
    call = call_of_order(case=page.case.pk)
    if call is None:
        return parts
    audible = bool(call.recording) and any(party.may_unmask for party in page.parties)
    return [*parts, Part("hotline/parts/call.html", {"call": call, "audible": audible})]


def _times(case: int, links: list[LinkTold]) -> list[tuple[str, str]]:
    """Both times to the unit's desk of what came from above; while it has not reached one, that."""
    above = next((one for one in links if one.above and one.arrived_at), None)
    order = Order.objects.filter(pk=case).values_list("on_desk_at", "arrived_at").first()
    if above is None or order is None:
        return []
    desk, arrived = order
    if desk is None:
        return [(gettext("到承办单位"), gettext("还没有到"))]
    return [
        (gettext("从上级发出到承办单位"), time_told((desk - above.appeared_at).total_seconds())),
        (gettext("从到达本级到承办单位"), time_told((desk - arrived).total_seconds())),
    ]


def case_facts(case: int) -> list[Fact]:
    """What kind of message it is and how it came in; nothing for a case that another pack opened."""
    order = Order.objects.filter(pk=case).values_list("type", "channel").first()
    if order is None:
        return []
    type_, channel = order
    return [
        Fact("type", gettext("诉求类型"), gettext(dict(TYPES).get(type_, type_))),
        Fact("channel", gettext("来源"), gettext(dict(CHANNELS).get(channel, channel))),
    ]


def ready_words(case: Case, step: str) -> list[Ready]:
    """Ready answers that fit, where the unit or the seat answers."""
    if step not in ("answer", "answer_at_seat"):
        return []
    return [
        Ready(one.pk, "answer", one.title, one.text, gettext("用过 %s 次") % one.used if one.used else "")
        for one in ready_answers_fitting(case)
    ]


def cases_alike(case: Case) -> list[Case]:
    """Open orders at the same place, or in the same territory with much the same words."""
    found = orders_alike(
        text=f"{case.title}\n{case.content.text}",
        matter=case.matter,
        place=case.place,
        territory=case.territory_id,
        limit=ALIKE + 1,
    )
    return [one.case for one in found if one.case.pk != case.pk][:ALIKE]
