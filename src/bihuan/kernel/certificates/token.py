"""The token in a certificate's QR code: what it says, signed (Ed25519). Pure; needs no database, so that it is read offline.

A token is two parts in base64url without padding, with a dot between: the canonical JSON that is signed, and its
signature (64 bytes). The JSON says `kind` ("certificate"), `key` (the fingerprint of the key that signed), `number`, `name`,
`organ`, `holder` (masked), `issued` and `until` (dates, "" without end), and where its kind makes lines public `says`. The check code that people type is made of the
signature: nobody can guess it who does not hold the paper.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qs, urlsplit

from bihuan.kernel.ledger.verifier import signature_fits
from bihuan.lib.codes import code_of
from bihuan.lib.hashing import digest
from bihuan.lib.refusals import Refusal

KIND = "certificate"
FIELDS = frozenset(("kind", "key", "number", "name", "organ", "holder", "issued", "until"))
SAYS = "says"
LONGEST, SAYS_MOST = 2_000, 240


def says_of(lines: Iterable[tuple[str, str]]) -> str:
    """Label and value of each line, in one: as much as a QR code holds that a telephone still reads."""
    said = "；".join(f"{label}：{value}" for label, value in lines)
    return said if len(said) <= SAYS_MOST else f"{said[: SAYS_MOST - 1]}…"


def token_write(body: bytes, signature: bytes) -> str:
    """Body and signature as a token."""
    return f"{_text(body)}.{_text(signature)}"


def token_read(token: str, keys: Mapping[str, bytes]) -> dict[str, str]:
    """What a token says, if it was signed by one of `keys` (public keys by fingerprint). Refusal otherwise.

    The address that a QR code holds may be given as well: the token is then its parameter `t`.
    """
    body, signature = token_parts(token)
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal("token", "二维码的内容不完整,或被改动过。") from None
    if not _is_told(told):
        raise Refusal("token", "这不是证照的二维码。")
    if told["key"] not in keys:
        raise Refusal("token", "签名所用的密钥不是本中心公布的:不是本中心签发的证照。")
    if not signature_fits(keys[told["key"]], body, signature):
        raise Refusal("token", "签名与内容不符:内容被改动过,或不是本中心签发的。")
    return dict(told)


def _is_told(told: object) -> bool:
    """Is it what a token says: its names, with a text each?"""
    if not isinstance(told, dict) or told.keys() - {SAYS} != FIELDS or told["kind"] != KIND:
        return False
    return all(isinstance(value, str) for value in told.values())


def token_parts(token: str) -> tuple[bytes, bytes]:
    """The bytes that were signed, and the signature. Refusal when it is not made like a token."""
    text = token.strip()
    try:
        if "?" in text:
            text = (parse_qs(urlsplit(text).query).get("t") or [""])[0]
        body, _dot, signature = text.partition(".")
        if len(text) > LONGEST or not text.isascii():
            raise ValueError
        parts = _bytes(body), _bytes(signature)
    except (ValueError, binascii.Error):
        raise Refusal("token", "这不是证照的二维码。") from None
    if not body or len(parts[1]) != 64 or token_write(*parts) != text:
        raise Refusal("token", "这不是证照的二维码。")
    return parts


def check_code(signature: bytes) -> str:
    """The code that is printed beside the number: ABCD-2345."""
    return code_of(digest(b"check code of certificates\0" + signature))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
