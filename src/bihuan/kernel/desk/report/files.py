"""A report on paper and as a workbook. The same figures give the same paper, byte for byte."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from bihuan.kernel.desk.bars import HIGH, STEP, bars, columns
from bihuan.kernel.desk.report.parts import Cell, Change, Points, Rate, Report, Section
from bihuan.kernel.desk.words import language
from bihuan.lib.documents import document_pdf
from bihuan.lib.tables import safe_cell

TEMPLATE = Path(__file__).parents[1] / "templates" / "desk" / "report.typ"
PERCENT = "0.0%"
WIDE, NARROW = 30, 12
FEW = 7
"""So many columns find room on paper side by side."""
SHEET_NAME = 31
"""As long as the name of a sheet may be."""


def report_pdf(report: Report, *, at: datetime) -> bytes:
    """The report as of `at` on paper."""
    return document_pdf(template=TEMPLATE, data=report_data(report), fonts=settings.FONT_ROOT, at=at)


def report_data(report: Report) -> dict[str, Any]:
    """Its words and sizes for the template."""
    return {
        "language": language(),
        "title": report.title,
        "subtitle": report.subtitle,
        "rule": report.rule,
        "sections": [section_shown(section) for section in report.sections],
    }


def section_shown(section: Section) -> dict[str, Any]:
    """A section in words, with the sizes of its bars and columns."""
    largest = max((value for _, value in section.columns), default=0) or 1
    drawn = columns([value for _, value in section.columns], largest)
    links = section.links or ("",) * len(section.rows)
    return {
        "title": section.title,
        "note": section.note,
        "head": list(section.head),
        "wide": list(section.wide),
        "rows": [[_on_paper(cell, len(row)) for cell in row] for row in section.rows],
        "linked": [
            (link, list(zip(section.head, map(str, row), strict=True)))
            for link, row in zip(links, section.rows, strict=True)
        ],
        "bars": [
            {"label": bar.label, "value": bar.value, "size": bar.size}
            for bar in bars([(label, value, "") for label, value in section.bars])
        ],
        "columns": [
            {"label": label, "value": one.value, "x": one.x, "y": one.y, "height": one.height}
            for (label, _), one in zip(section.columns, drawn, strict=True)
        ],
        "columns_wide": STEP * len(section.columns),
        "high": HIGH,
        "empty": "" if section.rows else section.empty,
    }


def _on_paper(cell: Cell, columns: int) -> str:
    """A cell in words; in a table of many columns a rate stands over what it is made of."""
    return str(cell).replace(" (", "\n(") if isinstance(cell, Rate) and columns > FEW else str(cell)


def report_workbook(report: Report) -> IO[bytes]:
    """The report as an open temporary file at its beginning: a sheet a section, every figure a number of its own."""
    book = Workbook(write_only=True)
    about = book.create_sheet(gettext("说明"))
    about.column_dimensions["A"].width = 90
    for words in (report.title, report.subtitle, report.rule):
        about.append([safe_cell(words)])
    for section in report.sections:
        _sheet(book, section)
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    book.save(file)
    file.seek(0)
    return file


def _sheet(book: Workbook, section: Section) -> None:
    sheet = book.create_sheet(_sheet_name(book, section.title))
    rows = section.rows
    rates = [any(isinstance(row[n], Rate) for row in rows) for n in range(len(section.head))]
    for place, wide in enumerate(_widths(section, rates)):
        sheet.column_dimensions[get_column_letter(place + 1)].width = wide
    sheet.append([safe_cell(word) for word in _heads(section, rates)])
    for row in rows:
        sheet.append([cell for n, one in enumerate(row) for cell in _cells(sheet, one, rate=rates[n])])
    for words in filter(None, (section.note, "" if rows else section.empty)):
        sheet.append([safe_cell(words)])


def _sheet_name(book: Workbook, title: str) -> str:
    name = "".join(letter for letter in title if letter not in "[]:*?/\\")[: SHEET_NAME - 3]
    return name if name not in book.sheetnames else f"{name} {len(book.sheetnames)}"


def _heads(section: Section, rates: list[bool]) -> Iterable[str]:
    for word, rate in zip(section.head, rates, strict=True):
        yield word
        if rate:
            yield gettext("%s:分子") % word
            yield gettext("%s:分母") % word


def _widths(section: Section, rates: list[bool]) -> Iterable[int]:
    for place, rate in enumerate(rates):
        yield WIDE if place in section.wide else NARROW
        if rate:
            yield from (NARROW, NARROW)


def _cells(sheet: Any, one: Cell, *, rate: bool) -> Iterable[Any]:
    if isinstance(one, (Rate, Change, Points)):
        cell = WriteOnlyCell(sheet, one.share)
        cell.number_format = PERCENT
        yield cell
        if isinstance(one, Rate):
            yield from (one.part, one.whole)
        return
    yield safe_cell(one)
    if rate:
        yield from ("", "")
