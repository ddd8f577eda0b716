"""The page of the rules."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.identity.scope import day_of
from bihuan.packs.fire.basis.selectors import every_rule
from bihuan.packs.fire.projects.services import KEEPERS


@login_required
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """For the reviewer who is asked by which rule: every limit and ratio in force, its basis, and what nobody has verified yet."""
    page_require(request.scope, *KEEPERS)
    told = every_rule(on=day_of(request.now))
    return render(
        request, "fire/rules.html", {"rules": told, "assumed": sum(not one.verified for one in told)}
    )
