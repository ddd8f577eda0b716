"""The report of rows that could not be used: what stood there, unchanged, beside where and why."""

import csv
import os
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from bihuan.lib.tables.rows import FORMULA, REPORT_HEADERS, Fault, Row, cell_text


def bad_rows_path(path: str | Path) -> Path:
    """Where the bad rows of `path` go, beside it: orders.xlsx → orders.xlsx.bad.csv; while that is there, .bad-2.csv …

    What an earlier import kept may be under correction: it is never written over.
    """
    source = Path(path)
    endings = chain([".bad.csv"], (f".bad-{number}.csv" for number in count(2)))
    names = (source.with_name(source.name + ending) for ending in endings)
    return next(name for name in names if not name.exists())


class BadRows:
    """Writes bad rows to `path` (CSV, UTF-8 with mark), which can be corrected and read again by `open_table`.

    The first three columns are 错误行号, 错误列, 错误原因, guarded against being run as formulas; they come first so
    that a row with too many cells keeps its own columns apart. They are left out on reading. The original cells
    follow exactly as they stood. No row, no file; nobody but its owner may read it. With `resume` an existing file is
    continued.
    """

    def __init__(self, path: str | Path, headers: Sequence[str], *, resume: bool = False) -> None:
        self.path = Path(path)
        self.headers = tuple(headers)
        self.count = 0
        self._resume = resume
        self._text: IO[str] | None = None

    def add(self, row: Row, faults: Sequence[Fault] = ()) -> None:
        """Keep `row`, with `faults` or, if none are given, its own. Several columns and reasons are joined by ；"""
        found = faults or row.faults
        columns = "；".join(dict.fromkeys(fault.column for fault in found if fault.column))
        reasons = "；".join(
            f"{fault.column}：{fault.message}" if fault.column else fault.message for fault in found
        )
        report = [str(row.line), _guarded(columns), _guarded(reasons)]
        self._write(report + [cell_text(cell) for cell in row.cells])
        self.count += 1

    def close(self) -> None:
        """Finish the file, if there is one."""
        if self._text is not None:
            self._text.close()
            self._text = None

    def _write(self, cells: list[str]) -> None:
        if self._text is None:
            going_on = (self._resume or self.count > 0) and self.path.exists()
            mode, encoding = ("a", "utf-8") if going_on else ("w", "utf-8-sig")
            if not going_on:
                self.path.unlink(missing_ok=True)  # one that is there may be open to others
            self._text = open(  # noqa: SIM115  kept
                self.path, mode, encoding=encoding, errors="surrogateescape", newline="", opener=_private
            )
            if not going_on:
                csv.writer(self._text).writerow([*REPORT_HEADERS, *self.headers])
        csv.writer(self._text).writerow(cells)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _private(path: str, flags: int) -> int:
    """Only for its owner: the rows hold people's data."""
    return os.open(path, flags, 0o600)


def _guarded(text: str) -> str:
    """Text that a spreadsheet will not run as a formula."""
    return "'" + text if text.startswith(FORMULA) else text
