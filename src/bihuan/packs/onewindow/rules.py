"""The rules of one-window service: pure functions of a frozen value. Each docstring is the sentence that a refusal shows.

Sources: 《行政许可法》 (rules.md B1), 告知承诺 and 容缺受理 (B2), 好差评 国办发〔2019〕51号 (B3). The facts of a case come from the item's version
in the catalogue on the day of receipt: `materials` {number: "present" | "lacking" | "held"}, `optional` and `may_lack` (numbers),
`commitment` (may it be decided on a signed commitment?), `special` {procedure: days}, `checks` (how many conditions the system
may decide by; 0: none), `unit` (the approving unit's id).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bihuan.kernel.cases.facts import CaseFacts
from bihuan.lib.text import SHANGHAI

SPECIAL = (
    ("hearing", "听证"), ("tender", "招标"), ("auction", "拍卖"), ("inspection", "检验"), ("testing", "检测"),
    ("quarantine", "检疫"), ("appraisal", "鉴定"), ("expert_review", "专家评审"),
)  # fmt: skip
"""《行政许可法》第四十五条: only the time of these is not counted."""
DECLINED = (
    ("not_needed", "依法不需要办理"), ("not_eligible", "申请人不具备申请资格"), ("not_corrected", "补正后仍不符合要求"), ("other", "其他法定情形"),
)  # fmt: skip
ENDED = (
    ("not_supplied", "容缺的材料逾期未补"), ("gone", "申请人死亡、丧失行为能力或终止"), ("impossible", "因不可抗力不能办理"), ("other", "其他法定情形"),
)  # fmt: skip
EXCLUDED = (("mistaken", "误评"), ("malicious", "恶意差评"))
DIFFICULTY = (
    ("simple", "简单,马上整改"), ("default", "复杂,五个工作日"), ("hard", "疑难,十五个工作日"),
)  # fmt: skip
HANDED = (("window", "窗口领取"), ("post", "邮寄送达"), ("electronic", "电子送达"))
NUMBERS = re.compile(r"\d{1,3}")


@dataclass(frozen=True, slots=True)
class Facts:
    """A case as its guards see it."""

    case: CaseFacts


def judge(case: CaseFacts) -> Facts:
    """The value that the guards below judge."""
    return Facts(case)


def numbers_read(text: object) -> list[str]:
    """The numbers of materials in a text such as "1、3" or "1 3", in order, each once."""
    return list(dict.fromkeys(str(int(found)) for found in NUMBERS.findall(str(text or ""))))


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


def not_told_before(facts: Facts) -> bool:
    """需要补正的要一次告知全部内容,本件已经告知过,不能再要别的(《行政许可法》第三十二条)。"""
    return not facts.case.facts.get("told")


def notice_term_runs(facts: Facts) -> bool:
    """五个工作日内没有一次告知的,自收到之日起即为受理(《行政许可法》第三十二条)。"""
    due = facts.case.clocks.get("notice")
    return due is None or facts.case.now <= due


def notice_term_has_passed(facts: Facts) -> bool:
    """一次告知的期限还没有到,不能视为受理。"""
    return not notice_term_runs(facts)


def lacking_may_follow(facts: Facts) -> bool:
    """缺的材料不在目录的可容缺清单里,不能容缺受理。"""
    found = lacking(facts.case.facts)
    return bool(found) and set(found) <= set(facts.case.facts.get("may_lack", ()))


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
    return _passed(facts, "correct")


def special_is_the_items(facts: Facts) -> bool:
    """目录里这个事项没有这种特别程序,不能停钟(《行政许可法》第四十五条)。"""
    known, ground = facts.case.facts.get("special"), facts.case.data.get("ground")
    return known is None or ground is None or ground in known


def special_ends_in_time(facts: Facts) -> bool:
    """特别程序的时间超过目录里写明的天数。"""
    known, until = facts.case.facts.get("special"), facts.case.data.get("until")
    days = (known or {}).get(facts.case.data.get("ground"))
    if not days or not until:
        return True
    return date.fromisoformat(until) <= facts.case.now.astimezone(SHANGHAI).date() + timedelta(days=int(days))


def supplement_term_has_passed(facts: Facts) -> bool:
    """容缺的材料补齐期限还没有到,或者已经补齐。"""
    if facts.case.data.get("ground") != "not_supplied":
        return True
    return _passed(facts, "supplement") and bool(lacking(facts.case.facts))


def evaluation_term_has_passed(facts: Facts) -> bool:
    """评价期限还没有到,不能按未评价办结。"""
    return _passed(facts, "evaluate")


def further_term_has_passed(facts: Facts) -> bool:
    """追评期限还没有到。"""
    return _passed(facts, "further")


def _passed(facts: Facts, clock: str) -> bool:
    due = facts.case.clocks.get(clock)
    return due is not None and facts.case.now > due


def told_kept(case: CaseFacts) -> dict[str, Any]:
    """What was told to be missing, once and for all."""
    return {"told": lacking(case.facts), "told_at": case.now.isoformat()}


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
        return {"accepted": way, "accepted_at": case.now.isoformat(), "committed": way == "commitment"}

    return kept


def ended_kept(outcome: str) -> Any:
    """What became of the application: "granted", "refused", "declined", "not_ours", "withdrawn" or "terminated"."""

    def kept(case: CaseFacts) -> dict[str, Any]:
        return {"outcome": outcome, "outcome_at": case.now.isoformat()}

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
