"""The demonstration's hall, and the day that the command plays."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from bihuan.kernel.appointments.models import Booking
from bihuan.kernel.identity.scope import scope_apply
from bihuan.packs.onewindow.demonstration.hall import COME, WINDOWS, hall_play
from bihuan.packs.onewindow.hall.models import HallWindow, Ticket
from tests.walks import EVERYTHING


@pytest.mark.parametrize(("hour", "minute"), [(0, 1), (1, 50), (23, 59)])
def test_there_is_somebody_in_every_state_at_any_hour_and_it_is_played_once(
    db: None, now: datetime, hour: int, minute: int
) -> None:
    scope_apply(EVERYTHING)
    until = now.replace(hour=hour, minute=minute)
    assert hall_play(until=until) == len(COME)
    states = Counter(Ticket.objects.values_list("state", flat=True))
    assert {"waiting", "serving", "served", "skipped"} <= set(states)
    booked = set(Booking.objects.values_list("state", flat=True))
    assert {"arrived", "booked", "cancelled"} | ({"missed"} if hour else set()) == booked
    assert HallWindow.objects.count() == len(WINDOWS)
    assert Ticket.objects.filter(taken_at__gt=until).count() == 0
    assert hall_play(until=until) == 0


def test_the_command_tells_a_day_beside_first_come_first_served() -> None:
    out = StringIO()
    call_command("onewindow", "simulate", "--tickets", "300", "--seed", "5", "--days", "2", stdout=out)
    lines = out.getvalue().splitlines()
    assert "一天 300 个号、8 个窗口(种子 5,2 天的平均)" in lines[0]
    assert lines[1] == " | 大厅的规则 | 先来先叫 | 每类各排各的队"
    assert [line.split()[-1] for line in lines[2:7]] == [
        "所有人",
        "优先的人",
        "有预约的人(从约定时间算)",
        "咨询和取件",
        "其余的人",
    ]
    assert [line.split(":")[0] for line in lines[7:]] == [
        "大厅的规则",
        "先来先叫",
        "每类各排各的队",
        "让先的代价",
    ]
    for wrong, said in (("--tickets", "号数应为 1 至 20000"), ("--days", "天数应为 1 至 20")):
        with pytest.raises(CommandError, match=said):
            call_command("onewindow", "simulate", wrong, "0")
