"""Roles: what a grant allows. Packs declare theirs; the three administrators are the kernel's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Role:
    """Who may act, and how far that person sees.

    `acts` says on which cases: those that the person's own unit holds, or any. `sees` says which are visible: the
    unit's own, those of the units below it too, all, or none. `unmasks` allows reading personal data with a reason,
    `hands_out` giving a case of the own unit to one of its people. `home` names the address where the role's day begins.
    """

    code: str
    label: str
    label_en: str
    acts: Literal["holder", "anywhere", "nowhere"] = "holder"
    sees: Literal["unit", "below", "all", "none"] = "unit"
    unmasks: bool = False
    hands_out: bool = False
    home: str = ""


HANDLER = Role("handler", "办理人", "Handler", unmasks=True, home="mine")
SECTION_CHIEF = Role(
    "section_chief", "科室负责人", "Section chief", unmasks=True, hands_out=True, home="unit_desk"
)
BUREAU_HEAD = Role(
    "bureau_head", "单位负责人", "Head of unit", sees="below", unmasks=True, hands_out=True, home="head"
)
SUPERVISOR = Role(
    "supervisor", "中心督办", "Supervisor", acts="anywhere", sees="all", unmasks=True, home="overview"
)
HALL_SCREEN = Role("hall_screen", "大厅屏幕", "Hall screen", acts="nowhere", sees="none", home="hall_screen")
"""The account of a large screen: sees its figures, and no case."""
UNIT_ROLES = (HANDLER, SECTION_CHIEF, BUREAU_HEAD)
"""The people of a unit that handles cases of any field. Packs that need them declare these."""

ADMINISTRATORS = (
    Role(
        "system_admin",
        "系统管理员",
        "System administrator",
        acts="nowhere",
        sees="none",
        home="administration:index",
    ),
    Role(
        "security_admin",
        "安全管理员",
        "Security administrator",
        acts="nowhere",
        sees="none",
        home="administration:index",
    ),
    Role("audit_admin", "审计管理员", "Audit administrator", acts="nowhere", sees="none", home="audit"),
)
"""Three administrators, who must be three people (GB/T 22239, separation of powers; rules.md I)."""
