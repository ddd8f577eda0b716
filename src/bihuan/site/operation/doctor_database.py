"""What an IT officer would ask of the database, the worker, the outbox and the seals."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from bihuan.kernel.ledger.sealing import kept_numbers
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.site.database_roles import KERNEL, LOGINS
from bihuan.site.operation.findings import Finding, judged
from bihuan.site.operation.readiness import SEAL_SECONDS, outbox_flows, worker_beats
from bihuan.site.operation.starting import migration_faults, orphans_told, workflow_faults
from bihuan.site.operation.state import flow_read, migrations_compared, sealed_read

OLDEST = 150_000
SKEW_WARN, SKEW_FAIL = 2.0, 30.0
"""Seconds between this machine's clock and the database's."""
ROLES = """
    select r.rolname, r.rolsuper or r.rolbypassrls or exists (
               select from pg_class c where c.relowner = r.oid and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace),
           pg_has_role(r.oid, %s, 'member')
    from pg_roles r where r.rolname = any(%s)
"""
UNGUARDED = """
    select c.relname from pg_class c
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and not c.relrowsecurity and (
        c.relname = 'cases_case' or exists (
            select from pg_constraint k where k.conrelid = c.oid and k.confrelid = 'cases_case'::regclass))
    order by 1
"""
STALLED = """
    select count(*) filter (where status = 'doing' and not exists (
               select from procrastinate_workers w where w.id = worker_id
               and w.last_heartbeat > clock_timestamp() - interval '5 minutes')),
           (select count(*) from notices_notice where status = 'failed')
    from procrastinate_jobs where status in ('todo', 'doing')
"""
QUOTING = """
    select name from pg_settings where (name = 'log_min_error_statement' and setting <> 'panic')
        or (name = 'log_statement' and setting <> 'none') order by 1
"""
CROWDED = """
    select count(*), current_setting('max_connections')::int from pg_stat_activity where backend_type = 'client backend'
"""


def database_examined(*, now: datetime) -> Iterator[Finding]:
    """Everything that the database tells; without its tables only what goes before."""
    yield from _server()
    faults = migration_faults(migrations_compared())
    yield judged(
        "migrations",
        " ".join(faults) or _("都已完成"),
        fail=bool(faults),
        remedy=_("见上;升级步骤在 docs/operate.md。"),
    )
    if faults:
        return
    with kernel_writes():
        yield from _guards()
        yield from _work(now)
    yield from _seals(now)


def _server() -> Iterator[Finding]:
    version = connection.pg_version if hasattr(connection, "pg_version") else 0
    yield judged(
        "database", f"PostgreSQL {version // 10000}.{version % 10000}",
        fail=version < OLDEST, remedy=_("换用 PostgreSQL 15 或更新的版本。"),
    )  # fmt: skip
    begun = time.time()
    (there,), (zone,) = (
        _row("select extract(epoch from clock_timestamp())"),
        _row(
            "select to_char(timestamptz '2026-03-02 02:00+00' at time zone %s, 'HH24')", [settings.TIME_ZONE]
        ),
    )
    skew = abs(float(there) - (begun + time.time()) / 2)
    yield judged(
        "clock", _("与数据库相差 %(seconds).1f 秒") % {"seconds": skew},
        fail=skew > SKEW_FAIL, warn=skew > SKEW_WARN, remedy=_("两台机器都用同一个时间服务器(chrony)。"),
    )  # fmt: skip
    here = datetime(2026, 3, 2, 2, tzinfo=UTC).astimezone().hour
    yield judged(
        "timezone", settings.TIME_ZONE, fail=zone != "10", warn=here != 10,
        remedy=_("把系统时区设为 Asia/Shanghai,并更新时区数据(tzdata)。"),
    )  # fmt: skip


def _guards() -> Iterator[Finding]:
    roles = {name: (strong, member) for name, strong, member in _rows(ROLES, [KERNEL, [*LOGINS.values()]])}
    wrong = [name for name in LOGINS.values() if roles.get(name) != (False, True)]
    yield judged(
        "roles", ", ".join(wrong) or ", ".join(LOGINS.values()), fail=bool(wrong),
        remedy=_("这些角色应存在、不是超级用户、不拥有表,并是 bihuan_kernel 的成员:见 docs/operate.md 的安装。"),
    )  # fmt: skip
    bare = [name for (name,) in _rows(UNGUARDED)]
    yield judged(
        "row_security", ", ".join(bare) or _("每张属于工单的表都有"), fail=bool(bare),
        remedy=_("停止服务,由表的所有者运行 alter table … enable row level security,并查清是谁关掉的。"),
    )  # fmt: skip
    quoting = [name for (name,) in _rows(QUOTING)]
    yield judged(
        "database_log", ", ".join(quoting) or _("不记语句"), warn=bool(quoting),
        remedy=_("语句里有个人信息:设 log_min_error_statement = panic、log_statement = none、log_error_verbosity = terse。"),
    )  # fmt: skip
    used, most = _row(CROWDED)
    yield judged(
        "connections",
        f"{used} / {most}",
        warn=used > most * 0.8,
        remedy=_("减少网页进程,或调高 max_connections。"),
    )
    faults = [*workflow_faults(), *orphans_told()]
    yield judged(
        "workflows", " ".join(faults) or _("与发布时一致"), fail=bool(faults), remedy=_("换回发布的程序。")
    )


def _work(now: datetime) -> Iterator[Finding]:
    flow = flow_read(now=now)
    beat = (
        _("没有后台任务进程")
        if flow.heartbeat is None
        else _("%(seconds).0f 秒前有心跳") % {"seconds": flow.heartbeat}
    )
    yield judged(
        "worker",
        beat,
        fail=not worker_beats(flow),
        remedy=_("启动 bihuan-worker(systemctl start bihuan-worker)。"),
    )
    stalled, failed = _row(STALLED)
    yield judged(
        "jobs", _("%(count)s 个任务随进程中断") % {"count": stalled}, warn=bool(stalled),
        remedy=_("后台任务启动后会自己接着做;长久不变的看日志。"),
    )  # fmt: skip
    late = flow.outbox or 0
    yield judged(
        "outbox", _("最久的一条晚了 %(seconds).0f 秒;%(failed)s 条发送失败") % {"seconds": late, "failed": failed},
        fail=not outbox_flows(flow), warn=bool(failed), remedy=_("在“管理 → 已发消息”里看原因。"),
    )  # fmt: skip


def _seals(now: datetime) -> Iterator[Finding]:
    found = sealed_read(now=now)
    overdue = found.sealed < found.height and found.seconds > SEAL_SECONDS
    yield judged(
        "seals", _("已封印 %(sealed)s / %(height)s") % {"sealed": found.sealed, "height": found.height}, fail=overdue,
        remedy=_("运行 bihuan seal take,看它说什么。"),
    )  # fmt: skip
    kept = kept_numbers()
    (last,) = _row("select coalesce(max(number), 0) from ledger_seal")
    differs = (kept[-1] if kept else 0) != last
    yield judged(
        "seals_kept", _("库外 %(kept)s,库内 %(last)s") % {"kept": kept[-1] if kept else 0, "last": last}, fail=differs,
        remedy=_("先运行 bihuan verify,查清之前不要继续。"),
    )  # fmt: skip


def _row(query: str, parameters: list[Any] | None = None) -> Any:
    return _rows(query, parameters)[0]


def _rows(query: str, parameters: list[Any] | None = None) -> list[Any]:
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
