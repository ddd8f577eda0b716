"""Our live figures beside the source's: aggregates over the register, nothing of any one case."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext

from bihuan.packs.fire.sites.promise_figures import site_figures

PASSED = """
    select count(distinct p.id), count(distinct p.owner) from fire_project p
    join fire_project_case a on a.project_id = p.id join cases_case c on c.id = a.case_id
    where c.state in ('passed', 'unselected') and a.kind in ('acceptance', 'filing') and c.closed_at > %s
    and not exists (
        select 1 from fire_stage s join fire_single_work w on w.id = s.work_id where w.project_id = p.id
        and not exists (select 1 from fire_covered v where v.stage_id = s.id and v.outcome = 'passed')
    )
"""
LEDGER = """
    select count(distinct p.id), count(w.id), count(distinct p.id) filter (where l.zone_id is not null),
        count(w.id) filter (where l.zone_id is not null)
    from fire_project p left join fire_single_work w on w.project_id = p.id left join fire_legacy_project l on l.project_id = p.id
"""
PHASES = "select count(*) filter (where revoked_at is null), count(*) filter (where revoked_at is not null) from fire_precheck"
TIMED = """
    select count(*), count(*) filter (where k.stopped_at <= k.due_at) from clocks_clock k
    join fire_project_case a on a.case_id = k.case_id
    where a.kind = %s and k.kind = %s and k.basis = 'promised' and k.stopped_at is not null
"""
STAGED = """
    select count(*), count(*) filter (where exists (select 1 from fire_covered c where c.stage_id = s.id and c.outcome = 'passed'))
    from fire_stage s where {}
"""
SMALL = """
    select count(*), count(*) filter (where exists (select 1 from fire_project_case a where a.project_id = p.id)) from fire_project p
    where p.small
"""
PROGRAMME = """
    select count(*), count(l.zone_id), count(distinct l.batch), count(*) filter (where c.state = 'confirmed')
    from fire_legacy_project l join cases_case c on c.id = l.case_id
"""
AUTHORITIES = """
    select count(*) filter (where decided_on < '2019-06-30'), count(*) filter (where decided_on >= '2019-06-30') from fire_legacy_project
"""
MOST = """
    select coalesce(max(n), 0) from (
        select count(distinct p.id) n from fire_project p
        join fire_project_case a on a.project_id = p.id join cases_case c on c.id = a.case_id
        where c.state in ('passed', 'unselected') and a.kind in ('acceptance', 'filing')
        group by p.owner, extract(year from c.closed_at at time zone 'Asia/Shanghai')
    ) y
"""
MERGED = "select count(*), count(*) filter (where state = 'permitted') from cases_case where pack = 'fire' and workflow like 'merged/%%'"
SITE_FINDINGS = """
    select count(*), count(*) filter (where c.state = 'verified') from fire_finding f join cases_case c on c.id = f.case_id where f.source = 'site'
"""
YEAR = 365


def promise_figures(*, now: datetime) -> dict[str, str]:
    """Our figure for each promise, in words, by its id."""
    with connection.cursor() as cursor:

        def counted(query: str, *values: object) -> tuple[int, ...]:
            cursor.execute(query, values)
            return tuple(cursor.fetchone())

        passed, owners = counted(PASSED, now - timedelta(days=YEAR))
        projects, works, legacy, legacy_works = counted(LEDGER)
        holding, revoked = counted(PHASES)
        done, kept = counted(TIMED, "acceptance", "handle")
        checked, in_time = counted(TIMED, "filing", "spot_check")
        (rulings,) = counted("select count(*) from fire_ruling")
        older, since = counted(AUTHORITIES)
        (most,) = counted(MOST)
        listed, together, batches, certified = counted(PROGRAMME)
        small, taken = counted(SMALL)
        segments, stood = counted(STAGED.format("s.kind = 'structure'"))
        alternate, alternated = counted(STAGED.format("s.kind in ('civil', 'installation')"))
        merged, permitted = counted(MERGED)
        on_site, verified = counted(SITE_FINDINGS)
        sites = site_figures(counted, now)
    return {
        **sites,
        "S0-01": gettext("近一年 %(owners)s 个建设单位的 %(n)s 个项目通过;一家一年最多 %(most)s 个")
        % {"owners": owners, "n": passed, "most": most},
        "S0-02": gettext("列入的项目中,划转前办过的 %(older)s 个,划转后的 %(since)s 个")
        % {"older": older, "since": since},
        "S0-20": gettext("列入 %(listed)s 个,其中会同园区部门的 %(together)s 个")
        % {"listed": listed, "together": together},
        "S0-40": gettext("%(batches)s 批、%(listed)s 个,已发证 %(certified)s 个")
        % {"batches": batches, "listed": listed, "certified": certified},
        "S0-05": gettext("合并办理 %(all)s 个,已发施工许可 %(done)s 个") % {"all": merged, "done": permitted},
        "S0-11": gettext("施工现场检查查出 %(all)s 条,复查合格 %(done)s 条")
        % {"all": on_site, "done": verified},
        "S0-06": gettext("限额以下项目 %(small)s 个,直接受理 %(taken)s 个")
        % {"small": small, "taken": taken},
        "S0-07": gettext("裁定 %s 条") % rulings,
        "S0-09": gettext("主体阶段 %(all)s 个,已通过 %(passed)s 个") % {"all": segments, "passed": stood},
        "S0-10": gettext("土建、安装阶段 %(all)s 个,已通过 %(passed)s 个")
        % {"all": alternate, "passed": alternated},
        "S0-17": gettext("已提前核查 %(holding)s 个时段,撤销 %(revoked)s 个")
        % {"holding": holding, "revoked": revoked},
        "S0-18": gettext(
            "验收 %(done)s 件,承诺7日内 %(kept)s 件;抽查 %(checked)s 件,承诺5日内 %(in_time)s 件"
        )
        % {"done": done, "kept": kept, "checked": checked, "in_time": in_time},
        "S0-21": gettext(
            "项目 %(projects)s 个、单体 %(works)s 个;其中会同园区办的历史遗留 %(legacy)s 个、%(old)s 个"
        )
        % {"projects": projects, "works": works, "legacy": legacy, "old": legacy_works},
    }
