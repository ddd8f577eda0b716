"""What a theme says, cleaned, and its one checklist. Pure.

Parts are written a line each: `能评 | 编码 | 之后:规划、用地 | 15天`; what is shared, a line of names that are one: `营业执照 = 企业法人营业执照`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.bundles.rules import PartPlan
from bihuan.lib.text import FieldError, clean_text

KINDS = (("trade", _("一业一证")), ("project", _("项目审批")))
AFTER = "之后"
LONGEST = {"name": 100, "name_en": 100, "about": 500}
FIELDS = ("name", "name_en", "kind", "about", "parts", "shared")
LONGEST_CODE = 20


def contents_clean(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the columns that `given` names. FieldError names the field and the rule."""
    return {name: _value(name, value) for name, value in given.items()}


def _value(name: str, value: Any) -> Any:
    if name == "kind":
        if value not in dict(KINDS):
            raise FieldError("kind", "choice", "类型应为 trade(一业一证)或 project(项目审批)。")
        return value
    if name in LONGEST:
        least = 2 if name == "name" else 0
        return clean_text(value, field=name, max_length=LONGEST[name], min_length=least, multiline=False)
    return {"parts": parts_read, "shared": shared_read}[name](value)


def _lines(name: str, text: Any) -> Iterator[str]:
    clean = clean_text(text, field=name, max_length=10_000)
    yield from (line.strip().replace("\uff5c", "|") for line in clean.splitlines() if line.strip())


def parts_read(text: Any) -> list[dict[str, Any]]:
    """The parts in their order: code, item (its code), after, days (None: as the item promises)."""
    return [_part([one.strip() for one in line.split("|")]) for line in _lines("parts", text)]


def _part(parts: list[str]) -> dict[str, Any]:
    code, item, marks = parts[0], parts[1] if len(parts) > 1 else "", parts[2:]
    if not 1 <= len(code) <= LONGEST_CODE or not item:
        raise FieldError(
            "parts",
            "required",
            f"每一行先写简称(最多 {LONGEST_CODE} 个字)和事项编码,如 能评 | 编码 | 之后:规划 | 15天。",
        )
    made: dict[str, Any] = {"code": code, "item": item[:80], "after": [], "days": None}
    for mark in marks:
        key, separator, told = mark.replace("\uff1a", ":").partition(":")
        number = mark.removesuffix("天").strip()
        if separator and key == AFTER:
            made["after"] = [one.strip() for one in told.replace(",", "、").split("、") if one.strip()]
        elif number.isascii() and number.isdecimal() and len(number) < 5:
            made["days"] = int(number)
        elif mark:
            raise FieldError("parts", "choice", f"“{code}”的“{mark[:20]}”认不得:只能写 {AFTER}:… 和 几天。")
    return made


def parts_told(parts: Sequence[Mapping[str, Any]]) -> str:
    """The lines that `parts_read` reads."""
    return "\n".join(" | ".join(_part_marks(part)) for part in parts)


def _part_marks(part: Mapping[str, Any]) -> Iterator[str]:
    yield part["code"]
    yield part["item"]
    if part["after"]:
        yield f"{AFTER}:{'、'.join(part['after'])}"
    if part["days"]:
        yield f"{part['days']}天"


def shared_read(text: Any) -> list[list[str]]:
    """Groups of names of materials that are one and the same; no name stands in two groups."""
    groups = [[one.strip() for one in line.split("=") if one.strip()] for line in _lines("shared", text)]
    names = [name for group in groups for name in group]
    if any(len(group) < 2 for group in groups):
        raise FieldError(
            "shared", "required", "每一行写两个以上名称,用等号隔开,如 营业执照 = 企业法人营业执照。"
        )
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise FieldError("shared", "duplicate", f"“{twice}”写了两次。")
    return groups


def shared_told(groups: Sequence[Sequence[str]]) -> str:
    """The lines that `shared_read` reads."""
    return "\n".join(" = ".join(group) for group in groups)


@dataclass(frozen=True, slots=True)
class PartOf:
    """A part as it is on a day: its plan and the materials of its item."""

    plan: PartPlan
    materials: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Checklist:
    """What is asked for, each shared material once. `materials` as an item's, with "for": the codes of the parts that need it;
    `numbers` are, for each part, the numbers on this list of its own materials, in their order. `asked`: how many would be asked for
    one application after another."""

    materials: tuple[dict[str, Any], ...]
    numbers: Mapping[str, tuple[str, ...]]
    asked: int


def checklist(parts: Iterable[PartOf], shared: Sequence[Sequence[str]]) -> Checklist:
    """One list for all parts: a material of the same name, or of one group, is asked for once, as strictly as any part asks."""
    one_name = {name: group[0] for group in shared for name in group}
    merged: dict[str, dict[str, Any]] = {}
    numbers: dict[str, tuple[str, ...]] = {}
    for part in parts:
        own = []
        for material in part.materials:
            name = one_name.get(material["name"], material["name"])
            merged[name] = _together(merged.get(name), {**material, "name": name}, part.plan.code)
            own.append(str(list(merged).index(name) + 1))
        numbers[part.plan.code] = tuple(own)
    return Checklist(tuple(merged.values()), numbers, sum(len(own) for own in numbers.values()))


def _together(known: dict[str, Any] | None, one: dict[str, Any], part: str) -> dict[str, Any]:
    if known is None:
        return {**one, "for": [part]}
    return {
        "name": known["name"],
        "required": known["required"] or one["required"],
        "may_lack": known["may_lack"] and one["may_lack"],
        "held": known["held"] or one["held"],
        "copies": max(known["copies"], one["copies"]),
        "source": known["source"] or one["source"],
        "validity": known["validity"] or one["validity"],
        "for": list(dict.fromkeys((*known["for"], part))),
        **{key: word for key in ("register", "name_en") if (word := known.get(key) or one.get(key))},
    }
