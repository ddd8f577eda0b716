"""The story of two standards in the source documents (S0): they differ, it is ruled on once, and the ruling is found again."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case
from bihuan.kernel.desk.promises.stories import Acting, Begun, Scene, Story, after
from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import Scope, scope_of
from bihuan.kernel.pack import roles
from bihuan.kernel.sentences import in_line
from bihuan.packs.fire.applying.services import Asked, application_open
from bihuan.packs.fire.demonstration import have_all
from bihuan.packs.fire.materials import HAVE
from bihuan.packs.fire.models import Project, ProjectCase
from bihuan.packs.fire.projects.services import Declared, Work, project_enter
from bihuan.packs.fire.rulings.services import Ruled, ruling_enter, rulings_like

STANDARD = "GB 50160-2008(2018年版)"
FIRST = Declared(
    name="聚碳酸酯装置扩建项目", owner="鲁城化工集团有限公司", place="高新区化工产业园", use="生产易燃易爆危险物品的工厂",
    area="18200", height="31", standard=STANDARD, works=(Work("聚合装置", 13800, 31, 5), Work("原料罐区", 4400)),
)  # fmt: skip
NEXT = Declared(
    name="尼龙切片装置二期项目", owner="鲁城化工集团有限公司", place="高新区化工产业园", use="生产易燃易爆危险物品的工厂",
    area="9600", height="24", standard=STANDARD, works=(Work("切片装置", 6900, 24, 4), Work("中间罐区", 2700)),
)  # fmt: skip
STANDPIPES = Ruled(
    title="工艺装置的消防竖管按哪一本标准",
    clauses="《建筑设计防火规范》GB 50016 与《石油化工企业设计防火标准》GB 50160 对工艺装置消防竖管的规定不同。",
    ruling="石油化工企业的工艺装置按 GB 50160 设置消防竖管;厂区内的办公、控制等民用建筑按 GB 50016。",
    reason="GB 50160 是石油化工企业的专项标准,两本标准不同时专项标准优先;会同设计、审查单位明确。",
    scope="本市化工园区内执行 GB 50160 的新建、扩建项目",
    words=("装置",),
)


def review_begin(key: str, now: datetime) -> Begun:
    """The window enters the project and opens its design review."""
    scope = _scope_of(Person.objects.get(username="jin").pk, now)
    project = project_enter(scope=scope, declared=FIRST, key=f"story:{key}", now=now)
    asked = Asked("design")
    number = application_open(scope=scope, project=project.pk, asked=asked, key=f"story:{key}", now=now)
    return Begun(Case.objects.values_list("pk", flat=True).get(number=number), None)


def _scope_of(person: int, now: datetime) -> Scope:
    return scope_of(person=person, at=now, roles=roles())


def _found_again(project: Project) -> str:
    titles = [one.title for one in rulings_like(project)]
    return gettext("“%(project)s”的项目页上自己出现了裁定:%(rulings)s。") % {
        "project": project.name, "rulings": in_line(titles),
    }  # fmt: skip


def page_opened(acting: Acting) -> str:
    """The reviewer opens the page of the story's project."""
    return _found_again(ProjectCase.objects.select_related("project").get(case=acting.case).project)


def conflict_ruled(acting: Acting) -> str:
    """The conflict is ruled on, with clauses, reason and scope."""
    made = ruling_enter(scope=_scope_of(acting.person, acting.now), ruled=STANDPIPES, now=acting.now)
    return f"{made.title}:{made.ruling}"


def like_project(acting: Acting) -> str:
    """A like project is entered."""
    scope = _scope_of(acting.person, acting.now)
    return _found_again(
        project_enter(scope=scope, declared=NEXT, key=f"story:{acting.case}:next", now=acting.now)
    )


PASSES = "按裁定的标准审查,符合国家工程建设消防技术标准。"
STORIES = (
    Story(
        "standards", "S0-07", "两本标准,裁定一次",
        "装置的消防竖管,两本国家标准的规定不同。裁定一次,写明条文、理由和范围;下一个同类项目来了,裁定自己出现,不用再问。",
        "jin", "du", review_begin,
        (
            Scene("jin", "accept", "设计审查的材料齐全,受理", have_all("design", planning_permit=HAVE)),
            Scene("xue", "", "审查人打开项目:罐区灭火器以前裁定过", act=page_opened, when=after(hours=2)),
            Scene("yan", "", "装置的消防竖管,两本标准又不同。现场评定人想自己裁定,规则不许", act=conflict_ruled, refused=True),
            Scene("xue", "", "会同设计、审查单位明确,登记裁定", act=conflict_ruled, when=after(days=1)),
            Scene("xue", "propose_pass", "按裁定审查,拟合格,报签", {"opinion": PASSES}),
            Scene("xue", "sign_pass", "报签的人想自己签发,规则不许", {}, refused=True),
            Scene("du", "sign_pass", "负责人签发审查意见书:用了两个工作日,规定是十五个", when=after(hours=3)),
            Scene("jin", "", "一个月后,另一个同类项目来登记:两条裁定都在,一个字也不用再问", act=like_project, when=after(days=30)),
        ),
    ),
)  # fmt: skip
