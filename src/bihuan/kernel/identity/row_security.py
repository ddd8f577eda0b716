"""Row-level security as SQL for migrations: the second lock behind the selectors."""

from __future__ import annotations

from django.db import migrations

EVERYTHING = "current_setting('bihuan.everything', true) = 'on'"
UNITS = "any(nullif(current_setting('bihuan.units', true), '')::bigint[])"


def guarded(table: str, condition: str) -> migrations.RunSQL:
    """Row-level security on `table`: `app` sees rows that fulfil `condition`, worker and kernel see all."""
    return migrations.RunSQL(
        f"""
        alter table {table} enable row level security;
        create policy app_sees on {table} for select to bihuan_app using ({condition});
        create policy worker_sees on {table} for select to bihuan_worker using (true);
        create policy kernel_writes on {table} for all to bihuan_kernel using (true) with check (true);
        """,
        f"""
        drop policy app_sees on {table}; drop policy worker_sees on {table}; drop policy kernel_writes on {table};
        alter table {table} disable row level security;
        """,
    )
