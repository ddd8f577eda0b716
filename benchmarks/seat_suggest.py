"""What the seat shows while an agent types, over HTTP at 151,404 orders: one request a pause, everything in it.

Granian serves the site from the seeded year's database; li types orders of the year's own kind, each by its first
third, its half and the whole, with the number of a caller who called before, and the text model is asked each time.
"""

from __future__ import annotations

import http.client
import time
from typing import Any
from urllib.parse import urlencode

from benchmarks.database import YEAR, connect_as, django_ready, say
from benchmarks.dispatch import bodies
from benchmarks.loops import figure
from benchmarks.worklist import free_port, p95, serve, session_of, wait_for

WARM_UP, REQUESTS = 30, 300
TOKEN = "t" * 32
"""Of the request's own cookie and field: Django asks that they agree."""


def main() -> None:
    """Measure and print; the value is the p95 in milliseconds."""
    from benchmarks.year import year_ready

    django_ready()
    year_ready()
    session, typed = session_of("li"), _typed(WARM_UP + REQUESTS)
    port = free_port()
    server = serve(port)
    try:
        wait_for(port, session)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        answers = [_asked(connection, session, words) for words in typed][WARM_UP:]
        connection.close()
    finally:
        server.terminate()
        server.wait(20)
    times = [spent for spent, _ in answers]
    known = sum("earlier-title" in body for _, body in answers)
    alike = sum("alike-title" in body for _, body in answers)
    sure = sum("seat-proposed" in body for _, body in answers)
    say(
        f"seat{p95(times):>8.1f} ms p95{sorted(times)[REQUESTS // 2]:>8.1f} ms median{max(times):>8.1f} ms max"
    )
    say(f"of {REQUESTS}: {sure} with a unit, {known} with earlier orders, {alike} with similar open ones")
    figure("seat_suggest_p95_ms", p95(times), "ms")


def _typed(count: int) -> list[dict[str, str]]:
    """The forms as they stand at each pause."""
    connect_as("worker", YEAR)
    from bihuan.kernel.cases.models import Party

    callers = Party.objects.exclude(phone="").order_by("-id").values_list("phone", flat=True)
    phones = list(callers[: count * 50 : 50])
    out = []
    for number, body in enumerate(bodies(count)):
        text, part = body["text"], (3, 2, 1)[number % 3]
        said = text[: max(6, len(text) // part)]
        form = {"text": said, "type": body["type"], "phone": phones[number % len(phones)]}
        out.append(form | ({"place": body["place"]} if part == 1 else {}))
    return out


def _asked(connection: http.client.HTTPConnection, session: str, typed: dict[str, str]) -> tuple[float, str]:
    """Milliseconds of one request, and its answer."""
    headers: dict[str, Any] = {
        "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    begun = time.perf_counter()
    connection.request(
        "POST", "/hotline/suggest", urlencode({**typed, "csrfmiddlewaretoken": TOKEN}), headers
    )
    answer = connection.getresponse()
    body = answer.read().decode()
    spent = (time.perf_counter() - begun) * 1000
    if answer.status != 200:
        raise SystemExit(f"the seat answered {answer.status}: {body[:200]}")
    return spent, body


if __name__ == "__main__":
    main()
