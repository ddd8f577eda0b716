"""What the kernel reads of this pack: the names of its matters, which are the items of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils import timezone

from bihuan.packs.onewindow.catalogue.selectors import item_names


def matter_names(on: date | None = None) -> Mapping[str, str]:
    """Every item by the code of its matter, as it is called on a day (today)."""
    return item_names(on or timezone.localdate())
