"""What each paper of an application says, section by section."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.bundles.rules import DONE, FAILED
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.desk.templatetags.desk import moment
from bihuan.kernel.ledger.models import LedgerPrivate
from bihuan.packs.onewindow.applying.dossier import Dossier
from bihuan.packs.onewindow.applying.materials import numbered
from bihuan.packs.onewindow.fees.rules import owed
from bihuan.packs.onewindow.rules import UNFIT, fixes_read, lacking

RECEIPT, MISSING, ACCEPTED, DECLINED, DECISION = "receipt", "missing", "accepted", "declined", "decision"
FEES, ENDED, WITHDRAWN, LAPSED = "fees", "ended", "withdrawn", "lapsed"
REMEDY = _("不服决定的,可以自收到之日起六十日内申请行政复议,或者六个月内向人民法院起诉。")
"""《行政复议法》第二十条、《行政诉讼法》第四十六条."""
Section = dict[str, Any]
"""`title`, `paragraphs`, `items`."""
Texts = Mapping[str, str]


def sections_of(row: Dossier, code: str) -> list[Section]:
    """The sections of one paper (its code) that have something in them."""
    return [one for one in SECTIONS[code](row, texts_of(row.case.pk)) if one["paragraphs"] or one["items"]]


def texts_of(case: int) -> dict[str, str]:
    """The last words given under each name, as the present scope sees them."""
    rows = LedgerPrivate.objects.filter(stream=f"case:{case}", name__in=("answer", "organ", "remedy", "fix"))
    return {name: text for name, text in rows.order_by("seq").values_list("name", "text") if text}


def _receipt(row: Dossier, texts: Texts) -> list[Section]:
    names, states = _names(row), row.case.facts.get("materials", {})
    held = {n: one for n, one in row.case.facts.get("held", {}).items() if n in names}
    return [
        _section(gettext("收到的材料"), items=[names[n] for n, state in states.items() if state == "present" and n in names]),
        _section(gettext("本市已有,免交"), items=[_held(one, names[n]) for n, one in held.items()]),
        _section(gettext("由窗口核对"), items=[name for n, name in names.items() if states.get(n) == "held" and n not in held]),
    ]  # fmt: skip


def _missing(row: Dossier, texts: Texts) -> list[Section]:
    names, facts, words = _names(row), row.case.facts, dict(UNFIT)
    why = {n: gettext(words[unfit]) for n, unfit in facts.get("unfit", {}).items() if unfit in words}
    wrong = {**why, **fixes_read(texts.get("fix"))}
    told = [
        f"{names[n]} · {gettext('要改:')}{wrong[n]}" if n in wrong else names[n]
        for n in facts.get("told", ())
        if n in names
    ]
    return [
        _section(gettext("还要交和要改的材料(一次告知全部)"), items=told),
        _section(gettext("补正期限"), _due(row, "correct", gettext("请在 %s 前交来;逾期未补正的,视为撤回申请。"))),
    ]  # fmt: skip


def _accepted(row: Dossier, texts: Texts) -> list[Section]:
    committed = row.case.facts.get("committed")
    follows = [] if committed else _lacking(row)
    return [
        _section(gettext("承诺办结"), _due(row, "handle", gettext("%s 前。特别程序的时间不计入。"))),
        _section(gettext("容缺的材料"), _due(row, "supplement", gettext("请在 %s 前补齐。")) if follows else "", follows),
        _section(gettext("告知承诺"), gettext("按申请人签的承诺书受理,决定后核查;承诺不实的,撤销决定并记入失信名单。") if committed else ""),
    ]  # fmt: skip


def _declined(row: Dossier, texts: Texts) -> list[Section]:
    return [
        _section(gettext("理由"), texts.get("answer", "")),
        _section(gettext("应向哪个机关申请"), texts.get("organ", "")),
        _section(gettext("救济途径"), str(REMEDY)),
    ]


def _ended(row: Dossier, texts: Texts) -> list[Section]:
    return [
        _section(gettext("决定"), gettext("终止办理,本件不再办理。条件具备后可以重新申请。")),
        _section(gettext("理由"), texts.get("answer", "")),
        _section(gettext("救济途径"), str(REMEDY)),
    ]


def _withdrawn(row: Dossier, texts: Texts) -> list[Section]:
    return [
        _section(gettext("确认"), gettext("您撤回了申请,本件不再办理;要办的可以重新申请。不是您本人要撤回的,请马上与我们联系。"))
    ]  # fmt: skip


def _lapsed(row: Dossier, texts: Texts) -> list[Section]:
    return [
        _section(gettext("理由"), gettext("补正期限已满,告知的材料没有交齐,视为撤回申请,本件不再办理。材料备齐后可以重新申请。")),
        _section(gettext("没有交来的材料"), items=_lacking(row)),
        _section(gettext("救济途径"), str(REMEDY)),
    ]  # fmt: skip


def _decision(row: Dossier, texts: Texts) -> list[Section]:
    decided = _decided(row.case.facts.get("outcome") == "granted") if row.kind else ""
    return [
        _section(gettext("决定"), decided, _parts(row)),
        _section(gettext("内容和理由"), texts.get("answer", "")),
        _section(gettext("救济途径"), texts.get("remedy", "")),
    ]


def _fees(row: Dossier, texts: Texts) -> list[Section]:
    return [
        _section(
            gettext("收费项目、标准和依据"), items=[_fee(one) for one in row.case.facts.get("fees", ())]
        ),
        _section(gettext("应缴(元)"), owed(row.case.facts)),
        _section(gettext("在哪里缴"), gettext("在政务服务大厅的综合窗口缴,缴清后制证、出件。")),
    ]


SECTIONS: Mapping[str, Callable[[Dossier, Texts], list[Section]]] = {
    RECEIPT: _receipt,
    MISSING: _missing,
    ACCEPTED: _accepted,
    DECLINED: _declined,
    ENDED: _ended,
    WITHDRAWN: _withdrawn,
    LAPSED: _lapsed,
    DECISION: _decision,
    FEES: _fees,
}


def _names(row: Dossier) -> dict[str, str]:
    """What the materials are called, by their numbers."""
    return {n: one["name"] for n, one in numbered(row.materials).items()}


def _lacking(row: Dossier) -> list[str]:
    names = _names(row)
    return [names[n] for n in lacking(row.case.facts) if n in names]


def _decided(granted: bool) -> str:
    return gettext("准予") if granted else gettext("不予")


def _parts(row: Dossier) -> list[str]:
    """What each organ decided on its part of a theme."""
    became = row.case.facts.get("parts", {})
    ended = [
        (name, organ, became.get(code))
        for code, name, organ in row.parts
        if became.get(code) in (DONE, FAILED)
    ]
    return [f"{name} · {organ} · {_decided(state == DONE)}" for name, organ, state in ended]


def _section(title: str, words: str = "", items: Sequence[str] = ()) -> Section:
    return {
        "title": title,
        "paragraphs": [line for line in words.splitlines() if line.strip()],
        "items": list(items),
    }


def _fee(one: Mapping[str, Any]) -> str:
    told = f"{one['name']} {one['amount']} {gettext('元')} · {gettext('依据:')}{one['basis']}"
    waivers = "、".join(one.get("waivers", ()))
    return f"{told} · {gettext('可以减免:')}{waivers}" if waivers else told


def _held(held: Sequence[str], name: str) -> str:
    """A material that the city has, with the certificate and its last day."""
    until = gettext("有效期至 %s") % held[1] if held[1] else gettext("长期有效")
    return f"{name} {held[0]},{until}"


def _due(row: Dossier, kind: str, words: str) -> str:
    clocks = Clock.objects.filter(case_id=row.case.pk, kind=kind, due_at__isnull=False).exclude(
        basis="statutory"
    )
    due = clocks.order_by("-pk").values_list("due_at", flat=True).first()
    return words % moment(due) if due else ""
