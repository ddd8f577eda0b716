"""The keys that sign seals and certificates: files in `settings.KEY_ROOT`, outside the database and never in it.

`seal-<fingerprint>.key` is a private key (hex, mode 600); only the present one is there, a rotation removes the one before.
`seal.json` lists the statements by which each key was announced, the first one first, each signed by the key before; who
verifies reads the public keys from it. `verifier.keys_read` judges it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import connection

from bihuan.kernel.ledger.services import register_append
from bihuan.kernel.ledger.verifier import key_id, keys_read
from bihuan.lib.hashing import canonical_bytes
from bihuan.lib.refusals import Refusal

STREAM = "keys"
FIRST = "select pg_advisory_xact_lock(hashtext('signing_key'))"
Statement = dict[str, str]


class KeyMissing(Refusal):
    """There is no key to sign with, and the way out."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The present key, ready to sign."""

    name: str
    private: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


def statements_read() -> list[Statement]:
    """The announcements of all keys; empty before the first."""
    try:
        found: list[Statement] = json.loads(_statements_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return found


def public_keys() -> dict[str, bytes]:
    """Public keys by fingerprint. Refusal when an announcement does not fit: then nothing can be judged by them."""
    keys, faults, _remarks = keys_read(statements_read())
    if faults:
        raise Refusal("keys", f"{_statements_file()}: {faults[0]}")
    return keys


def signature_fits_key(keys: Mapping[str, bytes], name: str, body: str, signature: str) -> bool:
    """Is this (hex) the signature of `body` under the key of that fingerprint, one of these?"""
    if name not in keys:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(keys[name]).verify(bytes.fromhex(signature), body.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def key_present() -> SigningKey:
    """The key that signs now. KeyMissing when it is not here, whatever the reason."""
    statements = statements_read()
    if not statements:
        raise KeyMissing("key_missing", f"还没有签名密钥:{_statements_file()}")
    name = json.loads(statements[-1]["body"])["key"]
    try:
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(_private_file(name).read_text("ascii")))
    except FileNotFoundError:
        message = f"签名密钥不在:{_private_file(name)}。从备份取回,或以 bihuan keys rotate --lost 声明遗失。"
        raise KeyMissing("key_missing", message) from None
    if key_id(private.public_key().public_bytes_raw()) != name:
        raise KeyMissing("key_missing", f"{_private_file(name)} 不是公告中的密钥。")
    return SigningKey(name, private)


def key_ready(*, now: datetime) -> SigningKey:
    """The key that signs now; the first one is made when there was never one, by one process alone."""
    if not statements_read():
        with connection.cursor() as cursor:
            cursor.execute(FIRST)
        if not statements_read():
            return key_rotate(now=now, by="system", reason="first")
    return key_present()


def key_rotate(*, now: datetime, by: int | str, reason: str, lost: bool = False) -> SigningKey:
    """Make a key, announced under the signature of the one before, whose private part is then removed.

    `lost` announces it under its own signature alone: everybody who verifies is told so, with the reason. Refusal when the
    one before is not here and not said to be lost, or is here and said to be. An entry of the register says what was done.
    """
    statements = statements_read()
    before = json.loads(statements[-1]["body"])["key"] if statements else ""
    if lost and (not before or _private_file(before).exists()):
        raise Refusal("key_not_lost", "签名密钥还在这里,不能声明遗失;请直接更换。", field="lost")
    old = key_present() if before and not lost else None
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    name = key_id(public)
    told = {"at": now, "key": name, "kind": "key", "lost": lost, "previous": before, "reason": reason}
    body = canonical_bytes({**told, "public": public.hex()})
    signature = (old or SigningKey(name, private)).sign(body)
    kind = "key_lost" if lost else "key_rotated" if before else "key_made"
    _write(_private_file(name), private.private_bytes_raw().hex())
    data = {"key": name, "previous": before, "reason": reason}
    register_append(stream=STREAM, kind=kind, at=now, by=by, data=data)
    statement = {"body": body.decode(), "signature": signature.hex()}
    _write(_statements_file(), json.dumps([*statements, statement], ensure_ascii=False, indent=1))
    if before:
        _private_file(before).unlink(missing_ok=True)
    return SigningKey(name, private)


def _write(path: Path, text: str) -> None:
    """Whole or not at all, on the disk before anything is signed with it, readable by us alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


def _statements_file() -> Path:
    return Path(settings.KEY_ROOT) / "seal.json"


def _private_file(name: str) -> Path:
    return Path(settings.KEY_ROOT) / f"seal-{name}.key"
