"""Every service at a window is evaluated once: with its applications, or, where it made none, as a case of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.cases.opening import Opening, PartyData, case_open
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.follow_codes import follow_code
from bihuan.kernel.notices.services import notice_put
from bihuan.packs.onewindow.catalogue.selectors import matter_code
from bihuan.packs.onewindow.hall.models import HallWindow, Served, Ticket
from bihuan.packs.onewindow.hall.selectors import minutes_between, terms_now
from bihuan.packs.onewindow.hall.workflow import WORKFLOW

PACK = "onewindow"
ASKED = ("evaluating", "further")


def service_open(ticket: Ticket, *, now: datetime) -> None:
    """The evaluation of a service that has just ended, if no application was taken in with its ticket. A telephone number that was left is
    told. In the caller's transaction."""
    with kernel_writes():
        if Served.objects.filter(ticket=ticket).exists():
            return
        opened = case_open(_opening(ticket, now))
        Served.objects.create(case_id=opened.case, ticket=ticket)
        for party in Party.objects.filter(case=opened.case):
            notice_put(
                channel="sms", template="service_done", key=f"case:{opened.case}:service_done", now=now,
                context={"number": opened.number, "state": opened.state}, case=opened.case, party=party.pk,
            )  # fmt: skip


def _opening(ticket: Ticket, now: datetime) -> Opening:
    group = terms_now(now).group(ticket.group)
    window, person = ticket.window, ticket.window.person_id if ticket.window else None
    at = f"{window.code} 号窗口," if window else ""
    facts = {
        "outcome": "served",
        "outcome_at": now.isoformat(),
        "ticket": {
            "number": ticket.number,
            "waited": minutes_between(ticket.taken_at, ticket.called_at),
            "way": ticket.way,
        },
    }
    return Opening(
        pack=PACK, workflow=WORKFLOW.name, title=f"窗口服务:{ticket.shown}", text=f"{at}{group.name if group else ticket.group},没有收件。",
        unit=ticket.unit_id, opened_by=ticket.unit_id, by=person or 0, now=now, reported_at=ticket.taken_at,
        matter=matter_code(ticket.item_id) if ticket.item_id else "", region=settings.REGION,
        parties=(PartyData(phone=ticket.phone),) if ticket.phone else (), facts=facts,
    )  # fmt: skip


def service_asked(ticket: Ticket) -> dict[str, Any]:
    """The number and the code by which the citizen evaluates the service of a ticket now; nothing where there is none, or it is done."""
    with kernel_writes():
        row = Case.objects.filter(workflow=WORKFLOW.key, state__in=ASKED)
        found = row.filter(pk__in=ticket.served.values("case")).first()
    return {"number": found.number, "code": follow_code(found.pk)} if found else {}


def service_last(window: HallWindow, now: datetime) -> dict[str, Any]:
    """The same of whoever was served last at a window today, with the ticket. Whoever left a telephone number has it there: who is
    evaluated reads no code that another way tells."""
    rows = Ticket.objects.filter(window=window, state=Ticket.State.SERVED, ended_at__gte=window.since)
    last = rows.order_by("-ended_at", "-pk").first()
    asked = service_asked(last) if last and not last.phone else {}
    return {**asked, "ticket": last} if asked else {}
