"""Supervision's entry in the menu."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.desk.menu import MenuEntry

MENU = (MenuEntry(_("督查"), "supervision:measures", roles=("supervisor",), order=30),)
