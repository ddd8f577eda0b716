"""The hall's registers in words: a stream for each ticket, one for the windows of each hall."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.manifest import Register
from bihuan.packs.onewindow.hall.policies import PRIORITIES

WINDOW = _("窗口")
HALL_REGISTERS = {
    "ticket": Register(
        _("排队号"),
        {
            "ticket_taken": _("取号"),
            "ticket_called": _("叫号"),
            "ticket_begun": _("开始办理"),
            "ticket_served": _("办完"),
            "ticket_skipped": _("过号"),
            "ticket_returned": _("过号重排"),
            "ticket_transferred": _("转窗口"),
            "ticket_given_up": _("放弃"),
            "ticket_closed": _("下班清号"),
        },
        {
            "ticket": _("排队号"),
            "group": _("类别"),
            "way": _("怎么取的"),
            "priority": _("优先"),
            "item": _("事项"),
            "booking": _("预约"),
            "window": WINDOW,
            "calls": _("叫了几遍"),
            "minutes": _("分钟"),
            "served": _("已办"),
        },
        {"way": {"phone": _("手机"), "kiosk": _("自助机"), "counter": _("导办台")}, "priority": PRIORITIES},
    ),
    "hall": Register(
        _("大厅窗口"),
        {
            "window_added": _("新登记窗口"),
            "window_closed": _("窗口停用"),
            "window_reopened": _("恢复使用窗口"),
            "window_opened": _("坐下开窗"),
            "window_paused": _("暂停叫号"),
            "window_shut": _("离开窗口"),
            "window_skills": _("改办理的业务"),
            "visit_helped": _("导办员接手自助机"),
            "visit_ended": _("帮办结束"),
        },
        {"window": WINDOW, "skills": _("办什么"), "kiosk": _("自助机")},
    ),
}
