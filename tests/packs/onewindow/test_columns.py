"""An import with columns of one's own: found out, changed, kept by source; every fault by row and column, and a second run changes nothing."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client

from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.catalogue.holding import registers_given
from bihuan.packs.onewindow.columns.rules import (
    columns_detected,
    columns_fault,
    row_read,
    row_worded,
    scheme_detected,
)
from bihuan.packs.onewindow.models import Item, ItemVersion, SourceColumns
from tests.packs.onewindow.conftest import FOOD, MARKET, Window
from tests.packs.onewindow.test_codes import ORGAN
from tests.packs.onewindow.test_loop import state_now
from tests.stories.cast import text_of

HOME = "/onewindow/columns"
HEADERS = ["实施编码", "事项名称", "事项类型", "实施主体", "法定办结时限", "备注"]
DETECTED = {
    "code": "实施编码",
    "name": "事项名称",
    "kind": "事项类型",
    "organ": "实施主体",
    "statutory_days": "法定办结时限",
}
NEW = f"{ORGAN}4370131013000"


def test_columns_are_found_by_the_words_that_lists_use() -> None:
    assert columns_detected(HEADERS) == DETECTED
    assert columns_detected(["code", " 名称(必填)", "x"]) == {"code": "code", "name": " 名称(必填)"}
    published = [
        "事项实施编码",
        "政务服务事项名称",
        "实施主体名称",
        "事项类别",
        "法定时限（工作日）",
        "办件类型",
        "是否收费",
    ]
    assert list(columns_detected(published)) == [
        "code",
        "name",
        "kind",
        "organ",
        "statutory_days",
        "instant",
        "fees",
    ]
    assert columns_detected([]) == {}


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        (DETECTED, None),
        ({**DETECTED, "organ": ""}, ("organ", "required")),
        ({**DETECTED, "theme": "没有"}, ("theme", "choice")),
        ({**DETECTED, "theme": "事项名称"}, ("name", "duplicate")),
    ],
)
def test_columns_that_cannot_be_read_by(columns: dict[str, str], fault: Any) -> None:
    assert columns_fault(columns, HEADERS) == fault


def test_a_row_is_read_with_its_words_made_ours() -> None:
    kinds = {"01": "行政许可", "20": "公共服务"}
    row = {
        "实施编码": NEW,
        "事项名称": "小餐饮登记",
        "事项类型": "行政许可",
        "实施主体": "市监局",
        "法定办结时限": "20个工作日",
    }
    read = row_read(row, DETECTED, scheme="national", kinds=kinds)
    assert read == {
        "code": NEW, "name": "小餐饮登记", "kind": "01", "organ": "市监局", "statutory_days": "20", "scheme": "national",
    }  # fmt: skip
    assert row_read({"事项类型": "1"}, {"kind": "事项类型"}, scheme="opaque", kinds=kinds)["kind"] == "01"
    sichuan = "511Z07001006-511602000000-000-11511301008778183N-1-00"
    assert [scheme_detected(codes) for codes in ([NEW], ["合计", sichuan], ["x"])] == [
        "national",
        "sichuan",
        "national",
    ]


@pytest.mark.parametrize(
    ("row", "read"),
    [
        ({"kind": "许可"}, {"kind": "01"}),
        ({"kind": "公共服务事项"}, {"kind": "20"}),
        ({"kind": "其他权力"}, {"kind": "10"}),
        ({"kind": "01", "instant": "即办件", "promised_days": "当场办结"}, {"kind": "01", "instant": "是", "promised_days": "1"}),
        ({"kind": "01", "instant": "承诺件", "promised_days": "７个工作日"}, {"kind": "01", "instant": "", "promised_days": "7"}),
        ({"kind": "01", "fees": "否"}, {"kind": "01", "fees": ""}),
        ({"kind": "01", "fees": "是"}, {"kind": "01"}),
        ({"kind": "01", "valid_months": "5年"}, {"kind": "01", "valid_months": "60"}),
        ({"kind": "01", "valid_months": "长期"}, {"kind": "01", "valid_months": "0"}),
        ({"kind": "01", "materials": "1.申请表；2.身份证;3、租赁合同"}, {"kind": "01", "materials": "申请表\n身份证\n租赁合同"}),
        ({"kind": "01", "materials": "1.申请表 2.身份证"}, {"kind": "01", "materials": "申请表\n身份证"}),
        ({"kind": "01", "materials": "2023年年报 | 可容缺"}, {"kind": "01", "materials": "2023年年报 | 可容缺"}),
    ],
)  # fmt: skip
def test_words_of_published_lists(row: dict[str, str], read: dict[str, str]) -> None:
    assert row_worded(row, kinds={"01": "行政许可", "20": "公共服务"}) == read


@pytest.fixture
def admin(window: Window, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: window.now)
    client = Client()
    with kernel_writes():
        client.force_login(Person.objects.get(username="admin"))
    return client


def line(code: str, name: str = "小餐饮登记", kind: str = "行政许可", days: str = "20个工作日") -> str:
    return f"{code},{name},{kind},东昌府区市场监督管理局,{days},"


def read(client: Client, *lines: str, source: str = "省平台") -> HttpResponse:
    text = "\n".join([",".join(HEADERS), *lines]).encode()
    return client.post(HOME, {"source": source, "file": SimpleUploadedFile("list.csv", text)})


def planned(client: Client, answer: HttpResponse, **changed: str) -> HttpResponse:
    rows = re.search(r'name="rows" value="([^"]*)"', answer.content.decode())[1]  # type: ignore[index]
    chosen = {f"column_{field}": header for field, header in DETECTED.items()}
    data = {"source": "省平台", "scheme": "national", "rows": html.unescape(rows), **chosen, **changed}
    return client.post(HOME, data)


@pytest.mark.django_db
def test_detected_changed_kept_previewed_and_imported_once(admin: Client) -> None:
    first = read(admin, line(NEW))
    page = text_of(first)
    assert page.count(" selected") == 1 + len(DETECTED)
    assert "1 行" in page
    preview = planned(admin, first, column_theme="备注")
    assert "新增 1 行,更改 0 行,不变 0 行" in text_of(preview)
    assert not Item.objects.filter(code=NEW).exists()
    rows = html.unescape(re.search(r'name="rows" value="([^"]*)"', preview.content.decode())[1])  # type: ignore[index]
    assert admin.post("/administration/items/import", {"rows": rows}).status_code == 302
    version = ItemVersion.objects.get(item__code=NEW)
    assert (version.name, version.kind, version.statutory_days) == ("小餐饮登记", "01", 20)
    assert SourceColumns.objects.get(source="省平台").columns["theme"] == "备注"
    again = read(admin, line(NEW))
    assert text_of(again).count(" selected") == 2 + len(DETECTED)
    assert "文件和现在的一样" in text_of(planned(admin, again, column_theme="备注"))
    assert ItemVersion.objects.filter(item__code=NEW).count() == 1


@pytest.mark.django_db
def test_what_the_city_holds_gets_its_register_and_what_nobody_holds_is_asked_for(admin: Client) -> None:
    listed = "申请表;营业执照复印件 | 城市已有 | 2份;身份证|城市已有 | 可容缺"
    columns = {"column_materials": "备注"}
    preview = planned(admin, read(admin, line(NEW) + listed), **columns)
    assert "“城市已有”没有登记簿在管,要由申请人交:身份证。" in text_of(preview)
    rows = html.unescape(re.search(r'name="rows" value="([^"]*)"', preview.content.decode())[1])  # type: ignore[index]
    assert admin.post("/administration/items/import", {"rows": rows}).status_code == 302
    version = ItemVersion.objects.get(item__code=NEW)
    told = [(one["name"], one["held"], one["register"], one["copies"]) for one in version.materials]
    assert told == [
        ("申请表", False, "", 1),
        ("营业执照复印件", True, "营业执照", 2),
        ("身份证", False, "", 1),
    ]
    assert version.materials[2]["may_lack"] is True
    again = planned(admin, read(admin, line(NEW) + listed), **columns)
    assert "文件和现在的一样" in text_of(again)
    assert registers_given("身份证 | 城市已有", ["身份证 | 城市已有"]) == ("身份证 | 城市已有", [])
    for mark in ("城市已有:", "城市已有\uff1a", "城市已有 : "):
        assert registers_given(f"身份证 | {mark} | 2份", ()) == ("身份证 | 2份", ["身份证"])


@pytest.mark.django_db
def test_the_command_reads_by_the_columns_that_were_kept(
    window: Window, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = {**DETECTED, "unit": "备注", "materials": "材料", "promised_days": "承诺"}
    with kernel_writes():
        SourceColumns.objects.create(source="省平台", columns=columns, scheme="national", kept_at=window.now)
    path = tmp_path / "list.csv"
    rows = (
        line(NEW) + "东昌府区市场监督管理局,身份证 | 城市已有\uff1a;营业执照 | 城市已有,20",
        line(f"{NEW[:-1]}9", kind="许可证") + ",,",
        line(f"{NEW[:-1]}8") + "没有的局,,",
        line(f"{NEW[:-1]}7") + ",,21",
    )
    path.write_text("\n".join([",".join((*HEADERS, "材料", "承诺")), *rows]), encoding="utf-8")
    call_command("onewindow", "import", str(path), "--mapping", "省平台", "--report", "-")
    told = json.loads(capsys.readouterr().out)
    assert (told["new"], told["unheld"], told["faults"]) == (1, 1, {"choice": 1, "promised": 1, "unit": 1})
    assert "承诺：承诺时限不能长于法定时限" in path.with_name("list.csv.bad.csv").read_text(
        encoding="utf-8-sig"
    )
    version = ItemVersion.objects.get(item__code=NEW)
    assert (version.kind, version.statutory_days, version.unit_id) == ("01", 20, window.units[MARKET])
    assert [(one["held"], one["register"]) for one in version.materials] == [(False, ""), (True, "营业执照")]
    before = state_now()
    with pytest.raises(CommandError, match="可用的:sichuan、省平台"):
        call_command("onewindow", "import", str(path), "--mapping", "市平台")
    assert (state_now(), ItemVersion.objects.filter(item__code__startswith=NEW[:-1]).count()) == (before, 1)


@pytest.mark.django_db
def test_every_fault_is_told_by_row_and_column_and_nothing_is_imported(admin: Client) -> None:
    before = ItemVersion.objects.count()
    forged = FOOD[:17] + "0" + FOOD[18:]
    answer = planned(
        admin, read(admin, line(NEW), line(forged), line(f"{NEW[:-1]}9", kind="许可证"), line(NEW[:-2]))
    )
    page = text_of(answer)
    assert answer.status_code == 422
    told = re.findall(
        r'data-label="行">(\d+)</th><td data-label="列">([^<]*)</td><td data-label="原因">([^<]*)<', page
    )
    assert [(row, column) for row, column, _why in told] == [
        ("3", "实施编码"),
        ("4", "事项类型"),
        ("5", "实施编码"),
    ]
    assert "校验码" in told[0][2]
    assert "认不得事项类型“许可证”,应为:01 行政许可、02 行政处罚、" in told[1][2]
    assert (ItemVersion.objects.count(), SourceColumns.objects.count()) == (before, 0)
    good = re.search(r'name="rows" value="([^"]*)">先导入没有问题的 1 行', answer.content.decode())[1]  # type: ignore[index]
    assert "新增 1 行" in text_of(planned(admin, answer, rows=html.unescape(good)))
    rows = re.search(r'formaction="\?refused" name="rows" value="([^"]*)"', answer.content.decode())[1]  # type: ignore[index]
    chosen = {f"column_{field}": header for field, header in DETECTED.items()}
    sent = {"source": "省平台", "scheme": "national", "rows": html.unescape(rows), **chosen}
    kept = admin.post(f"{HOME}?refused", sent).content.decode("utf-8-sig").splitlines()
    assert kept[0] == ",".join(["错误行号,错误列,错误原因", *HEADERS])
    assert [one.split(",")[0] for one in kept[1:]] == ["3", "4", "5"]
    assert ItemVersion.objects.count() == before


@pytest.mark.django_db
def test_of_two_rows_of_one_item_none_is_lost_unseen(admin: Client) -> None:
    answer = planned(admin, read(admin, line(NEW), line(NEW, name="另一个事项")))
    assert (answer.status_code, "第 2 行已经有这一项" in text_of(answer)) == (422, True)


@pytest.mark.django_db
def test_what_cannot_be_matched_is_refused_with_the_field(window: Window, admin: Client) -> None:
    first = read(admin, line(NEW))
    for changed, words in (
        ({"column_organ": ""}, "请选这一项在哪一列"),
        ({"column_theme": "事项名称"}, "同一列不能用作两项"),
        ({"column_theme": "没有"}, "文件里没有这一列"),
        ({"scheme": "ghost"}, "请选编码规则"),
        ({"rows": "[1]"}, "已失效"),
        ({"rows": '[[2, {"名称": "\\ud800"}]]'}, "已失效"),
    ):
        answer = planned(admin, first, **changed)
        assert (answer.status_code, words in text_of(answer)) == (422, True), changed
    assert read(admin, line(NEW), source="x").status_code == 422
    assert "请选择文件。" in text_of(admin.post(HOME, {"source": "省平台"}))
    blank = SimpleUploadedFile("a.xlsx", b"")
    assert "文件是空的" in text_of(admin.post(HOME, {"source": "省平台", "file": blank}))
    assert SourceColumns.objects.count() == 0
    stranger = Client()
    with kernel_writes():
        stranger.force_login(Person.objects.get(username="fang"))
    assert stranger.get(HOME).status_code == 403
    assert "先对照列名" in text_of(admin.get("/administration/items/import"))
