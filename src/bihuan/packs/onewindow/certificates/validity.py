"""How long a material holds, as the catalogue writes it, and whether one that lies on the counter still does. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bihuan.kernel.certificates.rules import last_day

TERM = re.compile(r"(\d{1,3})\s*(年|个月|月|天|日)(?:内)?(?:有效)?")
MONTHS = {"年": 12, "个月": 1, "月": 1}


def term_read(validity: str) -> tuple[int, int] | None:
    """Months and days of "1年", "6个月", "30天内"; None for words that name no term."""
    found = TERM.fullmatch(validity.strip())
    if found is None or not int(found[1]):
        return None
    number, unit = int(found[1]), found[2]
    return (number * MONTHS[unit], 0) if unit in MONTHS else (0, number)


def holds_until(issued: date, validity: str) -> date | None:
    """The last day on which a material of that day holds; None when its validity names no term."""
    term = term_read(validity)
    if term is None:
        return None
    months, days = term
    return last_day(issued, months) if months else issued + timedelta(days=days - 1)
