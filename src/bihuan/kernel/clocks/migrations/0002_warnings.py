"""All warnings of a clock are kept. Clocks that run already have one warning left at most, as it was: the earliest."""

from django.db import migrations, models

KEEP = """
    update clocks_clock set warnings = (
        select jsonb_agg(jsonb_build_array(extract(epoch from warn_at)::bigint, level > 0 or place > 1) order by place)
        from jsonb_array_elements(coalesce("limit" -> 'warnings', '[0]')) with ordinality as w(warning, place))
    where warn_at is not null
"""


class Migration(migrations.Migration):
    dependencies = [("clocks", "0001_initial")]

    operations = [
        migrations.AddField("clock", "warnings", models.JSONField(default=list)),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
    ]
