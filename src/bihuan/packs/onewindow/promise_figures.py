"""Our live figures beside the source's: sums over the applications, nothing of any one case."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext

from bihuan.packs.onewindow.applying.scale import scale_figures
from bihuan.packs.onewindow.themes.selectors import theme_figures

MONTH = timedelta(days=30)
WORK = """
    with done as (
        select case_id, event, event in ('accept', 'accept_lacking', 'accept_commitment', 'accept_at_once', 'deem_accepted') as accepted
        from onewindow_change where at >= %s
    )
    select count(*) filter (where event = 'ask_approver'), count(*) filter (where event = 'answer_desk'),
        count(*) filter (where accepted), count(*) filter (where event in ('accept_at_once', 'decide_at_once')), count(*) filter (where event = 'deliver'),
        (select count(*) from (select from done group by case_id having bool_or(event in ('tell_missing', 'tell_unfit'))) t),
        (select count(*) from (select from done group by case_id having bool_or(event in ('tell_missing', 'tell_unfit')) and bool_or(accepted)) s)
    from done
"""
HALL = """
    select (select count(*) from onewindow_ticket where taken_at >= %s), (select count(*) from onewindow_ticket where taken_at >= %s and state = 'served'),
        (select count(*) from onewindow_served s join onewindow_ticket t on t.id = s.ticket_id join cases_case c on c.id = s.case_id
            where t.taken_at >= %s and c.workflow <> 'hall_service/1'),
        (select count(*) from appointments_booking where made_at >= %s and state <> 'cancelled'),
        (select count(*) from appointments_booking where made_at >= %s and state = 'arrived'),
        (select count(*) from appointments_hours_change where not closed)
"""
TOGETHER = """
    select count(*), count(*) filter (where first > 1) from (
        select count(*) filter (where p.opened_at::date = b.begun_at::date) as first
        from bundles_part p join bundles_bundle b on b.case_id = p.bundle_id join onewindow_theme_application a on a.case_id = b.case_id
        join onewindow_theme_version v on v.id = a.version_id where v.kind = 'project' group by b.case_id
    ) projects
"""


def promise_figures(*, now: datetime) -> dict[str, str]:
    """Our figure for each promise, in words, by its id."""
    return {**theme_figures(now=now), **scale_figures(now=now), **_work_figures(now), **_hall_figures(now)}


def _counted(query: str, *values: object) -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return tuple(cursor.fetchone())


def _work_figures(now: datetime) -> dict[str, str]:
    asked, answered, accepted, at_once, delivered, told, mended = _counted(WORK, now - MONTH)
    (kept,) = _counted("select count(*) from onewindow_lesson where active")
    projects, together = _counted(TOGETHER)
    return {
        "S2-43": gettext("记下来的知识 %s 条") % kept,
        "S2-44": gettext("请教 %(asked)s 次,答复 %(answered)s 次") % {"asked": asked, "answered": answered},
        "S2-45": gettext("受理 %(accepted)s 件,统一出件 %(delivered)s 件") % {"accepted": accepted, "delivered": delivered},
        "S2-46": gettext("受理 %(accepted)s 件,其中当场办结 %(at_once)s 件;一次告知补正 %(told)s 件")
        % {"accepted": accepted, "at_once": at_once, "told": told},
        "S2-47": gettext("一次告知 %(told)s 件,已补齐受理 %(mended)s 件") % {"told": told, "mended": mended},
        "S4-28": gettext("%(projects)s 个项目,其中 %(together)s 个有两项以上同一天开始")
        % {"projects": projects, "together": together},
    }  # fmt: skip


def _hall_figures(now: datetime) -> dict[str, str]:
    taken, served, joined, booked, arrived, changes = _counted(HALL, *[now - MONTH] * 5)
    return {
        "S2-51": gettext("取号 %(taken)s 个,已办 %(served)s 个;带号收件 %(joined)s 件")
        % {"taken": taken, "served": served, "joined": joined},
        "S2-53": gettext("预约 %(booked)s 次,到了 %(arrived)s 次;加开的时间 %(changes)s 段")
        % {"booked": booked, "arrived": arrived, "changes": changes},
    }
