"""Every promise of the sources has a live figure beside it, or says why it is not measured."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module

import pytest

from bihuan.kernel.identity.scope import scope_apply
from bihuan.kernel.pack import packs
from tests.walks import EVERYTHING


@pytest.mark.django_db
@pytest.mark.parametrize("pack", sorted(name for name, pack in packs().items() if pack.promises))
def test_what_has_no_figure_says_so(pack: str, now: datetime) -> None:
    scope_apply(EVERYTHING)
    figures = import_module(f"bihuan.packs.{pack}.promise_figures").promise_figures(now=now)
    assert [one.id for one in packs()[pack].promises if not figures.get(one.id) and not one.unmeasured] == []
