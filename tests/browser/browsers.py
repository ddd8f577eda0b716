"""Browsers that stay open from test to test: to make one anew takes longer than most of what is done in it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from playwright.sync_api import Browser, Error

EMPTY = "/empty"
"""A page of the tests' own server that asks for nothing and runs nothing."""
EMPTY_HEADERS = [
    ("Content-Type", "text/html"),
    ("Cache-Control", "max-age=3600"),
    ("Cross-Origin-Opener-Policy", "same-origin"),  # as all pages have it: else Chromium makes a process anew
]
EMPTIED = """async () => {
    localStorage.clear();
    sessionStorage.clear();
    for (const name of await caches.keys()) await caches.delete(name);
    for (const { name } of await indexedDB.databases()) {
        await new Promise((done) => {
            const asked = indexedDB.deleteDatabase(name);
            asked.onsuccess = asked.onerror = asked.onblocked = done;
        });
    }
    return [localStorage.length, (await caches.keys()).length, (await indexedDB.databases()).length];
}"""
KEPT = 8
ALIKE = {"locale", "has_touch", "bypass_csp"}
"""Browsers that differ in these alone are kept, each for the next who wants just such a one."""


class Browsers:
    """Pages of one Chromium, each in a browser of its own, without service worker unless it is asked for."""

    def __init__(self, chromium: Browser, home: str) -> None:
        self.chromium, self.home = chromium, home
        self.free: list[tuple[dict[str, Any], Any]] = []

    def take(self, *, worker: bool, width: int, height: int, **options: Any) -> Any:
        """A page of this size on which nothing has happened yet. `page.faults`: what its scripts did wrong."""
        size = {"width": width, "height": height}
        for place, (of, page) in enumerate(self.free):
            if of == options and not worker:
                del self.free[place]
                page.set_viewport_size(size)
                return page
        workers = "allow" if worker else "block"
        page = self.chromium.new_context(viewport=size, service_workers=workers, **options).new_page()
        page.faults, page.home = [], self.home
        page.kept = options if options.keys() <= ALIKE and not worker else None
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on(
            "console", lambda m: page.faults.append(m.text) if "Content Security Policy" in m.text else None
        )
        page.set_default_timeout(30_000)
        page.set_default_navigation_timeout(60_000)  # the first page of a run reads the model and the map
        return page

    def give_back(self, page: Any) -> None:
        """Whoever takes it next finds no cookie, no word, no other page and no network cut in it."""
        if page.kept is None or page.is_closed():
            page.context.close()
            return
        with suppress(Error):
            self._empty(page)
            self.free.append((page.kept, page))
            while len(self.free) > KEPT:
                self.free.pop(0)[1].context.close()
            return
        page.context.close()

    def _empty(self, page: Any) -> None:
        for other in page.context.pages:
            if other is not page:
                other.close()
        page.unroute_all(behavior="ignoreErrors")
        page.context.set_offline(False)
        page.context.clear_cookies()
        page.goto(self.home + EMPTY)
        page.mouse.move(0, 0)
        page.emulate_media(media="null")
        assert page.evaluate(EMPTIED) == [0, 0, 0]
        page.context.clear_cookies()  # an answer that was under way may have brought one
        page.faults.clear()
