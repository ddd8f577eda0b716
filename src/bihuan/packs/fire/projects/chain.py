"""What a project's page shows of its chain: what blocks it, visits, questions, sites."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from bihuan.kernel.identity.scope import day_of
from bihuan.packs.fire.blockages.selectors import blockages_found
from bihuan.packs.fire.blockages.stages import STAGES
from bihuan.packs.fire.models import Project
from bihuan.packs.fire.projects.services import KEEPERS
from bihuan.packs.fire.visits.selectors import questions_like
from bihuan.packs.fire.workflows import OWNER

MOST = 10


def chain_told(project: Project, request: HttpRequest) -> dict[str, Any]:
    """Names of the template `fire/parts/chain.html`."""
    scope = request.scope
    keeps, labels = scope.holds(*KEEPERS), dict(STAGES)
    blocked = blockages_found(project=project.pk)[:MOST]
    return {
        "blockages": [{"row": one, "stage": gettext(labels[one.stage])} for one in blocked],
        "visits": project.visits.select_related("visitor").order_by("-planned_at")[:MOST],
        "questions": project.questions.select_related("owner", "visit").order_by("-answered_at", "due")[
            : 2 * MOST
        ],
        "like": questions_like(project) if keeps else [],
        "sites": project.sites.order_by("pk"),
        "may_keep": keeps,
        "may_ask": keeps or scope.holds(OWNER),
        "today": day_of(request.now),
    }
