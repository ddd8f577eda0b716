"""Writing: a task or works opened by the supervisor, and works proved, which the callers of the problem are told."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db import transaction

from bihuan.kernel.cases.mending import case_mended
from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.cases.opening import Opening, case_open
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.services import notice_put
from bihuan.kernel.pack import roles, workflows
from bihuan.kernel.policies.selectors import policy_in_force
from bihuan.kernel.scoring.account import centre_unit
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.text import SHANGHAI
from bihuan.packs.supervision.rules import OPENED_BY_HAND

KEEPER = "supervisor"
ANSWER = "您反映的问题已经从根上治理,{on}经受住了考验,没有再发生。如果又出现,请告诉我们。"
"""What callers read when nothing else is written for them."""


def task_open(
    *,
    scope: Scope,
    kind: str,
    unit: int,
    title: str,
    text: str,
    due: date | None,
    origin: int | None,
    key: str,
    now: datetime,
) -> str:
    """Open a task of a `kind` of `rules.OPENED_BY_HAND` and give it to its unit at once; returns its number.

    `due` is the day by which it must be done (None: by the policy), `origin` the case that it came of. Again with the same `key`
    nothing is opened and the same number is returned. NotPermitted for whoever is no supervisor; Refusal for a day that has passed.
    """
    if not scope.holds(KEEPER):
        raise NotPermitted("not_permitted", "只有中心督办可以交办督查事项。")
    if kind not in OPENED_BY_HAND:
        raise Refusal("unknown_kind", "没有这一类督查事项。", field="kind")
    if due is not None and due <= now.astimezone(SHANGHAI).date():
        raise Refusal("too_early", "完成日期要在今天以后。", field="due")
    external = f"supervision:{key}"
    with transaction.atomic(), kernel_writes():
        known = Case.objects.filter(external_id=external).values_list("number", flat=True).first()
        if known:
            return str(known)
        centre = centre_unit().pk
        opened = case_open(
            Opening(
                pack="supervision",
                workflow="works" if kind == "works" else "task",
                title=title,
                text=text,
                unit=centre,
                opened_by=centre,
                by=scope.person,
                now=now,
                reported_at=now,
                matter=kind,
                region=settings.REGION,
                external_id=external,
                origin=origin,
                superior={"number": "", "due_at": _day_end(due)} if due else None,
                passes_on=True,
            )
        )
        case_move(case_id=opened.case, step="give", by=scope.person, now=now, data={"unit": unit})
        return opened.number


def works_prove(**move: Any) -> Moved:
    """The works have held: the order behind them goes to its call-back with all that were merged into it, once, in the same
    transaction, and every caller is told.

    An order that its own rules keep from it (a superior's, one with assisting units at work) goes on at its unit, which is told;
    a caller who left no telephone number is not written to.
    """
    with transaction.atomic():
        moved = case_move(**move)
        with kernel_writes():
            origin = _origin_of(moved.case)
        if origin is not None:
            answer = move["data"].get("answer") or ANSWER.format(on=move["data"]["on"])
            case_mended(case=origin, answer=answer, now=move["now"])
            with kernel_writes():
                _told(moved.case, origin, move["now"])
    return moved


def _origin_of(works: int) -> int | None:
    """The order behind the works, or the one that it was merged into since."""
    origin = Case.objects.filter(pk__in=Case.objects.filter(pk=works).values("origin")).first()
    return origin and (origin.merged_into_id or origin.pk)


def _told(works: int, order: int, now: datetime) -> None:
    origin = Case.objects.get(pk=order)
    if origin.closed_at is None:
        notice_put(
            channel="in_app",
            template="origin_mended" if _is_the_units(origin) else "origin_called_back",
            key=f"works:{works}:{origin.pk}",
            now=now,
            context={"number": origin.number},
            case=origin.pk,
            unit=origin.unit_id,
        )
    every = Case.objects.filter(pk=origin.pk) | Case.objects.filter(merged_into=origin)
    callers = Party.objects.filter(case__in=every, role=Party.Role.REPORTER).exclude(phone="")
    for party in callers.select_related("case"):
        notice_put(
            channel="sms",
            template="mended",
            key=f"works:{works}:{party.case_id}:{party.pk}",
            now=now,
            context={"number": party.case.number},
            case=party.case_id,
            party=party.pk,
        )


def _is_the_units(order: Case) -> bool:
    """Is it the turn of the unit that holds it?"""
    role = roles().get(workflows()[order.workflow].state[order.state].waits_for)
    return role is not None and role.acts == "holder"


def look_back_days(*, on: date) -> int:
    """Days between the unit's report and the first look back, by the policy in force."""
    return int(policy_in_force(code="supervision.look_back_days", region=settings.REGION, on=on).value)


def _day_end(day: date) -> str:
    return datetime.combine(day, time(23, 59, 59), SHANGHAI).isoformat()
