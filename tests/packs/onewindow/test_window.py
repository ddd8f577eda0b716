"""The window over HTTP: found by a few characters, received, told once, corrected, and the papers handed over."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from pypdf import PdfReader

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.public.services import citizen_evaluate
from bihuan.packs.onewindow.applying.apart import Apart, reviews_apart
from bihuan.packs.onewindow.applying.figures import Reviews, Visits, reviews_counted, visits_counted
from bihuan.packs.onewindow.applying.services import applications_by_the_clock
from bihuan.packs.onewindow.catalogue.selectors import version_on
from bihuan.packs.onewindow.catalogue.services import item_set
from bihuan.packs.onewindow.online.missing import missing_parts
from tests.packs.onewindow.conftest import FOOD, MARKET, PERSON, As, Window
from tests.packs.onewindow.test_codes import ORGAN
from tests.packs.onewindow.test_loop import refused, state_now
from tests.stories.cast import text_of
from tests.walks import EVERYTHING

pytestmark = pytest.mark.django_db
HOME = "/onewindow/window"


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
        "由窗口核对,不用交",
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


def paper_text(client: Client, case: int, paper: str) -> str:
    with kernel_writes():
        number = Case.objects.get(pk=case).number
    answer = client.get(f"/onewindow/cases/{number}/papers/{paper}")
    assert answer.status_code == 200, paper
    pages = PdfReader(BytesIO(answer.content)).pages
    return "".join("".join(one.extract_text() for one in pages).split())


def test_each_paper_is_in_the_name_of_the_organ_that_accepts_and_decides(window: Window, as_: As) -> None:
    organ, hall = "东昌府区市场监督管理局", "东昌府区行政审批服务局"
    granted, refused_, ended, withdrawn = (window.accepted().case for _ in range(4))
    opinion = {"advice": "grant", "opinion": "材料齐全,符合条件。"}
    for case in (granted, refused_):
        window.move(case, "examine", "wang", **opinion)
    window.move(granted, "grant", "chen", answer="准予食品经营许可。")
    window.move(
        refused_,
        "refuse",
        "chen",
        answer="操作间与卫生间相邻,不符合卫生标准。",
        remedy="六十日内可以申请行政复议。",
    )
    window.move(ended, "terminate", "chen", ground="gone", answer="申请的店铺已经注销,本件终止办理。")
    window.move(withdrawn, "withdraw", "fang", reason="改租别处,以后再办")
    chen, ended_number = as_("chen"), window.case(ended).number
    for address in (f"/cases/{ended_number}", "/?tab=all"):
        assert "终止办理 · 待评价" in text_of(chen.get(address)), address
    lapsed = window.take("1", "3", outcome="tell_missing").case
    window.later(days=40)
    assert applications_by_the_clock(now=window.now) == 3
    fang = as_("fang")
    for case, paper, title in (
        (granted, "decision", "准予行政许可决定书"), (refused_, "decision", "不予行政许可决定书"), (granted, "accepted", "受理通知书"),
        (ended, "ended", "终止办理通知书"), (withdrawn, "withdrawn", "撤回申请确认书"), (lapsed, "lapsed", "视为撤回申请通知书"),
    ):  # fmt: skip
        told = paper_text(fang, case, paper)
        assert (told.startswith(f"{organ}{title}"), told.count(organ), hall in told) == (True, 2, False), (
            paper
        )
    assert paper_text(fang, granted, "receipt").startswith(f"{hall}收件凭证")
    assert "没有交来的材料1.食品安全管理制度" in paper_text(fang, lapsed, "lapsed")
    with kernel_writes():
        assert (
            Notice.objects.filter(template="application_lapsed").values_list("case_id", flat=True).get()
            == lapsed
        )


def test_only_what_is_required_and_lacking_is_asked_for_when_it_may_follow(window: Window, as_: As) -> None:
    case = window.take("1", "4", outcome="accept_lacking").case
    told = paper_text(as_("fang"), case, "accepted")
    assert ("1.经营场所平面图" in told, "授权委托书" in told) == (True, False)


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


def test_the_same_item_for_the_same_number_is_taken_again_only_with_a_reason(window: Window, as_: As) -> None:
    fang = as_("fang")
    sent(fang, window, "1", "3", "4")
    first, before = last_case(), state_now()
    twice, short = sent(fang, window, "1", "3", "4"), sent(fang, window, "1", "3", "4", again="再收")
    assert (
        twice.status_code,
        "同一事项正在办" in text_of(twice),
        short.status_code,
        "不能少于4个字" in text_of(short),
    ) == (422, True, 422, True)
    assert f'href="/cases/{first.number}"' in text_of(twice)
    assert state_now() == before
    assert sent(fang, window, "1", "3", "4", again="第二家店,地址不同").status_code == 302
    case = last_case()
    assert case.pk != first.pk
    assert f"再收一件的理由(已有 {first.number} 在办):第二家店,地址不同" in case.content.text
    assert sent(fang, window, "1", "3", "4", id_number="440524188001010014").status_code == 302


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(window: Window, as_: As) -> None:
    fang = as_("fang")
    before = state_now()
    for typed, words in (
        ({"id_number": "371502199001011227"}, "校验码不符"),
        ({"name": ""}, "不能为空"),
        ({"phone": "1"}, "电话号码"),
        ({"phone": "1", "name": "", "remark": "字" * 501}, "不能超过500个字"),
        ({"phone": "1", "name": "", "dated_1": "昨天"}, "签发日期应为日期"),
        ({"remark": "字" * 501}, "不能超过500个字"),
        ({"address": "a\x07b"}, "控制字符"),
        ({"present": ["1"]}, "缺:3 经营场所平面图、4 食品安全管理制度。"),
        ({"present": ["1", "3"], "outcome": "accept_lacking"}, "缺:4 "),
        ({"outcome": "accept_commitment", "signed": "on"}, "不适用告知承诺"),
        ({"key": "'; --"}, "表单不完整"),
    ):
        answer = sent(fang, window, "1", "3", "4", **{"name": "宋晓梅", **typed})
        page = text_of(answer)
        assert answer.status_code == 422, typed
        assert words in page, typed
        assert 'value="19900000001"' in page or ("phone" in typed and "电话号码" in page)
    assert state_now() == before


def test_what_is_to_be_put_right_is_told_in_words(window: Window, as_: As) -> None:
    fang, before = as_("fang"), state_now()
    wrong = sent(fang, window, "1", "3", "4", fix_3="没有标出操作间")
    assert (wrong.status_code, "要选“一次告知”" in text_of(wrong), state_now() == before) == (422, True, True)
    assert 'value="没有标出操作间"' in text_of(wrong)
    assert (
        sent(fang, window, "1", "3", "4", outcome="tell_missing", fix_3="没有标出操作间").status_code == 302
    )
    case, kept = last_case(), window.take("1", "3", "4", outcome="keep").case
    unfit = {"unfit": "3、4", "why": "unsigned"}
    for fix in ("没有盖章", "2 没有盖章", "9 没有盖章"):
        refused(lambda fix=fix: window.move(kept, "tell_unfit", "fang", **unfit, fix=fix), "一行写一项")  # type: ignore[misc]
    window.move(kept, "tell_unfit", "fang", **unfit, fix="3 没有标出操作间\n4. 没有盖章")
    facts = window.case(kept).facts
    assert (case.facts["told"], case.facts["fixes"], facts["told"], facts["materials"]["4"]) == (
        ["3"],
        ["3"],
        ["3", "4"],
        "lacking",
    )
    for one in (case.pk, kept):
        assert "1.经营场所平面图·要改:没有标出操作间" in paper_text(fang, one, "missing")
    told = missing_parts(kept, "correcting", facts, version_on(window.item.pk, window.now.date()).materials)[
        0
    ][1]  # type: ignore[union-attr]
    assert [row["fix"] for row in told["rows"]] == ["没有标出操作间", "没有盖章"]
    assert "没有盖章" in render_to_string(
        "onewindow/parts/missing.html", {"part": told, "case": window.case(kept)}
    )
    window.move(kept, "materials", "fang", received="3、4")
    assert window.move(kept, "accept", "fang").state == "examining"


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
    cache.clear()
    page = text_of(as_("shen").get("/onewindow/reviews"))
    for words in (
        "75.0%</b><small>3 / 4",
        "66.7%</b><small>2 / 3",
        "33.3%</b><small>1 / 3",
        "0.0%</b><small>0 / 1",
        "100.0%</b><small>3 / 3",
    ):
        assert words in page, words
    scope_apply(EVERYTHING)
    for by, label in (
        ("item", "食品经营许可(新办)"), ("unit", "东昌府区市场监督管理局"), ("clerk", "方敏"), ("platform", "综合窗口")
    ):  # fmt: skip
        assert reviews_apart(by=by, since=since) == [Apart(label, 4, 3, 2, 1)]
    assert "方敏</th>" in text_of(as_("shen").get("/onewindow/reviews?by=clerk"))
    scope_apply(EVERYTHING)
    assert visits_counted(since=since, now=window.now) == Visits(0, 0, 1, 0)
    window.move(Case.objects.get(state="complained").pk, "contact", "shen", note="已打电话致歉,问清了经过。")
    late = window.decided().case
    citizen_evaluate(
        case=late, grade="2", words="跑了三趟", version=window.case(late).version, now=window.now
    )
    window.later(days=9)
    assert visits_counted(since=since, now=window.now) == Visits(2, 1, 2, 1)
    cache.clear()
    open_page = text_of(Client().get("/public/reviews"))
    assert "差评按期回访" in open_page
    assert open_page.count("<b>50.0%</b><small>1 / 2</small>") == 2
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
