"""What anybody may read of reviews (好差评结果公开): how many were asked, evaluated and satisfied, and what became of the bad ones."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from bihuan.kernel.desk.kept import figures_kept
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.shares import share_shown
from bihuan.packs.onewindow.applying.figures import DAYS, Reviews, Visits, reviews_counted, visits_counted


@require_GET
def published(request: HttpRequest) -> HttpResponse:
    """For any citizen: how applicants judged this centre in the last ninety days, each figure of how many."""
    now = request.now
    return render(request, "onewindow/published.html", {"figures": reviews_shown(*_counted(now)), "now": now})


def reviews_shown(found: Reviews, visits: Visits) -> list[dict[str, Any]]:
    """The figures that are published, in words."""
    return [
        {"label": gettext("请了评价"), "value": f"{found.asked:,}"},
        {"label": gettext("已评价"), **share_shown(found.evaluated, found.asked)},
        {"label": gettext("满意"), **share_shown(found.satisfied, found.evaluated)},
        {"label": gettext("差评"), **share_shown(found.bad, found.evaluated)},
        {"label": gettext("差评按期回访"), **share_shown(visits.in_time, visits.due)},
        {"label": gettext("实名差评已回访"), **share_shown(visits.visited, visits.named)},
        {"label": gettext("差评已整改到底"), **share_shown(found.mended, found.bad)},
        {"label": gettext("剔除的差评"), "value": f"{found.excluded:,}"},
    ]


def _counted(now: datetime) -> tuple[Reviews, Visits]:
    since = now - timedelta(days=DAYS)

    def count() -> tuple[Reviews, Visits]:
        with kernel_writes():
            return reviews_counted(since=since), visits_counted(since=since, now=now)

    return figures_kept("onewindow.published", scope=Scope(0, (), (), True), now=now, count=count)
