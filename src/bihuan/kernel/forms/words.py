"""A form's words in the language of the page, and its flaws as sentences that name field and rule and never what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.forms.checking import Flaw
from bihuan.kernel.forms.rules import Choice, Field, Form
from bihuan.kernel.sentences import english

SENTENCES = {
    "required": _("请填写“%(label)s”。"),
    "choose": _("请选择“%(label)s”。"),
    "agree": _("请勾选“%(label)s”。"),
    "not_text": _("“%(label)s”应为文字。"),
    "number": _("“%(label)s”应为数字,最多 15 位。"),
    "integer": _("“%(label)s”应为整数。"),
    "yes_or_no": _("“%(label)s”只能是“是”或“否”。"),
    "list": _("“%(label)s”应为列表。"),
    "object": _("“%(label)s”应为一组字段。"),
    "choice": _("“%(label)s”不是可选的值。"),
    "too_short": _("“%(label)s”不能少于 %(limit)s 个字。"),
    "too_long": _("“%(label)s”不能超过 %(limit)s 个字。"),
    "smallest": _("“%(label)s”不能小于 %(limit)s。"),
    "above": _("“%(label)s”应大于 %(limit)s。"),
    "largest": _("“%(label)s”不能大于 %(limit)s。"),
    "below": _("“%(label)s”应小于 %(limit)s。"),
    "multiple": _("“%(label)s”应是 %(limit)s 的整倍数。"),
    "pattern": _("“%(label)s”的写法不对。"),
    "too_few": _("“%(label)s”至少 %(limit)s 项。"),
    "too_many": _("“%(label)s”最多 %(limit)s 项。"),
    "twice": _("“%(label)s”不能重复。"),
    "format": _("“%(label)s”的格式不对。"),
    "date": _("“%(label)s”应为日期,如 2026-01-31。"),
    "uscc": _("“%(label)s”不是正确的统一社会信用代码(GB 32100)。"),
    "id-number": _("“%(label)s”不是正确的身份证号码(GB 11643)。"),
    "phone": _("“%(label)s”不是正确的电话号码。"),
    "unknown": _("表单里没有“%(label)s”这一项。"),
    "control_character": _("“%(label)s”含有控制字符。"),
    "bidi_override": _("“%(label)s”含有改变文字方向的隐藏字符。"),
    "surrogate": _("“%(label)s”含有不完整的字符编码。"),
    "line_break": _("“%(label)s”不能换行,也不能含制表符。"),
}
CHOSEN = ("one", "many", "yes", "file")


def spoken(schema: Mapping[str, Any], name: str) -> str:
    """What a schema says under a name, in the language of the page where it has it."""
    other = schema.get(f"{name}-en" if name.startswith("x-") else f"x-{name}-en", "")
    return str((english() and other) or schema.get(name, ""))


def form_title(form: Form) -> str:
    """The form's title in the language of the page."""
    return (english() and form.title_en) or form.title


def choice_title(choice: Choice) -> str:
    """What a choice is called in the language of the page."""
    return (english() and choice.title_en) or choice.title


def label_of(field: Field) -> str:
    """What a field is called in the language of the page."""
    return spoken(field.schema, "title")


def flaw_label(flaw: Flaw) -> str:
    """The field that a flaw is at, with the number of its row."""
    label = label_of(flaw.field) if flaw.field else flaw.path
    row = next((int(part) + 1 for part in flaw.path.split(".") if part.isdecimal()), 0)
    return gettext("%(label)s(第 %(row)s 行)") % {"label": label, "row": row} if row else label


def flaw_told(flaw: Flaw) -> str:
    """The flaw as a sentence."""
    if flaw.rule == "pattern" and flaw.field and spoken(flaw.field.schema, "x-pattern-says"):
        return f"“{flaw_label(flaw)}”{spoken(flaw.field.schema, 'x-pattern-says')}"
    if flaw.why and not english():
        return f"{flaw.why}。"
    told = {"label": flaw_label(flaw), "limit": flaw.limit}
    return str(SENTENCES.get(_sentence(flaw), SENTENCES["choice"]) % told)


def _sentence(flaw: Flaw) -> str:
    kind = flaw.field.kind if flaw.field else "line"
    if flaw.rule == "required":
        return "agree" if kind == "agree" else "choose" if kind in CHOSEN else "required"
    if flaw.rule == "format":
        return kind
    return "integer" if flaw.rule == "number" and kind == "integer" else flaw.rule


def flaws_told(flaws: tuple[Flaw, ...]) -> str:
    """What a refusal of answers says in one sentence."""
    if len(flaws) == 1:
        return flaw_told(flaws[0])
    first = flaw_told(flaws[0])
    return gettext("表单有 %(count)s 处要改正。%(first)s") % {"count": len(flaws), "first": first}
