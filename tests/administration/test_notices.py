"""Words of notices, webhook targets and what was sent, on the screen: each with its entry, refusals change nothing."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from bihuan.kernel.ledger.selectors import register_entries
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.defaults import TEXTS, default_text
from bihuan.kernel.notices.models import Notice, NoticeTemplate, TargetHold, WebhookTarget
from bihuan.kernel.notices.services import notice_words, notices_send
from bihuan.kernel.notices.upkeep import notice_again, template_reset, template_set, webhook_add, webhook_hold
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from tests.administration.conftest import City, Log
from tests.kernel.gateway import Gateway, declined, gateway, ids
from tests.kernel.gateway import opened as reported

__all__ = ["gateway", "ids", "reported"]
pytestmark = pytest.mark.django_db
DECLINED = "/administration/wording/of/declined~zh-hans~"
WORDS = {"subject": "未受理", "text": "您的事项 {number} 未能受理,请凭编号查询理由。", "channel": "sms"}
OTHERS = ("security", "audit", "tang", "wang")


def words(channel: str = "sms") -> tuple[str, str]:
    return notice_words(template="declined", channel=channel, language="zh-hans", context={"number": "RX1"})


def test_words_are_changed_for_one_channel_after_a_look_and_restored(as_: Log, nothing_changed: Any) -> None:
    admin, before = as_("admin"), nothing_changed()
    seen = admin.post(f"{DECLINED}/do/set", WORDS)
    assert nothing_changed() == before
    shown = seen.context["effect"].tables[0].rows[1][2]
    assert re.fullmatch(r"您的事项 [A-Z]{2}2026030200001 未能受理,请凭编号查询理由。", shown)
    assert admin.post(f"{DECLINED}/do/set", {**WORDS, "confirm": seen.context["seal"]}).status_code == 302
    assert words() == ("未受理", "您的事项 RX1 未能受理,请凭编号查询理由。")
    assert words("email")[0] == "不予受理"
    page = admin.get(f"{DECLINED}sms")
    assert [(entry.what, entry.who) for entry in page.context["history"]] == [("改写通知模板", "系统管理员")]
    assert admin.get("/administration/wording?own=yes").context["count"] == 1
    assert admin.post(f"{DECLINED}sms/do/reset").status_code == 302
    assert words()[0] == "不予受理"
    assert admin.post(f"{DECLINED}sms/do/reset").status_code == 403
    with kernel_writes():
        entries = register_entries(stream="notice", match={"code": "declined", "channel": "sms"})
    assert [entry.kind for entry in entries] == ["template_reset", "template_set"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"text": "没有编号"}, "text"),
        ({"text": "{number} {name}"}, "text"),
        ({"text": "{number} {"}, "text"),
        ({"text": ""}, "text"),
        ({"text": "{number}" + "长" * 500}, "text"),
        ({"text": "{number}\x07"}, "text"),
        ({"subject": ""}, "subject"),
        ({"subject": "{phone}"}, "subject"),
        ({"channel": "webhook"}, "channel"),
    ],
)
def test_words_that_make_no_sense_are_refused(
    as_: Log, nothing_changed: Any, changed: dict[str, str], field: str
) -> None:
    before = nothing_changed()
    answer = as_("admin").post(f"{DECLINED}/do/set", {**WORDS, **changed})
    assert answer.status_code == 422
    assert [name for name, _label, _text in answer.context["form"].problems] == [field]
    assert nothing_changed() == before


def test_a_long_text_message_is_cautioned(as_: Log) -> None:
    seen = as_("admin").post(f"{DECLINED}/do/set", {**WORDS, "text": "{number}" + "长" * 60})
    assert seen.context["effect"].cautions == (
        "短信共 75 个字,会分成 2 条计费。",
        "新的文字里没有查询码 {code},收到的人不能上网查。",
    )


def test_a_notice_to_officers_knows_no_code_to_follow_by(as_: Log, nothing_changed: Any) -> None:
    before = nothing_changed()
    answer = as_("admin").post(
        "/administration/wording/of/urged~zh-hans~/do/set", {**WORDS, "text": "{number} {code} 被催办"}
    )
    assert answer.context["form"].problems == [
        ("text", "内容", "这种通知没有这个占位:code。可用的:{number}。")
    ]
    assert nothing_changed() == before


def test_the_words_exported_are_imported_without_a_change(as_: Log, nothing_changed: Any) -> None:
    admin = as_("admin")
    before, exported = (
        nothing_changed(),
        admin.get("/administration/wording/export.csv").content.decode("utf-8-sig"),
    )
    seen = admin.post("/administration/wording/import", {"text": exported})
    counted = seen.context["plan"].counted
    assert (counted["new"], counted["changed"]) == (0, 0)
    assert counted["same"] > 40
    assert nothing_changed() == before
    changed = exported.replace("不予受理,", "未受理,", 1)
    seen = admin.post("/administration/wording/import", {"text": changed})
    assert seen.context["plan"].counted["changed"] == 1
    assert (
        admin.post("/administration/wording/import", {"rows": seen.context["plan"].kept}).status_code == 302
    )
    assert words()[0] == "未受理"
    assert NoticeTemplate.objects.count() == 1


def test_only_the_system_administrator_keeps_notices(city: City, nothing_changed: Any) -> None:
    before = nothing_changed()
    for who in OTHERS:
        by = city.people[who]
        for refused in (
            lambda by=by: template_set(code="declined", language="en", now=city.now, by=by, **WORDS),
            lambda by=by: template_reset(code="declined", language="en", channel="", now=city.now, by=by),
            lambda by=by: webhook_add(name="x", url="https://example.org", events=["*"], now=city.now, by=by),
            lambda by=by: webhook_hold(target=1, hold=True, now=city.now, by=by),
            lambda by=by: notice_again(notice=1, now=city.now, by=by),
        ):
            with pytest.raises(NotPermitted):
                refused()
    assert nothing_changed() == before


def test_a_webhook_is_added_tested_held_and_removed(as_: Log, gateway: Gateway) -> None:
    admin = as_("admin")
    form = {"name": "市数据局", "url": f"{gateway.url}/events", "events": ["declined", "breach"]}
    made = admin.post("/administration/webhooks/do/add", form)
    assert made.status_code == 200
    with kernel_writes():
        row = WebhookTarget.objects.get()
    assert made.context["made"].secret == row.secret
    assert (row.name, row.events, row.active) == ("市数据局", ["breach", "declined"], True)
    page = f"/administration/webhooks/of/{row.pk}"
    assert row.secret not in admin.get(page).content.decode()
    assert admin.post(f"{page}/do/test").status_code == 302
    assert [path for path, _headers, _body in gateway.got] == ["/events"]
    gateway.statuses = [500]
    *_, said = admin.post(f"{page}/do/test", follow=True).context["messages"]
    assert (said.level_tag, str(said)) == ("error", "测试事件没有送达:HTTP 500。")
    assert admin.post(f"{page}/do/hold").status_code == 302
    assert admin.post(f"{page}/do/hold").status_code == 403
    assert admin.post(f"{page}/do/resume").status_code == 302
    assert admin.post(f"{page}/do/remove").status_code == 302
    assert admin.get(page).status_code == 404
    with kernel_writes():
        assert not WebhookTarget.objects.exists()
        entries = register_entries(stream="notice", match={"target": row.pk})
    assert [entry.kind for entry in entries] == [
        "webhook_removed", "webhook_resumed", "webhook_held", "webhook_tested", "webhook_tested", "webhook_added",
    ]  # fmt: skip
    assert row.secret not in str(entries)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"url": "http://example.org/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "ftp://example.org/"}, "url"),
        ({"url": "https://" + "a" * 300}, "url"),
        ({"url": "https://[1"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["nothing"]}, "events"),
        ({"name": ""}, "name"),
        ({"name": "长" * 61}, "name"),
        ({"name": "已有"}, "name"),
    ],
)
def test_a_senseless_target_is_refused(
    as_: Log, nothing_changed: Any, gateway: Gateway, changed: dict[str, Any], field: str
) -> None:
    admin = as_("admin")
    form = {"name": "甲", "url": f"{gateway.url}/events", "events": ["*"]}
    assert admin.post("/administration/webhooks/do/add", {**form, "name": "已有"}).status_code == 200
    before = nothing_changed()
    answer = admin.post("/administration/webhooks/do/add", {**form, **changed})
    assert answer.status_code == 422
    assert [name for name, _label, _text in answer.context["form"].problems] == [field]
    assert nothing_changed() == before
    assert len(gateway.got) == 0


def test_what_failed_is_shown_and_sent_again(
    as_: Log, city: City, ids: dict[str, int], gateway: Gateway, nothing_changed: Any
) -> None:
    case, notice = declined(ids, city.now)
    gateway.statuses = [400] * 6
    for _try in range(6):
        with kernel_writes():
            Notice.objects.filter(pk=notice.pk).update(next_attempt_at=city.now)
        notices_send(ids=[notice.pk], now=city.now)
    tang = as_("tang").get("/administration/sent?status=failed")
    assert case.number in tang.content.decode()
    admin = as_("admin")
    page = admin.get("/administration/sent?status=failed").content.decode()
    assert case.number not in page
    assert "HTTP 400" in page
    shown = [
        [column.name for column in one.context["columns"]][-2:]
        for one in (tang, admin.get("/administration/sent"))
    ]
    assert shown == [["number", "text"], ["attempts", "error"]], "who sees no case has no columns of cases"
    assert as_("sun").get("/administration/sent").status_code == 403
    one = f"/administration/sent/of/{notice.pk}"
    assert as_("tang").post(f"{one}/do/again").status_code == 403
    assert admin.post(f"{one}/do/again").status_code == 302
    before = nothing_changed()
    assert admin.post(f"{one}/do/again").status_code == 403
    with pytest.raises(Refusal, match="只有失败的消息"):
        notice_again(notice=notice.pk, now=city.now, by=city.people["admin"])
    with pytest.raises(NotFound):
        notice_again(notice=10**9, now=city.now, by=city.people["admin"])
    assert nothing_changed() == before
    with kernel_writes():
        TargetHold.objects.all().delete()
    assert notices_send(ids=[notice.pk], now=city.now + timedelta(hours=2)).sent == [notice.pk]
    page = as_("tang").get("/administration/sent").content.decode()
    assert "199****0001" in page
    assert "19900000001" not in page
    history = as_("admin").get(one).context["history"]
    assert [(entry.what, entry.who) for entry in history] == [("重新发送", "系统管理员")]


def test_what_was_pushed_stands_on_the_page_of_its_target(
    as_: Log, city: City, ids: dict[str, int], gateway: Gateway, settings: Any
) -> None:
    admin, settings.SMS_GATEWAY = as_("admin"), ""
    form = {"name": "市数据局", "url": f"{gateway.url}/events", "events": ["declined"]}
    page = admin.post("/administration/webhooks/do/add", form).context["made"].address
    assert admin.get(page).context["tables"] == []
    gateway.statuses = [503]
    notices_send(ids=[declined(ids, city.now)[1].pk], now=city.now)
    with kernel_writes():
        notice = Notice.objects.get(channel="webhook")
        TargetHold.objects.update(until=city.now + timedelta(days=1))
    [table] = admin.get(page).context["tables"]
    assert table.title == "最近推送的(最多 10 条)"
    assert [row[1:] for row in table.rows] == [("不予受理", "待发", "1", "HTTP 503")]
    sent = admin.get("/administration/sent?channel=webhook")
    assert "市数据局" in sent.content.decode()
    assert f">{notice.target}<" not in sent.content.decode()
    held = [one for one in sent.context["figures"] if one["label"] == "暂停的目标"]
    assert [(one["value"], one["note"]) for one in held] == [(1, "市数据局")]


def test_no_two_kinds_of_notice_are_called_the_same() -> None:
    for language in ("zh-hans", "en"):
        told = [default_text(code, language)[0] for code in TEXTS]
        assert [one for one, times in Counter(told).items() if times > 1] == []
