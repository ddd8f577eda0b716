"""What administrators keep of one-window service."""

from bihuan.packs.onewindow.catalogue.register import Items
from bihuan.packs.onewindow.hall.administration import HallWindows
from bihuan.packs.onewindow.hall.groups import HallGroups
from bihuan.packs.onewindow.themes.register import Themes

KINDS = (Items, Themes, HallWindows, HallGroups)
