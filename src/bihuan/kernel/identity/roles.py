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


ADMINISTRATORS = (
    Role("system_admin", "系统管理员", "System administrator", acts="nowhere", sees="none"),
    Role("security_admin", "安全管理员", "Security administrator", acts="nowhere", sees="none"),
    Role("audit_admin", "审计管理员", "Audit administrator", acts="nowhere", sees="none"),
)
"""Three administrators, who must be three people (GB/T 22239, separation of powers; rules.md I)."""
