"""Cases opened in each hour of past days, rolled up: what is usual at this hour need not be counted again."""

from __future__ import annotations

from datetime import date

from django.db import connection

from bihuan.kernel.ledger.services import kernel_writes

ROLL_UP = """
    insert into desk_opened_hourly (day, hour, pack, count)
    select (opened_at at time zone 'Asia/Shanghai')::date,
        extract(hour from opened_at at time zone 'Asia/Shanghai')::int, pack, count(*)
    from cases_case
    where parent_id is null and opened_at < (%(last)s::date + 1)::timestamp at time zone 'Asia/Shanghai'
    group by 1, 2, 3
"""


def opened_roll_up(*, last: date) -> None:
    """Count the cases opened in each hour of every day up to `last` (days that are over, by Shanghai's clock) anew."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("lock table desk_opened_hourly in share row exclusive mode")
        cursor.execute("delete from desk_opened_hourly where day <= %s", [last])
        cursor.execute(ROLL_UP, {"last": last})
