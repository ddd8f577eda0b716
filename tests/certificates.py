"""A kind of certificate that a pack of the tests declares, and what is issued of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bihuan.kernel.certificates.kinds import certificate_kinds
from bihuan.kernel.certificates.services import Holder, Issue
from bihuan.kernel.desk.menu import menu_declared
from bihuan.kernel.manifest import Issuers
from bihuan.kernel.numbering.certificate_kinds import CertificateKind
from bihuan.kernel.numbering.formats import NumberFormat
from bihuan.kernel.pack import packs

KIND = CertificateKind(
    code="stall",
    name="临时摊点许可证",
    name_en="Permit for a temporary stall",
    number_format=NumberFormat("stall", "聊摊许〔{date:%Y}〕{serial:4}号"),
    lines={"place": "摊点位置", "goods": "经营项目", "note": "备注"},
    optional=frozenset(("note",)),
    months=12,
    public=frozenset(("goods",)),
    basis="《山东省城镇容貌和环境卫生管理办法》",
)
HOLDER = Holder("宋晓梅", "371502199003071230")
CONTENTS = {"place": "柳园南路66号东侧", "goods": "早餐"}


def issue(case: int, unit: int, **changed: Any) -> Issue:
    return Issue(
        **{"kind": "stall", "case": case, "unit": unit, "holder": HOLDER, "contents": CONTENTS, **changed}
    )


@pytest.fixture
def stalls(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Iterator[CertificateKind]:
    """The hotline issues permits for stalls, with a key of its own; handlers ask for changes, heads decide."""
    settings.KEY_ROOT, settings.SEAL_ROOT = tmp_path / "keys", tmp_path / "seals"
    issuers = Issuers(asks=frozenset(("handler",)), decides=frozenset(("bureau_head", "section_chief")))
    monkeypatch.setitem(
        packs(), "hotline", replace(packs()["hotline"], certificates=(KIND,), issuers=issuers)
    )
    certificate_kinds.cache_clear()
    menu_declared.cache_clear()
    yield KIND
    monkeypatch.undo()
    certificate_kinds.cache_clear()
    menu_declared.cache_clear()
