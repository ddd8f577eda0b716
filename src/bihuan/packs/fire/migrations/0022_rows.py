"""Indexes by which long registers are read: the latest first, by words, and what is counted."""

from django.db import migrations, models

PAIRS = """
    create function fire_pairs(words text) returns text[] language sql immutable parallel safe
    as $$ select coalesce(array_agg(distinct substr(lower(words), n, 2)), '{}') from generate_series(1, length(words) - 1) n $$
"""


def _pairs(table: str, *columns: str) -> migrations.RunSQL:
    """The index by which words are found: columns as in `holding.FITTING`."""
    said = " || ' ' || ".join(columns)
    return migrations.RunSQL(
        f"create index {table}_pairs on {table} using gin (fire_pairs({said}))", f"drop index {table}_pairs"
    )


class Migration(migrations.Migration):

    dependencies = [
        ('fire', '0021_passing'),
        ('identity', '0003_unit_versions'),
    ]

    operations = [
        migrations.RunSQL(PAIRS, "drop function fire_pairs(text)"),
        _pairs("fire_project", "name", "owner", "place"),
        _pairs("fire_site", "name", "contractor", "place", "permit", "zone"),
        migrations.AddIndex(
            model_name='project',
            index=models.Index(condition=models.Q(('legacy', True)), fields=['unit', '-id'], name='fire_project_legacy'),
        ),
        migrations.AddIndex(
            model_name='site',
            index=models.Index(fields=['-permitted_on', '-id'], name='fire_site_latest'),
        ),
        migrations.AddIndex(
            model_name='site',
            index=models.Index(condition=models.Q(('joined_on', None), _negated=True), fields=['joined_on'], name='fire_site_joined'),
        ),
        migrations.AddIndex(
            model_name='site',
            index=models.Index(condition=models.Q(('stage__in', ('building', 'stopped'))), fields=['unit'], include=('contractor_unit', 'stage', 'joined_on', 'area'), name='fire_site_under'),
        ),
    ]
