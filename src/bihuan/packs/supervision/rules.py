"""The rules of supervision: pure functions of a frozen value. Each docstring is the sentence that a refusal shows.

Sources: 《工作问责办法(试行)》, 督导通报, 表态问责 (S1); the weekly four-fold list (S4); rules.md A6, E2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bihuan.kernel.cases.facts import CaseFacts
from bihuan.lib.text import SHANGHAI

KINDS = (
    ("accountability", "问责"),
    ("supervised", "督办件"),
    ("decision", "会议议定事项"),
    ("routes", "理顺流程"),
    ("publicity", "宣传引导"),
    ("campaign", "集中攻坚"),
    ("works", "治本工程"),
    ("bulletin", "督导通报"),
    ("statement", "表态"),
)
"""What a case here can be about: a unit called to account, a marked order, a meeting's decision, works, and the N of "1+2+3+N"."""
OPENED_BY_HAND = (
    "supervised",
    "routes",
    "publicity",
    "campaign",
    "works",
    "bulletin",
    "statement",
    "decision",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """A case as its guards see it."""

    case: CaseFacts


def judge(case: CaseFacts) -> Facts:
    """The value that the guards below judge."""
    return Facts(case)


def unit_is_the_one_called(facts: Facts) -> bool:
    """只能交给被启动督办或问责的单位本身。"""
    called, chosen = facts.case.facts.get("called"), facts.case.data.get("unit")
    return called is None or chosen is None or int(called) == int(chosen)


def look_back_is_due(facts: Facts) -> bool:
    """整改要经过一段时间检验,还没到可以回头看的日子。"""
    reported = facts.case.facts.get("reported_at")
    days = int(facts.case.facts.get("look_back_days", 0))
    return not reported or facts.case.now >= datetime.fromisoformat(reported) + timedelta(days=days)


def proof_came_after_the_works(facts: Facts) -> bool:
    """验证要在完工之后:请写完工以后发生的那一次,如完工后的一场大雨。"""
    completed, proved = facts.case.facts.get("reported_at"), facts.case.data.get("on")
    if not completed or not proved:
        return True
    return (
        datetime.fromisoformat(proved).date() >= datetime.fromisoformat(completed).astimezone(SHANGHAI).date()
    )


def proof_has_happened(facts: Facts) -> bool:
    """验证的日子还没有到。"""
    proved = facts.case.data.get("on")
    return not proved or datetime.fromisoformat(proved).date() <= facts.case.now.astimezone(SHANGHAI).date()


def report_kept(case: CaseFacts) -> dict[str, Any]:
    """When the unit reported: the look-back and the proof are reckoned from it."""
    return {"reported_at": case.now.isoformat()}


def statement_kept(case: CaseFacts) -> dict[str, Any]:
    """The day by which the head promised to have mended it."""
    return {"promised_until": case.data.get("until")}


def plan_kept(case: CaseFacts) -> dict[str, Any]:
    """What works were planned, for how much, until when."""
    return {"cost": case.data.get("cost"), "promised_until": case.data.get("until")}


def worsening_kept(case: CaseFacts) -> dict[str, Any]:
    """Each month that found the unit among the last again while it was already called to account."""
    again = {"at": case.now.isoformat(), "words": case.data["words"]}
    return {"again": [*case.facts.get("again", ()), again]}


def proof_kept(case: CaseFacts) -> dict[str, Any]:
    """The trial that the works stood, and its day."""
    return _tried(case, stood=True)


def failure_kept(case: CaseFacts) -> dict[str, Any]:
    """The trial that the works did not stand, and its day."""
    return _tried(case, stood=False)


def _tried(case: CaseFacts, *, stood: bool) -> dict[str, Any]:
    return {"trials": [*case.facts.get("trials", ()), {"on": case.data["on"], "stood": stood}]}
