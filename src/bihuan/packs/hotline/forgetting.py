"""What the hotline forgets of cases that are anonymised."""

from __future__ import annotations

from collections.abc import Sequence

from bihuan.packs.hotline.models import Call, Correction, Order


def orders_forget(*, cases: Sequence[int]) -> None:
    """Erase what is kept of these cases' words: the texts of corrections, the reasons, which quote the message, the
    numbers of their calls and where the recordings are.

    Within a writer's transaction. Labels and times stay: they tell of nobody. A recording itself lies in the telephone
    system, under its own terms.
    """
    Correction.objects.filter(case__in=cases).update(text="")
    Order.objects.filter(case__in=cases).update(reasons=[])
    Call.objects.filter(orders__in=cases).update(phone="", recording="")
