"""Closing a month: its ranking is written down, and who was among the last two months running is called to account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import Scope, day_of, scope_within
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.scoring.account import account_join, account_open
from bihuan.kernel.scoring.keeping import scores_keep
from bihuan.kernel.scoring.models import Account, Item, Month
from bihuan.kernel.scoring.ranking import Card, Placed
from bihuan.kernel.scoring.reading import scored_packs
from bihuan.kernel.scoring.selectors import card_in_force, month_before, month_span, ranking

STREAM = "score"
EVERYTHING = Scope(0, (), (), True)


def months_close(*, now: datetime) -> list[Month]:
    """Close the month before, of each pack, once `close_days` days have passed. Returns what was closed now."""
    scores_keep(now=now)
    today = day_of(now)
    month = month_before(today)
    closed: list[Month] = []
    for pack in scored_packs():
        card = card_in_force(pack=pack, on=month)
        if today >= today.replace(day=1) + timedelta(days=card.close_days):
            closed += filter(None, [month_close(pack=pack, month=month, card=card, now=now)])
    return closed


def month_close(*, pack: str, month: date, card: Card, now: datetime) -> Month | None:
    """Write a month's ranking down, once, and call to account whom the card names; None when it was closed, or nothing
    was counted in it.
    """
    with kernel_writes():
        span = month_span(month, closed=now)
        if not Item.objects.filter(pack=pack, at__gte=span.since, at__lt=span.until).exists():
            return None
        with scope_within(EVERYTHING):
            lists = ranking(pack=pack, span=span, card=card)
        told = {name: [_kept(one) for one in rows] for name, rows in lists.items()}
        value = {"card": {"name": card.name, "version": card.version, "rule": card.rule}, "lists": told}
        row, new = Month.objects.get_or_create(
            pack=pack, month=month, defaults={"closed_at": now, "ranked": value}
        )
        if not new:
            return None
        data = {"pack": pack, "month": month, **value}
        register_append(stream=STREAM, kind="month_closed", at=now, by="system", data=data)
        _last_called(row, card, now)
    return row


def _kept(one: Placed) -> dict[str, Any]:
    counts = {measure: [c.good, c.bad, c.out] for measure, c in sorted(one.counts.items())}
    return {
        "unit": one.unit, "place": one.place, "score": one.score, "orders": one.orders, "bottom": one.bottom,
        "light": one.light, "counts": counts,
    }  # fmt: skip


def bottom_units(ranked: Mapping[str, Any]) -> dict[str, set[int]]:
    """The last units of each list of a closed month."""
    return {name: {one["unit"] for one in rows if one["bottom"]} for name, rows in ranked["lists"].items()}


def _last_called(row: Month, card: Card, now: datetime) -> None:
    """Who is among the last while an earlier call is open is joined to it; who was so `months` running since the last month
    that a call told of is called. Nobody has two cases of one matter (政府督查工作条例: no duplicate supervision).
    """
    for name, units in bottom_units(row.ranked).items():
        for unit in sorted(units):
            before = _call_before(row, name, unit)
            if before and before.case and before.case.closed_at is None:
                _join(row, card, before, name, unit, now)
                continue
            months = [month for month in _running(row, card.months) if _told(before) < f"{month.month:%Y-%m}"]
            running = (unit in bottom_units(month.ranked).get(name, set()) for month in months)
            if len(months) == card.months and all(running):
                _call(row, card, months, name, unit, now)


def _call_before(row: Month, name: str, unit: int) -> Account | None:
    """The last call of a unit for its places in this list."""
    return (
        Account.objects.filter(unit=unit, key__startswith=f"bottom:{row.pack}:{name}:{unit}:")
        .select_related("case")
        .order_by("-pk")
        .first()
    )


def _told(call: Account | None) -> str:
    """The last month that a call tells of, "" where there is none: 2026-02."""
    told = [*call.facts["months"], *call.facts.get("joined", ())] if call else []
    return max((str(one["month"]) for one in told), default="")


def _running(row: Month, count: int) -> list[Month]:
    """This month and the closed ones right before it, `count` at most."""
    found, month = [row], row.month
    while len(found) < count:
        month = month_before(month)
        before = Month.objects.filter(pack=row.pack, month=month).first()
        if before is None:
            break
        found.append(before)
    return found


def _place(month: Month, name: str, unit: int) -> dict[str, Any]:
    one = next(o for o in month.ranked["lists"][name] if o["unit"] == unit)
    return {
        "month": f"{month.month:%Y-%m}", "place": one["place"], "score": one["score"], "orders": one["orders"],
    }  # fmt: skip


def _join(row: Month, card: Card, before: Account, name: str, unit: int, now: datetime) -> None:
    of = _place(row, name, unit)
    told = {
        "unit": Unit.objects.get(pk=unit).name,
        "month": of["month"],
        "last": card.bottom,
        "place": of["place"],
    }
    reason = "%(unit)s%(month)s综合成绩又在后%(last)s名(第%(place)s名),问责尚未销号,并入本件" % told
    account_join(account=before, reason=reason, facts=of, now=now)


def _call(row: Month, card: Card, months: Sequence[Month], name: str, unit: int, now: datetime) -> None:
    of = [_place(month, name, unit) for month in sorted(months, key=lambda month: month.month)]
    told = "、".join(one["month"] for one in of)
    facts = {"pack": row.pack, "list": name, "rule": f"{card.name}({card.version})", "months": of}
    reason = f"{Unit.objects.get(pk=unit).name}综合成绩连续{len(of)}个月({told})在后{card.bottom}名"
    account_open(
        matter="accountability", unit_id=unit, reason=reason, facts=facts,
        key=f"bottom:{row.pack}:{name}:{unit}:{row.month:%Y-%m}", now=now,
    )  # fmt: skip
