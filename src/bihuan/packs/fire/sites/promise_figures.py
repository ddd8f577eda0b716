"""Our live figures of sites."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext

from bihuan.kernel.identity.scope import day_of
from bihuan.packs.fire.sites.life import share_told

SITES = """
    select count(*) filter (where stage in ('building', 'stopped')), count(*) filter (where stage in ('building', 'stopped') and joined_on is not null),
        coalesce(sum(area) filter (where stage in ('building', 'stopped')), 0), count(*) filter (where kind = 'municipal'), min(joined_on) from fire_site
"""
DEVICES = """
    select (select count(*) from fire_worker where left_at is null), (select count(*) from telemetry_device where active),
        (select count(*) from telemetry_episode)
"""
ACCIDENTS = "select count(*), max(at) from fire_accident"


def site_figures(counted: Callable[..., tuple[object, ...]], now: datetime) -> dict[str, str]:
    """Our figure for each promise about sites, by its id. `counted` asks the database for one row."""
    building, joined, area, municipal, begun = counted(SITES)
    people, devices, episodes = counted(DEVICES)
    accidents, last = counted(ACCIDENTS)
    since = day_of(last) if isinstance(last, datetime) else begun
    without = "–" if since is None else (day_of(now) - since).days  # type: ignore[operator]
    return {
        "S0-12": gettext("在建工地 %(building)s 个,其中市政登记 %(municipal)s 个")
        % {"building": building, "municipal": municipal},
        "S0-13": gettext("%(share)s,%(area)s 平方米")
        % {"share": share_told(int(str(joined)), int(str(building))), "area": f"{area:,.0f}"},
        "S0-15": gettext("在册 %(people)s 人、设备 %(devices)s 台、报警 %(episodes)s 次")
        % {"people": people, "devices": devices, "episodes": episodes},
        "S0-16": gettext("登记事故 %(accidents)s 起,无事故 %(days)s 天")
        % {"accidents": accidents, "days": without},
    }
