"""The entries of one-window service in the menu."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.desk.menu import MenuEntry

MENU = (
    MenuEntry(_("综合窗口"), "onewindow:window", roles=("window_clerk",), order=-4),
    MenuEntry(_("对接核对"), "onewindow:exchange", roles=("review_officer", "system_admin"), order=8),
    MenuEntry(_("好差评"), "onewindow:reviews", roles=("review_officer",), order=6),
    MenuEntry(_("主题服务"), "onewindow:theme_projects", roles=("supervisor", "review_officer"), order=7),
)
