"""Signatures of messages: Ed25519 over the time and the exact bytes, by a key that its id names.

The header `Bihuan-Exchange: key=<id>,t=<seconds since 1970>,sig=<128 hexadecimal digits>` signs "<t>.<context>.<body>". `context`
is empty for a message and the message's id for its acknowledgement, so that one cannot be passed off as the other.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

HEADER = "Bihuan-Exchange"
FRESH = 300
"""Seconds by which the time of a signature may differ from ours. Whoever repeats a message signs it anew."""
_HEADER = re.compile(r"key=([0-9a-f]{16}),t=([0-9]{1,12}),sig=([0-9a-f]{128})")
_PUBLIC = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature's header, taken apart."""

    key_id: str
    time: int
    value: bytes


def key_id_of(public: str) -> str:
    """The id of a public key (64 hexadecimal digits): the first 16 digits of its SHA-256."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16]


def public_is_valid(public: str) -> bool:
    """Is this a public key as one is written here?"""
    return bool(_PUBLIC.fullmatch(public))


def header_read(header: str) -> Signature | None:
    """The header taken apart; None when it is not one."""
    found = _HEADER.fullmatch(header)
    return Signature(found[1], int(found[2]), bytes.fromhex(found[3])) if found else None


def signed(private: Ed25519PrivateKey, *, body: bytes, time: int, context: str = "") -> str:
    """The header that signs `body` at `time` (seconds)."""
    value = private.sign(_text(time, context, body)).hex()
    return f"key={key_id_of(public_of(private))},t={time},sig={value}"


def signature_holds(signature: Signature, *, public: str, body: bytes, context: str = "") -> bool:
    """Was exactly this body signed at that time with the key?"""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(
            signature.value, _text(signature.time, context, body)
        )
    except InvalidSignature:
        return False
    return True


def _text(time: int, context: str, body: bytes) -> bytes:
    return f"{time}.{context}.".encode() + body


def public_of(private: Ed25519PrivateKey) -> str:
    """The public key, as the other side enters it."""
    return private.public_key().public_bytes_raw().hex()


def private_read(path: Path) -> Ed25519PrivateKey:
    """The private key in this file, which is made (mode 600) when missing."""
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text(encoding="ascii").strip()))
    except FileNotFoundError:
        private_make(path)
        return private_read(path)


def private_make(path: Path) -> None:
    """Make a key in a file that only its owner reads; one that is there already stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(Ed25519PrivateKey.generate().private_bytes_raw().hex())
    try:
        os.link(unfinished, path)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
