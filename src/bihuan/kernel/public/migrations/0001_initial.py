"""Tallies of what is done without an account: nobody but the kernel reads them."""

from django.db import migrations, models

from bihuan.kernel.identity.row_security import guarded


class Migration(migrations.Migration):
    initial = True
    dependencies = [("identity", "0001_initial"), ("cases", "0002_security")]
    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("pk", models.CompositePrimaryKey("who", "span", "since", blank=True, editable=False, primary_key=True, serialize=False)),
                ("who", models.CharField(max_length=64)),
                ("span", models.PositiveIntegerField()),
                ("since", models.DateTimeField()),
                ("count", models.PositiveIntegerField()),
            ],
            options={"db_table": "public_tally"},
        ),
        guarded("public_tally", "false"),
    ]
