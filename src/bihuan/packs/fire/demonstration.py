"""A handful of projects for the demonstration, of our own invention; the chemical ones follow the source's story (S0).

The people are the fire section's; a draw is held in the demonstration by whoever tries it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import scope_of
from bihuan.kernel.identity.services import UnitData, people_enter, units_enter
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from bihuan.packs.fire.applying.services import Asked, application_open
from bihuan.packs.fire.demonstration_routes import routes_play
from bihuan.packs.fire.draws.services import draw_hold
from bihuan.packs.fire.evaluations.demonstration import Evaluating
from bihuan.packs.fire.materials import CONDITIONS, HAVE, MATERIALS, NOT_NEEDED
from bihuan.packs.fire.merging.demonstration import merged_load
from bihuan.packs.fire.models import Drawn, Project, Stage
from bihuan.packs.fire.projects.deferring import Later
from bihuan.packs.fire.projects.prechecks import precheck_pass
from bihuan.packs.fire.projects.services import Declared, Work, project_enter
from bihuan.packs.fire.rulings.services import Ruled, ruling_enter
from bihuan.packs.fire.sites.demonstration import SITE_PEOPLE, SITE_UNITS, sites_load
from bihuan.packs.fire.stages.rules import Early
from bihuan.packs.fire.visits.demonstration import chain_load
from bihuan.packs.fire.workflows import CHIEF, INSPECTOR, REVIEWER, WINDOW

HOUSING, SECTION, OWNER = "371502_housing", "371502_housing_fire", "371502_owner_lucheng"
PARK = "371502_park"
UNITS = (
    UnitData(
        SECTION, "东昌府区住房和城乡建设局消防审验科", "department", "county", HOUSING,
        "Dongchangfu District Housing Bureau Fire Review Section",
    ),
    UnitData(PARK, "高新区建设管理部", "department", "county", "371502", "High-tech Zone Construction Department"),
    UnitData(OWNER, "鲁城化工集团有限公司", "external", "county", "371502", "Lucheng Chemical Group"),
    *SITE_UNITS,
)  # fmt: skip
PEOPLE = (
    ("jin", "金敏", SECTION, WINDOW),
    ("xue", "薛静", SECTION, REVIEWER),
    ("yan", "严松", SECTION, INSPECTOR),
    ("ping", "平立新", SECTION, INSPECTOR),
    ("luo", "罗建成", SECTION, INSPECTOR),
    ("du", "杜宏", SECTION, CHIEF),
    ("lei", "雷明", OWNER, "fire_owner"),
    *SITE_PEOPLE,
)
ETHYLENE = Declared(
    name="24万吨/年乙烯下游一体化项目", owner="鲁城化工集团有限公司", place="高新区化工产业园",
    use="生产易燃易爆危险物品的工厂", area="38600", height="36", standard="GB 50160-2008(2018年版)",
    works=(Work("聚合装置", 12400, 36, 6), Work("中间罐区", 5200), Work("空压站", 1800, 9, 1), Work("中央控制室", 2100, 8, 1)),
)  # fmt: skip
TANKS = Declared(
    name="己内酰胺罐区扩建项目", owner="鲁城化工集团有限公司", place="高新区化工产业园",
    use="储存易燃易爆危险物品的仓库", area="6300", height="12", standard="GB 50160-2008(2018年版)",
    works=(Work("苯罐区", 4100), Work("泵房", 320, 6, 1)),
)  # fmt: skip
LEGACY = Declared(
    name="老厂区净化车间", owner="鲁城化工集团有限公司", place="高新区化工产业园", use="甲类厂房", area="2850", height="15",
    standard="GB 50016-2006", legacy=True, works=(Work("净化车间", 2400, 15, 2), Work("循环水站", 450, 6, 1)),
)  # fmt: skip
HALL = Declared(
    name="鲁城会展中心", owner="鲁城化工集团有限公司", place="新区街道长江路", use="公共展览馆", area="26800", height="23",
    standard="GB 50016-2014(2018年版)", works=(Work("展厅", 24200, 23, 2), Work("会议楼", 2600, 18, 4)),
)  # fmt: skip
DRAWN = (
    Declared("凤凰苑幼儿园", "东昌府区教育和体育局", "凤凰街道", "幼儿园儿童用房", "820", "9", crowded=True),
    Declared("机械配件厂房", "光岳机械有限公司", "嘉明开发区", "丙类厂房", "6100", "13"),
    Declared("运河路办公楼", "水城置业有限公司", "古楼街道运河路", "办公楼", "7400", "28"),
)
"""Filed three weeks ago; the draw was held then."""
FILED = (
    Declared("湖滨路综合楼", "水城置业有限公司", "柳园街道湖滨路18号", "办公楼", "8200", "32"),
    Declared("阳光幼儿园", "东昌府区教育和体育局", "古楼街道", "幼儿园儿童用房", "960", "11", crowded=True),
    Declared("电子元件厂房", "光岳电子有限公司", "嘉明开发区", "丙类厂房", "5400", "14"),
    Declared("鲁西快捷酒店", "鲁西酒店管理有限公司", "新区街道振兴路", "酒店", "4800", "24", crowded=True),
    Declared("农贸批发仓库", "丰源仓储有限公司", "沙镇镇", "丙类仓库", "9800", "10", punished=True),
)
RULING = Ruled(
    title="石油化工罐区的灭火器按哪一本标准",
    clauses="《建筑设计防火规范》GB 50016 与《石油化工企业设计防火标准》GB 50160 对罐区灭火器配置的规定不同。",
    ruling="石油化工企业的罐区按 GB 50160 配置灭火器;厂区内的办公、控制等民用建筑按 GB 50016。",
    reason="GB 50160 是石油化工企业的专项标准,两本标准不同时专项标准优先;市住建部门会同设计、审查单位明确。",
    scope="本市化工园区内执行 GB 50160 的新建、扩建项目",
    words=("罐区", "储罐"),
)


def demonstration_load(*, now: datetime) -> bool:
    """Units, people and projects, once: False when they are there already."""
    with kernel_writes():
        if Project.objects.exists():
            return False
    with transaction.atomic():
        people_load(now=now)
        _Stage(now).play()
        sites_load(now=now)
        chain_load(now=now)
        merged_load(now=now, documents=have_all("design", planning_permit=HAVE))
    return True


def people_load(*, now: datetime) -> dict[str, int]:
    """The fire section and an owner's representative. Returns their ids by user name."""
    with kernel_writes():
        ids = units_enter(units=UNITS, now=now, by="system")
        return people_enter(
            people=[
                {"username": username, "name": name, "grants": [(ids[unit], role)]}
                for username, name, unit, role in PEOPLE
            ],
            password=settings.DEMONSTRATION_PASSWORD,
            now=now,
            by="system",
        )


def have_all(kind: str, **changed: str) -> dict[str, Any]:
    """Every document of an application there; what is conditional not needed, unless `changed` says otherwise."""
    return {one.code: NOT_NEEDED if one.conditional else HAVE for one in MATERIALS[kind]} | changed


class _Stage:
    """The section's people at work, some days before `now`."""

    def __init__(self, now: datetime) -> None:
        self.now, self.key = now, 0
        with kernel_writes():
            self.person = dict(Person.objects.values_list("username", "id"))
            self.owner = Person.objects.get(username="lei").grants.get().unit_id

    def play(self) -> None:
        """All that has happened so far."""
        self.drawn()
        ethylene = self.enter(ETHYLENE, 60, owned=True)
        ruling_enter(scope=self.scope("xue", 58), ruled=_of(RULING, ethylene), now=self.at(58))
        self.design(ethylene, since=57)
        land = Later("用地批准文件复印件", self.at(-1).date())
        for phase, days, later in ((1, 24, ()), (2, 16, ()), (3, 6, (land,))):
            precheck_pass(
                scope=self.scope("yan", days), project=ethylene, kind="acceptance", phase=phase, later=later, now=self.at(days)
            )  # fmt: skip
        evaluating = Evaluating(self.person, self.now)
        evaluating.under_way(project=ethylene, case=self.accepted(ethylene))
        hall = self.enter(HALL, 40, owned=True)
        self.design(hall, since=38)
        evaluating.passed(case=self.accepted(hall))
        tanks = self.enter(TANKS, 9, owned=True)
        self.take(
            self.apply(tanks, "design", 4), "jin", "accept", 4, **have_all("design", planning_permit=HAVE)
        )
        legacy = self.enter(LEGACY, 12, owned=True)
        self.apply(legacy, "acceptance", 2)
        for place, declared in enumerate(FILED):
            self.file(self.enter(declared, 8 - place), 4)
        routes_play(self)

    def drawn(self) -> None:
        """A draw of three weeks ago: what was drawn has been checked, and passed."""
        for declared in DRAWN:
            self.file(self.enter(declared, 24), 22)
        held = draw_hold(scope=self.scope("du", 20), now=self.at(20))
        username = {person: name for name, person in self.person.items()}
        evaluating = Evaluating(self.person, self.at(15))
        with kernel_writes():
            found = list(Drawn.objects.filter(draw=held).order_by("pk"))
        for one in found:
            first, second = (username[person] for person in one.inspectors)
            evaluating.concluded(case=one.case_id, by=(first, second))
            self.take(
                one.case_id, first, "check_pass", 14, opinion="按清单检查,符合国家工程建设消防技术标准。"
            )

    def accepts_stages(self, project: int, work: str, *, days: int, passes: bool | None) -> None:
        """An application for all stages of a work, some days ago: passed, failed, or (None) accepted by the window so far."""
        with kernel_writes():
            stages = list(
                Stage.objects.filter(work__project=project, work__name=work).values_list("pk", flat=True)
            )
        if passes is None:
            stages = stages[:1]
        early = Early(wanted=bool(passes), independent=True, safe=True)
        number = application_open(
            scope=self.scope("jin", days + 2), project=project, asked=Asked("acceptance", stages, early),
            key=f"demonstration:{project}:{work}", now=self.at(days + 2),
        )  # fmt: skip
        with kernel_writes():
            case = Case.objects.get(number=number).pk
        held = {code: True for code, _label in CONDITIONS}
        self.take(case, "jin", "accept", days + 1, **have_all("acceptance"), **held)
        evaluating = Evaluating(self.person, self.at(days))
        if passes:
            evaluating.passed(case=case)
            self.take(case, "du", "sign_pass", days)
        elif passes is False:
            evaluating.failed(
                case=case,
                item="alarm",
                faults="罐区东侧手动报警按钮动作后控制器没有反馈,应按 GB 50166 第4章整改。",
            )
            self.take(case, "du", "sign_fail", days)

    def number(self, case: int) -> str:
        """A case's number."""
        with kernel_writes():
            return Case.objects.values_list("number", flat=True).get(pk=case)

    def have(self, kind: str, **changed: str) -> dict[str, Any]:
        """See `have_all`."""
        return have_all(kind, **changed)

    def accepted(self, project: int) -> int:
        """An application for acceptance that the window accepted five days ago."""
        case = self.apply(project, "acceptance", 5)
        held = {code: True for code, _label in CONDITIONS}
        self.take(case, "jin", "accept", 5, **have_all("acceptance"), **held)
        return case

    def design(self, project: int, *, since: int) -> None:
        """A design review from the window to the signature."""
        case = self.apply(project, "design", since)
        self.take(case, "jin", "accept", since, **have_all("design", planning_permit=HAVE))
        self.take(
            case, "xue", "propose_pass", since - 5, opinion="按裁定的标准审查,符合国家工程建设消防技术标准。"
        )
        self.take(case, "du", "sign_pass", since - 6)

    def file(self, project: int, days: int) -> None:
        """A filing by documents, which then waits for the draw."""
        completed = (self.at(days) - timedelta(days=2)).date().isoformat()
        data = have_all("filing", completion_report=HAVE, as_built=HAVE) | {
            "class": "general", "way": "documents", "completed_on": completed,
        }  # fmt: skip
        self.take(self.apply(project, "filing", days), "jin", "accept", days, **data)

    def enter(self, declared: Declared, days: int, *, owned: bool = False) -> int:
        """A project entered by the window clerk some days ago."""
        self.key += 1
        given = Declared(**{**_fields(declared), "owner_unit": self.owner if owned else None})
        return project_enter(
            scope=self.scope("jin", days), declared=given, key=f"demonstration:{self.key}", now=self.at(days)
        ).pk

    def apply(self, project: int, kind: str, days: int) -> int:
        """The id of the case of a new application."""
        number = application_open(
            scope=self.scope("jin", days), project=project, asked=Asked(kind), key=f"demonstration:{project}:{kind}", now=self.at(days)
        )  # fmt: skip
        with kernel_writes():
            return Case.objects.get(number=number).pk

    def take(self, case: int, username: str, step: str, days: int, **data: Any) -> None:
        """A step taken some days ago."""
        case_move(case_id=case, step=step, by=self.person[username], now=self.at(days), data=data)

    def at(self, days: int) -> datetime:
        return self.now - timedelta(days=days)

    def scope(self, username: str, days: int) -> Any:
        with kernel_writes():
            return scope_of(person=self.person[username], at=self.now, roles=roles())


def _fields(declared: Declared) -> Mapping[str, Any]:
    return {name: getattr(declared, name) for name in Declared.__dataclass_fields__}


def _of(ruled: Ruled, project: int) -> Ruled:
    return Ruled(
        **{**{name: getattr(ruled, name) for name in Ruled.__dataclass_fields__}, "project": project}
    )
