"""Our live figures beside the source documents': aggregates over the last 30 days, nothing of any one order."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext

from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.scope import day_of
from bihuan.lib.shares import share_told
from bihuan.packs.hotline.figures import categories_counted, time_told
from bihuan.packs.hotline.policies import NAMED_RULES
from bihuan.packs.hotline.tiers.figures import above_figures

DAYS = 30
COUNTS = """
    select count(*) filter (where c.facts ? 'mediation'),
        count(*) filter (where c.facts -> 'mediation' -> -1 ->> 'result' = 'agreed'),
        coalesce(sum((c.facts -> 'mediation' -> -1 ->> 'sum')::numeric), 0),
        coalesce(sum(c.return_count), 0),
        count(*) filter (where c.state in ('with_discipline', 'transferred')),
        count(*) filter (where c.state = 'reviewing' and coalesce((c.facts ->> 'reachable')::bool, true)
            and ((c.facts ->> 'self_called_back')::bool or jsonb_array_length(c.facts -> 'self_attempted_at') > 0)),
        count(*) filter (where c.state = 'reviewing' and coalesce((c.facts ->> 'reachable')::bool, true)),
        count(*) filter (where (c.facts -> 'evaluation' ->> 'understood')::bool), count(*) filter (where c.facts ? 'evaluation'),
        count(*) filter (where c.progress -> 'did' ? 'review'), count(*) filter (where c.facts ? 'outcome'),
        coalesce(sum(c.redo_count), 0)
    from cases_case c where c.pack = 'hotline' and not c.imported and c.opened_at >= %s
"""
TENTHS = """
    select coalesce(sum(cardinality(listed)), 0),
        coalesce(sum((select count(*) from review_sampled d where d.sample_id = s.id)), 0),
        count(*) filter (where signed_at <= due_at), count(*) filter (where due_at < %s or signed_at is not null)
    from review_sample s where scheme = 'hotline.tenth' and drawn_at >= %s
"""
SCORED = """
    select count(distinct case_id), count(distinct unit_id),
        (select count(*) from scoring_account where matter = 'accountability'),
        (select count(distinct unit_id) from scoring_decision where kind = 'naming' and granted
            and (withdrawn_at is null or withdrawn_at > %(now)s))
    from scoring_item where pack = 'hotline' and at >= %(since)s and at < %(now)s
"""


def _regulations(now: datetime) -> list[str]:
    """The named regulations in force, with their versions."""
    book, on = rulebook(), day_of(now)
    found = (book.value(code, region=settings.REGION, on=on) for code in NAMED_RULES)
    return [f"《{name}》" for name in found if name]


def promise_figures(*, now: datetime) -> dict[str, str]:
    """Our figure for each promise that has one, in words, by its id."""
    since = now - timedelta(days=DAYS)
    largest = categories_counted(since=since, until=now)[:1]
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [since])
        (
            mediated, agreed, money, returns, handed, called, reviewing, understood, evaluated, reviewed, answered, redone,
        ) = cursor.fetchone()  # fmt: skip
        cursor.execute(
            "select count(*) from hotline_order where on_desk_at >= %s", [now - timedelta(days=365)]
        )
        year = cursor.fetchone()[0]
        cursor.execute(TENTHS, [now, since])
        listed, drawn, signed, due = cursor.fetchone()
        cursor.execute(SCORED, {"since": since, "now": now})
        scored, units, accounts, named = cursor.fetchone()
    above = above_figures(since=since, until=now)
    return {
        "S1-23": gettext("调解 %(mediated)s 件,成功 %(agreed)s 件,金额 %(money)s 元")
        % {"mediated": mediated, "agreed": agreed, "money": f"{money.normalize():,f}"},
        "S1-24": gettext("近一年承办 %s 件") % year,
        "S1-25": " · ".join(f"{one.name} {one.share}" for one in largest) or "–",
        "S1-29": gettext("上级下发 %(orders)s 件,中位 %(median)s 派到;2 秒之内 %(quick)s,派错 %(wrong)s")
        % {
            "orders": above.orders,
            "median": time_told(above.from_arrival_median_s),
            "quick": share_told(above.quick, above.orders),
            "wrong": share_told(above.wrong_automatic, above.automatic),
        },
        "S1-30": gettext("退单 %s 次") % returns,
        "S1-31": gettext("移送 %s 件") % handed,
        "S1-36": " · ".join(_regulations(now)),
        "S1-33": gettext("抽中 %(drawn)s;按时签字 %(signed)s")
        % {"drawn": share_told(drawn, listed), "signed": share_told(signed, due)},
        "S1-34": gettext("近30天计分 %(scored)s 件、%(units)s 个单位") % {"scored": scored, "units": units},
        "S1-35": gettext("启动问责 %s 次") % accounts,
        "S1-41": gettext("正在曝光 %s 个单位") % named,
        "S1-37": gettext("审核中、留有联系方式的 %s 先回访过") % share_told(called, reviewing),
        "S1-38": gettext("已评价的 %s 理解并认可") % share_told(understood, evaluated),
        "S1-39": gettext("已答复的 %s 经过审核") % share_told(reviewed, answered),
        "S1-40": gettext("重办 %s 次") % redone,
    }
