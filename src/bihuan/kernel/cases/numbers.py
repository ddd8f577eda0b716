"""Which format a pack's numbers have here: the pack's own, with the letters at its beginning that the centre has set."""

from __future__ import annotations

from datetime import date

from bihuan.kernel.clocks.rulebook import Rulebook
from bihuan.kernel.numbering.formats import NumberFormat
from bihuan.kernel.pack import Pack

PREFIX = "number_prefix"


def format_in_force(pack: Pack, *, region: str, on: date, book: Rulebook) -> NumberFormat:
    """The format of this pack's numbers in a region on a day. ValueError when the pack declares none."""
    if pack.number_format is None:
        raise ValueError(f"The pack {pack.name!r} declares no format of numbers.")
    return pack.number_format.prefixed(book.value(f"{pack.name}.{PREFIX}", region=region, on=on, default=""))
