"""How much is taken without an account, from one address and one telephone number. No puzzles: a plain sentence and a way out.

The amounts are the policy `public.amounts`: {what: {"hour": n, "day": n}}. Whole hours and days of UTC are counted.
Many people may share one address (a village, a mobile network), so that an address may do more than a telephone number.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal

AMOUNTS: Mapping[str, Mapping[str, int]] = {
    "report_address": {"hour": 20, "day": 60},
    "report_phone": {"hour": 3, "day": 6},
    "say_case": {"hour": 6, "day": 20},
    "wrong_address": {"hour": 30, "day": 100},
    "wrong_number": {"hour": 10, "day": 30},
}
"""While no policy says otherwise."""
SPANS = {"hour": 3600, "day": 86400}
KEEP = timedelta(days=2)
ADD = """
    insert into public_tally (who, span, since, count) values (%s, %s, %s, 1)
    on conflict (who, span, since) do update set count = public_tally.count + 1 returning count
"""
READ = "select count from public_tally where who = %s and span = %s and since = %s"


class TooMuch(Refusal):
    """More than is taken without an account."""

    status = 429


def gate_check(what: str, who: str, now: datetime) -> None:
    """TooMuch when the amount is used up; nothing is counted."""
    for span, most in _amounts(what, now):
        with kernel_writes(), connection.cursor() as cursor:
            cursor.execute(READ, [*_row(what, who, span, now)])
            found = cursor.fetchone()
        if found and found[0] >= most:
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


def gates_forget(*, now: datetime) -> int:
    """Forget what was counted more than two days ago; returns how many rows."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("delete from public_tally where since < %s", [now - KEEP])
        return int(cursor.rowcount)


def address_of(request: HttpRequest) -> str:
    """The address that the request comes from: behind `settings.PROXIES` proxies, what the outermost of ours saw.

    Of an IPv6 address the first 64 bits: a household has as many addresses as it likes below them.
    """
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    hops = settings.PROXIES
    given = seen[-hops] if 0 < hops <= len(seen) else str(request.META.get("REMOTE_ADDR", ""))
    try:
        address = ip_address(given)
    except ValueError:
        return "unknown"
    return str(address) if address.version == 4 else address.exploded[:19]


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
