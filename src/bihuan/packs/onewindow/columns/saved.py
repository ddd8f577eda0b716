"""Columns that were kept for a source, as the mapping by which the command reads its files."""

from __future__ import annotations

from functools import partial

from bihuan.kernel.identity.models import Unit
from bihuan.packs.onewindow.catalogue.mappings import ItemMapping
from bihuan.packs.onewindow.catalogue.services import NO_APPROVERS
from bihuan.packs.onewindow.columns.models import SourceColumns
from bihuan.packs.onewindow.columns.rules import NEEDED, row_worded
from bihuan.packs.onewindow.models import KINDS


def sources_saved() -> list[str]:
    """The sources whose columns were kept, in order."""
    return list(SourceColumns.objects.order_by("source").values_list("source", flat=True))


def mapping_saved(source: str) -> ItemMapping | None:
    """The mapping by the columns that were kept for this source; None when none were."""
    row = SourceColumns.objects.filter(source=source).first()
    if row is None:
        return None
    units = (
        Unit.objects.filter(valid_to=None).exclude(kind__in=NO_APPROVERS).values_list("pk", "code", "name")
    )
    return ItemMapping(
        name=row.source,
        scheme=row.scheme,
        columns={header: field for field, header in row.columns.items()},
        needs=frozenset(row.columns[field] for field in NEEDED),
        values={"unit": {word: str(pk) for pk, *words in units for word in words}}
        if "unit" in row.columns
        else {},
        read=partial(row_worded, kinds={code: str(label) for code, label in KINDS}),
    )
