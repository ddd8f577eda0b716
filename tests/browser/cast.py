"""The cast in browsers of their own, with a clock that the story moves: who comes back later has logged in again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from playwright.sync_api import expect

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import Scope, scope_apply
from tests.browser.browsers import EMPTY
from tests.browser.conftest import log_in

EVERYTHING = Scope(0, (), (), True)


class Cast:
    """Everybody's pages by user name; `now` is what the server reads."""

    def __init__(self, open_as: Callable[..., Any], now: datetime) -> None:
        self.open_as, self.now = open_as, now
        self.pages: dict[str, Any] = {}

    def later(self, **span: float) -> None:
        """Time passes."""
        self.until(self.now + timedelta(**span))

    def until(self, moment: datetime) -> None:
        """Sessions have ended by themselves: everybody logs in again, and leaves the page that stood there."""
        self.now = moment
        for who, page in self.pages.items():
            page.goto(page.home + EMPTY)
            log_in(page, who)

    def at(self, who: str, address: str) -> Any:
        """This person's page, gone to the address."""
        page = self.pages.get(who) or self.pages.setdefault(who, self.open_as(who))
        page.goto(page.home + address)
        return page

    def takes(self, who: str, number: str, label: str, done: str, **fields: str) -> Any:
        """Open the case, choose the step by its words, fill its form in, send it, and read where the case is."""
        page = self.at(who, f"/cases/{number}")
        at_once = page.locator(".offers").get_by_role("button", name=label, exact=True)
        if at_once.count():  # nothing is asked
            at_once.click()
        else:
            page.locator(".offers").get_by_role("link", name=label, exact=True).click()
            for name, value in fields.items():
                _fill(page.locator(f"#step-form [name={name}]").first, value)
            page.locator(".step-form").get_by_role("button", name=label, exact=True).click()
        expect(page.get_by_text(f"“{label}”已办好").first).to_be_visible()
        expect(page.locator(".state", has_text=done).first).to_be_visible()
        return page

    def why_not(self, who: str, number: str, words: str) -> None:
        """The page says by which rule a step is not to be taken now."""
        expect(self.at(who, f"/cases/{number}").get_by_text(words).first).to_be_attached()


def _fill(box: Any, value: str) -> None:
    kind = box.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
    if kind == "select":
        box.select_option(value)
    elif kind == "checkbox":
        box.check()
    else:
        box.fill(value)


def seen(**wanted: Any) -> list[Case]:
    """Cases as they are now, in the order in which they came."""
    with transaction.atomic():
        scope_apply(EVERYTHING)
        return list(Case.objects.filter(**wanted).select_related("unit").order_by("pk"))
