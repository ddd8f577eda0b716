"""Two windows at once, each with a connection of its own, on committed tickets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from bihuan.kernel.identity.scope import scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.hall.models import HallWindow, Ticket
from tests.committed import cases_emptied, connected, together
from tests.packs.onewindow.conftest import Window
from tests.packs.onewindow.test_hall import Hall
from tests.walks import EVERYTHING

TICKETS = 24


@pytest.fixture
def hall(
    django_db_setup: None, django_db_blocker: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hall]:
    monkeypatch.setattr(Window, "item_of", lambda self, code: None)
    with django_db_blocker.unblock(), cases_emptied():  # each service has its evaluation
        with transaction.atomic():
            scope_apply(EVERYTHING)
            found = Hall(Window(now))
        yield found
        with connected("owner"), connection.cursor() as cursor:
            cursor.execute("truncate onewindow_ticket, onewindow_hall_window, numbering_counter cascade")


def test_two_windows_never_call_the_same_ticket(hall: Hall) -> None:
    with transaction.atomic():
        scope_apply(EVERYTHING)
        for n in range(TICKETS):
            hall.take("AB"[n % 2])
        hall.sit("1", "fang")
        hall.sit("2", "hou")

    both = Barrier(2)

    def calls(code: str, who: str) -> list[int]:
        found: list[int] = []
        while called := hall.call(code, who):
            hall.do("begin", called, who)
            if not found:
                both.wait(10)  # each has somebody before either goes on
            found.append(called.pk)
        return found

    first, second = together(lambda: calls("1", "fang"), lambda: calls("2", "hou"))
    assert isinstance(first, list) and isinstance(second, list), (first, second)
    assert len(first) + len(second) == TICKETS == len({*first, *second})
    with transaction.atomic(), kernel_writes():
        assert set(Ticket.objects.values_list("state", flat=True)) == {"served"}
        assert HallWindow.objects.filter(state="open").count() == 2


def test_numbers_taken_at_once_have_no_gap_and_one_key_is_one_ticket(hall: Hall) -> None:
    def take(start: int) -> list[str]:
        same = [hall.take("A", key=f"same-{n}").shown for n in range(6)]
        return same + [hall.take("A", key=f"race-{start}-{n}").shown for n in range(9)]

    first, second = together(lambda: take(0), lambda: take(1))
    assert isinstance(first, list) and isinstance(second, list), (first, second)
    assert first[:6] == second[:6]
    assert sorted({*first, *second}) == [f"A{n:03}" for n in range(1, 25)]


def test_the_last_calls_of_a_whole_day_are_found_by_an_index(hall: Hall) -> None:
    rows = [
        Ticket(
            unit_id=hall.unit, day=hall.window.now.date(), group="A", number=f"20260302A{n:04}", key=f"day-{n}", way="kiosk", state="served",
            turn=hall.window.now, taken_at=hall.window.now, last_call_at=hall.window.now + timedelta(seconds=n), window_id=hall.windows["1"],
        )
        for n in range(1, 4001)
    ]  # fmt: skip
    with transaction.atomic(), kernel_writes(), connection.cursor() as cursor:
        Ticket.objects.bulk_create(rows)
        cursor.execute(
            "explain select id from onewindow_ticket where unit_id = %s and day = %s and last_call_at is not null"
            " order by last_call_at desc limit 8",
            [hall.unit, hall.window.now.date()],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "onewindow_ticket_calls" in plan
