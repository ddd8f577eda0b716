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
from bihuan.kernel.pack import packs, roles


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry: its words, the name of its address, and the roles that see it (none: everybody). A `home` is seen by those
    whose role names it as the page where they begin, one `of_cases` by those who may see cases, one that is `lent` also by
    those to whom such a role was delegated with all its steps.
    """

    label: Any
    view: str
    roles: tuple[str, ...] = ()
    order: int = 50
    home: bool = False
    of_cases: bool = False
    lent: bool = False


Menu = list[tuple[Any, str]]
"""Words and addresses, in order."""
MOST = 7
"""So many entries are taken in at a glance."""

OWN = (
    MenuEntry(_("我的工单"), "mine", order=-3, home=True),
    MenuEntry(_("本单位"), "unit_desk", order=-3, home=True),
    MenuEntry(_("全区"), "overview", order=-2, home=True),
    MenuEntry(_("签批"), "head", order=-1, home=True),
    MenuEntry(_("逐件办理"), "queue", order=-1, home=True),
    MenuEntry(_("工作台"), "worklist", order=0, of_cases=True),
    MenuEntry(_("会议"), "meetings", roles=("supervisor", "bureau_head"), order=35),
    MenuEntry(_("搜索"), "search", order=50, of_cases=True),
    MenuEntry(_("消息"), "notices:mine", order=1),
)


@cache
def menu_declared() -> tuple[MenuEntry, ...]:
    """Every entry that is declared, in order."""
    found = [*OWN, MenuEntry(_("考核"), "scores", roles=scores_readers(), order=30)]
    if any(pack.boards for pack in packs().values()):
        found.append(MenuEntry(_("看板"), "boards", roles=watchers(), order=40))
    issuing = tuple(role.code for pack in packs().values() if pack.certificates for role in pack.roles)
    if issuing:
        found.append(MenuEntry(_("证照"), "certificates", roles=issuing, order=55))
    booked = tuple(role.code for pack in packs().values() if pack.appointments for role in pack.roles)
    if booked:
        found.append(MenuEntry(_("预约"), "appointments", roles=booked, order=56))
    for app in apps.get_app_configs():
        if app.name.startswith("bihuan.") and find_spec(f"{app.name}.menu") and app.label != "desk":
            found += import_module(f"{app.name}.menu").MENU
    return tuple(sorted(found, key=lambda entry: entry.order))


def watchers() -> tuple[str, ...]:
    """The roles that see every case, and so the boards over all of them."""
    return tuple(code for code, role in roles().items() if role.sees == "all")


def scores_readers() -> tuple[str, ...]:
    """The roles that read scores: who keeps them, and the heads whose units are scored."""
    rules = (pack.scoring for pack in packs().values() if pack.scoring)
    return tuple(sorted({role for one in rules for role in one.asks | one.keeps}))


def menu_for(scope: Scope | None) -> Menu:
    """Words and addresses of what this person may open."""
    if scope is None or not scope.person:
        return []
    return [(entry.label, reverse(entry.view)) for entry in menu_declared() if _seen(entry, scope)]


def menu_parted(menu: Menu) -> tuple[Menu, Menu]:
    """What stands in the bar and what behind "more": seven places in the bar at most."""
    cut = len(menu) if len(menu) <= MOST else MOST - 1
    return menu[:cut], menu[cut:]


def menu_at(menu: Menu, path: str) -> str:
    """The address of the entry that a page belongs to: the nearest above it; "" for none."""
    above = [address for _words, address in menu if path == address or path.startswith(f"{address}/")]
    return max(above, key=len, default="")


def _seen(entry: MenuEntry, scope: Scope) -> bool:
    if getattr(entry, "home", False):
        return entry.view in homes_of(scope)
    if getattr(entry, "of_cases", False) and not (scope.units or scope.everything):
        return False
    return (
        not entry.roles
        or scope.holds(*entry.roles)
        or (getattr(entry, "lent", False) and scope.borrows(*entry.roles))
    )


def homes_of(scope: Scope) -> list[str]:
    """The names of the pages where this person's roles begin; a role declared later stands higher and comes first."""
    return [role.home for role in reversed(roles().values()) if role.home and scope.holds(role.code)]


def home_of(scope: Scope) -> str:
    """The name of the page where this person begins: the worklist when no role names another."""
    return next(iter(homes_of(scope)), "worklist")
