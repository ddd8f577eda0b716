"""The rules of an on-site evaluation at their boundaries: sampling, tolerance, grades, and what is signed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.lib.text import FieldError
from bihuan.packs.fire.evaluations.checklist import CHECKLIST, MUST, SUBS, TYPES, Sub, type_of
from bihuan.packs.fire.evaluations.rules import (
    Judged,
    Terms,
    Told,
    evaluation_concluded,
    evaluation_digest,
    evaluation_judged,
    item_judged,
    sample_size,
    sheet_digest,
    sub_judged,
    within_tolerance,
)
from bihuan.packs.fire.evaluations.sheets import sheet_read
from bihuan.packs.fire.materials import ITEMS

TERMS = Terms()
A, B, C = (Sub("s", "某子项", grade) for grade in ("A", "B", "C"))
WIDTH = Sub("s", "净宽", "A", True, "宽度", "m")
AREA = Sub("s", "面积", "A", False, "面积", "m²", "max")
values = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("9999"), places=2)


def checked(places: int, results: str) -> dict[str, str]:
    """A sheet: so many places, and p or f for each that was checked."""
    marks = {"p": "pass", "f": "fail"}
    return {"s.places": str(places)} | {f"s.{n}.result": marks[one] for n, one in enumerate(results, 1)}


@pytest.mark.parametrize(("places", "every", "size"), [(0, False, 0), (1, False, 1), (2, False, 2), (3, False, 2), (90, False, 2), (90, True, 90), (1, True, 1)])  # fmt: skip
def test_two_places_are_checked_all_where_there_are_no_more_and_every_one_of_some(
    places: int, every: bool, size: int
) -> None:
    assert sample_size(places, every=every, terms=TERMS) == size


@given(required=values, effect=st.booleans())
def test_an_error_of_exactly_five_percent_passes_unless_it_affects_use(
    required: Decimal, effect: bool
) -> None:
    edge, hair = required * 95 / 100, Decimal("0.0001")
    low: dict[str, Any] = {"bound": "min", "effect": effect, "percent": 5}
    assert within_tolerance(required, edge, **low) is not effect
    assert not within_tolerance(required, edge - hair, **low)
    assert within_tolerance(required, required, **low)
    high: dict[str, Any] = {"bound": "max", "effect": effect, "percent": 5}
    assert within_tolerance(required, required * 105 / 100, **high) is not effect
    assert not within_tolerance(required, required * 105 / 100 + hair, **high)
    assert within_tolerance(required, required - hair, **high)


@given(required=values, measured=values)
def test_what_keeps_the_required_value_always_passes(required: Decimal, measured: Decimal) -> None:
    kept = within_tolerance(required, measured, bound="min", effect=True, percent=5)
    assert kept is (measured >= required)


@pytest.mark.parametrize(
    ("sub", "places", "results", "judged"),
    [
        (A, 0, "", Judged("none")),
        (A, 5, "", Judged("", missing=(Told("more", "某子项", "2"),))),
        (A, 5, "p", Judged("", missing=(Told("more", "某子项", "1"),))),
        (A, 1, "p", Judged("pass")),
        (A, 5, "pp", Judged("pass")),
        (A, 5, "pf", Judged("fail", reasons=(Told("failed", "某子项", "2"),))),
        (B, 9, "pf", Judged("", missing=(Told("again", "某子项", "4"),))),
        (B, 9, "pfppp", Judged("", missing=(Told("again", "某子项", "1"),))),
        (B, 9, "pfpppp", Judged("pass", faults=(Told("failed", "某子项", "2"),))),
        (B, 9, "pfpppf", Judged("fail", reasons=(Told("failed", "某子项", "2、6"),))),
        (B, 4, "pfpp", Judged("pass", faults=(Told("failed", "某子项", "2"),))),
        (B, 2, "pf", Judged("pass", faults=(Told("failed", "某子项", "2"),))),
        (C, 9, "pf", Judged("pass", faults=(Told("failed", "某子项", "2"),))),
        (C, 9, "ff", Judged("fail", reasons=(Told("failed", "某子项", "1、2"),))),
    ],
)
def test_one_failure_of_grade_b_asks_for_four_more_and_of_grade_a_fails(
    sub: Sub, places: int, results: str, judged: Judged
) -> None:
    assert sub_judged(sub, checked(places, results), TERMS) == judged


def test_every_place_is_measured_of_what_must_be_checked_whole() -> None:
    sheet = {"s.places": "3", "s.1.required": "1.1", "s.1.measured": "1.045", "s.2.required": "1.1", "s.2.measured": "1.2"}  # fmt: skip
    assert sub_judged(WIDTH, sheet, TERMS).missing == (Told("more", "净宽", "1"),)
    sheet |= {"s.3.required": "1.1"}  # filled in from the place before: nothing is measured yet
    assert sub_judged(WIDTH, sheet, TERMS).missing == (Told("more", "净宽", "1"),)
    sheet |= {"s.3.measured": "1.2"}
    assert sub_judged(WIDTH, sheet, TERMS) == Judged("pass")
    assert sub_judged(WIDTH, sheet | {"s.1.effect": "on", "s.1.where": "东楼梯"}, TERMS).reasons == (
        Told("failed", "净宽", "东楼梯"),
    )
    assert sub_judged(WIDTH, sheet | {"s.1.measured": "1.0449"}, TERMS).result == "fail"
    area = {"s.places": "1", "s.1.required": "2500", "s.1.measured": "2625"}
    assert sub_judged(AREA, area, TERMS).result == "pass"
    assert sub_judged(AREA, area | {"s.1.measured": "2625.01"}, TERMS).result == "fail"
    assert sub_judged(WIDTH, {}, TERMS).missing == (Told("places", "净宽"),)


def test_an_item_is_judged_by_its_building() -> None:
    assert item_judged("low_civil", "explosion", None, TERMS) == Judged("none")
    assert item_judged("low_civil", "alarm", None, TERMS) == Judged("", missing=(Told("unwritten"),))
    assert item_judged("low_civil", "alarm", {"none": "on"}, TERMS) == Judged("none")
    assert item_judged("high_civil", "alarm", {"none": "on"}, TERMS) == Judged("", missing=(Told("must"),))
    zero = {"panel.places": "0", "detectors.places": "0"}
    assert item_judged("high_civil", "alarm", zero, TERMS) == Judged("", missing=(Told("zero"),))
    one = zero | {"panel.places": "1", "panel.1.result": "pass"}
    assert item_judged("high_civil", "alarm", one, TERMS) == Judged("pass")
    judged = evaluation_judged("low_civil", {"alarm": one}, TERMS)
    assert (len(judged), evaluation_concluded(judged)) == (17, "")
    done = dict.fromkeys(judged, Judged("pass"))
    assert evaluation_concluded(done) == "pass"
    assert evaluation_concluded(done | {"gas": Judged("none")}) == "pass"
    assert evaluation_concluded(done | {"gas": Judged("fail")}) == "fail"
    assert evaluation_concluded(done | {"gas": Judged("fail"), "foam": Judged("")}) == ""


def test_every_item_has_its_sub_items_and_every_building_its_items() -> None:
    items = [code for code, _ in ITEMS]
    assert list(SUBS) == items
    assert list(CHECKLIST) == [code for code, _ in TYPES]
    assert all(set(some) <= set(items) for some in CHECKLIST.values())
    assert {item for item, some in CHECKLIST["hazard"].items() if some == MUST} >= {"explosion", "alarm"}
    every = {(item, sub.code) for item, some in SUBS.items() for sub in some if sub.every}
    assert every >= {("site_layout", "spacing"), ("site_layout", "lane"), ("evacuation", "exits"), ("evacuation", "stairs")}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "use", "height", "kind"),
    [
        (8, "地铁站", None, "works"), (9, "化工装置", "36", "hazard"), (None, "甲类厂房", "15", "hazard"), (None, "丙类厂房", "30", "plant"),
        (None, "办公楼", "24", "low_civil"), (12, "办公楼", "24.01", "high_civil"), (None, "住宅", "27", "low_civil"),
        (7, "住宅", "27.01", "high_civil"), (None, "酒店", None, "low_civil"), (7, "一类高层住宅", None, "high_civil"), (None, "高层公共建筑", None, "high_civil"), (None, "高层住宅", "27", "low_civil"),
    ],
)  # fmt: skip
def test_the_kind_of_a_building_follows_from_the_project(
    row: int | None, use: str, height: str | None, kind: str
) -> None:
    assert type_of(row=row, use=use, height=Decimal(height) if height else None) == kind


def test_a_sheet_keeps_what_was_typed_and_refuses_what_cannot_be() -> None:
    typed = {"exits.places": " 2 ", "exits.1.measured": "1.10", "exits.1.required": "1.1", "remark": "门已\r\n检查 ", "other": "x", "exits.2.where": ""}  # fmt: skip
    assert sheet_read("evacuation", typed) == {
        "exits.places": "2",
        "exits.1.measured": "1.10",
        "exits.1.required": "1.1",
        "remark": "门已\n检查",
    }
    for wrong, field in (
        ({"exits.places": "两处"}, "exits.places"), ({"exits.places": "1", "exits.1.measured": "1", "exits.2.result": "pass"}, "exits.places"),
        ({"exits.1.measured": "1,1"}, "exits.1.measured"), ({"exits.1.measured": "-1"}, "exits.1.measured"), ({"signs.1.result": "maybe"}, "signs.1.result"),
        ({"remark": "x" * 501}, "remark"), ({"exits.1.where": "a\x00"}, "exits.1.where"), ({"exits.1.measured": "1e3"}, "exits.1.measured"),
    ):  # fmt: skip
        with pytest.raises(FieldError) as refusal:
            sheet_read("evacuation", wrong)
        assert refusal.value.field == field


def test_what_is_signed_has_one_digest_on_every_device() -> None:
    sheet = {"b": "2", "a": "1", "empty": ""}
    assert sheet_digest(sheet) == "55c420c0f44ea4c6c84414bc15c0a2923ce2b03ae1e907fbcf20d131d735faff"
    one = evaluation_digest("plant", {"alarm": ["x"], "hydrants": ["y"]})
    assert one == evaluation_digest("plant", {"hydrants": ["y"], "alarm": ["x"], "foam": []})
    assert one != evaluation_digest("hazard", {"alarm": ["x"], "hydrants": ["y"]})
    assert evaluation_digest("plant", {"alarm": ["x", "z"]}) == evaluation_digest(
        "plant", {"alarm": ["z", "x"]}
    )
