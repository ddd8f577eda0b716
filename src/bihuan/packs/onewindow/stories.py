"""The story of a chemical project in the source documents (S4): what waits for nobody begins on one day, and 100 days are saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from bihuan.kernel.bundles.models import Part
from bihuan.kernel.bundles.selectors import network_happening, short_of
from bihuan.kernel.cases.actions import case_act
from bihuan.kernel.clocks.calendar import day_number, day_of
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.desk.promises.stories import Acting, Begun, Scene, Story
from bihuan.kernel.identity.models import Person
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.sentences import in_line
from bihuan.lib.text import SHANGHAI
from bihuan.packs.onewindow.applying.receiving import received_clean
from bihuan.packs.onewindow.demonstration.themes import firm_made_up
from bihuan.packs.onewindow.themes.applying import theme_take
from bihuan.packs.onewindow.themes.models import Theme
from bihuan.packs.onewindow.themes.selectors import theme_composed, theme_figures, theme_version_on

DISTRICT = "371502"
OPINION = {"advice": "grant", "opinion": "材料齐全,经核查符合条件。"}
GRANTED = {"answer": "经审查,符合法定条件,准予许可。"}


def project_begin(key: str, now: datetime) -> Begun:
    """The firm brings one application for the whole project to the window."""
    today = timezone.localdate(now)
    version = theme_version_on(Theme.objects.get(code="chemical").pk, today)
    assert version is not None
    materials = theme_composed(version, today).checklist.materials
    present = [str(n) for n, one in enumerate(materials, 1) if not one["held"] or one.get("register")]
    typed = {**firm_made_up("聊城光岳新材料有限公司", 99), "item": str(version.theme_id), "outcome": "accept"}
    received = received_clean(typed, present=present, today=today)
    fang = Person.objects.get(username="fang").pk
    return Begun(
        theme_take(received=received, subject="年产2万吨特种尼龙项目", by=fang, now=now, verified=True).case,
        None,
    )


def working_days_later(days: int) -> Callable[[datetime], datetime]:
    """Nine in the morning of the working day so many after."""

    def later(at: datetime) -> datetime:
        calendar = rulebook().calendar
        rank = calendar.worked_days(day_number(at.astimezone(SHANGHAI).date()))
        return datetime.combine(day_of(calendar.day_of_rank(rank + days)), time(9), SHANGHAI)

    return later


def parts_begun(acting: Acting) -> str:
    """Which parts are with their offices, and which wait for them."""
    with kernel_writes():
        parts = list(Part.objects.filter(bundle=acting.case).order_by("place"))
    begun, waiting = ([short_of(one) for one in parts if bool(one.case_id) is told] for told in (True, False))
    return gettext("%(begun)s:同一天转给%(n)s个单位;%(waiting)s 等它们都办完。") % {
        "begun": in_line(begun), "n": len(begun), "waiting": in_line(waiting),
    }  # fmt: skip


def part_act(code: str, step: str, data: Mapping[str, Any]) -> Callable[[Acting], str]:
    """A step on the case of a part."""

    def act(acting: Acting) -> str:
        with kernel_writes():
            case = Part.objects.get(bundle=acting.case, code=code).case_id or 0
        case_act(case_id=case, step=step, by=acting.person, now=acting.now, data=data)
        return ""

    return act


def days_told(acting: Acting) -> str:
    """What the parts' own days come to."""
    network = network_happening(acting.case, today=timezone.localdate(acting.now))
    assert network is not None and network.outcome is not None
    critical = in_line(row.short for row in network.rows if row.critical)
    return gettext(
        "一个接一个要 %(serial)s 个工作日,实际 %(elapsed)s 个,省下 %(saved)s 个;最长的一串是 %(critical)s。"
    ) % {
        "serial": network.outcome.serial, "elapsed": network.outcome.elapsed, "saved": network.outcome.saved, "critical": critical,
    }  # fmt: skip


def all_told(acting: Acting) -> str:
    """The same of every project that is done."""
    return theme_figures(now=acting.now)["S4-27"]


def _part(code: str, slug: str, says: str, *, days: int) -> tuple[Scene, Scene]:
    """Examined and granted so many working days after the part before."""
    office = f"{DISTRICT}_{slug}"
    return (
        Scene(f"{office}_handler", "", says, act=part_act(code, "examine", OPINION), when=working_days_later(days)),
        Scene(f"{office}_section_chief", "", f"{code}:准予", act=part_act(code, "part_grant", GRANTED)),
    )  # fmt: skip


STORIES = (
    Story(
        "hundred-days", "S4-27", "并联审批省下的一百多天",
        "能评、环评、安评、规划同步启动,办手续和现场拆除同步推进。一份申请,同一天转给五个单位;省下几天,由每个部分自己的办理记录算出。",
        "fang", "fang", project_begin,
        (
            Scene("", "", "窗口受理:互不等待的审批同一天开始", act=parts_begun),
            *_part("场地", "enforcement", "第6天,现场拆除清理验收审查完", days=6),
            *_part("能评", "development", "第8天,节能审查完", days=2),
            *_part("规划", "resources", "第10天,规划许可审查完", days=2),
            Scene("ren", "issue_permit", "还有三个部分没有办完,就想制发综合许可,规则不许", refused=True),
            *_part("安评", "emergency", "第11天,安全条件审查完", days=1),
            *_part("环评", "ecology", "第15天,环评审查完:施工许可自动开始", days=4),
            *_part("施工", "housing", "第18天,施工许可审查完", days=3),
            Scene("", "", "全部办结:省下几天,自己算出来", act=days_told),
            Scene("ren", "issue_permit", "一个项目,一张综合许可"),
            Scene("", "", "五个项目连同这一个,一共省下", act=all_told),
        ),
    ),
)  # fmt: skip
