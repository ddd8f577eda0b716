"""What administrators keep of one-window service."""

from bihuan.packs.onewindow.catalogue.register import Items

KINDS = (Items,)
