"""How much is taken without an account, from one address, its net and one telephone number; and of wrong passwords and tokens. No puzzles: a plain sentence and a way out.

The amounts are the policy `public.amounts`: {what: {"hour": n, "day": n}}. Whole hours and days of UTC are counted.
Many people may share one address (a village, a mobile network), so that an address may do more than a telephone number.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.addresses import net_of
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal

AMOUNTS: Mapping[str, Mapping[str, int]] = {
    "report_address": {"hour": 20, "day": 60},
    "keep_address": {"hour": 60, "day": 200},
    "report_phone": {"hour": 3, "day": 6},
    "say_case": {"hour": 6, "day": 20},
    "wrong_address": {"hour": 30, "day": 100},
    "wrong_number": {"hour": 10, "day": 30},
    "visit_address": {"hour": 3_000, "day": 20_000},
    "visit_net": {"hour": 12_000, "day": 80_000},
    "login_address": {"hour": 60, "day": 300},
    "token_address": {"hour": 60, "day": 300},
}
"""While no policy says otherwise."""
SPANS = {"hour": 3600, "day": 86400}
KEEP = timedelta(days=2)
ADD = """
    insert into public_tally (who, span, since, count) values (%s, %s, %s, 1)
    on conflict (who, span, since) do update set count = public_tally.count + 1 returning count
"""
ADD_ALL = """
    insert into public_tally (who, span, since, count)
    select who, span, since, 1 from unnest(%s::text[], %s::int[], %s::timestamptz[]) as rows (who, span, since)
    on conflict (who, span, since) do update set count = public_tally.count + 1 returning who, span, count
"""
USED_UP = """
    select exists (
        select from unnest(%s::text[], %s::int[], %s::timestamptz[], %s::int[]) as most (who, span, since, count)
        join public_tally t using (who, span, since) where t.count >= most.count
    )
"""


class TooMuch(Refusal):
    """More than is taken without an account."""

    status = 429


def gate_check(what: str, who: str, now: datetime) -> None:
    """TooMuch when the amount is used up; nothing is counted."""
    rows = [(*_row(what, who, span, now), most) for span, most in _amounts(what, now)]
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(USED_UP, [list(column) for column in zip(*rows, strict=True)])
        (used_up,) = cursor.fetchone()
    if used_up:
        raise _too_much()


def gate_count(what: str, who: str, now: datetime) -> None:
    """Count one more. TooMuch when it is more than the amount: within a transaction, so that what was done goes back.

    The rows stay locked until the transaction ends: it stands last in it.
    """
    for span, most in _amounts(what, now):
        with kernel_writes(), connection.cursor() as cursor:
            cursor.execute(ADD, [*_row(what, who, span, now)])
            (count,) = cursor.fetchone()
        if count > most:
            raise _too_much()


def visit_count(address: str, now: datetime) -> None:
    """Count a visit without an account, by address and by the net around it. TooMuch when it is more than the amounts.

    In a short transaction of its own, which need not be on the disk: pages do not wait for each other.
    """
    rows = [(what, who, *amount) for what, who in (("visit_address", address), ("visit_net", net_of(address)))
            for amount in _amounts(what, now)]  # fmt: skip
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("set local synchronous_commit = off")
        keys = [_row(what, who, span, now) for what, who, span, _most in rows]
        cursor.execute(ADD_ALL, [list(column) for column in zip(*keys, strict=True)])
        counts = {(who, span): count for who, span, count in cursor.fetchall()}
    if any(counts[key[:2]] > most for key, (*_kind, most) in zip(keys, rows, strict=True)):
        raise _too_much()


def retry_seconds(now: datetime) -> int:
    """Until the next whole hour: then an amount of the hour begins anew."""
    return SPANS["hour"] - int(now.timestamp()) % SPANS["hour"]


def gates_forget(*, now: datetime) -> int:
    """Forget what was counted more than two days ago; returns how many rows."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("delete from public_tally where since < %s", [now - KEEP])
        return int(cursor.rowcount)


def _amounts(what: str, now: datetime) -> list[tuple[int, int]]:
    set_ = rulebook().value("public.amounts", region=settings.REGION, on=day_of(now), default=AMOUNTS)
    amounts = {**AMOUNTS[what], **set_.get(what, {})}
    return [(SPANS[name], int(amounts[name])) for name in SPANS]


def _row(what: str, who: str, span: int, now: datetime) -> tuple[str, int, datetime]:
    key = f"tallies of the public\0{settings.SECRET_KEY}".encode()
    hashed = hmac.new(key, f"{what}\0{who}".encode(), sha256).hexdigest()
    begun = int(now.timestamp()) // span * span
    return hashed, span, datetime.fromtimestamp(begun, UTC)


def _too_much() -> TooMuch:
    return TooMuch("too_much", _("现在收到的太多了,请稍后再试。着急的事请打 12345。"))
