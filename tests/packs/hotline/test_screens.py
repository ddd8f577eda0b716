"""The hotline's screens: an order is taken once, with every fault beside its field, and the figures are told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.lib.shares import share_told
from bihuan.packs.hotline.figures import time_told
from bihuan.packs.hotline.models import Order
from bihuan.packs.hotline.services import order_take
from tests.desk.conftest import as_, city  # noqa: F401  fixtures

As = Callable[..., Client]
GOOD = {
    "text": "古楼街道锦渡胡同一下雨就积水,老人出不了门。",
    "type": "complaint",
    "matter": "道路积水",
    "territory": "古楼街道",
    "place": "锦渡胡同",
    "reporter": "宋女士",
    "phone": "199 0000 0001",
}


def everything() -> None:
    scope_apply(Scope(0, (), (), True))


def counted() -> tuple[int, int, int]:
    everything()
    return Case.objects.count(), Order.objects.count(), LedgerEntry.objects.count()


def key_of(client: Client, address: str = "/hotline/new") -> str:
    body = client.get(address).content.decode()
    return re.search(r'name="key" value="(\w{32})"', body)[1]  # type: ignore[index]


def test_an_order_is_taken_and_its_page_says_where_it_went_and_why(as_: As) -> None:
    client = as_("li")
    key = key_of(client)
    response = client.post("/hotline/new", {**GOOD, "key": key}, follow=True)
    everything()
    case = Case.objects.get()
    assert response.redirect_chain == [(f"/hotline/taken/{key}", 302)]
    unit = Unit.objects.get(code="371502_municipal")
    assert (case.unit_id, case.state, case.matter, case.version) == (unit.pk, "dispatched", "0101", 2)
    said = response.content.decode()
    assert f">{case.number}</h1>" in said
    assert f'<p class="seat-unit">{unit.name}</p>' in said
    assert re.search(r"<b>0\.\d\d\d 秒</b> 从登记到承办单位的工作台", said)
    assert "<li>类别:道路积水(登记时注明)</li>" in said
    assert "派单目录:道路积水由东昌府区市政工程服务中心主办" in said
    assert f'href="/cases/{case.number}" data-key="c"' in said
    assert Party.objects.get(case=case).phone == "19900000001"


def test_a_form_sent_twice_is_taken_once(as_: As) -> None:
    client = as_("li")
    typed = {**GOOD, "key": key_of(client)}
    first = client.post("/hotline/new", typed)
    before = counted()
    second = client.post("/hotline/new", typed, follow=True)
    assert counted() == before
    assert before[0] == 1
    assert second.redirect_chain[0][0] == first.headers["Location"] + "?again=1"
    assert "同一张表只登记一次" in second.content.decode()


def test_another_order_on_a_used_form_is_asked_about_and_then_taken(as_: As) -> None:
    client = as_("li")
    key = key_of(client)
    client.post("/hotline/new", {**GOOD, "key": key})
    before = counted()
    other = {**GOOD, "text": "锦渡胡同的路灯也不亮。", "matter": ""}
    refused = client.post("/hotline/new", {**other, "key": key})
    assert refused.status_code == 422
    assert "这张表已登记过一件" in refused.content.decode()
    assert "锦渡胡同的路灯也不亮。" in refused.content.decode()
    assert counted() == before
    fresh = re.search(r'name="key" value="(\w{32})"', refused.content.decode())[1]  # type: ignore[index]
    assert fresh != key
    assert client.post("/hotline/new", {**other, "key": fresh}).status_code == 302
    assert counted()[0] == before[0] + 1


def test_a_form_without_its_key_is_not_taken(as_: As) -> None:
    client = as_("li")
    before = counted()
    refused = client.post("/hotline/new", GOOD)
    assert refused.status_code == 422
    assert "表单不完整" in refused.content.decode()
    assert counted() == before


BAD: tuple[tuple[dict[str, str], str, str], ...] = (
    ({"text": ""}, "text", "不能为空"),
    ({"text": "长" * 4001}, "text", "不能超过4000个字"),
    ({"text": "长" * 400_000}, "text", "不能超过4000个字"),
    ({"text": "有\x00空"}, "text", "含有控制字符"),
    ({"type": ""}, "type", "请选择"),
    ({"type": "quarrel"}, "type", "没有“quarrel”这一项"),
    ({"channel": "pigeon"}, "channel", "没有“pigeon”这一项"),
    ({"matter": "吵架"}, "matter", "没有这个事项"),
    ({"phone": "1380000"}, "phone", "手机号码应为11位且第二位为3至9，现为7位"),
    ({"accused": "没有的局 · 371502_none"}, "accused", "没有这个单位"),
    ({"outcome": "answer", "answer": "已经说明。"}, "outcome", "投诉和举报要派给责任单位办理"),
    ({"outcome": "answer", "type": "enquiry"}, "answer", "请填写“答复”"),
    ({"outcome": "decline", "answer": "已经说明。"}, "reason", "请填写"),
    (
        {"outcome": "decline", "reason": "other_route", "answer": "请向法院起诉。"},
        "route",
        "要告知来电人正确的途径",
    ),
    ({"outcome": "forget"}, "outcome", "办理方式只能是派单、直接答复或不予受理"),
    ({"place": "处" * 201}, "place", "不能超过200个字"),
)


@pytest.mark.parametrize(("change", "field", "told"), BAD)
def test_a_fault_is_told_beside_its_field_with_everything_kept(
    as_: As, change: dict[str, str], field: str, told: str
) -> None:
    client = as_("li")
    key = key_of(client)
    before = counted()
    refused = client.post("/hotline/new", {**GOOD, **change, "key": key})
    body = refused.content.decode()
    assert refused.status_code == 422
    assert counted() == before
    assert f'<li><a href="#field-{field}">' in body
    wrong = re.search(
        rf'id="field-{field}-wrong">([^<]*)<|<fieldset class="field field-wrong" id="field-{field}">', body
    )
    assert wrong
    assert told in body
    kept = {**GOOD, **change}
    for name in ("reporter", "territory"):
        assert f'value="{kept[name]}"' in body
    assert f'name="key" value="{key}"' in body
    assert client.post("/hotline/new", {**GOOD, "key": key}).status_code == 302, "the form can be put right"


def test_ten_megabytes_are_refused_before_they_are_read(as_: As) -> None:
    client = as_("li")
    before = counted()
    answer = client.post("/hotline/new", {**GOOD, "text": "长" * 3_400_000, "key": "k"})
    assert answer.status_code == 413
    assert "填写的文字共超过 2 MB" in answer.content.decode()
    assert counted() == before


def test_all_faults_are_told_at_once_and_unknown_fields_too(as_: As) -> None:
    client = as_("li")
    body = client.post(
        "/hotline/new", {"text": "", "phone": "1", "state": "closed", "key": key_of(client)}
    ).content.decode()
    for field in ("text", "phone", "type"):
        assert f'<li><a href="#field-{field}">' in body
    assert "<li>state: 没有这一项</li>" in body


def test_what_is_typed_is_never_markup(as_: As) -> None:
    client = as_("li")
    nasty = "<script>alert(1)</script>'; drop table cases_case; --"
    refused = client.post("/hotline/new", {**GOOD, "text": nasty, "reporter": nasty, "phone": nasty[:40]})
    assert "<script>alert" not in refused.content.decode()


def test_what_the_seat_answers_is_closed_at_once(as_: As) -> None:
    client = as_("li")
    typed = {
        **GOOD,
        "type": "enquiry",
        "outcome": "answer",
        "answer": "正在抢修,今晚通车。",
        "key": key_of(client),
    }
    response = client.post("/hotline/new", typed, follow=True)
    everything()
    case = Case.objects.select_related("content").get()
    assert (case.state, case.content.answer) == ("answered", "正在抢修,今晚通车。")
    assert "已直接答复,办结" in response.content.decode()
    before = counted()
    assert "同一张表只登记一次" in client.post("/hotline/new", typed, follow=True).content.decode()
    assert counted() == before


def test_what_the_seat_declines_names_reason_and_route(as_: As) -> None:
    client = as_("li")
    words = {"reason": "other_route", "route": "向人民法院起诉", "answer": "已进入诉讼,请向法院查询。"}
    typed = {**GOOD, "outcome": "decline", **words, "key": key_of(client)}
    response = client.post("/hotline/new", typed, follow=True)
    everything()
    case = Case.objects.select_related("content").get()
    assert (case.state, case.content.answer) == ("declined", words["answer"])
    assert "不予受理,已告知理由" in response.content.decode()


def test_who_may_not_decline_takes_nothing_in(as_: As) -> None:
    client = as_("zhou")
    words = {"reason": "decided", "answer": "已依法作出结论。"}
    before = counted()
    refused = client.post("/hotline/new", {**GOOD, "outcome": "decline", **words, "key": key_of(client)})
    assert refused.status_code == 403
    assert "已依法作出结论。" in refused.content.decode()
    assert counted() == before


def test_what_became_of_a_form_is_told_to_its_own_agent_alone(as_: As) -> None:
    key = key_of(as_("li"))
    as_("li").post("/hotline/new", {**GOOD, "key": key})
    assert as_("li").get(f"/hotline/taken/{key}").status_code == 200
    assert as_("tang").get(f"/hotline/taken/{key}").status_code == 404
    assert as_("li").get("/hotline/taken/nothing").status_code == 404
    assert as_("wang").get(f"/hotline/taken/{key}").status_code == 403


def test_an_accused_unit_is_chosen_by_typing_and_never_gets_the_order(as_: As) -> None:
    client = as_("li")
    typed = {**GOOD, "accused": "东昌府区市政工程服务中心 · 371502_municipal", "key": key_of(client)}
    client.post("/hotline/new", typed)
    everything()
    case = Case.objects.get()
    units = dict(Unit.objects.values_list("code", "id"))
    assert (case.state, case.unit_id) == ("coordinating", units["371502_desk"])
    assert Order.objects.get(case=case).accused_id == units["371502_municipal"]


@pytest.mark.parametrize(
    ("username", "status"),
    [("li", 200), ("tang", 200), ("zhou", 200), ("wang", 403), ("zhao", 403), ("qian", 403), ("admin", 403)],
)
def test_who_takes_orders_in(as_: As, username: str, status: int) -> None:
    client = as_(username)
    before = counted()
    assert client.get("/hotline/new").status_code == status
    assert client.post("/hotline/suggest", {"phone": "19900000001"}).status_code == status
    assert ("/hotline/new" in client.get("/").content.decode()) == (status == 200)
    if status == 403:
        assert client.post("/hotline/new", {**GOOD, "key": "k"}).status_code == 403
        assert counted() == before


def test_nobody_logged_in_is_sent_to_log_in() -> None:
    for address in ("/hotline/new", "/hotline/taken/k", "/hotline/answers", "/hotline/figures"):
        assert "/login" in Client().get(address).headers["Location"]
    assert Client().post("/hotline/suggest", {"text": "积水"}).status_code == 401


test_nobody_logged_in_is_sent_to_log_in = pytest.mark.django_db(test_nobody_logged_in_is_sent_to_log_in)


def test_a_repeated_caller_and_similar_open_orders_are_shown(as_: As, now: Any) -> None:
    client = as_("li")
    everything()
    by = Person.objects.get(username="li").pk
    first = order_take(data=GOOD, by=by, now=now)
    other = order_take(data={**GOOD, "phone": "", "text": "锦渡胡同又积水。"}, by=by, now=now)
    body = client.post("/hotline/suggest", {"phone": "199-0000-0001"}).content.decode()
    assert first.number in body
    assert "近 30 天 1 件" in body
    assert other.number not in body
    typed = {"text": "一下雨就积水", "matter": "道路积水", "place": "锦渡胡同"}
    body = client.post("/hotline/suggest", typed).content.decode()
    assert body.index(first.number) < body.index(other.number)
    assert other.number in body
    page = client.get("/hotline/new?phone=19900000001").content.decode()
    assert first.number in page
    assert 'id="field-phone" name="phone" value="19900000001"' in page


def test_who_may_not_read_numbers_is_not_told_whose_orders_they_are(as_: As, now: Any) -> None:
    client = as_("zhou")
    everything()
    data = {**GOOD, "accused": "371502_municipal"}  # so that it is zhou's own desk that holds it
    taken = order_take(data=data, by=Person.objects.get(username="li").pk, now=now)
    assert client.get(f"/cases/{taken.number}").status_code == 200
    everything()
    typed = {"text": "又积水", "matter": "0101", "place": "锦渡胡同"}
    assert taken.number not in client.post("/hotline/suggest", {"phone": "19900000001"}).content.decode()
    assert taken.number in client.post("/hotline/suggest", typed).content.decode()


def test_the_figures_have_denominators_and_no_share_of_nothing(as_: As, now: Any) -> None:
    client = as_("tang", after=2)
    empty = client.get("/hotline/figures").content.decode()
    assert empty.count("– (0 / 0)") == 9
    everything()
    by = Person.objects.get(username="li").pk
    for data in (GOOD, GOOD, {**GOOD, "matter": "", "territory": "A3区", "text": "说不清"}):
        order_take(data=data, by=by, now=now)
    order_take(data=GOOD, by=by, now=now - timedelta(days=3))
    body = client.get("/hotline/figures").content.decode()
    row = re.search(r"自动派单占比.*?</tr>", body, re.S)[0]  # type: ignore[index]
    assert re.findall(r"<td[^>]*>(.*?)</td>", row) == ["66.7% (2 / 3)", "75.0% (3 / 4)", "75.0% (3 / 4)"]
    shares = re.findall(
        r'<th scope="row">([^<]+)</th><td[^>]*>(\d+)</td><td[^>]*>([^<]+)</td>', body.partition("各类诉求")[2]
    )
    assert shares == [("城市综合", "3", "75.0% (3 / 4)"), ("未定类别", "1", "25.0% (1 / 4)")]


@pytest.mark.parametrize(("username", "status"), [("tang", 200), ("li", 200), ("zhou", 403), ("wang", 403)])
def test_who_reads_the_figures(as_: As, username: str, status: int) -> None:
    client = as_(username)
    assert client.get("/hotline/figures").status_code == status
    assert ("/hotline/figures" in client.get("/boards/hotline").content.decode()) == (status == 200)


def test_times_and_shares_in_words() -> None:
    assert [time_told(s) for s in (None, 0.0312, 1.26, 59.94, 3660)] == [
        "–", "0.031 秒", "1.3 秒", "59.9 秒", "1 小时 1 分钟",
    ]  # fmt: skip
    assert (share_told(0, 0), share_told(0, 4), share_told(1, 3)) == (
        "– (0 / 0)",
        "0.0% (0 / 4)",
        "33.3% (1 / 3)",
    )


def test_whoever_will_not_see_the_order_still_reads_where_it_went(as_: As) -> None:
    client = as_("zhou")
    response = client.post("/hotline/new", {**GOOD, "key": key_of(client)}, follow=True)
    everything()
    number = Case.objects.get().number
    said = response.content.decode()
    assert f">{number}</h1>" in said
    assert f"/cases/{number}" not in said


def test_a_danger_to_life_is_told_first(as_: As) -> None:
    client = as_("li")
    text = "东昌府区柳园街道花园小区3号楼楼道里闻到很浓的煤气味,有老人晕倒了,快来人!"
    alarm = '<p class="seat-danger" role="alert"><strong>危及人身安全:立即转 119</strong>'
    assert alarm in client.post("/hotline/suggest", {"text": text}).content.decode()
    given = {"text": text, "matter": "道路积水"}
    assert alarm in client.post("/hotline/suggest", given).content.decode(), (
        "whatever the matter that is given"
    )
    assert alarm not in client.post("/hotline/suggest", {"text": "道路积水"}).content.decode()
    page = client.post("/hotline/new", {"text": text, "type": "help", "key": "danger-1"}, follow=True)
    assert alarm in page.content.decode()
    everything()
    assert Case.objects.get().progress["passed_on"]
