"""What the call-back clerk says, by what became of the order (rules.md A6: the four outcomes) and how often it was redone."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bihuan.kernel.manifest import Called, Script
from bihuan.packs.hotline.citizens.words import QUESTIONS

OUTCOMES = {
    "done": gettext_noop("这件事由%(unit)s办理,回复说已经办结。我把答复念给您听,请您看看是不是这样。"),
    "longer_term": gettext_noop(
        "这件事由%(unit)s办理。按法律规定,办理的期限更长,还没有办完。我把进展和期限告诉您。"
    ),
    "impossible": gettext_noop(
        "这件事由%(unit)s办理。受客观条件所限,现在还不能解决。我把已经采取的措施和预计的日期告诉您。"
    ),
    "unlawful": gettext_noop(
        "这件事由%(unit)s办理。经核实,您的要求与法律政策不符。我把依据念给您听,有不明白的请说。"
    ),
}
"""By the outcome of the answer."""
UNANSWERED = gettext_noop("这件事由%(unit)s办理。我把办理的情况告诉您。")


def call_script(call: Called) -> Script:
    """The script in the reader's language."""
    told = {"number": call.number, "unit": call.unit, "n": call.redo_count}
    opening = _("您好,这里是12345热线。您反映的事(编号 %(number)s)有了答复,想用两分钟听听您的意见。") % told
    again = _("上次您不满意,这件事已经重办了 %(n)s 次,让您久等了。") % told if call.redo_count else ""
    outcome = _(OUTCOMES.get(str(call.facts.get("outcome", "")), UNANSWERED)) % told
    close = _("谢谢您,您的意见已经记下。不满意的,我们会让承办单位重新办理。")
    return Script(tuple(filter(None, (opening, again, outcome))), questions(), close)


def questions() -> dict[str, str]:
    """What is asked, by the field that takes the answer."""
    return {
        **{name: str(words) for name, words in QUESTIONS.items()},
        "grade": _("总的来说,您对办理结果满意吗?非常满意、满意、基本满意、不满意,还是非常不满意?"),
        "words": _("您还有什么话要我们转达?"),
        "reason": _("不满意在哪里?"),
    }
