"""The figures beside the source's: counted from the register, in words."""

from __future__ import annotations

import pytest

from bihuan.packs.fire.demonstration import ETHYLENE, FILED, LEGACY, RULING
from bihuan.packs.fire.draws.services import draw_hold
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
    assert told["S0-18"] == "办结 2 件,在承诺时限内 2 件"
    assert told["S0-07"] == "裁定 1 条"
    section.later(days=366)
    assert promise_figures(now=section.now)["S0-01"] == "近一年 0 个建设单位的 0 个项目通过;一家一年最多 1 个"


def test_projects_and_single_works_are_a_ledger_of_two_levels(section: Section) -> None:
    section.enter(ETHYLENE)
    section.enter(LEGACY)
    section.enter(FILED[0])
    section.see()
    assert promise_figures(now=section.now)["S0-21"] == "项目 3 个、单体 6 个;其中历史遗留 1 个、2 个"
