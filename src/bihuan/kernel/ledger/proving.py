"""One entry of a register with the proof that a signed seal covers it: what anybody can check with the announced keys alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection

from bihuan.kernel.ledger.entries import GENESIS
from bihuan.kernel.ledger.merkle import Tree, grown_path
from bihuan.kernel.ledger.sealing import leaves_read, seal_plain, seals_read
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verifier import entry_check, seal_signed

Proof = dict[str, Any]
"""{"entry": the body, "previous": the hash before it (hex), "tree", "index" (from 0), "path": hashes (hex), "seal": body and signature}."""
ENTRY = """
    select e.body, coalesce(b.hash, %s), l.position from ledger_entry e join ledger_leaf l on l.entry = e.id
    left join ledger_entry b on b.stream = e.stream and b.seq = e.seq - 1
    where e.stream = %s and e.seq = %s and e.case_id is null
"""


def entry_proof(*, stream: str, seq: int) -> Proof | None:
    """The proof of the entry number `seq` of a register against the seal that covered it first; None while none does."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(ENTRY, [GENESIS, stream, seq])
        found = cursor.fetchone()
        if found is None:
            return None
        body, previous, position = bytes(found[0]), bytes(found[1]), int(found[2])
        covering = seals_read(f"where (body::json ->> 'last')::bigint >= {position} order by number limit 1")
        if not covering:
            return None
        (seal,) = covering
        told = seal.told
        before = seals_read(f"where number = {seal.number - 1}")
        goes_on = bool(before) and before[0].told["tree"] == told["tree"]
        leaves = leaves_read(before[0].told["last"] if before else 0, told["last"])
    tree = before[0].tree if goes_on else Tree(told["algorithm"])
    index = position - (told["last"] - told["size"]) - 1
    path = [one.hex() for one in grown_path(tree, leaves, index)]
    return {
        "entry": body.decode(), "previous": previous.hex(), "tree": told["tree"], "index": index, "path": path, "seal": seal_plain(seal),
    }  # fmt: skip


def proof_place(proof: Mapping[str, Any]) -> tuple[int, int]:
    """The number of the seal, and the place of the entry among all that are sealed. KeyError, TypeError or ValueError for what is no proof."""
    told = json.loads(proof["seal"]["body"])
    return int(told["number"]), int(told["last"]) - int(told["size"]) + int(proof["index"]) + 1


def proof_holds(proof: Mapping[str, Any], keys: Mapping[str, bytes]) -> bool:
    """Is the seal signed by one of these keys, and does it cover this entry? KeyError, TypeError or ValueError as above."""
    told = json.loads(proof["seal"]["body"])
    faults = entry_check(proof["entry"].encode(), dict(proof), {told["tree"]: told}, {})
    return told["kind"] == "seal" and seal_signed(proof["seal"], dict(keys)) and not faults
