"""The same item for the same identity number, while the first application for it is under way: taken in again only with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Party
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import clean_text
from bihuan.packs.onewindow.applying.receiving import Received
from bihuan.packs.onewindow.catalogue.selectors import matter_code
from bihuan.packs.onewindow.instant.registers import UNDECIDED

FIELD = "again"


def under_way(*, identity: str, item: int) -> str:
    """The number of the application for this item, by this identity number, that is undecided; "" where there is none."""
    same = {"case__matter": matter_code(item), "case__state__in": UNDECIDED, "role": Party.Role.REPORTER}
    with kernel_writes():
        found = Party.objects.filter(id_number=identity, **same).order_by("case")
        return (found.values_list("case__number", flat=True).first() or "") if identity else ""


def once_more(received: Received, typed: Mapping[str, Any]) -> Received:
    """What was received, with the clerk's reason where such an application is under way. Refusal without one; FieldError for one that is too short."""
    number = under_way(identity=received.party.id_number, item=received.item)
    if not number:
        return received
    if not str(typed.get(FIELD, "")).strip():
        raise Refusal(
            "under_way",
            _("这个证件号码的同一事项正在办:%s。不要重复收件;确要再收的,写明理由。") % number,
            field=FIELD,
        )
    reason = clean_text(typed[FIELD], field=FIELD, max_length=200, min_length=4, multiline=False)
    return replace(received, remark=f"{received.remark}\n再收一件的理由(已有 {number} 在办):{reason}".strip())
