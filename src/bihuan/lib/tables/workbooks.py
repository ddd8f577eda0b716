"""Excel workbooks, .xlsx and .xls: values, not formulas; dates as dates; merged cells told instead of blank."""

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from io import SEEK_END
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, load_workbook

from bihuan.lib.tables.apart import SheetApart, sheet_apart
from bihuan.lib.tables.cells import MAX_CELLS, cells_spanned
from bihuan.lib.tables.rows import TITLES, Cell, Fault, Heading, Row, Table, TableError, column_letter

MAX_UNPACKED = 1 << 30
MAX_RATIO, FREE_UNPACKED = 100, 50_000_000
"""A file may unpack to so many times its size, or to so many bytes: no sheet that people fill in is packed closer."""
MAX_EXACT = 10**15
OLD = b"\xd0\xcf\x11\xe0"
"""How an .xls file begins."""
OTHER_KINDS = {"xl/workbook.bin", "content.xml"}
"""What .xlsb and .ods hold."""
FAR = "单元格隔得太远，表太大；请删去表外的单元格再存"
MAX_MERGED = 3_000_000
"""So many lines or columns may merged regions cover, each counted for itself: no two that people make overlap."""


Merged = dict[int, tuple[int, str]]
Region = tuple[tuple[int, int], tuple[int, int]]
"""Line and place, from 0, of its first and last cell."""


def open_workbook(binary: BinaryIO, *, sheet: str | None = None, published: bool = False) -> Table:
    """A table from the named sheet, or the first. TableError (rule unreadable, sheet, too_large or of the header).
    `published`: as `open_table`."""
    _refuse_bomb(binary)
    try:
        chosen, close = _sheet_read(binary, sheet)
        records = enumerate(chosen.iter_rows(), chosen.start[0] + 1) if chosen.start else iter(())
    except (CalamineError, OSError, ValueError) as error:
        if isinstance(error, TableError):
            raise
        raise TableError(0, "", "unreadable", "不是有效的Excel文件，或有密码") from error
    left = chosen.start[1] if chosen.start else 0
    regions = _regions_told(chosen)
    down = [one for one in regions if published and _is_down(one)]
    merged = _merged_cells([one for one in regions if not (published and _is_down(one))])
    titles = TITLES if published else 0
    for line, first in records:
        cells: Sequence[Cell] = first
        told = sum(cell != "" for cell in cells)
        if not told:
            continue
        if titles and told == 1 and len(cells) > 1:
            titles -= 1
            continue
        if line in merged:
            across = [one for one in regions if one[0][0] + 1 == line and not _is_down(one)]
            if not published or any(one[0][0] != one[1][0] for one in across):
                raise TableError(
                    line, merged[line][1], "merged_header", "表头行有合并单元格；请删除标题行或取消合并"
                )
            cells = _named_below(cells, next(records, (line, []))[1], across, left)
        heading = Heading(cells, line)
        rows = _rows(heading, _filled(records, down, left), merged, left)
        return Table(heading.headers, rows, form="workbook", close=close)
    raise TableError(0, "", "empty_file", "工作表是空的")


def _refuse_bomb(binary: BinaryIO) -> None:
    if zipfile.is_zipfile(binary):
        binary.seek(0)
        try:
            with zipfile.ZipFile(binary) as packed:
                _names_check(packed)
                most = max(MAX_RATIO * binary.seek(0, SEEK_END), FREE_UNPACKED)
                if sum(member.file_size for member in packed.infolist()) > min(most, MAX_UNPACKED):
                    raise TableError(0, "", "too_large", "解压后太大")
                if cells_spanned(packed) > MAX_CELLS:
                    raise TableError(0, "", "too_large", FAR)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error):
            pass  # what no zip is, or cannot be unpacked, is refused by the reader of workbooks
    binary.seek(0)


def _names_check(packed: zipfile.ZipFile) -> None:
    """TableError for a workbook of another kind, of which nobody can say before it is read how far apart its cells lie."""
    names = {name.replace("\\", "/").lower() for name in packed.namelist()}
    if "xl/workbook.xml" not in names or names & OTHER_KINDS:
        raise TableError(0, "", "unreadable", "不是xlsx或xls文件；请用Excel另存为xlsx")


def _sheet_read(binary: BinaryIO, sheet: str | None) -> tuple[CalamineSheet | SheetApart, Callable[[], None]]:
    """The sheet that is asked for, and what closes its workbook."""
    old = binary.read(len(OLD)) == OLD
    binary.seek(0)
    if not old:
        book = load_workbook(binary)
        return book.get_sheet_by_name(_name_chosen(book.sheet_names, sheet)), book.close
    apart = sheet_apart(binary.read(), sheet)
    if apart is None:
        raise TableError(0, "", "too_large", FAR)
    _name_chosen(apart.names, sheet)
    return apart, lambda: None


def _name_chosen(names: Sequence[str], sheet: str | None) -> str:
    if sheet is not None and sheet not in names:
        raise TableError(0, "", "sheet", f"没有名为“{sheet}”的工作表，现有：{'、'.join(names)}")
    if not names:
        raise TableError(0, "", "empty_file", "没有工作表")
    return sheet if sheet is not None else names[0]


def _is_down(region: Region) -> bool:
    return region[0][1] == region[1][1]


def _regions_told(sheet: CalamineSheet | SheetApart) -> list[Region]:
    """The merged regions as far as the sheet has rows. TableError where together they are longer than MAX_MERGED."""
    last = sheet.end[0] if sheet.end else 0
    told = [
        ((top, left), (min(bottom, last), right))
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or []
    ]
    if sum(max(bottom - top, right - left) + 1 for (top, left), (bottom, right) in told) > MAX_MERGED:
        raise TableError(0, "", "too_large", "合并单元格太多；请取消合并")
    return [one for one in told if one[0][0] <= last]


def _named_below(
    upper: Sequence[Cell], lower: Sequence[Cell], across: list[Region], left: int
) -> Sequence[Cell]:
    """A header of two lines as one: columns under a heading that is merged over them have their names in the line below."""
    under = {place - left for (_, first), (_, last) in across for place in range(first, last + 1)}
    return [
        (lower[place] if place < len(lower) else "") if place in under else cell
        for place, cell in enumerate(upper)
    ]


def _filled(
    records: Iterator[tuple[int, list[Cell]]], down: list[Region], left: int
) -> Iterator[tuple[int, list[Cell]]]:
    """The records with a cell that is merged downwards in every row that it covers."""
    ends = {(top + 1, place - left): bottom + 1 for (top, place), (bottom, _) in down}
    held: dict[int, tuple[int, Cell]] = {}
    for line, raw in records:
        cells = list(raw)
        for place, cell in enumerate(cells):
            if (line, place) in ends:
                held[place] = ends[line, place], cell
            elif place in held and line <= held[place][0]:
                cells[place] = held[place][1]
        yield line, cells


def _merged_cells(regions: list[Region]) -> Merged:
    """By line (from 1): place and letter of its first cell that a merged region covers beyond its first cell."""
    found: Merged = {}
    for (top, left), (bottom, right) in regions:
        for row in range(top, bottom + 1):
            place = left if row > top else left + 1
            if place <= right and (row + 1 not in found or place < found[row + 1][0]):
                found[row + 1] = (place, column_letter(place))
    return found


def _rows(
    heading: Heading, records: Iterator[tuple[int, list[Cell]]], merged: Merged, left: int
) -> Iterator[Row]:
    for line, raw in records:
        cells = [_cell(value) for value in raw]
        faults: list[Fault] = []
        if line in merged:
            column = _column(heading, merged[line][0] - left, merged[line][1])
            faults.append(Fault(column, "merged_cells", "合并单元格，不知这一行的值；请取消合并并逐行填写"))
        faults.extend(_number_faults(heading, cells, left))
        row = heading.row(line, cells, faults)
        if row is not None:
            yield row


def _column(heading: Heading, place: int, letter: str) -> str:
    inside = 0 <= place < len(heading.headers) and not heading.skipped
    return heading.headers[place] if inside else letter


def _number_faults(heading: Heading, cells: Sequence[Cell], left: int) -> list[Fault]:
    """Excel keeps 15 digits: a longer number (citizen number, card) has lost its end already."""
    return [
        Fault(
            _column(heading, place, column_letter(left + place)),
            "number_too_long",
            "数字超过15位，Excel已丢失末位；请设为文本后重填",
        )
        for place, cell in enumerate(cells)
        if isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) >= MAX_EXACT
    ]


def _cell(value: float | str | bool | time | date | datetime | timedelta) -> Cell:
    if isinstance(value, float) and value.is_integer() and abs(value) < MAX_EXACT:
        return int(value)
    return value
