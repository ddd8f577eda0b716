"""Registers searched by words: an index of pairs of signs names the few rows that come into question, which are then read as ever."""

from __future__ import annotations

from typing import TypeVar

from django.db import connection
from django.db.models import Model, Q, QuerySet

from bihuan.kernel.ledger.services import kernel_writes

M = TypeVar("M", bound=Model)
COLUMNS = {
    "fire_project": ("name", "owner", "place"),
    "fire_site": ("name", "contractor", "place", "permit", "zone"),
}
FITTING = {
    "fire_project": "select id from fire_project where fire_pairs(name || ' ' || owner || ' ' || place) @> fire_pairs(%s) limit %s",
    "fire_site": "select id from fire_site where fire_pairs(name || ' ' || contractor || ' ' || place || ' ' || permit || ' ' || zone) @> fire_pairs(%s) limit %s",
}
"""By the indexes `fire_project_pairs` and `fire_site_pairs`, whose words these are."""
FEW = 500
"""So many rows that come into question are named; with more, what is looked for is found soon without."""


def rows_holding(rows: QuerySet[M], text: str) -> QuerySet[M]:
    """Those of these projects or sites that hold the text in one of COLUMNS."""
    table = rows.model._meta.db_table
    held = Q()
    for name in COLUMNS[table]:
        held |= Q(**{f"{name}__icontains": text})
    if len(text) < 2:
        return rows.filter(held)
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(FITTING[table], [text.replace("\0", ""), FEW + 1])
        fit = [key for (key,) in cursor.fetchall()]
    return rows.filter(held, pk__in=fit) if len(fit) <= FEW else rows.filter(held)
