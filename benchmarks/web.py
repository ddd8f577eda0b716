"""Many at once over HTTP at 151,404 orders: requests a second of two workers, and fifty people at the ten most used pages.

`python -m benchmarks.web [MINUTES]`: granian serves the seeded year's database with two workers of four threads, as `up` does.

1. Eight connections ask without a pause, one after another: for the clerk's worklist and a case page in turn, and then, on the same
   server, for a page of the framework alone that asks PostgreSQL `select 1`: the peer.
2. Fifty people, each with one connection, open the ten most used pages in random order, with two to six seconds between an answer and the
   next request, as somebody who works quickly; five minutes unless said. Any answer but 200 is an error, and the benchmark fails.

Before, each page is asked for once by each of the eight. Resident memory of each worker is read after the first fifth and at the end.
"""

from __future__ import annotations

import http.client
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from benchmarks.database import connect_as, django_ready, say
from benchmarks.loops import figure
from benchmarks.worklist import free_port, p95, serve, session_of, wait_for

WORKERS, CONNECTIONS, SECONDS = 2, 8, 20
USERS, MINUTES, THINK = 50, 5.0, (2.0, 6.0)
BARE = "/bare"
PAGES = {
    "li": ("/hotline/new", "/search?q=物业", "/cases/{number}"),
    "wang": ("/", "/mine", "/cases/{number}"),
    "sun": ("/head", "/queue"),
    "zhao": ("/queue",),
    "liu": ("/queue",),
    "tang": ("/overview", "/"),
}
"""Ten pages; of the worklist, the queue and the case those of different people count as one."""
WEIGHTS = {"li": 15, "wang": 20, "sun": 4, "zhao": 4, "liu": 4, "tang": 3}
"""Of fifty people so many are each of these."""

if os.environ.get("BIHUAN_BENCH_SERVES"):  # imported by granian: the site, and a bare page beside it
    django_ready()
    connect_as("app", os.environ["BIHUAN_BENCH_SERVES"])
    from bihuan.site.wsgi import application as site

    def application(environ: dict[str, object], start: Callable[..., object]) -> object:
        """The site; at `/bare` a page of Django's alone, after one statement."""
        if environ.get("PATH_INFO") != BARE:
            return site(environ, start)
        from django.db import connection
        from django.http import HttpResponse

        with connection.cursor() as cursor:
            cursor.execute("select 1")
            answer = HttpResponse(b"%d" % cursor.fetchone()[0] * 3000)
        start("200 OK", list(answer.items()))
        return [answer.content]


class Asker:
    """One connection; `times` are milliseconds, `errors` what was answered instead of a page."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.times: list[float] = []
        self.errors: list[str] = []

    def ask(self, path: str, session: str) -> None:
        begun = time.perf_counter()
        try:
            self.connection.request(
                "GET", quote(path, safe="/?&=%"), headers={"Cookie": f"sessionid={session}"}
            )
            answer = self.connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.errors.append(f"{path} {type(error).__name__}")
            self.connection.close()
            return
        if answer.status != 200 or len(body) < 2000:
            self.errors.append(f"{path} {answer.status}")
        self.times.append((time.perf_counter() - begun) * 1000)


def main() -> None:
    """Measure and print; exit status 1 when anything was answered with an error."""
    from benchmarks.pages import known
    from benchmarks.year import year_ready

    django_ready()
    year_ready()
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    words = known()
    pages = {person: [path.format_map(words) for path in paths] for person, paths in PAGES.items()}
    sessions = {person: session_of(person) for person in PAGES}
    port = free_port()
    server = serve(port, workers=WORKERS, application="benchmarks.web:application")
    try:
        wait_for(port, sessions["wang"])
        errors = _warmed(port, sessions, pages)
        errors += _fastest(port, sessions["wang"], pages["wang"])
        errors += _together(port, server.pid, sessions, pages, minutes)
    finally:
        server.terminate()
        server.wait(20)
    if errors:
        raise SystemExit(f"{len(errors)} errors, among them: {errors[:5]}")


def _warmed(port: int, sessions: dict[str, str], pages: dict[str, list[str]]) -> list[str]:
    """Each page once by each connection, so that every thread of both workers has begun; what failed."""
    askers = [Asker(port) for _ in range(CONNECTIONS)]

    def run(asker: Asker) -> None:
        for person, paths in pages.items():
            for path in paths:
                asker.ask(path, sessions[person])

    _all(run, askers)
    return [error for asker in askers for error in asker.errors]


def _fastest(port: int, session: str, mine: list[str]) -> list[str]:
    """Requests a second for the site's pages and for the bare one; what failed."""
    site = [Asker(port) for _ in range(CONNECTIONS)]
    ours = _rate(site, ["/", mine[-1]], session)
    bare = [Asker(port) for _ in range(CONNECTIONS)]
    figure("web_requests_per_s", ours, "/s", "a bare page with `select 1`", _rate(bare, [BARE], session))
    return [error for asker in (*site, *bare) for error in asker.errors]


def _rate(askers: list[Asker], paths: list[str], session: str) -> float:
    end = time.monotonic() + SECONDS

    def run(asker: Asker) -> None:
        while time.monotonic() < end:
            for path in paths:
                asker.ask(path, session)

    begun = time.monotonic()
    _all(run, askers)
    return sum(len(asker.times) for asker in askers) / (time.monotonic() - begun)


def _together(
    port: int, pid: int, sessions: dict[str, str], pages: dict[str, list[str]], minutes: float
) -> list[str]:
    """Fifty people for so many minutes; what failed."""
    people = [person for person, count in WEIGHTS.items() for _ in range(count)]
    askers = [Asker(port) for _ in people]
    end = time.monotonic() + minutes * 60

    def run(asker: Asker) -> None:
        number = askers.index(asker)
        person, chance = people[number], random.Random(number)
        time.sleep(chance.uniform(0, THINK[1]))
        while time.monotonic() < end:
            asker.ask(chance.choice(pages[person]), sessions[person])
            time.sleep(chance.uniform(*THINK))

    early: list[float] = []
    watch = threading.Timer(minutes * 12, lambda: early.extend(_resident(pid)))
    watch.start()
    _all(run, askers)
    late = _resident(pid)
    watch.join()
    times = [ms for asker in askers for ms in asker.times]
    say(
        f"{len(times):,} requests of {USERS} people in {minutes:g} minutes, {THINK[0]:g} to {THINK[1]:g} s between"
    )
    say(
        f"{p95(times):.1f} ms p95, {sorted(times)[len(times) // 2]:.1f} ms median, {max(times):.1f} ms at most"
    )
    say(f"resident MB of each worker after a fifth: {early}, at the end: {late}")
    figure("users_50_p95_ms", p95(times), "ms")
    figure(
        "users_50_memory_growth_mb", sum(late) - sum(early), "MB, both workers", "after a fifth", sum(early)
    )
    return [error for asker in askers for error in asker.errors]


def _all(run: Callable[[Asker], None], askers: list[Asker]) -> None:
    threads = [threading.Thread(target=run, args=(asker,)) for asker in askers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _resident(pid: int) -> list[float]:
    """Resident memory in MB of each worker."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    found = []
    for one in listed:
        text = Path(f"/proc/{one}/status").read_text()
        found += [int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmRSS")]
    return [round(one, 1) for one in found if one > 60]


if __name__ == "__main__":
    main()
