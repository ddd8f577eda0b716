"""One step on many orders: what will happen, then what happened, row by row."""

from __future__ import annotations

from datetime import datetime
from secrets import token_urlsafe
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bihuan.kernel.desk.forms import data_read, fields_of
from bihuan.kernel.desk.lists import bulk
from bihuan.kernel.desk.lists.bulk_targets import OTHER, Target, case_asked, targets_found
from bihuan.kernel.desk.lists.wanted import Wanted, wanted_read
from bihuan.kernel.desk.lists.worklist import cases_listed, roles_lent
from bihuan.kernel.desk.models import BulkRow, BulkRun
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.pack import workflows
from bihuan.kernel.sentences import said, told
from bihuan.kernel.workflow.asks import Ask, asks_clean
from bihuan.kernel.workflow.model import Step
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError, key_cleaned

PICKED = 500
SHOWN = 200
"""So many rows of a run stand on its page; those that were refused first."""


@login_required
@never_cache
@require_GET
def bulk_preview(request: HttpRequest) -> HttpResponse:
    """For the supervisor who has picked twenty orders: how many of them the step will reach, and why not the others."""
    step = _step(request, request.GET.get("step", ""))
    wanted = wanted_read(request.GET)
    undoes = _run(request.GET["run"]) if request.GET.get("run", "").isdecimal() else None
    ids = _rows_done(undoes) if undoes else _chosen(request, wanted)
    if not ids:
        messages.warning(request, gettext("还没有选:请先勾选工单,或勾选“全部符合条件的”。"))
        return HttpResponseRedirect(reverse("worklist") + wanted.address(after=""))
    if len(ids) > bulk.MOST:
        messages.warning(request, gettext("一次最多 5,000 件,请先筛选。"))
        return HttpResponseRedirect(reverse("worklist") + wanted.address(after=""))
    return _asked(request, step, _judged(request, step, ids), wanted, undoes=undoes)


@login_required
@never_cache
@require_POST
def bulk_go(request: HttpRequest, step: str) -> HttpResponse:
    """Do it: the first 500 at once, the rest in the background. The same form again leads to the same run."""
    known = _step(request, step)
    cases = _versions(request.POST.get("cases", ""))
    wanted = wanted_read(request.GET)
    undoes = _run(request.POST["run"]) if request.POST.get("run", "").isdecimal() else None
    typed, target = _typed(request, known)
    try:
        data = data_read(
            known,
            typed,
            on=timezone.localdate(request.now),
            units=request.scope.units,
        )
        for name in ("cases", "key", "run", OTHER):
            data.pop(name, None)
        if cases.pop(int(data.get(target, 0)), None) and not cases:
            raise FieldError(target, "survivor", gettext("不能并入自己。"))
        asks_clean(known.asks, data, today=day_of(request.now))
        run = bulk.bulk_start(
            key=key_cleaned(request.POST.get("key", "")) or token_urlsafe(16),
            code=known.code,
            cases=cases,
            data=data,
            query=wanted.address(after=""),
            by=request.user.pk,
            now=request.now,
            undoes=undoes.pk if undoes else None,
        )
    except (FieldError, Refusal) as error:
        judged = _judged(request, known, list(cases))
        return _asked(request, known, judged, wanted, undoes=undoes, error=error)
    if not run.done and not run.refused and bulk.bulk_take(run=run.pk, now=request.now):
        bulk.bulk_defer(run=run.pk)
    return HttpResponseRedirect(reverse("bulk_run", args=[run.pk]))


@login_required
@never_cache
@require_GET
def bulk_run(request: HttpRequest, run: int) -> HttpResponse:
    """What became of each order; while the worker goes on, how far it is."""
    return render(request, "desk/bulk_run.html", _told(_run(str(run))))


@login_required
@never_cache
@require_GET
def bulk_progress(request: HttpRequest, run: int) -> HttpResponse:
    """The result alone, asked for again while the run goes on."""
    return render(request, "desk/parts/bulk_result.html", _told(_run(str(run))))


@login_required
@require_POST
def bulk_on(request: HttpRequest, run: int) -> HttpResponse:
    """Go on with what still waits, when no worker does."""
    found = _run(str(run))
    bulk.bulk_take(run=found.pk, now=request.now)
    return HttpResponseRedirect(reverse("bulk_run", args=[found.pk]))


def _step(request: HttpRequest, code: str) -> Step:
    """A step that this person may take on many cases, or one that takes such a step back. 404 otherwise."""
    scope, now = request.scope, request.now
    offered = {
        step.code: step for step in bulk.steps_choosable(scope=scope, lent=roles_lent(scope=scope, now=now))
    }
    inverses = {back.code: back for known in offered if (back := bulk.inverse_of(known))}
    found = {**inverses, **offered}.get(code)
    if found is None:
        raise Http404
    return found


def _chosen(request: HttpRequest, wanted: Wanted) -> list[int]:
    if request.GET.get("whole") != "1":
        picked = request.GET.getlist("id")[:PICKED]
        return [int(one) for one in picked if one.isdecimal() and len(one) < 19]
    scope, now = request.scope, request.now
    rows = cases_listed(
        scope=scope, wanted=wanted_read({**request.GET.dict(), "after": ""}), now=now, most=bulk.MOST + 1
    )
    return [row.id for row in rows]


def _typed(request: HttpRequest, step: Step) -> tuple[QueryDict, str]:
    """The form, with the case that was picked or whose number was typed, and the name of the field that asks for it ("")."""
    asked, typed = case_asked(step), request.POST.copy()
    if asked and not typed.get(asked.name):
        typed[asked.name] = typed.get(OTHER, "")
    return typed, asked.name if asked else ""


def _versions(text: str) -> dict[int, int]:
    """Cases with the versions that were seen, as the preview wrote them; what cannot be read is left out."""
    pairs = (pair.partition(".") for pair in text.split(",")[: bulk.MOST])
    return {
        int(case): int(version)
        for case, _, version in pairs
        if case.isdecimal() and version.isdecimal() and len(case) < 19 and len(version) < 10
    }


def _judged(request: HttpRequest, step: Step, ids: list[int]) -> list[bulk.Judged]:
    now: datetime = request.now
    return bulk.cases_judged(ids=ids, code=step.code, person=request.user.pk, now=now)


def _asked(
    request: HttpRequest,
    step: Step,
    judged: list[bulk.Judged],
    wanted: Wanted,
    *,
    undoes: BulkRun | None,
    error: FieldError | Refusal | None = None,
) -> HttpResponse:
    fit = [one for one in judged if one.refusal is None]
    refused = bulk.refusals_grouped(
        (one.refusal.code, str(one.refusal), one.row.number) for one in judged if one.refusal
    )
    wrong = {error.field: told(error)} if error else {}
    asked = case_asked(step)
    targets = targets_found([one.row.id for one in judged]) if asked else []
    names = {ask.name: ask.label for ask in step.asks}
    context = {
        "step": step,
        "back": bulk.inverse_of(step.code),
        "total": len(judged),
        "fit": fit,
        "cases": ",".join(f"{one.row.id}.{one.row.version}" for one in fit),
        "refused": [(said(code, text), numbers[:10], len(numbers)) for code, text, numbers in refused],
        "fields": [
            field
            for field in fields_of(step, request.POST if error else None, wrong)
            if field.ask != asked or not targets
        ],
        "asked": asked,
        "targets": targets,
        "into": sum(one.picked for one in targets) > 1,
        "chosen": _chosen_target(request, asked, targets),
        "other": request.POST.get(OTHER, ""),
        "wrong": wrong.get(asked.name, "") if asked else "",
        "key": request.POST.get("key") or token_urlsafe(16),
        "query": wanted.address(after=""),
        "undoes": undoes,
        "refusal": told(error) if error else "",
        "problems": [(name, gettext(names[name]), "") for name in wrong if name in names],
    }
    status = 200 if error is None else error.status if isinstance(error, Refusal) else 422
    return render(request, "desk/bulk.html", context, status=status)


def _chosen_target(request: HttpRequest, asked: Ask | None, targets: list[Target]) -> str:
    """The number that is picked: what was chosen before, or of several cases the first."""
    if asked and request.method == "POST":
        return str(request.POST.get(asked.name, ""))
    return targets[0].case.number if sum(one.picked for one in targets) > 1 else ""


def _run(run: str) -> BulkRun:
    """A run of this person's own: row-level security hides all others."""
    found = BulkRun.objects.filter(pk=int(run[:18])).first()
    if found is None:
        raise Http404
    return found


def _rows_done(run: BulkRun) -> list[int]:
    return list(run.rows.filter(status=BulkRow.Status.DONE).values_list("case_id", flat=True)[: bulk.MOST])


def _told(run: BulkRun) -> dict[str, Any]:
    refused = run.rows.filter(status=BulkRow.Status.REFUSED).values_list("code", "message", "number")
    done = list(run.rows.filter(status=BulkRow.Status.DONE).values_list("number", flat=True)[: SHOWN + 1])
    step = next((w.by_code[run.step] for w in workflows().values() if run.step in w.by_code), None)
    return {
        "run": run,
        "step": step,
        "ended": run.done + run.refused,
        "waiting": run.total - run.done - run.refused,
        "refused": [
            (said(code, text), numbers[:SHOWN], len(numbers))
            for code, text, numbers in bulk.refusals_grouped(refused[: bulk.MOST])
        ],
        "done": done[:SHOWN],
        "more": max(0, run.done - SHOWN),
        "back": bulk.inverse_of(run.step)
        if run.done and run.finished_at and not run.undone_by.exists()
        else None,
        "list": reverse("worklist") + run.query,
    }
