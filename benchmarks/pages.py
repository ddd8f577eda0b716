"""Every page over HTTP at 151,404 orders, each as the person it is for: p95 and the number of its queries.

Granian serves the site from the seeded year's database; one request at a time over one connection, after a warm-up.
`python -m benchmarks.pages WORDS` measures only the pages whose person and address hold the words.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from benchmarks.database import YEAR, connect_as, django_ready, say
from benchmarks.loops import figure
from benchmarks.worklist import asked, free_port, memory_peak, p95, serve, session_of, wait_for

REQUESTS = 60
CITIZEN = "citizen"
PAGES: dict[str, tuple[str, ...]] = {
    "li": (
        "/hotline/new", "/hotline/new?phone={phone}", "/hotline/calls", "/hotline/who",
        "/search?q=物业", "/search?q=小区物业费", "/search?q={number}", "/search?q={phone}", "/cases/{number}",
        "/?tab=all", "/palette?q=物业&case={number}", "/cases/{number}/similar",
    ),
    "zhou": ("/", "/?tab=unit", "/search?q=物业"),
    "wang": (
        "/mine", "/", "/?tab=unit", "/?tab=unit&closed=1", "/cases/{number}", "/cases/{number}/print.pdf",
        "/notices", "/account", "/waiting",
    ),
    "chen": ("/unit", "/?tab=unit&burning=back"),
    "sun": ("/head", "/boards/hotline", "/queue", "/?tab=unit", "/search?q=退费", "/cases/{number}"),
    "zhao": ("/queue", "/", "/cases/{number}"),
    "liu": ("/queue", "/"),
    "tang": (
        "/overview", "/boards/hotline", "/boards/hotline?days=30", "/boards/hotline/scores", "/boards/hotline/live", "/boards/hotline/behind/classes?mark=opened&key=01",
        "/boards/hotline/screen", "/boards/hotline/screen/now", "/scores", "/", "/?tab=all", "/?tab=all&closed=1", "/?tab=all&sort=new", "/?tab=all&burning=late",
        "/?tab=all&burning=burns", "/?tab=all&burning=dissatisfied", "/?tab=all&burning=unsigned",
        "/?tab=all&waits=handler", "/?tab=all&matter={matter}", "/?tab=all&unit=·{unit}",
        "/?tab=all&territory=·{territory}", "/?tab=all&handler=·wang", "/?tab=all&since=2026-11-01",
        "/?tab=all&number={number}", "/?tab=all&ended=month&answered=late", "/search?q=物业",
        "/search?q={number}", "/cases/{number}", "/cases/{longest}", "/bulk?step=urge&id={id}",
        "/onewindow/cards", "/onewindow/discredited", "/onewindow/lessons", "/hotline/figures", "/hotline/answers", "/promises", "/scores/report?month=2026-10",
    ),
    "admin": (
        "/administration", "/administration/units", "/administration/people", "/administration/policies",
        "/administration/calendar", "/administration/wording", "/administration/webhooks", "/administration/sent",
        "/administration/numbering", "/administration/forms", "/administration/directory", "/administration/matters",
        "/administration/models", "/administration/hall_windows", "/onewindow/columns",
    ),
    "gao": ("/fire/sites",),
    "du": ("/fire/blockages", "/fire/visits", "/fire/rules"),
    "shen": ("/onewindow/reviews", "/onewindow/exchange", "/onewindow/themes"),
    "fang": ("/onewindow/hall/desk", "/onewindow/window?q=许可"),
    "cheng": ("/onewindow/hall", "/onewindow/hall/counter", "/onewindow/helping"),
    "kiosk": ("/onewindow/kiosk", "/onewindow/hall/screen", "/onewindow/hall/screen/now"),
    "yan": ("/fire/findings", "/fire/evaluations/{evaluated}"),
    "hall": ("/boards/hotline/screen", "/boards/hotline/screen/live"),
    "security": ("/administration/roles", "/administration/people"),
    "audit": ("/audit",),
    CITIZEN: (
        "/public", "/public/report", "/public/draws", "/public/methods", "/public/reviews", "/public/guide", "/public/follow", "/public/hall", "/verify", "/public/book", "/public/cases/{number}", "/login", "/promises",
        "/promises/refund", "/styleguide",
    ),
}  # fmt: skip


class Measured(NamedTuple):
    """Milliseconds and queries of one page."""

    person: str
    path: str
    p95: float
    median: float
    queries: int


def main() -> None:
    """Measure and print; the value is the p95 of the slowest page in milliseconds."""
    from benchmarks.year import year_ready

    django_ready()
    year_ready()
    words = sys.argv[1:]
    case = known()
    pages = [
        (person, path.format_map(case))
        for person, paths in PAGES.items()
        for path in paths
        if all(word in f"{person} {path}" for word in words)
    ]
    found = measured(pages, {person: _session(person, case) for person, _ in pages})
    figure("pages_p95_ms", max(page.p95 for page in found), "ms")
    figure("pages_most_queries", max(page.queries for page in found), "queries")


def measured(
    pages: Sequence[tuple[str, str]], sessions: Mapping[str, str], database: str = YEAR
) -> list[Measured]:
    """Each of these pages, (person, path), over HTTP on that database, told as a table."""
    queries = [_queries(sessions[person], path, database) for person, path in pages]
    port = free_port()
    server = serve(port, database)
    try:
        wait_for(port, session_of("wang", database))
        times = [asked(port, sessions[person], path, requests=REQUESTS) for person, path in pages]
        peak = memory_peak(server.pid)
    finally:
        server.terminate()
        server.wait(20)
    found = [
        Measured(person, path, p95(ours), sorted(ours)[REQUESTS // 2], asks)
        for (person, path), ours, asks in zip(pages, times, queries, strict=True)
    ]
    for page in sorted(found, key=lambda page: -page.p95):
        say(
            f"{page.person:<10}{page.p95:>8.1f} ms p95{page.median:>8.1f} ms median{page.queries:>4} queries  {page.path}"
        )
    figure("pages_web_peak_mb", peak, "MB a process")
    return found


def known() -> dict[str, object]:
    """What the addresses name: an open case of the market bureau, the case with the longest history, and one that is evaluated on site."""
    connect_as("worker", YEAR)
    from bihuan.kernel.cases.models import Case
    from bihuan.packs.fire.models import Evaluation

    case = (
        Case.objects.filter(closed_at=None, unit__grants__person__username="wang", parties__phone__gt="")
        .select_related("unit", "territory")
        .order_by("-seq")[0]
    )
    party = case.parties.exclude(phone="")[0]
    longest = Case.objects.order_by("-seq").values_list("number", flat=True)[0]
    return {
        "id": case.pk,
        "number": case.number,
        "phone": party.phone,
        "matter": case.matter,
        "unit": case.unit.code,
        "territory": case.territory.code if case.territory else "",
        "longest": longest,
        "evaluated": Evaluation.objects.order_by("pk").values_list("case__number", flat=True)[0],
    }


def _session(person: str, known: dict[str, object]) -> str:
    """A person's session, or the citizen's in which the case's code was given."""
    if person != CITIZEN:
        return session_of(person)
    from django.contrib.sessions.backends.db import SessionStore

    from bihuan.kernel.public.sessions import FOLLOWS

    connect_as("owner", YEAR)
    session = SessionStore()
    session[FOLLOWS] = {str(known["number"]): known["id"]}
    session.create()
    return str(session.session_key)


def _queries(session: str, path: str, database: str) -> int:
    """How many statements a second request for the page sends."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    connect_as("app", database)
    client = Client()
    client.cookies["sessionid"] = session
    client.get(path, HTTP_HOST="127.0.0.1")
    with CaptureQueriesContext(connection) as found:
        client.get(path, HTTP_HOST="127.0.0.1")
    return len(found)


if __name__ == "__main__":
    main()
