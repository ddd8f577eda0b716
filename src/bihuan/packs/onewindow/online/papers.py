"""The papers of an application on the applicant's own page: the same that the window prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.public.sessions import FOLLOWS, follow_door, follows_case
from bihuan.packs.onewindow.applying.dossier import Dossier, dossier_of
from bihuan.packs.onewindow.applying.papers import papers_of
from bihuan.packs.onewindow.applying.views import paper_answered

TEMPLATE = "onewindow/parts/papers.html"


@never_cache
@require_GET
def paper(request: HttpRequest, number: str, paper: str) -> HttpResponse:
    """For whoever applied: what was told and decided, to keep on the telephone or to print. 404 for whoever opened other cases."""
    found = follows_case(request, number)
    if not found and request.session.get(FOLLOWS):
        raise Http404
    if not found:
        return follow_door(number)
    with kernel_writes():
        row = dossier_of(found)
        if row is None or paper not in dict(papers_of(row)):
            raise Http404
        return paper_answered(row, paper, now=request.now)


def papers_parts(row: Dossier | None) -> list[tuple[str, Mapping[str, Any]]]:
    """The list of the papers that there are."""
    return [(TEMPLATE, {"papers": papers_of(row)})] if row else []
