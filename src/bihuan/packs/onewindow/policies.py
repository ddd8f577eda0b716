"""The first limits of one-window service, which each centre then sets for itself; the item's own days replace those of handling.

(code, value, unit, legal basis); rules.md B1-B3.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop

from bihuan.packs.onewindow.hall import policies as hall
from bihuan.packs.onewindow.rules import SUPPLEMENT_MOST

LICENSING = "《行政许可法》"
DAY_BEFORE, HALF = [{"number": 1, "unit": "working_day"}], ["0.5"]


def _days(number: int, unit: str = "working_day", **more: Any) -> dict[str, Any]:
    return {"number": number, "unit": unit, "warnings": DAY_BEFORE, **more}


EXTENSION = {"max_number": 1, "max_length": 10}
POLICIES: tuple[tuple[str, Any, str, str], ...] = (
    ("onewindow.notice", {"default": _days(5, pauses=False)}, "limit", f"{LICENSING}第三十二条:五个工作日内一次告知"),
    ("onewindow.handle", {"default": _days(20, extension=EXTENSION)}, "limit", f"{LICENSING}第四十二条;事项有承诺时限的按承诺时限"),
    (
        "onewindow.handle_statutory", {"default": _days(20, extension=EXTENSION)}, "limit",
        f"{LICENSING}第四十二条:二十个工作日,经批准可延长十个工作日",
    ),
    ("onewindow.correct", {"default": _days(15)}, "limit", "演示设定:补正期限,逾期视为撤回(参照《安阳市政务服务条例》)"),
    ("onewindow.supplement", {"default": _days(20)}, "limit", "容缺受理:补齐期限不超过20个工作日,并比承诺时限短2个工作日以上(深圳)"),
    ("onewindow.special", {"default": _days(90, "natural_day")}, "limit", f"{LICENSING}第四十五条;以书面告知的日期为准"),
    ("onewindow.serve", {"default": _days(10)}, "limit", f"{LICENSING}第四十四条:十个工作日内颁发、送达"),
    ("onewindow.commitment", {"default": _days(30)}, "limit", "演示设定:告知承诺的,决定后三十个工作日内核查"),
    ("onewindow.discredited", 730, "days", "演示设定:承诺不实的,两年内不适用容缺受理和告知承诺"),
    ("onewindow.repair", 90, "days", "演示设定:记入失信名单满九十天、已经改正的可以修复(参照《失信行为纠正后的信用信息修复管理办法(试行)》)"),
    ("onewindow.evaluate", {"default": _days(5)}, "limit", "演示设定:办结后五个工作日内可以评价(山东好差评)"),
    ("onewindow.contact", {"default": _days(1, warnings=HALF)}, "limit", "好差评:差评一个工作日内联系(《安阳市政务服务条例》、浙江)"),
    (
        "onewindow.rectify", {"default": _days(5), "simple": _days(1, warnings=HALF), "hard": _days(15)}, "limit",
        "好差评:简单的马上整改,复杂的5个工作日,疑难的15个工作日(通行做法,未核实)",
    ),
    ("onewindow.further", {"default": _days(5)}, "limit", "演示设定:整改回访后五个工作日内可以追评一次"),
    *hall.POLICIES,
    ("onewindow.card_yellow", 1, "points", "演示设定:电子监察每张黄牌减几分"),
    ("onewindow.card_red", 5, "points", "演示设定:电子监察每张红牌减几分"),
    ("onewindow.reason_characters", 15, "characters", "演示设定:不予受理、不予许可的理由少于几个字,视为没有说明理由(《行政许可法》第三十八条)"),
)  # fmt: skip
CLOCKS = {
    "notice": {"promised": "onewindow.notice"},
    "handle": {"promised": "onewindow.handle", "statutory": "onewindow.handle_statutory"},
    "correct": {"term": "onewindow.correct"},
    "supplement": {"promised": "onewindow.supplement"},
    "special": {"promised": "onewindow.special"},
    "serve": {"promised": "onewindow.serve"},
    "commitment": {"promised": "onewindow.commitment"},
    "evaluate": {"term": "onewindow.evaluate"},
    "contact": {"promised": "onewindow.contact"},
    "rectify": {"promised": "onewindow.rectify"},
    "further": {"term": "onewindow.further"},
}
CLOCK_LABELS = {
    "notice": gettext_noop("一次告知时限"),
    "correct": gettext_noop("补正期限"),
    "supplement": gettext_noop("容缺补齐期限"),
    "special": gettext_noop("特别程序"),
    "serve": gettext_noop("送达时限"),
    "commitment": gettext_noop("承诺核查时限"),
    "evaluate": gettext_noop("评价期限"),
    "contact": gettext_noop("差评联系时限"),
    "rectify": gettext_noop("差评整改时限"),
    "further": gettext_noop("追评期限"),
}
RULE_LABELS = {
    "onewindow.discredited": gettext_noop("在失信名单里的天数"),
    "onewindow.repair": gettext_noop("记入失信名单后多少天可以修复"),
    "onewindow.handle": gettext_noop("承诺办理时限"),
    "onewindow.handle_statutory": gettext_noop("法定办理时限"),
    **{f"onewindow.{kind}": label for kind, label in CLOCK_LABELS.items()},
    **hall.RULE_LABELS,
}
RULE_LABELS |= {
    "onewindow.card_yellow": gettext_noop("黄牌减分"),
    "onewindow.card_red": gettext_noop("红牌减分"),
    "onewindow.reason_characters": gettext_noop("拒绝的理由至少几个字"),
}
LIMIT_KEYS = {"simple": gettext_noop("简单"), "hard": gettext_noop("疑难")}


def supplement_fault(value: Mapping[str, Any]) -> str:
    """Why what is lacking cannot have so long to follow, in words; "" it can."""
    limits = [value] if "number" in value else list(value.values())
    over = any(one["unit"] != "working_day" or one["number"] > SUPPLEMENT_MOST for one in limits)
    return gettext_noop("容缺受理的补齐期限最多 20 个工作日,并比承诺时限短 2 个工作日以上。") if over else ""


RULE_FAULTS = {"onewindow.supplement": supplement_fault}
