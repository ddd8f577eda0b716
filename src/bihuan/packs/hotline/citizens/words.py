"""The states of an order as a citizen of twelve years understands them: what is so now, what happens next, by which clock."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.manifest import ToldState

WAITS_FOR_UNIT = ToldState(_("已经派给承办单位。"), _("承办单位先签收,再去办。"), "handle")
BEING_DECIDED = ToldState(_("正在确定由谁来办。"), _("定好以后,马上派给那个单位。"))
STATES = {
    "received": ToldState(_("我们收到了。"), _("工作人员看过以后,会答复您或派给负责的单位。")),
    "coordinating": ToldState(_("正在确定由谁来办。"), _("协调台定好以后,马上派给那个单位。"), "coordinate"),
    "dispatched": WAITS_FOR_UNIT,
    "returned": BEING_DECIDED,
    "objecting": BEING_DECIDED,
    "handling": ToldState(_("承办单位正在办。"), _("办好以后会给您答复。"), "handle"),
    "paused": ToldState(_("暂时停下来了,在等条件。"), _("条件到了会接着办。")),
    "terminating": ToldState(_("承办单位申请不再办,中心正在审。"), _("审完以后会把结果告诉您。")),
    "reviewing": ToldState(_("承办单位有了答复,正在检查。"), _("检查通过后给您看。"), "handle"),
    "calling_back": ToldState(
        _("有答复了,请您看看。"),
        _("请在下面评价。评价过的,我们就不再打电话。"),
        "call_back",
    ),
    "with_superior": ToldState(_("办好了,答复已报市里的热线。"), _("市里的热线会联系您。")),
    "returned_up": ToldState(_("正在和市里的热线确定由谁来办。"), _("定好以后,马上派给那个单位。")),
    "released": ToldState(_("改由市里的热线安排办理。"), _("请凭市里热线给您的编号查询。")),
    "merged": ToldState(_("和别人反映的同一件事一起办。"), _("办好以后一起给您答复。")),
    "closed": ToldState(_("办结了。"), ""),
    "answered": ToldState(_("已经答复,办结了。"), ""),
    "declined": ToldState(_("这件事不归 12345 办。"), _("下面写了为什么,以及可以去哪里。")),
    "terminated": ToldState(_("不再办了。"), _("下面写了为什么。")),
}
QUESTIONS = {
    "contacted": _("承办单位联系过您吗?"),
    "resolved": _("您反映的问题解决了吗?"),
    "understood": _("对这个结果,您理解并认可吗?"),
}
"""What the caller is asked beside the grade, on the telephone and on line, by the field that takes the answer."""
