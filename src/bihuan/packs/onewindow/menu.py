"""The window's entry in the menu."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.desk.menu import MenuEntry

MENU = (MenuEntry(_("综合窗口"), "onewindow:window", roles=("window_clerk",), order=-4),)
