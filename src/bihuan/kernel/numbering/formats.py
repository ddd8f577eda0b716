"""Formats of numbers as data. Pure.

A format is a text with fields in braces:

    {date:%Y%m%d}   a part of the date, by strftime
    {item}          the item's own code, given with the number
    {serial:4}      the serial, padded to this width; a serial that does not fit is refused
    {check:mod11}   one check character over all that stands before it: mod11 (ISO 7064 MOD 11-2) or luhn

and fixed text between. What the serial is counted by follows from the fields: a format with a day starts anew each
day, with a month each month, with a year each year; with {item} each item counts for itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

FIELD = re.compile(r"\{(date|item|serial|check)(?::([^}]*))?\}")
CHECKS = ("mod11", "luhn")
DATE = re.compile(r"(?:%[Yymdj][-_./]?)+")


class FormatError(ValueError):
    """The format cannot be used, or a number does not fit it; the sentence says why."""


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A way to write numbers. `mode`: "gapless" takes them under a lock, "fast" from blocks, with gaps."""

    code: str
    pattern: str
    mode: Literal["gapless", "fast"] = "gapless"
    item_pattern: str = r"[0-9A-Za-z]+"

    def __post_init__(self) -> None:
        kinds = [kind for kind, _ in self._fields()]
        if kinds.count("serial") != 1:
            raise FormatError(f"编号格式 {self.code} 必须恰有一个 {{serial:宽度}}。")
        if kinds.count("item") > 1:
            raise FormatError(f"编号格式 {self.code} 的 {{item}} 只能有一个。")
        if re.search(r"[{}]", FIELD.sub("", self.pattern)):
            raise FormatError(f"编号格式 {self.code} 有不认识的字段:{self.pattern}")
        if "check" in kinds and kinds[-1] != "check":
            raise FormatError(f"编号格式 {self.code} 的校验位必须在最后。")
        self._check_dates()
        for kind, extra in self._fields():
            if kind == "check" and extra not in CHECKS:
                raise FormatError(f"编号格式 {self.code} 的校验算法只能是 {'、'.join(CHECKS)}。")
            if kind == "serial" and not (extra.isdigit() and 1 <= int(extra) <= 18):
                raise FormatError(f"编号格式 {self.code} 的流水号宽度应为 1 至 18。")

    def _check_dates(self) -> None:
        dates = [extra for kind, extra in self._fields() if kind == "date"]
        directives = re.findall("%(.)", "".join(dates))
        if len(directives) != len(set(directives)) or not all(map(DATE.fullmatch, dates)):
            raise FormatError(f"编号格式 {self.code} 的日期只能由 %Y %y %m %d %j 组成,各用一次。")

    def _fields(self) -> list[tuple[str, str]]:
        return [(kind, extra or "") for kind, extra in FIELD.findall(self.pattern)]

    @property
    def prefix(self) -> str:
        """The text before the first field."""
        first = FIELD.search(self.pattern)
        return self.pattern[: first.start()] if first else ""

    def prefixed(self, prefix: str) -> NumberFormat:
        """The same format with another text before its first field ("" leaves it); it counts by the same counters."""
        return replace(self, pattern=prefix + self.pattern[len(self.prefix) :]) if prefix else self

    @property
    def width(self) -> int:
        return next(int(extra) for kind, extra in self._fields() if kind == "serial")

    def scope(self, *, on: date, item: str = "") -> str:
        """The name of the counter that a number of this day and item is counted by."""
        parts = [self.code]
        for kind, extra in self._fields():
            if kind == "date":
                parts.append(on.strftime(extra))
            if kind == "item":
                parts.append(item)
        return "/".join(parts)

    def write(self, *, serial: int, on: date, item: str = "") -> str:
        """The number with this serial. FormatError when the serial does not fit its width or the item its pattern."""
        if not 0 < serial < 10**self.width:
            raise FormatError(f"编号 {self.code} 的流水号 {serial} 超出 {self.width} 位。")
        if any(kind == "item" for kind, _ in self._fields()) and not re.fullmatch(self.item_pattern, item):
            raise FormatError(f"编号 {self.code} 的事项编码不合格式:{item!r}")
        written, end = "", 0
        for match in FIELD.finditer(self.pattern):
            written += self.pattern[end : match.start()]
            kind, extra = match.group(1), match.group(2) or ""
            if kind == "date":
                written += on.strftime(extra)
            elif kind == "item":
                written += item
            elif kind == "serial":
                written += f"{serial:0{self.width}d}"
            else:
                written += check_character(written, extra)
            end = match.end()
        return written + self.pattern[end:]

    def parse(self, number: str) -> Parsed:
        """The parts of a written number. FormatError when it does not fit, or its check character is wrong."""
        pattern, dates, end = "", [], 0
        for match in FIELD.finditer(self.pattern):
            pattern += re.escape(self.pattern[end : match.start()])
            kind, extra = match.group(1), match.group(2) or ""
            if kind == "date":
                dates.append(extra)
                pattern += f"(?P<date{len(dates)}>" + _date_pattern(extra) + ")"
            else:
                inner = {"item": self.item_pattern, "serial": rf"\d{{{self.width}}}", "check": "[0-9X]"}[kind]
                pattern += f"(?P<{kind}>{inner})"
            end = match.end()
        found = re.fullmatch(pattern + re.escape(self.pattern[end:]), number)
        if not found:
            raise FormatError(f"“{number[:60]}”不是 {self.code} 的编号。")
        parts = found.groupdict()
        check = next((extra for kind, extra in self._fields() if kind == "check"), "")
        if check and check_character(number[: found.start("check")], check) != parts["check"]:
            raise FormatError(f"“{number[:60]}”的校验位不对。")
        on = None
        if dates:
            text = " ".join(parts[f"date{n}"] for n in range(1, len(dates) + 1))
            try:
                on = datetime.strptime(text, " ".join(dates)).date()  # noqa: DTZ007  a date has no zone
            except ValueError:
                raise FormatError(f"“{number[:60]}”里的日期不存在。") from None
        return Parsed(int(parts["serial"]), on, parts.get("item") or "")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a number says: its serial, its date (the first day of its year or month), its item."""

    serial: int
    on: date | None
    item: str


def _date_pattern(format_: str) -> str:
    widths = {"Y": r"\d{4}", "j": r"\d{3}"}
    return re.sub(r"%(.)", lambda m: widths.get(m.group(1), r"\d{2}"), format_.replace(".", r"\."))


def check_character(text: str, algorithm: str) -> str:
    """The check character of `text`: "mod11" is ISO 7064 MOD 11-2 (X for ten), "luhn" is ISO/IEC 7812-1 Annex B.

    Letters count by their place in base 36; other characters are passed over.
    """
    values = [int(c, 36) for c in text if c.isascii() and c.isalnum()]
    if algorithm == "mod11":
        total = 0
        for value in values:
            total = (total + value) * 2 % 11
        return "0123456789X"[(12 - total) % 11]
    digits = [int(d) for value in values for d in str(value)]
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[::-2]]
    return str(-(sum(doubled) + sum(digits[-2::-2])) % 10)
