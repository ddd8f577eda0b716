"""A theme of the tests: three items of three offices, of which the last waits for the first, and its people."""

from __future__ import annotations

from typing import Any

from bihuan.kernel.bundles.models import Part
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.applying.receiving import received_clean
from bihuan.packs.onewindow.asking.item_form import Answered
from bihuan.packs.onewindow.themes.applying import Taken, theme_take
from bihuan.packs.onewindow.themes.models import Theme
from bihuan.packs.onewindow.themes.services import theme_add
from tests.packs.onewindow.conftest import HEALTH, PERSON, Window
from tests.packs.onewindow.test_codes import ORGAN

ENFORCEMENT = "371502_enforcement"
HYGIENE, SIGN, FOOD = f"{ORGAN}4370123012000", f"{ORGAN}4370117015000", f"{ORGAN}4370131012000"
PARTS = f"卫生 | {HYGIENE}\n招牌 | {SIGN}\n食品 | {FOOD} | 之后:卫生"
GIVEN = {
    "name": "开餐馆",
    "name_en": "Opening a restaurant",
    "kind": "trade",
    "about": "餐饮 面馆 小吃",
    "parts": PARTS,
    "shared": "营业执照 = 营业执照复印件\n经营场所平面图 = 方位图和平面图",
}
ALL = ("1", "2", "4", "5", "6", "7")
"""All numbers of the one checklist that must be brought; the city holds number 3, and 8 need not come."""
DATED = {"dated_4": "2026-02-01"}
"""The day of the one material that holds for a term."""
WHO = {"卫生": f"{HEALTH}_", "招牌": f"{ENFORCEMENT}_"}


class Bazaar:
    """The theme, and how it is taken in and its parts are decided in one line."""

    def __init__(self, window: Window) -> None:
        self.window = window
        window.item_of(
            HYGIENE, unit=HEALTH, name="公共场所卫生许可", name_en="Hygiene licence", promised_days="3", results="公共场所卫生许可证", valid_months="12",
            materials="卫生许可申请表\n方位图和平面图\n营业执照复印件 | 城市已有\n卫生检测报告 | 有效期:1年", special="检测 | 15",
        )  # fmt: skip
        window.item_of(
            SIGN, unit=ENFORCEMENT, name="户外广告设施设置审批", name_en="Outdoor advertising", promised_days="4", results="户外广告设施设置许可证", valid_months="0",
            materials="设计图和效果图\n营业执照 | 城市已有", special="",
        )  # fmt: skip
        self.theme: Theme = theme_add(code="restaurant", given=GIVEN, now=window.now, by="system")

    def take(
        self,
        *present: str,
        outcome: str = "accept",
        by: str = "fang",
        answered: Answered | None = None,
        **typed: Any,
    ) -> Taken:
        given = {**PERSON, **DATED, "item": str(self.theme.pk), "outcome": outcome, **typed}
        received = received_clean(given, present=present or ALL, today=self.window.now.date())
        return theme_take(
            received=received,
            subject="水城面馆",
            by=self.window.people[by],
            now=self.window.now,
            verified=True,
            answered=answered,
        )

    def part(self, whole: int, code: str) -> Part:
        with kernel_writes():
            return Part.objects.select_related("case").get(bundle=whole, code=code)

    def parts(self, whole: int) -> dict[str, str]:
        """What the whole's case knows of its parts."""
        with kernel_writes():
            return dict(Case.objects.get(pk=whole).facts["parts"])

    def who(self, code: str, role: str) -> str:
        food = {"handler": "wang", "section_chief": "chen"}
        return food[role] if code == "食品" else f"{WHO[code]}{role}"

    def examine(self, whole: int, code: str, advice: str = "grant") -> int:
        case = int(self.part(whole, code).case_id or 0)
        self.window.move(
            case, "examine", self.who(code, "handler"), advice=advice, opinion="材料齐全,符合条件。"
        )
        return case

    def grant(self, whole: int, code: str) -> Moved:
        case = self.examine(whole, code)
        return self.window.move(case, "part_grant", self.who(code, "section_chief"), answer="准予许可。")

    def refuse(self, whole: int, code: str) -> Moved:
        case = self.examine(whole, code, "refuse")
        return self.window.move(
            case, "part_refuse", self.who(code, "section_chief"), answer="卫生检测报告不合格,不符合条件。",
            remedy="六十日内可以申请行政复议,或六个月内起诉。",
        )  # fmt: skip
