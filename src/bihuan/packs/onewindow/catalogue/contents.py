"""What an item says, cleaned: the values of a version's columns from the texts of a form or a file. Pure.

Lists are written a line an entry, its parts parted by "|": 材料 `名称 | 可容缺 | 非必要 | 城市已有 | 城市已有:营业执照 | 2份 | 来源:… | 有效期:… | 英文:…`,
特别程序 `专家评审 | 20 | 2次`, 收费 `工本费 | 10.00 | 依据 | 减免:残疾人 | 减免:低保`. The same words are written again by `materials_told` and its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext

from bihuan.kernel.sentences import in_line
from bihuan.lib.text import FieldError, clean_text
from bihuan.packs.onewindow.catalogue.codes import KINDS, LEVELS, Code
from bihuan.packs.onewindow.certificates.kinds import BY_NAME
from bihuan.packs.onewindow.instant.rules import checks_read, checks_told
from bihuan.packs.onewindow.rules import SPECIAL

MOST_DAYS = 365
MOST_MONTHS = 600
MOST_MATERIALS = 60
TEXTS = {
    "name": 200, "name_en": 200, "theme": 200, "organ": 120, "places": 300, "places_en": 300, "hours": 300, "hours_en": 300, "enquiries": 60, "complaints": 60, "link": 500, "form": 80,
}  # fmt: skip
LONG = {"conditions": 4000, "conditions_en": 4000, "legal_basis": 4000}
TIMES = re.compile(r"([2-9])\s*次")
COPIES = re.compile(r"(\d{1,2})\s*份")
OPTIONAL, MAY_LACK, HELD = "非必要", "可容缺", "城市已有"
SOURCE, VALIDITY, ENGLISH, WAIVER = "来源", "有效期", "英文", "减免"
FIELDS = (
    *(name for name in TEXTS if name != "form"), *LONG, "kind", "level", "statutory_days", "promised_days", "instant", "commitment", "special", "materials", "fees", "results", "valid_months", "checks", "form", "online",
)  # fmt: skip
"""The columns of a version that texts give."""


def contents_clean(given: Mapping[str, Any], *, kinds: Sequence[str], code: Code) -> dict[str, Any]:
    """The values of the columns that `given` names. FieldError names the field and the rule.

    The level of a national code is the code's own.
    """
    found = {name: _value(name, value, kinds) for name, value in given.items()}
    if code.level:
        found["level"] = code.level
    if "fees" in given:
        found["fees_unknown"] = False
    return found


def contents_check(values: Mapping[str, Any]) -> None:
    """FieldError when what a whole version says cannot be: promised beyond statutory, an instant item of days."""
    promised, statutory = values.get("promised_days"), values.get("statutory_days")
    if promised and statutory and promised > statutory:
        raise FieldError("promised_days", "promised", "承诺时限不能长于法定时限。")
    if values.get("checks") and not values.get("instant"):
        raise FieldError("checks", "instant", "只有即办件才能由系统当场核对办结。")
    if values.get("checks") and values.get("fees"):
        raise FieldError("checks", "fees", "收费的事项要缴费后才能出证,不能由系统当场核对办结。")
    if values.get("instant") and promised != 1:
        raise FieldError("promised_days", "instant", "即办件当场办结,承诺时限填 1 个工作日。")
    if not values.get("organ"):
        raise FieldError("organ", "required", "请写明实施机关。")


def _value(name: str, value: Any, kinds: Sequence[str]) -> Any:
    if name in TEXTS:
        least = 2 if name in ("name", "organ") else 0
        text = clean_text(value, field=name, max_length=TEXTS[name], min_length=least, multiline=False)
        if name == "link" and text and not text.startswith(("http://", "https://")):
            raise FieldError(name, "link", "网址应以 http:// 或 https:// 开头。")
        return text
    if name in LONG:
        return clean_text(value, field=name, max_length=LONG[name])
    if name == "kind":
        return _choice(name, str(value), kinds, _kinds_told(str(value), kinds))
    if name == "level":
        return _choice(name, str(value), ("", *LEVELS), "行使层级应为 1 至 6。")
    if name in ("statutory_days", "promised_days"):
        return _days(name, value)
    if name in ("instant", "commitment", "online"):
        return bool(value)
    if name == "valid_months":
        return _months(value)
    if name == "checks":
        return checks_read(_lines(name, value), tuple(BY_NAME))
    return {"special": special_read, "materials": materials_read, "fees": fees_read, "results": results_read}[
        name
    ](value)


def _kinds_told(found: str, kinds: Sequence[str]) -> str:
    known = in_line(f"{code} {label}" for code, label in KINDS if code in kinds)
    return gettext("认不得事项类型“%(found)s”,应为:%(known)s。") % {"found": found[:40], "known": known}


def _choice(name: str, value: str, allowed: Sequence[str], message: str) -> str:
    if value not in allowed:
        raise FieldError(name, "choice", message)
    return value


def _days(name: str, value: Any) -> int | None:
    if value in (None, ""):
        return None
    text = str(value)
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:9]) <= MOST_DAYS:
        raise FieldError(name, "range", f"时限应为 1 至 {MOST_DAYS} 个工作日。")
    return int(text)


def _months(value: Any) -> int:
    text = str(value or "0")
    if not (text.isascii() and text.isdecimal()) or int(text[:9]) > MOST_MONTHS:
        raise FieldError("valid_months", "range", f"证照有效期应为 0 至 {MOST_MONTHS} 个月,0 为长期。")
    return int(text)


def _lines(name: str, text: Any) -> Iterator[list[str]]:
    clean = clean_text(text, field=name, max_length=20_000)
    for line in clean.splitlines():
        parts = [part.strip() for part in line.replace("\uff5c", "|").split("|")]
        if any(parts):
            yield parts


def materials_read(text: Any) -> list[dict[str, Any]]:
    """The materials, in order: name, required, may_lack (容缺), held (the city has it), register (the kind of certificate that is
    looked up), copies, source, validity, and name_en where it is told."""
    found = [_material(parts) for parts in _lines("materials", text)]
    if len(found) > MOST_MATERIALS:
        raise FieldError("materials", "too_many", f"材料最多 {MOST_MATERIALS} 种。")
    return found


def _material(parts: list[str]) -> dict[str, Any]:
    name, marks = parts[0], parts[1:]
    if not 2 <= len(name) <= 200:
        raise FieldError("materials", "required", "每一行先写材料名称,2 至 200 个字。")
    made: dict[str, Any] = {
        "name": name, "required": True, "may_lack": False, "held": False, "copies": 1, "source": "", "validity": "", "register": "",
    }  # fmt: skip
    for mark in marks:
        key, separator, told = mark.replace("\uff1a", ":").partition(":")
        copies = COPIES.fullmatch(mark)
        if mark == OPTIONAL:
            made["required"] = False
        elif mark == MAY_LACK:
            made["may_lack"] = True
        elif mark == HELD or (separator and key == HELD):
            made |= {"held": True, "register": _register(name, told.strip())}
        elif copies:
            made["copies"] = int(copies[1])
        elif separator and key in (SOURCE, VALIDITY):
            made["source" if key == SOURCE else "validity"] = told.strip()[:100]
        elif separator and key == ENGLISH:
            made["name_en"] = told.strip()[:200]
        elif mark:
            raise FieldError(
                "materials",
                "choice",
                f"“{name}”的“{mark[:20]}”认不得:只能写 {OPTIONAL}、{MAY_LACK}、{HELD}、几份、来源、有效期、英文。",
            )
    return made


def _register(name: str, told: str) -> str:
    """The kind of certificate that is looked up for a material ("": held without looking)."""
    if told and told not in BY_NAME:
        raise FieldError(
            "materials", "choice", f"“{name}”:本市没有“{told[:30]}”的登记簿,只能写{'、'.join(BY_NAME)}。"
        )
    return told


def materials_told(materials: Sequence[Mapping[str, Any]]) -> str:
    """The lines that `materials_read` reads."""
    return "\n".join(" | ".join(_marks(one)) for one in materials)


def _marks(one: Mapping[str, Any]) -> Iterator[str]:
    yield one["name"]
    if not one["required"]:
        yield OPTIONAL
    if one["may_lack"]:
        yield MAY_LACK
    if one["held"]:
        yield f"{HELD}:{one['register']}" if one.get("register") else HELD
    if one["copies"] != 1:
        yield f"{one['copies']}份"
    for key, word in (("source", SOURCE), ("validity", VALIDITY)):
        if one[key]:
            yield f"{word}:{one[key]}"
    if one.get("name_en"):
        yield f"{ENGLISH}:{one['name_en']}"


def special_read(text: Any) -> list[dict[str, Any]]:
    """Special procedures with the natural days that they take at most (《行政许可法》 art. 45), and `times` where more than once a case."""
    known = {label: code for code, label in SPECIAL}
    found = []
    for parts in _lines("special", text):
        ground = known.get(parts[0], parts[0] if parts[0] in known.values() else "")
        days = parts[1] if len(parts) > 1 else ""
        if not ground:
            raise FieldError(
                "special", "choice", f"只有{'、'.join(known)}的时间不计入期限(《行政许可法》第四十五条)。"
            )
        if not (days.isascii() and days.isdecimal()) or not 1 <= int(days[:9]) <= MOST_DAYS:
            raise FieldError("special", "range", f"“{parts[0]}”要写明最多几天,如 专家评审 | 20。")
        one = {"ground": ground, "days": int(days)}
        if len(parts) > 2 and parts[2]:
            times = TIMES.fullmatch(parts[2])
            if times is None:
                raise FieldError("special", "range", f"“{parts[0]}”可以用几次应为 2次 至 9次,不写为一次。")
            one["times"] = int(times[1])
        found.append(one)
    return found


def special_told(special: Sequence[Mapping[str, Any]]) -> str:
    """The lines that `special_read` reads."""
    labels = dict(SPECIAL)
    return "\n".join(
        f"{labels.get(one['ground'], one['ground'])} | {one['days']}"
        + (f" | {one['times']}次" if one.get("times") else "")
        for one in special
    )


def fees_read(text: Any) -> list[dict[str, Any]]:
    """Fees in yuan, each with its basis, without which nothing may be charged, and the grounds that waive it (`waivers`)."""
    found = []
    for parts in _lines("fees", text):
        try:
            amount = Decimal(parts[1] if len(parts) > 1 else "")
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or not 0 < amount < 10**8 or amount != round(amount, 2):
            raise FieldError(
                "fees", "money", f"“{parts[0][:20]}”的金额应为最多两位小数的元数,如 工本费 | 10.00 | 依据。"
            )
        if len(parts) < 3 or not parts[2]:
            raise FieldError("fees", "basis", f"“{parts[0][:20]}”没有写依据:没有依据不能收费。")
        waivers = [_waiver(parts[0], mark) for mark in parts[3:] if mark]
        found.append(
            {"name": parts[0][:100], "amount": f"{amount:.2f}", "basis": parts[2][:200], "waivers": waivers}
        )
    return found


def _waiver(fee: str, mark: str) -> str:
    key, _separator, ground = mark.replace("\uff1a", ":").partition(":")
    if key != WAIVER or not 2 <= len(ground.strip()) <= 60:
        raise FieldError(
            "fees", "choice", f"“{fee[:20]}”的“{mark[:20]}”认不得:依据后面只能写减免情形,如 减免:残疾人。"
        )
    return ground.strip()


def fees_told(fees: Sequence[Mapping[str, Any]]) -> str:
    """The lines that `fees_read` reads."""
    return "\n".join(
        " | ".join(
            (
                one["name"],
                one["amount"],
                one["basis"],
                *(f"{WAIVER}:{ground}" for ground in one.get("waivers", ())),
            )
        )
        for one in fees
    )


def results_read(text: Any) -> list[str]:
    """The papers that come of it, a line each."""
    return [parts[0][:100] for parts in _lines("results", text)]


def texts_of(version: Any) -> dict[str, Any]:
    """What a form or a file shows of a version: the texts that make it again."""
    told: dict[str, Callable[[Any], str]] = {
        "special": special_told,
        "materials": materials_told,
        "fees": fees_told,
        "results": "\n".join,
        "checks": checks_told,
    }
    found = {}
    for name in FIELDS:
        value = getattr(version, name)
        found[name] = told[name](value) if name in told else value
    return found
