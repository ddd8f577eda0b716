"""The hall: a simulated day of 4,000 tickets under the calling rule beside first-come-first-served, and from a call to the display.

The second part asks as the display does, every half second with its ETag, over HTTP, in a hall that took 4,000 tickets that day; it counts from
the call's commit until an answer holds it.
"""

from __future__ import annotations

import http.client
import json
import random
import time
from threading import Event, Thread
from typing import Any

from benchmarks.database import connect_as, django_ready, say, scratch
from benchmarks.loops import city, figure
from benchmarks.worklist import free_port, p95, serve, session_of, wait_for

NAME = "bench_hall"
SEED, TICKETS, CALLS, EVERY_S = 20_260_302, 4_000, 40, 0.5


def main() -> None:
    """Measure and print."""
    django_ready()
    _day()
    with scratch(NAME):
        connect_as("app", NAME)
        city()
        _display()


def _day() -> None:
    from bihuan.packs.onewindow.hall.comparison import compared

    began = time.perf_counter()
    found = compared(seed=SEED, tickets=TICKETS)
    say(
        f"a day of {TICKETS:,} tickets, three times, in {time.perf_counter() - began:.1f} s; minutes waited: mean, p95, longest"
    )
    for name, row in found.figures.items():
        ours, plain = row["ours"], row["first"]
        say(
            f"{name:<10}{ours.people:>6}{ours.mean:>8.1f}{ours.p95:>8.1f}{ours.longest:>8.1f}"
            f"   first come{plain.mean:>8.1f}{plain.p95:>8.1f}{plain.longest:>8.1f}"
        )
        peer = "first come, first served, the same day and windows"
        figure(f"hall_wait_mean_min_{name}", ours.mean, "min", peer, plain.mean)
    ours, plain = found.figures["all"]["ours"], found.figures["all"]["first"]
    figure("hall_wait_p95_min", ours.p95, "min", "first come, first served", plain.p95)
    figure("hall_wait_longest_min", ours.longest, "min", "first come, first served", plain.longest)


def _display() -> None:
    from django.db import transaction
    from django.utils import timezone

    from bihuan.kernel.identity.models import Person
    from bihuan.kernel.identity.scope import day_of, scope_of
    from bihuan.kernel.ledger.services import kernel_writes
    from bihuan.kernel.pack import roles
    from bihuan.packs.onewindow.hall import calling
    from bihuan.packs.onewindow.hall.models import HallWindow, Ticket

    now = timezone.now()
    with transaction.atomic(), kernel_writes():
        fang = Person.objects.get(username="fang").pk
        scope = scope_of(person=fang, at=now, roles=roles())
        unit = scope.held[0].unit
        window = HallWindow.objects.create(unit_id=unit, code="1", skills=["A"], since=now)
        rows = [
            Ticket(
                unit_id=unit, day=day_of(now), group="A", number=f"{day_of(now):%Y%m%d}A{n:04}", key=f"bench-{n}", way="kiosk",
                state="waiting" if n > TICKETS - CALLS * 2 else "served", turn=now, taken_at=now, window=window if n <= TICKETS - CALLS * 2 else None,
                last_call_at=now if n <= TICKETS - CALLS * 2 else None,
            )
            for n in range(1, TICKETS + 1)
        ]  # fmt: skip
        Ticket.objects.bulk_create(rows)
        calling.window_sit(window=window.pk, scope=scope, now=now)
    session, port = session_of("hall", NAME), free_port()
    connect_as("app", NAME)
    server = serve(port, NAME)
    seen: dict[str, float] = {}
    answers: list[float] = []
    over = Event()
    watcher = Thread(target=_watch, args=(port, session, seen, answers, over))
    try:
        wait_for(port, session)
        watcher.start()
        called = _called(window.pk, scope, calling)
        time.sleep(2)
    finally:
        over.set()
        watcher.join(10)
        server.terminate()
        server.wait(20)
    waits = sorted((seen[number] - at) * 1_000 for number, at in called.items())
    say(
        f"{len(waits)} calls on the display: {waits[len(waits) // 2]:.0f} ms median, {waits[-1]:.0f} ms the slowest; an answer {p95(answers):.0f} ms p95"
    )
    figure("hall_call_to_screen_ms", waits[-1], "ms, the slowest")
    figure("hall_screen_answer_p95_ms", p95(answers), "ms")


def _called(window: int, scope: Any, calling: Any) -> dict[str, float]:
    """Call and begin, at moments of no pattern; when each call was committed."""
    from django.utils import timezone

    dice, at = random.Random(SEED), {}
    for _ in range(CALLS):
        time.sleep(0.2 + dice.random() * 0.8)
        called = calling.ticket_call(window=window, scope=scope, now=timezone.now())
        at[called.shown] = time.perf_counter()
        calling.ticket_begin(ticket=called.pk, scope=scope, now=timezone.now())
    return at


def _watch(port: int, session: str, seen: dict[str, float], answers: list[float], over: Event) -> None:
    connection, tag = http.client.HTTPConnection("127.0.0.1", port, timeout=30), ""
    while not over.is_set():
        began = time.perf_counter()
        connection.request(
            "GET",
            "/onewindow/hall/screen/now",
            headers={"Cookie": f"sessionid={session}", "If-None-Match": tag},
        )
        answer = connection.getresponse()
        body, tag, present = answer.read(), answer.headers.get("ETag") or tag, time.perf_counter()
        answers.append((present - began) * 1_000)
        if answer.status == 200:
            for call in json.loads(body)["calls"]:
                seen.setdefault(call["number"], present)
        time.sleep(EVERY_S)


if __name__ == "__main__":
    main()
