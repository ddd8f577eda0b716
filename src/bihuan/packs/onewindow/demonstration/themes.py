"""Themes of the demonstration, and applications for them: five chemical projects whose approvals went side by side, each day of
theirs played as it was, and shops in every interesting state. All made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from bihuan.kernel.bundles.models import Part
from bihuan.kernel.bundles.rules import PartPlan, network_plan
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.clocks.calendar import day_number, day_of
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import packs
from bihuan.kernel.policies.models import PolicyRule
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.identifiers import organisation_check_digit, uscc_check_digit
from bihuan.lib.text import SHANGHAI
from bihuan.packs.onewindow.applying.materials import numbered
from bihuan.packs.onewindow.applying.receiving import DATED, ORGANISATION, received_clean
from bihuan.packs.onewindow.demonstration.items import (
    DISTRICT,
    HALL,
    HOURS,
    IDENTITY,
    LICENCE,
    SAMPLES,
    Sample,
    implementation_code,
    items_load,
)
from bihuan.packs.onewindow.models import Item
from bihuan.packs.onewindow.themes.applying import theme_take
from bihuan.packs.onewindow.themes.models import Theme
from bihuan.packs.onewindow.themes.selectors import theme_composed, theme_version_on
from bihuan.packs.onewindow.themes.services import theme_add

CLERK, ISSUER = "fang", "ren"
PROJECT_FILE = "项目备案证明 | 城市已有"
LAND = "土地使用证明"
BEFORE = 70
"""Working days before today on which the items of projects and the themes were entered."""


def _item(
    slug: str, base: str, name: str, name_en: str, organ: str, days: tuple[int, int], **more: Any
) -> Sample:
    common = {"kind": "01", "places": HALL, "hours": HOURS, "theme": "项目审批"}
    limits = {"promised_days": str(days[0]), "statutory_days": str(days[1])}
    return Sample(
        slug,
        base,
        {**common, **limits, "name": name, "name_en": name_en, "organ": f"东昌府区{organ}", **more},
    )


PROJECT_ITEMS = (
    _item(
        "resources", "000115008000", "建设工程规划许可", "Planning permit for building works", "自然资源和规划局", (15, 20),
        materials=f"建设工程规划许可申请表\n{LICENCE}\n{PROJECT_FILE}\n{LAND}\n总平面图\n建设工程设计方案", results="建设工程规划许可证",
        legal_basis="《城乡规划法》第四十条",
    ),
    _item(
        "development", "000104003000", "固定资产投资项目节能审查", "Energy review of an investment project", "发展和改革局", (10, 15),
        materials=f"节能审查申请\n{LICENCE}\n{PROJECT_FILE}\n节能报告\n项目可行性研究报告", results="节能审查意见", special="专家评审 | 20",
        legal_basis="《固定资产投资项目节能审查办法》第七条",
    ),
    _item(
        "ecology", "000116006000", "建设项目环境影响评价文件审批", "Environmental impact approval", "生态环境局", (25, 60),
        materials=f"环境影响评价文件报批申请\n{LICENCE}\n{PROJECT_FILE}\n环境影响报告书\n项目可行性研究报告\n总平面图", results="环境影响评价批复",
        special="专家评审 | 30", legal_basis="《环境影响评价法》第二十二条",
    ),
    _item(
        "emergency", "000125001000", "危险化学品建设项目安全条件审查", "Safety review of a chemical project", "应急管理局", (20, 45),
        materials=f"安全条件审查申请书\n{LICENCE}\n{PROJECT_FILE}\n安全评价报告\n项目可行性研究报告\n总平面图", results="安全条件审查意见书",
        special="专家评审 | 20", legal_basis="《危险化学品安全管理条例》第十二条",
    ),
    _item(
        "enforcement", "000717021000", "建设场地拆除清理验收", "Clearance of a building site", "综合行政执法局", (12, 20), kind="20",
        materials=f"场地拆除清理方案\n{LAND}\n拆除清理后的现场照片", results="场地清理验收意见",
    ),
    _item(
        "housing", "000117001000", "建筑工程施工许可", "Construction permit", "住房和城乡建设局", (5, 7),
        materials=f"建筑工程施工许可申请表\n{LICENCE}\n{IDENTITY}\n施工合同\n施工图设计文件审查合格书\n资金落实承诺书", results="建筑工程施工许可证",
        legal_basis="《建筑法》第七条",
    ),
)  # fmt: skip
CODES = {
    str(one.given["name"]): implementation_code(one.slug, one.base) for one in (*SAMPLES, *PROJECT_ITEMS)
}
PLANNING, ENERGY, IMPACT, SAFETY, CLEARANCE, BUILDING = (str(one.given["name"]) for one in PROJECT_ITEMS)
FOOD, HYGIENE, SIGN = "食品经营许可(新办)", "公共场所卫生许可", "户外广告设施设置审批"
THEMES: Mapping[str, Mapping[str, str]] = {
    "chemical": {
        "name": "化工项目审批", "name_en": "Approvals of a chemical project", "kind": "project",
        "about": "能评、环评、安评、规划同步启动;办手续和现场拆除同步推进",
        "parts": "\n".join((
            f"规划 | {CODES[PLANNING]}", f"能评 | {CODES[ENERGY]}", f"环评 | {CODES[IMPACT]}", f"安评 | {CODES[SAFETY]}",
            f"场地 | {CODES[CLEARANCE]}", f"施工 | {CODES[BUILDING]} | 之后:规划、能评、环评、安评、场地",
        )),
    },
    "supermarket": {
        "name": "开超市", "name_en": "Opening a supermarket", "kind": "trade", "about": "超市 便利店 商店",
        "parts": f"卫生 | {CODES[HYGIENE]}\n招牌 | {CODES[SIGN]}\n食品 | {CODES[FOOD]}",
        "shared": "经营场所平面图和设备布局 = 公共场所地址方位示意图和平面图",
    },
    "restaurant": {
        "name": "开餐馆", "name_en": "Opening a restaurant", "kind": "trade", "about": "餐饮 饭店 面馆 小吃",
        "parts": f"卫生 | {CODES[HYGIENE]}\n食品 | {CODES[FOOD]} | 之后:卫生\n招牌 | {CODES[SIGN]}",
        "shared": "经营场所平面图和设备布局 = 公共场所地址方位示意图和平面图",
    },
}  # fmt: skip
FIRST = ("规划", "能评", "环评", "安评", "场地")


@dataclass(frozen=True, slots=True)
class Whole:
    """An application for a theme: taken in so many working days ago, and how many each part took (none: still under way); `refused`
    parts are not granted, `lacks` the last so many materials at first, `follows` one that may follow (its name). `then` is done in the end.
    """

    theme: str
    subject: str
    firm: str
    ago: int
    took: Mapping[str, int] = field(default_factory=dict)
    refused: str = ""
    lacks: int = 0
    follows: str = ""
    then: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()


def _took(*days: int) -> dict[str, int]:
    return dict(zip((*FIRST, "施工"), days, strict=False))


PERMITTED: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    (ISSUER, "issue_permit", {}),
    (ISSUER, "deliver", {"way": "window"}),
)
PRAISED = (*PERMITTED, ("", "evaluate", {"grade": "5", "words": "跑一次,五个证一起办"}))
WHOLES = (
    Whole("chemical", "年产3万吨环保涂料项目", "聊城东昌新材料有限公司", 58, _took(10, 8, 15, 11, 6, 3), then=PRAISED),
    Whole("chemical", "己内酰胺装置节能改造项目", "聊城徒骇化工有限公司", 52, _took(9, 7, 13, 12, 8, 2), then=PRAISED),
    Whole("chemical", "甲酸钠回收利用项目", "聊城运河精细化工有限公司", 47, _took(11, 6, 12, 9, 5, 3), then=PRAISED),
    Whole("chemical", "危险化学品仓储扩建项目", "聊城顺河仓储有限公司", 43, _took(8, 8, 16, 14, 7, 4), then=PERMITTED),
    Whole("chemical", "聚碳酸酯下游改性项目", "聊城九州新材料有限公司", 39, _took(10, 9, 14, 10, 9, 3), then=PERMITTED),
    Whole("chemical", "尼龙新材料一期项目", "聊城江北尼龙有限公司", 12, _took(9, 7)),
    Whole("restaurant", "水城面馆", "东昌府区水城面馆", 9, {"卫生": 2, "招牌": 3, "食品": 3}, then=PRAISED),
    Whole("restaurant", "古楼小厨", "东昌府区古楼小厨餐饮店", 7, {"卫生": 1, "招牌": 4, "食品": 4}),
    Whole("restaurant", "湖滨烧烤", "东昌府区湖滨烧烤店", 4, {"卫生": 2}, refused="卫生"),
    Whole("supermarket", "乐万家超市", "东昌府区乐万家超市", 1, follows="场地使用证明"),
    Whole("supermarket", "鑫源超市", "东昌府区鑫源超市", 1),
    Whole("supermarket", "家家悦便利店", "东昌府区家家悦便利店", 2, lacks=2),
    Whole("supermarket", "运河生鲜", "东昌府区运河生鲜超市", 5, {"招牌": 2}, then=((CLERK, "withdraw_theme", {"reason": "申请人改租别处,以后再办"}),)),
)  # fmt: skip


def themes_play(*, until: datetime) -> int:
    """Enter the themes and play their applications up to `until`, once; returns how many (0: they were there, or it is too early).

    A city without rules for the window so long ago gets the themes alone.
    """
    if Theme.objects.exists() or not Item.objects.exists():
        return 0
    play = Play(until)
    with kernel_writes():
        items_load(units=play.units, now=play.at(BEFORE), samples=PROJECT_ITEMS)
        for code, given in THEMES.items():
            early = given["kind"] == "project"
            theme_add(code=code, given=given, now=play.at(BEFORE if early else 20), by="system")
    first = PolicyRule.objects.filter(code="onewindow.notice").earliest("valid_from").valid_from
    if datetime.combine(first, time(), SHANGHAI) > play.at(BEFORE):
        return 0
    for place, whole in enumerate(WHOLES):
        play.whole(whole, place)
    return len(WHOLES)


class Play:
    """The people and units of the city, and how an application's days are played."""

    def __init__(self, until: datetime) -> None:
        self.until, self.calendar = until, rulebook().calendar
        self.units = dict(Unit.objects.values_list("code", "pk"))
        self.people = dict(Person.objects.values_list("username", "pk"))
        self.today = self.calendar.worked_days(
            day_number((until - timedelta(hours=11)).astimezone(SHANGHAI).date())
        )

    def at(self, ago: int, minutes: int = 0) -> datetime:
        """Nine o'clock, and so many minutes, of the day so many working days before the last that has had a morning."""
        day = day_of(self.calendar.day_of_rank(self.today - ago))
        return datetime.combine(day, time(9), SHANGHAI) + timedelta(minutes=minutes)

    def whole(self, whole: Whole, place: int) -> None:
        now = self.at(whole.ago, place)
        version = theme_version_on(Theme.objects.get(code=whole.theme).pk, timezone.localdate(now))
        assert version is not None
        found = theme_composed(version, timezone.localdate(now))
        materials = numbered(found.checklist.materials)
        numbers = [
            n
            for n, one in materials.items()
            if (not one["held"] or one.get("register")) and one["name"] != whole.follows
        ]
        present = numbers[: len(numbers) - whole.lacks]
        terms = [f"{DATED}{n}" for n, one in materials.items() if one["validity"]]
        outcome = "tell_missing" if whole.lacks else "accept_lacking" if whole.follows else "accept"
        typed = {**firm_made_up(whole.firm, place), **dict.fromkeys(terms, now.date().isoformat()), "item": str(version.theme_id), "outcome": outcome}  # fmt: skip
        received = received_clean(typed, present=present, today=timezone.localdate(now))
        case = theme_take(
            received=received, subject=whole.subject, by=self.people[CLERK], now=now, verified=True
        ).case
        ends = self.ends(whole, found.plans)
        for n, (end, code) in enumerate(ends):
            self.decide(case, code, code == whole.refused, self.at(whole.ago - end, 60 + place + n))
        last = max((end for end, _code in ends), default=0)
        for n, (who, step, data) in enumerate(whole.then, 1):
            self.move(case, step, who, self.at(whole.ago - last, 100 + place + n), data)

    def ends(self, whole: Whole, plans: tuple[PartPlan, ...]) -> list[tuple[int, str]]:
        """On which working day, counted from the first, each part ends, in order."""
        took = [
            PartPlan(plan.code, whole.took[plan.code], plan.after)
            for plan in plans
            if plan.code in whole.took and set(plan.after) <= set(whole.took)
        ]
        return sorted((span.end, code) for code, span in network_plan(took).spans.items()) if took else []

    def decide(self, whole: int, code: str, refused: bool, now: datetime) -> None:
        with kernel_writes():
            case = Part.objects.get(bundle=whole, code=code).case_id or 0
        advice, opinion = (
            ("refuse", "现场核查不符合卫生标准。") if refused else ("grant", "材料齐全,经核查符合条件。")
        )
        self.move(
            case, "examine", "handler", now - timedelta(minutes=40), {"advice": advice, "opinion": opinion}
        )
        if refused:
            data = {
                "answer": "操作间与卫生间相邻,不符合卫生标准,不予许可。",
                "remedy": "六十日内可以申请行政复议,或六个月内起诉。",
            }
            self.move(case, "part_refuse", "section_chief", now, data)
        else:
            self.move(case, "part_grant", "section_chief", now, {"answer": "经审查,符合法定条件,准予许可。"})

    def move(self, case: int, step: str, who: str, now: datetime, data: Mapping[str, Any]) -> None:
        with kernel_writes():
            unit = Case.objects.values_list("unit__code", flat=True).get(pk=case)
        write = packs()["onewindow"].writers.get(step, case_move)
        write(case_id=case, step=step, by=self.person(who, unit), now=min(now, self.until), data=data)

    def person(self, who: str, unit: str) -> int:
        """The applicant (""), somebody by name, or whoever holds the role in the unit."""
        if not who:
            return BY_REPORTER
        market = {"handler": "wang", "section_chief": "chen"}
        known = market.get(who, who) if unit == f"{DISTRICT}_market" else f"{unit}_{who}"
        return self.people[who] if who in self.people else self.people[known]


def firm_made_up(name: str, place: int) -> dict[str, str]:
    """A made-up firm, with right check digits and a telephone number that nobody has."""
    body = f"MA3T{place:04}"
    first = f"91{settings.REGION}{body}{organisation_check_digit(body)}"
    return {
        "applicant": ORGANISATION, "name": name, "id_number": first + uscc_check_digit(first), "phone": f"199001{place:05}", "address": "",
    }  # fmt: skip
