"""The demonstration's projects are loaded once, and stand where the story leaves them."""

from __future__ import annotations

from datetime import datetime

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.packs.fire.demonstration import demonstration_load
from bihuan.packs.fire.models import Project, Ruling, SingleWork
from bihuan.packs.fire.rulings.services import rulings_like


@pytest.mark.django_db
def test_the_demonstration_is_loaded_once(now: datetime) -> None:
    assert demonstration_load(now=now)
    assert not demonstration_load(now=now)
    scope_apply(Scope(0, (), (), True))
    assert (Project.objects.count(), SingleWork.objects.count(), Ruling.objects.count()) == (10, 12, 1)
    states = sorted(Case.objects.filter(pack="fire").values_list("workflow", "state"))
    assert states == [
        ("acceptance/1", "evaluating"), ("acceptance/1", "received"), ("acceptance/1", "to_pass"), ("blockage/1", "clearing"),
        *[("design/1", "passed")] * 2, ("design/1", "received"), ("design/1", "reviewing"), *[("filing/1", "filed")] * 5,
        ("merged/1", "parallel"), *[("merged_part/1", "part_passed")] * 2,
        *[("rectification/1", state) for state in ("rectified", *["told"] * 5, "verified")],
    ]  # fmt: skip
    tanks = Project.objects.get(name__startswith="己内酰胺")
    assert [one.title for one in rulings_like(tanks)] == ["罐区灭火器与装置消防竖管按哪一本标准"]
