"""Reading the catalogue: which version of each item holds on a day, found by a few characters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from django.conf import settings
from django.db.models import Case, F, Func, Q, QuerySet, TextField, Value, When

from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.packs.onewindow.models import ItemVersion
from bihuan.packs.onewindow.rules import SUPPLEMENT_MOST, supplement_days

FOUND = 20
BEFORE = re.compile(r"^(我?要|想|怎么|如何|办理?|申请|领取?)+")
"""What people write before the thing that they want."""


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


def supplement_term(promised: int | None, statutory: int | None, on: date) -> int:
    """`supplement_days` under the centre's own limit on a day."""
    limit = rulebook().value("onewindow.supplement", region=settings.REGION, on=on)
    value = (limit or {}).get("default", limit)
    return supplement_days(promised, statutory, value["number"] if value else SUPPLEMENT_MOST)


def versions_found(text: str, rows: QuerySet[ItemVersion]) -> QuerySet[ItemVersion]:
    """Those whose name, organ, theme, code or what is issued in the end holds every word of the text; where none does, those whose
    name or certificate has its characters in this order (食经证 finds 食品经营许可证). Ordered by how near they are: `far`, then by name.
    """
    words = [left for word in text.split() if (left := BEFORE.sub("", word))] or text.split()
    rows = rows.annotate(
        issued=Func(F("results"), Value(" "), function="array_to_string", output_field=TextField())
    )
    found = rows = rows.annotate(far=_far(words)).order_by("far", "name", "item")
    for word in words:
        found = found.filter(
            Q(name__contains=word) | Q(name_en__icontains=word) | Q(organ__contains=word)
            | Q(theme__contains=word) | Q(item__code__istartswith=word) | Q(issued__contains=word)
        )  # fmt: skip
    if not words or found.exists():
        return found
    like = ".*".join(re.escape(sign) for sign in "".join(words)[:30])
    return rows.filter(Q(name__regex=like) | Q(issued__regex=like))


def _far(words: Sequence[str]) -> Case:
    """0 where the name has every word, 1 where the certificate has, else 2."""
    named, issued = Q(), Q()
    for word in words:
        named &= Q(name__contains=word) | Q(name_en__icontains=word)
        issued &= Q(issued__contains=word)
    return Case(When(named, then=0), When(issued, then=1), default=2) if words else Case(default=0)


def matter_code(item: int) -> str:
    """What a case's matter is for an item: a code that no other pack has."""
    return f"item{item}"


def item_names(on: date) -> Mapping[str, str]:
    """The name of every item on a day, by the code of its matter; as it was called first before its first day."""
    first = ItemVersion.objects.order_by("item", "since", "pk").distinct("item").values_list("item", "name")
    held = versions_on(on).order_by().values_list("item", "name")
    return {matter_code(item): name for item, name in (*first, *held)}
