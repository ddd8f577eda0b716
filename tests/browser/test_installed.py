"""The app on a telephone: what a browser needs to install it, and that it says so of both doors."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from tests.browser.browsers import Browsers
from tests.browser.conftest import ARGUMENTS, CHROMIUM

pytestmark = [pytest.mark.browser, pytest.mark.service_worker]


@pytest.fixture
def browsers(chromium: Any, site: str) -> Iterator[Browsers]:
    """Only the browser as people have it can say what it would install."""
    whole = chromium.browser_type.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
    yield Browsers(whole, site)
    whole.close()


@pytest.mark.parametrize(
    ("who", "page_at", "start", "name"),
    [("wang", "/mine", "/home", "闭环 · 工作台"), ("", "/public", "/public", "市民服务")],
)
def test_a_browser_would_install_it(open_as: Any, who: str, page_at: str, start: str, name: str) -> None:
    page = open_as(who, width=360)
    page.goto(page.home + page_at)
    assert page.evaluate("navigator.serviceWorker.ready.then((r) => new URL(r.scope).pathname)") == "/"
    session = page.context.new_cdp_session(page)
    told = session.send("Page.getAppManifest")
    assert told["errors"] == []
    said = page.request.get(told["url"]).json()
    assert (said["name"], said["display"], said["theme_color"]) == (name, "standalone", "#0f4c9c")
    assert page.request.get(page.home + said["start_url"]).ok
    assert (said["start_url"], page.locator("meta[name=theme-color]").get_attribute("content")) == (
        start,
        "#0f4c9c",
    )
    for icon in said["icons"]:
        picture = page.request.get(page.home + icon["src"])
        assert picture.headers["content-type"].startswith(icon["type"])
        if icon["type"] == "image/png":
            assert "x".join(map(str, Image.open(io.BytesIO(picture.body())).size)) == icon["sizes"]
    assert urlsplit(page.url).path == page_at
    missing = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one["errorId"] for one in missing] == ["in-incognito"]  # as every context of the tests is
