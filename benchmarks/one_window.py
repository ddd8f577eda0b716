"""One-window service at the source's scale: 1,135 items, 130 themes and 645 comprehensive permits; how long they take to enter, and
then every page that lists or searches them, over HTTP.

The items are the file of the real catalogue beside the repository; without it the themes and permits alone are measured.
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.database import connect_as, django_ready, say, scratch
from benchmarks.loops import city, figure
from benchmarks.worklist import asked, free_port, p95, serve, session_of, wait_for

NAME = "bench_one_window"
ITEMS = (
    Path(__file__).resolve().parents[2]
    / "shared"
    / "data"
    / "onewindow"
    / "sichuan_guangan_district_items.csv"
)
THEMES, PERMITS = 130, 645
PAGES = {
    "": (
        "/public/guide", "/public/guide?q=食品", "/public/guide?q=许可证 经营", "/public/theme/{theme}", "/verify?t={token}",
    ),
    "fang": ("/onewindow/window", "/onewindow/window?q=许可", "/onewindow/themes", "/certificates", "/certificates?q={number}"),
    "shen": ("/onewindow/reviews", "/onewindow/themes"),
    "admin": ("/administration/items", "/administration/themes"),
    "tang": ("/onewindow/cards", "/promises"),
}  # fmt: skip


def main() -> None:
    """Measure and print."""
    django_ready()
    with scratch(NAME):
        connect_as("worker", NAME)
        city()
        known = _entered()
        _pages(known)


def _entered() -> dict[str, Any]:
    from django.db import transaction
    from django.utils import timezone

    from bihuan.kernel.administration.shape import Asked
    from bihuan.kernel.certificates.models import Certificate
    from bihuan.kernel.identity.models import Person
    from bihuan.kernel.identity.scope import Scope, scope_within
    from bihuan.kernel.ledger.services import kernel_writes
    from bihuan.packs.onewindow.catalogue.importing import items_import
    from bihuan.packs.onewindow.demonstration.lives import window_play
    from bihuan.packs.onewindow.demonstration.themes import PERMITTED, Play, Whole, themes_play
    from bihuan.packs.onewindow.demonstration.themes import THEMES as SHOWN
    from bihuan.packs.onewindow.themes.models import Theme
    from bihuan.packs.onewindow.themes.register import Themes

    now = timezone.now()
    with scope_within(Scope(0, (), (), True)):
        window_play(until=now)
        themes_play(until=now)
        if ITEMS.exists():
            began = perf_counter()
            told = items_import(path=ITEMS, mapping="sichuan", now=now, by="system")
            figure("catalogue_import_rows_per_s", told.good / (perf_counter() - began), "rows/s")
            say(f"{told.good} items entered, {told.bad} refused")
        kind, asked_by = Themes(), Asked(Scope(Person.objects.get(username="admin").pk, (), (), True), now)
        began = perf_counter()
        with transaction.atomic(), kernel_writes():
            for n in range(THEMES - len(SHOWN)):
                kind.row_import({**SHOWN["restaurant"], "code": f"bench{n}", "name": f"行业{n}"}, asked_by)
        figure("theme_import_rows_per_s", (THEMES - len(SHOWN)) / (perf_counter() - began), "rows/s")
        play, began = Play(now), perf_counter()
        before = Certificate.objects.filter(kind="comprehensive_permit").count()
        for n in range(before, PERMITS):
            whole = Whole(
                "restaurant",
                f"面馆{n}",
                f"东昌府区面馆{n}",
                5,
                {"卫生": 2, "招牌": 2, "食品": 2},
                then=PERMITTED,
            )
            play.whole(whole, n + 100)
        spent = perf_counter() - began
        figure(
            "comprehensive_permits_per_s",
            (PERMITS - before) / spent,
            "permits/s, each of four cases from the window to the paper",
        )
        one = Certificate.objects.filter(kind="comprehensive_permit").latest("pk")
        return {"theme": Theme.objects.latest("pk").pk, "token": one.token, "number": one.number}


def _pages(known: dict[str, Any]) -> None:
    sessions = {person: session_of(person, NAME) if person else "" for person in PAGES}
    port = free_port()
    connect_as("app", NAME)
    server = serve(port, NAME)
    try:
        wait_for(port, sessions["fang"])
        found = [
            (p95(asked(port, sessions[person], path.format_map(known))), person, path)
            for person, paths in PAGES.items()
            for path in paths
        ]
    finally:
        server.terminate()
        server.wait(20)
    for slow, person, path in sorted(found, reverse=True):
        say(f"{person or 'citizen':<10}{slow:>8.1f} ms p95  {path}")
    figure("one_window_pages_p95_ms", max(found)[0], "ms")


if __name__ == "__main__":
    main()
