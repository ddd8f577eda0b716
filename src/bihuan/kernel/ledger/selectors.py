"""Reading a register: what was done to one of its objects, by whom and when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from bihuan.kernel.ledger.entries import GENESIS
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.hashing import digest


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One entry: number `seq` of its register, made `at` by a person's id or a system's name."""

    seq: int
    kind: str
    at: datetime
    by: int | str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """How an entry of a register stands: its hash (hex), what it says, whether the hash follows from the entry before it, its place
    among all that were sealed (None: not sealed yet), and whether it is what was sealed there.
    """

    hash: str
    data: Mapping[str, Any]
    follows: bool
    place: int | None
    as_sealed: bool


def register_entry(*, stream: str, seq: int) -> Standing | None:
    """The entry number `seq` of a register as it stands; None where there is none. Whether the seals themselves hold is `bihuan verify`."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            "select e.body, e.hash, coalesce(b.hash, %s), l.position, l.hash from ledger_entry e"
            " left join ledger_entry b on b.stream = e.stream and b.seq = e.seq - 1"
            " left join ledger_leaf l on l.entry = e.id"
            " where e.stream = %s and e.seq = %s and e.case_id is null",
            [GENESIS, stream, seq],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    body, kept, previous, place, sealed = found
    told = json.loads(bytes(body))
    follows = digest(bytes(previous) + bytes(body), algorithm=told["algorithm"]) == bytes(kept)
    as_sealed = place is None or bytes(sealed) == bytes(kept)
    return Standing(bytes(kept).hex(), told["data"], follows, place, as_sealed)


def register_entries(
    *,
    stream: str,
    match: Mapping[str, Any],
    or_match: Mapping[str, Any] | None = None,
    kinds: tuple[str, ...] = (),
    most: int = 100,
) -> list[RegisterEntry]:
    """The latest entries of a register whose data hold all of `match`, or all of `or_match`, the latest first.

    Read as the kernel: an administrator reads what was done to the object at hand, and no other register.
    """
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            "select convert_from(body, 'UTF8') from ledger_entry where stream = %s and case_id is null"
            " and (%s::text[] = '{}' or kind = any(%s))"
            " and convert_from(body, 'UTF8')::jsonb -> 'data' @> any(%s::jsonb[]) order by seq desc limit %s",
            [
                stream,
                list(kinds),
                list(kinds),
                [json.dumps(one) for one in (match, or_match) if one is not None],
                most,
            ],
        )
        found = [json.loads(body) for (body,) in cursor.fetchall()]
    return [
        RegisterEntry(e["seq"], e["kind"], datetime.fromisoformat(e["at"]), e["by"], e["data"]) for e in found
    ]
