"""办件编码: the number that the national scheme gives an accepted application."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.numbering.formats import FormatError
from bihuan.kernel.numbering.services import numbers_take
from bihuan.lib.refusals import Refusal
from bihuan.packs.onewindow.catalogue.codes import CASE_NUMBER, code_read
from bihuan.packs.onewindow.models import Application, Item


def case_code_take(*, case: int, now: datetime, item: Item | None = None) -> str:
    """The 办件编码 of an accepted application: by item and day, without gaps, once; "" where the item has no code to count by.

    `item`: that of an application which the caller has taken in just now. Refusal when the day's 9999 are used up.
    """
    with kernel_writes():
        if item is None:
            row = Application.objects.select_related("version__item").filter(pk=case).first()
            if row is None or row.case_code:
                return (row and row.case_code) or ""
            item = row.version.item
        if item.scheme != "national":
            return ""
        implementation = code_read(item.code, "national").implementation
        if not implementation:
            return ""
        on = timezone.localdate(now)
        try:
            (code,) = numbers_take(format_=CASE_NUMBER, on=on, item=implementation)
        except FormatError:
            raise Refusal("case_code", "这个事项今天的办件编码已用完(9999 件),请明天受理。") from None
        Application.objects.filter(pk=case).update(case_code=code)
    return code
