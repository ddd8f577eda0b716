"""A step that comes late tells the breach before it stops the clock, whether or not a sweep has run."""

from __future__ import annotations

from django.test import Client  # noqa: F401  the city's fixtures

from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from tests.desk.conftest import City


def test_a_late_step_tells_the_breach_before_it_stops_the_clock(city: City) -> None:
    opened = city.dispatched()
    city.move(opened.case, "sign_for", "wang", after=24 * 7)
    with kernel_writes():
        kinds = list(
            LedgerEntry.objects.filter(case_id=opened.case).order_by("seq").values_list("kind", flat=True)
        )
        sign = Clock.objects.get(case_id=opened.case, kind="sign")
    assert kinds.index("breach") < len(kinds) - 1
    assert kinds[-1] == "move"
    assert kinds.count("breach") == 1
    assert sign.stopped_at is not None and sign.level == 2
