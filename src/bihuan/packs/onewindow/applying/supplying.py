"""Materials that come after the application was taken in: none that has expired, and each part of a theme gets its own."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from bihuan.kernel.bundles.services import parts_move
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.applying.dossier import dossier_of
from bihuan.packs.onewindow.applying.materials import dates_check
from bihuan.packs.onewindow.applying.receiving import DATED, dates_read
from bihuan.packs.onewindow.rules import numbers_read


def materials_take(**move: Any) -> Moved:
    """The step by which missing materials come, if none of them has expired: `dated` says their days, as "6=2026-01-31". As `case_move`."""
    data = move.get("data") or {}
    with kernel_writes():
        dossier = dossier_of(move["case_id"])
    if dossier is None:
        return case_move(**move)
    days = dict(part.partition("=")[::2] for part in str(data.get("dated") or "")[:400].split())
    received = numbers_read(data.get("received"))
    dated = dates_read({f"{DATED}{number}": day for number, day in days.items()})
    dates_check(dossier.materials, received, dated, timezone.localdate(move["now"]))
    of_parts = {
        code: "、".join(str(own) for own, number in enumerate(numbers, 1) if number in received)
        for code, numbers in dossier.numbers.items()
    }
    told = {code: {"received": words} for code, words in of_parts.items() if words}
    return parts_move(step="part_materials", data=told, move=move) if dossier.numbers else case_move(**move)
