"""What the hotline adds to a case: its type and channel, the centres above and below, and the recording of the call that the order came of."""

from __future__ import annotations

from django.utils.translation import gettext

from bihuan.kernel.desk.case_page import CasePage
from bihuan.kernel.desk.case_parts import Fact, Part
from bihuan.kernel.exchange.selectors import links_told
from bihuan.packs.hotline.calls import call_of_order
from bihuan.packs.hotline.models import Order
from bihuan.packs.hotline.rules import CHANNELS, TYPES


def case_parts(page: CasePage) -> list[Part]:
    """Other centres that have to do with it, and the call; its recording is offered to who may read the caller's data."""
    links = links_told(case=page.case.pk)
    parts = [Part("exchange/part.html", {"links": links})] if links else []
    call = call_of_order(case=page.case.pk)
    if call is None:
        return parts
    audible = bool(call.recording) and any(party.may_unmask for party in page.parties)
    return [*parts, Part("hotline/parts/call.html", {"call": call, "audible": audible})]


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
