"""A theme taken in as single items are: with their forms, with materials to follow, on a commitment; its papers, and what an untrue word costs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.forms.selectors import answers_of, answers_read
from bihuan.kernel.forms.services import form_publish
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.packs.onewindow.applying.services import applications_by_the_clock
from bihuan.packs.onewindow.catalogue.services import item_set
from bihuan.packs.onewindow.models import Commitment, Item, ItemVersion
from tests.packs.onewindow.bazaar import FOOD, HYGIENE, SIGN, Bazaar
from tests.packs.onewindow.conftest import As
from tests.packs.onewindow.test_commitments import REVOKED
from tests.packs.onewindow.test_item_forms import page, pdf
from tests.packs.onewindow.test_loop import clock, refused, state_now
from tests.packs.onewindow.test_missing import bring, follower
from tests.packs.onewindow.test_theme_pages import sent

pytestmark = pytest.mark.django_db
NAME = {"title": "店名", "type": "string", "maxLength": 20}
HYGIENE_FORM = {
    "title": "卫生许可申请表", "type": "object", "required": ["name", "plan"],
    "properties": {"name": NAME, "plan": {"title": "布局图", "type": "integer", "format": "attachment"}},
}  # fmt: skip
FOOD_FORM = {
    "title": "食品经营许可申请书", "type": "object", "required": ["name", "area"],
    "properties": {"name": NAME, "area": {"title": "面积", "type": "integer", "minimum": 1}},
}  # fmt: skip
LACKING = ("1", "2", "4", "6", "7")
"""All but the drawing of the sign, which may follow."""


def change(bazaar: Bazaar, code: str, **given: Any) -> None:
    item, window = Item.objects.get(code=code), bazaar.window
    unit = ItemVersion.objects.filter(item=item).latest("pk").unit_id
    item_set(item=item.pk, given=given, unit=unit, now=window.now, by="system")


def answers(case: int) -> list[Mapping[str, Any]]:
    with kernel_writes():
        return [answers_read(row) for row in answers_of(case=case)]


def test_what_two_forms_ask_alike_is_asked_once_and_each_office_gets_its_own(bazaar: Bazaar, as_: As) -> None:
    now = bazaar.window.now
    for code, name, schema in ((HYGIENE, "t.hygiene", HYGIENE_FORM), (FOOD, "t.food", FOOD_FORM)):
        text = json.dumps(schema)
        form_publish(code=name, schema=text, valid_from=now.date(), basis="测试", now=now, by="system")
        change(bazaar, code, form=name)
    fang, before = as_("fang"), state_now()
    shown = page(fang.get(f"/onewindow/window/theme/{bazaar.theme.pk}"))
    asked = [f'name="f.{path}"' in shown for path in ("p1.name", "p1.plan", "p2.name", "p2.area")]
    assert (asked, "上面的《卫生许可申请表》" in shown) == ([True, True, False, True], True)
    wrong = sent(fang, bazaar, key="w1", **{"f.p1.plan": pdf("图.pdf"), "f.p2.area": "0"})
    told = page(wrong)
    said = [
        words in told for words in ("请填写“店名”", "“面积”不能小于 1", "已有“图.pdf”", "#field-form-p1.name")
    ]
    assert (wrong.status_code, said, told.count("请填写“店名”")) == (422, [True] * 4, 2)
    assert state_now() == before
    done = sent(fang, bazaar, key="w1", **{"f.p1.plan": "0", "f.p1.name": "水城面馆", "f.p2.area": "45"})
    whole = bazaar.window.case(int(_whole(done["Location"])))
    with kernel_writes():
        plan = Attachment.objects.get(case=whole.pk).pk
    assert answers(whole.pk) == [{"name": "水城面馆", "plan": plan}, {"name": "水城面馆", "area": 45}]
    hygiene = int(bazaar.part(whole.pk, "卫生").case_id or 0)
    with kernel_writes():
        copy = Attachment.objects.get(case=hygiene)
    assert (answers(hygiene), copy.name) == ([{"name": "水城面馆", "plan": copy.pk}], "图.pdf")
    bazaar.grant(whole.pk, "卫生")
    assert answers(int(bazaar.part(whole.pk, "食品").case_id or 0)) == [{"name": "水城面馆", "area": 45}]
    assert answers(int(bazaar.part(whole.pk, "招牌").case_id or 0)) == []
    assert ledger_verify().faults == ()


def _whole(location: str) -> int:
    from bihuan.kernel.cases.models import Case

    with kernel_writes():
        return Case.objects.get(number=location.rsplit("/", 1)[-1]).pk


def test_what_may_follow_holds_up_its_own_part_alone_until_it_is_brought(bazaar: Bazaar, as_: As) -> None:
    window = bazaar.window
    change(bazaar, SIGN, materials="设计图和效果图 | 可容缺\n营业执照 | 城市已有")
    refused(lambda: bazaar.take("1", "2", "4", "7", outcome="accept_lacking"), "可容缺清单")
    taken = bazaar.take(*LACKING, outcome="accept_lacking")
    assert (taken.state, window.case(taken.case).facts["accepted"]) == ("parallel", "tolerant")
    assert (
        clock(taken.case, "supplement").due_at or window.now
    ).date().isoformat() == "2026-03-10"  # 8 - 2 working days
    bazaar.grant(taken.case, "卫生")
    bazaar.examine(taken.case, "招牌")
    sign = int(bazaar.part(taken.case, "招牌").case_id or 0)
    grant = {"answer": "准予设置。"}
    chief = bazaar.who("招牌", "section_chief")
    refused(lambda: window.move(sign, "part_grant", chief, **grant), "容缺的材料还没有补齐")
    told = {"ground": "not_supplied", "answer": "容缺的材料没有按期补齐,终止办理。"}
    head = "371502_approval_bureau_head"
    refused(lambda: window.move(taken.case, "terminate_theme", head, **told), "补齐期限还没有到")
    mine = follower(taken)  # type: ignore[arg-type]
    followed = page(mine.get(f"/public/cases/{taken.number}"))
    for words in (
        "5. 设计图和效果图",
        "各部分办得怎样",
        "<strong>公共场所卫生许可</strong> 已办结",
        "东昌府区综合行政执法局",
    ):
        assert words in followed, words
    assert "材料交齐了" in page(bring(mine, taken, file_5=pdf()))  # type: ignore[arg-type]
    assert [window.case(case).facts["materials"] for case in (taken.case, sign)] == [
        {**dict.fromkeys("124567", "present"), "3": "held", "8": "lacking"}, {"1": "present", "2": "held"},
    ]  # fmt: skip
    assert clock(taken.case, "supplement").stopped_at == window.now
    assert window.move(sign, "part_grant", chief, **grant).closed
    assert ledger_verify().faults == ()


def test_what_does_not_follow_in_time_ends_the_whole_and_its_parts(bazaar: Bazaar) -> None:
    window = bazaar.window
    change(bazaar, SIGN, materials="设计图和效果图 | 可容缺\n营业执照 | 城市已有")
    gone, late = (bazaar.take(*LACKING, outcome="accept_lacking").case for _ in range(2))
    told = {"ground": "gone", "answer": "申请的店铺已经注销,终止办理。"}
    refused(lambda: window.move(gone, "terminate_theme", "fang", **told), "权限|角色")
    assert window.move(gone, "terminate_theme", "371502_approval_bureau_head", **told).state == "evaluating"
    window.later(days=9)
    assert applications_by_the_clock(now=window.now) == 2  # and nobody evaluated the first
    assert window.case(late).state == "evaluating"
    parts = [bazaar.part(whole, code).case for whole in (gone, late) for code in ("卫生", "招牌")]
    assert [case.state for case in parts if case] == ["part_withdrawn"] * 4


def test_a_commitment_where_every_item_allows_it_is_checked_by_every_office(bazaar: Bazaar) -> None:
    window = bazaar.window
    refused(lambda: bazaar.take("1", outcome="accept_commitment", signed="on"), "不适用告知承诺")
    for code in (HYGIENE, SIGN, FOOD):
        change(bazaar, code, commitment=True)
    refused(lambda: bazaar.take("1", outcome="accept_commitment"), "承诺书")
    taken = bazaar.take("1", outcome="accept_commitment", signed="on")
    for code in ("卫生", "招牌", "食品"):
        assert bazaar.grant(taken.case, code).closed
    window.move(taken.case, "issue_permit", "ren")
    with kernel_writes():
        checks = {
            row.application.version.name: row.pk
            for row in Commitment.objects.select_related("application__version")
        }
    assert sorted(checks) == ["公共场所卫生许可", "户外广告设施设置审批", "食品经营许可(新办)"]
    check = checks["食品经营许可(新办)"]
    window.move(check, "find_untrue", "wang", found="登记的地址没有经营场所。")
    window.move(check, "revoke", "chen", **REVOKED)
    with kernel_writes():
        assert Certificate.objects.get(case=taken.case).state == "revoked"
    refused(lambda: bazaar.take("1", outcome="accept_commitment", signed="on"), "在失信名单里")
    assert ledger_verify().faults == ()


def test_a_theme_has_the_papers_that_single_items_have(bazaar: Bazaar, as_: As) -> None:
    taken, fang = bazaar.take("1", "2", "4", outcome="tell_missing"), as_("fang")
    shown = page(fang.get(f"/cases/{taken.number}"))
    papers = [f"/onewindow/cases/{taken.number}/papers/{code}" for code in ("receipt", "missing", "accepted")]
    assert [paper in shown for paper in papers] == [True, True, False]
    assert [fang.get(paper).status_code for paper in papers] == [200, 200, 404]
    assert fang.get(papers[1]).content.startswith(b"%PDF")
    before = state_now()
    listed = {"received": ["5", "6", "7"], "version": "0"}
    assert Client().post(f"/onewindow/cases/{taken.number}/materials", listed).status_code == 302
    assert state_now() == before
    listed["version"] = str(bazaar.window.case(taken.case).version)
    fang.post(f"/onewindow/cases/{taken.number}/materials", listed)
    assert bazaar.window.move(taken.case, "accept_theme", "fang").state == "parallel"
    assert fang.get(papers[2]).status_code == 200
