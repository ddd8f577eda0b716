"""Taking orders in: cleaned, opened, dispatched and timed in one transaction, with nobody in between."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Move, Moved, case_move_many
from bihuan.kernel.cases.opening import Opening, case_open_many
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.models import Grant, holds_on
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.hotline.dispatching import (
    Decision,
    DispatchMap,
    decide,
    decision_held,
    decision_refused,
    dispatch_map,
    needs_proposal,
)
from bihuan.packs.hotline.order_data import CleanOrder, OrderData, order_clean
from bihuan.packs.hotline.policies import JUDGED
from bihuan.packs.hotline.reasons import BETWEEN
from bihuan.packs.hotline.text.store import model_read, model_text

PACK = "hotline"
AT_SEAT = ("complaint", "report")
INSERT = """
    insert into hotline_order (case_id, channel, type, accused_id, arrived_at, on_desk_at, automatic,
                               model_label, model_confidence, model, reasons)
    select * from jsonb_to_recordset(%s::jsonb) as x(case_id bigint, channel text, type text,
        accused_id bigint, arrived_at timestamptz, on_desk_at timestamptz, automatic bool, model_label text,
        model_confidence numeric, model text, reasons jsonb)
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """An order taken in. `seconds` ran from its arrival to the unit's desk; None when it is on no final
    desk yet.

    `automatic`: sent to its final unit with nobody in between. `reasons` say, in words, why that unit; `service` was called at once.
    """

    case: int
    number: str
    version: int
    state: str
    unit: int
    seconds: float | None
    automatic: bool
    reasons: tuple[str, ...]
    service: str = ""


def order_take(
    *,
    data: OrderData | Mapping[str, Any],
    by: int,
    now: datetime,
    unit_opened_by: int | None = None,
    origin: int | None = None,
    above: Mapping[str, Any] | None = None,
) -> Taken:
    """Take one order in and dispatch it at once. `by` is a person's id, 0 or BY_REPORTER, `now` its arrival (aware).

    `unit_opened_by` is the centre's unit (default: the centre of settings.REGION); `origin` the closed case that is
    reported again; `above` what the exchange adds to the superior's terms. FieldError names field and rule; then nothing was written.
    """
    (result,) = orders_take_many(
        orders=[data], by=by, now=now, unit_opened_by=unit_opened_by, origin=origin, above=above
    )
    if isinstance(result, FieldError):
        raise result
    return result


def orders_take_many(
    *,
    orders: Sequence[OrderData | Mapping[str, Any]],
    by: int,
    now: datetime | Sequence[datetime],
    unit_opened_by: int | None = None,
    taken_over: bool = False,
    origin: int | None = None,
    above: Mapping[str, Any] | None = None,
) -> list[Taken | FieldError]:
    """Take orders in, in one transaction; each is taken or refused for itself, in order.

    `now` is one moment or one for each order. `taken_over` allows history with an answer. An external id
    that is known already, or comes twice, is refused with rule duplicate.
    """
    started = perf_counter()
    nows = [now] * len(orders) if isinstance(now, datetime) else list(now)
    words, seated = dispatch_map().words(), cache(partial(_sits_at_seat, by))
    results: list[Taken | FieldError | None] = []
    clean: list[CleanOrder] = []
    for data, moment in zip(orders, nows, strict=True):
        order, faults = order_clean(data, now=moment, words=words, taken_over=taken_over)
        fault = faults[0] if faults else _seat_fault(order, seated) if order else None
        results.append(fault)
        if order is not None and fault is None:
            clean.append(replace(order, superior={**(order.superior or {}), **above}) if above else order)
    known = external_numbers([order.external_id for order in clean if order.external_id])
    fresh: list[CleanOrder] = []
    waiting = iter(clean)
    for place, result in enumerate(results):
        if result is None:
            order = next(waiting)
            if order.external_id and order.external_id in known:
                results[place] = _duplicate(known[order.external_id])
            else:
                fresh.append(order)
                known |= {order.external_id: "同一批"} if order.external_id else {}
    taken = iter(
        orders_enter(orders=fresh, by=by, unit_opened_by=unit_opened_by, started=started, origin=origin)
    )
    return [next(taken) if result is None else result for result in results]


def _duplicate(number: str) -> FieldError:
    return FieldError("external_id", "duplicate", f"外部编号已登记过({number})")


def _seat_fault(order: CleanOrder, seated: Callable[[date], bool]) -> FieldError | None:
    if not order.answer_at_seat:
        return None
    if order.type in AT_SEAT:
        return FieldError("answer_at_seat", "may_be_answered_at_seat", "投诉和举报要派给责任单位办理")
    if not seated(order.on):
        return FieldError("answer_at_seat", "seat_agent", "只有接线员可以在席位直接答复")
    return None


def _sits_at_seat(person: int, on: date) -> bool:
    return Grant.objects.filter(holds_on(on), person_id=person, role="seat_agent").exists()


def external_numbers(ids: Sequence[str]) -> dict[str, str]:
    """The case numbers of these external ids, whoever may see the cases."""
    if not ids:
        return {}
    with kernel_writes():
        found = Case.objects.filter(pack=PACK, external_id__in=ids)
        return {str(id_): number for id_, number in found.values_list("external_id", "number")}


def decisions_of(orders: Sequence[CleanOrder], at: DispatchMap) -> list[Decision]:
    """Decide for many orders: the model is asked once, for those that need it."""
    model = model_read(at.model)
    asked = [
        order for order in orders if model is not None and not order.closed and needs_proposal(order, at)
    ]
    proposals = model.classify_many([model_text(o.title, o.text) for o in asked]) if model else []
    of = dict(zip(map(id, asked), proposals, strict=True))
    return [decide(order=order, at=at, proposal=of.get(id(order))) for order in orders]


def orders_enter(
    *,
    orders: Sequence[CleanOrder],
    by: int,
    unit_opened_by: int | None = None,
    started: float | None = None,
    decided: tuple[DispatchMap, list[Decision]] | None = None,
    origin: int | None = None,
) -> list[Taken]:
    """Open clean orders and dispatch them in one transaction. `started` is a perf_counter() at their
    arrival.

    `decided` are decisions made already; they are made again when the map that they rest on is no longer in
    force. Raises FieldError (external_id, duplicate) when another transaction entered one of them
    meanwhile; nothing is kept.
    """
    if not orders:
        return []
    started = perf_counter() if started is None else started
    at = dispatch_map()
    decisions = decided[1] if decided and decided[0] is at else decisions_of(orders, at)
    opener = unit_opened_by or at.centre.id
    limits = _limits_of({order.on for order in orders})
    openings = [
        _opening(o, d, by, opener, limits[o.on], origin) for o, d in zip(orders, decisions, strict=True)
    ]
    try:
        with transaction.atomic():
            opened = case_open_many(openings)
            cases = [one.case for one in opened]
            moved = _dispatched(cases, orders, decisions, at)
            spent = perf_counter() - started
            _rows_insert(cases, orders, decisions, at.model or "", spent)
    except IntegrityError as error:
        raise FieldError("external_id", "duplicate", "外部编号刚被另一人登记") from error
    results = []
    for one, decision, order in zip(opened, decisions, orders, strict=True):
        now_at = moved.get(one.case)
        state, unit, version = (
            (now_at.state, now_at.unit, now_at.version) if now_at else (one.state, opener, one.version)
        )
        sent = decision.step == "dispatch" and not order.closed
        results.append(
            Taken(
                one.case,
                one.number,
                version,
                state,
                unit,
                spent if sent else None,
                sent,
                decision.reasons,
                decision.service if decision.step != "hold" else "",
            )
        )
    return results


def _limits_of(days: set[date]) -> dict[date, dict[str, Any]]:
    book, region = rulebook(), settings.REGION
    return {
        day: {
            name: value
            for name in JUDGED
            if (value := book.value(f"hotline.{name}", region=region, on=day)) is not None
        }
        for day in days
    }


def _opening(
    order: CleanOrder,
    decision: Decision,
    by: int,
    opener: int,
    limits: Mapping[str, Any],
    origin: int | None,
) -> Opening:
    facts: dict[str, Any] = {
        "type": order.type,
        "township_matter": decision.township_matter,
        # The unit may not call a confidential reporter: it never learns who that is (rules.md A8).
        "reachable": bool(order.party.phone) and not order.confidential,
        **limits,
    }
    if order.accused is not None:
        facts["accused"] = [order.accused]
    if decision.urgent:
        facts["limit_key"] = "urgent"
    party = order.party
    somebody = party.name or party.phone or party.id_number or party.address
    return Opening(
        pack=PACK,
        title=order.title,
        text=order.text,
        unit=opener,
        opened_by=opener,
        by=by,
        now=order.reported_at if order.closed else order.now,
        reported_at=order.reported_at,
        matter=decision.matter,
        place=order.place,
        territory=decision.territory,
        region=settings.REGION,
        parties=(party,) if somebody else (),
        facts=facts,
        urgent=decision.urgent and not order.closed,
        confidential=order.confidential,
        superior=order.superior,
        external_id=order.external_id,
        imported=order.closed,
        state="closed" if order.closed else "",
        closed_at=order.answered_at,
        answer=order.answer,
        origin=origin,
        passes_on=decision.step != "hold" and not order.closed,
    )


def _dispatched(
    cases: Sequence[int], orders: Sequence[CleanOrder], decisions: list[Decision], at: DispatchMap
) -> dict[int, Moved]:
    """Take the decided steps. A unit that the workflow refuses gives way to the desk, in `decisions` too; where no desk
    may have it either (a new centre without coordinators), the order stays with the seat.
    """
    going = [
        place for place, order in enumerate(orders) if not order.closed and decisions[place].step != "hold"
    ]
    calls = [p for p in going if decisions[p].service]
    for result in case_move_many(
        moves=[
            Move(cases[p], "pass_on", 0, orders[p].now, data={"service": decisions[p].service}) for p in calls
        ]
    ):
        _or_raise(result)
    first = case_move_many(moves=[_move(cases[p], orders[p], decisions[p]) for p in going])
    refused = [(p, r) for p, r in zip(going, first, strict=True) if isinstance(r, (Refusal, FieldError))]
    for place, refusal in refused:
        decisions[place] = decision_refused(decisions[place], orders[place], at, refusal.message)
    second = case_move_many(moves=[_move(cases[p], orders[p], decisions[p]) for p, _ in refused])
    for (place, _), result in zip(refused, second, strict=True):
        if isinstance(result, (Refusal, FieldError)):
            decisions[place] = decision_held(decisions[place], at, result.message)
    return {m.case: m for m in (*first, *second) if isinstance(m, Moved)}


def _move(case: int, order: CleanOrder, decision: Decision) -> Move:
    data = {"unit": decision.unit, "remark": BETWEEN.join(decision.reasons)[:1000]}
    return Move(case, decision.step, 0, order.now, data=data)


def _or_raise(result: Moved | Refusal | FieldError) -> Moved:
    if not isinstance(result, Moved):
        raise result
    return result


def _rows_insert(
    cases: Sequence[int],
    orders: Sequence[CleanOrder],
    decisions: Sequence[Decision],
    model: str,
    spent: float,
) -> None:
    rows = [
        {
            "case_id": case,
            "channel": order.channel,
            "type": order.type,
            "accused_id": order.accused,
            "arrived_at": order.reported_at if order.closed else order.now,
            "on_desk_at": order.now + timedelta(seconds=spent) if d.automatic and not order.closed else None,
            "automatic": d.automatic and not order.closed,
            "model_label": d.proposed,
            "model_confidence": None if d.confidence is None else f"{d.confidence:.4f}",
            "model": model if d.confidence is not None else "",
            "reasons": [] if order.closed else list(d.reasons),
        }
        for case, order, d in zip(cases, orders, decisions, strict=True)
    ]
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(INSERT, [json.dumps(rows, ensure_ascii=False, default=datetime.isoformat)])
