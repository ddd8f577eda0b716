"""What merged handling adds to a case: the network with each part's state, on the whole and on each of its parts."""

from __future__ import annotations

from bihuan.kernel.bundles.models import Part as PartOfWhole
from bihuan.kernel.bundles.selectors import network_happening
from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.case.page import CasePage
from bihuan.kernel.desk.case.parts import Part
from bihuan.packs.fire.merging.models import Merged
from bihuan.packs.fire.merging.selectors import permits_unsettled

WORKFLOWS = ("merged/", "merged_part/", "design/")


def merged_parts(page: CasePage) -> list[Part]:
    """The network of a merged application, or of the one that this case is a part of; nothing for any other case."""
    if not page.case.workflow.startswith(WORKFLOWS):
        return []
    whole = (
        PartOfWhole.objects.filter(case=page.case.pk).values_list("bundle", flat=True).first() or page.case.pk
    )
    network = network_happening(whole, today=page.today)
    row = Merged.objects.select_related("project").filter(pk=whole).first()
    if network is None or row is None:
        return []
    number = ""
    if whole != page.case.pk:
        number = Case.objects.filter(pk=whole).values_list("number", flat=True).first() or ""
    told = {
        "network": network,
        "project": row.project,
        "whole": number,
        "unsettled": permits_unsettled(row.project_id),
    }
    return [Part("fire/parts/merged.html", told)]
