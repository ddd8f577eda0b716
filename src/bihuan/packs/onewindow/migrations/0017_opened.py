"""Figures of one window read its own cases by their day of opening, not everybody's; other packs' steps do not write this index."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("onewindow", "0016_repair"), ("cases", "0008_party_id_number")]
    operations = [
        migrations.RunSQL(
            "create index onewindow_opened on cases_case (opened_at) where pack = 'onewindow'",
            "drop index onewindow_opened",
        )
    ]
