"""How values of administration are written on pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

register = template.Library()
SHORT = 8
"""So many characters stay on one line."""


@register.filter
def plain(value: Any) -> Any:
    """A value as people read it: dates, moments and yes or no in words, a dash for nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, datetime):
        return whole(f"{timezone.localtime(value):%Y-%m-%d %H:%M}")
    if isinstance(value, date):
        return whole(value.isoformat())
    return whole(value) if isinstance(value, str) and len(value) <= SHORT else value


def whole(text: str) -> SafeString:
    """A short text that is not broken over lines."""
    return format_html('<span class="whole">{}</span>', text)


@register.filter
def tongue(text: str) -> SafeString | str:
    """The attribute that tells a reader aloud of words in Chinese on any page; nothing for other words."""
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in text)
    return format_html(' lang="{}"', "zh-CN") if chinese else ""


@register.filter
def tone(value: Any) -> str:
    """The tone of a Mark; nothing for other values."""
    return getattr(value, "tone", "")


@register.filter
def paired(heads: Iterable[Any], row: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Each cell with its head."""
    return list(zip(heads, row, strict=True))
