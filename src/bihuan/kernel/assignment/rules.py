"""First responsibility: guards that packs share. Pure; a pack's facts carry the kernel's as `case`.

Sources: rules.md A5; 《北京市接诉即办工作条例》 art. 14; 《潍坊市12345条例》 art. 22; 首接负责制 (S1).
Limits are facts of the case, put there from the policies when it was opened: `max_returns`, `max_objections`.
"""

from __future__ import annotations

from typing import Protocol

from bihuan.kernel.cases.facts import CaseFacts


class HasCase(Protocol):
    """A pack's facts, which carry the kernel's."""

    @property
    def case(self) -> CaseFacts: ...


def _chosen(facts: HasCase) -> int | None:
    value = facts.case.data.get("unit")
    return None if value is None else int(value)


def unit_can_be_given_work(facts: HasCase) -> bool:
    """只能派给承办单位,不能派给行政区本身或外部单位。"""
    unit = _chosen(facts)
    return unit is None or facts.case.kinds.get(unit) not in ("territory", "zone", "external")


def unit_is_another(facts: HasCase) -> bool:
    """改派要选别的单位。"""
    return _chosen(facts) is None or _chosen(facts) != facts.case.unit


def unit_has_not_returned(facts: HasCase) -> bool:
    """这个单位已退过本件,不能再派给它;确应由它办理的,由中心不同意退单或裁定。"""
    return _chosen(facts) is None or _chosen(facts) not in facts.case.progress.get("returned_by", ())


def unit_is_a_desk(facts: HasCase) -> bool:
    """拿不准的件只能交给协调台暂管。"""
    unit = _chosen(facts)
    return unit is None or facts.case.kinds.get(unit) in ("desk", "centre")


def may_be_returned(facts: HasCase) -> bool:
    """首接负责:除明显不归属外一律不得回退;经裁定派给本单位的件不能再退(《首接负责制(试行)》)。"""
    return facts.case.returnable


def returns_are_left(facts: HasCase) -> bool:
    """本件退单次数已到上限,如对职责有异议请提派单异议。"""
    return facts.case.return_count < int(facts.case.facts.get("max_returns", 2))


def return_term_runs(facts: HasCase) -> bool:
    """退单要在退单期限内提出,期限已过。"""
    return not facts.case.is_over("return")


def objections_are_left(facts: HasCase) -> bool:
    """本件已提过派单异议,请按裁定办理。"""
    return int(facts.case.progress.get("objections", 0)) < int(facts.case.facts.get("max_objections", 1))


def objection_term_runs(facts: HasCase) -> bool:
    """派单异议要在异议期限内提出,期限已过。"""
    return not facts.case.is_over("objection")


def superior_takes_returns(facts: HasCase) -> bool:
    """上级工单的退单次数已到上限,不能再退。"""
    most = facts.case.superior.get("return_count")
    # What a peer has handed down is returned to it by the centre, which counts for itself.
    return most is None or bool(facts.case.superior.get("peer")) or facts.case.return_count < int(most)


def is_lead(facts: HasCase) -> bool:
    """协办件由主办单位统一答复,这一步由主办单位来办。"""
    return not facts.case.is_child


def is_assisting(facts: HasCase) -> bool:
    """只有协办件才有这一步。"""
    return facts.case.is_child


def assisting_have_reported(facts: HasCase) -> bool:
    """还有协办单位没有办完,主办单位要等协办结果齐了再答复。"""
    return facts.case.open_children == 0


def units_do_not_assist_yet(facts: HasCase) -> bool:
    """所选单位中已有在协办本件的,不能重复请。"""
    return facts.case.assisting.isdisjoint(facts.case.data.get("units", ()))


def extension_is_left(facts: HasCase) -> bool:
    """本件的时限不能再延期。"""
    return "handle" in facts.case.extensible or "handle" not in facts.case.clocks


def handed_over_is_received(facts: HasCase) -> bool:
    """先登记接收移送,再反馈处理结果。"""
    return facts.case.marked("received")


def no_extension_waits(facts: HasCase) -> bool:
    """已有一个延期申请在等批复。"""
    return "extension" not in facts.case.progress


def extension_waits(facts: HasCase) -> bool:
    """没有待批复的延期申请。"""
    return "extension" in facts.case.progress


def no_pause_waits(facts: HasCase) -> bool:
    """已有一个挂起申请在等批复。"""
    return "pause" not in facts.case.progress


def pause_waits(facts: HasCase) -> bool:
    """没有待批复的挂起申请。"""
    return "pause" in facts.case.progress


def pause_is_allowed(facts: HasCase) -> bool:
    """该时限不允许挂起。"""
    return "handle" in facts.case.pausable or "handle" not in facts.case.clocks


def pause_is_short_enough(facts: HasCase) -> bool:
    """挂起不能超过规定的最长天数,各种情形的天数由规则定。"""
    kept = facts.case.facts
    longest = kept.get(f"max_pause_days_{facts.case.data.get('ground')}", kept.get("max_pause_days", 30))
    return int(facts.case.data.get("days", 1)) <= int(longest)


def pauses_are_left(facts: HasCase) -> bool:
    """本件挂起次数已到上限。"""
    return int(facts.case.progress.get("pauses", 0)) < int(facts.case.facts.get("max_pauses", 1))


def extension_is_in_time(facts: HasCase) -> bool:
    """延期要在到期前申请(《北京市接诉即办工作条例》第15条)。"""
    return not facts.case.is_over("handle")


REQUESTS_WAIT = frozenset((extension_waits, pause_waits))
"""The rules of steps that decide on what a unit has asked for: they tell that it is asked for."""


def merge_is_young(facts: HasCase) -> bool:
    """并单超过可撤销的期限,不能再拆开。"""
    since = facts.case.progress.get("merged_at")
    hours = int(facts.case.facts.get("unmerge_hours", 72))
    return since is None or facts.case.now.timestamp() <= float(since) + hours * 3600


def not_yet_supervised(facts: HasCase) -> bool:
    """本件已在督办。"""
    return not facts.case.supervised
