"""Lists as Excel files: the rows of the filters, masked, and nothing that a spreadsheet would run."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from openpyxl import load_workbook

from bihuan.kernel.desk.lists.exports import safe_cell
from tests.desk.conftest import City

As = Callable[..., Client]


def rows(client: Client, query: str) -> list[tuple[object, ...]]:
    response = client.get(f"/export.xlsx{query}")
    assert response.status_code == 200
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    return list(book.active.iter_rows(values_only=True))


def test_the_rows_of_the_list_masked_and_safe(city: City, as_: As) -> None:
    opened = city.dispatched(title='=HYPERLINK("http://x")电话13812341234', place="柳园街道3号楼2单元301室")
    city.opened(title="路灯")
    head, *found = rows(as_("wang"), "?tab=unit")
    assert head[:4] == ("编号", "标题", "状态", "单位")
    assert len(found) == 1
    number, title, state, unit, _, place, *_ = found[0]
    assert (number, state) == (opened.number, "待签收")
    assert title == '\'=HYPERLINK("http://x")电话138****1234'
    assert "市场监督管理局" in str(unit)
    assert place == "柳园街道***"


def test_only_what_was_picked_and_only_what_may_be_seen(city: City, as_: As) -> None:
    first, second = city.dispatched(), city.dispatched()
    assert [r[0] for r in rows(as_("wang"), f"?tab=unit&id={second.case}")[1:]] == [second.number]
    assert rows(as_("qian"), f"?tab=all&id={first.case}&id={second.case}")[1:] == []


def test_an_export_is_noted(city: City, as_: As) -> None:
    city.dispatched()
    rows(as_("wang"), "?tab=unit")
    with connection.cursor() as cursor:
        cursor.execute("select set_config('bihuan.audit', 'on', true)")
        cursor.execute(
            "select convert_from(body, 'UTF8')::jsonb -> 'data' from ledger_entry where stream = 'export'"
        )
        (noted,) = cursor.fetchall()
    assert '"rows":1' in str(noted[0]).replace(" ", "")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM(A1)"]
)
def test_formulas_are_made_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell("退费") == "退费"
    assert safe_cell(-1) == -1
