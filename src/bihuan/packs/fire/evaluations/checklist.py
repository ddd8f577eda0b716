"""Which of the 17 items an evaluation of a building asks for, and what is looked at, tested or measured in each. Data, and pure.

Items: 现场评定 of the acceptance form (rules.md C2). Which items belong to which building follows GB 50016—2014 (2018) in outline; the sub-items and
their grades A, B, C follow GA 836 in outline. Both are set for the demonstration (演示设定): the province's own form takes their place.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

from django.utils.translation import gettext_noop as _

MUST, MAY = "must", "may"
Bound = Literal["min", "max"]


class Sub(NamedTuple):
    """A sub-item: its grade, whether `every` place is checked, and what is measured: quantity, unit, and whether the required
    value is the least ("min") or the most ("max"); "" where it is looked at or tested.
    """

    code: str
    name: str
    grade: Literal["A", "B", "C"]
    every: bool = False
    quantity: str = ""
    unit: str = ""
    bound: Bound = "min"


TYPES = (
    ("low_civil", _("单层、多层民用建筑")),
    ("high_civil", _("高层民用建筑")),
    ("plant", _("丙、丁、戊类厂房和仓库")),
    ("hazard", _("甲、乙类厂房、仓库和易燃易爆场所")),
    ("works", _("城市轨道交通、隧道、大型发电和变配电工程")),
)
"""Kinds of buildings, as a checklist tells them apart."""
COMMON = (
    "class_and_rating", "site_layout", "floor_layout", "separation", "evacuation", "hydrants", "electricity", "extinguishers",
)  # fmt: skip
CHECKLIST: dict[str, dict[str, str]] = {
    "low_civil": dict.fromkeys((*COMMON, "facade", "interior"), MUST)
    | dict.fromkeys(("sprinklers", "alarm", "smoke", "gas"), MAY),
    "high_civil": dict.fromkeys(
        (*COMMON, "facade", "interior", "fire_lift", "sprinklers", "alarm", "smoke"), MUST
    )
    | {"gas": MAY},
    "plant": dict.fromkeys(COMMON, MUST)
    | dict.fromkeys(("facade", "interior", "fire_lift", "sprinklers", "alarm", "smoke", "foam", "gas"), MAY),
    "hazard": dict.fromkeys((*COMMON, "explosion", "alarm"), MUST)
    | dict.fromkeys(("facade", "interior", "fire_lift", "sprinklers", "smoke", "foam", "gas"), MAY),
    "works": dict.fromkeys((*COMMON, "alarm", "smoke"), MUST)
    | dict.fromkeys(("facade", "interior", "fire_lift", "sprinklers", "foam", "gas"), MAY),
}
"""By kind of building: the items that it must have, and those that it may have; all others are 无此项 by themselves."""

SUBS: dict[str, tuple[Sub, ...]] = {
    "class_and_rating": (
        Sub("rating", _("耐火等级和构件耐火极限"), "A"),
        Sub("coating", _("防火保护层厚度"), "B", False, _("厚度"), "mm"),
    ),
    "site_layout": (
        Sub("spacing", _("防火间距"), "A", True, _("距离"), "m"),
        Sub("lane", _("消防车道净宽"), "A", True, _("宽度"), "m"),
        Sub("ground", _("消防车登高操作场地"), "A", True, _("长度"), "m"),
    ),
    "floor_layout": (
        Sub("rooms", _("消防控制室、消防水泵房的位置"), "A"),
        Sub("area", _("特殊场所的面积"), "B", False, _("面积"), "m²", "max"),
    ),
    "facade": (Sub("insulation", _("保温和装饰材料的燃烧性能"), "A"), Sub("belt", _("层间实体墙"), "B", False, _("高度"), "m")),
    "interior": (Sub("escape", _("疏散走道和楼梯间的装修材料"), "A"), Sub("rooms", _("房间的装修材料"), "B")),
    "separation": (
        Sub("compartment", _("防火分区面积"), "A", False, _("面积"), "m²", "max"),
        Sub("doors", _("防火门、防火卷帘"), "B"),
        Sub("sealing", _("管井和缝隙的封堵"), "C"),
    ),
    "explosion": (Sub("relief", _("泄压面积"), "A", False, _("面积"), "m²"), Sub("equipment", _("防爆电气和防静电"), "A")),
    "evacuation": (
        Sub("exits", _("安全出口净宽"), "A", True, _("宽度"), "m"),
        Sub("stairs", _("疏散楼梯净宽"), "A", True, _("宽度"), "m"),
        Sub("travel", _("疏散距离"), "A", False, _("距离"), "m", "max"),
        Sub("signs", _("应急照明和疏散指示"), "B"),
    ),
    "fire_lift": (Sub("lobby", _("前室面积"), "A", False, _("面积"), "m²"), Sub("recall", _("迫降和运行"), "A")),
    "hydrants": (
        Sub("supply", _("水源、水池和水泵"), "A"),
        Sub("pressure", _("最不利点静水压力"), "B", False, _("压力"), "MPa"),
        Sub("outlets", _("室内外消火栓"), "B"),
    ),
    "sprinklers": (
        Sub("valve", _("报警阀组"), "A"),
        Sub("heads", _("喷头间距"), "B", False, _("距离"), "m", "max"),
        Sub("drill", _("末端放水和联动"), "A"),
    ),
    "alarm": (Sub("panel", _("控制器和联动"), "A"), Sub("detectors", _("探测器和手动按钮"), "B")),
    "smoke": (Sub("fans", _("风机启停和联动"), "A"), Sub("vents", _("送风口、排烟口"), "B")),
    "electricity": (Sub("supply", _("消防电源和自动切换"), "A"), Sub("cables", _("线路敷设"), "B")),
    "extinguishers": (Sub("kind", _("类型和灭火级别"), "B"), Sub("reach", _("保护距离"), "B", False, _("距离"), "m", "max")),
    "foam": (Sub("tank", _("泡沫液和比例混合装置"), "A"), Sub("outlets", _("产生装置"), "B")),
    "gas": (Sub("room", _("防护区和储瓶间"), "A"), Sub("release", _("启动和联动"), "A")),
}  # fmt: skip
"""What is checked in each item."""
HIGH, HIGH_HOME = 24, 27
"""Above these heights in m a civil building, or a dwelling, is a high-rise (GB 50016 2.1.1)."""


def type_of(*, row: int | None, use: str, height: Decimal | None) -> str:
    """The kind of a building by the row of article 14, the use in words and the height in m, without which a 高层 is taken by its word; an
    inspector may say otherwise."""
    if row == 8:
        return "works"
    if row == 9 or "甲" in use or "乙" in use or "易燃易爆" in use:
        return "hazard"
    if any(word in use for word in ("厂房", "仓库", "车间", "工厂")):
        return "plant"
    if height is None:
        return "high_civil" if row == 7 or "高层" in use else "low_civil"
    return "high_civil" if height > (HIGH_HOME if "住宅" in use else HIGH) else "low_civil"
