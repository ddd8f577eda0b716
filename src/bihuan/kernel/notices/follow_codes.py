"""The code by which a citizen follows a case: nothing is stored, the server's key and the case make it.

Whoever works on the case cannot read it anywhere: it stands on the citizen's own page and in a message to the citizen,
whose kept text has `HIDDEN` in its place.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from hashlib import sha256

from django.conf import settings

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0 and O, no 1, I and L, no U and V in doubt: none looks like another, in print or read out."""
LENGTH = 8
HIDDEN = "****-****"


def follow_code(case: int, secret: str = "") -> str:
    """The code of a case, as it is shown: ABCD-2345. 30^8 (6.6 * 10^11) codes are possible. `secret`: a key of before."""
    key = f"follow code of cases\0{secret or settings.SECRET_KEY}".encode()
    number = int.from_bytes(hmac.new(key, str(case).encode(), sha256).digest())
    letters = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(LETTERS))
        letters.append(LETTERS[place])
    code = "".join(letters)
    return f"{code[:4]}-{code[4:]}"


def follow_code_is(case: int, typed: str) -> bool:
    """Is this the code of the case? Small letters, full-width ones, blanks and dashes do not matter; the time tells nothing."""
    plain = re.sub(r"[\s\-–—]", "", unicodedata.normalize("NFKC", typed[:40])).upper()
    known = [follow_code(case, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return any(hmac.compare_digest(plain.encode(), code.replace("-", "").encode()) for code in known)
