"""Reading the checks of commitments, as far as the present scope sees them."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from bihuan.lib.declared import declared
from bihuan.packs.onewindow.commitments.workflow import WORKFLOW
from bihuan.packs.onewindow.models import Commitment

REPAIRERS = ("bureau_head", "supervisor")
READERS = (*REPAIRERS, "section_chief")
"""Who repairs an entry of the register of the discredited, and who reads it."""


def commitments_of(application: int) -> list[tuple[str, str]]:
    """Number and state, in the page's language, of the checks of an application's commitment."""
    rows = Commitment.objects.filter(application=application).order_by("pk")
    found = rows.values_list("case__number", "case__state")
    return [(number, declared(WORKFLOW.state[state].label, "state")) for number, state in found]


def discredited(today: date) -> QuerySet[Commitment]:
    """The entries of the register that count on a day: begun, not over and not repaired."""
    return Commitment.objects.filter(
        discredited_from__lte=today, discredited_until__gte=today, repaired_on=None
    )


def discredited_ever() -> QuerySet[Commitment]:
    """All entries of the register, those begun last first, with application, item and who entered and repaired them."""
    rows = Commitment.objects.exclude(discredited_from=None).order_by("-discredited_from", "-pk")
    return rows.select_related("case", "application__case", "application__version", "repaired_by")
