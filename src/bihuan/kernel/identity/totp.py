"""One-time codes (TOTP, RFC 6238): the secret encrypted at rest, a code accepted once."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PERIOD = 30
"""Seconds that a code lasts; one period before and after is accepted too."""


def secret_make() -> str:
    """A new secret of 160 bits in base 32."""
    return pyotp.random_base32()


def secret_address(secret: str, *, username: str) -> str:
    """The otpauth address that an authenticator reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name="Bihuan")


def secret_seal(secret: str, *, person: int, key: str = "") -> str:
    """The secret encrypted for this person under a key derived from the site's, or from the one that the site will have."""
    cipher = Fernet(_key(key)) if key else _cipher()
    return cipher.encrypt(f"{person}:{secret}".encode()).decode()


def secret_open(sealed: str, *, person: int) -> str | None:
    """The secret; None when it was sealed for somebody else, under another key, or altered."""
    try:
        owner, _, secret = _cipher().decrypt(sealed.encode()).decode().partition(":")
    except InvalidToken:
        return None
    return secret if owner == str(person) else None


def code_period(secret: str, code: str, *, last: int, now: datetime) -> int | None:
    """The period whose code this is: the present one or one beside it, later than `last`; else None."""
    present = int(now.timestamp()) // PERIOD
    totp = pyotp.TOTP(secret)
    for period in (present - 1, present, present + 1):
        if period > last and hmac.compare_digest(totp.generate_otp(period).encode(), code.encode()):
            return period
    return None


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(_key(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret_key: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"bihuan identity totp")
    return base64.urlsafe_b64encode(derive.derive(secret_key.encode()))
