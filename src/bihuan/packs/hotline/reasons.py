"""Why an order went where it went: sentences with parameters, stored in Chinese, told in the reader's language.

A stored reason is made from one of these sentences, so its sentence and its parameters are found in it again; what was
not made from one, such as the words of a caller, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from bihuan.kernel.identity.models import Unit
from bihuan.packs.hotline.models import Matter

BETWEEN = "；"
SENTENCES = {
    "invalid": _("诉求无效与否由坐席判定"),
    "seat": _("由坐席直接答复"),
    "declined": _("由坐席判定不予受理"),
    "danger": _("危及人身安全:立即转%(service)s"),
    "matter_given": _("类别:%(matter)s(登记时注明)"),
    "matter_no_model": _("类别:未注明,也没有启用的文本模型"),
    "matter_not_listed": _("类别:模型给出的“%(label)s”不在事项表里"),
    "matter_unsure": _("类别:拿不准(最像%(matter)s,相像 %(confidence)s;%(why)s)"),
    "matter_model": _("类别:%(matter)s,把握 %(confidence)s,依据%(weighed)s"),
    "matter_words": _("类别:%(matter)s,依据“%(words)s”"),
    "place_unknown": _("地点:“%(words)s”不在本市单位名录中"),
    "place_missing": _("地点:没有写明属地"),
    "place_run": _("地点:%(unit)s由%(runner)s管理"),
    "place_of": _("地点:%(unit)s,属%(runner)s"),
    "place": _("地点:%(unit)s"),
    "lead_follow": _("派单目录:%(matter)s由%(unit)s主办(%(law)s);后续由%(follow)s跟进"),
    "lead": _("派单目录:%(matter)s由%(unit)s主办(%(law)s)"),
    "below": _("属%(runner)s:下发%(unit)s办理"),
    "desk": _("%(why)s:交%(unit)s"),
    "held": _("%(why)s:留在席位,由坐席派单"),
    "no_matter": _("类别没有把握"),
    "no_place": _("地点不明"),
    "route": _("应走“%(route)s”途径,由协调台告知来电人"),
    "not_in_directory": _("%(runner)s的派单目录没有“%(matter)s”"),
    "which_township": _("“%(matter)s”由镇街主办,地点没有具体到镇街"),
    "unit_gone": _("派单目录所列单位不能接办"),
    "not_for_township": _("“%(matter)s”不在乡镇(街道)履职事项清单内,不派镇街"),
    "accused": _("%(unit)s是被反映的单位,不能承办本件"),
    "too_short": _("文字太短"),
    "not_sure": _("把握不足"),
    "one_word": _("只凭一个短词"),
    "no_content": _("没有内容"),
    "no_known_words": _("没有认识的词语"),
}
"""The first that fits is taken: what is more particular stands first."""
UNITS, MATTERS = ("unit", "runner", "follow"), ("matter",)
_PART = re.compile(r"%\((\w+)\)s")


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = _PART.split(sentence)
    return re.compile(
        "".join(f"(?P<{p}>.+)" if i % 2 else re.escape(p) for i, p in enumerate(parts)), re.DOTALL
    )


_PATTERNS = {code: _pattern(sentence) for code, sentence in SENTENCES.items()}


def reason(code: str, **values: str) -> str:
    """The sentence in Chinese, as it is stored."""
    return SENTENCES[code] % values


def reasons_told(stored: Sequence[str]) -> list[str]:
    """Stored reasons in the reader's language; units and matters go by their names in it."""
    if (get_language() or "zh").startswith("zh"):
        return list(stored)
    names = dict(Unit.objects.exclude(name_en="").values_list("name", "name_en"))
    names |= dict(Matter.objects.exclude(name_en="").values_list("name", "name_en"))
    return [_told(one, names) for one in stored]


def reasons_joined(told: Sequence[str]) -> str:
    """Told reasons in one line."""
    return (BETWEEN if (get_language() or "zh").startswith("zh") else "; ").join(told)


def remark_told(stored: str) -> str:
    """The remark of a step that dispatch took by itself: its reasons, in the reader's language."""
    return reasons_joined(reasons_told(stored.split(BETWEEN)))


def _told(text: str, names: Mapping[str, str]) -> str:
    for code, pattern in _PATTERNS.items():
        if found := pattern.fullmatch(text):
            values = {name: _value(name, value, names) for name, value in found.groupdict().items()}
            return gettext(SENTENCES[code]) % values
    return gettext(text) if text else ""


def _value(name: str, value: str, names: Mapping[str, str]) -> str:
    if name in ("why", "weighed"):
        return _told(value, names)
    return names.get(value, value) if name in (*UNITS, *MATTERS) else value
