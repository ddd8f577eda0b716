"""Exports of the ledger that anybody can verify without us: canonical bytes, proofs, seals, keys and the verifier."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from bihuan.kernel.ledger import verifier
from bihuan.kernel.ledger.entries import GENESIS
from bihuan.kernel.ledger.keys import key_present, statements_read
from bihuan.kernel.ledger.merkle import inclusion_path, levels
from bihuan.kernel.ledger.sealing import Seal, leaves_read, seal_plain, seals_read
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.hashing import canonical_bytes
from bihuan.lib.refusals import NotFound, Refusal

ROWS = """
    select e.stream, e.seq, e.body, coalesce(b.hash, %(genesis)s), l.position, l.hash = e.hash
    from ledger_entry e
    left join ledger_entry b on b.stream = e.stream and b.seq = e.seq - 1
    left join ledger_leaf l on l.entry = e.id
    where {which} order by e.stream, e.seq
"""
OF_STREAM = "e.stream = %(stream)s"
SINCE = """
    e.seq >= (select min(f.seq) from ledger_entry f where f.stream = e.stream and f.at >= %(since)s)
"""
README = """\
这是"闭环"台账的一份导出,可以不靠我们自行核对:python verify.py(只用标准库,Python 3.9 以上)。
核对用的程序和首把密钥的指纹,请从另外的途径取得;自己保存过的封印用 --seal 一并核对。
人名、电话、文字不在台账里,台账只有它们的加盐承诺,所以这份导出不含个人信息的原文。

An export of the ledger of Bihuan. Verify it without us: python verify.py (standard library alone, Python 3.9 or newer).
Take the program and the fingerprint of the first key from somewhere else; check seals that you kept with --seal.
Names, numbers and texts are not in the ledger, which holds only salted commitments to them; so they are not in here.
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """How many entries and seals an export holds, and the fingerprint of the first key."""

    entries: int
    seals: int
    key: str


def stream_export(*, stream: str, now: datetime, to: Path) -> Exported:
    """Write the whole of a stream, e.g. `case:17`, into the zip `to`. NotFound when it has no entries."""
    return _export(OF_STREAM, {"stream": stream}, now, to, whole=True)


def entries_export(*, since: datetime, now: datetime, to: Path) -> Exported:
    """Write each stream from its first entry at or after `since` on to its end."""
    return _export(SINCE, {"since": since}, now, to, whole=False)


def _export(which: str, values: Mapping[str, Any], now: datetime, to: Path, *, whole: bool) -> Exported:
    """Refusal when the file is there already, or an entry is not sealed as it stands; KeyMissing without a key."""
    if to.exists():
        raise Refusal("file_exists", f"已有这个文件:{to}", field="to")
    key = key_present()
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(ROWS.format(which=which), {**values, "genesis": GENESIS})
        rows = cursor.fetchall()
        if not rows:
            raise NotFound("not_found", "没有要导出的台账记录。")
        unsealed = [f"{stream} {seq}" for stream, seq, *_rest, sealed in rows if not sealed]
        if unsealed:
            raise Refusal(
                "unsealed",
                f"还没有封印,或与封印不符:{unsealed[0]}。请先运行 bihuan seal take 和 bihuan verify。",
            )
        seals = seals_read()
        proofs = _proofs([position for *_row, position, _sealed in rows], seals)
    files = {
        "entries.jsonl": b"".join(bytes(body) + b"\n" for _stream, _seq, body, *_rest in rows),
        "proofs.jsonl": _lines(
            {"previous": bytes(row[3]).hex(), **proof} for row, proof in zip(rows, proofs, strict=True)
        ),
        "seals.jsonl": _lines(map(seal_plain, seals)),
        "keys.json": json.dumps(statements_read(), ensure_ascii=False).encode(),
    }
    told = {
        "at": now,
        "entries": len(rows),
        "files": {name: hashlib.sha256(held).hexdigest() for name, held in files.items()},
        "key": key.name,
        "kind": "export",
        "region": settings.REGION,
        "streams": {rows[-1][0]: rows[-1][1]} if whole else {},
    }
    body = canonical_bytes(told)
    signed = {"body": body.decode(), "signature": key.sign(body).hex()}
    files["export.json"] = json.dumps(signed, ensure_ascii=False).encode()
    files["verify.py"] = Path(verifier.__file__).read_bytes()
    files["README.txt"] = README.encode()
    with zipfile.ZipFile(to, "x", zipfile.ZIP_DEFLATED) as archive:
        for name, held in files.items():
            archive.writestr(name, held)
    return Exported(len(rows), len(seals), json.loads(statements_read()[0]["body"])["key"])


def _lines(values: Any) -> bytes:
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


def _proofs(positions: Sequence[int], seals: Sequence[Seal]) -> list[dict[str, Any]]:
    """For each place its tree, its index there and the path to the root of that tree's last seal."""
    ends = {seal.told["tree"]: seal.told for seal in seals}
    whole: dict[int, list[list[bytes]]] = {}
    out = []
    for position in positions:
        told = next(told for told in ends.values() if position <= told["last"])
        number, start = told["tree"], told["last"] - told["size"]
        if number not in whole:
            whole[number] = levels(leaves_read(start, told["last"]), told["algorithm"])
        index = position - start - 1
        path = [one.hex() for one in inclusion_path(whole[number], index)]
        out.append({"tree": number, "index": index, "path": path})
    return out
