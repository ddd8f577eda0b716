"""The units of a case: who leads, who assists and how far that is, who may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case, Viewer
from bihuan.kernel.clocks.rulebook import Rulebook
from bihuan.kernel.desk.time_left import NONE, TimeLeft, case_left, limits_pressing
from bihuan.kernel.desk.words import state_label
from bihuan.kernel.sentences import named


@dataclass(frozen=True, slots=True)
class UnitTold:
    """A unit's part in a case; of an assisting unit the number, state and time left of its own case."""

    role: str
    name: str
    handler: str = ""
    number: str = ""
    state: str = ""
    left: TimeLeft = NONE


def units_told(case: Case, children: Sequence[Case], *, now: datetime, book: Rulebook) -> list[UnitTold]:
    """Lead, assisting units, and those that see the case besides: two queries, one when nobody assists."""
    lead = gettext("协办") if case.parent_id else gettext("暂管") if case.provisional else gettext("主办")
    told = [UnitTold(lead, named(case.unit), case.handler.name if case.handler else "")]
    clocks = limits_pressing(child.pk for child in children) if children else {}
    for child in children:
        left = case_left(
            due=child.due_at,
            warn=child.warn_at,
            clocks=clocks.get(child.pk, []),
            now=now,
            calendar=book.calendar,
        )
        state = state_label(child.workflow, child.state)
        told.append(
            UnitTold(
                gettext("协办"),
                named(child.unit),
                "",
                child.number,
                state,
                NONE if child.closed_at else left,
            )
        )
    known = {case.unit_id, *(child.unit_id for child in children)}
    seeing = Viewer.objects.filter(case=case).exclude(unit__in=known).select_related("unit")
    told += [UnitTold(gettext("可查看"), named(viewer.unit)) for viewer in seeing.order_by("unit__code")]
    return told
