"""The demonstration of the routes: chemical projects that passed in 2022, legacy projects in batches, an owner's own filings, small
works, a project accepted in stages, and a special design with its experts. Invented, after the source's story (S0).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from bihuan.kernel.cases.opening import Opening, case_open_many
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.text import SHANGHAI
from bihuan.packs.fire.applying.services import Asked
from bihuan.packs.fire.experts.services import expert_enter, review_call, votes_record
from bihuan.packs.fire.legacy.services import Listed, legacy_list
from bihuan.packs.fire.materials import HAVE
from bihuan.packs.fire.models import Project, ProjectCase, SingleWork
from bihuan.packs.fire.owners.services import own_application_open
from bihuan.packs.fire.projects.services import Declared, Work
from bihuan.packs.fire.stages.services import stages_plan

OWNER_NAME, PARK = "鲁城化工集团有限公司", "高新区化工产业园"
PASSED_2022 = 51
LEGACY_PROJECTS, LEGACY_WORKS, BATCHES, ALL_LISTED = 39, 114, 10, 75
PLANT = "生产易燃易爆危险物品的工厂"
PARTS = (
    "硝酸装置",
    "尿素装置",
    "双氧水装置",
    "甲胺装置",
    "聚碳酸酯装置",
    "多元醇装置",
    "甲酸装置",
    "有机硅装置",
    "罐区",
    "空分站",
    "循环水站",
    "装卸站",
    "变电所",
)
OLD = (
    ("净化车间", "甲类厂房"), ("合成车间", "甲类厂房"), ("包装楼", "丙类厂房"), ("原料库", "甲类仓库"), ("成品库", "丙类仓库"), ("化验楼", "实验楼"),
    ("维修车间", "戊类厂房"), ("锅炉房", "锅炉房"), ("水泵房", "水泵房"), ("办公楼", "企业办公楼"), ("氨库", "乙类仓库"), ("压缩厂房", "乙类厂房"),
    ("综合仓库", "丙类仓库"),
)  # fmt: skip
"""Buildings of the old works, and what each is used for: the classes of GB 50016, chapter 3 (synthesis gas 甲, ammonia 乙)."""
HOUSES = ("实验楼", "企业办公楼")
"""Uses that the standard for buildings judges; all else in the works is judged by that for petrochemical ones."""
TOWN = (("柳园老商场", "商场"), ("东关旅馆", "宾馆"), ("湖西办公楼", "办公楼"), ("闸口综合楼", "综合楼"))
"""Names and uses of old houses of the town."""
STAGED = Declared(
    name="聚碳酸酯二期项目", owner=OWNER_NAME, place=PARK, use=PLANT, area="21400", height="32", standard="GB 50160-2008(2018年版)",
    works=(Work("聚合装置", 15200, 32, 5), Work("中间罐区", 4800), Work("泵房", 1400, 8, 1)),
)  # fmt: skip
SPECIAL_DESIGN = Declared(
    name="鲁城会展中心二期", owner=OWNER_NAME, place="新区街道长江路", use="公共展览馆", area="24600", height="32",
    standard="GB 50016-2014(2018年版)", works=(Work("主展厅", 22400, 32, 1), Work("登录厅", 2200, 18, 2)),
)  # fmt: skip
OFFICE = Declared(
    "鲁城研发楼", OWNER_NAME, PARK, "办公楼", "6800", "23", works=(Work("研发楼", 6800, 23, 6),)
)
SHOP = Declared(
    "振兴路门面改造", "水城置业有限公司", "新区街道振兴路9号", "便利店", "180", "6", investment="22"
)
EXPERTS = (
    ("陈立功", "省建筑设计研究院", "建筑"), ("吴晓岚", "省建筑设计研究院", "给水排水"), ("马骏", "市规划建筑设计院", "电气"),
    ("孔令宇", "消防科学研究所", "火灾模拟"), ("于敏", "消防科学研究所", "灭火系统"), ("郭长海", "理工大学", "结构"), ("秦岚", "理工大学", "安全工程"),
    ("卢天明", "化工设计院", "化工工艺"), ("田野", OWNER_NAME, "化工工艺"),
)  # fmt: skip


def routes_play(stage: Any) -> None:
    """All of it; `stage` is the demonstration's `_Stage`."""
    _passed_in_2022(stage)
    _legacy(stage)
    _old_projects(stage)
    _owners(stage)
    _experts(stage)
    _staged(stage)


def _passed_in_2022(stage: Any) -> None:
    """One owner's projects of 2022, taken over as they are: accepted, without the clocks of their time."""
    with kernel_writes():
        unit = Unit.objects.get(code="371502_housing_fire").pk
        projects = Project.objects.bulk_create(
            Project(
                name=f"{PARTS[n % len(PARTS)]}{n // len(PARTS) + 1}期", owner=OWNER_NAME, owner_unit_id=stage.owner, unit_id=unit, place=PARK,
                use=PLANT, area=1800 + 137 * n, special=True, row=9, reason="第14条第9项:生产易燃易爆危险物品的工厂", standard="GB 50160-2008(2018年版)",
                entered_at=_day_2022(n) - timedelta(days=90), key=f"demonstration:2022:{n}",
            )
            for n in range(PASSED_2022)
        )  # fmt: skip
        opened = case_open_many([_accepted_2022(stage, project, n) for n, project in enumerate(projects)])
        ProjectCase.objects.bulk_create(
            ProjectCase(project=project, case_id=case.case, kind="acceptance")
            for project, case in zip(projects, opened, strict=True)
        )


def _day_2022(n: int) -> datetime:
    return datetime(2022, 1, 10, 10, tzinfo=SHANGHAI) + timedelta(days=6 * n)


def _accepted_2022(stage: Any, project: Project, n: int) -> Opening:
    opened = _day_2022(n)
    return Opening(
        pack="fire", workflow="acceptance", title=f"消防验收:{project.name}", text=f"{project.name},{OWNER_NAME}。", unit=project.unit_id,
        opened_by=project.unit_id, by=stage.person["jin"], now=opened, reported_at=opened, matter="acceptance", place=PARK,
        region=settings.REGION, facts={"project": project.pk}, viewers=(stage.owner,), imported=True, state="passed",
        closed_at=opened + timedelta(days=7),
    )  # fmt: skip


def _legacy(stage: Any) -> None:
    """75 projects in ten batches, 39 of them, with 114 single works, with the zone's department; each where its batch has come to."""
    with kernel_writes():
        zone = Unit.objects.get(code="371502_park").pk
    for n in range(LEGACY_PROJECTS):
        building, use = OLD[n % len(OLD)]
        works = [Work(f"{building}{k + 1}号", 300 + 41 * k) for k in range(_share(n))]
        name = f"老厂区{building}{n // len(OLD) + 1}期"
        declared = Declared(name, OWNER_NAME, PARK, use, str(900 + 60 * n), "12", legacy=True, works=works)
        project = stage.enter(declared, 70, owned=True)
        row = legacy_list(
            scope=stage.scope("xue", 60), listed=_listed(project, n, zone, use), now=stage.at(60 - n)
        )
        for username, step, days, data in _way(row.route, row.batch):
            stage.take(row.case_id, username, step, days, **data)


def _old_projects(stage: Any) -> None:
    """The others of the 75: old houses of the town, just listed."""
    for n in range(LEGACY_PROJECTS, ALL_LISTED):
        name, use = TOWN[n % len(TOWN)]
        declared = Declared(
            f"{name}{(n - LEGACY_PROJECTS) // len(TOWN) + 1}号楼", "水城置业有限公司", "柳园街道", use, str(1200 + 30 * n), "18", legacy=True
        )  # fmt: skip
        legacy_list(
            scope=stage.scope("xue", 9),
            listed=_listed(stage.enter(declared, 10), n, None, use),
            now=stage.at(9),
        )


def _share(n: int) -> int:
    """So many single works of the 114 belong to the n-th project."""
    return LEGACY_WORKS // LEGACY_PROJECTS + (n < LEGACY_WORKS % LEGACY_PROJECTS)


def _listed(project: int, n: int, zone: int | None, use: str) -> Listed:
    situation = ("never", "reviewed", "accepted", "filed")[n % 4]
    return Listed(
        project, batch=n % BATCHES + 1, situation=situation, decided_on=date(2008 + n % 12, 5, 20), drawings=n % 3 > 0,
        family="petrochemical" if zone and use not in HOUSES else "building", zone=zone,
    )  # fmt: skip


def _way(route: str, batch: int) -> Iterator[tuple[str, str, int, dict[str, str]]]:
    """What has happened to a project of this batch: the first four are through, the later ones on their way."""
    if batch > 8:
        return
    if route in ("identify", "continue"):
        yield "xue", "legacy_route", 20, {"reason": "按方案定路径,先补资料。"}
        if batch > 6:
            return
        yield "jin", "legacy_supplied", 14, {"supplied": "资料已到窗口"}
    else:
        yield "xue", "legacy_ready", 20, {"reason": "档案齐全,直接核查。"}
    if batch > 5:
        return
    if batch == 5:
        yield "yan", "legacy_fail", 9, {"faults": "东侧防火间距内堆放杂物,清除后复查。"}
        return
    yield "yan", "legacy_pass", 8, {"opinion": "按当时的标准现场核查,符合。"}
    if batch < 4:
        yield "du", "legacy_confirm", 6, {}


def _owners(stage: Any) -> None:
    """lei files late by commitment; a design of his waits for what is missing; small works of another owner come directly."""
    project = stage.enter(OFFICE, 20, owned=True)
    completed = (stage.at(1) - timedelta(days=14)).date().isoformat()
    declared = {
        "class": "general",
        "way": "commitment",
        "completed_on": completed,
        "promise": True,
        "true": True,
    }
    own_application_open(
        scope=stage.scope("lei", 1), project=project, asked=Asked("filing", declared=declared), key="demonstration:own", now=stage.at(1)
    )  # fmt: skip
    lacking = stage.enter(
        Declared("污水处理站改造", OWNER_NAME, PARK, PLANT, "2600", "9", standard="GB 50160-2008(2018年版)"),
        6,
        owned=True,
    )
    stage.take(
        stage.apply(lacking, "design", 3),
        "jin",
        "notify_once",
        2,
        **stage.have("design", design_documents="missing"),
    )
    stage.apply(stage.enter(SHOP, 2), "filing", 1)


def _experts(stage: Any) -> None:
    """An exhibition hall that no standard covers: with the province, eight experts called, six have spoken."""
    project = stage.enter(SPECIAL_DESIGN, 16, owned=True)
    case = stage.apply(project, "design", 14)
    stage.take(case, "jin", "accept", 13, **stage.have("design", planning_permit=HAVE))
    stage.take(
        case,
        "xue",
        "expert_begin",
        12,
        ground="no_standard",
        reason="主展厅的净高、防火分区面积和疏散距离超过国家标准的规定。",
    )
    stage.take(case, "xue", "expert_sent", 10, letter="建消报〔2026〕3号")
    number = stage.number(case)
    given: dict[str, Any] = {"scope": stage.scope("xue", 10), "now": stage.at(9)}
    people = [
        expert_enter(name=name, employer=employer, speciality=speciality, **given).pk
        for name, employer, speciality in EXPERTS
    ]
    called = people[:8]
    met = stage.at(2).astimezone(SHANGHAI).replace(hour=9, minute=30)
    review_call(number=number, at=met, place="省住房和城乡建设厅三楼", experts=called, **given)
    votes = {one: "disagree" if n == 5 else "agree" for n, one in enumerate(called[:6])}
    votes_record(number=number, votes=votes, scope=given["scope"], now=stage.at(1))


def _staged(stage: Any) -> None:
    """A plant in stages: the tanks are through and used early, the structure of the plant is applied for, the rest is open."""
    project = stage.enter(STAGED, 50, owned=True)
    stage.design(project, since=48)
    with kernel_writes():
        works = dict(SingleWork.objects.filter(project=project).values_list("name", "pk"))
    stages_plan(
        scope=stage.scope("jin", 30), project=project, works=[works["聚合装置"]], kinds=("structure", "civil", "installation"), segments=2,
        now=stage.at(30),
    )  # fmt: skip
    stages_plan(
        scope=stage.scope("jin", 30), project=project, works=[works["中间罐区"], works["泵房"]], kinds=("civil", "installation"), segments=1,
        now=stage.at(30),
    )  # fmt: skip
    stage.accepts_stages(project, "泵房", days=22, passes=True)
    stage.accepts_stages(project, "中间罐区", days=12, passes=False)
    stage.accepts_stages(project, "聚合装置", days=3, passes=None)
