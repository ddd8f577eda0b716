"""All that is wrong with an application on line, told at once, each beside its own field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.sentences import told
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.files import FILE
from bihuan.packs.onewindow.applying.materials import Materials, date_faults, numbered, states_of
from bihuan.packs.onewindow.applying.receiving import (
    DATED,
    PARTY,
    dates_told,
    received_faults,
    subject_clean,
)
from bihuan.packs.onewindow.instant.services import holdings
from bihuan.packs.onewindow.online.wanted import Wanted

SIGNED = "signed"


def faults_of(
    wanted: Wanted,
    typed: Mapping[str, Any],
    *,
    present: Sequence[str],
    identity: str,
    verified: bool,
    now: datetime,
) -> dict[str, str]:
    """What is wrong by the name of its control, in the order of the page: who applies, then each material's file and day. `present` are
    the numbers of the files that came, `identity` the applicant's number as it is kept. What the city issued counts for whoever is
    `verified` alone: nobody learns it by typing another's number."""
    today = timezone.localdate(now)
    faults = [one for one in received_faults(typed, today=today) if one.field != "present"]
    if wanted.page.get("subject"):
        faults = [*_subject(typed), *faults]
    who = {one.field: told(one) for one in faults}
    known = None if who.keys() & set(PARTY) else {"name": typed["name"].strip(), "identity": identity}
    signed = bool(wanted.committed and typed.get(SIGNED))
    missing = [] if signed else files_missing(wanted.materials, present, known, now, looks=verified)
    dated, no_days = dates_told(typed)
    days = {**date_faults(wanted.materials, present, dated, today), **no_days}
    return {
        **who,
        **{f"{FILE}{number}": _("必要的材料,还没有传。") for number in missing},
        **{f"{DATED}{number}": told(fault) for number, fault in days.items() if number in present},
    }


def files_missing(
    materials: Materials, present: Sequence[str], who: Mapping[str, str] | None, now: datetime, *, looks: bool
) -> list[str]:
    """The required materials that did not come and may not follow; `looks`: what the city issued need not come. While nobody knows `who`
    applies, what it may have issued is not missed."""
    looks = looks and any(one.get("register") for one in materials)
    states = states_of(materials, present, holdings(**who, now=now) if who and looks else None)
    return [
        number
        for number, one in numbered(materials).items()
        if states[number] == "lacking" and one["required"] and not one["may_lack"] and (who or not one.get("register"))
    ]  # fmt: skip


def _subject(typed: Mapping[str, Any]) -> list[FieldError]:
    try:
        subject_clean(typed.get("subject", ""))
    except FieldError as fault:
        return [fault]
    return []
