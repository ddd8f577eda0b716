"""What a case tells of the ticket that it was taken in with: queue, acceptance and evaluation are one (排队叫号受理评价一体化)."""

from __future__ import annotations

from django.utils.translation import gettext

from bihuan.kernel.desk.case.parts import Fact
from bihuan.packs.onewindow.hall.models import Ticket
from bihuan.packs.onewindow.hall.selectors import minutes_between


def ticket_facts(case: int) -> list[Fact]:
    """Its number, how long was waited, and how long it took at the window once that is over; nothing without a ticket."""
    found = Ticket.objects.filter(served__case=case).select_related("window").first()
    if found is None:
        return []
    waited = minutes_between(found.taken_at, found.called_at)
    at = f" · {gettext('%s 号窗口') % found.window.code}" if found.window else ""
    facts = [
        Fact("ticket", gettext("排队号"), f"{found.shown}{at}"),
        Fact("ticket_waited", gettext("排队等候"), gettext("%s 分钟") % waited),
    ]
    if found.begun_at and found.ended_at:
        served = minutes_between(found.begun_at, found.ended_at)
        facts.append(Fact("ticket_served", gettext("窗口办理"), gettext("%s 分钟") % served))
    return facts
