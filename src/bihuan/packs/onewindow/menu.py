"""The entries of one-window service in the menu."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.desk.menu import MenuEntry

MENU = (
    MenuEntry(_("综合窗口"), "onewindow:window", roles=("window_clerk",), order=-4),
    MenuEntry(
        _("电子监察"), "onewindow:cards", roles=("supervisor", "bureau_head", "section_chief"), order=31
    ),
    MenuEntry(_("晨会"), "onewindow:lessons", roles=("window_clerk", "hall_manager", "supervisor"), order=34),
    MenuEntry(_("对接核对"), "onewindow:exchange", roles=("review_officer", "system_admin"), order=8),
    MenuEntry(_("叫号"), "onewindow:hall_desk", roles=("window_clerk",), order=-3),
    MenuEntry(_("大厅"), "onewindow:hall", roles=("hall_manager",), order=-4),
    MenuEntry(_("取号"), "onewindow:hall_counter", roles=("hall_manager", "hall_guide"), order=-3),
    MenuEntry(_("帮办"), "onewindow:helping", roles=("hall_manager", "hall_guide"), order=-2),
    MenuEntry(_("大厅屏幕"), "onewindow:hall_calls", roles=("hall_manager", "hall_guide"), order=-2),
    MenuEntry(_("预约"), "appointments", roles=("window_clerk", "hall_manager", "hall_guide"), order=56),
    MenuEntry(_("好差评"), "onewindow:reviews", roles=("review_officer",), order=6),
    MenuEntry(_("主题服务"), "onewindow:theme_projects", roles=("supervisor", "review_officer"), order=7),
)
