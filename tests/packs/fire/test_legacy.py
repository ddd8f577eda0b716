"""Legacy projects: authority and standard by date, the route that follows, the steps to the certificate, figures by batch."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.packs.fire.legacy.rules import ROUTES, TIMES, in_force, reason_told, route_proposed, times_fault
from bihuan.packs.fire.legacy.selectors import batches
from bihuan.packs.fire.legacy.services import Listed, legacy_list
from bihuan.packs.fire.models import LegacyProject
from bihuan.packs.fire.projects.services import Work
from tests.packs.fire.conftest import SPECIAL, Section
from tools.make_catalogue import CHINESE

OLD = replace(SPECIAL, name="老厂区净化车间", legacy=True, works=(Work("净化车间"), Work("循环水站")))


@pytest.mark.parametrize(
    ("day", "authority", "standard"),
    [
        ("2019-06-29", "公安机关消防机构", "GB 50016-2014(2018年版)"), ("2019-06-30", "住房和城乡建设主管部门", "GB 50016-2014(2018年版)"),
        ("2015-04-30", "公安机关消防机构", "GB 50016-2006"), ("2015-05-01", "公安机关消防机构", "GB 50016-2014"), ("1980-01-01", "", ""),
    ],
)  # fmt: skip
def test_authority_and_standard_are_those_in_force_on_the_day(
    day: str, authority: str, standard: str
) -> None:
    on = date.fromisoformat(day)
    assert (in_force(TIMES["authority"], on), in_force(TIMES["building"], on)) == (authority, standard)


def test_the_dated_rows_are_in_order() -> None:
    assert not times_fault(TIMES)
    assert times_fault({"authority": [["2019-06-30", "b"], ["1998-09-01", "a"]]})


@pytest.mark.parametrize(
    ("situation", "drawings", "route", "papers"),
    [
        ("never", True, "judge", ("竣工图", "消防设施检测报告")), ("never", False, "identify", ("消防安全鉴定(检测)报告",)),
        ("reviewed", True, "continue", ("原审查意见书", "竣工图")), ("reviewed", False, "identify", ("消防安全鉴定(检测)报告",)),
        ("accepted", False, "confirm", ("原消防验收文书或档案查询证明",)), ("filed", True, "confirm", ("原消防备案文书或档案查询证明",)),
    ],
)  # fmt: skip
def test_each_situation_has_its_route_and_papers(
    situation: str, drawings: bool, route: str, papers: tuple[str, ...]
) -> None:
    told = route_proposed(
        situation, drawings=drawings, decided_on=date(2012, 5, 1), family="petrochemical", times=TIMES
    )
    assert (told.route, told.papers, told.authority, told.standard) == (
        route,
        papers,
        "公安机关消防机构",
        "GB 50160-2008",
    )
    assert told.route in ROUTES and told.reason
    assert reason_told(told.reason) == told.reason
    with translation.override("en"):
        words = [reason_told(told.reason), *map(gettext, told.papers)]
    assert not any(map(CHINESE.search, words)), words


def listed(section: Section, project: int, **more: Any) -> LegacyProject:
    given: dict[str, Any] = {
        "batch": 1,
        "situation": "reviewed",
        "decided_on": date(2012, 5, 1),
        "drawings": False,
        **more,
    }
    row = legacy_list(scope=section.scope("xue"), listed=Listed(project, **given), now=section.now)
    section.see()
    return row


@pytest.mark.django_db
def test_a_legacy_project_goes_its_route_to_the_certificate(section: Section) -> None:
    project = section.enter(OLD)
    with kernel_writes():
        zone = Unit.objects.get(code="371502_housing").pk
    row = listed(section, project.pk, zone=zone)
    case = Case.objects.get(pk=row.case_id)
    assert (row.route, case.state) == ("identify", "listed")
    section.take(case, "xue", "legacy_route", reason="竣工图缺失,先鉴定。")
    first = Clock.objects.get(case=case, kind="legacy", stopped_at=None)
    assert first.due_at is not None
    section.take(case, "jin", "legacy_supplied", supplied="鉴定报告 JD-2026-018")
    section.take(case, "yan", "legacy_fail", faults="东侧防火间距内堆放杂物,应清除。")
    section.take(case, "jin", "legacy_rectified")
    section.take(case, "yan", "legacy_pass", opinion="按 GB 50016-2006 核查,符合。")
    assert section.take(case, "du", "legacy_confirm") == "confirmed"
    made = Certificate.objects.get(case=case)
    assert (made.kind, made.number) == ("fire_legacy", "建消遗字〔2026〕0001号")
    assert made.contents["standard"] == "GB 50016-2006"
    assert made.contents["opinion"] == "按 GB 50016-2006 核查,符合。"
    (batch,) = batches(section.scope("du"))
    assert (batch.projects, batch.works, batch.confirmed, batch.in_hand) == (1, 2, 1, 0)
    assert f"{made.number}" in section.as_("jin").get(f"/fire/projects/{project.pk}").content.decode()


@pytest.mark.django_db
def test_only_a_legacy_project_is_listed_and_once(section: Section) -> None:
    project, other = section.enter(OLD), section.enter(SPECIAL)
    wrong: tuple[tuple[int, dict[str, Any], str], ...] = (
        (other.pk, {}, "legacy"), (project.pk, {"situation": "x"}, "choice"), (project.pk, {"batch": 0}, "range"),
        (project.pk, {"decided_on": date(2090, 1, 1)}, "future_date"), (project.pk, {"zone": 10**9}, "unit"),
    )  # fmt: skip
    for pk, given, code in wrong:
        with pytest.raises(Refusal) as refusal:
            listed(section, pk, **given)
        assert refusal.value.code == code
    with pytest.raises((NotFound, NotPermitted)):
        legacy_list(
            scope=section.scope("wang"),
            listed=Listed(project.pk, 1, "never", date(2012, 5, 1), True),
            now=section.now,
        )
    section.see()
    assert (LegacyProject.objects.count(), Case.objects.filter(pack="fire").count()) == (0, 0)
    listed(section, project.pk)
    with pytest.raises(Refusal) as again:
        listed(section, project.pk)
    assert again.value.code == "in_hand"
    with pytest.raises(Refusal, match="按它自己的路径办证"):
        section.apply(project, "acceptance")
    section.see()
    assert (LegacyProject.objects.count(), Case.objects.filter(pack="fire").count()) == (1, 1)


@pytest.mark.django_db
def test_the_page_lists_by_batch_and_takes_another(
    section: Section, django_assert_max_num_queries: Any
) -> None:
    projects = [section.enter(replace(OLD, name=f"老项目{n}", works=())) for n in range(4)]
    for n, project in enumerate(projects[:3]):
        listed(section, project.pk, batch=1 + n % 2)
    client = section.as_("jin")
    with django_assert_max_num_queries(30):
        page = client.get("/fire/legacy").content.decode()
    assert "第 1 批" in page and "老项目2" in page and "先由有资质的机构鉴定" in page
    assert "老项目1" not in client.get("/fire/legacy?batch=1").content.decode().split("列入一个项目")[0]
    client.cookies["django_language"] = "en"
    english = client.get("/fire/legacy").content.decode()
    form = english.split('data-draft="fire-legacy"')[1].split("</form>")[0].replace("老项目3", "")
    assert "Never reviewed, never accepted" in form and not re.search("[\u4e00-\u9fff]", form)
    assert "Public security fire brigade · GB 50016-2006" in english
    typed = {
        "project": str(projects[3].pk),
        "batch": "2",
        "situation": "never",
        "decided_on": "2010-01-01",
        "family": "building",
    }
    assert client.post("/fire/legacy", {**typed, "zone": "没有的单位"}).status_code == 422
    assert client.post("/fire/legacy", {**typed, "zone": "371502_housing"}).status_code == 302
    section.see()
    assert LegacyProject.objects.get(project=projects[3]).zone is not None
    assert section.as_("lei").get("/fire/legacy").status_code == 403
