"""The formats of texts that forms know: how each is stored, and what is no such thing. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from jsonschema import FormatChecker

from bihuan.lib.identifiers import (
    id_number_fault,
    id_number_normal,
    phone_fault,
    phone_normal,
    uscc_fault,
    uscc_normal,
)

NORMAL: dict[str, Callable[[str], str]] = {
    "uscc": uscc_normal,
    "id-number": id_number_normal,
    "phone": phone_normal,
}
"""How a text of a format is stored."""
WHY: dict[str, Callable[[str], str | None]] = {
    "uscc": uscc_fault,
    "id-number": id_number_fault,
    "phone": phone_fault,
}
"""Why a text is none of its format, in Chinese, naming the rule; None when it is."""
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
CHECKER = FormatChecker(formats=())
"""Knows our formats and no others."""


@CHECKER.checks("date")
def is_day(value: object) -> bool:
    """A day of the calendar as 2026-01-31, from 1900 to 2199."""
    if not isinstance(value, str):
        return True
    try:
        return bool(DAY.fullmatch(value)) and 1900 <= date.fromisoformat(value).year < 2200
    except ValueError:
        return False


@CHECKER.checks("uscc")
def is_uscc(value: object) -> bool:
    """GB 32100, check digits included."""
    return not isinstance(value, str) or uscc_fault(value) is None


@CHECKER.checks("id-number")
def is_id_number(value: object) -> bool:
    """GB 11643, check digit included."""
    return not isinstance(value, str) or id_number_fault(value) is None


@CHECKER.checks("phone")
def is_phone(value: object) -> bool:
    """A mainland number."""
    return not isinstance(value, str) or phone_fault(value) is None
