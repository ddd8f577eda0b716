"""Screens of an import with columns of one's own: the file, its columns matched, and what it would change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bihuan.kernel.administration.importing import LARGEST, Rows, file_rows, import_planned, rows_kept
from bihuan.kernel.administration.shape import Asked
from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import Refusal
from bihuan.lib.tables import BadRows, Fault, Row
from bihuan.lib.text import FieldError, clean_text
from bihuan.packs.onewindow.catalogue.register import Items
from bihuan.packs.onewindow.catalogue.services import ADMINISTRATOR, STREAM
from bihuan.packs.onewindow.columns.models import SourceColumns
from bihuan.packs.onewindow.columns.rules import (
    SYNONYMS,
    columns_detected,
    columns_fault,
    row_read,
    scheme_detected,
)
from bihuan.packs.onewindow.columns.saved import sources_saved
from bihuan.packs.onewindow.models import KINDS, SCHEMES

LABELS = {
    "code": _("事项编码"), "name": _("名称"), "kind": _("事项类型"), "organ": _("实施机关"), "unit": _("审批单位"), "theme": _("主题"),
    "name_en": _("英文名称"), "statutory_days": _("法定时限"), "promised_days": _("承诺时限"), "materials": _("材料"),
    "instant": _("办件类型"), "special": _("特别程序"), "fees": _("收费"), "valid_months": _("证照有效期(月)"),
    "conditions": _("办理条件"), "legal_basis": _("设定依据"), "results": _("结果"), "places": _("办理地点"), "hours": _("办理时间"),
    "conditions_en": _("办理条件(英文)"), "places_en": _("办理地点(英文)"), "hours_en": _("办理时间(英文)"), "enquiries": _("咨询电话"), "complaints": _("监督投诉电话"),
    "link": _("链接"), "source": _("目录来源"), "scheme": _("编码规则"), "file": _("文件"),
}  # fmt: skip
LOOKED_AT = 20
"""Rows whose codes tell by which scheme they are."""
WHY = {
    "required": _("请选这一项在哪一列。"),
    "choice": _("文件里没有这一列。"),
    "duplicate": _("同一列不能用作两项。"),
}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest) -> HttpResponse:
    """For the system administrator with another platform's list: which column is what, every fault, and then the import."""
    page_require(request.scope, *ADMINISTRATOR)
    if request.method != "POST":
        return _shown(request, {"sources": sources_saved()})
    try:
        return _planned(request) if "rows" in request.POST else _read(request)
    except FieldError as fault:
        return _shown(request, {"wrong": {fault.field: told(fault)}}, status=422)
    except Refusal as refusal:
        return _shown(request, {"wrong": {refusal.field or "file": told(refusal)}}, status=refusal.status)


def _read(request: HttpRequest) -> HttpResponse:
    """The file is read, and its columns are matched: as they were kept for this source, else as they are found out."""
    source = _source(request)
    file = request.FILES.get("file")
    if not file or not file.size:
        raise Refusal("empty", gettext("文件是空的") if file else gettext("请选择文件。"), field="file")
    rows = file_rows(file.read(LARGEST + 1), published=True)
    kept = SourceColumns.objects.filter(source=source).first()
    headers = list(rows[0][1])
    known = {f: h for f, h in (kept.columns if kept else {}).items() if h in headers}
    columns = {**columns_detected(headers), **known}
    codes = [values.get(columns.get("code", ""), "") for _line, values in rows[:LOOKED_AT]]
    return _matched(request, rows, source, columns, kept.scheme if kept else scheme_detected(codes))


def _planned(request: HttpRequest) -> HttpResponse:
    """What the rows would change by the columns as they were chosen; these are kept for the source unless a row is refused."""
    source, rows = _source(request), rows_kept(request.POST["rows"])
    scheme = request.POST.get("scheme", "")
    chosen = {field: request.POST.get(f"column_{field}", "")[:200] for field in SYNONYMS}
    chosen = {field: header for field, header in chosen.items() if header}
    if scheme not in dict(SCHEMES):
        raise FieldError("scheme", "choice", gettext("请选编码规则。"))
    fault = columns_fault(chosen, list(rows[0][1]))
    if fault is not None:
        wrong = {fault[0]: str(WHY[fault[1]])}
        return _matched(request, rows, source, chosen, scheme, wrong=wrong, status=422)
    kinds = {code: str(label) for code, label in KINDS}
    read = [(line, row_read(values, chosen, scheme=scheme, kinds=kinds)) for line, values in rows]
    asked = Asked(request.scope, request.now)
    plan = import_planned(Items(), read, asked)
    faults = [(one.line, chosen.get(one.column, one.column), one.fault) for one in plan.faults]
    if not faults:
        _keep(request, source, chosen, scheme)
    if faults and "refused" in request.GET:
        return _refused_file(rows, faults)
    return _matched(
        request, rows, source, chosen, scheme, plan=plan, faults=faults, status=422 if faults else 200
    )


def _refused_file(rows: Rows, faults: Sequence[tuple[int, str, str]]) -> HttpResponse:
    """The rows that cannot be used, each with why, to be mended and read again."""
    why = {line: Fault(column, "refused", reason) for line, column, reason in faults}
    with TemporaryDirectory() as folder, BadRows(Path(folder) / "rows.csv", list(rows[0][1])) as kept:
        for line, values in rows:
            if line in why:
                kept.add(Row(line, tuple(values.values()), dict(values)), (why[line],))
        kept.close()
        data = kept.path.read_bytes()
    named = {"Content-Disposition": 'attachment; filename="rows.bad.csv"'}
    return HttpResponse(data, content_type="text/csv; charset=utf-8", headers=named)


def _source(request: HttpRequest) -> str:
    return clean_text(
        request.POST.get("source", ""), field="source", max_length=40, min_length=2, multiline=False
    )


def _keep(request: HttpRequest, source: str, chosen: Mapping[str, str], scheme: str) -> None:
    """Keep the columns for the next file of this source; nothing when they are as they were."""
    now = request.now
    with kernel_writes():
        row = SourceColumns.objects.filter(source=source).first() or SourceColumns(source=source)
        if row.pk and (row.columns, row.scheme) == (chosen, scheme):
            return
        row.columns, row.scheme, row.kept_at = dict(chosen), scheme, now
        row.save()
        data = {"source": source, "columns": dict(chosen), "scheme": scheme}
        register_append(stream=STREAM, kind="columns_kept", at=now, by=request.user.pk, data=data)


def _matched(
    request: HttpRequest, rows: Rows, source: str, chosen: Mapping[str, str], scheme: str, *,
    wrong: Mapping[str, str] | None = None, plan: Any = None, faults: Sequence[tuple[int, str, str]] = (), status: int = 200,
) -> HttpResponse:  # fmt: skip
    headers, errors = list(rows[0][1]), wrong or {}
    refused = {line for line, _column, _reason in faults}
    good = [one for one in rows if one[0] not in refused]
    context = {
        "untaken": [one for one in plan.changing if one.change.told] if plan else (),
        "source": source, "count": len(rows), "headers": headers, "scheme": scheme, "schemes": SCHEMES, "plan": plan, "faults": faults,
        "fields": [(f, LABELS[f], chosen.get(f, ""), errors.get(f, "")) for f in SYNONYMS],
        "first": rows[0][1], "rows": json.dumps(rows, ensure_ascii=False), "wrong": errors,
        "good": len(good), "good_rows": json.dumps(good, ensure_ascii=False), "refused": len(refused),
    }  # fmt: skip
    return _shown(request, context, status=status)


def _shown(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    wrong = context.get("wrong") or {}
    context |= {
        "refusal": gettext("还没有导入:请改正下面标出的地方。") if wrong else "",
        "problems": [(name, LABELS.get(name, name), text) for name, text in wrong.items()],
        "typed": request.POST,
        "kind": Items(),
    }
    return render(request, "onewindow/columns.html", context, status=status)
