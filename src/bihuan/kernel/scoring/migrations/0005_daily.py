"""The items of a day, summed by unit and measure, and kept so by whatever statement writes items: they cannot differ."""

import django.db.models.deletion
from django.db import migrations, models

from bihuan.kernel.identity.row_security import EVERYTHING, UNITS, guarded

ADD = """
    insert into scoring_daily as d (pack, day, unit_id, measure, good, bad, out)
    select pack, (at at time zone 'Asia/Shanghai')::date, unit_id, measure, {sign} count(*) filter (where outcome = 'good'),
        {sign} count(*) filter (where outcome = 'bad'), {sign} count(*) filter (where outcome = 'out')
    from {items} group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (pack, day, unit_id, measure) do update set
        good = d.good + excluded.good, bad = d.bad + excluded.bad, out = d.out + excluded.out;
"""
KEPT = f"""
    {ADD.format(sign="", items="scoring_item")}
    create function scoring_daily_keep() returns trigger language plpgsql as $$
    begin
        if tg_op <> 'INSERT' then {ADD.format(sign="-", items="gone")} end if;
        if tg_op <> 'DELETE' then {ADD.format(sign="", items="came")} end if;
        return null;
    end $$;
    create trigger scoring_item_came after insert on scoring_item
        referencing new table as came for each statement execute function scoring_daily_keep();
    create trigger scoring_item_changed after update on scoring_item
        referencing old table as gone new table as came for each statement execute function scoring_daily_keep();
    create trigger scoring_item_gone after delete on scoring_item
        referencing old table as gone for each statement execute function scoring_daily_keep();
"""
LEFT = """
    drop trigger scoring_item_came on scoring_item; drop trigger scoring_item_changed on scoring_item;
    drop trigger scoring_item_gone on scoring_item; drop function scoring_daily_keep;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_unit_versions"), ("scoring", "0004_items_written_faster")]
    operations = [
        migrations.AddIndex(
            "item",
            models.Index(
                name="scoring_item_late",
                fields=["pack", "at"],
                condition=models.Q(measure="on_time", outcome="bad"),
            ),
        ),
        migrations.CreateModel(
            "Daily",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "pack", "day", "unit", "measure", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("pack", models.CharField(max_length=30)),
                ("day", models.DateField()),
                (
                    "unit",
                    models.ForeignKey(
                        "identity.Unit",
                        django.db.models.deletion.PROTECT,
                        db_constraint=False,
                        db_index=False,
                        related_name="+",
                    ),
                ),
                ("measure", models.CharField(max_length=16)),
                ("good", models.IntegerField()),
                ("bad", models.IntegerField()),
                ("out", models.IntegerField()),
            ],
            {"db_table": "scoring_daily"},
        ),
        guarded("scoring_daily", f"{EVERYTHING} or unit_id = {UNITS}"),
        migrations.RunSQL(KEPT, LEFT),
    ]
