"""Rules on the screen: the effect before it counts, senseless values refused with their field, files all or nothing."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from bihuan.kernel.administration.policy_checks import value_check
from bihuan.kernel.administration.policy_values import rule_of, rules, value_words
from bihuan.kernel.administration.services import policy_change
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.ledger.selectors import register_entries
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.models import PolicyRule
from bihuan.kernel.policies.selectors import policy_in_force
from bihuan.lib.refusals import NotPermitted, Refusal
from tests.administration.conftest import City, Log

pytestmark = pytest.mark.django_db
SIGN = "/administration/policies/of/hotline.sign"
FORM = {
    "number_default": "6", "unit_default": "working_hour", "warnings_default": "50%, 1 小时", "pauses_default": "on",
    "number_urgent": "1", "unit_urgent": "urgent_hour", "warnings_urgent": "80%", "pauses_urgent": "on",
    "number_urgent.danger": "", "unit_urgent.danger": "minute",
    "valid_from": "2026-03-09", "legal_basis": "试行办法第3条",
}  # fmt: skip
VALUE = {
    "default": {"number": 6, "unit": "working_hour", "warnings": ["0.5", {"number": 1, "unit": "hour"}]},
    "urgent": {"number": 1, "unit": "urgent_hour", "warnings": ["0.8"]},
}


def stored() -> list[Any]:
    """Every stored due time, as the kernel sees them."""
    with kernel_writes():
        return sorted(Clock.objects.values_list("pk", "due_at"))


def confirmed(client: Any, address: str, form: dict[str, str]) -> Any:
    seal = client.post(address, form).context["seal"]
    return client.post(address, {**form, "confirm": seal})


def test_a_limit_is_set_after_its_effect_was_seen(as_: Log, city: City, nothing_changed: Any) -> None:
    city.dispatched()
    city.dispatched(title="路灯不亮")
    admin = as_("admin")
    before, address = nothing_changed(), f"{SIGN}/do/set"
    seen = admin.post(address, FORM)
    assert nothing_changed() == before
    effect = seen.context["effect"]
    assert effect.lines == (
        "从 2026-03-09 起受理的按新值:一般: 6 工作小时, 预警 50%, 1 小时; 紧急: 1 紧急小时, 预警 80%。",
        "在 2026-03-09 之前受理的仍按:一般: 4 工作小时, 预警 80%; 紧急: 1 紧急小时, 预警 80%; "
        "危及人身安全: 15 分钟, 预警 80%。",
        "按现行规则起算、还在走的时限有 2 个,到期时间一个也不变。",
    )
    assert effect.cautions == ()
    assert effect.tables[0].title == "例:2026-03-09 09:00 受理的一件"
    assert effect.tables[0].rows == (
        ("一般", "2026-03-09 15:00 (4 工作小时)", "2026-03-09 17:00 (6 工作小时)"),
        ("紧急", "2026-03-09 10:00 (1 紧急小时)", "2026-03-09 10:00 (1 紧急小时)"),
        ("危及人身安全", "2026-03-09 09:15 (15 分钟)", "2026-03-09 10:00 (1 紧急小时)"),
    )
    dues = stored()
    assert len(dues) == 12
    answer = admin.post(address, {**FORM, "confirm": seen.context["seal"]})
    assert answer.status_code == 302
    row = PolicyRule.objects.latest("pk")
    assert (row.code, row.value, row.valid_from, row.legal_basis) == (
        "hotline.sign", VALUE, date(2026, 3, 9), "试行办法第3条",
    )  # fmt: skip
    assert stored() == dues
    page = admin.get(SIGN)
    assert [(v.state, v.since) for v in page.context["versions"]] == [
        ("coming", date(2026, 3, 9)),
        ("now", date(2020, 1, 1)),
    ]
    assert page.context["versions"][0].who == "系统管理员"
    assert page.context["history"][0].who == "系统管理员"
    assert page.context["history"][0].lines[2] == ("依据", "试行办法第3条")


def test_what_is_confirmed_is_what_was_shown(as_: Log, nothing_changed: Any) -> None:
    admin, address = as_("admin"), f"{SIGN}/do/set"
    seal = admin.post(address, FORM).context["seal"]
    before = nothing_changed()
    other = admin.post(address, {**FORM, "number_default": "7", "confirm": seal})
    assert other.status_code == 200
    assert other.context["seal"] != seal
    assert nothing_changed() == before


def test_a_second_click_sets_nothing_twice(as_: Log) -> None:
    admin, address = as_("admin"), f"{SIGN}/do/set"
    assert confirmed(admin, address, FORM).status_code == 302
    count = PolicyRule.objects.count()
    seal = {"confirm": "x"}
    again = admin.post(address, {**FORM, **seal})
    assert again.status_code == 422
    assert "与已登记的完全相同" in again.content.decode()
    assert PolicyRule.objects.count() == count


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"number_default": ""}, "number_default"),
        ({"number_default": "0"}, "number_default"),
        ({"number_default": "5000"}, "number_default"),
        ({"unit_default": "year"}, "unit_default"),
        ({"warnings_default": "120%"}, "warnings_default"),
        ({"warnings_default": "很早"}, "warnings_default"),
        ({"legal_basis": " "}, "legal_basis"),
        ({"legal_basis": "办法\x07"}, "legal_basis"),
        ({"legal_basis": "长" * 301}, "legal_basis"),
        ({"valid_from": "2026-13-01"}, "valid_from"),
        ({"valid_from": "1999-01-01"}, "valid_from"),
        ({"valid_from": "2099-01-01"}, "valid_from"),
        ({"valid_to": "2026-03-09"}, "valid_to"),
        ({"region": "37150"}, "region"),
        ({"region": "聊城"}, "region"),
    ],
)
def test_a_senseless_value_is_refused_at_its_field(
    as_: Log, nothing_changed: Any, changed: dict[str, str], field: str
) -> None:
    admin, before = as_("admin"), nothing_changed()
    answer = admin.post(f"{SIGN}/do/set", {**FORM, **changed})
    assert answer.status_code == 422
    assert [name for name, _label, _text in answer.context["form"].problems] == [field]
    typed = FORM | changed
    assert typed["warnings_default"] in answer.content.decode()
    assert nothing_changed() == before


@pytest.mark.parametrize(
    ("code", "value", "field"),
    [
        ("hotline.sign", {"number": 3, "unit": "fortnight"}, "number_"),
        ("hotline.sign", {"default": {"number": "3", "unit": "hour"}}, "number_default"),
        ("hotline.sign", {"urgent": {"number": 3, "unit": "hour"}}, "value"),
        ("hotline.sign", {"default": {"number": 3, "unit": "hour"}, "sunny": {"number": 1, "unit": "hour"}}, "value"),
        ("hotline.sign", {"default": {"number": 3, "unit": "hour", "colour": "red"}}, "number_default"),
        ("hotline.sign", {"default": {"number": 3, "unit": "hour", "pauses": "no"}}, "number_default"),
        ("hotline.sign", 3, "value"),
        ("hotline.review_levels", [], "value"),
        ("hotline.review_levels", ["emperor"], "value"),
        ("hotline.review_levels", ["reviewer", "reviewer"], "value"),
        ("hotline.max_returns", 0, "value"),
        ("hotline.max_returns", True, "value"),
        ("hotline.max_returns", "3", "value"),
        ("login.lockout", {"failures": 5}, "value"),
        ("login.lockout", {"failures": 1, "minutes": 15}, "failures"),
        ("attachments.max_mb", 9_999, "value"),
        ("hotline.attempts_apart", {"hours": 2}, "value"),
        ("hotline.attempts_apart", {"hours": 999, "half_days": True}, "hours"),
        ("hotline.attempts_apart", {"hours": 2, "half_days": "no"}, "half_days"),
        ("public.amounts", {"report_phone": {"hour": 3}}, "value"),
        ("public.amounts", {"report_phone": {"hour": 0, "day": 6}}, "value"),
        ("public.amounts", {"report_pigeon": {"hour": 3, "day": 6}}, "value"),
        ("nobody.knows", {"share": 0.5}, "value"),
    ],
)  # fmt: skip
def test_values_that_make_no_sense(code: str, value: Any, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        value_check(rule_of(code), value)
    assert refused.value.field == field


TIMES = {"authority": [["1998-09-01", "公安"]], "petrochemical": [["1992-12-01", "GB 50160-92"]]}
GROUP = {"code": "A", "name": "综合", "name_en": "General", "minutes": 12, "head_start": 0, "words": ["食品"]}


def test_each_pack_s_first_rules_make_sense_and_have_words() -> None:
    from bihuan.kernel.pack import packs

    for pack in packs().values():
        for code, value, _unit, _basis in pack.policies:
            value_check(rule_of(code), value)
            assert code in pack.rule_labels, code
            assert value_words(rule_of(code), value) != str(value), code


@pytest.mark.parametrize(
    "wrong",
    [
        [], {}, "A", [{"code": "A"}], [{**GROUP, "minutes": "12"}], [{**GROUP, "more": 1}], [{**GROUP, "words": [1]}], [GROUP, "B"],
    ],
)  # fmt: skip
def test_a_rule_of_several_fields_is_written_like_the_one_in_force(wrong: Any) -> None:
    value_check(rule_of("onewindow.hall_groups"), [GROUP])
    with pytest.raises(Refusal, match="同样的项"):
        value_check(rule_of("onewindow.hall_groups"), wrong)


@pytest.mark.parametrize(
    ("code", "value", "words"),
    [
        ("fire.draw_inspectors", 1, "至少抽 2 名:抽查结果要两名检查人员签字。"),
        (
            "onewindow.supplement",
            {"default": {"number": 21, "unit": "working_day", "warnings": []}},
            "最多 20 个工作日",
        ),
        (
            "fire.times",
            TIMES | {"building": [["2018-10-01", "新"], ["2015-05-01", "旧"]]},
            "施行日期要先早后晚",
        ),
        ("fire.times", TIMES | {"building": [["2015-13-01", "旧"]]}, "每一行写施行日期"),
        ("fire.times", TIMES | {"building": [["2015-05-01", " "]]}, "每一行写施行日期"),
    ],
)
def test_what_only_the_field_can_say_of_a_value_is_refused(
    city: City, nothing_changed: Any, code: str, value: Any, words: str
) -> None:
    before = nothing_changed()
    with pytest.raises(Refusal, match=words):
        policy_change(
            code=code, value=value, legal_basis="办法", valid_from=date(2026, 3, 9), now=city.now, by=city.people["admin"]
        )  # fmt: skip
    assert nothing_changed() == before


@pytest.mark.parametrize(
    ("who", "code", "value"),
    [
        ("admin", "login.lockout", {"failures": 4, "minutes": 30}),
        ("security", "hotline.max_returns", 2),
        ("audit", "hotline.max_returns", 2),
        ("tang", "hotline.max_returns", 2),
    ],
)
def test_each_rule_has_its_own_administrator(
    city: City, as_: Log, nothing_changed: Any, who: str, code: str, value: Any
) -> None:
    before = nothing_changed()
    with pytest.raises(NotPermitted):
        policy_change(
            code=code,
            value=value,
            legal_basis="办法",
            valid_from=date(2026, 3, 9),
            now=city.now,
            by=city.people[who],
        )
    for action in ("set", "set-security"):
        assert (
            as_(who).post(f"/administration/policies/of/{code}/do/{action}", {"value": "2"}).status_code
            == 403
        )
    assert nothing_changed() == before


def test_the_security_administrator_sets_security_s_rule(as_: Log, city: City) -> None:
    form = {"failures": "4", "minutes": "30", "valid_from": "2026-03-02", "legal_basis": "安全制度第3条"}
    answer = confirmed(as_("security"), "/administration/policies/of/login.lockout/do/set-security", form)
    assert answer.status_code == 302
    row = policy_in_force(code="login.lockout", region="", on=date(2026, 3, 2))
    assert (row.value, row.unit) == ({"failures": 4, "minutes": 30}, "lockout")


def test_a_back_dated_row_and_one_for_a_region_are_cautioned(as_: Log) -> None:
    address = "/administration/policies/of/hotline.max_returns/do/set"
    form = {"value": "2", "valid_from": "2026-03-02", "legal_basis": "办法", "region": "371502"}
    assert confirmed(as_("admin"), address, form).status_code == 302
    seen = as_("admin").post(address, {**form, "region": "", "value": "4", "valid_from": "2026-01-05"})
    assert seen.context["effect"].cautions == (
        "生效日期早于今天:已存的到期时间不会移动,只管此后才起算的时限。",
        "这些地区另有规定,不受影响:371502。",
    )
    assert policy_in_force(code="hotline.max_returns", region="371502", on=date(2026, 3, 2)).value == 2
    listed = as_("admin").get("/administration/policies?q=max_returns").context["rows"]
    assert [(cells[0][1], cells[2][1], cells[3][1]) for _address, cells in listed] == [
        ("退单次数上限", "3 次", ""),
        ("退单次数上限", "2 次", "371502"),
    ]


@pytest.mark.parametrize(
    ("code", "form", "value"),
    [
        ("hotline.max_redos", {"value": "4"}, 4),
        ("hotline.review_levels", {"role_1": "bureau_head"}, ["bureau_head"]),
        ("hotline.attempts_apart", {"hours": "3"}, {"hours": 3, "half_days": False}),
        ("hotline.handle_statutory", {"number_default": "30", "unit_default": "natural_day", "pauses_default": "on",
          "unit_urgent": "hour", "unit_urgent.danger": "hour"}, {"default": {"number": 30, "unit": "natural_day"}}),
    ],
)  # fmt: skip
def test_each_kind_of_value_has_a_small_form(as_: Log, code: str, form: dict[str, str], value: Any) -> None:
    given = {**form, "valid_from": "2026-03-09", "legal_basis": "办法"}
    answer = confirmed(as_("admin"), f"/administration/policies/of/{code}/do/set", given)
    assert answer.status_code == 302
    assert PolicyRule.objects.latest("pk").value == value


def test_the_exported_list_is_imported_again_without_a_change(as_: Log, nothing_changed: Any) -> None:
    admin, before = as_("admin"), nothing_changed()
    exported = admin.get("/administration/policies/export.json").content.decode()
    seen = admin.post("/administration/policies/import", {"text": exported})
    count = len(json.loads(exported))
    assert count == len(rules())
    assert seen.context["plan"].counted == {"new": 0, "changed": 0, "same": count}
    assert nothing_changed() == before


def test_a_file_is_imported_whole_or_not_at_all(as_: Log, nothing_changed: Any) -> None:
    admin, before = as_("admin"), nothing_changed()
    head = "code,value,valid_from,legal_basis,region\n"
    good = "hotline.max_returns,2,2026-03-09,办法第1条,\nhotline.max_redos,5,2026-03-09,办法第2条,371502\n"
    bad = "hotline.max_redos,0,2026-03-09,办法第2条,\nlogin.lockout,3,2026-03-09,办法,\nhotline.sign,{,2026-03-09,办法,\n"
    seen = admin.post("/administration/policies/import", {"text": head + good + bad})
    assert seen.status_code == 422
    assert [(line.line, line.column) for line in seen.context["plan"].faults] == [
        (4, "value"),
        (5, ""),
        (6, "value"),
    ]
    forged = admin.post("/administration/policies/import", {"rows": seen.context["plan"].kept})
    assert forged.status_code == 422
    assert nothing_changed() == before
    seen = admin.post("/administration/policies/import", {"text": head + good})
    assert seen.context["plan"].counted == {"new": 1, "changed": 1, "same": 0}
    assert nothing_changed() == before
    assert (
        admin.post("/administration/policies/import", {"rows": seen.context["plan"].kept}).status_code == 302
    )
    rows = PolicyRule.objects.order_by("-pk")[:2]
    assert [(row.code, row.value, row.region) for row in rows] == [
        ("hotline.max_redos", 5, "371502"),
        ("hotline.max_returns", 2, ""),
    ]


@pytest.mark.parametrize(
    "sent",
    [
        {"text": ""},
        {"text": "code,value\nx,1\n"},
        {"text": "[1]"},
        {"text": "[{"},
        {"text": "code,value,valid_from,legal_basis\n"},
        {"text": "a" * 1_000_001},
        {"rows": "{}"},
        {"rows": "[]"},
        {"rows": "[[1, 2]]"},
        {"rows": "[" * 100_000},
    ],
)
def test_what_is_no_table_is_refused(as_: Log, nothing_changed: Any, sent: dict[str, str]) -> None:
    before = nothing_changed()
    answer = as_("admin").post("/administration/policies/import", sent)
    assert answer.status_code == 422
    assert answer.context["refusal"]
    assert nothing_changed() == before


def test_the_register_s_entries_of_one_object_only(as_: Log, city: City) -> None:
    with kernel_writes():
        found = register_entries(stream="policy", match={"code": "hotline.max_redos", "region": ""})
    assert [(entry.kind, entry.by, entry.data["value"]) for entry in found] == [("policy_set", "system", 3)]
