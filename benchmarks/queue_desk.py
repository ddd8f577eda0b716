"""One case after another at 151,404 orders: the slowest of reviewer, call-back clerk and head, each request takes a turn."""

from __future__ import annotations

from benchmarks.database import django_ready, say
from benchmarks.loops import figure
from benchmarks.worklist import REQUESTS, asked, free_port, p95, serve, session_of, wait_for

PEOPLE = {"zhao": "reviewer", "liu": "call-back", "sun": "head"}


def main() -> None:
    """Measure and print; the value is the worst p95 in milliseconds."""
    from benchmarks.year import year_ready

    django_ready()
    year_ready()
    sessions = {name: session_of(name) for name in PEOPLE}
    port = free_port()
    server = serve(port)
    try:
        wait_for(port, sessions["sun"])
        ours = {name: asked(port, session, "/queue") for name, session in sessions.items()}
    finally:
        server.terminate()
        server.wait(20)
    for name, role in PEOPLE.items():
        say(f"{role:<12}{p95(ours[name]):>8.1f} ms p95{sorted(ours[name])[REQUESTS // 2]:>8.1f} ms median")
    figure("queue_p95_ms", max(p95(times) for times in ours.values()), "ms", None, None)


if __name__ == "__main__":
    main()
