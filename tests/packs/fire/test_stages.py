"""Staged acceptance: what is planned, what is asked again, what a failed item holds, and when the whole is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.services import policy_set
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.packs.fire.applying.services import Asked, application_open
from bihuan.packs.fire.demonstration import have_all
from bihuan.packs.fire.findings.selectors import findings_holding, left_to_rectify
from bihuan.packs.fire.findings.services import Found, finding_record
from bihuan.packs.fire.materials import CONDITIONS
from bihuan.packs.fire.models import Covered, Hazard, Project, ProjectCase, SingleWork, Stage
from bihuan.packs.fire.models import Site as SmartSite
from bihuan.packs.fire.projects.selectors import applications_of, kinds_open
from bihuan.packs.fire.projects.services import Work
from bihuan.packs.fire.sites.hazards import HazardFound, hazard_report
from bihuan.packs.fire.sites.kinds import ITEMS as SITE_ITEMS
from bihuan.packs.fire.stages.rules import Early, accepted, early_faults, plan_of, standing
from bihuan.packs.fire.stages.selectors import stage_counts, works_told
from bihuan.packs.fire.stages.services import stages_plan
from tests.packs.fire.conftest import PASSING, SPECIAL, Section, paper

TWO = replace(SPECIAL, works=(Work("聚合装置", 12400, 36, 6), Work("中间罐区", 5200)))


def test_a_plan_has_the_structure_in_segments_and_without_kinds_one_whole() -> None:
    assert plan_of((), 3) == [("whole", 0)]
    assert plan_of(("installation", "structure"), 1) == [("structure", 0), ("installation", 0)]
    assert plan_of(("structure", "civil"), 2) == [("structure", 1), ("structure", 2), ("civil", 0)]


@pytest.mark.parametrize(
    ("outcomes", "stands"),
    [
        ([], "open"), (["ended"], "open"), ([""], "in_hand"), (["failed"], "failed"), (["failed", ""], "in_hand"),
        (["failed", "passed"], "passed"), (["failed", "ended"], "failed"),
    ],
)  # fmt: skip
def test_a_stage_stands_where_its_applications_left_it(outcomes: list[str], stands: str) -> None:
    assert standing(outcomes) == stands


def test_a_work_is_accepted_when_every_stage_has_passed() -> None:
    assert not accepted([])
    assert accepted(["passed", "passed"])
    assert not accepted(["passed", "in_hand"])


def test_use_before_the_rest_needs_the_rule_whole_works_and_both_declarations() -> None:
    both = Early(wanted=True, independent=True, safe=True)
    assert early_faults(both, allowed=True, whole_works=True) == []
    assert early_faults(Early(), allowed=False, whole_works=False) == []
    assert early_faults(both, allowed=False, whole_works=False) == ["partial_closed", "partial_unfinished"]
    assert early_faults(replace(both, safe=False), allowed=True, whole_works=True) == ["partial_unsafe"]
    assert early_faults(replace(both, independent=False), allowed=True, whole_works=True) == [
        "partial_dependent"
    ]


class Site:
    """A special project of two works, reviewed, with structure, civil works and installation planned for each."""

    def __init__(self, section: Section) -> None:
        self.section = section
        self.project = section.enter(TWO)
        section.reviewed(self.project)
        self.plan(("structure", "installation"))

    def plan(self, kinds: Sequence[str], segments: int = 1) -> int:
        works = list(self.project.works.values_list("pk", flat=True))
        return stages_plan(
            scope=self.section.scope("jin"), project=self.project.pk, works=works, kinds=kinds, segments=segments, now=self.section.now
        )  # fmt: skip

    def stages(self, name: str, *kinds: str) -> list[int]:
        self.section.see()
        return list(
            Stage.objects.filter(work__name=name, kind__in=kinds).order_by("pk").values_list("pk", flat=True)
        )

    def apply(self, stages: Sequence[int], early: Early = Early()) -> Case:  # noqa: B008
        self.section.key += 1
        number = application_open(
            scope=self.section.scope("jin"), project=self.project.pk, asked=Asked("acceptance", stages, early), key=f"stage:{self.section.key}", now=self.section.now,
        )  # fmt: skip
        self.section.see()
        return Case.objects.get(number=number)

    def accept(self, case: Case) -> None:
        held = {code: True for code, _ in CONDITIONS}
        self.section.take(case, "jin", "accept", **have_all("acceptance"), **held)

    def passes(self, case: Case) -> None:
        self.accept(case)
        self.section.take(case, "yan", "evaluate_pass", **PASSING)
        assert self.section.take(case, "du", "sign_pass") == "passed"

    def fails(self, case: Case) -> None:
        self.accept(case)
        self.section.take(case, "yan", "evaluate_fail", **PASSING, faults="3层消火栓栓口静压不足。")
        assert self.section.take(case, "du", "sign_fail") == "failed"

    def refused(self, stages: Sequence[int], early: Early = Early()) -> tuple[str, str]:  # noqa: B008
        before = Case.objects.count(), Covered.objects.count(), ProjectCase.objects.count()
        with pytest.raises(Refusal) as refusal:
            self.apply(stages, early)
        self.section.see()
        assert (Case.objects.count(), Covered.objects.count(), ProjectCase.objects.count()) == before
        return refusal.value.code, refusal.value.message

    def standings(self) -> list[tuple[str, list[str], bool]]:
        self.section.see()
        return [(w.work.name, [s.standing for s in w.stages], w.accepted) for w in works_told(self.project)]


@pytest.fixture
def site(section: Section) -> Site:
    return Site(section)


@pytest.mark.django_db
def test_a_failed_item_holds_only_its_stage_and_the_whole_passes_with_the_last(site: Site) -> None:
    polymer = site.apply(site.stages("聚合装置", "structure"))
    tanks = site.apply(site.stages("中间罐区", "structure", "installation"))
    site.fails(polymer)
    site.passes(tanks)
    assert site.standings() == [
        ("聚合装置", ["failed", "open"], False), ("中间罐区", ["passed", "passed"], True),
    ]  # fmt: skip
    site.passes(site.apply(site.stages("聚合装置", "installation")))
    site.passes(site.apply(site.stages("聚合装置", "structure")))
    counts = stage_counts(works_told(site.project))
    assert counts is not None and (counts.passed, counts.stages, counts.accepted, counts.works) == (
        4,
        4,
        2,
        2,
    )
    rows = Certificate.objects.filter(kind__in=("fire_stage_opinion", "fire_acceptance_opinion")).order_by(
        "pk"
    )
    assert [(row.kind, row.contents["scope"], row.contents["conclusion"]) for row in rows] == [
        ("fire_stage_opinion", "聚合装置:主体结构", "消防验收不合格"),
        ("fire_stage_opinion", "中间罐区:主体结构;中间罐区:安装工程", "消防验收合格"),
        ("fire_stage_opinion", "聚合装置:安装工程", "消防验收合格"),
        ("fire_stage_opinion", "聚合装置:主体结构", "消防验收合格"),
        ("fire_acceptance_opinion", "聚合装置、中间罐区", "消防验收合格"),
    ]


@pytest.mark.django_db
def test_a_stage_that_passed_or_is_in_hand_is_not_asked_again(site: Site) -> None:
    structure = site.stages("聚合装置", "structure")
    case = site.apply(structure)
    assert site.refused(structure) == ("stage", "“聚合装置:主体结构”已有一件申请在办。")
    site.passes(case)
    assert site.refused(structure) == ("stage", "“聚合装置:主体结构”已经通过,不再要求申请。")
    assert site.refused([10**9])[0] == "stage"
    assert site.refused([]) == ("stage", "这个项目分阶段验收:请选这次申请的单体和阶段。")
    with pytest.raises(Refusal) as begun:
        site.plan(("civil",))
    assert begun.value.code == "in_hand"
    site.section.see()
    assert Stage.objects.count() == 4
    assert kinds_open(site.project, applications_of(site.project, now=site.section.now)) == []


@pytest.mark.django_db
def test_a_part_is_used_early_only_when_independent_safe_and_allowed(site: Site) -> None:
    whole = site.stages("中间罐区", "structure", "installation")
    both = Early(wanted=True, independent=True, safe=True)
    assert site.refused(whole, replace(both, safe=False))[0] == "partial_dependent"
    assert site.refused(whole[:1], both)[0] == "partial_unfinished"
    case = site.apply(whole, both)
    assert case.facts["early"] is True
    site.passes(case)
    made = Certificate.objects.get(case=case, kind="fire_stage_opinion")
    assert made.contents["opinion"] == "所列单体能独立使用且使用安全(建设单位声明),验收合格后可以先投入使用。"
    day = site.section.now.date()
    policy_set(
        code="fire.partial",
        value="closed",
        legal_basis="试验",
        valid_from=day,
        now=site.section.now,
        by="test",
        unit="choice",
    )
    assert site.refused(site.stages("聚合装置", "structure", "installation"), both)[0] == "partial_closed"


@pytest.mark.django_db
def test_the_page_plans_applies_and_refuses_in_words(site: Site, django_assert_max_num_queries: Any) -> None:
    client = site.section.as_("jin")
    address = f"/fire/projects/{site.project.pk}/stages"
    with django_assert_max_num_queries(30):
        page = client.get(address).content.decode()
    assert "阶段通过 0/4,单体验收合格 0/2" in page
    answer = client.post(
        address, {"what": "apply", "key": "a", "stages": site.stages("聚合装置", "structure"), "early": "on"}
    )
    assert answer.status_code == 422 and "要把它的各阶段一并申请" in answer.content.decode()
    assert client.post(address, {"what": "plan", "works": ["x"], "segments": "0"}).status_code == 422
    sent = client.post(address, {"what": "apply", "key": "b", "stages": site.stages("聚合装置", "structure")})
    assert sent.status_code == 302 and sent.headers["Location"].startswith("/cases/XF")
    assert site.section.as_("wang").get(address).status_code == 403
    with pytest.raises(NotFound):
        stages_plan(
            scope=site.section.scope("wang"),
            project=site.project.pk,
            works=[1],
            kinds=(),
            segments=1,
            now=site.section.now,
        )
    site.section.see()
    assert (Project.objects.count(), Covered.objects.count(), Stage.objects.count()) == (1, 1, 4)


@pytest.mark.django_db
def test_a_finding_or_hazard_of_one_work_does_not_hold_another(site: Site) -> None:
    polymer = site.apply(site.stages("聚合装置", "structure"))
    tanks = site.apply(site.stages("中间罐区", "structure", "installation"))
    of = SingleWork.objects.get(name="中间罐区").pk
    for n, found in enumerate((
        Found("二层", "栓口静压不足。", "evaluation", item="hydrants", application=polymer.pk), Found("罐区东侧", "车道被占。", "site", work=of),
    )):  # fmt: skip
        finding_record(
            scope=site.section.scope("yan"),
            project=site.project.pk,
            found=found,
            key=f"stage:{n}",
            now=site.section.now,
        )
    site.section.see()
    assert [one.part for one in findings_holding(site.project.pk, polymer.pk)] == ["二层"]
    assert [one.part for one in findings_holding(site.project.pk, tanks.pk)] == ["罐区东侧"]
    keeper = site.section.scope("gao").held[0].unit
    with kernel_writes():
        ground = SmartSite.objects.create(
            name="罐区", kind="housing", project=site.project, unit_id=keeper, contractor="新光建设", zone="高新区", place="1号地块",
            permit="许可1", permitted_on=site.section.now.date(), stage="building", entered_at=site.section.now, key="site",
        )  # fmt: skip
    other = site.section.enter(replace(TWO, name="另一个")).works.values_list("pk", flat=True)[0]
    given: dict[str, Any] = {"scope": site.section.scope("gao"), "site": ground.pk, "now": site.section.now}
    with pytest.raises(Refusal, match="没有这个单体"):
        hazard_report(**given, found=HazardFound("东侧", "堆料占道", work=other), key="other")
    site.section.see()
    assert Hazard.objects.count() == 0
    sent = {"part": "东侧车道", "words": "堆料占道", "grade": "general", "work": str(of), "key": "form"}
    assert site.section.as_("gao").post(f"/fire/sites/{ground.pk}/hazards/new", sent).status_code == 302
    site.section.see()
    assert [left_to_rectify(site.project.pk, one.pk) for one in (polymer, tanks)] == [(1, 0), (1, 1)]
    looked = {
        **{code: "pass" for code, _label in SITE_ITEMS},
        "kind": "special",
        "water": "fail",
        "work": str(of),
        "key": "look",
    }
    assert site.section.as_("gao").post(f"/fire/sites/{ground.pk}/inspections/new", looked).status_code == 302
    site.section.see()
    assert [left_to_rectify(site.project.pk, one.pk) for one in (polymer, tanks)] == [(1, 0), (1, 2)]
    hazard_report(**given, found=HazardFound("大门", "堆料占道"), key="none")
    assert [left_to_rectify(site.project.pk, one.pk) for one in (polymer, tanks)] == [(1, 1), (1, 3)]


@pytest.mark.django_db
def test_an_owner_applies_for_stages_with_what_he_declares_and_hands_in(site: Site) -> None:
    with kernel_writes():
        Project.objects.filter(pk=site.project.pk).update(owner_unit=site.section.scope("lei").held[0].unit)
    client, number = site.section.as_("lei"), site.project.pk
    structure, address = site.stages("聚合装置", "structure"), f"/fire/owner/projects/{number}/acceptance"
    page = client.get(f"/fire/projects/{number}/stages").content.decode()
    assert f'action="{address}"' in page
    assert (
        client.post(
            f"/fire/projects/{number}/stages", {"what": "apply", "key": "a", "stages": structure}
        ).status_code
        == 403
    )
    assert client.get(address).headers["Location"] == f"/fire/projects/{number}/stages"  # no stage was chosen
    asked = client.get(f"{address}?stages={structure[0]}").content.decode()
    assert "聚合装置:主体结构" in asked
    sent = {"stages": structure, "true": "on", "key": "b", **{code: "on" for code, _ in CONDITIONS}}
    assert client.post(address, sent).status_code == 422
    site.section.see()
    assert (Covered.objects.count(), Case.objects.filter(workflow="acceptance/1").count()) == (0, 0)
    files = {"completion_report": paper("报告.pdf"), "as_built": paper()}
    assert client.post(address, {**sent, **files}).status_code == 302
    site.section.see()
    case = Case.objects.get(workflow="acceptance/1")
    assert (case.facts["scope"], case.facts["declared"]["true"]) == ("聚合装置:主体结构", True)
    assert list(Covered.objects.values_list("stage", "case")) == [(structure[0], case.pk)]
