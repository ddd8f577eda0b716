"""The payment notice: it follows the decision to grant what is not free of charge, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable

from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.manifest import Stepped
from bihuan.packs.onewindow.fees.rules import owed

GRANTED = ("grant", "parts_done")
"""Steps after which an application, or a theme's whole, is to be paid for."""


def fees_follow(stepped: Iterable[Stepped]) -> None:
    """Tell the applicant what each application costs that has just been granted; free ones are left alone."""
    for one in stepped:
        if one.step in GRANTED and one.facts.get("fees"):
            case_move(case_id=one.case, step="fee_tell", by=0, now=one.now, data={"amount": owed(one.facts)})
