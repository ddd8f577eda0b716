"""The demonstration's hall, and the day that the command plays."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from bihuan.kernel.identity.scope import scope_apply
from bihuan.packs.onewindow.demonstration.hall import COME, WINDOWS, hall_play
from bihuan.packs.onewindow.hall.models import HallWindow, Ticket
from tests.walks import EVERYTHING


@pytest.mark.parametrize(("hour", "minute"), [(0, 1), (10, 40), (23, 59)])
def test_there_is_somebody_in_every_state_at_any_hour_and_it_is_played_once(
    db: None, now: datetime, hour: int, minute: int
) -> None:
    scope_apply(EVERYTHING)
    until = now.replace(hour=hour, minute=minute)
    assert hall_play(until=until) == len(COME)
    states = Counter(Ticket.objects.values_list("state", flat=True))
    assert {"waiting", "serving", "served", "skipped"} <= set(states)
    assert HallWindow.objects.count() == len(WINDOWS)
    assert Ticket.objects.filter(taken_at__gt=until).count() == 0
    assert hall_play(until=until) == 0


def test_the_command_tells_a_day_beside_first_come_first_served() -> None:
    out = StringIO()
    call_command("onewindow", "simulate", "--tickets", "300", "--seed", "5", stdout=out)
    lines = out.getvalue().splitlines()
    assert "一天 300 个号(种子 5)" in lines[0]
    assert lines[1].split()[0] == "300"
    assert [line.split()[-1] for line in lines[1:]] == [
        "所有人",
        "优先的人",
        "有预约的人(从约定时间算)",
        "咨询和取件",
        "其余的人",
    ]
    with pytest.raises(CommandError, match="号数应为 1 至 20000"):
        call_command("onewindow", "simulate", "--tickets", "0")
