"""Search in a function that applies the scope itself, and the index that the worklist's counts read.

Array operators are not leakproof, so row-level security would keep the planner from the index on `grams`: the
function runs as the tables' owner and repeats the policy of `cases_case` word by word.
"""

from django.db import migrations

from bihuan.kernel.cases.security import EVERYTHING, UNITS

SEARCH = f"""
    create function cases_search(wanted integer[], most integer) returns table (case_id bigint)
    language sql stable security definer set search_path = public, pg_temp as $$
        select c.id from cases_text t join cases_case c on c.id = t.case_id
        where t.grams @> wanted and cardinality(wanted) > 0 and (
            {EVERYTHING} or c.unit_id = {UNITS}
            or exists (select 1 from case_viewer v where v.case_id = c.id and v.unit_id = {UNITS}))
        order by c.id desc limit least(most, 500)
    $$;
    revoke all on function cases_search(integer[], integer) from public;
    grant execute on function cases_search(integer[], integer) to bihuan_app, bihuan_worker, bihuan_kernel;
"""  # noqa: S608  constants of ours


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_security")]
    operations = [
        migrations.RunSQL(SEARCH, "drop function cases_search(integer[], integer)"),
        migrations.RunSQL(
            "create index cases_open_board on cases_case (unit_id, state, due_at, id) include (warn_at, workflow)"
            " where closed_at is null",
            "drop index cases_open_board",
        ),
    ]
