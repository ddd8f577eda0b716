"""Excel workbooks, .xlsx and .xls: values, not formulas; dates as dates; merged cells told instead of blank."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, load_workbook

from bihuan.lib.tables.rows import Cell, Fault, Heading, Row, Table, TableError, column_letter

MAX_UNPACKED = 1 << 30
MAX_EXACT = 10**15

Merged = dict[int, tuple[int, str]]


def open_workbook(binary: BinaryIO, *, sheet: str | None = None) -> Table:
    """A table from the named sheet, or the first. TableError (rule unreadable, sheet, too_large or of the header)."""
    _refuse_bomb(binary)
    try:
        book = load_workbook(binary)
        chosen = _sheet_chosen(book, sheet)
        records = enumerate(chosen.iter_rows(), chosen.start[0] + 1) if chosen.start else iter(())
    except (CalamineError, OSError, ValueError) as error:
        if isinstance(error, TableError):
            raise
        raise TableError(0, "", "unreadable", "不是有效的Excel文件，或有密码") from error
    left = chosen.start[1] if chosen.start else 0
    merged = _merged_cells(chosen)
    for line, cells in records:
        if any(cell != "" for cell in cells):
            if line in merged:
                raise TableError(
                    line, merged[line][1], "merged_header", "表头行有合并单元格；请删除标题行或取消合并"
                )
            heading = Heading(cells, line)
            return Table(
                heading.headers, _rows(heading, records, merged, left), form="workbook", close=book.close
            )
    raise TableError(0, "", "empty_file", "工作表是空的")


def _refuse_bomb(binary: BinaryIO) -> None:
    if zipfile.is_zipfile(binary):
        binary.seek(0)
        try:
            with zipfile.ZipFile(binary) as packed:
                size = sum(member.file_size for member in packed.infolist())
        except zipfile.BadZipFile:
            size = 0
        if size > MAX_UNPACKED:
            raise TableError(0, "", "too_large", "解压后超过1GB")
    binary.seek(0)


def _sheet_chosen(book: CalamineWorkbook, sheet: str | None) -> CalamineSheet:
    names = book.sheet_names
    if sheet is not None and sheet not in names:
        raise TableError(0, "", "sheet", f"没有名为“{sheet}”的工作表，现有：{'、'.join(names)}")
    if not names:
        raise TableError(0, "", "empty_file", "没有工作表")
    return book.get_sheet_by_name(sheet if sheet is not None else names[0])


def _merged_cells(sheet: CalamineSheet) -> Merged:
    """By line (from 1): place and letter of its first cell that a merged region covers beyond its first cell."""
    found: Merged = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        for row in range(top, min(bottom, top + 1_048_576) + 1):
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
