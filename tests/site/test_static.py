"""What a page brings with it is small: the vendors' files go out compressed."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

LARGEST = 300_000
"""Bytes of a page with all that it loads, compressed, without map and charts."""


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/login", "/public", "/styleguide", "/promises"])
def test_a_page_with_all_that_it_loads_is_small(address: str) -> None:
    page = Client().get(address).content
    names = re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js|svg))"', page.decode())
    assert "vendor/tabler.min.css" in names
    sizes = {name: len(gzip.compress(Path(str(finders.find(name))).read_bytes())) for name in names}
    assert len(gzip.compress(page)) + sum(sizes.values()) < LARGEST, sizes


def test_the_vendors_files_are_served_compressed() -> None:
    for name in ("tabler.min.css", "htmx.min.js", "leaflet.js"):
        answer = Client().get(f"/static/vendor/{name}", headers={"accept-encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip", name
        assert int(answer.headers["Content-Length"]) < 100_000
