"""Forms at the administrator's desk: from a file or a box, looked at before it counts, tried out, taken along."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bihuan.kernel.forms.models import FormVersion
from bihuan.kernel.forms.services import form_publish
from tests.administration.conftest import City, Log
from tests.kernel.forms.stall import text
from tests.stories.cast import text_of

pytestmark = pytest.mark.django_db
TYPED = {"code": "test.stall", "schema": text(), "valid_from": "2026-03-02", "basis": "集市管理办法第3条"}
NEW = "/administration/forms/do/publish"


@pytest.fixture
def stall(city: City) -> FormVersion:
    return form_publish(
        code="test.stall", schema=text(), valid_from=date(2026, 1, 1), basis="集市管理办法第3条", now=city.now, by="test"
    )  # fmt: skip


def seal(page: str) -> str:
    found = re.search(r'name="confirm" value="(\w+)"', page)
    assert found, page[:3000]
    return found[1]


def test_a_form_is_looked_at_and_then_counts(as_: Log, nothing_changed: Any) -> None:
    client, before = as_("admin"), nothing_changed()
    looked = text_of(client.post(NEW, TYPED))
    assert nothing_changed() == before
    assert "新增 20、取消 0、改动 0" in looked
    assert 'name="f.applicant.name"' in looked, "what applicants will see"
    done = client.post(NEW, {**TYPED, "confirm": seal(looked)})
    assert done["Location"] == "/administration/forms/of/test.stall"
    page = text_of(client.get("/administration/forms/of/test.stall"))
    assert "第 1 版 · 20 个字段" in page and "集市管理办法第3条" in page and "登记表单版本" in page
    row = text_of(client.get("/administration/forms?q=摊位"))
    assert "test.stall" in row and "现行" in row
    assert "没有符合条件的内容。" in text_of(client.get("/administration/forms?q=none"))


def test_a_new_version_tells_which_fields_differ_and_stands_in_the_box_after_a_file(
    as_: Log, stall: FormVersion
) -> None:
    client = as_("admin")
    address = "/administration/forms/of/test.stall/do/publish"
    changed = text().replace('"maxLength": 30', '"maxLength": 40').replace('"note"', '"remark"')
    file = SimpleUploadedFile("stall.json", changed.encode())
    typed = {"valid_from": "2026-05-01", "basis": "修订"}
    looked = text_of(client.post(address, {**typed, "file": file}))
    assert "新增 1、取消 1、改动 1" in looked
    assert "取消的字段,以前填写过的不再带到新的申请里。" in looked
    box = re.search(r'<textarea name="schema"[^>]*>\n?(.*?)</textarea>', looked, re.S)
    assert box and box[1] == changed
    done = client.post(address, {**typed, "schema": changed, "confirm": seal(looked)})
    assert done.status_code == 302
    states = [
        (v.state, v.since) for v in client.get("/administration/forms/of/test.stall").context["versions"]
    ]
    assert states == [("coming", date(2026, 5, 1)), ("now", date(2026, 1, 1))]
    assert client.get("/administration/forms/test.stall/2/schema.json").content.decode() == changed


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"code": ""}, "代码"),
        ({"code": "Test"}, "表单代码用小写字母"),
        ({"code": "test.stall"}, "这个代码已有表单"),
        ({"schema": ""}, "请选择文件,或填写表单定义。"),
        ({"schema": "{"}, "不是合法的 JSON"),
        ({"schema": text(title=None)}, "要有标题(title)"),
        ({"valid_from": "明天"}, "生效日期"),
        ({"valid_from": "1999-01-01"}, "2004 年以后"),
        ({"basis": ""}, "依据"),
        ({"file": b"\xff\xfe"}, "文件要是 UTF-8 编码的 JSON。"),
        ({"file": b"x" * 200_001}, "不能超过 200 kB"),
    ],
)
def test_what_is_refused_says_why_keeps_the_words_and_changes_nothing(
    as_: Log, stall: FormVersion, nothing_changed: Any, more: dict[str, Any], words: str
) -> None:
    before = nothing_changed()
    typed = {**TYPED, "code": "test.other", **more}
    if "file" in more:
        typed["file"] = SimpleUploadedFile("a.json", more["file"])
    answer = as_("admin").post(NEW, typed)
    assert answer.status_code == 422
    page = text_of(answer)
    assert words in page.partition('class="refusal"')[2].partition("</div>")[0]
    assert typed["basis"] in page
    assert nothing_changed() == before


def test_a_form_is_tried_out_and_nothing_is_kept(as_: Log, stall: FormVersion, nothing_changed: Any) -> None:
    client, before = as_("admin"), nothing_changed()
    address = "/administration/forms/test.stall/1/try"
    assert 'name="f.kind"' in text_of(client.get(address))
    wrong = client.post(address, {"f.applicant.name": "宋晓梅", "f.kind": "cart"})
    assert wrong.status_code == 422
    assert "请填写“电话”。" in text_of(wrong) and 'value="宋晓梅"' in text_of(wrong)
    more = text_of(client.post(address, {"f.goods": "food", "more": ""}))
    assert "请填写“" not in more and not re.search(r'data-path="licence"[^>]* hidden', more)
    good = {
        "f.applicant.name": "宋晓梅",
        "f.applicant.phone": "13812341234",
        "f.goods": "toys",
        "f.kind": "cart",
        "f.promise": "true",
    }
    taken = client.post(address, good)
    assert taken.status_code == 200
    assert "填写无误,会这样记下" in text_of(taken) and "138****1234" in text_of(taken)
    assert nothing_changed() == before


@pytest.mark.parametrize("path", ["test.stall/1/try", "test.stall/1/schema.json"])
def test_only_its_administrator_tries_and_takes_along(as_: Log, stall: FormVersion, path: str) -> None:
    assert as_("admin").get(f"/administration/forms/{path}").status_code == 200
    for username in ("security", "audit", "tang", "wang"):
        assert as_(username).get(f"/administration/forms/{path}").status_code == 403, username
    assert as_("admin").get(f"/administration/forms/{path.replace('/1/', '/9/')}").status_code == 404
    assert (
        as_("admin").get(f"/administration/forms/{path.replace('/1/', '/99999999999/')}").status_code == 404
    )
    assert as_("admin").get(f"/administration/forms/none{path.removeprefix('test.stall')}").status_code == 404
