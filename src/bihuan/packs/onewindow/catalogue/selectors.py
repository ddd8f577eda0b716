"""Reading the catalogue: which version of each item holds on a day, found by a few characters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from django.db.models import Q, QuerySet

from bihuan.packs.onewindow.models import ItemVersion

FOUND = 20


def versions_on(on: date) -> QuerySet[ItemVersion]:
    """The version of each item that holds on a day, with its item."""
    latest = (
        ItemVersion.objects.filter(since__lte=on)
        .order_by("item", "-since", "-pk")
        .distinct("item")
        .values("pk")
    )
    return ItemVersion.objects.filter(pk__in=latest).select_related("item", "unit")


def version_on(item: int, on: date) -> ItemVersion | None:
    """The version of one item that holds on a day; None when there is none."""
    found = ItemVersion.objects.filter(item=item, since__lte=on).select_related("item", "unit")
    return found.order_by("-since", "-pk").first()


def versions_found(text: str, rows: QuerySet[ItemVersion]) -> QuerySet[ItemVersion]:
    """Those whose name, organ, theme or code holds every word of the text; where none does, those whose name has its
    characters in this order (食经证 finds 食品经营许可证).
    """
    words = text.split()
    found = rows
    for word in words:
        found = found.filter(
            Q(name__contains=word) | Q(name_en__icontains=word) | Q(organ__contains=word)
            | Q(theme__contains=word) | Q(item__code__istartswith=word)
        )  # fmt: skip
    if not words or found.exists():
        return found
    return rows.filter(name__regex=".*".join(re.escape(sign) for sign in "".join(words)[:30]))


def matter_code(item: int) -> str:
    """What a case's matter is for an item: a code that no other pack has."""
    return f"item{item}"


def item_names(on: date) -> Mapping[str, str]:
    """The name of every item on a day, by the code of its matter; as it was called first before its first day."""
    first = ItemVersion.objects.order_by("item", "since", "pk").distinct("item").values_list("item", "name")
    held = versions_on(on).order_by().values_list("item", "name")
    return {matter_code(item): name for item, name in (*first, *held)}
