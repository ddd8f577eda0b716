"""The catalogue: what an item says in dated versions, kept by services, read by a few characters, entered from a file."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from openpyxl import Workbook

from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.catalogue.contents import materials_read, materials_told, texts_of
from bihuan.packs.onewindow.catalogue.importing import items_import
from bihuan.packs.onewindow.catalogue.selectors import version_on, versions_found, versions_on
from bihuan.packs.onewindow.catalogue.services import item_add, item_set, item_use
from bihuan.packs.onewindow.models import Item, ItemVersion
from tests.packs.onewindow.conftest import FOOD, GIVEN, MARKET, Window
from tests.packs.onewindow.test_codes import ORGAN, SICHUAN

pytestmark = pytest.mark.django_db
HEADERS = ["department", "main_item", "name", "itemCode", "taskType", "areaCode", "link"]
GOOD = [
    "区经信局",
    "未分类",
    "企业投资项目备案",
    "511Z07001006-511602000000-000-11511301008778183N-1-00",
    "10",
    "511602000000",
    "http://x",
]
DIRTY = [
    "区司法局",
    "法律服务",
    "律所信息查询",
    "512C0107400001-511602000000-000-00877868-5-1-00",
    "20",
    "511602000000",
    "",
]
BAD = ["区司法局", "法律服务", "没有编码的事项", "不是编码", "20", "511602000000", ""]


def state_now() -> tuple[Any, ...]:
    with kernel_writes():
        return (
            LedgerEntry.objects.count(),
            list(Item.objects.order_by("pk").values_list()),
            list(ItemVersion.objects.order_by("pk").values_list()),
        )


def refused(act: Any, why: type[Exception], match: str) -> None:
    before = state_now()
    with pytest.raises(why, match=match):
        act()
    assert state_now() == before


def test_an_item_says_what_it_was_given(window: Window) -> None:
    version = version_on(window.item.pk, window.now.date())
    assert version
    assert (version.level, version.organ_code, version.organ_verified) == ("4", ORGAN, True)
    assert (version.statutory_days, version.promised_days, version.special) == (
        20,
        5,
        [{"ground": "appraisal", "days": 10}],
    )
    assert [(m["name"], m["required"], m["may_lack"], m["held"], m["copies"]) for m in version.materials] == [
        ("食品经营许可申请书", True, False, False, 1),
        ("营业执照", True, False, True, 1),
        ("经营场所平面图", True, True, False, 1),
        ("食品安全管理制度", True, False, False, 2),
        ("授权委托书", False, False, False, 1),
    ]
    assert materials_read(materials_told(version.materials)) == version.materials
    assert texts_of(version)["materials"] == GIVEN["materials"]


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"promised_days": "21"}, "不能长于法定时限"),
        ({"promised_days": "0"}, "1 至 365"),
        ({"instant": True}, "即办件当场办结"),
        ({"fees": "工本费 | 10.00"}, "没有依据不能收费"),
        ({"fees": "工本费 | 十元 | 依据"}, "最多两位小数"),
        ({"fees": "工本费 | 10 | 依据 | 领导"}, "减免:残疾人"),
        ({"special": "等领导 | 10"}, "第四十五条"),
        ({"special": "听证"}, "最多几天"),
        ({"special": "听证 | 9 | 多次"}, "2次 至 9次"),
        ({"materials": "申请书 | 随便"}, "认不得"),
        ({"kind": "11"}, "事项类型"),
        ({"name": "食"}, "不能少于2个字"),
        ({"organ": "含\x00控制"}, "控制字符"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changed(
    window: Window, changed: dict[str, Any], match: str
) -> None:
    code = FOOD[:-1] + "1"
    refused(
        lambda: item_add(
            code=code, scheme="national", given={**GIVEN, **changed}, unit=None, now=window.now, by="system"
        ),
        FieldError,
        match,
    )


def test_a_forged_code_a_taken_one_and_a_stranger_are_refused(window: Window) -> None:
    def add(code: str, by: int | str = "system") -> None:
        item_add(code=code, scheme="national", given=GIVEN, unit=None, now=window.now, by=by)

    refused(lambda: add(f"9{FOOD[1:]}"), FieldError, "GB 32100|GB 11714")
    refused(lambda: add(FOOD), Refusal, "已登记过")
    refused(lambda: add(f"{FOOD}202603020001"), Refusal, "办件编码")
    refused(lambda: add(FOOD[:-1] + "2", by=window.people["fang"]), NotPermitted, "系统管理员")


def test_the_database_itself_keeps_the_promise_within_the_law(window: Window) -> None:
    version = version_on(window.item.pk, window.now.date())
    assert version
    for wrong in ({"promised_days": 21}, {"instant": True}, {"statutory_days": 0, "promised_days": None}):
        with pytest.raises(IntegrityError), transaction.atomic(), kernel_writes():
            ItemVersion.objects.filter(pk=version.pk).update(**wrong)


def test_versions_are_dated_and_an_earlier_day_keeps_its_own(window: Window) -> None:
    today, coming = window.now.date(), window.now.date() + timedelta(days=30)
    unit = window.units[MARKET]
    item_set(
        item=window.item.pk,
        given={"promised_days": "3"},
        unit=unit,
        since=coming,
        now=window.now,
        by="system",
    )
    assert [getattr(version_on(window.item.pk, day), "promised_days", None) for day in (today, coming)] == [
        5,
        3,
    ]
    assert version_on(window.item.pk, today - timedelta(days=1)) is None

    def change(since: date, **given: str) -> None:
        item_set(item=window.item.pk, given=given, unit=unit, since=since, now=window.now, by="system")

    refused(lambda: change(today, promised_days="4"), Refusal, "从今天或以后")
    refused(lambda: change(coming, promised_days="3"), Refusal, "完全相同")
    item_use(item=window.item.pk, active=False, now=window.now + timedelta(days=31), by="system")
    last = version_on(window.item.pk, coming + timedelta(days=1))
    assert last
    assert (last.active, last.promised_days) == (False, 3)


def test_an_item_is_found_by_words_by_code_and_by_its_characters_in_order(window: Window) -> None:
    window.item_of(
        FOOD[:-1] + "3",
        name="公共场所卫生许可",
        theme="开宾馆",
        organ="东昌府区卫生健康局",
        results="公共场所卫生许可证",
    )
    rows = versions_on(window.now.date())

    def found(text: str) -> list[str]:
        return sorted(v.name for v in versions_found(text, rows))

    assert found("食品") == found("食经许") == found("餐馆 市场") == found(FOOD) == ["食品经营许可(新办)"]
    assert found("许可") == ["公共场所卫生许可", "食品经营许可(新办)"]
    assert found("licence") == ["公共场所卫生许可", "食品经营许可(新办)"]
    assert found("殡葬") == found("100%") == found("(((") == []


def test_a_file_is_entered_once_and_bad_rows_are_kept(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([HEADERS, GOOD, DIRTY, BAD, GOOD])
    before = state_now()
    tried = items_import(path=path, mapping="sichuan", now=window.now, by="system", dry_run=True)
    assert state_now() == before
    assert (tried.rows, tried.good, tried.bad, tried.new, tried.unverified) == (4, 2, 2, 2, 1)
    assert list(tmp_path.iterdir()) == [path]
    done = items_import(path=path, mapping="sichuan", now=window.now, by="system")
    assert done.faults == {"duplicate": 1, "item_code": 1}
    assert done.bad_rows_file == "items.csv.bad.csv"
    kept = (tmp_path / "items.csv.bad.csv").read_text(encoding="utf-8-sig")
    assert "没有编码的事项" in kept
    assert "四川的事项编码应为" in kept
    entered = {v.name: v for v in versions_on(window.now.date()).filter(item__scheme="sichuan")}
    dirty, good = entered["律所信息查询"], entered["企业投资项目备案"]
    assert (dirty.organ_code, dirty.organ_verified, dirty.kind, dirty.theme) == (
        "00877868-5",
        False,
        "20",
        "法律服务",
    )
    assert (good.organ_verified, good.kind, good.theme, good.unit_id) == (True, "10", "", None)
    after = state_now()
    again = items_import(path=path, mapping="sichuan", now=window.now, by="system")
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    assert state_now() == after


def test_what_the_file_does_not_say_stays_and_excel_is_read_alike(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "items.xlsx"

    def enter(row: list[str]) -> Any:
        book = Workbook()
        for line in (HEADERS, row):
            book.active.append(line)  # type: ignore[union-attr]
        book.save(path)
        return items_import(path=path, mapping="sichuan", now=window.now, by="system")

    assert enter(GOOD).new == 1
    item = Item.objects.get(code=GOOD[3])
    item_set(
        item=item.pk, given={"promised_days": "2"}, unit=window.units[MARKET], now=window.now, by="system"
    )
    assert enter(GOOD).same == 1
    assert enter([*GOOD[:2], "企业投资项目备案(改)", *GOOD[3:]]).changed == 1
    version = version_on(item.pk, window.now.date())
    assert version
    assert (version.name, version.promised_days, version.unit_id) == (
        "企业投资项目备案(改)",
        2,
        window.units[MARKET],
    )


@pytest.mark.skipif(not SICHUAN.exists(), reason="the file is not here")
def test_the_real_list_is_entered_whole_and_a_second_time_changes_nothing(
    window: Window, capsys: pytest.CaptureFixture[str]
) -> None:
    def enter(*more: str) -> dict[str, Any]:
        call_command("onewindow", "import", str(SICHUAN), "--mapping", "sichuan", "--report", "-", *more)
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        return {name: told[name] for name in ("rows", "good", "bad", "new", "changed", "same", "unverified")}

    whole = {"rows": 1135, "good": 1135, "bad": 0, "new": 1135, "changed": 0, "same": 0, "unverified": 152}
    assert enter("--dry-run") == whole
    assert Item.objects.filter(scheme="sichuan").count() == 0
    assert enter() == whole
    assert enter() == {**whole, "new": 0, "same": 1135}
    with kernel_writes():
        assert LedgerEntry.objects.filter(kind="items_imported").count() == 1


def test_a_file_that_is_none_is_refused_with_a_sentence(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    for arguments, match in (
        ((str(path), "--mapping", "sichuan"), "缺少列"),
        ((str(path), "--mapping", "henan"), "没有这种对照"),
        ((str(tmp_path / "none.csv"), "--mapping", "sichuan"), "没有这个文件"),
    ):
        before = state_now()
        with pytest.raises(CommandError, match=match):
            call_command("onewindow", "import", *arguments)
        assert state_now() == before
