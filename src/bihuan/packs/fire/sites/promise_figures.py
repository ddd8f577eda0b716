"""Our live figures of sites."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext

from bihuan.kernel.identity.scope import day_of
from bihuan.lib.shares import share_told

SITES = """
    select count(*) filter (where stage in ('building', 'stopped')), count(*) filter (where stage in ('building', 'stopped') and joined_on is not null),
        count(*), count(*) filter (where accepted_on is not null),
        coalesce(sum(area) filter (where stage in ('building', 'stopped')), 0), count(*) filter (where kind = 'municipal'), min(joined_on) from fire_site
"""
DEVICES = """
    select (select count(*) from fire_worker where left_at is null), (select count(*) from telemetry_device where active),
        (select count(*) from telemetry_episode)
"""
CHAIN = """
    select (select count(*) from fire_blockage), (select count(*) from fire_blockage b join cases_case c on c.id = b.case_id where c.closed_at is null),
        (select count(*) from fire_visit where made_at is not null), (select count(*) from fire_question),
        (select count(*) from fire_question where answered_at is not null), (select count(*) from fire_method where withdrawn_at is null)
"""
ACCIDENTS = "select count(*), max(at) from fire_accident"


def site_figures(counted: Callable[..., tuple[object, ...]], now: datetime) -> dict[str, str]:
    """Our figure for each promise about sites, by its id. `counted` asks the database for one row."""
    building, joined, every, accepted, area, municipal, begun = counted(SITES)
    people, devices, episodes = counted(DEVICES)
    accidents, last = counted(ACCIDENTS)
    since = day_of(last) if isinstance(last, datetime) else begun
    without = "–" if since is None else (day_of(now) - since).days  # type: ignore[operator]
    blocked, still, visits, questions, answered, methods = counted(CHAIN)
    return {
        "S0-04": gettext("登记堵点 %(all)s 个,未疏通 %(open)s 个") % {"all": blocked, "open": still},
        "S0-08": gettext("上门 %(visits)s 次,问题 %(all)s 个,已答 %(answered)s 个")
        % {"visits": visits, "all": questions, "answered": answered},
        "S0-19": gettext("已发布 %s 个做法") % methods,
        "S0-12": gettext("在建工地 %(building)s 个,其中市政登记 %(municipal)s 个")
        % {"building": building, "municipal": municipal},
        "S0-13": gettext("%(share)s,%(area)s 平方米")
        % {"share": share_told(int(str(joined)), int(str(building))), "area": f"{area:,.0f}"},
        "S0-14": gettext("工地 %(all)s 个,其中已竣工验收 %(accepted)s 个")
        % {"all": every, "accepted": accepted},
        "S0-15": gettext("在册 %(people)s 人、设备 %(devices)s 台、报警 %(episodes)s 次")
        % {"people": people, "devices": devices, "episodes": episodes},
        "S0-16": gettext("登记事故 %(accidents)s 起,无事故 %(days)s 天")
        % {"accidents": accidents, "days": without},
    }
