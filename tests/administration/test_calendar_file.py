"""A year of the calendar as a file: the State Council's days as CSV, Excel or JSON; what is no such file is refused."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from bihuan.kernel.clocks.models import CalendarDay, CalendarYear
from tests.administration.conftest import City, Log

pytestmark = pytest.mark.django_db
PUBLISH = "/administration/calendar/do/publish"
FORM = {"year": "2027", "source": "国务院办公厅关于2027年部分节假日安排的通知", "days": ""}
DAYS = [("2027-01-01", True, "元旦"), ("2027-01-02", True, "元旦"), ("2027-01-09", False, "元旦")]
READ = "2027-01-01,off,元旦\n2027-01-02,off,元旦\n2027-01-09,work,元旦"


def json_file(year: int = 2027, days: Any = None) -> bytes:
    listed = [{"name": name, "date": day, "isOffDay": off} for day, off, name in DAYS]
    return json.dumps({"year": year, "papers": [], "days": listed if days is None else days}).encode()


def csv_file() -> bytes:
    return "\ufeffdate,kind,name\n".encode() + READ.encode()


def excel_file() -> bytes:
    book = Workbook()
    book.active.append(["date", "isOffDay", "name"])
    for day, off, name in DAYS:
        book.active.append([date.fromisoformat(day), off, name])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sent(data: bytes) -> dict[str, Any]:
    return {**FORM, "file": SimpleUploadedFile("2027.any", data)}


@pytest.mark.parametrize("data", [json_file(), csv_file(), excel_file()], ids=["json", "csv", "excel"])
def test_a_file_is_read_shown_and_published_as_it_was_shown(
    as_: Log, city: City, nothing_changed: Any, data: bytes
) -> None:
    admin, before = as_("admin"), nothing_changed()
    empty = admin.get(PUBLISH)
    assert 'enctype="multipart/form-data"' in empty.content.decode()
    assert not empty.context["form"].is_bound
    seen = admin.post(PUBLISH, sent(data))
    assert seen.status_code == 200
    assert seen.context["effect"].lines[0].startswith("看了 ")
    assert seen.context["form"].data["days"] == READ
    assert READ in seen.content.decode()
    assert nothing_changed() == before
    changed = admin.post(
        PUBLISH, {**FORM, "days": READ + "\n2027-02-05,off,春节", "confirm": seen.context["seal"]}
    )
    assert "effect" in changed.context  # another list than was shown is shown again
    answer = admin.post(PUBLISH, {**FORM, "days": READ, "confirm": seen.context["seal"]})
    assert answer.status_code == 302
    rows = CalendarDay.objects.filter(date__year=2027).order_by("date")
    assert [(str(d.date), not d.working, d.name) for d in rows] == DAYS
    assert CalendarYear.objects.get(year=2027).published


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (json_file(2026), "文件是 2026 年的,要公布的是 2027 年。"),
        (json_file(days=[{"day": "2027-01-01"}]), "缺少列"),
        (json_file(days=[]), "缺少列"),
        (json_file(days="元旦"), "JSON 应是对象的列表。"),
        (b"{", "不是合法的 JSON。"),
        (b"date,kind,name\n2027-01-05,work,x", "第 2 行:2027-01-05 本来就是工作日"),
        (b"date,kind,name\n2027-01-01,off,x\n2027-01-01,off,x", "第 3 行:2027-01-01 列了两次。"),
        (b"date,kind,name\n2026-01-01,off,x", "第 2 行:2026-01-01 不在 2027 年之内。"),
        (b"date,kind,name\n2027-02-30,off,x", "第 2 行:“2027-02-30”不是日期"),
        (b"date,kind,name\n2027-01-01,maybe,x", "第 2 行:应写作"),
        (b"date,name\n2027-01-01,x", "缺少列"),
        (b"date,kind,name\n", "表里没有数据行。"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), ""),
        (b"date,kind,name\n" + b"2027-01-01,off,x\n" * 70_000, "文件不能超过 1 MB。"),
    ],
)
def test_a_file_that_is_no_year_is_refused_at_its_field(
    as_: Log, nothing_changed: Any, data: bytes, words: str
) -> None:
    before = nothing_changed()
    answer = as_("admin").post(PUBLISH, sent(data))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["file"]
    assert answer.context["form"].errors["file"][0].startswith(words)
    assert FORM["source"] in answer.content.decode()
    assert nothing_changed() == before


def test_neither_file_nor_days_is_refused(as_: Log, nothing_changed: Any) -> None:
    before = nothing_changed()
    answer = as_("admin").post(PUBLISH, FORM)
    assert answer.context["form"].errors == {"days": ["请选择文件,或列出放假和调休的日子。"]}
    assert nothing_changed() == before


def test_the_calendar_goes_out_and_comes_in_as_a_file(as_: Log, city: City, nothing_changed: Any) -> None:
    admin = as_("admin")
    data = admin.get("/administration/calendar/export.json").content
    address = "/administration/calendar/import"
    same = admin.post(address, {"text": data.decode()})
    years = CalendarYear.objects.count()
    assert same.context["plan"].counted == {"new": 0, "changed": 0, "same": years}
    before = nothing_changed()
    rows = [{"year": "2027", "source": "通知", "days": READ}, {"year": "x", "source": "通知", "days": ""}]
    bad = admin.post(address, {"text": json.dumps(rows)})
    assert [(line.column, line.fault) for line in bad.context["plan"].faults] == [("year", "应为整数。")]
    assert nothing_changed() == before
    seen = admin.post(address, {"text": json.dumps(rows[:1])})
    assert admin.post(address, {"rows": seen.context["plan"].kept}).status_code == 302
    assert CalendarYear.objects.get(year=2027).source == "通知"
