"""The audit administrator's screen: reading the registers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bihuan.kernel.administration.entry_words import entries_said, label_of
from bihuan.kernel.administration.history import entry_words, people_named
from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.ledger.models import LedgerEntry, LedgerPrivate
from bihuan.kernel.pack import registers
from bihuan.lib.masking import mask_text

View = Callable[..., HttpResponse]
AUDIT = "audit_admin"
REGISTERS = {
    "identity": gettext_noop("人员和权限"),
    "policy": gettext_noop("规则"),
    "calendar": gettext_noop("日历"),
    "notice": gettext_noop("通知"),
    "export": gettext_noop("导出"),
    "sample": gettext_noop("抽样"),
    "score": gettext_noop("考核"),
    "account": gettext_noop("问责"),
    "meeting": gettext_noop("会议"),
    "exchange": gettext_noop("上下级中心"),
    "keys": gettext_noop("签名密钥"),
    "retention": gettext_noop("到期清除"),
    "operation": gettext_noop("运维"),
    "forms": gettext_noop("表单"),
    "certificate": gettext_noop("证照"),
    "appointments": gettext_noop("预约"),
    "booking": gettext_noop("预约"),
}
"""What each register of the kernel keeps. One that has a stream for each of its objects calls it `register:id`."""
PAGE = 50


def power(*roles: str) -> Callable[[View], View]:
    """Only for somebody logged in who holds one of these roles today; 403 for others."""

    def guard(view: View) -> View:
        @login_required
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
            page_require(request.scope, *roles)
            return view(request, *args, **more)

        return guarded

    return guard


@power(AUDIT)
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """The entries of the registers, latest first. Reading is all that the audit administrator may."""
    stream = request.GET.get("stream", "")
    entries = LedgerEntry.objects.filter(case_id=None).order_by("-id")
    known = register_labels()
    if stream in known:
        entries = entries.filter(Q(stream=stream) | Q(stream__startswith=f"{stream}:"))
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        entries = entries.filter(pk__lt=int(before))
    rows = list(entries.only("id", "body")[: PAGE + 1])
    told = [_entry_told(row) for row in rows[:PAGE]]
    who = people_named([value["by"] for value in told])
    for value, lines in zip(told, entries_said(told), strict=True):
        value["who"], value["lines"] = who[value["by"]], lines
    _filters_tell(told)
    more = rows[PAGE - 1].pk if len(rows) > PAGE else None
    shown = {"rows": told, "more": more, "stream": stream, "registers": known.items()}
    return render(request, "accounts/audit.html", shown)


def register_labels() -> dict[str, str]:
    """What every register is called, the packs' after the kernel's."""
    own = {name: _(label) for name, label in REGISTERS.items()}
    return own | {name: str(register.label) for name, register in registers().items()}


def _filters_tell(told: list[dict[str, Any]]) -> None:
    """Of an export also what was typed as a filter, numbers masked: it lies beside the ledger, not in the entry."""
    of = {value["seq"]: value for value in told if value["stream"] == "export"}
    for text in LedgerPrivate.objects.filter(stream="export", seq__in=of).order_by("name"):
        of[text.seq]["lines"].append((label_of("export", text.name), mask_text(text.text or "")))


def _entry_told(row: LedgerEntry) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(bytes(row.body))
    value["at"] = datetime.fromisoformat(value["at"])
    value["stream"] = value["stream"].partition(":")[0]
    value["register"] = register_labels().get(value["stream"], value["stream"])
    value["what"] = entry_words(value["stream"], value["kind"])
    value["raw"] = bytes(row.body).decode()
    return value
