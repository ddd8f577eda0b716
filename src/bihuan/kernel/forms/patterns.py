"""Patterns of texts that take no more than a moment, whatever is typed."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from bihuan.kernel.forms.conditions import schema_refusal
from bihuan.kernel.forms.rules import LINE

MAX_WAYS = LINE**2
"""In how many ways a pattern may be tried on a text: two repetitions without an end on a line."""
ONE_SIGN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
FLAGS = re.compile(r"\(\?(?![:=!]|<[=!])")
CHOOSES = re.compile(r"\(\?[:=!<>A-Za-z]*|[()|]|(?:[*+?]|\{[0-9]*,[0-9]*\})[?+]?")


def pattern_check(where: str, pattern: str, most: int) -> None:
    """A pattern that takes no more than a moment: on short texts, not tried in too many ways, no group repeated, nothing referring back,
    and no flags or comments, between which a repetition would hide.
    """
    if len(pattern) > LINE or most > LINE:
        raise schema_refusal(where, _("pattern 只用于 %s 字以内的文字,自己也不能更长") % LINE)
    try:
        re.compile(pattern)
    except re.error:
        raise schema_refusal(where, _("pattern 写法不对")) from None
    if FLAGS.search(ONE_SIGN.sub("x", pattern)):
        raise schema_refusal(where, _("pattern 里“(?”之后只能是 :、=、!、<= 或 <!"))
    if _ways(pattern) > MAX_WAYS or re.search(r"\)[*+{?]|\\[1-9]|\(\?P=", pattern):
        raise schema_refusal(
            where,
            _("pattern 最多两处不限次数的重复,可长可短、可有可无的也不能太多;括号后不能重复,也不能反向引用"),
        )


def _ways(pattern: str) -> int:
    """In how many ways a pattern that compiles can be tried on a line at one place, at the most."""
    ways, groups = 1, [1]
    for part in CHOOSES.findall(ONE_SIGN.sub("x", pattern)):
        if part[0] == "(":
            groups.append(1)
        elif part == ")":
            ways *= groups.pop()
        elif part == "|":
            groups[-1] += 1
        elif part[0] == "{":
            least, most = part.strip("{}?+").split(",")
            ways *= max(1, int(most or LINE) - int(least or 0) + 1)
        else:
            ways *= 2 if part[0] == "?" else LINE
    return ways * groups[0]
