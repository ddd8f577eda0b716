"""Seals that were kept elsewhere, held against the database: they are the ones that it has, and their trees are its trees."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from bihuan.kernel.ledger.keys import statements_read
from bihuan.kernel.ledger.merkle import Tree, consistency_path, levels
from bihuan.kernel.ledger.sealing import Seal, leaves_read, seal_plain, seals_read
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verifier import consistent, keys_read, seal_signed

KeptSeal = Mapping[str, Any]
"""{"seal": {"body", "signature"}, "keys": […], "consistency": {"from", "path"}}: a file of `seal_exported`."""


def seal_exported(seal: Seal) -> dict[str, Any]:
    """A seal to be kept elsewhere: itself, the public keys, and the proof that its tree continues that of the seal before."""
    file: dict[str, Any] = {"seal": seal_plain(seal), "keys": statements_read()}
    with kernel_writes():
        before = seals_read(f"where number = {seal.number - 1:d}")
        if before and before[0].told["tree"] == seal.told["tree"]:
            path = _path(before[0].told, seal.told)
            file["consistency"] = {"from": before[0].number, "path": [one.hex() for one in path]}
    return file


def seals_check(files: Sequence[KeptSeal]) -> list[str]:
    """What does not fit, in words, of kept seals and this database; also each kept seal's tree must continue that of the one
    before, by a proof made from the database.
    """
    with kernel_writes():
        here = {seal.number: seal for seal in seals_read()}
        found = [fault for file in files for fault in _one_check(file, here)]
        told = sorted((json.loads(file["seal"]["body"]) for file in files), key=lambda one: one["number"])
        for old, new in pairwise(told):
            found += _pair_check(old, new)
    return found


def _one_check(file: KeptSeal, here: Mapping[int, Seal]) -> list[str]:
    told = json.loads(file["seal"]["body"])
    name = f"seal {told['number']}"
    keys, faults, _remarks = keys_read(statements_read())
    out = [f"{name}: {fault}" for fault in faults]
    if not seal_signed(dict(file["seal"]), keys):
        out.append(f"{name}: it is not signed by a key that is announced here")
    if any(one not in statements_read() for one in file["keys"]):
        out.append(f"{name}: it was kept with a key that is not announced here")
    seal = here.get(told["number"])
    if seal is None:
        out.append(f"{name}: the database has no such seal; what it covered was cut off")
    elif seal_plain(seal) != file["seal"]:
        out.append(f"{name}: the database has another seal under this number")
    if _root(told) != told["root"]:
        out.append(f"{name}: the {told['size']} entries of its tree are not those that were sealed")
    return out


def _pair_check(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    if old["tree"] != new["tree"] or old["number"] == new["number"]:
        return []
    roots = bytes.fromhex(old["root"]), bytes.fromhex(new["root"])
    path = _path(old, new)
    if consistent(old["size"], roots[0], new["size"], roots[1], path, new["algorithm"]):
        return []
    return [
        f"seal {new['number']} does not continue seal {old['number']}: entries between or below them were changed"
    ]


def _root(told: Mapping[str, Any]) -> str:
    tree = Tree(told["algorithm"])
    tree.extend(leaves_read(told["last"] - told["size"], told["last"]))
    return tree.root().hex()


def _path(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[bytes]:
    """The proof, from what the database has now; empty when it has too few entries for one."""
    leaves = leaves_read(new["last"] - new["size"], new["last"])
    return (
        consistency_path(levels(leaves, new["algorithm"]), old["size"]) if len(leaves) >= old["size"] else []
    )
