"""What a page brings with it: the vendors' files go out small, a form's draft has a name."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

SOURCE = Path(__file__).resolve().parents[2] / "src"
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


def test_every_draft_has_a_name_of_its_own() -> None:
    """Without one, what was typed comes back after it was taken, and into other forms."""
    named = 0
    for path in SOURCE.rglob("*.html"):
        found = re.findall(r"data-draft(=\"[^\"]+\")?", path.read_text(encoding="utf-8"))
        assert all(found), path
        named += len(found)
    assert named > 5
