"""The demonstration of themes: five projects with over a hundred working days saved, shops in every interesting state."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.bundles.rules import network_plan
from bihuan.kernel.bundles.selectors import outcomes_of
from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.desk.promises.rehearsal import story_play
from bihuan.kernel.identity.scope import scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.packs.onewindow.applying.scale import scale_counted
from bihuan.packs.onewindow.applying.services import WEB
from bihuan.packs.onewindow.demonstration.lives import window_play
from bihuan.packs.onewindow.demonstration.online import HOMES, online_followed, online_play
from bihuan.packs.onewindow.demonstration.themes import FIRST, WHOLES, themes_play
from bihuan.packs.onewindow.promise_figures import promise_figures
from bihuan.packs.onewindow.stories import STORIES
from bihuan.packs.onewindow.themes.models import ThemeApplication, ThemeVersion
from bihuan.packs.onewindow.themes.selectors import theme_composed
from tests.walks import EVERYTHING


@pytest.fixture
def played(db: None, now: datetime, settings: Any, tmp_path: Path) -> datetime:
    settings.KEY_ROOT, settings.SEAL_ROOT = tmp_path / "keys", tmp_path / "seals"
    scope_apply(EVERYTHING)
    window_play(until=now)
    assert themes_play(until=now) == len(WHOLES)
    return now


def test_energy_environment_safety_and_planning_begin_together_and_save_over_100_days_on_five_projects(
    played: datetime,
) -> None:
    version = ThemeVersion.objects.get(theme__code="chemical")
    plan = network_plan(theme_composed(version, played.date()).plans)
    assert (plan.serial, plan.parallel, plan.critical) == (87, 30, ("环评", "施工"))
    # Formalities and the clearing of the site begin on the first day, too.
    assert {code for code, span in plan.spans.items() if span.begin == 0} == set(FIRST)
    projects = list(
        ThemeApplication.objects.filter(version=version).order_by("case").values_list("case", flat=True)
    )
    outcomes = outcomes_of(projects)
    assert [(o.serial, o.elapsed, o.saved) for o in outcomes.values()] == [
        (53, 18, 35), (51, 15, 36), (46, 15, 31), (57, 20, 37), (55, 17, 38),
    ]  # fmt: skip
    assert sum(o.saved for o in outcomes.values()) == 177
    assert len(projects) == 6
    figures = promise_figures(now=played)
    assert (figures["S2-48"], figures["S4-27"]) == (
        "3 个主题,收件 13 件",
        "5 个办完的项目共省下 177 个工作日",
    )
    assert figures["S4-28"] == "6 个项目,其中 6 个有两项以上同一天开始"
    with kernel_writes():
        states = Counter(Case.objects.filter(workflow="theme/1").values_list("state", flat=True))
        parts = Counter(Case.objects.filter(workflow="theme_part/1").values_list("state", flat=True))
        permits = Certificate.objects.filter(kind="comprehensive_permit").count()
    assert states == {"evaluated": 4, "evaluating": 3, "concluding": 1, "parallel": 4, "correcting": 1}
    assert parts == {"part_granted": 39, "examining": 10, "part_refused": 1, "part_withdrawn": 2}
    assert permits == 6
    assert ledger_verify().faults == ()
    assert themes_play(until=played) == 0
    the_story_is_played_to_its_end(played)
    what_was_applied_for_at_home_is_there(played)


def what_was_applied_for_at_home_is_there(played: datetime) -> None:
    assert (online_play(until=played), online_play(until=played)) == (len(HOMES), 0)
    with kernel_writes():
        web = Case.objects.filter(facts__contains=WEB, origin=None)
        states = dict(web.order_by("pk").values_list("number", "state"))
        assert {number: states[number] for number, _case in online_followed()} == dict(
            zip([n for n, _case in online_followed()], ("correcting", "parallel"), strict=True)
        )
        files = Attachment.objects.filter(case__in=web).count()
    assert Counter(states.values()) == {
        "received": 2, "correcting": 1, "parallel": 1, "examining": 1, "deciding": 1, "evaluated": 3,
    }  # fmt: skip
    assert (files > 20, ledger_verify().faults) == (True, ())
    scale = scale_counted(now=played)
    assert (scale.online, scale.used, scale.pilots) == (10, 2, 2)


def the_story_is_played_to_its_end(played: datetime) -> None:
    story = STORIES[0]
    told = story_play(story, scenes=len(story.scenes), now=played)
    assert [one.refusal != "" for one in told.taken] == [scene.refused for scene in story.scenes]
    said = [one.told for one in told.taken if one.told]
    assert said == [
        "规划、能评、环评、安评、场地:同一天转给5个单位;施工 等它们都办完。",
        "一个接一个要 53 个工作日,实际 18 个,省下 35 个;最长的一串是 环评、施工。",
        "6 个办完的项目共省下 212 个工作日",
    ]
    scope_apply(EVERYTHING)
    assert Case.objects.get(pk=told.begun.case).state == "delivering"
