"""The demonstration's projects are loaded once, and stand where the story leaves them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.promises.rehearsal import story_play
from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.packs.fire.demonstration import demonstration_load
from bihuan.packs.fire.legacy.selectors import batches
from bihuan.packs.fire.merging.selectors import permits_unsettled
from bihuan.packs.fire.models import Draw, Project, Ruling, SingleWork
from bihuan.packs.fire.projects.passed import passed_by_owner
from bihuan.packs.fire.promise_figures import promise_figures
from bihuan.packs.fire.rulings.services import rulings_like
from bihuan.packs.fire.stories import STANDPIPES, STORIES


@pytest.mark.django_db
def test_the_demonstration_is_loaded_once_and_its_story_is_played(now: datetime) -> None:
    assert demonstration_load(now=now)
    assert not demonstration_load(now=now)
    scope_apply(Scope(0, (), (), True))
    assert (Project.objects.count(), SingleWork.objects.count(), Ruling.objects.count()) == (145, 132, 1)
    states = Counter(Case.objects.filter(pack="fire").values_list("workflow", "state"))
    assert states == {
        ("acceptance/1", "passed"): 52, ("acceptance/1", "evaluating"): 2, ("acceptance/1", "received"): 1, ("acceptance/1", "to_pass"): 1,
        ("acceptance/1", "failed"): 1, ("design/1", "passed"): 4, ("design/1", "reviewing"): 1, ("design/1", "correcting"): 1,
        ("design/1", "with_province"): 1, ("filing/1", "filed"): 5, ("filing/1", "received"): 2, ("filing/1", "passed"): 2, ("filing/1", "unselected"): 1, ("legacy/1", "confirmed"): 12,
        ("legacy/1", "verifying"): 9, ("legacy/1", "listed"): 43, ("legacy/1", "to_confirm"): 4, ("legacy/1", "rectifying"): 4,
        ("legacy/1", "preparing"): 3, ("blockage/1", "clearing"): 1, ("design/1", "received"): 1, ("merged/1", "parallel"): 1, ("merged/1", "permitted"): 1, ("merged_part/1", "part_passed"): 5,
        ("rectification/1", "told"): 4, ("rectification/1", "rectified"): 2, ("rectification/1", "verified"): 2,
    }  # fmt: skip
    assert [(one.year, one.projects) for one in passed_by_owner()] == [(2026, 1)] * 3 + [(2022, 51)]
    told = batches(Scope(0, (), (), True))
    assert (len(told), sum(one.projects for one in told), sum(one.works for one in told)) == (10, 75, 114)
    figures = promise_figures(now=now)
    assert figures["S0-40"] == "10 批、75 个,已发证 12 个"
    assert figures["S0-20"] == "列入 75 个,其中会同园区部门的 39 个"
    assert figures["S0-21"] == "项目 145 个、单体 132 个;其中会同园区办的历史遗留 39 个、114 个"
    (unsettled,) = permits_unsettled(Project.objects.get(name="己二腈中试装置项目").pk)
    assert (unsettled.permit.number, unsettled.asked) == ("建施许字〔2026〕0001号", True)
    public = Client().get("/public/draws/" + str(Draw.objects.get().pk)).content.decode()
    assert public.count("· 合格") == 2 and "结果相同" in public
    scope_apply(Scope(0, (), (), True))
    numbers = [Project.objects.get(name=name).pk for name in ("凤凰苑幼儿园", "湖滨路综合楼")]
    section = Client()
    section.force_login(Person.objects.get(username="xue"))
    pages = [section.get(f"/fire/projects/{number}").content.decode() for number in numbers]
    assert ["核查通过" in one for one in pages] == [False, True]
    scope_apply(Scope(0, (), (), True))
    tanks = Project.objects.get(name="己内酰胺罐区扩建项目")
    assert [one.title for one in rulings_like(tanks)] == ["石油化工罐区的灭火器按哪一本标准"]
    story = STORIES[0]
    told = story_play(story, scenes=len(story.scenes), now=now)
    assert [one.refusal != "" for one in told.taken] == [scene.refused for scene in story.scenes]
    known, ruled = "石油化工罐区的灭火器按哪一本标准", "工艺装置的消防竖管按哪一本标准"
    assert [one.told for one in told.taken if one.told] == [
        f"“聚碳酸酯装置扩建项目”的项目页上自己出现了裁定:{known}。",
        f"{ruled}:{STANDPIPES.ruling}",
        f"“尼龙切片装置二期项目”的项目页上自己出现了裁定:{ruled}、{known}。",
    ]
