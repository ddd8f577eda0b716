"""What anybody may read of draws (一公开): lists, digests, seed, outcome, and what the check found; people stand as numbers."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_GET

from bihuan.kernel.ledger.keys import statements_read
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.paging import Paged
from bihuan.packs.fire.draws.draw import STRATA
from bihuan.packs.fire.draws.published import first_key, place_of, record_digest
from bihuan.packs.fire.draws.services import draw_published, draw_verify
from bihuan.packs.fire.models import Draw, Drawn, ProjectCase
from bihuan.packs.fire.papers.selectors import cases_undone

PAGE = 20
RESULTS = {
    "passed": gettext_noop("合格"),
    "rectifying": gettext_noop("不合格,停止使用,整改中"),
    "rechecking": gettext_noop("不合格,复查中"),
    "lapsed": gettext_noop("备案失效"),
}
CHECKING = gettext_noop("检查中")


@require_GET
def draws(request: HttpRequest) -> HttpResponse:
    """For any citizen: every draw of a spot check, the latest first."""
    with kernel_writes():
        page = Paged(Draw.objects.select_related("unit").order_by("-pk"), PAGE).get_page(
            request.GET.get("page")
        )
        rows = [
            {
                "draw": one,
                "listed": sum(len(group["listed"]) for group in one.record["strata"]),
                "drawn": len(one.record["teams"]),
            }
            for one in page.object_list
        ]
    return render(request, "fire/public_draws.html", {"page": page, "rows": rows})


@require_GET
def draw(request: HttpRequest, draw: int) -> HttpResponse:
    """For any citizen who doubts a draw: what was on the lists, what came out, and how to draw it again."""
    with kernel_writes():
        row = _found(draw)
        faults, results, names = draw_verify(row), results_of(row), project_names(row)
        unit = row.unit
    labels = dict(STRATA)
    groups = [
        {
            **group,
            "label": gettext(labels[group["code"]]),
            "rows": [
                {
                    "number": number,
                    "project": names.get(number, ""),
                    "result": gettext(results.get(number, CHECKING)),
                }
                for number in group["drawn"]
            ],
        }
        for group in row.record["strata"]
    ]
    context = {
        "draw": row, "unit": unit, "groups": groups, "faults": faults, "people": len(row.record["inspectors"]["listed"]),
        "each": row.record["inspectors"]["each"], "proof": record_digest(row.record), "place": place_of(row.signed), "key": first_key({"keys": statements_read()}), "digest": row.record["inspectors"]["digest"],
    }  # fmt: skip
    return render(request, "fire/public_draw.html", context)


@require_GET
def record(request: HttpRequest, draw: int) -> HttpResponse:
    """For whoever draws it again: the record for `bihuan fire draw --verify`; inspectors stand in it as numbers."""
    with kernel_writes():
        row = _found(draw)
    answer = JsonResponse(draw_published(row), json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="draw-{row.pk}.json"'
    return answer


def results_of(draw: Draw) -> dict[str, str]:
    """What the check of each filing that was drawn has come to, by its number; one that is still being made has none."""
    states = Drawn.objects.filter(draw=draw).values_list("case", "case__number", "case__state")
    undone = set(cases_undone().filter(case__in=[case for case, _number, _state in states]))
    return {
        number: RESULTS["lapsed" if case in undone else state]
        for case, number, state in states
        if state in RESULTS
    }


def project_names(draw: Draw) -> dict[str, str]:
    """The project of each filing that was drawn, by the filing's number."""
    drawn = Drawn.objects.filter(draw=draw).values("case")
    return dict(ProjectCase.objects.filter(case__in=drawn).values_list("case__number", "project__name"))


def _found(draw: int) -> Draw:
    row = Draw.objects.select_related("unit").filter(pk=draw).first()
    if row is None:
        raise Http404
    return row
