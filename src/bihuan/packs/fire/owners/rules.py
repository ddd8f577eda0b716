"""What an owner may do in a case of his, and whether a filing came in time. Pure.

Filing within 5 working days after the completion acceptance: 住建部令第51号 art. 34; what not filing may cost: 消防法 art. 59 (rules.md C2).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop as _

from bihuan.packs.fire.materials import CONDITIONS, MATERIALS, Material

RECEIVING: dict[str, tuple[str, ...]] = {"correcting": ("corrected", "withdraw"), "received": ("withdraw",)}
STEPS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "design": RECEIVING,
    "acceptance": RECEIVING,
    "filing": {**RECEIVING, "rectifying": ("ask_recheck",)},
    "legacy": {"preparing": ("legacy_supplied",), "rectifying": ("legacy_rectified",)},
}
"""The steps that an owner takes, by what the case is about and its state."""
LABELS = {
    "corrected": _("提交补正"),
    "withdraw": _("撤回申请"),
    "ask_recheck": _("申请复查"),
    "legacy_supplied": _("提交补的资料"),
    "legacy_rectified": _("报告整改完成"),
}


def steps_open(kind: str, state: str) -> tuple[str, ...]:
    """The steps that an owner may take in a case of this kind and state."""
    return STEPS.get(kind, {}).get(state, ())


def conditions_fault(declared: Mapping[str, Any]) -> bool:
    """Is one of the four conditions of the owner's own inspection not declared (令51 art. 27)?"""
    return not all(declared.get(code) for code, _label in CONDITIONS)


def commitment_fault(declared: Mapping[str, Any]) -> str:
    """Why a filing by commitment cannot be made: "commitment" (not a general project, or altered), "letter" (not promised), or ""."""
    if declared.get("way") != "commitment":
        return ""
    if declared.get("class") != "general" or declared.get("altered"):
        return "commitment"
    return "" if declared.get("promise") else "letter"


def materials_required(kind: str, declared: Mapping[str, Any]) -> list[Material]:
    """What an owner must hand in with an application; the form is made of what he declares, and for a filing by commitment his
    promise is enough (令58).
    """
    handed_in = MATERIALS[kind][1:]
    if kind == "filing":
        documents = declared.get("way") != "commitment"
        return [one for one in handed_in if documents and one.code in ("completion_report", "as_built")]
    return [one for one in handed_in if not one.conditional]


def completed_on(declared: Mapping[str, Any], kept: Mapping[str, Any]) -> date | None:
    """The day of the completion acceptance: as the window accepted it, else as the owner declared it."""
    told = kept.get("completed_on") or declared.get("completed_on")
    return date.fromisoformat(str(told)) if told else None


def days_late(days: int, within: int) -> int:
    """By how many working days a filing came late."""
    return max(0, days - within)
