"""The rules of one-window service: pure functions of a frozen value. Each docstring is the sentence that a refusal shows.

Sources: 《行政许可法》 (rules.md B1), 告知承诺 and 容缺受理 (B2), 好差评 国办发〔2019〕51号 (B3). The facts of a case come from the item's version
in the catalogue on the day of receipt: `materials` {number: "present" | "lacking" | "held"}, `optional` and `may_lack` (numbers),
`supplement_days` (in which they must follow; 0: they may not), `commitment` (may it be decided on a signed commitment?), `special` {procedure: days}, `special_times`
{procedure: how often, where more than once}, `checks` (how many conditions the system
may decide by; 0: none), `unit` (the approving unit's id).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bihuan.kernel.cases.facts import CaseFacts
from bihuan.lib.text import SHANGHAI
from bihuan.packs.onewindow.fees import rules as fees

SPECIAL = (
    ("hearing", "听证"), ("tender", "招标"), ("auction", "拍卖"), ("inspection", "检验"), ("testing", "检测"),
    ("quarantine", "检疫"), ("appraisal", "鉴定"), ("expert_review", "专家评审"),
)  # fmt: skip
"""《行政许可法》第四十五条: only the time of these is not counted."""
SPECIAL_MOST = 365
"""The natural days that one may take where no catalogue says."""
DECLINED = (
    ("not_needed", "依法不需要办理"), ("not_eligible", "申请人不具备申请资格"), ("not_corrected", "补正后仍不符合要求"), ("other", "其他法定情形"),
)  # fmt: skip
UNFIT = (
    ("illegible", "看不清"), ("unsigned", "缺页,或缺签字、盖章"), ("form", "不符合法定形式"), ("another", "不是要的那份材料"),
)  # fmt: skip
"""《行政许可法》第三十二条:申请材料不齐全或者不符合法定形式的。"""
ENDED = (
    ("not_supplied", "容缺的材料逾期未补"), ("gone", "申请人死亡、丧失行为能力或终止"), ("impossible", "因不可抗力不能办理"), ("other", "其他法定情形"),
)  # fmt: skip
EXCLUDED = (("mistaken", "误评"), ("malicious", "恶意差评"))
DIFFICULTY = (
    ("simple", "简单,马上整改"), ("default", "复杂,五个工作日"), ("hard", "疑难,十五个工作日"),
)  # fmt: skip
HANDED = (("window", "窗口领取"), ("post", "邮寄送达"), ("electronic", "电子送达"))
NUMBERS = re.compile(r"\d{1,3}")
SPANS = re.compile(r"(?<!\d)(\d{1,3})\s*(?:[-\u2013\u2014\uff0d~\uff5e]|至|到)\s*(\d{1,3})(?!\d)")
FIX = re.compile(r"0*(\d{1,3})[\s.、::,,-]+(.{2,})")


@dataclass(frozen=True, slots=True)
class Facts:
    """A case as its guards see it."""

    case: CaseFacts


def judge(case: CaseFacts) -> Facts:
    """The value that the guards below judge."""
    return Facts(case)


def numbers_read(text: object) -> list[str]:
    """The numbers of materials in a text such as "1、3", "1 3" or "1-3" (from the first to the last), in order, each once."""
    found = SPANS.sub(_span, str(text or ""))
    return list(dict.fromkeys(str(int(number)) for number in NUMBERS.findall(found)))


def _span(found: re.Match[str]) -> str:
    return " ".join(map(str, range(int(found[1]), int(found[2]) + 1))) or found[0]


def fixes_read(text: object) -> dict[str, str]:
    """What is to be put right in which material (its number), a line each, such as "4 没有盖章"; a line without a number is under ""."""
    lines = [line.strip() for line in str(text or "").splitlines() if line.strip()]
    found = [FIX.fullmatch(line) for line in lines]
    return {
        one[1] if one else "": one[2].strip() if one else line for one, line in zip(found, lines, strict=True)
    }


def lacking(facts: Mapping[str, Any]) -> list[str]:
    """The numbers of the required materials that are not there."""
    optional = facts.get("optional", ())
    return [n for n, state in facts.get("materials", {}).items() if state == "lacking" and n not in optional]


def materials_are_complete(facts: Facts) -> bool:
    """必要的材料还没有交齐:请发补正告知,或按目录容缺受理。"""
    return not lacking(facts.case.facts)


def something_is_lacking(facts: Facts) -> bool:
    """材料齐全的应当受理,不发补正告知(《行政许可法》第三十二条)。"""
    return "materials" not in facts.case.facts or bool(lacking(facts.case.facts))


def unfit_were_received(facts: Facts) -> bool:
    """只能填已经收到的材料的序号。"""
    if "unfit" not in facts.case.data:
        return True
    known, unfit = facts.case.facts.get("materials"), numbers_read(facts.case.data["unfit"])
    return known is None or (bool(unfit) and all(known.get(number) == "present" for number in unfit))


def fixes_are_of_the_list(facts: Facts) -> bool:
    """要改的内容一行写一项:材料清单里的序号和要改什么,如“4 没有盖章”;由窗口核对或本市已有的材料不用改。"""
    known, fixes = facts.case.facts.get("materials"), fixes_read(facts.case.data.get("fix"))
    return known is None or all(known.get(number) in ("present", "lacking") for number in fixes)


def not_told_before(facts: Facts) -> bool:
    """需要补正的要一次告知全部内容,本件已经告知过,不能再要别的(《行政许可法》第三十二条)。"""
    return not facts.case.facts.get("told")


def notice_term_runs(facts: Facts) -> bool:
    """五个工作日内没有一次告知的,自收到之日起即为受理(《行政许可法》第三十二条)。"""
    return not facts.case.is_over("notice")


def notice_term_has_passed(facts: Facts) -> bool:
    """一次告知的期限还没有到,不能视为受理。"""
    return not notice_term_runs(facts)


def lacking_was_told(facts: Facts) -> bool:
    """缺材料的要先一次告知补正;补正期限到了,或者补来的材料仍不合要求,才能以此不予受理(《行政许可法》第三十二条)。"""
    known, ground = facts.case.facts, facts.case.data.get("ground")
    stands_for_lacking = ground == "not_corrected" or (ground == "other" and lacking(known))
    if not stands_for_lacking or "materials" not in known:
        return True
    told = known.get("told", ())
    came = any(known["materials"].get(number) != "lacking" for number in told)
    return bool(told) and (came or correction_term_has_passed(facts))


def lacking_may_follow(facts: Facts) -> bool:
    """缺的材料不在目录的可容缺清单里,不能容缺受理。"""
    found = lacking(facts.case.facts)
    return bool(found) and set(found) <= set(facts.case.facts.get("may_lack", ()))


SUPPLEMENT_MOST = 20
"""Working days; no centre may allow more (rules.md B2)."""


def supplement_days(promised: int | None, statutory: int | None, most: int = SUPPLEMENT_MOST) -> int:
    """The working days in which what is lacking may follow: at most the centre's `most` and 2 fewer than promised (rules.md B2); 0: there
    are none."""
    return max(0, min(most, (promised or statutory or most + 2) - 2))


def supplement_leaves_time(facts: Facts) -> bool:
    """容缺材料的补齐期限要比承诺时限短2个工作日以上,承诺时限不足3个工作日的事项不能容缺受理。"""
    return bool(facts.case.facts.get("supplement_days", True))


def commitment_is_open(facts: Facts) -> bool:
    """这个事项不适用告知承诺:直接涉及公共安全、生态环境、人身健康、生命财产安全的除外(《山东省优化营商环境条例》第二十九条)。"""
    return bool(facts.case.facts.get("commitment"))


def item_is_decided_at_once(facts: Facts) -> bool:
    """这个事项没有登记可以当场核对的条件,不能由系统办结。"""
    return bool(facts.case.facts.get("checks", True))


def every_check_holds(facts: Facts) -> bool:
    """有一条不符合或者查不到的,要由人审查。"""
    return not facts.case.data.get("failing")


def unit_is_the_items(facts: Facts) -> bool:
    """只能交给这个事项的审批单位。"""
    unit, chosen = facts.case.facts.get("unit"), facts.case.data.get("unit")
    return unit is None or chosen is None or int(unit) == int(chosen)


def materials_are_of_the_list(facts: Facts) -> bool:
    """只能登记本件还缺的材料,请填材料清单里的序号。"""
    if "received" not in facts.case.data:
        return True
    received, known = numbers_read(facts.case.data["received"]), facts.case.facts.get("materials")
    if known is None:
        return True
    return bool(received) and all(known.get(number) == "lacking" for number in received)


def all_is_supplied(facts: Facts) -> bool:
    """容缺的材料还没有补齐:先交来一部分的,请用“登记材料”。"""
    if "received" not in facts.case.data:
        return True
    return set(lacking(facts.case.facts)) <= set(numbers_read(facts.case.data["received"]))


def something_follows(facts: Facts) -> bool:
    """本件没有容缺的材料。"""
    return "materials" not in facts.case.facts or bool(lacking(facts.case.facts))


def nothing_is_owed(facts: Facts) -> bool:
    """容缺的材料还没有补齐,不能作出准予的决定。"""
    return not lacking(facts.case.facts) or bool(facts.case.facts.get("committed"))


def correction_term_has_passed(facts: Facts) -> bool:
    """补正期限还没有到。"""
    return facts.case.is_over("correct")


def special_is_the_items(facts: Facts) -> bool:
    """目录里这个事项没有这种特别程序,不能停钟(《行政许可法》第四十五条)。可用的见“基本情况”。"""
    known, ground = facts.case.facts.get("special"), facts.case.data.get("ground")
    return known is None or (ground in known if ground else bool(known))


def special_is_left(facts: Facts) -> bool:
    """这种特别程序本件已经用过,同一种不能再停钟(目录里写明可以多次的除外)。"""
    ground, known = facts.case.data.get("ground"), facts.case.facts
    asked = [ground] if ground else list(known.get("special") or ())
    used = [one["ground"] for one in known.get("specials", ())]
    times = known.get("special_times", {})
    return not asked or any(used.count(one) < int(times.get(one, 1)) for one in asked)


def special_term_has_passed(facts: Facts) -> bool:
    """告知的特别程序时间还没有到。"""
    return facts.case.is_over("special")


def special_ends_in_time(facts: Facts) -> bool:
    """特别程序的时间超过目录里写明的天数,见“基本情况”。"""
    known, until = facts.case.facts.get("special"), facts.case.data.get("until")
    days = (known or {}).get(facts.case.data.get("ground"), SPECIAL_MOST)
    if not until:
        return True
    return date.fromisoformat(until) <= facts.case.now.astimezone(SHANGHAI).date() + timedelta(days=int(days))


def supplement_term_has_passed(facts: Facts) -> bool:
    """容缺的材料补齐期限还没有到,或者已经补齐。"""
    return facts.case.data.get("ground") != "not_supplied" or supplement_is_overdue(facts)


def supplement_is_overdue(facts: Facts) -> bool:
    """容缺的材料补齐期限还没有到,或者已经补齐。"""
    return facts.case.is_over("supplement") and bool(lacking(facts.case.facts))


def evaluation_term_has_passed(facts: Facts) -> bool:
    """评价期限还没有到,不能按未评价办结。"""
    return facts.case.is_over("evaluate")


def further_term_has_passed(facts: Facts) -> bool:
    """追评期限还没有到。"""
    return facts.case.is_over("further")


def something_is_charged(facts: Facts) -> bool:
    """这个事项不收费,或者费用已经缴清、减免。"""
    return "materials" not in facts.case.facts or not fees.settled(facts.case.facts)


def fee_was_told(facts: Facts) -> bool:
    """还没有作出准予的决定、发出缴费通知,不能收费。"""
    return "fees" not in facts.case.facts or "fee" in facts.case.facts


def fee_is_paid_in_full(facts: Facts) -> bool:
    """实收少于应缴,没有缴清。"""
    amount = facts.case.data.get("amount")
    return (
        amount is None
        or "fees" not in facts.case.facts
        or Decimal(amount) >= Decimal(fees.owed(facts.case.facts))
    )


def ground_is_the_catalogues(facts: Facts) -> bool:
    """目录里这项收费没有这种减免情形,不能减免。"""
    ground = facts.case.data.get("ground")
    return ground is None or "fees" not in facts.case.facts or ground in fees.grounds(facts.case.facts)


def fee_is_settled(facts: Facts) -> bool:
    """费用还没有缴清,也没有减免,不能制证、出件。"""
    return fees.settled(facts.case.facts)


def told_kept(case: CaseFacts) -> dict[str, Any]:
    """What was told to be missing or to be put right, once and for all; what is to be put right has to come again."""
    fixes, known = fixes_read(case.data.get("fix")), case.facts.get("materials", {})
    told = [n for n in known if n in fixes or n in lacking(case.facts)]
    kept = {"told": told, "told_at": case.now.isoformat()}
    if not fixes or not known:
        return kept
    states = {n: "lacking" if n in fixes else state for n, state in known.items()}
    return {**kept, "fixes": [n for n in known if n in fixes], "materials": states}


def unfit_kept(case: CaseFacts) -> dict[str, Any]:
    """What came and is no good counts as lacking, and is told together with what did not come."""
    known = case.facts.get("materials")
    unfit = [*numbers_read(case.data.get("unfit")), *fixes_read(case.data.get("fix"))]
    if known is None:
        return told_kept(case)
    materials = {**known, **dict.fromkeys(unfit, "lacking")}
    told = lacking({**case.facts, "materials": materials})
    why = dict.fromkeys(unfit, str(case.data.get("why", "")))
    return {"materials": materials, "unfit": why, "told": told, "told_at": case.now.isoformat()}


def received_kept(case: CaseFacts) -> dict[str, Any]:
    """The materials that have come since."""
    received = dict.fromkeys(numbers_read(case.data.get("received")), "present")
    known = case.facts.get("materials")
    return (
        {} if known is None else {"materials": {**known, **{n: s for n, s in received.items() if n in known}}}
    )


def accepted_kept(way: str) -> Any:
    """When and how the application was accepted: "complete", "tolerant", "commitment" or "deemed"."""

    def kept(case: CaseFacts) -> dict[str, Any]:
        unit = {"unit": case.data["unit"]} if case.data.get("unit") else {}
        return {
            "accepted": way,
            "accepted_at": case.now.isoformat(),
            "committed": way == "commitment",
            **unit,
        }

    return kept


def ended_kept(outcome: str, *, deemed: bool = False) -> Any:
    """What became of the application: "granted", "refused", "declined", "not_ours", "withdrawn" (or `deemed` to be) or "terminated"."""

    def kept(case: CaseFacts) -> dict[str, Any]:
        return {
            "outcome": outcome,
            "outcome_at": case.now.isoformat(),
            **({"deemed": True} if deemed else {}),
        }

    return kept


def matched_kept(case: CaseFacts) -> dict[str, Any]:
    """Whether the system decided by itself, and when; else a person does."""
    automatic = not case.data.get("failing")
    ended = {"outcome": "granted", "outcome_at": case.now.isoformat()} if automatic else {}
    return {"automatic": automatic, **ended}


def special_kept(case: CaseFacts) -> dict[str, Any]:
    """Each special procedure with the day until which it was told to take."""
    one = {"ground": case.data["ground"], "until": case.data["until"]}
    return {"specials": [*case.facts.get("specials", ()), one]}


def grade_kept(case: CaseFacts) -> dict[str, Any]:
    """The applicant's grade; a further review stands beside the first."""
    return {"grades": [*case.facts.get("grades", ()), case.data["grade"]]}


def difficulty_kept(case: CaseFacts) -> dict[str, Any]:
    """How long it may take to put right: the key of the limits' table."""
    return {"limit_key": case.data["difficulty"]}
