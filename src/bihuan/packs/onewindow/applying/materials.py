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
    """FieldError when a material that holds for a term has no date, one to come, or is no longer good."""
    for number, one in numbered(materials).items():
        if number not in present or term_read(one["validity"]) is None:
            continue
        called, issued = f"第 {number} 项“{one['name']}”", dated.get(number)
        if issued is None:
            raise FieldError("present", "dated", f"{called}有效期{one['validity']}:请填签发日期。")
        if issued > today:
            raise FieldError("present", "dated", f"{called}的签发日期 {issued.isoformat()} 还没有到。")
        last = holds_until(issued, one["validity"])
        if last is not None and last < today:
            raise FieldError(
                "present",
                "expired",
                f"{called}已过期:{issued.isoformat()} 签发,有效期{one['validity']},到 {last.isoformat()} 止。不能收,请换新的。",
            )
