"""The hotline's entries in the menu."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.desk.menu import MenuEntry
from bihuan.packs.hotline.api import TAKERS

SIGNERS = ("bureau_head", "section_chief", "supervisor")
"""Who sees the daily tenth: heads, who may ask their section chiefs to sign, and the centre, which comes to it from the scores."""

MENU = (
    MenuEntry(_("登记"), "hotline:new", roles=TAKERS, order=5),
    MenuEntry(_("抽访"), "hotline:samples", roles=SIGNERS[:2], order=6, lent=True),
)
