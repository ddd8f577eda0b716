"""Setting policies: with effect from a date, each in the ledger."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection

from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.policies.models import PolicyRule
from bihuan.lib.refusals import Refusal


def policy_set(
    *,
    code: str,
    value: Any,
    legal_basis: str,
    valid_from: date,
    now: datetime,
    by: int | str,
    region: str = "",
    unit: str = "",
    valid_to: date | None = None,
    supersedes: PolicyRule | None = None,
) -> PolicyRule:
    """Add a row. A stored due time never moves because of it: cases keep the rows that they were judged by."""
    if not legal_basis.strip():
        raise Refusal("legal_basis", "每条规则都要写明依据。", field="legal_basis")
    if valid_to and valid_to <= valid_from:
        raise Refusal("dates", "失效日期要晚于生效日期。", field="valid_to")
    with kernel_writes(), connection.cursor() as cursor:
        # One at a time, so that ids come in the order of commits: who has read up to the last id has read all.
        cursor.execute("select pg_advisory_xact_lock(hashtext('policies_rule'))")
        rule = PolicyRule.objects.create(
            code=code,
            region=region,
            valid_from=valid_from,
            valid_to=valid_to,
            value=value,
            unit=unit,
            legal_basis=legal_basis,
            recorded_at=now,
            supersedes=supersedes,
        )
        data = {
            "code": code,
            "region": region,
            "rule": rule.pk,
            "valid_from": valid_from.isoformat(),
            "valid_to": valid_to.isoformat() if valid_to else None,
            "value": value,
            "unit": unit,
            "legal_basis": legal_basis,
            "supersedes": supersedes.pk if supersedes else None,
        }
        register_append(stream="policy", kind="policy_set", at=now, by=by, data=data)
    return rule
