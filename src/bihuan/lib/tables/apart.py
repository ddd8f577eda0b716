"""Old workbooks (.xls) read in a process of their own with bounded memory: a few bytes in one of them may ask for more than any machine has,
and the reader then ends its process.

Run as a program it reads a workbook from standard input and writes what the sheet holds to standard output; its argument names the sheet.
"""

import io
import pickle
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from python_calamine import CalamineError, load_workbook

MEMORY, SECONDS = 3 << 30, 120
UNREADABLE = 3
"""How the program ends for what is no workbook."""


@dataclass(frozen=True, slots=True)
class SheetApart:
    """What the workbook's sheets are called, and of the one that was asked for (the first, where none was) what its reader tells: its
    first and last cell, merged regions and rows. All of these are empty where there is no such sheet."""

    names: list[str]
    start: tuple[int, int] | None
    end: tuple[int, int] | None
    merged_cell_ranges: list[tuple[tuple[int, int], tuple[int, int]]]
    rows: list[list[Any]]

    def iter_rows(self) -> Iterator[list[Any]]:
        return iter(self.rows)


def sheet_apart(data: bytes, sheet: str | None) -> SheetApart | None:
    """A sheet of an .xls file; None when reading it took too much memory or time. ValueError for what is no workbook."""
    wanted = [] if sheet is None else [sheet.encode("utf-8", "replace").decode().replace("\0", "")]
    try:
        done = subprocess.run(  # noqa: S603  this very file
            [sys.executable, __file__, *wanted], input=data, capture_output=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode == UNREADABLE:
        raise ValueError("no workbook")
    if done.returncode:
        return None
    return SheetApart(*pickle.loads(done.stdout))  # noqa: S301  written by this file's own process


def _told(data: bytes, wanted: list[str]) -> tuple[Any, ...]:
    book = load_workbook(io.BytesIO(data))
    names = book.sheet_names
    chosen = next(iter(wanted or names), None)
    if chosen not in names:
        return names, None, None, [], []
    found = book.get_sheet_by_name(chosen)
    return names, found.start, found.end, found.merged_cell_ranges or [], list(found.iter_rows())


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sys.stdout.buffer.write(pickle.dumps(_told(sys.stdin.buffer.read(), sys.argv[1:]), protocol=5))
    except (CalamineError, OSError, ValueError):
        sys.exit(UNREADABLE)
