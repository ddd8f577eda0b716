"""Names in the language of the page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language


def english() -> bool:
    """Is the page in English?"""
    return (get_language() or "").startswith("en")


def named(row: Any) -> str:
    """What a row with `name` and `name_en` is called; nothing for none."""
    return str((english() and row.name_en) or row.name) if row else ""
