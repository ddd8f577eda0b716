"""What a table is: headers, rows with their line and their faults, and the refusal of a whole file."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import TracebackType
from typing import Self

Cell = str | int | float | bool | datetime | date | time | timedelta

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a text begins that some spreadsheet takes for a formula: in Chinese and Japanese ones the wide signs too."""
BROKEN = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff]")
"""What no header holds: control characters, and bytes that are no text."""
TITLES = 3
"""How many lines of title a published list may have above its header."""
REPORT_HEADERS = ("错误行号", "错误列", "错误原因")


class TableError(ValueError):
    """A file that is no readable table. `line` from 1 (0: no line in particular), `column` a header or letter or ""."""

    def __init__(self, line: int, column: str, rule: str, message: str) -> None:
        where = (f"第{line}行" if line else "") + (f"“{column}”列" if column else "")
        super().__init__(f"{where}：{message}" if where else message)
        self.line = line
        self.column = column
        self.rule = rule
        self.message = message


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be used: `column` is a header (or letter beyond the headers), `rule` a short code."""

    column: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """`line`: the row number that a spreadsheet shows (the first row of the file is 1; a quoted cell of many text
    lines is one row). `cells`: the row as it stood, for giving back. `values`: by header, blank cells are "".
    A row with `faults` has only the values that could be read. `beyond`: blank cells behind the headers, which are left out."""

    line: int
    cells: tuple[Cell, ...]
    values: dict[str, Cell]
    faults: tuple[Fault, ...] = ()
    beyond: int = 0


class Table:
    """Headers and a stream of rows that can be read once. Close it, or use it in a `with`."""

    def __init__(
        self,
        headers: tuple[str, ...],
        rows: Iterator[Row],
        *,
        form: str,
        close: Callable[[], None] | None = None,
    ) -> None:
        self.headers = headers
        self.rows = rows
        self.form = form
        self._close = close

    def close(self) -> None:
        """Let go of the file."""
        if self._close is not None:
            self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Heading:
    """The header row read: names, their places, and the places of our own report columns, which are left out."""

    def __init__(self, cells: Sequence[Cell], line: int) -> None:
        names = [cell_text(cell).strip(" \t\r\n\u3000\u00a0\ufeff") for cell in cells]
        while names and not names[-1]:
            names.pop()
        if not names:
            raise TableError(line, "", "empty_header", "没有表头")
        seen: set[str] = set()
        for place, name in enumerate(names):
            if not name:
                raise TableError(line, column_letter(place), "empty_header", "表头为空")
            if BROKEN.search(name):
                raise TableError(
                    line, column_letter(place), "encoding", "表头的文字编码不完整，或含有控制字符"
                )
            if name in seen:
                raise TableError(line, name, "duplicate_header", "表头重复")
            if len(name) > 200:
                raise TableError(line, column_letter(place), "long_header", "表头超过200个字")
            seen.add(name)
        ours = set(REPORT_HEADERS) <= seen
        self.skipped = frozenset(p for p, name in enumerate(names) if ours and name in REPORT_HEADERS)
        self.headers = tuple(name for place, name in enumerate(names) if place not in self.skipped)
        self.line = line
        if not self.headers:
            raise TableError(line, "", "empty_header", "除错误说明外没有别的列")

    def row(self, line: int, cells: Sequence[Cell], faults: Sequence[Fault] = ()) -> Row | None:
        """The row under these headers; None when it is blank. Too few or too many cells are faults."""
        kept = [cell for place, cell in enumerate(cells) if place not in self.skipped]
        if not faults and all(isinstance(cell, str) and not cell.strip() for cell in kept):
            return None
        found = list(faults)
        width = len(self.headers)
        if not found and len(kept) < width:
            found.append(Fault(self.headers[len(kept)], "too_few_cells", f"应有{width}格，现有{len(kept)}格"))
        if any(cell != "" for cell in kept[width:]):
            letter = column_letter(width + len(self.skipped))
            found.append(Fault(letter, "too_many_cells", f"应有{width}格，现有{len(kept)}格"))
            beyond = 0
        else:
            beyond = max(0, len(kept) - width)
            kept = kept[:width]
        values = dict(zip(self.headers, kept, strict=False))
        return Row(line, tuple(kept), values, tuple(found), beyond)


def column_letter(place: int) -> str:
    """The spreadsheet letter of a column from its place, counted from 0: 0 → A, 26 → AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_text(cell: Cell) -> str:
    """A cell as text: moments as 2019-02-28 11:25:05, whole numbers without a point, truth as 是 and 否."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell)


def safe_cell(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
