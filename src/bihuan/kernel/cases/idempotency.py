"""Idempotency: the same request with the same key is done once, and answered the same again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.hashing import canonical_bytes, digest
from bihuan.lib.refusals import Conflict, Refusal

IDEMPOTENCY_DAYS = 30
"""While no policy says otherwise."""
CLAIM = """
    insert into cases_idempotency (actor, operation, key, request, created_at) values (%s, %s, %s, %s, %s)
    on conflict do nothing returning true
"""
KEEP = """
    update cases_idempotency set status = %s, answer = %s where actor = %s and operation = %s and key = %s
"""
RELEASE = "delete from cases_idempotency where actor = %s and operation = %s and key = %s"
KEPT = (
    "select request, status, answer from cases_idempotency where actor = %s and operation = %s and key = %s"
)


def idempotent(
    *,
    actor: int,
    operation: str,
    key: str,
    request: Mapping[str, Any],
    now: datetime,
    act: Callable[[], tuple[int, dict[str, Any]]],
) -> tuple[int, dict[str, Any], bool]:
    """Run `act` once for this key and keep its (status, answer); replay them for the same request.

    Returns (status, answer, replayed). Another request under the same key is refused (422). A second one that comes
    while the first is still running waits for it. Without a key `act` simply runs.
    """
    if not key:
        return (*act(), False)
    key_check(key)
    wanted = digest(canonical_bytes(dict(request)))
    with transaction.atomic():
        kept = _claim(actor, operation, key, wanted, now)
        if kept is not None:
            return (*kept, True)
        status, answer = act()  # as whoever asks, never as the role that sees every row
        with kernel_writes(), connection.cursor() as cursor:
            cursor.execute(KEEP, [status, json.dumps(answer, ensure_ascii=False), actor, operation, key])
    return status, answer, False


def taken_once(
    *, actor: int, operation: str, key: str, request: Mapping[str, Any], now: datetime, act: Callable[[], str]
) -> tuple[str, bool]:
    """Run `act` until it was taken once for this key. It returns the address that it leads to, or "" when it was refused,
    and then nothing is kept: the same key may come again with other words.

    Returns (address, replayed). Refused (422) as `idempotent` is when another request was taken under the same key.
    """
    key_check(key)
    with transaction.atomic():
        kept = _claim(actor, operation, key, digest(canonical_bytes(dict(request))), now)
        if kept is not None:
            return str(kept[1]["to"]), True
        to = act()
        with kernel_writes(), connection.cursor() as cursor:
            if to:
                cursor.execute(KEEP, [303, json.dumps({"to": to}), actor, operation, key])
            else:
                cursor.execute(RELEASE, [actor, operation, key])
    return to, False


def key_check(key: str) -> None:
    """Refusal of a key that cannot be kept."""
    if len(key) > 128 or not key.isprintable():
        raise Refusal("idempotency_key", "幂等键不能超过128个可见字符。", field="Idempotency-Key")


def _claim(
    actor: int, operation: str, key: str, wanted: bytes, now: datetime
) -> tuple[int, dict[str, Any]] | None:
    """None when the key is ours from now on, else the (status, answer) kept for it."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(CLAIM, [actor, operation, key, wanted, now])
        if cursor.fetchone() is not None:
            return None
        cursor.execute(KEPT, [actor, operation, key])
        found, status, answer = cursor.fetchone()
    if bytes(found) != wanted:
        raise Refusal("idempotency_key", "这个幂等键已用于另一个请求。", field="Idempotency-Key")
    if status is None:
        raise Conflict("idempotency_key", "同一请求正在办理,请稍候再查。")
    return status, json.loads(answer) if isinstance(answer, str) else answer


def idempotency_forget(*, now: datetime) -> int:
    """Forget keys older than the policy says (`idempotency_days`, 30 unless set)."""
    days = rulebook().value("idempotency_days", region="", on=day_of(now), default=IDEMPOTENCY_DAYS)
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("delete from cases_idempotency where created_at < %s", [now - timedelta(days=days)])
        return int(cursor.rowcount)
