"""A file of rows: what it would change and every fault before anything counts; then all of it, or nothing."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.administration.shape import Asked, Change, Kind
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.tables import Row, TableError, cell_text, open_table
from bihuan.lib.text import FieldError

MOST = 2_000
LARGEST = 1_000_000  # bytes
BLANK = b"\xef\xbb\xbf \r\n\t"
Rows = list[tuple[int, dict[str, str]]]
"""(line, values by column name)."""


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one line: its change, or why it is refused and in which column."""

    line: int
    change: Change | None = None
    column: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file does, line by line. `rows` is what was read, to be sent again when it is confirmed."""

    rows: Rows
    lines: tuple[Line, ...]

    @property
    def faults(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.fault)

    @property
    def counted(self) -> dict[str, int]:
        """How many lines are new, changed, same."""
        found = dict.fromkeys(("new", "changed", "same"), 0)
        for line in self.lines:
            if line.change:
                found[line.change.what] += 1
        return found

    @property
    def changing(self) -> tuple[Line, ...]:
        """The lines that change something."""
        return tuple(line for line in self.lines if line.change and line.change.what != "same")

    @property
    def kept(self) -> str:
        return json.dumps(self.rows, ensure_ascii=False)


class _Undone(Exception):
    pass


@contextmanager
def undone() -> Iterator[None]:
    """Whatever the block writes is taken back at its end."""
    try:
        with transaction.atomic():
            yield
            raise _Undone
    except _Undone:
        pass


def rows_read(kind: Kind, *, file: File[bytes] | None, text: str) -> Rows:
    """The rows of an uploaded file or of pasted text for this kind; Refusal when it is no such table."""
    rows = file_rows(file.read(LARGEST + 1) if file else text.encode())
    missing = [name for name in kind.import_columns if name not in rows[0][1]]
    if missing:
        raise Refusal(
            "mapping",
            _("缺少列:%(names)s。可先导出一份作样表。") % {"names": "、".join(missing)},
            field="file",
        )
    return rows


def file_rows(data: bytes, *, published: bool = False) -> Rows:
    """The rows of a file (CSV, Excel, or JSON: a list of objects); Refusal when it is no such table, empty or too large.
    `published`: as `open_table`."""
    if len(data) > LARGEST:
        raise Refusal("too_large", _("文件不能超过 1 MB。"), field="file")
    if not data.strip():
        raise Refusal("empty", _("请选择文件,或把表格粘贴到框里。"), field="file")
    rows = _json_read(data) if data.lstrip(BLANK)[:1] == b"[" else _table_read(data, published)
    if len(rows) > MOST:
        raise Refusal("too_many", _("一次最多导入 %(most)s 行,请分几次。") % {"most": MOST}, field="file")
    if not rows:
        raise Refusal("empty", _("表里没有数据行。"), field="file")
    return rows


def json_read(data: bytes) -> Any:
    """What a file of JSON holds, fractions as they are written; Refusal when it is none."""
    try:
        return json.loads(data.decode("utf-8-sig"), parse_float=str)
    except (ValueError, RecursionError) as error:
        raise Refusal("json", _("不是合法的 JSON。"), field="file") from error


def _table_read(data: bytes, published: bool) -> Rows:
    with tempfile.NamedTemporaryFile(suffix=".csv") as kept:
        Path(kept.name).write_bytes(data)
        try:
            with open_table(kept.name, published=published) as table:
                return [
                    (row.line, {name: cell_text(cell).strip() for name, cell in row.values.items()})
                    for _place, row in zip(range(MOST + 1), _sound(table.rows), strict=False)
                ]
        except TableError as error:
            raise Refusal("mapping", str(error), field="file") from error


def _sound(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        if row.faults:
            fault = row.faults[0]
            raise TableError(row.line, fault.column, fault.rule, fault.message)
        yield row


def _json_read(data: bytes) -> Rows:
    return json_rows(json_read(data))


def json_rows(found: Any) -> Rows:
    """The rows of a list of objects; Refusal when it is none."""
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Refusal("json", _("JSON 应是对象的列表。"), field="file")
    return [(place, {name: _json_text(v) for name, v in row.items()}) for place, row in enumerate(found, 1)]


def _json_text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def number_read(text: str, column: str) -> int:
    """A whole number of a file, such as a year; Refusal naming the column otherwise."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Refusal("number", _("应为整数。"), field=column)
    return int(text)


def rows_kept(text: str) -> Rows:
    """The rows that a preview handed out; Refusal when they were altered into something else."""
    try:
        rows = [(int(line), {str(k): str(v) for k, v in values.items()}) for line, values in json.loads(text)]
        json.dumps(
            rows, ensure_ascii=False
        ).encode()  # an escape may hold half a character, which nothing can keep
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Refusal("mapping", _("要导入的内容已失效,请重新选择文件。"), field="file") from error
    if not 0 < len(rows) <= MOST:
        raise Refusal("mapping", _("要导入的内容已失效,请重新选择文件。"), field="file")
    return rows


def import_planned(kind: Kind, rows: Rows, asked: Asked) -> Plan:
    """What the rows would do, in the order of the file; nothing remains of it."""
    lines: list[Line] = []
    with undone():
        lines += _carried(kind, rows, asked)
    return Plan(rows, tuple(lines))


def import_carried(kind: Kind, rows: Rows, asked: Asked) -> Plan:
    """Carry all rows out; when one is refused, nothing counts and the plan holds the faults."""
    lines: list[Line] = []
    try:
        with transaction.atomic():
            lines += _carried(kind, rows, asked)
            if any(line.fault for line in lines):
                raise _Undone
    except _Undone:
        pass
    return Plan(rows, tuple(lines))


def _carried(kind: Kind, rows: Rows, asked: Asked) -> Iterator[Line]:
    seen: dict[str, int] = {}
    for line, values in rows:
        key = values.get(kind.import_key, "")
        before = seen.setdefault(key, line) if key else line
        try:
            with transaction.atomic():
                if before != line:
                    again = _("第 %s 行已经有这一项,一个文件里只能写一行。") % before
                    raise Refusal("duplicate", again, field=kind.import_key)
                change = kind.row_import(values, asked)
        except Refusal as refusal:
            yield Line(line, column=refusal.field, fault=told(refusal))
        except FieldError as fault:
            yield Line(line, column=fault.field, fault=told(fault))
        else:
            yield Line(line, change)
