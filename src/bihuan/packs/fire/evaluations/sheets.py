"""What was written on a sheet, read and checked: only what the item asks for, in its own form. FieldError names the field. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bihuan.lib.text import FieldError, clean_text
from bihuan.packs.fire.evaluations.checklist import SUBS, Sub
from bihuan.packs.fire.evaluations.rules import MOST_PLACES
from bihuan.packs.fire.materials import FAIL, PASS

NUMBER = re.compile(r"\d{1,7}(\.\d{1,4})?", re.ASCII)
SPOT = ("where", "result", "required", "measured", "effect")


def sheet_fields(item: str) -> Iterator[str]:
    """The names of all fields that an item's sheet may have."""
    yield from ("none", "remark")
    for sub in SUBS[item]:
        yield f"{sub.code}.places"
        for place in range(1, MOST_PLACES + 1):
            yield from (f"{sub.code}.{place}.{name}" for name in SPOT)


def sheet_read(item: str, typed: Mapping[str, str]) -> dict[str, str]:
    """The sheet of an item, what is empty left out. Numbers stay as they were typed."""
    given = {name: typed.get(name, "") for name in sheet_fields(item) if name in typed}
    remark = clean_text(given.pop("remark", ""), field="remark", max_length=500)
    sheet = {name: clean_text(value, field=name, max_length=60, multiline=False) for name, value in given.items()}  # fmt: skip
    for sub in SUBS[item]:
        _sub_check(sub, sheet)
    return {name: value for name, value in {**sheet, "remark": remark}.items() if value}


def _sub_check(sub: Sub, sheet: Mapping[str, str]) -> None:
    said = sheet.get(f"{sub.code}.places", "")
    if said and not (said.isascii() and said.isdigit() and int(said) <= 10_000):
        raise FieldError(f"{sub.code}.places", "number", f"“{sub.name}”有几处要填不大于 10000 的整数。")
    filled = 0
    for place in range(1, MOST_PLACES + 1):
        at = f"{sub.code}.{place}"
        if sheet.get(f"{at}.result", "") not in ("", PASS, FAIL):
            raise FieldError(f"{at}.result", "choice", f"“{sub.name}”第 {place} 处只能选合格或不合格。")
        for name, label in (("required", "要求值"), ("measured", "实测值")):
            value = sheet.get(f"{at}.{name}", "")
            if value and not NUMBER.fullmatch(value):
                raise FieldError(
                    f"{at}.{name}", "number", f"“{sub.name}”第 {place} 处的{label}要填数,如 1.10。"
                )
        filled += bool(sheet.get(f"{at}.result") or sheet.get(f"{at}.measured"))
    if said and filled > int(said):
        raise FieldError(
            f"{sub.code}.places", "range", f"“{sub.name}”查了 {filled} 处,多于现场的 {said} 处。"
        )
