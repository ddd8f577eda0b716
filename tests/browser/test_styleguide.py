"""The parts that pages are made of: axe finds nothing serious, at both widths, in both languages, in large type."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import overflows, serious

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "language"), [(360, "en"), (1280, "zh-hans")])
def test_the_parts_are_accessible(open_as: Any, width: int, language: str) -> None:
    page = open_as("wang", width=width, audited=True)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": page.home}])
    page.goto(page.home + "/styleguide")
    expect(page.locator("section.panel:visible")).to_have_count(13)
    expect(page.locator(".notice:visible")).to_have_count(4)
    assert serious(page) == []
    assert not overflows(page)
