"""The checks of an instant item, judged purely: each holds, fails or is silent; nothing unreachable is a yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.materials import dates_check, held_of, states_of
from bihuan.packs.onewindow.catalogue.contents import materials_read, materials_told
from bihuan.packs.onewindow.certificates.validity import holds_until, term_read
from bihuan.packs.onewindow.instant.rules import (
    Holding,
    Known,
    checks_read,
    checks_told,
    judged,
    verdicts_told,
)

TODAY = date(2026, 3, 2)
KNOWN = Known(
    today=TODAY, identity="371502199001011226", organisation=False, verified=True,
    certificates={"营业执照": Holding("YYZZ2026000001")}, open_cases=0, discredited=False, answers={"place": "home", "own": True},
)  # fmt: skip

JUNE = "371502199006011226"
"""The number of somebody born on the first of June."""


def read(text: str) -> list[list[str]]:
    lines = ([part.strip() for part in line.split("|")] for line in text.splitlines())
    return checks_read(iter(lines), ("营业执照", "食品经营许可证"))


@pytest.mark.parametrize(
    ("line", "changed", "result"),
    [
        ("持有 | 营业执照", {}, "held"),
        ("持有 | 食品经营许可证", {}, "failed"),
        ("持有 | 营业执照", {"certificates": None}, "silent"),
        ("没有 | 食品经营许可证", {}, "held"),
        ("没有 | 营业执照", {}, "failed"),
        ("没有 | 营业执照", {"certificates": None}, "silent"),
        ("无在办", {}, "held"),
        ("无在办", {"open_cases": 1}, "failed"),
        ("无在办", {"open_cases": None}, "silent"),
        ("未失信", {}, "held"),
        ("未失信", {"discredited": True}, "failed"),
        ("未失信", {"discredited": None}, "silent"),
        ("年满 | 36", {}, "held"),
        ("年满 | 37", {}, "failed"),
        ("年满 | 36", {"today": date(2025, 12, 31)}, "failed"),
        ("年满 | 36", {"identity": JUNE, "today": date(2026, 5, 31)}, "failed"),
        ("年满 | 36", {"identity": JUNE, "today": date(2026, 6, 1)}, "held"),
        ("年满 | 18", {"organisation": True}, "failed"),
        ("表单 | place | home", {}, "held"),
        ("表单 | place | shop", {}, "failed"),
        ("表单 | own | 是", {}, "held"),
        ("表单 | other | x", {}, "failed"),
    ],
)
def test_each_check_holds_fails_or_is_silent(line: str, changed: dict[str, Any], result: str) -> None:
    verdicts = judged(read(line), replace(KNOWN, **changed))
    assert [one.result for one in verdicts] == ["held", result]


def test_an_identity_that_nobody_has_seen_fails_and_the_reasons_are_told_line_by_line() -> None:
    verdicts = judged(read("持有 | 营业执照\n无在办"), replace(KNOWN, verified=False, open_cases=None))
    assert verdicts_told(verdicts).splitlines() == [
        "申请人的身份已核验:不符合",
        "持有有效的“营业执照”:符合(YYZZ2026000001)",
        "同一事项没有在办的件:登记簿查不到,没有核对",
    ]


@pytest.mark.parametrize(
    "text", ["天气晴", "持有 | 身份证", "持有", "年满 | 0", "年满 | 121", "年满 | 一百", "无在办 | 营业执照", "表单 | place", "\n".join(["无在办"] * 21)]
)  # fmt: skip
def test_what_no_register_can_tell_is_no_check(text: str) -> None:
    with pytest.raises(FieldError) as fault:
        read(text)
    assert fault.value.field == "checks"


def test_checks_are_written_as_they_are_read() -> None:
    text = "持有 | 营业执照\n无在办\n年满 | 1\n年满 | 120\n表单 | place | home"
    assert checks_told(read(text)) == text
    assert len(read("\n".join(["无在办"] * 20))) == 20


@pytest.mark.parametrize(
    ("validity", "term", "last"),
    [
        ("1年", (12, 0), date(2027, 3, 1)),
        ("6个月", (6, 0), date(2026, 9, 1)),
        ("30天内", (0, 30), date(2026, 3, 31)),
        ("长期", None, None),
        ("", None, None),
        ("0年", None, None),
    ],
)
def test_a_validity_is_read_as_a_term(validity: str, term: Any, last: date | None) -> None:
    assert (term_read(validity), holds_until(TODAY, validity)) == (term, last)


def test_a_material_on_its_last_day_is_taken_and_a_day_later_is_named_with_its_rule() -> None:
    materials = materials_read("申请书\n健康证明 | 有效期:1年")
    dates_check(materials, ["1", "2"], {"2": date(2025, 3, 3)}, TODAY)
    for dated, match in (
        ({"2": date(2025, 3, 2)}, "第 2 项“健康证明”已过期.*有效期1年,到 2026-03-01 止"),
        ({"2": date(2026, 3, 3)}, "还没有到"),
        ({}, "请填签发日期"),
    ):
        with pytest.raises(FieldError, match=match):
            dates_check(materials, ["1", "2"], dated, TODAY)
    both = materials_read("体检表 | 有效期:6个月\n健康证明 | 有效期:1年")
    with pytest.raises(FieldError, match="第 1 项“体检表”有效期6个月:请填签发日期。第 2 项“健康证明”已过期"):
        dates_check(both, ["1", "2"], {"2": date(2025, 3, 2)}, TODAY)


def test_a_material_of_a_register_is_held_only_if_the_register_has_it() -> None:
    text = "申请书\n执照 | 城市已有:营业执照\n身份证 | 城市已有"
    materials = materials_read(text)
    assert materials_told(materials) == text
    known = {"营业执照": Holding("YYZZ2026000001", date(2027, 1, 1))}
    assert states_of(materials, ["1"], known) == {"1": "present", "2": "held", "3": "held"}
    assert held_of(materials, known) == {"2": ["YYZZ2026000001", "2027-01-01"]}
    for present, state in ((["1"], "lacking"), (["1", "2"], "present")):
        assert states_of(materials, present, {})["2"] == state
        assert states_of(materials, present, None)["2"] == state
    with pytest.raises(FieldError, match="没有“护照”的登记簿"):
        materials_read("护照 | 城市已有:护照")
