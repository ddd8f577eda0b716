"""The files of an application's materials: attached to its case under the material's own number and name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.attachments.services import MAX_FILES, attachment_add
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal
from bihuan.packs.onewindow.applying.materials import Materials, numbered

FILE = "file_"


def materials_attach(
    *, case: int, materials: Materials, files: Mapping[str, Any], by: int, now: datetime
) -> list[int]:
    """Attach files to a case as its materials, by their numbers, in the caller's transaction; returns the attachments. A Refusal names
    the material and is at the field `file_<number>`."""
    known = numbered(materials)
    return [_attach(case, number, known[number], file, by, now) for number, file in files.items()]


def _attach(case: int, number: str, material: Mapping[str, Any], file: Any, by: int, now: datetime) -> int:
    name = f"{number}-{material['name'][:60]}{Path(str(file.name)).suffix[:8]}"
    try:
        with kernel_writes():
            return attachment_add(case=case, file=file, name=name, by=by, now=now, most=2 * MAX_FILES).pk
    except Refusal as refusal:
        words = _("第 %(number)s 项“%(name)s”:%(why)s") % {
            "number": number,
            "name": material["name"],
            "why": refusal.message,
        }
        raise Refusal(refusal.code, words, field=f"{FILE}{number}") from None
