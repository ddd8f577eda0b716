"""What may be done to a certificate, how long it holds, and what its contents must be. Pure.

Sources: 行政许可法 art. 39 (what is issued), 50 (renewal), 69 (revocation), 70 (end).
"""

from __future__ import annotations

import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta

from bihuan.kernel.numbering.certificate_kinds import CertificateKind
from bihuan.lib.text import FieldError, clean_text

VALID, SUSPENDED, REVOKED, REPLACED, EXPIRED = "valid", "suspended", "revoked", "replaced", "expired"
MAY = {
    "suspend": frozenset((VALID,)),
    "resume": frozenset((SUSPENDED,)),
    "revoke": frozenset((VALID, SUSPENDED, EXPIRED)),
    "replace": frozenset((VALID, SUSPENDED, EXPIRED)),
}
"""In which standing what may be done."""
_BRACKETS = str.maketrans("[(【", "〔〔〔") | str.maketrans("])】", "〕〕〕")


def number_written(typed: str) -> str:
    """A number as papers print it, however it was typed: no blanks, plain digits, every bracket as 〔 〕 (GB/T 9704)."""
    return "".join(unicodedata.normalize("NFKC", typed.upper()).split()).translate(_BRACKETS)


def standing(state: str, valid_until: date | None, today: date) -> str:
    """What it is worth today: its state, or "expired" when it would be valid but its last day is over."""
    over = valid_until is not None and valid_until < today
    return EXPIRED if over and state in (VALID, SUSPENDED) else state


def last_day(first: date, months: int) -> date | None:
    """The last day on which it holds, the first included: 2026-03-02 and 12 months end on 2027-03-01. None: without end."""
    if not months:
        return None
    years, month = divmod(first.month - 1 + months, 12)
    year, month = first.year + years, month + 1
    length = monthrange(year, month)[1]
    if first.day > length:  # a month without such a day: it holds to the end of that month
        return date(year, month, length)
    return date(year, month, first.day) - timedelta(days=1)


def contents_clean(kind: CertificateKind, given: Mapping[str, object]) -> dict[str, str]:
    """The contents in the order of the kind's lines. FieldError names a line that is missing, unknown or too long."""
    unknown = sorted(given.keys() - kind.lines.keys())
    if unknown:
        raise FieldError(unknown[0], "unknown", f"“{kind.name}”没有“{unknown[0][:40]}”这一项。")
    cleaned = {}
    for name in kind.lines:
        least = 0 if name in kind.optional else 1
        text = clean_text(
            given.get(name, ""), field=name, max_length=kind.longest, min_length=least, multiline=True
        )
        if text:
            cleaned[name] = text
    return cleaned
