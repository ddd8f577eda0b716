"""The form of an item at the window and on line: prefilled for who is known, judged on the server, kept beside the case, on the certificate."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from bihuan.kernel.attachments.forgetting import strays_discard
from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.forms.models import Answers
from bihuan.kernel.forms.selectors import answers_of, answers_read, form_in_force, form_of
from bihuan.kernel.forms.services import AnswersRefused, answers_record, form_publish
from bihuan.kernel.ledger.models import LedgerPrivate
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.follow_codes import follow_code
from bihuan.kernel.policies.services import policy_set
from bihuan.lib.refusals import Refusal
from bihuan.packs.onewindow.applying.receiving import received_clean
from bihuan.packs.onewindow.applying.services import Taken, application_take
from bihuan.packs.onewindow.asking.item_form import Answered, applicant_prefilled
from bihuan.packs.onewindow.catalogue.services import item_set
from bihuan.packs.onewindow.demonstration.item_forms import ANSWERS, BUSINESS, CATERING, forms_load
from bihuan.packs.onewindow.models import Item
from bihuan.packs.onewindow.online.services import is_verified
from tests.packs.onewindow.conftest import MARKET, PERSON, As, Window
from tests.packs.onewindow.test_codes import ORGAN
from tests.packs.onewindow.test_loop import refused, state_now

pytestmark = pytest.mark.django_db
WHO = {name: PERSON[name] for name in ("applicant", "name", "id_number", "phone")}


@pytest.fixture
def shop(window: Window) -> Item:
    with kernel_writes():
        forms_load(since=date(2026, 1, 1), now=window.now)
    return window.item_of(
        f"{ORGAN}4370731001000", instant=True, promised_days="1", materials="经营场所证明\n身份证 | 城市已有", special="",
        checks="年满 | 18\n没有 | 营业执照\n无在办", results="营业执照", valid_months="0", form=BUSINESS, online=True,
    )  # fmt: skip


@pytest.fixture
def catering(window: Window, shop: Item) -> Item:
    return window.item_of(
        f"{ORGAN}4370731002000", instant=True, promised_days="1", materials="营业执照 | 城市已有:营业执照\n健康证明 | 有效期:1年", special="",
        checks="持有 | 营业执照\n无在办", results="小餐饮登记证", form=CATERING, online=True,
    )  # fmt: skip


def taken_in(window: Window, item: Item, answers: dict[str, Any]) -> Taken:
    typed = {**PERSON, "item": str(item.pk), "outcome": "accept_at_once"}
    received = received_clean(typed, present=["1"], today=window.now.date())
    return application_take(
        received=received,
        by=window.people["fang"],
        now=window.now,
        verified=True,
        answered=Answered(answers),
    )


def page(response: HttpResponse) -> str:
    return response.content.decode()


def pdf(name: str = "a.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(
        name, b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF " + name.encode(), "application/pdf"
    )


def opened(item: Item, client: Client, **typed: Any) -> HttpResponse:
    return client.post(f"/public/apply/{item.pk}", {**WHO, "key": "k1", **typed})


def form_fields(code: str) -> dict[str, str]:
    values = {name: {True: "true"}.get(value, value) for name, value in ANSWERS[code].items()}
    return {f"f.{name}": str(value) for name, value in values.items()}


def test_the_answers_are_kept_beside_the_case_and_stand_on_the_certificate(
    window: Window, shop: Item
) -> None:
    taken = taken_in(window, shop, ANSWERS[BUSINESS])
    with kernel_writes():
        (row,) = answers_of(case=taken.case)
        made = Certificate.objects.get(case=taken.case)
        private = LedgerPrivate.objects.filter(stream=f"case:{taken.case}", name="answers").count()
    assert answers_read(row) == ANSWERS[BUSINESS]
    assert {name: made.contents[name] for name in ("name", "address", "scope")} == {
        "name": "水城小厨", "address": "柳园南路66号1号商铺", "scope": "小餐饮",
    }  # fmt: skip
    assert private == 1
    assert ledger_verify().faults == ()


def test_what_is_corrected_after_the_decision_stays_off_the_certificate(window: Window, shop: Item) -> None:
    item = window.item_of(f"{ORGAN}4370731003000", materials="经营场所证明", special="", form=BUSINESS)
    received = received_clean(
        {**PERSON, "item": str(item.pk), "outcome": "accept"}, present=["1"], today=window.now.date()
    )
    who = {"by": window.people["fang"], "now": window.now}
    case = application_take(
        received=received, verified=True, answered=Answered(ANSWERS[BUSINESS]), **who
    ).case
    window.move(case, "examine", "wang", advice="grant", opinion="材料齐全,符合条件。")
    window.move(case, "grant", "chen", answer="准予登记。")
    window.later(minutes=1)
    form = form_in_force(code=BUSINESS, on=window.now.date())
    other = {**ANSWERS[BUSINESS], "name": "别人的店"}
    answers_record(case=case, form=form, values=other, by=window.people["ren"], now=window.now, replaces=1)
    window.move(case, "make", "ren")
    with kernel_writes():
        assert Certificate.objects.get(case=case).contents["name"] == "水城小厨"


@pytest.mark.parametrize(
    "changed", [{"address": None}, {"name": "店" * 101}, {"staff": 0}, {"staff": "三"}, {"other": "x"}, {"name": "水\u202e城"}]
)  # fmt: skip
def test_wrong_answers_are_refused_and_nothing_is_taken_in(
    window: Window, shop: Item, changed: dict[str, Any]
) -> None:
    answers = {k: v for k, v in {**ANSWERS[BUSINESS], **changed}.items() if v is not None}
    before = state_now()
    with pytest.raises(AnswersRefused):
        taken_in(window, shop, answers)
    assert state_now() == before


def test_an_item_can_only_have_a_form_that_is_there(window: Window) -> None:
    refused(lambda: window.item_of(f"{ORGAN}4370731003000", form="market.ghost"), "没有这个表单", Refusal)
    unit = window.units[MARKET]
    refused(
        lambda: item_set(item=window.item.pk, given={"form": "x"}, unit=unit, now=window.now, by="system"),
        "没有这个表单",
    )


def test_the_window_fills_in_what_the_city_knows_once_the_applicant_agrees(
    window: Window, catering: Item, shop: Item, as_: As
) -> None:
    taken_in(window, shop, ANSWERS[BUSINESS])
    fang = as_("fang")
    typed = {
        **WHO,
        "item": str(catering.pk),
        "outcome": "accept_at_once",
        "key": "w1",
        "present": "2",
        "dated_2": "2026-01-05",
    }
    first = fang.post("/onewindow/window", {**typed, "prefill": "1"})
    assert ("勾选以后才能带入" in page(first), "水城小厨" in page(first)) == (True, False)
    filled = page(fang.post("/onewindow/window", {**typed, "prefill": "1", "consent": "on"}))
    assert ('value="水城小厨"' in filled, "已按营业执照 YYZZ2026000001填好" in filled) == (True, True)
    other = page(fang.post("/onewindow/window", {**typed, "name": "王小明", "prefill": "1", "consent": "on"}))
    assert "水城小厨" not in other
    before = state_now()
    wrong = fang.post("/onewindow/window", {**typed, "f.name": "水城小厨"})
    assert (wrong.status_code, state_now() == before) == (422, True)
    assert ("请填写“地址”" in page(wrong), "请勾选" in page(wrong)) == (True, True)
    done = fang.post("/onewindow/window", {**typed, **form_fields(CATERING)})
    assert done.status_code == 302
    assert "系统逐项核对通过,当场准予" in page(fang.get(done["Location"]))


def test_on_line_a_known_applicant_gets_the_certificate_at_once(
    window: Window, catering: Item, shop: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: window.now)
    before = taken_in(window, shop, ANSWERS[BUSINESS])
    stranger, stands = Client(), state_now()  # who knows her number learns nothing of what she holds
    asked = opened(catering, stranger, file_2=pdf(), dated_2="2026-01-05", **form_fields(CATERING))
    assert (asked.status_code, state_now() == stands) == (422, True)
    assert "营业执照</a>: 必要的材料,还没有传。" in page(asked) and "YYZZ2026000001" not in page(asked)
    mine = Client()
    refused_page = page(opened(catering, mine, prefill="1", consent="on"))
    assert ("还不知道是不是您本人" in refused_page, "水城小厨" in refused_page) == (True, False)
    mine.post("/public/follow", {"number": before.number, "code": follow_code(before.case)})
    filled = page(opened(catering, mine, prefill="1", consent="on"))
    assert ('value="水城小厨"' in filled, "已按营业执照 YYZZ2026000001填好" in filled) == (True, True)
    assert "水城小厨" not in page(opened(catering, mine, prefill="1", consent="on", name="王小明"))
    sent = {"file_2": pdf(), "dated_2": "2026-01-05", **form_fields(CATERING)}
    done = opened(catering, mine, **sent)
    assert done.status_code == 302
    assert "办好了,证照已签发" in page(mine.get(done["Location"]))
    with kernel_writes():
        case = Case.objects.exclude(pk=before.case).get()
        assert Attachment.objects.get(case=case).name == "2-健康证明.pdf"
        assert (case.state, case.facts["verified"], case.facts["held"]["1"][0]) == (
            "evaluating",
            True,
            "YYZZ2026000001",
        )
        assert Certificate.objects.get(case=case).contents["name"] == "水城小厨"
    who = {"name": PERSON["name"], "identity": PERSON["id_number"]}
    assert is_verified(cases={"seen": before.case}, **who)
    assert not is_verified(cases={"web": case.pk}, **who)
    sent["file_2"] = pdf()
    assert opened(catering, mine, **sent)["Location"] == done["Location"]
    with kernel_writes():
        assert list(Case.objects.order_by("pk").values_list("facts__channel", flat=True)) == [None, "web"]
    assert ledger_verify().faults == ()


def test_on_line_a_number_alone_goes_to_a_person(
    window: Window, shop: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: window.now)
    client = Client()
    assert client.get(f"/public/apply/{shop.pk}").status_code == 200
    done = opened(shop, client, file_1=pdf(), **form_fields(BUSINESS))
    assert "审查" in page(client.get(done["Location"]))
    with kernel_writes():
        case = Case.objects.get()
        told = LedgerPrivate.objects.get(stream=f"case:{case.pk}", name="checks").text or ""
        assert Certificate.objects.count() == 0
    assert (case.state, case.facts["verified"], case.facts["automatic"]) == ("examining", False, False)
    assert told.splitlines()[0] == "申请人的身份已核验:不符合"
    who = {"name": PERSON["name"], "identity": PERSON["id_number"], "today": window.now.date()}
    form = form_of(form_in_force(code=BUSINESS, on=window.now.date()))
    assert applicant_prefilled(form, BUSINESS, **who).values == {}  # nor does it speak for her the next time


Bad = Callable[[], dict[str, Any]]


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        (lambda: {"id_number": "371502199001011227"}, "校验码不符"),
        (lambda: {"name": ""}, "姓名或名称"),
        (lambda: {"phone": "12"}, "号码"),
        (lambda: {"file_1": ""}, "经营场所证明</a>: 必要的材料,还没有传。"),
        (lambda: {"file_1": SimpleUploadedFile("a.exe", b"MZ\x90\x00" + b"\x00" * 60)}, "不收这种文件"),
        (lambda: {"f.address": ""}, "请填写“经营场所”"),
        (lambda: {"website": "http://x"}, "没有收到"),
        (lambda: {"key": ""}, "不完整"),
    ],
)
def test_a_wrong_application_is_refused_and_nothing_is_taken_in(
    window: Window, shop: Item, changed: Bad, match: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: window.now)
    before = state_now()
    answer = opened(shop, Client(), **{"file_1": pdf(), **form_fields(BUSINESS), **changed()})
    assert (answer.status_code, match in page(answer), state_now() == before) == (422, True, True)
    with kernel_writes():
        assert (Answers.objects.count(), Attachment.objects.count()) == (0, 0)


PLAN: dict[str, Any] = {
    "title": "登记申请书", "type": "object", "required": ["plan"],
    "properties": {"plan": {"title": "平面图", "type": "integer", "format": "attachment"}, "name": {"title": "字号", "type": "string", "maxLength": 9}},
}  # fmt: skip


def test_files_that_came_are_not_chosen_again_and_nobody_else_has_them(
    window: Window, shop: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: window.now)
    day = window.now.date()
    form_publish(
        code=BUSINESS, schema=json.dumps(PLAN), valid_from=day, basis="b", now=window.now, by="system"
    )
    mine, other, before = Client(), Client(), state_now()
    first = opened(
        shop,
        mine,
        phone="1",
        file_1=pdf("场所.pdf"),
        **{"f.plan": pdf("图.pdf"), "f.name": "一二三四五六七八九十"},
    )
    assert (first.status_code, "已收到“场所.pdf”" in page(first), "已有“图.pdf”" in page(first)) == (
        422,
        True,
        True,
    )
    long = opened(shop, mine, **{"f.plan": "0", "f.name": "一二三四五六七八九十"})
    assert ("不能超过 9 个字" in page(long), "已收到“场所.pdf”" in page(long)) == (True, True)
    bad = opened(shop, mine, file_1=SimpleUploadedFile("a.exe", b"MZ\x90\x00" + b"\x00" * 60))
    assert ("#field-file_1" in page(bad), "不收这种文件" in page(bad), "已收到" in page(bad)) == (
        True,
        True,
        False,
    )
    assert "经营场所证明</a>: 必要的材料,还没有传。" in page(opened(shop, other, **{"f.plan": pdf()}))
    assert opened(shop, mine, file_1=pdf("场所.pdf"), phone="1").status_code == 422
    assert "请选择“平面图”" in page(opened(shop, Client(), file_1=pdf(), **{"f.plan": "0"}))
    assert "必要的材料,还没有传" in page(opened(shop, mine, drop="file_1"))
    again = opened(shop, mine, file_1=pdf("场所.pdf"), phone="1")
    assert (again.status_code, state_now() == before) == (422, True)
    strays_discard(now=datetime.now(UTC) + timedelta(days=1, minutes=1))
    gone = opened(shop, mine)
    assert (gone.status_code, "请选择“平面图”" in page(gone), "已收到" in page(gone)) == (422, True, False)
    opened(shop, mine, file_1=pdf("场所.pdf"), phone="1", **{"f.plan": pdf("图.pdf")})
    assert state_now() == before
    assert opened(shop, mine).status_code == 302
    with kernel_writes():
        assert sorted(Attachment.objects.values_list("name", flat=True)) == ["1-经营场所证明.pdf", "图.pdf"]
    assert mine.session["kept_files"] == {}


def test_all_that_is_wrong_is_told_at_once_each_beside_its_field(
    window: Window, catering: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: window.now)
    mine, before = Client(), state_now()
    sent = {
        "name": "",
        "phone": "12",
        "file_2": pdf("健康.pdf"),
        "dated_2": "2025-01-05",
        "f.name": "水城小厨",
    }
    shown = page(opened(catering, mine, **sent))
    for words in (
        "field-wrong", 'id="name-wrong"', 'id="phone-wrong"', 'href="#field-form-address"', 'id="field-form-address-wrong"',
        'href="#field-dated_2">健康证明的签发日期</a>: 第 2 项“健康证明”已过期', 'id="dated_2-wrong"', "已收到“健康.pdf”", 'value="水城小厨"',
    ):  # fmt: skip
        assert words in shown, words
    assert 'id="file_1-wrong"' not in shown  # the city may have issued it: nobody knows yet to whom
    sent |= {"name": PERSON["name"], "phone": PERSON["phone"], "file_2": "", **form_fields(CATERING)}
    late = page(opened(catering, mine, **sent))
    told = ['id="file_1-wrong"' in late, 'id="dated_2-wrong"' in late, 'id="name-wrong"' in late]
    assert (told, state_now() == before) == ([True, True, False], True)
    assert 'id="dated_2-wrong"' in page(opened(catering, mine, **{**sent, "dated_2": "2026-02-30"}))


def test_no_more_is_kept_for_one_address_than_is_taken(window: Window, shop: Item) -> None:
    policy_set(
        code="public.amounts", value={"keep_address": {"hour": 1, "day": 1}}, unit="times",
        valid_from=window.now.date(), legal_basis="测试", now=window.now, by="system",
    )  # fmt: skip
    assert "已收到“a.pdf”" in page(opened(shop, Client(), phone="1", file_1=pdf()))
    assert (
        "已收到" in (told := page(opened(shop, Client(), phone="1", file_1=pdf()))),
        "太多了" in told,
    ) == (False, True)


def test_what_is_not_open_on_line_is_not_found_there(window: Window) -> None:
    assert Client().get(f"/public/apply/{window.item.pk}").status_code == 404
    assert "网上申请" not in page(Client().get(f"/public/guide/{window.item.pk}"))
    assert (
        Client().get("/public/applied?number=BJ2026030200001")["Location"]
        == "/public/follow?number=BJ2026030200001"
    )
