"""What a test must wait for although nothing on the page tells of it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

KEPT = """async (words) => {
    const drafts = () => Object.keys(sessionStorage).filter((name) => name.startsWith("draft:"));
    const there = () => drafts().some((name) => sessionStorage.getItem(name).includes(words));
    for (let tries = 0; tries < 300 && !there(); tries += 1) await new Promise((done) => setTimeout(done, 50));
    return there();
}"""
SETTLED = "new Promise((done) => setTimeout(done, arrived + SETTLE_MS + 1 - Date.now()))"


def words_kept(page: Any, words: str) -> None:
    """The pause after which a draft is kept is over, and these words are in it."""
    assert page.evaluate(KEPT, words)


def keys_count(page: Any, shown: str) -> None:
    """The page with these words is there, and no longer takes a key for one that was meant for the page before."""
    expect(page.get_by_text(shown, exact=True).first).to_be_visible()
    page.wait_for_load_state()
    page.evaluate(SETTLED)
