"""The READMEs' pictures are there, and each is one that `./dev shots` takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.make_tour import LANGUAGES, ROOT, SHOTS, main


@pytest.mark.parametrize(("readme", "language"), [("README.md", "en"), ("README.zh-CN.md", "zh")])
def test_every_picture_is_there_and_is_taken_by_the_script(readme: str, language: str) -> None:
    shown = re.findall(r"\]\((docs/tour/[^)]+)\)", (ROOT / readme).read_text(encoding="utf-8"))
    assert len(shown) == 20
    assert {Path(path).stem for path in shown} <= {shot.name for shot in SHOTS}
    assert all(path.startswith(f"docs/tour/{language}/") and (ROOT / path).is_file() for path in shown)
    assert set(LANGUAGES) == {"zh", "en"}


def test_an_unknown_picture_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nothing"]) == 2
    assert "no such picture: nothing" in capsys.readouterr().err
