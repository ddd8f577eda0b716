"""Codes that people type: eight characters of which none looks like another, in print or read out."""

import hmac
import re
import unicodedata

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0 and O, no 1, I and L, no U and V in doubt."""
LENGTH = 8


def code_of(secret: bytes) -> str:
    """Bytes that nobody can guess as a code: ABCD-2345. 30^8 (6.6 * 10^11) codes are possible."""
    number, letters = int.from_bytes(secret, "big"), []
    for _ in range(LENGTH):
        number, place = divmod(number, len(LETTERS))
        letters.append(LETTERS[place])
    code = "".join(letters)
    return f"{code[:4]}-{code[4:]}"


def code_is(typed: str, *codes: str) -> bool:
    """Is what was typed one of these? Small letters, full-width ones, blanks and dashes do not matter; the time tells nothing."""
    plain = re.sub(r"[\s\-–—]", "", unicodedata.normalize("NFKC", typed[:40])).upper()
    return any(hmac.compare_digest(plain.encode(), code.replace("-", "").encode()) for code in codes)
