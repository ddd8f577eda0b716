"""The states of an application as the applicant understands them: what is so now, what happens next, by which clock."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.manifest import ToldState

LOOKED_INTO = ToldState(_("您的差评正在核实整改。"), _("整改以后会联系您,请您再评一次。"))
STATES = {
    "received": ToldState(
        _("材料收到了,正在看。"), _("五个工作日内告诉您受理了没有;缺什么会一次说清。"), "notice"
    ),
    "asked": ToldState(_("窗口正在向审批科室问清楚。"), _("问清楚以后马上告诉您。"), "notice"),
    "correcting": ToldState(_("还缺材料。"), _("缺的已一次告知,请在补正期限内交来。")),
    "examining": ToldState(_("已受理,正在审查。"), _("审查的人和受理的人不是同一个人。"), "handle"),
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
