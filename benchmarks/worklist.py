"""The worklist over HTTP at 151,404 cases: the slowest of clerk, head and supervisor, beside the page's SQL alone; and the
supervisor's page of the whole district in the same way.

Granian serves the site from the seeded year's database; each person asks for the page 200 times after a warm-up, one
request at a time over one connection.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.database import YEAR, connect_as, django_ready, say
from benchmarks.loops import figure

PEOPLE = {"wang": "clerk", "sun": "head", "tang": "supervisor"}
DISTRICT = "/overview"
WARM_UP, REQUESTS = 20, 200

if os.environ.get("BIHUAN_BENCH_SERVES"):  # imported by granian: the site on the benchmark's database
    django_ready()
    connect_as("app", os.environ["BIHUAN_BENCH_SERVES"])
    from bihuan.site.wsgi import application  # noqa: F401


def main() -> None:
    """Measure and print; the value is the worst p95 in milliseconds."""
    from benchmarks.year import year_ready

    django_ready()
    year_ready()
    sessions = {name: session_of(name) for name in PEOPLE}
    port = free_port()
    server = serve(port)
    try:
        wait_for(port, sessions["wang"])
        ours = {name: asked(port, session) for name, session in sessions.items()}
        district = asked(port, sessions["tang"], DISTRICT)
        peak = memory_peak(server.pid)
    finally:
        server.terminate()
        server.wait(20)
    peers = {name: _replayed(session) for name, session in sessions.items()}
    for name, role in PEOPLE.items():
        say(
            f"{role:<12}{p95(ours[name]):>8.1f} ms p95{sorted(ours[name])[REQUESTS // 2]:>8.1f} ms median{p95(peers[name]):>8.1f} ms SQL alone"
        )
    worst = max(PEOPLE, key=lambda name: p95(ours[name]))
    figure("worklist_p95_ms", p95(ours[worst]), "ms", "the page's SQL alone", p95(peers[worst]))
    bare = _replayed(sessions["tang"], DISTRICT)
    figure("supervisor_p95_ms", p95(district), "ms", "the page's SQL alone", p95(bare))
    figure("web_peak_mb", peak, "MB a process")


def session_of(username: str, database: str = YEAR) -> str:
    """A session of this person, as the log-in makes one."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from bihuan.kernel.identity.models import Person

    connect_as("owner", database)
    person = Person.objects.get(username=username)
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(
    port: int,
    database: str = YEAR,
    *,
    workers: int = 1,
    application: str = "benchmarks.worklist:application",
) -> subprocess.Popen[bytes]:
    """Granian with the site on that database."""
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--workers",
        str(workers),
        "--blocking-threads",
        "4",
    ]
    command += [
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--log-level",
        "warning",
        application,
    ]
    return subprocess.Popen(command, env={**os.environ, "BIHUAN_BENCH_SERVES": database})


def _get(connection: http.client.HTTPConnection, session: str, path: str = "/") -> float:
    """Milliseconds of one request for a page."""
    begun = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": f"sessionid={session}"})
    answer = connection.getresponse()
    body = answer.read()
    spent = (time.perf_counter() - begun) * 1000
    page = str(answer.getheader("Content-Type", "")).startswith("text/html")
    if answer.status != 200 or (page and len(body) < 2000):
        raise SystemExit(f"{path} answered {answer.status} with {len(body)} bytes")
    return spent


def wait_for(port: int, session: str) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            _get(http.client.HTTPConnection("127.0.0.1", port, timeout=30), session)
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def asked(port: int, session: str, path: str = "/", *, requests: int = REQUESTS) -> list[float]:
    """Milliseconds of each of many requests over one connection, after a warm-up."""
    connection, address = http.client.HTTPConnection("127.0.0.1", port, timeout=30), quote(path, safe="/?&=%")
    times = [_get(connection, session, address) for _ in range(requests // 10 + requests)]
    connection.close()
    return times[requests // 10 :]


def _replayed(session: str, path: str = "/") -> list[float]:
    """Milliseconds of the page's own statements, one after the other, without Django."""
    from django.db import connection, transaction
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    connect_as("app", YEAR)
    client = Client()
    client.cookies["sessionid"] = session
    client.get(path, HTTP_HOST="127.0.0.1")
    with CaptureQueriesContext(connection) as found:
        client.get(path, HTTP_HOST="127.0.0.1")
    statements = [
        query["sql"]
        for query in found.captured_queries
        if query["sql"].lstrip().lower().startswith(("select", "with"))
    ]
    times = []
    for _ in range(WARM_UP + REQUESTS):
        with transaction.atomic():
            raw: Any = connection.connection
            begun = time.perf_counter()
            for statement in statements:
                raw.execute(statement.encode()).fetchall()
            times.append((time.perf_counter() - begun) * 1000)
    return times[WARM_UP:]


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def memory_peak(pid: int) -> float:
    """Peak resident memory in MB of the largest process that the server started."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    peaks = [0.0]
    for one in (str(pid), *listed):
        status = Path(f"/proc/{one}/status")
        text = status.read_text() if status.exists() else ""
        peaks += [int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmHWM")]
    return max(peaks)


if __name__ == "__main__":
    main()
