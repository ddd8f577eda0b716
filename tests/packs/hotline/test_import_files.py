"""Files that are imported: encodings, workbooks, mappings, and what other cities write."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from bihuan.kernel.cases.models import Case
from bihuan.lib.refusals import Refusal
from bihuan.lib.tables import TableError
from bihuan.lib.text import SHANGHAI
from bihuan.packs.hotline.importing.mappings import MAPPINGS, mapping_for
from bihuan.packs.hotline.importing.orders import orders_import
from tests.packs.hotline.test_import import HEADERS, OLD, ONE, changed_rows, everything, numbers, write  # noqa: F401

pytestmark = pytest.mark.django_db
DATA = Path(__file__).resolve().parents[4] / "shared/data/hotline"
FEBRUARY = datetime(2026, 2, 3, 8)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_encodings_of_real_life(now: datetime, tmp_path: Path, encoding: str) -> None:
    report = orders_import(path=write(tmp_path / "a.csv", [ONE, OLD], encoding=encoding), now=now)
    assert numbers(report) == (2, 2, 0, 0)
    assert Case.objects.get(external_id="W1").title == "路面积水"


def test_nasty_text_stays_text(now: datetime, tmp_path: Path) -> None:
    nasty = "<img src=x onerror=alert(1)>'); drop table cases_case;-- =1+1"
    row = (nasty, nasty, nasty, nasty, "", "", "", "")
    assert numbers(orders_import(path=write(tmp_path / "a.csv", [row]), now=now)) == (1, 1, 0, 0)
    case = Case.objects.select_related("content").get()
    assert (case.title, case.content.text, case.external_id) == (nasty, nasty, nasty)


def test_workbook_with_dates_and_a_merged_cell(now: datetime, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(HEADERS))
    sheet.append(["W1", "题", "积水", "古楼街道", "0101", FEBRUARY, None, None])
    sheet.append([17, "题", "积水", "古楼街道", "0101", FEBRUARY, None, None])
    sheet.append(["W3", "题", None, "古楼街道", "0101", FEBRUARY, None, None])
    sheet.merge_cells("C3:C4")
    book.save(tmp_path / "a.xlsx")
    report = orders_import(path=tmp_path / "a.xlsx", now=now)
    assert numbers(report) == (3, 2, 0, 1)
    assert report.faults == {"merged_cells": 1}
    assert Case.objects.get(external_id="17").reported_at == datetime(2026, 2, 3, 8, tzinfo=SHANGHAI)


def test_files_that_are_no_table_or_not_known(now: datetime, tmp_path: Path) -> None:
    before = changed_rows()
    picture = tmp_path / "a.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    with pytest.raises(TableError):
        orders_import(path=picture, now=now)
    with pytest.raises(Refusal, match="认不出这些列:甲、乙"):
        orders_import(path=write(tmp_path / "b.csv", [["1", "2"]], headers=("甲", "乙")), now=now)
    with pytest.raises(Refusal, match="没有名为“nobody”的映射"):
        orders_import(path=write(tmp_path / "c.csv", [ONE]), now=now, mapping="nobody")
    assert changed_rows() == before


def test_a_mapping_of_ones_own(now: datetime, tmp_path: Path) -> None:
    own = tmp_path / "ours.json"
    content = {
        "columns": {"主旨": "title", "甲": "text", "乙": "text", "途径": "channel", "号": "external_id"},
        "values": {"channel": {"现场": "web"}}, "fixed": {"territory": "沙镇"}, "prefix": "our-",
    }  # fmt: skip
    own.write_text(json.dumps(content), encoding="utf-8")
    path = write(
        tmp_path / "a.csv",
        [["题", "一", "二", "现场", "5", "?"]],
        headers=("主旨", "甲", "乙", "途径", "号", "丙"),
    )
    report = orders_import(path=path, now=now, mapping=str(own))
    case = Case.objects.select_related("content", "order").get()
    assert (case.content.text, case.order.channel, case.external_id) == ("一\n二", "web", "our-5")
    assert report.unknown_columns == ["丙"]
    assert report.mapping == "ours"
    own.write_text(json.dumps({"columns": {"主旨": "colour"}}), encoding="utf-8")
    with pytest.raises(Refusal, match="没有这个字段:colour"):
        mapping_for(str(own), ["主旨"])


def test_built_in_mappings_are_recognised_by_their_headers() -> None:
    teddy = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "反对数", "点赞数")
    assert mapping_for(None, teddy).name == "teddy"
    assert mapping_for(None, teddy).unknown(teddy) == []
    assert mapping_for(None, (*teddy, "一级标签")).name == "teddy_validation"
    assert mapping_for(None, ("text", "title")).name == "bihuan"
    assert {m.name for m in MAPPINGS} == {"teddy", "teddy_validation", "fuzhou", "boston", "bihuan"}


def first_rows(name: str, count: int, tmp_path: Path) -> Path:
    source = DATA / name
    if not source.exists():
        pytest.skip("the data is not here")
    target = tmp_path / name
    with (
        source.open(encoding="utf-8-sig", newline="") as whole,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        for number, row in enumerate(csv.reader(whole)):
            if number > count:
                break
            csv.writer(out).writerow(row)
    return target


def test_teddys_messages_open_at_the_coordination_desk(now: datetime, tmp_path: Path) -> None:
    report = orders_import(
        path=first_rows("teddy_messages_4326.csv", 300, tmp_path), now=now, mapping="teddy"
    )
    assert numbers(report) == (300, 300, 0, 0)
    assert (report.open, report.closed, report.coordination, report.automatic) == (300, 0, 300, 0)
    case = Case.objects.get(external_id="188006")
    assert case.reported_at == datetime(2019, 2, 28, 11, 25, 5, tzinfo=SHANGHAI)
    assert case.opened_at == now
    assert case.unit.code == "371502_desk"
    assert case.provisional


def test_teddys_replies_are_closed_history_with_their_own_times(now: datetime, tmp_path: Path) -> None:
    report = orders_import(path=first_rows("teddy_replies_2816.csv", 300, tmp_path), now=now, mapping="teddy")
    assert (report.imported, report.closed, report.repeated) == (300 - report.bad, 300 - report.bad, 0)
    case = Case.objects.get(external_id="2549")
    assert (case.state, case.imported, case.opened_at) == (
        "closed",
        True,
        datetime(2019, 4, 25, 9, 32, 9, tzinfo=SHANGHAI),
    )
    assert case.closed_at is not None
    assert case.closed_at > case.opened_at


def test_rivers_keep_type_channel_and_days(now: datetime, tmp_path: Path) -> None:
    report = orders_import(path=first_rows("fuzhou_12345_rivers.csv", 100, tmp_path), now=now)
    assert (report.mapping, report.rows, report.closed, report.bad) == ("fuzhou", 100, 100, 0)
    case = Case.objects.select_related("order").get(external_id="fuzhou-1")
    assert (case.order.channel, case.order.type, case.place) == ("web", "complaint", "梅峰河")
    assert case.closed_at is not None
    assert (case.closed_at - case.reported_at).days == 6
