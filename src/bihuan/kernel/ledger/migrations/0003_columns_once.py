"""An entry's columns are still PostgreSQL's reading of its body, and now of one reading instead of six.

The trigger sets them whatever is given, on every insert and update, for every role and in every replication mode.
"""

from django.db import migrations

ONCE = """
alter table ledger_entry alter column stream drop expression, alter column seq drop expression,
    alter column kind drop expression, alter column at drop expression, alter column case_id drop expression;
create function ledger_columns() returns trigger language plpgsql as $$
declare
    told jsonb := convert_from(new.body, 'UTF8');
begin
    new.stream := told ->> 'stream';
    new.seq := told ->> 'seq';
    new.kind := told ->> 'kind';
    new.at := told ->> 'at';
    new.case_id := case when starts_with(new.stream, 'case:') then substr(new.stream, 6) end;
    return new;
end $$;
create trigger ledger_entry_columns before insert or update on ledger_entry
    for each row execute function ledger_columns();
alter table ledger_entry enable always trigger ledger_entry_columns;
drop function ledger_instant;
drop function ledger_field;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_seals")]
    operations = [migrations.RunSQL(ONCE)]
