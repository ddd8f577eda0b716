"""How the columns of a file become an order: a mapping from headers to fields, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Self

from bihuan.lib.tables import Cell
from bihuan.lib.text import FieldError, parse_moment
from bihuan.packs.hotline.importing.ontime import Promise
from bihuan.packs.hotline.order_data import FIELDS

AFTER_DAYS = "answered_after_days"
"""A field of mappings alone: the answer came this many days after the report."""
SUPERIOR = {
    "superior_number": "number", "superior_due_at": "due_at",
    "superior_return_days": "return_days", "superior_return_count": "return_count",
}  # fmt: skip
MAPPED = (*(name for name in FIELDS if name not in ("superior", "answer_at_seat")), AFTER_DAYS, *SUPERIOR)


@dataclass(frozen=True)
class Mapping:
    """`columns`: header → field (several headers of one field are joined by line). `values`: field → their
    word → ours.

    `fixed`: field → value for every row. `needs`: the headers by which a file is recognised. `ignored`:
    headers that are known and not used. `prefix` comes before their ids, so that two sources never meet.
    Headers are the same whatever their case, blanks and underscores.
    """

    name: str
    columns: MappingOf[str, str]
    values: MappingOf[str, MappingOf[str, str]] = field(default_factory=dict)
    fixed: MappingOf[str, str] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    prefix: str = ""

    def fitted(self, headers: Sequence[str]) -> Self:
        """The mapping of the columns that a file has, under the file's own headers."""
        here = {plain(header): header for header in reversed(headers)}
        columns: dict[str, str] = {}
        for name, known in self.columns.items():
            header = name if name in headers else here.get(plain(name))
            if header is not None:
                columns.setdefault(header, known)
        return replace(self, columns=columns)

    def unknown(self, headers: Sequence[str]) -> list[str]:
        """Headers that this mapping says nothing about."""
        ignored = set(map(plain, self.ignored))
        return [h for h in headers if h not in self.columns and plain(h) not in ignored]

    def column_of(self, name: str) -> str:
        """The header that a field comes from, for telling people; the field itself when there is none."""
        name = name.removeprefix("superior.")
        name = next((ours for ours, theirs in SUPERIOR.items() if theirs == name), name)
        wanted = {name, AFTER_DAYS} if name == "answered_at" else {name}
        return next((header for header, known in self.columns.items() if known in wanted), name)

    def order(self, row: MappingOf[str, Cell], *, now: Any) -> dict[str, Any]:
        """The fields of an order from a row's cells. FieldError when a number of days is none."""
        data: dict[str, Any] = dict(self.fixed)
        for header, name in self.columns.items():
            cell = row.get(header, "")
            cell = cell.strip() if isinstance(cell, str) else cell
            if cell != "":
                cell = self.values.get(name, {}).get(str(cell), cell)
                data[name] = f"{data[name]}\n{cell}" if name in data and name not in self.fixed else cell
        superior = {ours: data.pop(name) for name, ours in SUPERIOR.items() if name in data}
        if superior:
            data["superior"] = superior
        if AFTER_DAYS in data:
            self._answered(data, now)
        if self.prefix and "external_id" in data:
            data["external_id"] = f"{self.prefix}{data['external_id']}"
        return data

    def promise(self, row: MappingOf[str, Cell]) -> Promise | None:
        """What was promised in this row and whether it was kept; None where a file does not say."""
        return None

    def _answered(self, data: dict[str, Any], now: Any) -> None:
        days = str(data.pop(AFTER_DAYS))
        try:
            length = timedelta(days=float(days))
        except (ValueError, OverflowError):
            raise FieldError(AFTER_DAYS, "number", f"“{days[:20]}”不是天数") from None
        if data.get("answer") and "answered_at" not in data:
            data["answered_at"] = (
                parse_moment(data.get("reported_at", ""), field="reported_at", now=now) + length
            )


def plain(header: str) -> str:
    """A header without case, blanks, underscores and signs, by which headers are compared."""
    return re.sub(r"[\W_]+", "", header).casefold() or header
