"""A list as a file: Excel, CSV or JSON, with what the list's search and filters leave, and what can be imported again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.utils import timezone
from openpyxl import Workbook

from bihuan.kernel.administration.shape import Asked, Column, Kind
from bihuan.lib.tables import safe_cell

MOST = 50_000
BATCH = 1_000
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


def list_written(kind: Kind, asked: Asked, form: str) -> bytes:
    """The list in a form of TYPES; 50,000 rows at most. Files of tables are guarded against formulas."""
    rows = _rows(kind, asked)
    return {"xlsx": _workbook, "csv": _csv, "json": _json}[form](kind.columns, rows)


def _rows(kind: Kind, asked: Asked) -> Iterator[tuple[Any, ...]]:
    source = iter(kind.rows(asked)[:MOST] if kind.counted else kind.rows_before(asked, None, MOST))
    while batch := list(islice(source, BATCH)):
        yield from kind.cells(batch, asked)


def _workbook(columns: Sequence[Column], rows: Iterator[tuple[Any, ...]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Bihuan")
    sheet.freeze_panes = "A2"
    sheet.append([column.name for column in columns])
    for row in rows:
        sheet.append([_cell(value) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _csv(columns: Sequence[Column], rows: Iterator[tuple[Any, ...]]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow([_text(_cell(value)) for value in row])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _json(columns: Sequence[Column], rows: Iterator[tuple[Any, ...]]) -> bytes:
    names = [column.name for column in columns]
    found = [dict(zip(names, map(_plain, row), strict=True)) for row in rows]
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    if isinstance(value, bool):
        return "是" if value else ""
    return safe_cell(str(value)) if isinstance(value, str) else value


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value
