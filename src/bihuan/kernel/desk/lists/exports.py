"""A filtered list as an Excel file: personal data masked, nothing that a spreadsheet would run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext
from openpyxl import Workbook

from bihuan.kernel.desk.lists.wanted import Wanted
from bihuan.kernel.desk.lists.worklist import CaseRow, cases_listed
from bihuan.kernel.desk.words import standing_label
from bihuan.kernel.identity.scope import Scope
from bihuan.lib.masking import mask_address, mask_text
from bihuan.lib.tables import safe_cell

MOST = 50_000


def list_exported(*, scope: Scope, wanted: Wanted, now: datetime) -> tuple[IO[bytes], int]:
    """The list as an open temporary file at its beginning, and its number of rows (50,000 at most)."""
    rows = cases_listed(scope=scope, wanted=replace(wanted, after=""), now=now, most=MOST)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(gettext("工单"))
    sheet.freeze_panes = "A2"
    heads = (
        *(
            gettext("编号"),
            gettext("标题"),
            gettext("状态"),
            gettext("单位"),
            gettext("事项"),
            gettext("地点"),
        ),
        *(
            gettext("登记时间"),
            gettext("到期时间"),
            gettext("办结时间"),
            gettext("重办次数"),
            gettext("退回次数"),
        ),
        *(gettext("督办"), gettext("加急")),
    )
    for column, width in zip(
        "ABCDEFGHIJKLM", (22, 40, 12, 24, 12, 30, 18, 18, 18, 10, 10, 8, 8), strict=True
    ):
        sheet.column_dimensions[column].width = width
    sheet.append(heads)
    for row in rows:
        sheet.append([safe_cell(value) for value in _cells(row)])
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    book.save(file)
    file.seek(0)
    return file, len(rows)


def _cells(row: CaseRow) -> Iterable[Any]:
    yield from (
        row.number,
        mask_text(row.title),
        standing_label(row.workflow, row.state, row.outcome),
        row.unit,
        row.matter,
    )
    yield mask_address(row.place)
    for at in (row.opened_at, row.due_at, row.closed_at):
        yield timezone.localtime(at).replace(tzinfo=None, microsecond=0) if at else None
    yield from (row.redo_count, row.return_count)
    yield gettext("是") if row.supervised else ""
    yield gettext("是") if row.urgent else ""
