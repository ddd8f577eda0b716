"""The figures beside the source's: counted from the register, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.fire.demonstration import ETHYLENE, FILED, LEGACY, RULING
from bihuan.packs.fire.draws.services import draw_hold
from bihuan.packs.fire.legacy.services import Listed, legacy_list
from bihuan.packs.fire.models import Drawn
from bihuan.packs.fire.promise_figures import promise_figures
from bihuan.packs.fire.rulings.services import ruling_enter
from tests.packs.fire.conftest import PASSING, Section

pytestmark = pytest.mark.django_db


def test_passed_projects_are_counted_by_owner(section: Section) -> None:
    project = section.enter()
    section.reviewed(project)
    assert promise_figures(now=section.now)["S0-01"] == "近一年 0 个建设单位的 0 个项目通过;一家一年最多 0 个"
    case = section.accepted(project)
    section.take(case, "yan", "evaluate_pass", **PASSING)
    section.take(case, "du", "sign_pass")
    section.filed(FILED[0], FILED[2])
    draw_hold(scope=section.scope("du"), now=section.now, seed="s")
    ruling_enter(scope=section.scope("xue"), ruled=RULING, now=section.now)
    section.see()
    told = promise_figures(now=section.now)
    assert (
        told["S0-01"] == "近一年 2 个建设单位的 2 个项目通过;一家一年最多 1 个"
    )  # one of two filings was drawn and is not passed yet
    assert told["S0-18"] == "验收 1 件,承诺7日内 1 件;抽查 0 件,承诺5日内 0 件"
    drawn = Drawn.objects.select_related("case").get()
    inspector = next(name for name, id_ in section.person.items() if id_ == drawn.inspectors[0])
    section.later(days=10)  # later than promised
    section.take(drawn.case, inspector, "check_pass", opinion="抽查合格。")
    told = promise_figures(now=section.now)
    assert told["S0-18"] == "验收 1 件,承诺7日内 1 件;抽查 1 件,承诺5日内 0 件"
    assert told["S0-07"] == "裁定 1 条"
    section.later(days=366)
    assert promise_figures(now=section.now)["S0-01"] == "近一年 0 个建设单位的 0 个项目通过;一家一年最多 1 个"


def test_projects_and_single_works_are_a_ledger_of_two_levels(section: Section) -> None:
    section.enter(ETHYLENE)
    legacy = section.enter(LEGACY)
    section.enter(replace(LEGACY, name="老办公楼"))
    with kernel_writes():
        zone = Unit.objects.get(code="371502_park").pk
    listed = Listed(legacy.pk, 1, "never", date(2010, 5, 20), drawings=True, zone=zone)
    legacy_list(scope=section.scope("xue"), listed=listed, now=section.now)
    section.enter(FILED[0])
    section.see()
    assert (
        promise_figures(now=section.now)["S0-21"]
        == "项目 4 个、单体 8 个;其中会同园区办的历史遗留 1 个、2 个"
    )
