"""Search in a large unit: the index of pairs says which cases hold them, the units' indexes alone say whose those are.

What very many cases hold is sought among the unit's newest first, which mostly have enough of it.
"""

from django.db import migrations

from bihuan.kernel.cases.security import EVERYTHING

WORDS = """lower(normalize(concat_ws(E'\\n', c.title, t.text, c.place, t.answer), NFKC)) like all (said)"""
HELD = "t.grams @> wanted"
LAST = "order by n.id desc limit wished"
FEW = "order by t.case_id desc limit case when cardinality(words) = 0 then wished else looked end"
READ = f"n join cases_text t on t.case_id = n.id join cases_case c on c.id = n.id where {WORDS} {LAST}"
OWN = """
    select c.id from cases_case c where c.unit_id = any(seen) and c.closed_at is null
    union all select c.id from cases_case c where c.unit_id = any(seen) and c.closed_at is not null
    union all select v.case_id from case_viewer v where v.unit_id = any(seen)
"""
LATEST = """
    (select c.id from cases_case c where c.unit_id = any(seen) and c.closed_at is null limit looked)
    union (select l.id from unnest(seen) unit, lateral (
        select c.id from cases_case c where c.unit_id = unit and c.closed_at is not null
        order by c.closed_at desc limit looked) l)
    union (select v.case_id from case_viewer v where v.unit_id = any(seen) order by v.case_id desc limit looked)
"""
SEARCH = f"""
    create or replace function cases_search(wanted integer[], words text[], most integer) returns setof bigint
    language plpgsql stable security definer
    set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
    declare
        looked constant integer := 2000;
        wished constant integer := least(most, 500);
        seen bigint[] := nullif(current_setting('bihuan.units', true), '')::bigint[];
        said text[] := array(select '%' || word || '%' from unnest(words) word);
        held bigint[];
    begin
        if coalesce(cardinality(wanted), 0) = 0 and coalesce(cardinality(words), 0) = 0 then
            return;
        elsif cardinality(wanted) = 0 and {EVERYTHING} then
            return query select n.id from (select t.case_id as id from cases_text t {FEW}) {READ};
            return;
        elsif cardinality(wanted) = 0 then
            return query select n.id from (select o.id from ({LATEST}) o order by o.id desc limit looked) {READ};
            return;
        end if;
        held := array(select t.case_id from cases_text t where {HELD} limit 75 * wished + 1);
        if cardinality(held) <= 75 * wished then
            if not {EVERYTHING} then
                held := array(select h.id from unnest(held) h(id) where h.id in ({OWN}));
            end if;
            return query select n.id from (select t.case_id as id from unnest(held) t(case_id) {FEW}) {READ};
            return;
        elsif {EVERYTHING} then
            return query select n.id from (select t.case_id as id from cases_text t where {HELD} {FEW}) {READ};
            return;
        end if;
        held := array(
            select t.case_id from (select distinct o.id from ({OWN}) o order by o.id desc limit 20 * wished) o
            join cases_text t on t.case_id = o.id join cases_case c on c.id = o.id
            where {HELD} and (said = '{{}}' or {WORDS}) order by t.case_id desc limit wished
        );
        if cardinality(held) = wished then
            return query select unnest(held);
            return;
        end if;
        return query select n.id from (
            with t as materialized (select t.case_id from cases_text t where {HELD})
            select t.case_id as id from t where t.case_id in ({OWN}) {FEW}
        ) {READ};
    end $$;
"""  # noqa: S608  constants of ours


class Migration(migrations.Migration):
    dependencies = [("desk", "0006_search_words")]
    operations = [migrations.RunSQL(SEARCH, migrations.RunSQL.noop)]
