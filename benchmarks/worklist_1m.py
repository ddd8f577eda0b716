"""The worklist over HTTP at 1,000,000 cases of which 30,000 are open, beside the same at 151,404 orders in the same run; and the
other pages that most people open, in the same way.

Granian serves the site from either database, one after the other; one request at a time over one connection, after a warm-up.
"""

from __future__ import annotations

from benchmarks.database import YEAR, django_ready, say
from benchmarks.loops import figure
from benchmarks.million import MILLION, counts, million_ready
from benchmarks.worklist import PEOPLE, asked, free_port, p95, serve, session_of, wait_for

REQUESTS = 60
PAGES = (
    *((person, "/") for person in PEOPLE),
    ("wang", "/mine"),
    ("wang", "/?tab=unit"),
    ("wang", "/?tab=unit&closed=1"),
    ("wang", "/cases/{number}"),
    ("wang", "/notices"),
    ("wang", "/search?q=物业"),
    ("wang", "/search?q=退费"),
    ("wang", "/search?q=小区物业费"),
    ("wang", "/search?q=水"),
    ("chen", "/unit"),
    ("sun", "/head"),
    ("sun", "/queue"),
    ("zhao", "/queue"),
    ("liu", "/queue"),
    ("tang", "/overview"),
    ("tang", "/?tab=all"),
    ("tang", "/?tab=all&closed=1"),
    ("tang", "/search?q=物业"),
    ("tang", "/search?q={number}"),
    ("li", "/search?q={phone}"),
    ("li", "/hotline/new?phone={phone}"),
    ("li", "/cases/{number}/similar"),
)


def main() -> None:
    """Measure and print; the values are the worst p95 in milliseconds."""
    from benchmarks.pages import known
    from benchmarks.year import year_ready

    django_ready()
    year_ready()
    words = known()
    million_ready()
    cases, open_cases = counts()
    say(f"{cases:,} cases, {open_cases:,} open")
    pages = [(person, path.format_map(words)) for person, path in PAGES]
    year, million = _measured(YEAR, pages), _measured(MILLION, pages)
    for (person, path), few, many in zip(pages, year, million, strict=True):
        say(
            f"{person:<6}{p95(many):>8.1f} ms p95{sorted(many)[REQUESTS // 2]:>8.1f} median"
            f"{p95(few):>8.1f} p95{sorted(few)[REQUESTS // 2]:>8.1f} median of the year  {path}"
        )
    worst = max(range(len(PEOPLE)), key=lambda number: p95(million[number]))
    figure("worklist_p95_ms_1m", p95(million[worst]), "ms", "at 151,404 orders", p95(year[worst]))
    worst = max(range(len(pages)), key=lambda number: p95(million[number]))
    figure("pages_p95_ms_1m", p95(million[worst]), "ms", "at 151,404 orders", p95(year[worst]))


def _measured(database: str, pages: list[tuple[str, str]]) -> list[list[float]]:
    sessions = {person: session_of(person, database) for person, _ in pages}
    port = free_port()
    server = serve(port, database)
    try:
        wait_for(port, sessions["wang"])
        return [asked(port, sessions[person], path, requests=REQUESTS) for person, path in pages]
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    main()
