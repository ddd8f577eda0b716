"""Seals over the ledger, and which entry lies at which place of their trees. Both are append-only like the ledger."""

from django.db import migrations, models

APPEND_ONLY = """
create trigger {table}_append_only before update or delete on {table} for each row execute function ledger_append_only();
create trigger {table}_no_truncate before truncate on {table} for each statement execute function ledger_append_only();
"""
BACK = "drop trigger {table}_append_only on {table}; drop trigger {table}_no_truncate on {table};"
GUARD = """
alter table {table} enable row level security;
create policy worker_sees on {table} for select to bihuan_worker using (true);
create policy kernel_writes on {table} for all to bihuan_kernel using (true) with check (true);
"""  # the web sees none of them
UNGUARD = "drop policy worker_sees on {table}; drop policy kernel_writes on {table}; alter table {table} disable row level security;"
TABLES = ("ledger_seal", "ledger_leaf")


def over_tables(forward: str, back: str) -> list[migrations.RunSQL]:
    return [migrations.RunSQL(forward.format(table=table), back.format(table=table)) for table in TABLES]


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="LedgerSeal",
            fields=[
                ("number", models.IntegerField(primary_key=True, serialize=False)),
                ("body", models.TextField()),
                ("signature", models.CharField(max_length=128)),
                ("peaks", models.BinaryField()),
            ],
            options={"db_table": "ledger_seal"},
        ),
        migrations.CreateModel(
            name="LedgerLeaf",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry", models.BigIntegerField(unique=True)),
                ("stream", models.TextField()),
                ("seq", models.IntegerField()),
                ("hash", models.BinaryField()),
            ],
            options={"db_table": "ledger_leaf"},
        ),
        *over_tables(APPEND_ONLY, BACK),
        *over_tables(GUARD, UNGUARD),
    ]
