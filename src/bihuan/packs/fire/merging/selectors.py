"""Reading the merged applications of a project."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.grounds import RESTS
from bihuan.kernel.certificates.models import Certificate, Change
from bihuan.kernel.certificates.rules import REVOKED, VALID
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.numbering.formats import FormatError
from bihuan.packs.fire.merging.models import Merged
from bihuan.packs.fire.models import Project
from bihuan.packs.fire.papers.kinds import KINDS
from bihuan.packs.fire.papers.selectors import cases_undone

PERMIT_NUMBER = next(kind.number_format for kind in KINDS if kind.code == "fire_permit")
AFTER = ("acceptance", "filing")
STANDING = ("parallel", "permitted")


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A construction permit that holds although the opinion on the design (`opinion`, its number) is revoked; `asked`: its organ has been
    asked, and has not decided."""

    permit: Certificate
    opinion: str
    asked: bool


def merged_of(project: Project) -> list[Case]:
    """The project's merged applications that may be seen, newest first."""
    return list(Case.objects.filter(pk__in=project.merged.values("case")).order_by("-pk"))


def merged_stands(project: Project) -> bool:
    """Are the project's formalities being handled together, or were they with success?"""
    permits = Certificate.objects.filter(kind="fire_permit", state=REVOKED).values("case")
    revoked = Q(case__state="permitted", case__bundle__parts__case__in=permits)
    return project.merged.filter(case__state__in=STANDING).exclude(revoked).exists()


def project_of_permit(number: str) -> int | None:
    """The project that a construction permit issued here and not revoked was granted to, whoever may see it."""
    with kernel_writes():
        issued = Certificate.objects.filter(kind="fire_permit", number=number)
        permit = issued.exclude(state=REVOKED).values("case")
        found = Merged.objects.filter(case__bundle__parts__case__in=permit)
        return found.values_list("project", flat=True).first()


def is_own_permit(number: str) -> bool:
    """Is a number written as this office writes those of its construction permits?"""
    try:
        PERMIT_NUMBER.parse(number)
    except FormatError:
        return False
    return True


def is_built(project: Project) -> bool:
    """Has the project been built already, so that no construction permit is to come?"""
    return project.legacy or project.applications.filter(kind__in=AFTER).exists()


def permits_of(project: Project) -> QuerySet[Certificate]:
    """The construction permits of a project that hold today."""
    wholes = project.merged.values("case")
    held = Certificate.objects.filter(kind="fire_permit", state=VALID, case__bundle_part__bundle__in=wholes)
    return held.order_by("pk")


def review_stands(project: Project) -> bool:
    """Does its design need no review, or has it passed one that was neither revoked nor overtaken by a change?"""
    if not project.special or project.legacy:
        return True
    of = project.applications.filter(kind="design").values("case")
    passed = Case.objects.filter(pk__in=of, state="passed").exclude(pk__in=cases_undone())
    if project.design_changed_at is not None:
        passed = passed.filter(opened_at__gt=project.design_changed_at)
    return passed.exists()


def permits_unsettled(project: int) -> list[Unsettled]:
    """The permits of a project (its id) that rest on a revoked opinion, until their organ has decided (suspended, revoked, or left as it is with the reason) or
    the design has passed again."""
    with kernel_writes():  # numbers that anybody may check: a site's supervisor reads them too
        return _unsettled(Project.objects.get(pk=project))


def _unsettled(project: Project) -> list[Unsettled]:
    of = project.applications.filter(kind="design").values("case")
    opinion = (
        Certificate.objects.filter(kind="fire_design_opinion", state=REVOKED, case__in=of)
        .order_by("-state_at")
        .first()
    )
    if opinion is None or review_stands(project):
        return []
    asked = Change.objects.filter(certificate=OuterRef("pk"), ground=RESTS, asked_at__gte=opinion.state_at)
    rows = permits_of(project).annotate(
        decided=Exists(asked.filter(outcome__in=("granted", "refused"))),
        waits=Exists(asked.filter(outcome="")),
    )
    return [Unsettled(one, opinion.number, one.waits) for one in rows.filter(decided=False)]
