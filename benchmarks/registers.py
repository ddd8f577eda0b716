"""The pages of the two packs, and the register of certificates, with 150,000 rows in each register beside the year's 151,404 orders:
as `pages` measures, each as the person it is for. `python -m benchmarks.registers WORDS` measures only the pages that hold the words.
"""

from __future__ import annotations

import sys

from benchmarks.database import connect_as, django_ready
from benchmarks.loops import figure
from benchmarks.multiplied import MULTIPLIED, multiplied_ready
from benchmarks.pages import CITIZEN, measured
from benchmarks.worklist import session_of
from benchmarks.year import year_ready

BARE = "/account"
"""A page that reads no register: what session, scope and template take by themselves."""
PAGES: dict[str, tuple[str, ...]] = {
    "fang": (
        "/", "/?tab=all", "/?tab=all&closed=1", "/onewindow/window", "/onewindow/window?q=许可", "/onewindow/themes", "/onewindow/themes?page=100", "/onewindow/lessons",
        "/onewindow/hall/desk", "/certificates", "/certificates?q={number}", "/certificates?show=waiting", "/certificates?show=revoked",
        "/certificates?kind=comprehensive_permit",
    ),
    "shen": ("/", "/onewindow/reviews", "/onewindow/reviews?by=clerk", "/onewindow/exchange", "/onewindow/cards"),
    "cheng": ("/onewindow/hall", "/onewindow/hall/counter", "/onewindow/lessons"),
    "wang": (BARE, "/certificates", "/certificates?q=许", "/certificates?kind=comprehensive_permit", "/onewindow/cards"),
    "chen": ("/certificates", "/certificates?q={number}"),
    "tang": (
        "/", "/overview", "/onewindow/cards", "/onewindow/cards?colour=red", "/onewindow/discredited", "/onewindow/lessons", "/certificates",
        "/certificates?q={number}", "/certificates?show=revoked",
    ),
    "jin": ("/", "/fire/", "/fire/?q=中学", "/fire/?kind=legacy", "/fire/?page=100", "/fire/draws"),
    "du": (
        "/fire/", "/fire/draws", "/fire/findings", "/fire/rulings", "/fire/passed", "/fire/visits", "/fire/blockages", "/fire/legacy",
        "/certificates",
    ),
    "gao": ("/fire/sites", "/fire/sites?q=学校", "/fire/sites?stage=stopped", "/fire/sites?page=100"),
    "yan": ("/", "/fire/findings", "/fire/findings?state=told", "/fire/findings?state=verified"),
    "lei": ("/fire/owner",),
    CITIZEN: ("/public/draws", "/public/methods", "/public/reviews", "/public/hall", "/public/guide", "/verify?t={token}"),
}  # fmt: skip


def main() -> None:
    """Measure and print; the value is the p95 of the slowest page in milliseconds."""
    django_ready()
    year_ready()
    multiplied_ready()
    from bihuan.kernel.certificates.models import Certificate

    words, one = sys.argv[1:], Certificate.objects.latest("pk")
    pages = [
        (person, path.format(number=one.number, token=one.token))
        for person, paths in PAGES.items()
        for path in paths
        if all(word in f"{person} {path}" for word in words)
    ]
    sessions = {person: session_of(person, MULTIPLIED) for person in PAGES if person != CITIZEN}
    connect_as("app", MULTIPLIED)
    found = measured(pages, {**sessions, CITIZEN: ""}, MULTIPLIED)
    bare = next((page.p95 for page in found if page.path == BARE), None)
    figure("registers_p95_ms", max(page.p95 for page in found), "ms", "a page that reads no register", bare)
    figure("registers_most_queries", max(page.queries for page in found), "queries")


if __name__ == "__main__":
    main()
