"""Administration in the menu: one entry, behind which stands the index. Shaped as the desk reads it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Entry(NamedTuple):
    label: Any
    view: str
    roles: tuple[str, ...]
    order: int


MENU = (Entry(_("管理"), "administration:index", ("system_admin", "security_admin"), 80),)
