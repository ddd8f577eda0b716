"""What was sent, and which targets are held back after a failure."""

from django.db import migrations, models

from bihuan.kernel.identity.row_security import guarded


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial"), ("cases", "0002_security")]
    operations = [
        migrations.AddField("notice", "text", models.TextField(blank=True, db_default="")),
        migrations.CreateModel(
            name="TargetHold",
            fields=[
                ("target", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("failures", models.PositiveIntegerField(default=1)),
                ("until", models.DateTimeField()),
            ],
            options={"db_table": "notices_target_hold"},
        ),
        guarded("notices_target_hold", "false"),
    ]
