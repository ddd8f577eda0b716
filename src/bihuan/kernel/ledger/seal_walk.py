"""The walk over the seals: their chain, their signatures and their roots, recomputed from the places of the entries.

What is sealed is known by its hash. `seals_walk` gives the hashes that the ledger has to hold; `missing_faults` names the
entries whose hashes it no longer does, whoever rewrote it and however well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from bihuan.kernel.ledger.faults import Fault
from bihuan.kernel.ledger.keys import public_keys, signature_fits_key
from bihuan.kernel.ledger.merkle import Tree
from bihuan.kernel.ledger.sealing import (
    Seal,
    kept_leaves,
    kept_numbers,
    kept_read,
    leaves_read,
    seal_plain,
    seals_read,
)
from bihuan.kernel.ledger.verifier import NO_SEAL
from bihuan.lib.refusals import Refusal

MOST_NAMED = 10_000
GONE = """
    select distinct on (stream) stream, seq, position from ledger_leaf where hash = any(%s) order by stream, seq limit %s
"""


@dataclass
class Sealed:
    """What the seals say: how many there are, the hashes of all entries that they cover, and what does not fit."""

    seals: int = 0
    hashes: set[bytes] = field(default_factory=set)
    entries: int = 0
    last_at: str = ""
    faults: list[Fault] = field(default_factory=list)


def seals_walk() -> Sealed:
    """Walk all seals. Within `kernel_writes`, as of one moment."""
    sealed = Sealed()
    try:
        keys = public_keys()
    except (Refusal, ValueError, KeyError) as error:
        sealed.faults.append(Fault("keys", 1, f"the announcements of the keys do not fit: {error}"))
        keys = {}
    seals = seals_read()
    _Walk(sealed, seals, keys).go()
    _kept_compare(sealed, seals)
    return sealed


def missing_faults(hashes: Iterable[bytes]) -> list[Fault]:
    """Name the sealed entries, the first of each stream, whose hashes are these: they are not in the ledger."""
    wanted = list(hashes)[:MOST_NAMED]
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(GONE, [wanted, MOST_NAMED])
        return [
            Fault(stream, seq, f"the sealed entry is gone or was rewritten (place {position} of the seals)")
            for stream, seq, position in cursor.fetchall()
        ]


class _Walk:
    """The walk along the seals, each judged on the one before."""

    def __init__(self, sealed: Sealed, seals: Sequence[Seal], keys: dict[str, bytes]) -> None:
        self.sealed, self.seals, self.keys = sealed, seals, keys
        self.tree = Tree("sha256")
        self.told: dict[str, Any] = {"tree": 0, "size": 0, "last": 0, "number": 0}
        self.previous = NO_SEAL

    def go(self) -> None:
        for index, seal in enumerate(self.seals):
            following = self.seals[index + 1] if index + 1 < len(self.seals) else None
            try:
                self._seal(seal, following)
            except (ValueError, KeyError, TypeError) as error:
                self._fault(seal.number, 1, f"the seal cannot be read ({type(error).__name__})")
                return
        self._rest()

    def _seal(self, seal: Seal, following: Seal | None) -> None:
        told, before = seal.told, self.told
        first = before["last"] + 1
        if (told["number"], told["number"], told["previous"]) != (
            seal.number,
            before["number"] + 1,
            self.previous,
        ):
            self._fault(
                seal.number,
                first,
                "the seal does not follow the one before: one was changed, left out or put in",
            )
        if (following is None or following.told["key"] != told["key"]) and not signature_fits_key(
            self.keys, told["key"], seal.body, seal.signature
        ):
            self._fault(
                seal.number, first, "the signature does not fit the seal under any key that is kept here"
            )
        if told["tree"] != before["tree"]:
            self.tree = Tree(told["algorithm"])
        self._leaves(seal, told, first)
        self.told, self.previous = told, seal.digest
        self.sealed.seals += 1
        self.sealed.last_at = told["at"]

    def _leaves(self, seal: Seal, told: dict[str, Any], first: int) -> None:
        leaves = leaves_read(first - 1, told["last"])
        self.sealed.hashes.update(leaves)
        self.sealed.entries += len(leaves)
        self.tree.extend(leaves)
        if (self.tree.size, self.tree.root().hex()) != (told["size"], told["root"]):
            place, what = _first_different(seal.number, first, leaves)
            self.sealed.faults.append(
                Fault(*_entry_at(place), what)
                if what
                else Fault(
                    f"seal:{seal.number}",
                    first,
                    f"the entries at the places {first} to {told['last']} are not those that were sealed",
                )
            )
            self.tree = seal.tree  # what follows is judged on what was signed

    def _rest(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "select min(position), count(*) from ledger_leaf where position > %s or position < 1",
                [self.told["last"]],
            )
            first, count = cursor.fetchone()
        if count:
            self._fault(
                self.told["number"] + 1,
                first,
                f"{count} entries have places that no seal covers: the last seals are cut off",
            )

    def _fault(self, number: int, place: int, what: str) -> None:
        self.sealed.faults.append(Fault(f"seal:{number}", place, what))


def _first_different(number: int, first: int, leaves: Sequence[bytes]) -> tuple[int, str]:
    """(place, in words) of the first entry that differs from what the kept file of the seal says; ("" when none is kept)."""
    if number not in kept_numbers():
        return first, ""
    kept = kept_leaves(number)
    for place, (one, other) in enumerate(zip(kept, leaves, strict=False), first):
        if one != other:
            return (
                place,
                f"the sealed entry was rewritten, and its place in the seals with it (place {place})",
            )
    return first + min(len(kept), len(leaves)), "places of sealed entries were taken away or put in"


def _entry_at(place: int) -> tuple[str, int]:
    """(stream, seq) of what lies at a place now, or of the place itself when nothing does."""
    with connection.cursor() as cursor:
        cursor.execute("select stream, seq from ledger_leaf where position = %s", [place])
        return cursor.fetchone() or ("seals", place)


def _kept_compare(sealed: Sealed, seals: Sequence[Seal]) -> None:
    """The last seal kept outside is in the database; what it covers is covered by the chain."""
    kept = kept_numbers()
    if not kept:
        return
    last, here = kept[-1], {seal.number: seal for seal in seals}
    if last not in here:
        what = f"the seals end at {max(here, default=0)}, and seal {last} is kept outside: they were cut off, with what they covered"
        sealed.faults.append(Fault(f"seal:{max(here, default=0) + 1}", 1, what))
    elif kept_read(last)["seal"] != seal_plain(here[last]):
        sealed.faults.append(Fault(f"seal:{last}", 1, "the seal differs from the one that is kept outside"))
