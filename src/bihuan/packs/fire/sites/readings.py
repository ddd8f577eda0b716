"""Readings of a site's devices: taken by telemetry under this pack's limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.fire.roles import SITE_GATEWAY
from bihuan.packs.fire.sites.hazards import alarm_open
from bihuan.packs.fire.sites.kinds import DEVICES
from bihuan.packs.fire.sites.selectors import limits_known, number_in_force
from bihuan.telemetry.services import Given, Taken, Times, readings_take


def site_readings_take(
    *, scope: Scope, given: Sequence[Given], now: datetime, subject: str = ""
) -> tuple[Taken, list[str]]:
    """Take readings of the devices that the gateway's units keep, with a `subject` of those alone that stand there. Returns what became
    of them and the numbers of the hazards that the alarms opened, one for each episode.
    """
    today = day_of(now)
    times = Times(
        ahead=timedelta(minutes=number_in_force("fire.readings_ahead", today)),
        late=timedelta(days=number_in_force("fire.readings_late", today)),
    )
    units = {held.unit for held in scope.held if held.role == SITE_GATEWAY}
    with transaction.atomic():
        taken = readings_take(
            given=given,
            kinds=DEVICES,
            limits=limits_known(),
            units=units,
            times=times,
            now=now,
            subject=subject,
        )
        with kernel_writes():
            return taken, [alarm_open(episode, now) for episode in taken.begun]
