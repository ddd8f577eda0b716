"""Items name the cases of the entries that they are counted of: each commit checked every item again."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_open_state"), ("scoring", "0005_daily")]
    operations = [
        migrations.AlterField(
            "item",
            "case",
            models.ForeignKey(
                "cases.Case",
                django.db.models.deletion.CASCADE,
                db_constraint=False,
                db_index=False,
                null=True,
                related_name="+",
            ),
        )
    ]
