"""The hotline's entries in the menu."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.desk.menu import MenuEntry
from bihuan.packs.hotline.api import TAKERS
from bihuan.packs.hotline.pack import PACK

WATCHERS = tuple(role.code for role in PACK.roles if role.sees == "all")
"""The roles that see every order, and so the figures over all of them."""

SIGNERS = ("bureau_head", "section_chief", "supervisor")
"""Who sees the daily tenth: heads, who may ask their section chiefs to sign, and the centre, which comes to it from the scores."""

MENU = (
    MenuEntry(_("登记"), "hotline:new", roles=TAKERS, order=5),
    MenuEntry(_("抽访"), "hotline:samples", roles=SIGNERS[:2], order=6),
    MenuEntry(_("派单数据"), "hotline:figures", roles=WATCHERS, order=40),
)
