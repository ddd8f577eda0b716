"""The window over HTTP: found by a few characters, received, told once, corrected, and the papers handed over."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.public.services import citizen_evaluate
from bihuan.packs.onewindow.applying.figures import Reviews, reviews_counted
from bihuan.packs.onewindow.catalogue.services import item_set
from tests.packs.onewindow.conftest import FOOD, MARKET, PERSON, Window
from tests.packs.onewindow.test_codes import ORGAN
from tests.packs.onewindow.test_loop import state_now
from tests.stories.cast import text_of
from tests.walks import EVERYTHING

pytestmark = pytest.mark.django_db
HOME = "/onewindow/window"
As = Callable[[str], Client]


@pytest.fixture
def as_(window: Window, monkeypatch: pytest.MonkeyPatch) -> As:
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: window.now)

    def log_in(username: str) -> Client:
        client = Client()
        with kernel_writes():
            client.force_login(Person.objects.get(username=username))
        return client

    return log_in


def form_of(client: Client, window: Window) -> str:
    page = text_of(client.get(f"{HOME}?item={window.item.pk}"))
    return re.search(r'name="key" value="(\w+)"', page)[1]  # type: ignore[index]


def sent(
    client: Client, window: Window, *present: str, outcome: str = "accept", **typed: Any
) -> HttpResponse:
    key = typed.pop("key", None) or form_of(client, window)
    data = {
        **PERSON,
        "item": window.item.pk,
        "present": list(present),
        "outcome": outcome,
        "key": key,
        **typed,
    }
    return client.post(HOME, data)


def last_case() -> Case:
    scope_apply(EVERYTHING)
    return Case.objects.filter(pack="onewindow").latest("pk")


def test_an_item_is_found_and_its_list_of_materials_is_on_the_form(
    window: Window, as_: As, django_assert_max_num_queries: Any
) -> None:
    fang = as_("fang")
    assert fang.get("/home")["Location"] == HOME
    assert f"?item={window.item.pk}" in text_of(fang.get(f"{HOME}?q=食经"))
    assert f"?item={window.item.pk}" in text_of(fang.get(f"{HOME}/found?q=食品"))
    assert "没有这个事项" in text_of(fang.get(f"{HOME}/found?q=火箭"))
    with django_assert_max_num_queries(30):
        page = text_of(fang.get(f"{HOME}?item={window.item.pk}"))
    for words in (
        "1. 食品经营许可申请书",
        "2. 营业执照",
        "城市已有,不用交",
        "可后补",
        "× 2",
        "非必要",
        "承诺 5 个工作日",
        "容缺受理,缺的后补",
    ):
        assert words in page, words
    assert 'value="2"' not in page.partition('id="field-present"')[2].partition("</fieldset>")[0]
    assert "告知承诺受理" not in page


def test_only_clerks_open_the_window(window: Window, as_: As) -> None:
    for who in ("wang", "li", "qian", "admin", "ren"):
        assert as_(who).get(HOME).status_code == 403, who
        assert as_(who).post(HOME, {}).status_code == 403, who
    assert Client().get(HOME).status_code == 302


def test_received_accepted_and_handed_the_paper(window: Window, as_: As) -> None:
    fang = as_("fang")
    answer = sent(fang, window, "1", "3", "4")
    assert answer.status_code == 302
    page = text_of(fang.get(answer["Location"]))
    case = last_case()
    assert case.state == "examining"
    for words in (case.number, f"{FOOD}202603020001", "东昌府区市场监督管理局", "打印受理通知书"):
        assert words in page, words
    for paper in ("receipt", "accepted"):
        pdf = fang.get(f"/onewindow/cases/{case.number}/papers/{paper}")
        assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
    for paper in ("missing", "declined", "decision", "nothing"):
        assert fang.get(f"/onewindow/cases/{case.number}/papers/{paper}").status_code == 404
    assert as_("qian").get(f"/onewindow/cases/{case.number}/papers/receipt").status_code == 404


def test_a_form_sent_twice_is_one_application_and_another_under_its_key_is_refused(
    window: Window, as_: As
) -> None:
    fang = as_("fang")
    key = form_of(fang, window)
    first = sent(fang, window, "1", "3", "4", key=key)
    before = state_now()
    assert sent(fang, window, "1", "3", "4", key=key)["Location"] == first["Location"]
    other = sent(fang, window, "1", "3", "4", key=key, name="李四光")
    assert (other.status_code, "内容与现在的不同" in text_of(other)) == (422, True)
    assert state_now() == before


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(window: Window, as_: As) -> None:
    fang = as_("fang")
    before = state_now()
    for typed, words in (
        ({"id_number": "371502199001011227"}, "校验码不符"),
        ({"name": ""}, "不能为空"),
        ({"phone": "1"}, "电话号码"),
        ({"remark": "字" * 501}, "不能超过500个字"),
        ({"address": "a\x07b"}, "控制字符"),
        ({"present": ["1", "3"]}, "还没有交齐"),
        ({"outcome": "accept_commitment", "signed": "on"}, "不适用告知承诺"),
        ({"key": "'; --"}, "表单不完整"),
    ):
        answer = sent(fang, window, "1", "3", "4", **{"name": "宋晓梅", **typed})
        page = text_of(answer)
        assert answer.status_code == 422, typed
        assert words in page, typed
        assert 'value="19900000001"' in page or "phone" in typed
    assert state_now() == before


def test_missing_is_told_then_ticked_on_the_case_and_accepted(window: Window, as_: As) -> None:
    fang = as_("fang")
    assert sent(fang, window, "1", "3", outcome="tell_missing").status_code == 302
    case = last_case()
    assert fang.get(f"/onewindow/cases/{case.number}/papers/missing").content[:5] == b"%PDF-"
    page = text_of(fang.get(f"/cases/{case.number}"))
    assert 'name="received" value="4"' in page
    assert 'name="received" value="1"' not in page
    address = f"/onewindow/cases/{case.number}/materials"
    before = state_now()
    assert fang.post(address, {"received": ["1"], "version": case.version}).status_code == 302
    assert fang.post(address, {"received": ["4"], "version": 1}).status_code == 302
    assert as_("qian").post(address, {"received": ["4"], "version": case.version}).status_code == 404
    assert state_now() == before
    fang.post(address, {"received": ["4"], "version": case.version})
    case = last_case()
    assert case.facts["materials"]["4"] == "present"
    form = text_of(fang.get(f"/cases/{case.number}?step=accept"))
    assert "审批单位" in form
    answer = fang.post(f"/cases/{case.number}/steps/accept", {"version": case.version, "unit": ""})
    assert answer.status_code == 302, text_of(answer)
    assert (last_case().state, last_case().unit_id) == ("examining", window.units[MARKET])


def test_an_item_without_an_approver_says_so(window: Window, as_: As) -> None:
    item_set(item=window.item.pk, given={}, unit=None, now=window.now, by="system")
    fang = as_("fang")
    assert "没有登记审批单位,不能收件" in text_of(fang.get(f"{HOME}?q=食品"))
    before = state_now()
    assert "还没有审批单位" in text_of(sent(fang, window, "1", "3", "4"))
    assert state_now() == before


def test_asked_evaluated_and_satisfied_are_three_figures(window: Window, as_: As) -> None:
    scope_apply(EVERYTHING)
    since = window.now - timedelta(days=1)
    assert reviews_counted(since=since) == Reviews(0, 0, 0, 0, 0, 0, 0)
    assert "–" in text_of(as_("shen").get("/onewindow/reviews"))
    scope_apply(EVERYTHING)
    for grade in ("5", "3", "1", ""):
        case = window.decided().case
        if grade:
            version = window.case(case).version
            citizen_evaluate(case=case, grade=grade, words="跑了三趟", version=version, now=window.now)
    window.accepted()
    scope_apply(EVERYTHING)
    assert reviews_counted(since=since) == Reviews(4, 3, 2, 1, 0, 0, 0)
    page = text_of(as_("shen").get("/onewindow/reviews"))
    for words in ("75.0% (3 / 4)", "66.7% (2 / 3)", "33.3% (1 / 3)", "0.0% (0 / 1)"):
        assert words in page, words
    for who in ("fang", "wang", "qian", "admin"):
        assert as_(who).get("/onewindow/reviews").status_code == 403, who


def test_the_window_looks_up_what_the_city_holds_for_whoever_is_typed(window: Window, as_: As) -> None:
    shop = window.item_of(
        f"{ORGAN}4370731001000", instant=True, promised_days="1", materials="申请书", checks="无在办", results="营业执照", special=""
    )  # fmt: skip
    catering = window.item_of(
        f"{ORGAN}4370731002000", materials="申请表\n营业执照 | 城市已有:营业执照\n健康证明 | 有效期:1年"
    )
    assert window.take("1", outcome="accept_at_once", item=shop).state == "evaluating"
    fang = as_("fang")
    page = fang.get(f"/onewindow/window?item={catering.pk}").content.decode()
    assert ("就核对本市发的营业执照" in page, "dated_3" in page, "系统核对登记簿" in page) == (
        True,
        True,
        False,
    )
    typed = {
        "item": str(catering.pk),
        "applicant": "person",
        "name": PERSON["name"],
        "id_number": PERSON["id_number"],
    }
    found = fang.post("/onewindow/window/held", {**typed, "present": "1"}).content.decode()
    assert ("本市已有,免交" in found, "YYZZ2026000001" in found, 'value="1" checked' in found) == (
        True,
        True,
        True,
    )
    other = fang.post("/onewindow/window/held", {**typed, "name": "王小明"}).content.decode()
    assert ("登记簿里没有查到,要交" in other, "YYZZ" in other) == (True, False)
    assert as_("wang").post("/onewindow/window/held", typed).status_code == 403
    assert fang.post("/onewindow/window/held", {"item": "99999999"}).status_code == 404
