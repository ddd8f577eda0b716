"""Cells of a declaration as people fill them in: areas, heights and the parts that a project contains. Pure."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from bihuan.lib.text import FieldError
from bihuan.packs.fire.special.rules import Part
from bihuan.packs.fire.special.uses import Use, use_found, uses_like

EMPTY = frozenset(("", "-", "--", "—", "——", "/", "无", "NULL", "NONE", "N/A", "NA"))
MOST_AREA, MOST_HEIGHT = Decimal(10**9), Decimal(10**4)
PARTS = 1000

_BLANK = re.compile(r"[\s\u200b-\u200f\u2060\ufeff'\"“”]")
_UNIT = re.compile(r"(?:平方米|平方公尺|平米|平方|M\^?2|SQM|米|M)$")
_TEN_THOUSAND = re.compile(r"万$")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:E[+-]?\d{1,3})?")


def use_read(text: str, *, field: str) -> Use:
    """The use that a cell names. FieldError for an empty or unknown one, with the known words nearest to it."""
    if not text.strip():
        raise FieldError(field, "empty", "用途没有填")
    use = use_found(text)
    if use is None:
        like = uses_like(text)
        hint = f",是不是:{'、'.join(like)}" if like else ",请用第14条的词"
        raise FieldError(field, "choice", f"不认识的用途“{text.strip()[:40]}”{hint}")
    return use


def use_excluded(text: str) -> bool:
    """Is it a use to which the regulation does not apply (art. 41)?"""
    use = use_found(text)
    return use is not None and use.kind == "excluded"


def measure_read(text: str, *, field: str, name: str, most: Decimal) -> Decimal | None:
    """A measure of a cell: thousands separators, full-width digits and a unit are taken, 万 as ten thousand; None when
    empty. FieldError for what is no number, negative or above `most`.
    """
    plain = _BLANK.sub("", unicodedata.normalize("NFKC", text)).upper()
    if plain in EMPTY:
        return None
    bare = _UNIT.sub("", plain)
    number = _TEN_THOUSAND.sub("", bare)
    if _THOUSANDS.fullmatch(number.lstrip("+")):
        number = number.replace(",", "")
    try:
        value = Decimal(number) if _NUMBER.fullmatch(number) else None
    except InvalidOperation:
        value = None
    if value is None:
        raise FieldError(field, "value", f"{name}“{text.strip()[:30]}”不是数字")
    if bare.endswith("万"):
        value *= 10_000
    if value < 0:
        raise FieldError(field, "range", f"{name}不能是负数({text.strip()[:30]})")
    if value > most:
        raise FieldError(field, "range", f"{name}太大({text.strip()[:30]})")
    return value.copy_abs()


def parts_read(text: str, *, field: str) -> tuple[Part, ...]:
    """The parts of a cell, `use:area;use:area`; full-width signs are taken. FieldError names the part that is wrong."""
    plain = unicodedata.normalize("NFKC", text).replace("；", ";").replace("：", ":")
    if _BLANK.sub("", plain).upper() in EMPTY:
        return ()
    pieces = [piece for piece in re.split(r"[;|\n]", plain) if piece.strip()]
    if len(pieces) > PARTS:
        raise FieldError(field, "too_many", f"所含部分不能多于 {PARTS} 个")
    return tuple(_part(piece, field) for piece in pieces)


def _part(piece: str, field: str) -> Part:
    word, _, measure = piece.rpartition(":")
    if not word.strip():
        raise FieldError(field, "value", f"所含部分“{piece.strip()[:40]}”要写成“用途:面积”")
    use = use_read(word, field=field)
    area = measure_read(measure, field=field, name=f"{use.word}的面积", most=MOST_AREA)
    if area is None:
        raise FieldError(field, "value", f"所含部分“{piece.strip()[:40]}”没有写面积")
    return Part(use, area)
