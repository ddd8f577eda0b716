"""Reading the checks of commitments, as far as the present scope sees them."""

from __future__ import annotations

from bihuan.lib.declared import declared
from bihuan.packs.onewindow.commitments.workflow import WORKFLOW
from bihuan.packs.onewindow.models import Commitment


def commitments_of(application: int) -> list[tuple[str, str]]:
    """Number and state, in the page's language, of the checks of an application's commitment."""
    rows = Commitment.objects.filter(application=application).order_by("pk")
    found = rows.values_list("case__number", "case__state")
    return [(number, declared(WORKFLOW.state[state].label, "state")) for number, state in found]
