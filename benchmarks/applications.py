"""10,000 applications a day through the API: sent at once, four at a time, each numbered, accepted and committed before its answer;
before that, at the rate of a day's 10,000 within one hour, each timed from the moment at which it was due.

`python -m benchmarks.applications [COUNT]`: granian serves with two workers, as `up` does. Before and after, over the same four
connections, a request of the API that does nothing but know who asks (one unit read): the peer. What was accepted is counted at the end.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from typing import Any

from benchmarks.database import connect_as, django_ready, say, scratch
from benchmarks.loops import city, figure
from benchmarks.worklist import free_port, p95, serve

NAME = "bench_applications"
COUNT, CONNECTIONS, WARM, EMPTY = 10_000, 4, 40, 1_000
HOUR = 10_000 / 3_600
"""Applications a second when a day's come within one hour."""
PACED = 250


class Sender:
    """One connection of a machine account; milliseconds of each answer."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: Any = None, key: str = "") -> float:
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        begun = time.perf_counter()
        self.connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = self.connection.getresponse()
        said = answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{path} answered {answer.status}: {said.decode()[:300]}")
        return (time.perf_counter() - begun) * 1000


def main() -> None:
    """Measure and print; the value is the p95 of an application in milliseconds."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    django_ready()
    with scratch(NAME):
        token, items = _ready()
        port = free_port()
        server = serve(port, NAME, workers=2)
        try:
            _wait(port, token)
            _sent(port, token, lambda n: ("POST", _application(items, n), f"warm-{n}"), WARM)
            empty = _sent(port, token, lambda n: ("GET", None, ""), EMPTY)
            paced = _sent(
                port, token, lambda n: ("POST", _application(items, n), f"paced-{n}"), PACED, pace=HOUR
            )
            begun = time.perf_counter()
            times = _sent(port, token, lambda n: ("POST", _application(items, n), f"bench-{n}"), count)
            seconds = time.perf_counter() - begun
            empty += _sent(port, token, lambda n: ("GET", None, ""), EMPTY)
        finally:
            server.terminate()
            server.wait(20)
        _counted(count + WARM + PACED)
    ordered = sorted(times)
    say(
        f"{count:,} applications, {CONNECTIONS} at a time, in {seconds:.0f} s ({count / seconds:.0f}/s): {ordered[count // 2]:.1f} ms median,"
        f" {p95(times):.1f} ms p95, {ordered[int(count * 0.99)]:.1f} ms p99; an empty request {sorted(empty)[EMPTY]:.1f} ms median, {p95(empty):.1f} ms p95"
    )
    figure("application_hour_p95_ms", p95(paced), "ms, a day's 10,000 within an hour")
    figure("application_p95_ms", p95(times), "ms", "an empty authenticated request, p95", p95(empty))
    figure("application_p99_ms", ordered[int(count * 0.99)], "ms")
    figure("applications_per_day_at_this_rate", count / seconds * 86_400, "applications")


def _ready() -> tuple[str, list[str]]:
    """The demonstration city, four items (a 办件编码 counts to 9999 an item and day), a machine account: its token, the items' codes."""
    from django.db import transaction
    from django.utils import timezone

    from bihuan.kernel.desk.api.tokens import token_issue
    from bihuan.packs.onewindow.catalogue.services import item_add
    from bihuan.packs.onewindow.demonstration.items import SAMPLES, implementation_code

    connect_as("worker", NAME)
    units, _people = city()
    connect_as("app", NAME)
    with transaction.atomic():
        one, now = SAMPLES[0], timezone.now()
        codes = [implementation_code(one.slug, f"{one.base[:-1]}{n}") for n in range(4)]
        for code in codes:
            item_add(
                code=code,
                scheme="national",
                given=one.given,
                unit=units["371502_market"],
                now=now,
                by="system",
            )
        token, _row = token_issue(username="fang", days=1, now=timezone.now(), by="bench")
    return token, codes


def _application(items: list[str], n: int) -> dict[str, Any]:
    from bihuan.lib.identifiers import id_check_digit

    first = f"371502{1960 + n % 40}0{1 + n % 9}1{n % 10}{n % 1000:03}"
    return {
        "item": items[n % len(items)], "applicant": "person", "name": "宋晓梅", "id_number": first + id_check_digit(first), "phone": f"199{n:08}",
        "materials": {"1": "present", "2": "present", "4": "present", "5": "present", "6": "present"}, "dated": {"6": f"{time.localtime().tm_year}-01-01"}, "external_id": f"bench-{n}-{time.monotonic_ns()}",
    }  # fmt: skip


def _sent(port: int, token: str, request: Any, count: int, *, pace: float = 0) -> list[float]:
    """Milliseconds of `count` requests over four connections, each the next one as soon as it is answered; with a `pace`, so many
    a second, each from the moment at which it was due.
    """
    begun = time.perf_counter()
    times: list[float] = []
    numbers = iter(range(count))
    lock = threading.Lock()

    def run() -> None:
        sender = Sender(port, token)
        while True:
            with lock:
                n = next(numbers, None)
            if n is None:
                return
            method, body, key = request(n)
            path = "/api/onewindow/applications" if body else "/api/units?limit=1"
            due = begun + n / pace if pace else time.perf_counter()
            time.sleep(max(0.0, due - time.perf_counter()))
            waited = (time.perf_counter() - due) * 1000
            times.append(waited + sender.ask(method, path, body, key))

    threads = [threading.Thread(target=run) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(times) != count:
        raise SystemExit(f"{len(times)} of {count} were answered")
    return times


def _wait(port: int, token: str) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            Sender(port, token).ask("GET", "/api/units?limit=1")
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _counted(count: int) -> None:
    """Every one is there once, with a number and a 办件编码 of its own; SystemExit otherwise."""
    connect_as("worker", NAME)
    from bihuan.packs.onewindow.models import Application

    rows = Application.objects.exclude(case_code=None)
    found = (rows.count(), rows.values("case__number").distinct().count())
    if found != (count, count):
        raise SystemExit(f"{found} instead of {count} applications")


if __name__ == "__main__":
    main()
