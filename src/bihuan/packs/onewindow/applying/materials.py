"""The materials of an application: which are there, which the city holds itself, and none that has expired. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.certificates.validity import holds_until, term_read
from bihuan.packs.onewindow.instant.rules import Holding

Materials = Sequence[Mapping[str, Any]]


def numbered(materials: Materials) -> dict[str, Mapping[str, Any]]:
    """The materials of a version by their numbers, from "1"."""
    return {str(place): one for place, one in enumerate(materials, 1)}


def names_of(materials: Materials, numbers: Sequence[str]) -> str:
    """Materials as they are told: "4 平面图、5 健康证明"."""
    known = numbered(materials)
    return "、".join(f"{number} {known[number]['name']}" for number in numbers)


def states_of(
    materials: Materials, present: Sequence[str], holdings: Mapping[str, Holding] | None
) -> dict[str, str]:
    """Each material's state: "held" where the city has it, as far as the register told (`holdings`, None: silent), else "present" or
    "lacking". FieldError for a number that the list does not have."""
    known = numbered(materials)
    unknown = [number for number in present if number not in known]
    if unknown:
        raise FieldError("present", "choice", f"材料清单里没有第 {unknown[0]} 项。")

    def state(number: str, one: Mapping[str, Any]) -> str:
        register = one.get("register")
        if one["held"] and (not register or register in (holdings or {})):
            return "held"
        return "present" if number in present else "lacking"

    return {number: state(number, one) for number, one in known.items()}


def held_of(materials: Materials, holdings: Mapping[str, Holding] | None) -> dict[str, list[str]]:
    """Of the materials that a register of the city holds: the certificate's number and last day ("": without end)."""
    found = {}
    for number, one in numbered(materials).items():
        held = (holdings or {}).get(one.get("register", ""))
        if held:
            found[number] = [held.number, held.until.isoformat() if held.until else ""]
    return found


def dates_check(materials: Materials, present: Sequence[str], dated: Mapping[str, date], today: date) -> None:
    """FieldError that names every material that holds for a term and has no date, one to come, or is no longer good."""
    faults = date_faults(materials, present, dated, today)
    text = "".join(fault.message for fault in faults.values())
    if any(fault.rule == "expired" for fault in faults.values()):
        raise FieldError("present", "expired", text)
    if faults:
        raise FieldError("present", "dated", text)


def date_faults(
    materials: Materials, present: Sequence[str], dated: Mapping[str, date], today: date
) -> dict[str, FieldError]:
    """What is wrong with the day of each of these materials, by its number."""
    found = {}
    for number, one in numbered(materials).items():
        if number in present and (fault := _date_fault(number, one, dated.get(number), today)):
            found[number] = FieldError("present", *fault)
    return found


def _date_fault(
    number: str, one: Mapping[str, Any], issued: date | None, today: date
) -> tuple[str, str] | None:
    """The rule and the words of what is wrong with a material's day."""
    if term_read(one["validity"]) is None:
        return None
    called = f"第 {number} 项“{one['name']}”"
    if issued is None:
        return "dated", f"{called}有效期{one['validity']}:请填签发日期。"
    if issued > today:
        return "dated", f"{called}的签发日期 {issued.isoformat()} 还没有到。"
    last = holds_until(issued, one["validity"])
    if last is None or last >= today:
        return None
    return (
        "expired",
        f"{called}已过期:{issued.isoformat()} 签发,有效期{one['validity']},到 {last.isoformat()} 止。不能收,请换新的。",
    )
