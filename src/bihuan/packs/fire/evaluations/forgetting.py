"""Erasing what an evaluation keeps of people when its case is anonymised: remarks, places in words, and the names of the owner's people
who signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bihuan.packs.fire.models import Photo, Sheet, Signature


def evaluations_forget(cases: Sequence[int], now: datetime) -> None:
    """Erase in the evaluations of these cases (ids); results and measurements stay."""
    for sheet in Sheet.objects.filter(evaluation__case__in=cases, fields__has_key="remark"):
        fields = {name: value for name, value in sheet.fields.items() if name != "remark"}
        Sheet.objects.filter(pk=sheet.pk).update(fields=fields)
    Photo.objects.filter(evaluation__case__in=cases).update(place="")
    Signature.objects.filter(evaluation__case__in=cases).update(name="")
