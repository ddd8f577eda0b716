"""Search of those who see some units: from their own cases when these are few, else from the words.

Their cases are found by the partial indexes on a unit's open and its closed cases, which no single condition reaches.
"""

from django.db import migrations

from bihuan.kernel.cases.security import EVERYTHING, following, policy_renewed

SEARCH = f"""
    create or replace function cases_search(wanted integer[], most integer) returns setof bigint
    language plpgsql stable security definer
    set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
    declare
        few constant integer := 5000;
        seen bigint[] := nullif(current_setting('bihuan.units', true), '')::bigint[];
        own bigint[];
    begin
        if coalesce(cardinality(wanted), 0) = 0 then
            return;
        elsif {EVERYTHING} then
            return query select t.case_id from cases_text t where t.grams @> wanted
                order by t.case_id desc limit least(most, 500);
            return;
        end if;
        own := array(
            (select c.id from cases_case c where c.unit_id = any(seen) and c.closed_at is null limit few)
            union (select c.id from cases_case c where c.unit_id = any(seen) and c.closed_at is not null limit few)
            union (select v.case_id from case_viewer v where v.unit_id = any(seen) limit few)
        );
        if cardinality(own) < few then
            return query select t.case_id from cases_text t where t.case_id = any(own) and t.grams @> wanted
                order by t.case_id desc limit least(most, 500);
        else
            return query select t.case_id from cases_text t join cases_case c on c.id = t.case_id
                where t.grams @> wanted and (c.unit_id = any(seen) or exists (
                    select 1 from case_viewer v where v.case_id = c.id and v.unit_id = any(seen)))
                order by t.case_id desc limit least(most, 500);
        end if;
    end $$;
"""  # noqa: S608  constants of ours


class Migration(migrations.Migration):
    dependencies = [("desk", "0004_turns"), ("cases", "0003_desk_indexes")]
    operations = [
        migrations.RunSQL(SEARCH, migrations.RunSQL.noop),
        policy_renewed("desk_turn", following("desk_turn")),
    ]
