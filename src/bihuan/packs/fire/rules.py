"""The rules of fire review and acceptance: pure functions of a frozen value. Each docstring is the sentence of the refusal.

Sources: 住建部令第51号 (2020) art. 14-36, 令58 (2023), 行政许可法 art. 32, S0; rules.md B1, C2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bihuan.kernel.cases.facts import CaseFacts
from bihuan.kernel.workflow.model import awaited
from bihuan.lib.text import SHANGHAI
from bihuan.packs.fire.experts import rules as experts
from bihuan.packs.fire.materials import CONDITIONS, FAIL, ITEMS, MATERIALS, MISSING, PASS

KINDS = (("design", "消防设计审查"), ("acceptance", "消防验收"), ("filing", "消防验收备案"))
"""What a case here is about."""
LEGACY = ("legacy", "历史遗留项目办证")
"""What the case of a legacy project is about; it is listed, not applied for."""
ARTICLE_30 = (
    ("materials_legal", "申请材料齐全、符合法定形式"),
    ("report_complete", "竣工验收报告内容完备"),
    ("drawings_agree", "竣工图纸与经审查合格的消防设计文件相符"),
)
"""Three of the four conditions of acceptance; the fourth is the conclusion of the on-site evaluation (art. 30)."""
OPEN = "open"
"""What an on-site evaluation tells of itself once it was changed: its conclusion is to be drawn again."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A case as its guards see it."""

    case: CaseFacts


def judge(case: CaseFacts) -> Facts:
    """The value that the guards below judge."""
    return Facts(case)


def materials_are_complete(facts: Facts) -> bool:
    """材料不齐的不能受理:请一次性告知要补正的全部内容(行政许可法第32条)。"""
    return MISSING not in facts.case.data.values()


def something_is_missing(facts: Facts) -> bool:
    """材料齐全、符合法定形式的应当受理,不能要求补正(行政许可法第32条)。"""
    return not facts.case.data or MISSING in facts.case.data.values()


def not_told_yet(facts: Facts) -> bool:
    """要补正的内容应一次性告知,本件已告知过,不能再提新的要求(行政许可法第32条)。"""
    return not facts.case.facts.get("told_once")


def acceptance_term_has_passed(facts: Facts) -> bool:
    """还在受理期限内:逾期不告知要补正什么的,自收到材料之日起即为受理(行政许可法第32条)。"""
    return facts.case.is_over("accept")


def correction_term_has_passed(facts: Facts) -> bool:
    """还在补正期限内,不能视为撤回。"""
    return facts.case.is_over("correct")


def no_experts_yet(facts: Facts) -> bool:
    """本件已经过专家评审,不再报省。"""
    return "expert" not in facts.case.facts


def expert_term_has_passed(facts: Facts) -> bool:
    """专家评审还没有超过20个工作日。"""
    return facts.case.is_over("expert")


def experts_are_enough(facts: Facts) -> bool:
    """评审专家不得少于7人(令51第25条)。"""
    return not facts.case.data or experts.enough(int(facts.case.data.get("present", 0)))


def votes_fit(facts: Facts) -> bool:
    """同意的专家不能多于到会的专家。"""
    return int(facts.case.data.get("agree", 0)) <= int(facts.case.data.get("present", 0))


def experts_have_agreed(facts: Facts) -> bool:
    """特殊消防设计没有得到四分之三以上评审专家同意,审查不能合格(令51第25条)。"""
    told = facts.case.facts.get("expert")
    return told is None or bool(told["agreed"])


def experts_kept(case: CaseFacts) -> dict[str, Any]:
    """How many experts were present and agreed, and whether three quarters did."""
    present, agree = int(case.data.get("present", 0)), int(case.data.get("agree", 0))
    return {"expert": {"present": present, "agree": agree, "agreed": experts.agreed(present, agree)}}


def inspection_conditions_hold(facts: Facts) -> bool:
    """消防查验四项条件没有全部满足的,建设单位不得编制竣工验收报告,不能申请验收(令51第27条)。"""
    data = facts.case.data
    return not data or all(data.get(code) for code, _ in CONDITIONS)


def commitment_is_allowed(facts: Facts) -> bool:
    """告知承诺只用于一般项目;增加面积、高度、层数,改变用途、火灾危险性、结构或保温的,不能承诺备案(令58)。"""
    data = facts.case.data
    return data.get("way") != "commitment" or (data.get("class") == "general" and not data.get("altered"))


def commitment_has_its_letter(facts: Facts) -> bool:
    """承诺备案要有告知承诺书;不承诺的,要有竣工验收报告和竣工图纸。"""
    data = facts.case.data
    if not data:
        return True
    wanted = ("commitment",) if data.get("way") == "commitment" else ("completion_report", "as_built")
    return all(data.get(code) in ("have", MISSING) for code in wanted)


def on_site(case: CaseFacts) -> Mapping[str, Any]:
    """What the on-site evaluation has told of itself: "conclusion" ("open": to be drawn again), "items", "open" findings."""
    return case.facts.get("site") or {}


def evaluation_is_concluded(facts: Facts) -> bool:
    """现场评定还没有出结论:先在现场评定里评完每一项,检查人员和建设单位签字,再出结论。"""
    return on_site(facts.case).get("conclusion") in (PASS, FAIL)


def evaluation_passes(facts: Facts) -> bool:
    """现场评定的结论是不合格。"""
    return on_site(facts.case).get("conclusion") == PASS


def evaluation_fails(facts: Facts) -> bool:
    """现场评定合格,查出的问题都已整改好,应当合格。"""
    return not evaluation_passes(facts) or not nothing_is_left_to_rectify(facts)


@awaited
def nothing_is_left_to_rectify(facts: Facts) -> bool:
    """查出的问题或者工地上的隐患还有没整改好、没复查合格的,不能合格。"""
    return not on_site(facts.case).get("open")


@awaited
def nothing_is_owed(facts: Facts) -> bool:
    """容后补交的材料还没有补齐,不能签发合格;收到后先在项目页登记。"""
    return not facts.case.facts.get("owed")


def owed_kept(case: CaseFacts) -> dict[str, Any]:
    """How many things that were to follow later have not come in."""
    return {"owed": case.data.get("owed", 0)}


def all_four_hold(facts: Facts) -> bool:
    """按登记的结果,第30条四项没有全部满足,验收不能合格。"""
    if not facts.case.data:
        return evaluation_passes(facts)
    return concluded(facts.case)[0] == PASS


def not_all_four_hold(facts: Facts) -> bool:
    """按登记的结果,第30条四项全部满足,验收应当合格。"""
    return not facts.case.data or concluded(facts.case)[0] == FAIL


def concluded(case: CaseFacts) -> tuple[str, tuple[str, ...]]:
    """The conclusion by article 30 of what is typed and of the on-site evaluation, and what does not hold."""
    site = on_site(case)
    conclusion, reasons = acceptance_conclusion({**site.get("items", {}), **case.data})
    left = (f"查出的问题和工地隐患还有 {site['open']} 个没有整改好",) if site.get("open") else ()
    return (FAIL if left else conclusion), (*reasons, *left)


def evaluated(data: Mapping[str, Any]) -> dict[str, str]:
    """The results of an on-site evaluation by item."""
    return {code: data[code] for code, _ in ITEMS if code in data}


def acceptance_conclusion(data: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The conclusion by article 30, "pass" or "fail", and what does not hold, in words: it passes only when all four hold."""
    reasons = [label + ":不满足" for code, label in ARTICLE_30 if data.get(code) != "yes"]
    results = evaluated(data)
    reasons += [f"现场评定{label}:不合格" for code, label in ITEMS if results.get(code) == FAIL]
    reasons += [f"现场评定{label}:没有评定" for code, label in ITEMS if code not in results]
    return (FAIL if reasons else PASS), tuple(reasons)


def evaluation_kept(case: CaseFacts) -> dict[str, Any]:
    """The results by item and the conclusion computed from them, with its reasons."""
    conclusion, reasons = concluded(case)
    kept = {
        "evaluation": dict(on_site(case).get("items", {})),
        "conclusion": conclusion,
        "reasons": list(reasons),
    }
    return {**kept, "evaluated_at": case.now.isoformat()}


def site_kept(case: CaseFacts, *, conclusion: str) -> dict[str, Any]:
    """What the on-site evaluation tells: conclusion, results by item, findings that are open, how many signed and for how many photographs."""
    told = {"conclusion": conclusion, "evaluation": case.data.get("evaluation")}
    told |= {name: case.data.get(name) or 0 for name in ("signed", "photos")}
    open_ones = case.data.get("open_findings", on_site(case).get("open", 0))
    return {"site": {**told, "items": evaluated(case.data), "open": open_ones, "at": case.now.isoformat()}}


def findings_kept(case: CaseFacts) -> dict[str, Any]:
    """How many findings are open now."""
    return {"site": {**on_site(case), "open": case.data.get("open_findings", 0)}}


def site_opened(case: CaseFacts) -> dict[str, Any]:
    """The evaluation is to be concluded again before the next decision rests on it."""
    return {"site": {**on_site(case), "conclusion": OPEN}}


def notice_kept(case: CaseFacts) -> dict[str, Any]:
    """What was missing when it was told, once."""
    missing = [
        material.name
        for material in dict.fromkeys(m for some in MATERIALS.values() for m in some)
        if case.data.get(material.code) == MISSING
    ]
    return {"told_once": case.now.isoformat(), "missing": list(dict.fromkeys(missing))}


def way_kept(case: CaseFacts) -> dict[str, Any]:
    """How it was filed: class of the project, by commitment or by documents, the day of the completion acceptance, and the documents."""
    kept = {
        "filed_as": case.data.get("class"),
        "way": case.data.get("way"),
        "completed_on": case.data.get("completed_on"),
    }
    codes = {one.code for some in MATERIALS.values() for one in some}
    return {**kept, "materials": {code: mark for code, mark in case.data.items() if code in codes}}


def selection_kept(case: CaseFacts) -> dict[str, Any]:
    """The draw that selected it or left it out."""
    return {"draw": case.data.get("draw"), "selected": True, "selected_at": case.now.isoformat()}


def completion_precedes(completed: str | None, now: datetime) -> bool:
    """Does the completion acceptance lie before `now`?"""
    return not completed or datetime.fromisoformat(completed).date() <= now.astimezone(SHANGHAI).date()


def completion_has_happened(facts: Facts) -> bool:
    """竣工验收合格的日子还没有到。"""
    return completion_precedes(facts.case.data.get("completed_on"), facts.case.now)


def completion_is_as_declared(facts: Facts) -> bool:
    """竣工验收合格之日与建设单位申报的不同,要写明依据:申请备案晚了几天,从这一天算。"""
    declared, data = facts.case.facts.get("declared", {}).get("completed_on"), facts.case.data
    told = data.get("completed_on")
    return not (declared and told) or told == declared or bool(data.get("completed_why"))
