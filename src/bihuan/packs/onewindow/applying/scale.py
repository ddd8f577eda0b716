"""A year's scale: how many came on line, which permits were issued, which pilot industries are open, each of how many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext

from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.identity.scope import day_of
from bihuan.lib.shares import share_told
from bihuan.packs.onewindow.applying.figures import reviews_counted
from bihuan.packs.onewindow.models import Application
from bihuan.packs.onewindow.themes.models import ThemeApplication
from bihuan.packs.onewindow.themes.permit import PERMIT
from bihuan.packs.onewindow.themes.selectors import theme_versions_on

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Scale:
    """Of a year's applications `taken` so many came `online` (applied for on the web, or handed in by another system); of the
    certificates `issued` in them and in themes so many are comprehensive `permits`; of the `pilots` (一业一证) that are open so many were
    `used`.
    """

    taken: int
    online: int
    issued: int
    permits: int
    pilots: int
    used: int


def scale_counted(*, now: datetime) -> Scale:
    """The figures of the last 365 days over what the present scope sees."""
    since = now - YEAR
    taken = Application.objects.filter(case__opened_at__gte=since).aggregate(
        all=Count("pk"),
        online=Count("pk", filter=Q(case__external_id__isnull=False) | Q(case__facts__channel="web")),
    )
    issued = Certificate.objects.filter(case__pack="onewindow", issued_at__gte=since).aggregate(
        all=Count("pk"), permits=Count("pk", filter=Q(kind=PERMIT.code))
    )
    pilots = set(
        theme_versions_on(day_of(now)).filter(active=True, kind="trade").values_list("theme", flat=True)
    )
    used = ThemeApplication.objects.filter(case__opened_at__gte=since, version__theme__in=pilots)
    return Scale(
        taken["all"], taken["online"], issued["all"], issued["permits"],
        len(pilots), used.values("version__theme").distinct().count(),
    )  # fmt: skip


def scale_figures(*, now: datetime) -> dict[str, str]:
    """Our figures for the promise of the year's scale, in words."""
    found, reviews = scale_counted(now=now), reviews_counted(since=now - YEAR)
    words = gettext("网上 %(online)s 件,满意 %(satisfied)s,综合许可证 %(permits)s 张,一业一证 %(pilots)s")
    told = {
        "online": share_told(found.online, found.taken),
        "satisfied": share_told(reviews.satisfied, reviews.evaluated),
        "permits": found.permits,
        "pilots": share_told(found.used, found.pilots),
    }
    return {"S2-49": words % told}
