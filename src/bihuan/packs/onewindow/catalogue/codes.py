"""Codes of items and of their cases, by scheme. Pure.

National (GB/T 39554.1-2020; rules.md B4): base 12; implementation 31 = unified social credit code 18 + level 1 + base 12; business
item 33 = implementation + 2; case 43 = implementation + YYYYMMDD + serial 4. Some provinces deviate (贵州 base of 10 digits, 湖北 of 16,
四川 parts joined by dashes): each has a reader; whatever has none is opaque text. Where the scheme has check digits a code that does
not fit them is refused; an organ that 四川's own list writes wrongly is kept as it is told, and marked as not verified.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.numbering.formats import FormatError, NumberFormat
from bihuan.lib.identifiers import uscc_fault, uscc_normal
from bihuan.lib.text import FieldError, clean_text

Scheme = Literal["national", "sichuan", "guizhou", "hubei", "opaque"]
Form = Literal["base", "implementation", "business", "case", "item"]

LEVELS = {"1": "国家级", "2": "省级", "3": "市级", "4": "县级", "5": "镇街级", "6": "村居级"}
"""行使层级. Source: rules.md B4 for 3 and 4; the others go on in the order of the levels of government."""
KINDS = (
    ("01", _("行政许可")),
    ("02", _("行政处罚")),
    ("03", _("行政强制")),
    ("04", _("行政征收")),
    ("05", _("行政给付")),
    ("06", _("行政检查")),
    ("07", _("行政确认")),
    ("08", _("行政奖励")),
    ("09", _("行政裁决")),
    ("10", _("其他行政权力")),
    ("20", _("公共服务")),
)
"""Types of items (rules.md B4, as the lists in use have them)."""
LONGEST = 80
"""Characters of a code of any scheme."""
SHAPES: dict[int, Form] = {12: "base", 31: "implementation", 33: "business", 43: "case"}
NATIONAL = "GB/T 39554.1-2020"
BASE = re.compile(r"[0-9A-Z]{12}")
AREA = re.compile(
    r"(?P<base>[0-9A-Z-]+)-(?P<area>[0-9]{12})-(?P<part>[0-9]{3})-(?P<organ>\S+)-(?P<kind>[0-9])-(?P<variant>[0-9]{2})"
)
BARE = re.compile(r"(?P<base>[A-Z]-[0-9]{6}-[0-9]{3})-(?P<organ>\S+)")
PROVINCES = {
    "guizhou": (re.compile(r"[0-9]{10}"), "贵州的基本编码应为10位数字"),
    "hubei": (re.compile(r"[0-9A-Z]{16}"), "湖北的基本编码应为16位数字或大写字母"),
}
CASE_NUMBER = NumberFormat(
    "onewindow_case", "{item}{date:%Y%m%d}{serial:4}", item_pattern=r"[0-9A-Z]{18}[1-6][0-9A-Z]{12}"
)
"""办件编码: counted by item and day, without gaps; more than 9999 a day is an error."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it was read. `text` is how it is stored; parts that the scheme does not have are empty.

    `organ` is the organ's part as told, `verified` whether it is a unified social credit code with right check digits;
    `business` the last two characters of a business item, `area` 四川's place; `on` and `serial` are a case number's.
    """

    scheme: Scheme
    text: str
    form: Form
    base: str = ""
    organ: str = ""
    verified: bool = False
    level: str = ""
    business: str = ""
    area: str = ""
    on: date | None = None
    serial: int | None = None

    @property
    def implementation(self) -> str:
        """The national implementation code that cases are numbered by; "" where there is none."""
        return f"{self.organ}{self.level}{self.base}" if self.scheme == "national" and self.organ else ""


def code_read(text: object, scheme: Scheme) -> Code:
    """The code of this scheme that a text is. FieldError (field `code`) names the rule that it does not fit."""
    told = clean_text(text, field="code", max_length=LONGEST, min_length=1, multiline=False)
    if scheme == "national":
        return _national(uscc_normal(told))
    if scheme == "sichuan":
        return _sichuan(told)
    if scheme in PROVINCES:
        pattern, rule = PROVINCES[scheme]
        told = uscc_normal(told)
        if not pattern.fullmatch(told):
            raise _fault(f"{rule},现为“{told}”。")
        return Code(scheme, told, "base", base=told)
    return Code("opaque", told, "item")


def _national(code: str) -> Code:
    form = SHAPES.get(len(code))
    if form is None:
        raise _fault(
            f"国家编码应为12位(基本)、31位(实施)、33位(业务办理项)或43位(办件),现为{len(code)}位({NATIONAL})。"
        )
    if form == "base":
        return Code("national", code, form, base=_base(code))
    organ, level = code[:18], code[18]
    if fault := uscc_fault(organ):
        raise _fault(f"编码的前18位:{fault}。")
    if level not in LEVELS:
        raise _fault(f"编码的第19位是行使层级,应为1至6,现为“{level}”({NATIONAL})。")
    parts = {"base": _base(code[19:31]), "organ": organ, "verified": True, "level": level}
    if form == "case":
        on, serial = _day_and_serial(code[31:])
        return Code("national", code, form, **parts, on=on, serial=serial)  # type: ignore[arg-type]
    if form == "business" and not re.fullmatch(r"[0-9A-Z]{2}", code[31:]):
        raise _fault(f"业务办理项编码的后2位应为数字或大写字母({NATIONAL})。")
    return Code("national", code, form, **parts, business=code[31:])  # type: ignore[arg-type]


def _base(text: str) -> str:
    if not BASE.fullmatch(text):
        raise _fault(f"基本编码应为12位数字或大写字母({NATIONAL})。")
    return text


def _day_and_serial(text: str) -> tuple[date, int]:
    day, serial = text[:8], text[8:]
    if not (text.isascii() and text.isdecimal()):
        raise _fault(f"办件编码的后12位应为8位日期和4位流水号({NATIONAL})。")
    try:
        on = datetime.strptime(day, "%Y%m%d").date()  # noqa: DTZ007  a date has no zone
    except ValueError:
        raise _fault(f"办件编码里的日期“{day}”不存在({NATIONAL})。") from None
    if serial == "0000":
        raise _fault(f"办件编码的流水号从0001起({NATIONAL})。")
    return on, int(serial)


def _sichuan(text: str) -> Code:
    found = AREA.fullmatch(text)
    if found:
        organ = found["organ"]
        return Code(
            "sichuan", text, "item", base=found["base"], organ=organ, verified=uscc_fault(organ) is None,
            business=found["variant"], area=found["area"],
        )  # fmt: skip
    bare = BARE.fullmatch(text)
    if bare is None:
        raise _fault("四川的事项编码应为“基本编码-区划12位-3位-机构-1位-2位”,或“类别-6位-3位-机构”。")
    organ = bare["organ"]
    return Code("sichuan", text, "item", base=bare["base"], organ=organ, verified=uscc_fault(organ) is None)


def case_code(implementation: str, *, on: date, serial: int) -> str:
    """办件编码 of 43 characters. FieldError when the implementation code is forged or the serial is not from 1 to 9999."""
    code = _national(implementation)
    if code.form != "implementation":
        raise _fault(f"办件编码以31位实施编码开头({NATIONAL})。")
    try:
        return CASE_NUMBER.write(serial=serial, on=on, item=implementation)
    except FormatError as error:
        raise _fault(str(error)) from None


def _fault(message: str) -> FieldError:
    return FieldError("code", "item_code", message)
