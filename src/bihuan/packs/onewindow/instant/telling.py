"""Why an application was not decided at once, in the applicant's words. What was found is told only to whom the window knows: whoever
applies in another's name learns nothing of that person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.ledger.models import LedgerPrivate
from bihuan.packs.onewindow.instant.rules import RESULTS, check_said
from bihuan.packs.onewindow.models import Application

TEMPLATE = "onewindow/parts/person.html"
UNVERIFIED = _(
    "您的身份还没有核验,由人核对身份和其他条件。以前在窗口办过件的,下次申请前先用那件的编号和查询码查一次进展,就不用再核验。"
)
FAILED = {
    "holds": _("没有查到您名下有效的“%s”。"),
    "lacks": _("您名下已经有有效的“%s”。"),
    "none_open": _("同一事项您还有没办完的件。"),
    "age": _("没有查到您年满 %s 周岁,或者是单位申请的。"),
    "credit": _("您名下有失信记录。"),
    "answer": _("表单“%s”填的不是“%s”。"),
}
"""What a check that does not hold means."""


def person_parts(case: int, facts: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Why a person has it, until it is decided; nothing for what never went to the system. The caller holds `kernel_writes`."""
    if facts.get("automatic") is not False or facts.get("outcome"):
        return []
    row = Application.objects.select_related("version").filter(pk=case).first()
    kept = LedgerPrivate.objects.filter(stream=f"case:{case}", name="checks").order_by("-seq")
    told = kept.values_list("text", flat=True).first()
    return [(TEMPLATE, {"reasons": reasons_told(row.version.checks if row else (), told or "")})]


def reasons_told(checks: Sequence[Sequence[str]], told: str) -> list[str]:
    """A sentence for each check that did not hold, in the page's language; `told` is what `verdicts_told` wrote ("": erased)."""
    identity, *lines = told.splitlines() or [""]
    with translation.override("zh-hans"):
        held = str(RESULTS["held"])
        results = list(_results(checks, lines))
    if not identity:
        return []
    if not identity.endswith(f":{held}"):
        return [str(UNVERIFIED)]
    return [_reason(check, result) for check, result in results if result != "held"]


def _results(checks: Sequence[Sequence[str]], lines: Sequence[str]) -> Iterator[tuple[Sequence[str], str]]:
    """Each check with its result, as far as its line is its own."""
    for check, line in zip(checks, lines, strict=False):
        head = f"{check_said(check)}:"
        found = [code for code, words in RESULTS.items() if line.startswith(f"{head}{words}")]
        yield from ((check, code) for code in found)


def _reason(check: Sequence[str], result: str) -> str:
    code, *words = check
    if result == "silent":
        return gettext("“%s”现在查不到,由人核对。") % check_said(check)
    return str(FAILED[code]) % tuple(words)
