"""Search reads the words themselves where it finds the pairs, so that what is found is not cut short by what only looks alike.

A number beside a word ("3栋") and a single character say little by their pairs: of those that hold the pairs the newest
two thousand are read for such `words`; of a unit's cases the open ones and those that were closed last.
"""

from django.db import migrations

from bihuan.kernel.cases.security import EVERYTHING

WORDS = """lower(normalize(concat_ws(E'\\n', c.title, t.text, c.place, t.answer), NFKC)) like all (said)"""
PAIRS = "(cardinality(wanted) = 0 or t.grams @> wanted)"
LAST = "order by n.id desc limit least(most, 500)"
NEWEST = "order by t.case_id desc limit case when cardinality(words) = 0 then least(most, 500) else looked end"
READ = f"n join cases_text t on t.case_id = n.id join cases_case c on c.id = n.id where {WORDS} {LAST}"
SEARCH = f"""
    create function cases_search(wanted integer[], words text[], most integer) returns setof bigint
    language plpgsql stable security definer
    set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
    declare
        few constant integer := 5000;
        looked constant integer := 2000;
        seen bigint[] := nullif(current_setting('bihuan.units', true), '')::bigint[];
        said text[] := array(select '%' || word || '%' from unnest(words) word);
        own bigint[];
    begin
        if coalesce(cardinality(wanted), 0) = 0 and coalesce(cardinality(words), 0) = 0 then
            return;
        elsif {EVERYTHING} then
            return query select n.id from (
                select t.case_id as id from cases_text t where {PAIRS} {NEWEST}
            ) {READ};
            return;
        end if;
        if cardinality(wanted) = 0 then
            own := array(
                (select c.id from cases_case c where c.unit_id = any(seen) and c.closed_at is null limit looked)
                union (select c.id from cases_case c where c.unit_id = any(seen) and c.closed_at is not null
                    order by c.closed_at desc limit looked)
                union (select v.case_id from case_viewer v where v.unit_id = any(seen)
                    order by v.case_id desc limit looked)
            );
            return query select n.id from (
                select t.case_id as id from cases_text t where t.case_id = any(own) {NEWEST}
            ) {READ};
            return;
        end if;
        own := array(
            (select c.id from cases_case c where c.unit_id = any(seen) and c.closed_at is null limit few)
            union (select c.id from cases_case c where c.unit_id = any(seen) and c.closed_at is not null limit few)
            union (select v.case_id from case_viewer v where v.unit_id = any(seen) limit few)
        );
        if cardinality(own) < few then
            return query select n.id from (
                select t.case_id as id from cases_text t where t.case_id = any(own) and {PAIRS} {NEWEST}
            ) {READ};
        else
            return query select n.id from (
                select t.case_id as id from cases_text t join cases_case c on c.id = t.case_id
                where {PAIRS} and (c.unit_id = any(seen) or exists (
                    select 1 from case_viewer v where v.case_id = c.id and v.unit_id = any(seen))) {NEWEST}
            ) {READ};
        end if;
    end $$;
    revoke all on function cases_search(integer[], text[], integer) from public;
    grant execute on function cases_search(integer[], text[], integer) to bihuan_app, bihuan_worker, bihuan_kernel;
    drop function cases_search(integer[], integer);
"""  # noqa: S608  constants of ours


class Migration(migrations.Migration):
    dependencies = [("desk", "0005_search_narrow")]
    operations = [migrations.RunSQL(SEARCH, "drop function cases_search(integer[], text[], integer)")]
