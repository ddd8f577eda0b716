"""The demonstration city can be loaded at any moment: wherever `now` falls, no scripted move is refused.

What is rare in a script (calls in vain, answers sent back) comes often here, so that 120 orders meet it.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from bihuan.lib.text import SHANGHAI
from bihuan.packs.hotline.demonstration import loading as demo
from bihuan.packs.hotline.demonstration.script import _Writer
from tests.packs.hotline.test_demonstration import see_all, varied

MOMENTS = {
    "New Year's Day": "2026-01-01 09:00",
    "a month's last minute": "2026-02-28 23:59",
    "in the middle of the Spring Festival": "2026-02-17 08:00",
    "the first morning after it": "2026-02-24 08:31",
    "a Sunday that is worked": "2026-02-15 10:00",
    "a month's first minute": "2026-03-01 00:01",
    "Saturday night": "2026-03-14 23:30",
    "Sunday noon": "2026-04-19 12:00",
    "Monday before hours": "2026-06-22 06:30",
    "the noon break": "2026-06-30 12:45",
    "closing time on Friday": "2026-07-31 17:30",
    "the first morning after the National Day holidays": "2026-10-08 08:45",
}


@pytest.mark.django_db
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_the_city_loads_at_any_moment(moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    see_all()
    monkeypatch.setattr(demo, "run_orders", varied)
    monkeypatch.setattr(_Writer, "chance", lambda it, share: it.rng.random() < max(share, 0.3))
    until = datetime.strptime(moment, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
    run = demo.run_begin(count=120, seed=1, until=until, days=30)
    assert run is not None
    tally = demo.run_part(run)
    assert dict(tally.failures) == {}
    assert tally.orders == run.total
    assert tally.moves > 500
