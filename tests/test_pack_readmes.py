"""Every rule in a pack's README names its test: the file is there, and the test is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bihuan.kernel.pack import packs

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"`((?:[\w/]+/)?test_\w+\.py)?(?:::(test_\w+))?`")


def untrue(pack: str) -> list[str]:
    """The references that lead nowhere; one that begins with :: is to the file named last."""
    here, found = "", []
    for file, test in NAMED.findall(
        (ROOT / f"src/bihuan/packs/{pack}/README.md").read_text(encoding="utf-8")
    ):
        here = (file if "/" in file else f"tests/packs/{pack}/{file}") if file else here
        path = ROOT / here
        if not path.is_file() or (test and f"def {test}(" not in path.read_text(encoding="utf-8")):
            found.append(f"{here}::{test}")
    return found


@pytest.mark.parametrize("pack", sorted(packs()))
def test_every_test_that_a_readme_names_is_there(pack: str) -> None:
    assert untrue(pack) == []
