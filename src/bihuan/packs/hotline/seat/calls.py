"""Calls: what the telephone system tells is kept once, an order names its call, a missed call is called back.

Sources: rules.md A1 (GB/T 33358-2016: answered within 15 s; missed calls are called back).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotFound
from bihuan.lib.text import FieldError
from bihuan.packs.hotline.adapters.telephony import IncomingCall
from bihuan.packs.hotline.models import Call, Order

LOST = timedelta(hours=2)
"""A call that has not ended after so long has lost its end on the way."""
CALL_DAYS = 90
"""While no policy says otherwise."""
MISSED_FOR = timedelta(days=7)
SHOWN = 100


def call_note(*, event: IncomingCall) -> Call:
    """Keep what is told; told again, or late, it changes nothing. FieldError (agent) when nobody has that user name.

    A call that rings on at another agent is that agent's; once answered it stays with whoever answered.
    """
    agent = None
    if event.agent:
        agent = (
            Person.objects.filter(username=event.agent, is_active=True).values_list("pk", flat=True).first()
        )
        if agent is None:
            raise FieldError("agent", "unknown_person", "没有这个人,或其账号已停用。")
    with kernel_writes():
        Call.objects.bulk_create(
            [Call(call=event.call, ringing_at=event.at, phone=event.phone)], ignore_conflicts=True
        )
        row = Call.objects.select_for_update().get(call=event.call)
        if agent is not None and (row.agent_id is None or row.answered_at is None):
            row.agent_id = agent
        row.phone = row.phone or event.phone
        row.recording = row.recording or event.recording
        if event.event == "answered":
            row.answered_at = row.answered_at or event.at
        elif event.event == "ended":
            row.ended_at = row.ended_at or event.at
        row.save()
    return row


def call_link(*, call: int, case: int, by: int, now: datetime) -> None:
    """The order came of this call; a missed one is called back thereby."""
    with kernel_writes():
        Order.objects.filter(pk=case).update(call=call)
        _called_back(call, by, now)


def call_called_back(*, call: int, by: int, now: datetime) -> None:
    """The caller of a missed call was called back. NotFound when it is none, or somebody was faster."""
    with kernel_writes():
        if not _called_back(call, by, now):
            raise NotFound("unknown_call", "没有这个未接来电,或已经回拨。")


def call_found(text: str) -> Call | None:
    """The call of this id as it stands in an address or a form, if the present scope may see it."""
    return Call.objects.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 19 else None


def calls_waiting(*, agent: int, now: datetime) -> QuerySet[Call]:
    """Calls that ring or are spoken at this agent's telephone and have brought no order yet, the first first."""
    on = Call.objects.filter(agent=agent, ended_at=None, ringing_at__gte=now - LOST)
    return on.exclude(Exists(Order.objects.filter(call=OuterRef("pk")))).order_by("ringing_at", "id")


def calls_missed(*, now: datetime) -> QuerySet[Call]:
    """Missed calls of the last week whose callers were neither called back nor answered since: each caller's first."""
    later = Call.objects.filter(phone=OuterRef("phone"), answered_at__gt=OuterRef("ringing_at"))
    missed = Call.objects.filter(_missed(), ended_at__gte=now - MISSED_FOR).exclude(phone="")
    firsts = missed.exclude(Exists(later)).order_by("phone", "ended_at", "id").distinct("phone").values("pk")
    return Call.objects.filter(pk__in=firsts).order_by("ended_at", "id")[:SHOWN]


def waited_s(call: Call, *, now: datetime) -> int:
    """Whole seconds that the caller waited, or waits still."""
    until = call.answered_at or call.ended_at or now
    return max(0, int((until - call.ringing_at).total_seconds()))


def answer_within_s(*, now: datetime) -> int:
    """Seconds within which a call is to be answered, by policy."""
    return int(rulebook().value("hotline.answer_seconds", region=settings.REGION, on=day_of(now), default=15))


def calls_expire(*, now: datetime) -> int:
    """Erase the numbers of calls that brought no order once they are older than the policy says; returns how many."""
    with kernel_writes():
        return calls_bare(now=now).update(phone="", recording="")


def calls_bare(*, now: datetime) -> QuerySet[Call]:
    """Calls that brought no order, older than the policy says, whose number is still there. Within `kernel_writes`."""
    days = int(
        rulebook().value("hotline.call_days", region=settings.REGION, on=day_of(now), default=CALL_DAYS)
    )
    old = Call.objects.filter(ringing_at__lt=now - timedelta(days=days)).exclude(phone="", recording="")
    return old.exclude(Exists(Order.objects.filter(call=OuterRef("pk"))))


def _called_back(call: int, by: int, now: datetime) -> int:
    """Whoever called three times is called back once."""
    same = Call.objects.filter(pk=call).exclude(phone="").values("phone")
    missed = Call.objects.filter(_missed()).filter(Q(pk=call) | Q(phone__in=same, ended_at__lte=now))
    return missed.update(called_back_at=now, called_back_by=by) if missed.filter(pk=call).exists() else 0


def _missed() -> Q:
    return Q(answered_at=None, called_back_at=None, ended_at__isnull=False)


def call_of_order(*, case: int) -> Call | None:
    """The call that the order came of, if the present scope may see it."""
    return Call.objects.filter(orders=case).first()


def call_last(*, agent: str, event: str, now: datetime) -> str:
    """The id that a simulated event belongs to: a new one for a call that rings, else this agent's last call."""
    if event == "ringing":
        return f"simulated-{now:%Y%m%d%H%M%S%f}"
    of = Call.objects.filter(agent__username=agent)
    open_ones = of if event == "recording" else of.filter(ended_at=None)
    last = open_ones.order_by("-ringing_at").values_list("call", flat=True).first()
    if last is None:
        raise NotFound("unknown_call", "该坐席没有未结束的来电。")
    return str(last)
