"""An import with columns of one's own: found out, changed, kept by source; every fault by row and column, and a second run changes nothing."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.columns.rules import columns_detected, columns_fault, row_read
from bihuan.packs.onewindow.models import Item, ItemVersion, SourceColumns
from tests.packs.onewindow.conftest import FOOD, Window
from tests.packs.onewindow.test_codes import ORGAN
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
    assert columns_detected(["code", " 名称(必填)", "x"]) == {"code": "code"}
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
    assert ItemVersion.objects.count() == before


@pytest.mark.django_db
def test_what_cannot_be_matched_is_refused_with_the_field(window: Window, admin: Client) -> None:
    first = read(admin, line(NEW))
    for changed, words in (
        ({"column_organ": ""}, "请选这一项在哪一列"),
        ({"column_theme": "事项名称"}, "同一列不能用作两项"),
        ({"column_theme": "没有"}, "文件里没有这一列"),
        ({"scheme": "ghost"}, "请选编码规则"),
        ({"rows": "[1]"}, "已失效"),
    ):
        answer = planned(admin, first, **changed)
        assert (answer.status_code, words in text_of(answer)) == (422, True), changed
    assert read(admin, line(NEW), source="x").status_code == 422
    assert admin.post(HOME, {"source": "省平台"}).status_code == 422
    assert SourceColumns.objects.count() == 0
    stranger = Client()
    with kernel_writes():
        stranger.force_login(Person.objects.get(username="fang"))
    assert stranger.get(HOME).status_code == 403
    assert "先对照列名" in text_of(admin.get("/administration/items/import"))
