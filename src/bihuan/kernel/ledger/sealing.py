"""Sealing: entries are given their places in a Merkle tree, whose root is signed and chained to the seals before.

Which entries a seal covers is said by rows (`ledger_leaf`), never by a time: an entry that was committed late goes into the
next seal. A leaf is the entry's hash, which covers its body and the entry before. Each seal is also kept outside the
database, in `settings.SEAL_ROOT` under the database's name, one file a seal, with the hashes that it added: by those an
alteration is named.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from bihuan.kernel.ledger.keys import key_ready, public_keys, signature_fits_key, statements_read
from bihuan.kernel.ledger.merkle import Tree
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verifier import NO_SEAL, seal_digest
from bihuan.lib.hashing import canonical_bytes
from bihuan.lib.refusals import Refusal

MOST = 100_000
"""Entries of one seal."""
HASH = 32
LOCK = "select pg_advisory_xact_lock(hashtext('ledger_seal'))"
ASSIGN = """
    insert into ledger_leaf (position, entry, stream, seq, hash)
    select %s + row_number() over (order by id), id, stream, seq, hash from (
        select id, stream, seq, hash from ledger_entry e
        where not exists (select from ledger_leaf l where l.entry = e.id) order by id limit %s
    ) unsealed
"""
LEAVES = """
    select string_agg(hash, ''::bytea order by position) from ledger_leaf where position > %s and position <= %s
"""


class SealBroken(Refusal):
    """What was sealed before does not fit: nothing is sealed on top of it."""


@dataclass(frozen=True, slots=True)
class Seal:
    """One seal: `body` holds, as canonical JSON, its number, tree and size, the positions up to `last`, the root, the digest of
    the seal before, the key and the time; `peaks` are the tree's, by which it grows.
    """

    number: int
    body: str
    signature: str
    peaks: bytes

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def digest(self) -> str:
        return seal_digest({"body": self.body, "signature": self.signature}, self.told["algorithm"])

    @property
    def tree(self) -> Tree:
        told = self.told
        peaks = [self.peaks[i : i + HASH] for i in range(0, len(self.peaks), HASH)]
        return Tree(told["algorithm"], told["size"], peaks)


def seals_take(*, now: datetime) -> list[Seal]:
    """Seal all entries that are not sealed yet, at most 100,000 a seal. Returns the new seals; none when there was nothing.

    SealBroken when the last seal, here or kept outside, does not fit; KeyMissing when there is no key to sign with.
    """
    taken = []
    while (seal := seal_take(now=now)) is not None:
        taken.append(seal)
    return taken


def seal_take(*, now: datetime, most: int = MOST) -> Seal | None:
    """One seal over the entries that are not sealed yet, the earliest first; None when there are none."""
    outermost = not connection.in_atomic_block
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(LOCK)
        before = seal_last()
        _last_check(before)
        if before and outermost:  # else the last one may not be committed yet
            missing_keep(before)
        start = before.told["last"] if before else 0
        key = key_ready(now=now)  # its first announcement is an entry, to be sealed with the others
        cursor.execute(ASSIGN, [start, most])
        added = cursor.rowcount
        if not added:
            return None
        leaves = leaves_read(start, start + added)
        seal = _seal_make(before, leaves, key.name, now)
        signed = Seal(seal.number, seal.body, key.sign(seal.body.encode()).hex(), seal.peaks)
        cursor.execute(
            "insert into ledger_seal (number, body, signature, peaks) values (%s, %s, %s, %s)",
            [signed.number, signed.body, signed.signature, signed.peaks],
        )
        transaction.on_commit(partial(seal_keep, signed, leaves))
    return signed


def seal_last() -> Seal | None:
    """The last seal in the database."""
    found = seals_read("order by number desc limit 1")
    return found[0] if found else None


def seals_read(which: str = "order by number") -> list[Seal]:
    """Seals as the database has them. Within `kernel_writes`; `which` is ours, never a user's."""
    with connection.cursor() as cursor:
        cursor.execute(f"select number, body, signature, peaks from ledger_seal {which}")
        return [
            Seal(number, body, signature, bytes(peaks))
            for number, body, signature, peaks in cursor.fetchall()
        ]


def leaves_read(after: int, last: int) -> list[bytes]:
    """The hashes at the positions after `after` up to `last`, in order; fewer when rows are missing."""
    with connection.cursor() as cursor:
        cursor.execute(LEAVES, [after, last])
        raw = bytes(cursor.fetchone()[0] or b"")
    return [raw[i : i + HASH] for i in range(0, len(raw), HASH)]


def _last_check(last: Seal | None) -> None:
    """The database's last seal is the one that was kept outside last, and its peaks lead to its root."""
    number = last.number if last else 0
    kept = kept_numbers()
    if kept and kept[-1] > number:
        told = {"kept": kept[-1], "here": number}
        raise SealBroken(
            "seal_behind",
            "库外存有第 %(kept)s 号封印,数据库只到第 %(here)s 号:请先运行 bihuan verify。" % told,
        )
    if last is None:
        return
    signed = signature_fits_key(public_keys(), last.told["key"], last.body, last.signature)
    if not signed or last.tree.root().hex() != last.told["root"]:
        raise SealBroken("seal_broken", f"第 {number} 号封印与其签名或树根不符:请先运行 bihuan verify。")
    if number in kept and kept_read(number)["seal"] != seal_plain(last):
        raise SealBroken("seal_broken", f"第 {number} 号封印与库外所存不同:请先运行 bihuan verify。")


def _seal_make(before: Seal | None, leaves: Sequence[bytes], key: str, now: datetime) -> Seal:
    """The next seal, unsigned. A tree goes on as long as the algorithm is the same."""
    told: dict[str, Any] = before.told if before else {"tree": 0, "algorithm": "", "last": 0}
    goes_on = told["algorithm"] == settings.LEDGER_HASH
    tree = before.tree if before and goes_on else Tree(settings.LEDGER_HASH)
    tree.extend(leaves)
    number = before.number + 1 if before else 1
    body = canonical_bytes(
        {
            "algorithm": settings.LEDGER_HASH,
            "at": now,
            "key": key,
            "kind": "seal",
            "last": told["last"] + len(leaves),
            "number": number,
            "previous": before.digest if before else NO_SEAL,
            "region": settings.REGION,
            "root": tree.root().hex(),
            "size": tree.size,
            "tree": told["tree"] if goes_on else told["tree"] + 1,
        }
    )
    return Seal(number, body.decode(), "", b"".join(tree.peaks))


# What is kept outside the database.


def seal_keep(seal: Seal, leaves: Sequence[bytes]) -> None:
    """Keep a seal in a file of its own, once; what is there already is never written over."""
    root = kept_folder()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = {
        "seal": seal_plain(seal),
        "keys": statements_read(),
        "leaves": base64.b64encode(b"".join(leaves)).decode(),
    }
    unfinished = root / f"{seal.number:08}.new"
    unfinished.write_text(json.dumps(file, ensure_ascii=False), encoding="utf-8")
    with unfinished.open("rb") as written:
        os.fsync(written.fileno())
    os.link(unfinished, root / f"{seal.number:08}.json")
    unfinished.unlink()


def missing_keep(last: Seal) -> None:
    """Keep what a stop between commit and file left out, or what a new folder does not have yet."""
    kept = set(kept_numbers())
    before = 0
    for seal in seals_read() if last.number not in kept else ():
        if seal.number not in kept:
            seal_keep(seal, leaves_read(before, seal.told["last"]))
        before = seal.told["last"]


def kept_set_aside(*, now: datetime) -> int:
    """After a restore: put the kept seals that are later than the database's last into a folder beside them. Returns how many."""
    with kernel_writes():
        last = seal_last()
    later = [number for number in kept_numbers() if number > (last.number if last else 0)]
    aside = kept_folder() / f"before-restore-{now:%Y%m%d-%H%M%S}"
    for number in later:
        aside.mkdir(exist_ok=True, mode=0o700)
        name = f"{number:08}.json"
        (kept_folder() / name).rename(aside / name)
    return len(later)


def kept_folder() -> Path:
    """Where the seals of the connected database are kept."""
    return Path(settings.SEAL_ROOT) / str(connection.settings_dict["NAME"])


def kept_numbers() -> list[int]:
    """The numbers of the seals that are kept outside, in order."""
    return sorted(int(path.stem) for path in kept_folder().glob("[0-9]*.json"))


def kept_read(number: int) -> dict[str, Any]:
    """The file of a seal kept outside: {"seal": {"body", "signature"}, "keys": […], "leaves": base64}."""
    path = kept_folder() / f"{number:08}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def kept_leaves(number: int) -> list[bytes]:
    """The hashes that a kept seal added."""
    raw = base64.b64decode(kept_read(number)["leaves"])
    return [raw[i : i + HASH] for i in range(0, len(raw), HASH)]


def seal_plain(seal: Seal) -> dict[str, str]:
    """A seal as it is kept and exported."""
    return {"body": seal.body, "signature": seal.signature}
