"""The states of an application as the applicant understands them: what is so now, what happens next, by which clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from bihuan.kernel.manifest import ToldState
from bihuan.packs.onewindow.certificates.validity import term_read

WHO = {
    "applicant": _("申请人"), "name": _("姓名或名称"), "id_number": _("身份证号或统一社会信用代码"), "phone": _("手机"), "address": _("地址"),
}  # fmt: skip
"""What the fields are called that say who applies."""
LOOKED_INTO = ToldState(_("您的差评正在核实整改。"), _("整改以后会联系您,请您再评一次。"))
OUTCOMES = {
    "refused": _("不予许可"), "declined": _("不予受理"), "not_ours": _("不属本机关"), "withdrawn": _("已撤回"), "terminated": _("终止办理"),
}  # fmt: skip
"""How an application ended without what was applied for."""
RATE_ENDED = _("以后要办的,重新申请。办得怎么样,请在下面评价。")
STATES = {
    "received": ToldState(
        _("材料收到了,正在看。"), _("五个工作日内告诉您受理了没有;缺什么会一次说清。"), "notice"
    ),
    "asked": ToldState(_("窗口正在向审批科室问清楚。"), _("问清楚以后马上告诉您。"), "notice"),
    "correcting": ToldState(
        _("要补正材料。"), _("还缺什么、要改什么、哪天以前交,写在下面;下面没有写的,就是交齐了,窗口正在看。")
    ),
    "examining": ToldState(
        _("已受理,正在审查。"), _("审批单位在期限内作出决定,有结果会发短信告诉您。"), "handle"
    ),
    "special": ToldState(
        _("正在进行特别程序。"), _("这段时间不计入办理期限,需要多久已书面告诉您。"), "special"
    ),
    "deciding": ToldState(_("审查完了,正在作决定。"), _("作出决定后通知您。"), "handle"),
    "parallel": ToldState(
        _("已受理,各部分正在同时审批。"), _("互不等待的同时办,全部办好后发一张综合许可。"), "handle"
    ),
    "concluding": ToldState(_("各部分都办好了,正在制发综合许可。"), _("十个工作日内送达。"), "serve"),
    "handing": ToldState(_("正在转给审批单位。"), ""),
    "part_granted": ToldState(_("这一部分已准予。"), ""),
    "part_refused": ToldState(_("这一部分没有准予。"), ""),
    "part_withdrawn": ToldState(_("这一部分随整件撤回了。"), ""),
    "certifying": ToldState(_("决定作出了,正在制作证照。"), _("十个工作日内送达。"), "serve"),
    "delivering": ToldState(_("可以取件了。"), _("在出件窗口领取,或按您要的方式送达。"), "serve"),
    "evaluating": ToldState(_("有结果了,请您看看。"), _("请在下面评价。不评价的按未评价办结,不算满意。")),
    "served": ToldState(_("窗口的事办完了,请您评价。"), _("请在下面评价。不评价的按未评价办结,不算满意。")),
    "withdrawn": ToldState(_("已撤回,本件不再办理。"), RATE_ENDED),
    "lapsed": ToldState(_("没有按期补正,视为撤回,本件不再办理。"), RATE_ENDED),
    "declined": ToldState(_("没有受理,理由和办法写在下面。"), RATE_ENDED),
    "terminated": ToldState(_("已终止办理,理由写在下面。"), RATE_ENDED),
    "complained": ToldState(_("您的差评收到了。"), _("一个工作日内有人联系您。"), "contact"),
    "verifying": LOOKED_INTO,
    "excluding": LOOKED_INTO,
    "rectifying": LOOKED_INTO,
    "revisiting": LOOKED_INTO,
    "further": ToldState(_("已经整改,请您再评一次。"), _("可以追评一次;不追评的按整改办结。")),
    "evaluated": ToldState(_("办结了,谢谢您的评价。"), ""),
    "unevaluated": ToldState(_("办结了,没有收到评价。"), ""),
    "excluded": ToldState(_("办结了。这条评价经两人核实,没有计入。"), ""),
    "mended": ToldState(_("差评已经整改,办结了。"), ""),
    "checking": ToldState(_("正在核查承诺的内容。"), _("核查完了办结;不属实的撤销决定。"), "commitment"),
    "doubted": ToldState(_("核查发现承诺可能不实。"), _("由负责人决定。"), "commitment"),
    "true": ToldState(_("承诺属实,核查完了。"), ""),
    "untrue": ToldState(_("承诺不实,决定已撤销。"), ""),
    "unappeased": ToldState(_("办结了,您的追评已如实记下。"), ""),
}
DISCONTENT = _("选“不满意”或“非常不满意”,会有人在一个工作日内联系您,查清楚、整改,再请您评一次。")


def stands(state: str, facts: Mapping[str, Any]) -> str:
    """The key of STATES by which an application is told: one that waits for its evaluation by how it ended."""
    if state != "evaluating":
        return state
    if facts.get("deemed"):
        return "lapsed"
    outcome = {"not_ours": "declined"}.get(facts.get("outcome", ""), facts.get("outcome"))
    return outcome if outcome in STATES else state


def validity_told(validity: str) -> str:
    """How long a material holds, in the reader's language where the catalogue's words name a term."""
    months, days = term_read(validity) or (0, 0)
    if days:
        return ngettext("%(n)s 天", "%(n)s 天", days) % {"n": days}
    if months % 12:
        return ngettext("%(n)s 个月", "%(n)s 个月", months) % {"n": months}
    years = months // 12
    return ngettext("%(n)s 年", "%(n)s 年", years) % {"n": years} if years else validity
