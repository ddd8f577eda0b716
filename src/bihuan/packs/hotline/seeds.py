"""The first dispatch directory of a centre, the matters and who leads each of them, and its first ready answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.packs.hotline.answers.first import FIRST
from bihuan.packs.hotline.directory.leading import DIRECTORY, DispatchLevel
from bihuan.packs.hotline.directory.matters import CLASSES, MATTERS
from bihuan.packs.hotline.models import Directory, Matter, ReadyAnswer


def matters_load() -> None:
    """Enter classes and matters that are not there yet."""
    classes = [Matter(code=c.code, name=c.name, name_en=c.name_en) for c in CLASSES]
    matters = [
        Matter(
            code=m.code,
            name=m.name,
            name_en=m.name_en,
            parent_id=m.class_code,
            emergency=m.emergency,
            township=m.township,
            route=m.route,
        )
        for m in MATTERS
    ]
    Matter.objects.bulk_create([*classes, *matters], ignore_conflicts=True)


def directory_load(*, ids: Mapping[str, int], territory: str, since: date, now: datetime) -> None:
    """Enter the directory of `territory` (a code). City-led matters name the city's office; `ids` are units by code.

    A lead that the territory has no office for is left out: its orders go to the coordination desk.
    """
    with kernel_writes():
        matters_load()
        entered = 0
        for row in DIRECTORY:
            at = territory[:4] + "00" if row.level is DispatchLevel.CITY else territory
            lead = ids.get(f"{at}_{row.lead}")
            if lead is None and row.level is not DispatchLevel.TOWNSHIP:
                continue
            entry = Directory.objects.create(
                matter=row.matter,
                level=row.level,
                territory_id=ids[territory],
                unit_id=lead,
                legal_basis=row.basis,
                valid_from=since,
            )
            entry.assisting.set([ids[f"{at}_{slug}"] for slug in row.assisting if f"{at}_{slug}" in ids])
            entered += 1
        data = {"territory": territory, "rows": entered, "since": since}
        register_append(stream="directory", kind="directory_loaded", at=now, by="system", data=data)


def ready_answers_load(*, now: datetime) -> None:
    """Enter the first ready answers."""
    rows = [
        ReadyAnswer(matter=matter, title=title, text=text, changed_at=now) for matter, title, text in FIRST
    ]
    with kernel_writes():
        ReadyAnswer.objects.bulk_create(rows)
        register_append(
            stream="answers", kind="ready_answers_loaded", at=now, by="system", data={"rows": len(rows)}
        )
