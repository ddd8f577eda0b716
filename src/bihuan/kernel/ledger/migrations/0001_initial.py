"""The ledger's tables. Columns besides body and hash are generated from the body."""

from django.db import migrations, models

ENTRY = r"""
create function ledger_field(body bytea, name text) returns text
    language sql immutable strict parallel safe
    return convert_from(body, 'UTF8')::jsonb ->> name;
create function ledger_instant(moment text) returns timestamptz
    language plpgsql immutable strict parallel safe
    as $$ begin return moment::timestamptz; end $$;  -- always written with a Z: no setting can change its meaning
create table ledger_entry (
    id bigint generated always as identity primary key,
    body bytea not null,
    hash bytea not null check (length(hash) = 32),
    stream text not null generated always as (ledger_field(body, 'stream')) stored,
    seq integer not null generated always as (ledger_field(body, 'seq')::integer) stored,
    kind text not null generated always as (ledger_field(body, 'kind')) stored,
    at timestamptz not null generated always as (ledger_instant(ledger_field(body, 'at'))) stored,
    case_id bigint generated always as (
        case when left(ledger_field(body, 'stream'), 5) = 'case:'
             then substr(ledger_field(body, 'stream'), 6)::bigint end) stored,
    unique (stream, seq)
);
create index ledger_entry_case on ledger_entry (case_id, seq) where case_id is not null;
create function ledger_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is append-only';
end $$;
create trigger ledger_entry_append_only before update or delete on ledger_entry
    for each row execute function ledger_append_only();
create trigger ledger_entry_no_truncate before truncate on ledger_entry
    for each statement execute function ledger_append_only();
"""
BACK = """
drop table ledger_entry; drop function ledger_append_only; drop function ledger_instant; drop function ledger_field;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.RunSQL(ENTRY, BACK),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("body", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("stream", models.TextField(editable=False)),
                ("seq", models.IntegerField(editable=False)),
                ("kind", models.TextField(editable=False)),
                ("at", models.DateTimeField(editable=False)),
                ("case_id", models.BigIntegerField(editable=False, null=True)),
            ],
            options={"db_table": "ledger_entry", "managed": False},
        ),
        migrations.CreateModel(
            name="LedgerStream",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("seq", models.IntegerField(default=0)),
                ("head", models.BinaryField()),
            ],
            options={"db_table": "ledger_stream"},
        ),
        migrations.CreateModel(
            name="LedgerPrivate",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream", "seq", "name", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("stream", models.TextField()),
                ("seq", models.IntegerField()),
                ("name", models.TextField()),
                ("salt", models.BinaryField()),
                ("text", models.TextField(null=True)),
            ],
            options={"db_table": "ledger_private"},
        ),
    ]
