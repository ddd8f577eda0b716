"""A file of projects judged row by row: every row and column is kept, three columns are added."""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bihuan.lib.replacing import replacing
from bihuan.lib.tables import Row, TableError, cell_text, open_table
from bihuan.lib.text import FieldError
from bihuan.packs.fire.special.cells import MOST_AREA, MOST_HEIGHT, measure_read, parts_read, use_read
from bihuan.packs.fire.special.rules import CONTAINED_ROWS, Limits, Project, Verdict, classify

ADDED = ("special", "row", "reason")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "use": ("use", "用途", "使用性质"),
    "area_m2": ("area_m2", "area", "面积", "建筑面积", "总建筑面积"),
    "height_m": ("height_m", "height", "高度", "建筑高度"),
    "contains": ("contains", "包含", "设有"),
}
"""The columns that are read, and what else they may be called."""
NEEDED = ("use", "area_m2")
SPLIT = re.compile(r"[1-9]\d{0,2},\d{3}(?:\.\d+)?")
"""An area with its thousands apart, in two cells."""


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row could not be judged: `line` as a spreadsheet counts."""

    line: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows of the file, how many of them are special, and those that could not be judged."""

    rows: int
    special: int
    errors: tuple[RowError, ...]


def file_classify(path: Path, *, out: Path, limits: Limits) -> Judged:
    """Write the rows of `path` (CSV or Excel) to `out` (CSV, UTF-8) with `special` (0 or 1), `row` (1-12 or empty) and
    `reason` added.

    A row that cannot be judged stays, with both empty and the reason saying why. The mark that Excel asks for is written
    where the file came from Excel. TableError for what is no table or lacks a column; ValueError for `out` being `path`.
    """
    if out.exists() and path.resolve() == out.resolve():
        raise ValueError(f"输出文件不能就是输入文件 {path.name}")
    with open_table(path, blank=True) as table, replacing(out) as unfinished:
        places = _places(table.headers)
        encoding = "utf-8-sig" if _from_excel(path, table.form) else "utf-8"
        with unfinished.open("w", encoding=encoding, errors="replace", newline="") as text:
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow([*(f"input_{name}" if name in ADDED else name for name in table.headers), *ADDED])
            special, errors, rows = 0, [], 0
            for row in table.rows:
                verdict, error = row_judge(row, places, limits=limits)
                added = _added(verdict, error)
                writer.writerow([*_cells(row, len(table.headers)), *added])
                rows, special = rows + 1, special + (verdict is not None and verdict.special)
                errors += [error] if error else []
    return Judged(rows, special, tuple(errors))


def row_judge(
    row: Row, places: Mapping[str, str], *, limits: Limits
) -> tuple[Verdict | None, RowError | None]:
    """The verdict on a row, or why there is none. Cells missing at its end are empty ones."""
    broken = [fault for fault in row.faults if fault.rule != "too_few_cells"]
    if broken:
        return None, RowError(row.line, broken[0].column, broken[0].message)
    told = {name: cell_text(row.values.get(header, "")) for name, header in places.items()}
    try:
        _split_check(row, places["area_m2"])
        project = project_read(told)
        return verdict_decided(project, classify(project, limits=limits)), None
    except FieldError as fault:
        return None, RowError(row.line, fault.field, fault.message)


def _split_check(row: Row, area: str) -> None:
    """FieldError for 1,000 without quotes, which pushed the cells behind it one column on."""
    place = list(row.values).index(area)
    told = ",".join(cell_text(cell) for cell in row.cells[place : place + 2])
    if row.beyond and SPLIT.fullmatch(told):
        raise FieldError("area_m2", "value", f"面积“{told}”里的逗号要去掉,或给这一格加上引号")


def project_read(told: Mapping[str, str]) -> Project:
    """The project that cells tell, by column. FieldError for the first that is wrong."""
    use = use_read(told.get("use", ""), field="use")
    area = measure_read(told.get("area_m2", ""), field="area_m2", name="面积", most=MOST_AREA)
    height = measure_read(told.get("height_m", ""), field="height_m", name="高度", most=MOST_HEIGHT)
    contains = parts_read(told.get("contains", ""), field="contains")
    return Project(use, area, height, contains)


def verdict_decided(project: Project, verdict: Verdict) -> Verdict:
    """The verdict, unless the area that was left out could change it."""
    asked = CONTAINED_ROWS & set(project.use.rows) or (project.use.kind == "public" and not verdict.special)
    if project.area is None and asked:
        raise FieldError("area_m2", "empty", "面积没有填")
    return verdict


def _places(headers: Sequence[str]) -> dict[str, str]:
    """The header of each column that is read. TableError when one that is needed is not there."""
    names = {unicodedata.normalize("NFKC", header).strip().lower(): header for header in headers}
    places = {
        column: names[name] for column, known in COLUMNS.items() for name in reversed(known) if name in names
    }
    for column in NEEDED:
        if column not in places:
            raise TableError(1, column, "mapping", f"没有“{column}”这一列")
    return places


def _from_excel(path: Path, form: str) -> bool:
    with path.open("rb") as binary:
        marked = binary.read(3) == codecs.BOM_UTF8
    return marked or "utf-8" not in form


def _cells(row: Row, width: int) -> list[str]:
    cells = [cell_text(cell) for cell in row.cells[:width]]
    return cells + [""] * (width - len(cells))


def _added(verdict: Verdict | None, error: RowError | None) -> tuple[str, str, str]:
    if verdict is None:
        return "", "", f"错误:{error.message}" if error else ""
    return str(int(verdict.special)), str(verdict.row or ""), verdict.reason
