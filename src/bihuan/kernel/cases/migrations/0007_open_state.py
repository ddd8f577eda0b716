"""Open cases by state and by the role of their present level of review: who waits for one role reads no other's cases.

The role is a column, kept by the database from `progress`: row-level security keeps what is read out of JSON from any index.
"""

from django.db import migrations

LEVEL = """
    alter table cases_case add column level_role text
        generated always as (progress -> 'levels' ->> coalesce((progress ->> 'level')::int, 0)) stored;
    create index cases_open_state on cases_case (state, level_role, due_at) include (workflow, unit_id, id)
        where closed_at is null;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_asked")]
    operations = [
        migrations.RemoveIndex("case", "cases_open_state"),
        migrations.RunSQL(LEVEL, "drop index cases_open_state; alter table cases_case drop column level_role"),
    ]
