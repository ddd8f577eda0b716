"""The checks that an item may be decided by at once: a closed vocabulary, read, told and judged. Pure.

A line an entry: `持有 | 营业执照` (a certificate of the kind that holds), `没有 | 食品经营许可证` (none yet), `无在办` (no open application
for the same item), `年满 | 18` (by the citizen number), `未失信`, `表单 | 字段 | 值` (what the item's form was answered with). A register
that cannot be reached is never taken for a yes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from bihuan.lib.identifiers import id_number_birth_date
from bihuan.lib.text import FieldError

WORDS = {
    "holds": "持有", "lacks": "没有", "none_open": "无在办", "age": "年满", "credit": "未失信", "answer": "表单",
}  # fmt: skip
PARTS = {"holds": 1, "lacks": 1, "none_open": 0, "age": 1, "credit": 0, "answer": 2}
"""How many words each check takes after its own."""
TOLD = {
    "holds": _("持有有效的“%s”"), "lacks": _("还没有有效的“%s”"), "none_open": _("同一事项没有在办的件"), "age": _("年满 %s 周岁"),
    "credit": _("没有失信记录"), "answer": _("表单“%s”填的是“%s”"),
}  # fmt: skip
MOST = 20
Result = Literal["held", "failed", "silent"]


@dataclass(frozen=True, slots=True)
class Holding:
    """A certificate that the city issued itself and that holds: its number and last day (None: without end)."""

    number: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the registers told of an applicant; None: that register could not be reached.

    `certificates` by the name of their kind; `open_cases` of the same item; `answers` by the field's name; `verified`: somebody
    has looked at the identity card.
    """

    today: date
    identity: str
    organisation: bool
    verified: bool
    certificates: Mapping[str, Holding] | None
    open_cases: int | None
    discredited: bool | None
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check and what came of it: "held", "failed" or "silent" (a register that could not be reached)."""

    said: str
    result: Result
    detail: str = ""


def checks_read(lines: Iterator[list[str]], kinds: Sequence[str]) -> list[list[str]]:
    """The checks of the lines, each as [code, words…]. FieldError names what cannot be checked; `kinds` are known certificates."""
    codes = {word: code for code, word in WORDS.items()}
    found = []
    for parts in lines:
        code, words = codes.get(parts[0], ""), [part for part in parts[1:] if part]
        if not code:
            raise FieldError("checks", "choice", f"“{parts[0][:20]}”不能自动核对:只能写{'、'.join(codes)}。")
        if len(words) != PARTS[code]:
            raise FieldError("checks", "parts", f"“{parts[0]}”后面要写 {PARTS[code]} 项,如 持有 | 营业执照。")
        if code in ("holds", "lacks") and words[0] not in kinds:
            raise FieldError("checks", "choice", f"本市没有“{words[0][:30]}”的登记簿,不能自动核对。")
        if code == "age" and not (
            words[0].isascii() and words[0].isdecimal() and 1 <= int(words[0][:3]) <= 120
        ):
            raise FieldError("checks", "range", "年龄应为 1 至 120 的整数。")
        found.append([code, *(word[:100] for word in words)])
    if len(found) > MOST:
        raise FieldError("checks", "too_many", f"核对的条件最多 {MOST} 条。")
    return found


def checks_told(checks: Sequence[Sequence[str]]) -> str:
    """The lines that `checks_read` reads."""
    return "\n".join(" | ".join((WORDS[code], *words)) for code, *words in checks)


def check_said(check: Sequence[str]) -> str:
    """A check as a sentence in the language of the page."""
    code, *words = check
    return str(TOLD[code]) % tuple(words)


def judged(checks: Sequence[Sequence[str]], known: Known) -> tuple[Verdict, ...]:
    """What came of each check; the applicant's identity is always the first."""
    identity = Verdict(str(_("申请人的身份已核验")), "held" if known.verified else "failed")
    return (identity, *(Verdict(check_said(check), *_judge(check, known)) for check in checks))


def _judge(check: Sequence[str], known: Known) -> tuple[Result, str]:
    code, *words = check
    if code in ("holds", "lacks"):
        return _certificate(code, words[0], known)
    if code == "none_open":
        return _yes(None if known.open_cases is None else known.open_cases == 0), ""
    if code == "credit":
        return _yes(None if known.discredited is None else not known.discredited), ""
    if code == "age":
        return _yes(not known.organisation and _age(known) >= int(words[0])), ""
    return _yes(_answer(known.answers.get(words[0])) == words[1]), ""


def _certificate(code: str, name: str, known: Known) -> tuple[Result, str]:
    if known.certificates is None:
        return "silent", ""
    held = known.certificates.get(name)
    return _yes((held is not None) == (code == "holds")), held.number if held else ""


def _yes(holds: bool | None) -> Result:
    return "silent" if holds is None else "held" if holds else "failed"


def _age(known: Known) -> int:
    born = id_number_birth_date(known.identity)
    return known.today.year - born.year - ((known.today.month, known.today.day) < (born.month, born.day))


def _answer(value: Any) -> str:
    return (
        {True: "是", False: "否"}[value] if isinstance(value, bool) else "" if value is None else str(value)
    )


RESULTS = {"held": _("符合"), "failed": _("不符合"), "silent": _("登记簿查不到,没有核对")}


def verdicts_told(verdicts: Sequence[Verdict]) -> str:
    """The verdicts, a line each, as the case keeps them."""
    return "\n".join(
        f"{one.said}:{RESULTS[one.result]}" + (f"({one.detail})" if one.detail else "") for one in verdicts
    )
