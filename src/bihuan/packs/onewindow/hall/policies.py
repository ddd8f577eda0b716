"""The first rules of a hall, which each centre then sets for itself: how far whom is let ahead, how often one is called, when the day ends."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_noop

from bihuan.packs.onewindow.hall.rules import DEFAULTS, GROUPS, HEAD_STARTS, OLD

PRIORITIES = {
    OLD: gettext_noop("老年人"),
    "ill": gettext_noop("病人"),
    "disabled": gettext_noop("残疾人"),
    "pregnant": gettext_noop("孕妇"),
    "child": gettext_noop("带婴幼儿"),
    "soldier": gettext_noop("军人、退役军人"),
    "hero": gettext_noop("烈士家属、见义勇为"),
}
OWN = "演示设定:由各大厅自定"
BASIS = {
    "onewindow.hall_old": "《老年人权益保障法》第二条:六十周岁以上",
    "onewindow.hall_late": "预约服务:迟到多久算作现场取号(各大厅自定)",
}
UNITS = {"calls": "times", "returns": "times", "old": "years", "near": "people"}
RULE_LABELS = {
    "onewindow.hall_most": gettext_noop("最多让先多久(没有人等得过这个数以后才来的人)"),
    "onewindow.hall_long": gettext_noop("有人等满多久后,只有依法优先的还能先"),
    "onewindow.hall_appointment": gettext_noop("按时来的预约让先多久"),
    "onewindow.hall_late": gettext_noop("预约迟到多久按现场取号排"),
    "onewindow.hall_calls": gettext_noop("叫几遍没有人来算过号"),
    "onewindow.hall_return": gettext_noop("过号回来,按早来多久重排"),
    "onewindow.hall_returns": gettext_noop("过号可以重排几次"),
    "onewindow.hall_old": gettext_noop("多少周岁起算老年人优先"),
    "onewindow.hall_near": gettext_noop("前面还有几位时发短信"),
    "onewindow.hall_early": gettext_noop("开门前多久可以取号"),
    "onewindow.hall_close": gettext_noop("下班后多久清号"),
    "onewindow.hall_head_start": gettext_noop("优先的人让先多少分钟"),
    "onewindow.hall_groups": gettext_noop("大厅的业务类别和号段"),
}
RULE_CHOICES = {"onewindow.hall_head_start": PRIORITIES}
GROUPS_FIRST = [{**asdict(group), "words": list(group.words)} for group in GROUPS]
POLICIES: tuple[tuple[str, Any, str, str], ...] = (
    *(
        (code, value, UNITS.get(code.rsplit("_", 1)[1], "minutes"), BASIS.get(code, OWN))
        for code, value in DEFAULTS.items()
    ),
    ("onewindow.hall_head_start", dict(HEAD_STARTS), "table", "依法优先的人群;让先的分钟数为演示设定"),
    ("onewindow.hall_groups", GROUPS_FIRST, "groups", OWN),
)
