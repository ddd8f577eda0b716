"""The score card as a form: weights that come to 100, the effect on last month's lists before it counts, refusals at their field."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest

from bihuan.kernel.administration.policy_checks import value_check
from bihuan.kernel.administration.policy_values import rule_of
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.models import PolicyRule
from bihuan.kernel.scoring.models import Item
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import SHANGHAI
from bihuan.packs.hotline.policies import POLICIES
from tests.administration.conftest import Log

pytestmark = pytest.mark.django_db
CARD = next(value for code, value, *_more in POLICIES if code == "hotline.score_card")
ADDRESS = "/administration/policies/of/hotline.score_card/do/set"
TYPED = {
    "name": "东昌府区日考核办法", "version": "2026", **{f"weight_{name}": str(weight) for name, weight in CARD["weights"].items()},
    "weight_resolution": "30", "weight_signing": "0", "weight_without_red": "0", "weight_without_yellow": "0", "least": "0", "shrink": "0", "bottom": "3", "months": "2", "close_days": "3",
    "light_red": "60", "light_yellow": "75", "light_blue": "85", "public": "on", "valid_from": "2026-04-01",
    "legal_basis": "办法第6条",
}  # fmt: skip


def _items(units: list[int], measure: str, bad: dict[int, int]) -> None:
    """Twenty counts of February for each unit, so many of them bad."""
    at = datetime(2026, 2, 10, 9, 0, tzinfo=SHANGHAI)
    with kernel_writes():
        Item.objects.bulk_create(
            Item(
                seq=unit * 100 + n, pack="hotline", measure=measure, unit_id=unit, at=at, outcome="bad" if n < bad.get(unit, 0) else "good"
            )
            for unit in units
            for n in range(20)
        )  # fmt: skip


def test_the_card_is_set_by_its_form_after_its_effect_was_seen(as_: Log, nothing_changed: Any) -> None:
    units = list(Unit.objects.filter(kind="department").order_by("pk").values_list("pk", flat=True)[:5])
    _items(units, "resolution", {units[0]: 10})
    _items(units, "signing", {units[1]: 20, units[2]: 1, units[3]: 2})
    admin, before = as_("admin"), nothing_changed()
    page = admin.get(ADDRESS).content.decode()
    assert "各项指标的权重" in page and 'value="25"' in page and "<output>100</output>" in page
    seen = admin.post(ADDRESS, TYPED)
    effect, names = seen.context["effect"], dict(Unit.objects.values_list("pk", "name"))
    assert effect.lines[0].startswith("《东昌府区日考核办法(2026)》; 响应率 10; 解决率 30;")
    assert "公开排名" in effect.lines[0] and "及时签收率" not in effect.lines[0]
    assert (
        effect.lines[1]
        == "一个月按月初那天的办法计分:2026-04 起的各月按新办法,以前各月和已经结算的名次都不变。"
    )
    assert [table.title for table in effect.tables] == ["例:2026-02的部门,名次和成绩会变的"]
    rows = {row[0]: row[1:] for row in effect.tables[0].rows}
    assert rows[names[units[1]]][1] == "第 1 名 · 100.00"  # signing weighs nothing any more
    assert rows[names[units[0]]][1] == "第 5 名 · 50.00 红色通报"
    assert nothing_changed() == before
    assert admin.post(ADDRESS, {**TYPED, "confirm": seen.context["seal"]}).status_code == 302
    row = PolicyRule.objects.latest("pk")
    weights = {**CARD["weights"], "resolution": 30}
    del weights["signing"]
    assert (row.code, row.valid_from, row.value) == (
        "hotline.score_card", date(2026, 4, 1), {
            "name": "东昌府区日考核办法", "version": "2026", "weights": weights, "least": 0, "shrink": 0, "bottom": 3, "months": 2,
            "close_days": 3, "lights": {"red": 60, "yellow": 75, "blue": 85}, "public": True,
        },
    )  # fmt: skip
    assert (
        "东昌府区日考核办法" in admin.get("/administration/policies/of/hotline.score_card").content.decode()
    )


def test_a_card_from_the_middle_of_a_month_counts_from_the_next(as_: Log) -> None:
    seen = as_("admin").post(ADDRESS, {**TYPED, "valid_from": "2026-03-20"})
    assert seen.context["effect"].lines[1].startswith("一个月按月初那天的办法计分:2026-04 起")


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"weight_resolution": "25"}, "weight_response", "各项权重合计应为 100,现在是 95。"),
        ({"weight_resolution": "x"}, "weight_resolution", "整数"),
        ({"weight_resolution": "101"}, "weight_resolution", "100"),
        ({"weight_resolution": ""}, "weight_resolution", ""),
        ({"name": ""}, "name", ""),
        ({"name": "长" * 81}, "name", "80"),
        ({"months": "0"}, "months", "1"),
        ({"close_days": "28"}, "close_days", "27"),
        ({"light_red": "80"}, "light_red", "红色的分数线不能高于黄色,黄色的不能高于蓝色。"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    as_: Log, nothing_changed: Any, changed: dict[str, str], field: str, words: str
) -> None:
    admin, before = as_("admin"), nothing_changed()
    answer = admin.post(ADDRESS, {**TYPED, **changed})
    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == [field] and words in form.errors[field][0]
    page = answer.content.decode()
    assert "东昌府区日考核办法" in page or "name" in changed  # what was typed is kept
    assert ('<output class="wrong">95</output>' in page) is (changed == {"weight_resolution": "25"})
    assert nothing_changed() == before


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"weights": {"on_time": 100, "praise": 0}}, "weight_response"),
        ({"weights": {"on_time": "100"}}, "weight_on_time"),
        ({"weights": {}}, "weight_response"),
        ({"lights": {"green": 1}}, "light_red"),
        ({"public": "yes"}, "public"),
        ({"fines": 3}, "value"),
        ({"version": " "}, "version"),
        ({"least": 1.5}, "least"),
    ],
)
def test_a_card_from_a_file_is_judged_alike(changed: dict[str, Any], field: str) -> None:
    rule = rule_of("hotline.score_card")
    value_check(rule, CARD)
    with pytest.raises(Refusal) as refused:
        value_check(rule, {**CARD, **changed})
    assert (refused.value.field, refused.value.rule) == (field, "hotline.score_card")


def test_what_is_exported_can_be_imported(as_: Log) -> None:
    """The value goes out and comes in as JSON, as before."""
    admin = as_("admin")
    answer = admin.get("/administration/policies/export.csv?q=hotline.score_card")
    text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8-sig")
    assert json.dumps(CARD, ensure_ascii=False).replace('"', '""') in text or '""weights""' in text
