"""Canonical entries and their chain. Pure: no database, no clock."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bihuan.lib.hashing import Algorithm, canonical_bytes, digest, salted_commitment

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Private:
    """A personal text that stays beside the ledger, with the salt of its commitment."""

    stream: str
    seq: int
    name: str
    salt: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry ready to be written: its canonical bytes, its hash and the private texts that it commits to."""

    stream: str
    seq: int
    body: bytes
    hash: bytes
    private: tuple[Private, ...] = ()


def entry_make(
    *,
    stream: str,
    seq: int,
    previous: bytes,
    kind: str,
    at: datetime,
    recorded_at: datetime,
    by: int | str,
    data: Mapping[str, Any],
    private: Mapping[str, str] | None = None,
    algorithm: Algorithm = "sha256",
) -> Entry:
    """The entry number `seq` (from 1) of `stream`, following the one whose hash is `previous`.

    `at` is the caller's time and `recorded_at` the database's, both aware. `by` is a person's id or a system's name.
    The hash is taken over `previous` and the body. Raises TypeError when `data` holds what has no canonical form.
    """
    texts = tuple(
        Private(stream, seq, name, secrets.token_bytes(16), text) for name, text in (private or {}).items()
    )
    value: dict[str, Any] = {
        "algorithm": algorithm,
        "at": at,
        "by": by,
        "data": data,
        "kind": kind,
        "recorded_at": recorded_at,
        "seq": seq,
        "stream": stream,
    }
    if texts:
        value["private"] = {t.name: salted_commitment(t.salt, t.text, algorithm=algorithm) for t in texts}
    body = canonical_bytes(value)
    return Entry(stream, seq, body, digest(previous + body, algorithm=algorithm), texts)
