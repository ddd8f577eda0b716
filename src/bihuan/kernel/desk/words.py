"""The kernel's own codes in people's words, and spans of time. Labels that packs declare are translated as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.clocks.words import Language
from bihuan.kernel.pack import packs, roles, workflows
from bihuan.kernel.sentences import in_line
from bihuan.kernel.workflow.model import State
from bihuan.lib.declared import declared

CLOCKS = {
    "sign": _("签收时限"),
    "handle": _("办理时限"),
    "return": _("退回期限"),
    "coordinate": _("协调时限"),
    "call_back": _("回访时限"),
    "assist": _("协办时限"),
    "receive": _("受理时限"),
    "rule": _("裁定时限"),
    "objection": _("异议期限"),
    "superior": _("上级时限"),
}
BASES = {"promised": _("承诺"), "statutory": _("法定"), "superior": _("上级"), "term": _("期限")}
LIMIT_UNITS = {
    "minute": _("%(number)s 分钟"),
    "hour": _("%(number)s 小时"),
    "working_hour": _("%(number)s 个工作小时"),
    "working_day": _("%(number)s 个工作日"),
    "urgent_hour": _("%(number)s 小时(昼夜连续)"),
    "urgent_working_day": _("%(number)s 个工作日(昼夜连续)"),
    "natural_day": _("%(number)s 天"),
    "month": _("%(number)s 个月"),
}
ENTRIES = {
    "opened": _("受理登记"),
    "warning": _("到期预警(黄牌)"),
    "breach": _("超期(红牌)"),
    "supervise_mark": _("列入督办"),
    "merged": _("并入一件"),
    "unmerged": _("撤销并入"),
    "clock_recomputed": _("按新日历重算时限"),
    "workflow_migrated": _("转入新版流程"),
    "handed_out": _("交给经办人"),
    "handed_over": _("移交"),
    "unit_succeeded": _("原单位撤销,转承办单位"),
    "unmasked": _("查看了个人信息"),
    "heard": _("调听了录音"),
    "anonymised": _("已清除个人信息"),
    "attachments_erased": _("已清除附件"),
    "held": _("保全,暂不清除个人信息"),
    "released": _("解除保全"),
    "asked": _("提问"),
    "replied": _("回复提问"),
    "sampled": _("被抽中,由单位负责人回访"),
    "sample_called": _("单位负责人抽访"),
    "attachment_added": _("上传附件"),
    "attachment_withdrawn": _("撤下附件"),
    "answers": _("填写表单"),
}


def language() -> Language:
    """The language of the page, for what counts time."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def state_of(workflow: str, state: str) -> State:
    """A state of a workflow; a state that the present version does not know is shown by its code."""
    known = workflows().get(workflow)
    found = known.state.get(state) if known else None
    return found or State(state, state, "numbered")


def state_label(workflow: str, state: str) -> str:
    """The state's words in the page's language."""
    return declared(state_of(workflow, state).label, "state")


def standing_label(workflow: str, state: str, outcome: str | None) -> str:
    """The state's words, before them how the case ended where its pack has words for that `outcome`."""
    pack = next((one for one in packs().values() if any(w.key == workflow for w in one.workflows)), None)
    ended = pack.outcomes.get(outcome or "") if pack else None
    stands = state_label(workflow, state)
    return stands if ended in (None, stands) else f"{ended} · {stands}"


def role_label(code: str) -> str:
    """The role's words in the page's language."""
    role = roles().get(code)
    if role is None:
        return code
    return role.label_en if language() == "en" else role.label


def roles_told(codes: tuple[str, ...]) -> str:
    """Roles one after another."""
    return in_line(role_label(code) for code in codes)


def clock_label(kind: str) -> str:
    """What a clock measures: the kernel's kinds, else as the packs name theirs."""
    if kind in CLOCKS:
        return str(CLOCKS[kind])
    return next((gettext(p.clock_labels[kind]) for p in packs().values() if kind in p.clock_labels), kind)


def limit_told(limit: Mapping[str, Any]) -> str:
    """A limit's figure in words: 5 个工作日."""
    words = LIMIT_UNITS.get(str(limit.get("unit", "")))
    return str(words) % {"number": limit.get("number", "")} if words else ""


def duration_told(seconds: float) -> str:
    """A span of natural time by its two largest parts: 2 天 3 小时."""
    minutes = max(0, int(seconds)) // 60
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [(days, gettext("%s 天")), (hours, gettext("%s 小时")), (0 if days else rest, gettext("%s 分钟"))]
    return " ".join(words % number for number, words in parts if number) or gettext("不到 1 分钟")
