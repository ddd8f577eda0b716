"""A draw as it is published: its record, the place of its entry in the ledger, and a signature over both. Pure but for the keys."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.ledger.proving import Proof, proof_holds
from bihuan.kernel.ledger.verifier import digest as hashed
from bihuan.kernel.ledger.verifier import key_id, keys_read, signature_fits
from bihuan.lib.hashing import canonical_bytes, digest

PART, KIND = "published", "fire_draw"


def record_digest(record: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of a record's canonical bytes. ValueError for what holds no record could."""
    try:
        return digest(canonical_bytes(dict(record))).hex()
    except TypeError as error:
        raise ValueError("这不是一份抽取记录") from error


def publication_body(draw: int, record: Mapping[str, Any], place: Mapping[str, Any], key: str) -> str:
    """What is signed: which draw, the digest of its record, `place` ("stream", "seq" and "hash" of its entry), and the key."""
    told = {**place, "draw": draw, "key": key, "kind": KIND, "record": record_digest(record)}
    return canonical_bytes(told).decode()


def published(
    record: Mapping[str, Any], signed: Mapping[str, str], keys: Sequence[Any], proof: Proof | None = None
) -> dict[str, Any]:
    """The file that anybody may download; `signed` is {} for a draw of before there were signatures, `proof` that of its entry once it
    is sealed.
    """
    if not signed:
        return dict(record)
    return {**record, PART: {**signed, "keys": list(keys), **({"proof": proof} if proof else {})}}


def file_parted(file: Any) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """The record in a file, and what the file says of its publication ({}: nothing). ValueError for what is no record."""
    if not isinstance(file, dict):
        raise ValueError("这不是一份抽取记录")
    part = file.get(PART) or {}
    if not isinstance(part, dict):
        raise ValueError("这不是一份抽取记录")
    return {name: value for name, value in file.items() if name != PART}, part


def place_of(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a publication says of itself; {} where nothing can be read."""
    try:
        told = json.loads(part["body"])
        return told if isinstance(told, dict) and told["kind"] == KIND else {}
    except (KeyError, TypeError, ValueError):
        return {}


def signature_faults(record: Mapping[str, Any], part: Mapping[str, Any], *, key: str = "") -> list[str]:
    """In words what does not fit between a record and its signature; `key` is the fingerprint of the first key, if it is known."""
    told = place_of(part)
    try:
        keys, faults, _remarks = keys_read(part["keys"])
        fits = signature_fits(keys[told["key"]], part["body"].encode(), bytes.fromhex(part["signature"]))
        first = key_id(next(iter(keys.values())))
        same = told["record"] == record_digest(record)
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration):
        return [_("签名读不出来")]
    wrong = [_("公告的密钥不是一把接一把")] if faults else []
    wrong += [] if fits else [_("签名不符")]
    wrong += [] if same else [_("记录不是签名时的记录")]
    return wrong + ([_("首把密钥不是您给的那一把:%s") % first] if key and key != first else [])


def proof_faults(record: Mapping[str, Any], part: Mapping[str, Any]) -> list[str]:
    """In words what does not fit between a record, the place that was signed with it, and the proof that a seal covers its entry."""
    told, proof = place_of(part), part["proof"]
    try:
        keys, _faults, _remarks = keys_read(part["keys"])
        entry = json.loads(proof["entry"])
        found = hashed(bytes.fromhex(proof["previous"]) + proof["entry"].encode(), entry["algorithm"]).hex()
        same = (entry["stream"], entry["seq"], found) == (
            told.get("stream"),
            told.get("seq"),
            told.get("hash"),
        )
        recorded = (entry["data"].get("draw"), entry["data"].get("record")) == (
            told.get("draw"),
            dict(record),
        )
        holds = proof_holds(proof, keys)
    except (KeyError, TypeError, ValueError, AttributeError):
        return [_("封印的证明读不出来")]
    wrong = [] if same else [_("封印证明的不是签名的那一条")]
    wrong += [] if recorded else [_("封印证明的不是这份记录")]
    return wrong + ([] if holds else [_("封印不符:签名不对,或这一条不在封印里")])


def first_key(part: Mapping[str, Any]) -> str:
    """The fingerprint of the first key that a file announces; "" where there is none."""
    try:
        return key_id(bytes.fromhex(json.loads(part["keys"][0]["body"])["public"]))
    except (KeyError, TypeError, ValueError, IndexError):
        return ""
