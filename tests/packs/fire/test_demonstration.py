"""The demonstration's projects are loaded once, and stand where the story leaves them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.packs.fire.demonstration import demonstration_load
from bihuan.packs.fire.legacy.selectors import batches
from bihuan.packs.fire.models import Project, Ruling, SingleWork
from bihuan.packs.fire.projects.passed import passed_by_owner
from bihuan.packs.fire.rulings.services import rulings_like


@pytest.mark.django_db
def test_the_demonstration_is_loaded_once(now: datetime) -> None:
    assert demonstration_load(now=now)
    assert not demonstration_load(now=now)
    scope_apply(Scope(0, (), (), True))
    assert (Project.objects.count(), SingleWork.objects.count(), Ruling.objects.count()) == (105, 132, 1)
    states = Counter(Case.objects.filter(pack="fire").values_list("workflow", "state"))
    assert states == {
        ("acceptance/1", "passed"): 52, ("acceptance/1", "evaluating"): 2, ("acceptance/1", "received"): 1, ("acceptance/1", "to_pass"): 1,
        ("acceptance/1", "failed"): 1, ("design/1", "passed"): 3, ("design/1", "reviewing"): 1, ("design/1", "correcting"): 1,
        ("design/1", "with_province"): 1, ("filing/1", "filed"): 5, ("filing/1", "received"): 2, ("legacy/1", "confirmed"): 12,
        ("legacy/1", "verifying"): 9, ("legacy/1", "listed"): 7, ("legacy/1", "to_confirm"): 4, ("legacy/1", "rectifying"): 4,
        ("legacy/1", "preparing"): 3, ("blockage/1", "clearing"): 1, ("design/1", "received"): 1, ("merged/1", "parallel"): 1, ("merged_part/1", "part_passed"): 2,
        ("rectification/1", "told"): 4, ("rectification/1", "rectified"): 2, ("rectification/1", "verified"): 2,
    }  # fmt: skip
    assert [(one.year, one.projects) for one in passed_by_owner()] == [(2022, 51)]
    assert (len(batches()), sum(one.projects for one in batches()), sum(one.works for one in batches())) == (
        10,
        39,
        114,
    )
    tanks = Project.objects.get(name="己内酰胺罐区扩建项目")
    assert [one.title for one in rulings_like(tanks)] == ["罐区灭火器与装置消防竖管按哪一本标准"]
