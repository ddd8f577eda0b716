"""The fire section's entries in the menu."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.desk.menu import MenuEntry
from bihuan.packs.fire.roles import SITE_OFFICER, SITE_SUPERVISOR
from bihuan.packs.fire.workflows import CHIEF, INSPECTOR, OWNER, REVIEWER, WINDOW

SECTION = (WINDOW, REVIEWER, INSPECTOR, CHIEF)

MENU = (
    MenuEntry(_("我的申请"), "fire:owner", roles=(OWNER,), order=4),
    MenuEntry(_("项目"), "fire:projects", roles=(*SECTION, OWNER), order=5),
    MenuEntry(_("整改"), "fire:findings", roles=(*SECTION, OWNER), order=6),
    MenuEntry(_("工地"), "fire:sites", roles=(SITE_SUPERVISOR, SITE_OFFICER), order=4),
    MenuEntry(_("抽查"), "fire:draws", roles=SECTION, order=6),
    MenuEntry(_("标准裁定"), "fire:rulings", roles=SECTION, order=7),
)
