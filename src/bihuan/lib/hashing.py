"""Digests, canonical bytes and commitments: what the ledger hashes, reproducible with the standard library."""

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from types import NoneType
from typing import Any, Literal
from uuid import UUID

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes

Algorithm = Literal["sha256", "sm3"]
SALT_MIN = 16


class AlgorithmMissing(RuntimeError):
    """The digest asked for is not offered by this machine's cryptographic library."""


def digest(data: bytes, *, algorithm: Algorithm = "sha256") -> bytes:
    """32 bytes: SHA-256, or SM3 (GM/T 0004). AlgorithmMissing when SM3 is not offered; ValueError for other names."""
    if algorithm == "sha256":
        return hashlib.sha256(data).digest()
    if algorithm != "sm3":
        raise ValueError(f"unknown algorithm {algorithm!r}: sha256 or sm3")
    try:
        state = hashes.Hash(hashes.SM3())
    except UnsupportedAlgorithm as error:
        raise AlgorithmMissing("本机的密码库不提供SM3，请更换密码库或把算法设为sha256") from error
    state.update(data)
    return state.finalize()


def canonical_bytes(value: object) -> bytes:
    """One byte string for one value: JSON, keys sorted by code point, no blanks, UTF-8, nothing escaped needlessly.

    Takes None, bool, int, str, Decimal (as written, plain notation), UUID, date, aware datetime (UTC, microseconds,
    Z), list, tuple and dict with str keys. TypeError, saying why, for floats, naive datetimes and all else;
    ValueError for a Decimal that is no number and for text with lone surrogates.
    """
    if type(value) is dict and _is_plain(value):
        try:
            return orjson.dumps(value, default=_scalar, option=QUICK)
        except orjson.JSONEncodeError:
            pass  # it is judged below
    _refuse(value)
    return _encode(value).encode("utf-8")


QUICK = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
PLAIN = frozenset((str, int, bool, NoneType, datetime))


def _is_plain(value: Any) -> bool:
    """Whether it holds nothing but what orjson and json write alike: these types themselves, no floats, no subclasses."""
    for item in value.values() if type(value) is dict else value:
        kind = type(item)
        if kind not in PLAIN and not ((kind is dict or kind is list or kind is tuple) and _is_plain(item)):
            return False
    return True


def _refuse(value: object) -> None:
    """What json would write in silence: floats, and keys that are not text. The rest is `_scalar`'s to judge."""
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"keys must be str, not {type(key).__name__}: 1 and '1' would become one key")
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        value = (value,)
    for item in value:
        kind = type(item)
        if kind is str or kind is int:
            continue
        if isinstance(item, (dict, list, tuple)):
            _refuse(item)
        elif isinstance(item, float):
            raise TypeError("float has no single spelling: pass a Decimal or a string")


def _scalar(value: object) -> str:
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise TypeError("naive datetime: without a zone it names no moment")
        return value.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("Decimal must be a finite number")
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_scalar
).encode


def salted_commitment(salt: bytes, text: str, *, algorithm: Algorithm = "sha256") -> str:
    """64 hex digits that bind `text` without telling it: digest of (one byte length of salt, salt, text in UTF-8).

    `salt`: 16 to 255 random bytes, one for each text, erased with it. ValueError for other lengths.
    """
    if not SALT_MIN <= len(salt) <= 255:
        raise ValueError(f"salt must have {SALT_MIN} to 255 bytes, not {len(salt)}")
    return digest(bytes([len(salt)]) + salt + text.encode("utf-8"), algorithm=algorithm).hex()
