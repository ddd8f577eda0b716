"""The menu: the desk's own entries and those that kernel folders and packs declare in a `menu.py`, as `MENU`.

Presence is registration: a folder with a `menu.py` is in the menu; nothing else is edited.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.identity.scope import Scope


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry: its words, the name of its address, and the roles that see it (none: everybody)."""

    label: Any
    view: str
    roles: tuple[str, ...] = ()
    order: int = 50


OWN = (
    MenuEntry(_("工作台"), "worklist", order=0),
    MenuEntry(_("搜索"), "search", order=10),
    MenuEntry(_("消息"), "notices:mine", order=60),
)


@cache
def menu_declared() -> tuple[MenuEntry, ...]:
    """Every entry that is declared, in order."""
    found = list(OWN)
    for app in apps.get_app_configs():
        if app.name.startswith("bihuan.") and find_spec(f"{app.name}.menu") and app.label != "desk":
            found += import_module(f"{app.name}.menu").MENU
    return tuple(sorted(found, key=lambda entry: entry.order))


def menu_for(scope: Scope | None) -> list[tuple[Any, str]]:
    """Words and addresses of what this person may open."""
    if scope is None or not scope.person:
        return []
    entries = (entry for entry in menu_declared() if not entry.roles or scope.holds(*entry.roles))
    return [(entry.label, reverse(entry.view)) for entry in entries]
