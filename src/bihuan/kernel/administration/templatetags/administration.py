"""How values of administration are written on pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext

register = template.Library()


@register.filter
def plain(value: Any) -> Any:
    """A value as people read it: dates, moments and yes or no in words, a dash for nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else value


@register.filter
def tone(value: Any) -> str:
    """The tone of a Mark; nothing for other values."""
    return getattr(value, "tone", "")


@register.filter
def paired(heads: Iterable[Any], row: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Each cell with its head."""
    return list(zip(heads, row, strict=True))
