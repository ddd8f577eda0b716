"""Projects that passed acceptance or filing, by year and owner: what a year brought, and the projects of one owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.db.models.functions import ExtractYear
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bihuan.kernel.cases.permission import page_require
from bihuan.kernel.desk.kept import figures_kept
from bihuan.lib.text import SHANGHAI
from bihuan.packs.fire.models import Covered, Project, ProjectCase, Stage
from bihuan.packs.fire.papers.selectors import cases_undone
from bihuan.packs.fire.projects.selectors import DONE
from bihuan.packs.fire.projects.services import KEEPERS

PAGE = 50
RESULTS = ("acceptance", "filing")


@dataclass(frozen=True, slots=True)
class Passed:
    """How many projects of an owner passed in a year."""

    year: int
    owner: str
    projects: int


def passed_cases() -> QuerySet[ProjectCase]:
    """What brought a project through: an acceptance or filing that passed, of a project without a stage that has not."""
    open_stage = Stage.objects.filter(work__project=OuterRef("project")).exclude(
        Exists(Covered.objects.filter(stage=OuterRef("pk"), outcome="passed"))
    )
    stands = ProjectCase.objects.filter(kind__in=RESULTS, case__state__in=DONE).exclude(
        case__in=cases_undone()
    )
    return stands.exclude(Exists(open_stage))


def passed_by_owner() -> list[Passed]:
    """Every year and owner, the latest year first, then the most projects."""
    rows = (
        passed_cases()
        .annotate(year=ExtractYear("case__closed_at", tzinfo=SHANGHAI))
        .values("year", "project__owner")
    )
    counted = rows.annotate(n=Count("project", distinct=True)).order_by("-year", "-n", "project__owner")
    return [Passed(row["year"], row["project__owner"], row["n"]) for row in counted]


def passed_projects(year: int, owner: str) -> QuerySet[Project]:
    """The projects of an owner that passed in a year."""
    found = passed_cases().filter(case__closed_at__year=year, project__owner=owner)
    return (
        Project.objects.filter(pk__in=found.values("project"))
        .annotate(at=Max("applications__case__closed_at"))
        .order_by("at", "pk")
    )


@login_required
@require_GET
def passed(request: HttpRequest) -> HttpResponse:
    """For the chief of fire review: how many projects of each owner passed in each year, and which."""
    page_require(request.scope, *KEEPERS)
    year, owner = request.GET.get("year", ""), request.GET.get("owner", "")[:120].replace("\0", "")
    chosen = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else 0
    context: dict[str, Any] = {"year": chosen, "owner": owner}
    if chosen and owner:
        context["page"] = Paginator(passed_projects(chosen, owner), PAGE).get_page(request.GET.get("page"))
    else:
        years = figures_kept("fire.passed", scope=request.scope, now=request.now, count=passed_by_owner)
        context["page"] = Paginator(years, PAGE).get_page(request.GET.get("page"))
    return render(request, "fire/passed.html", context)
