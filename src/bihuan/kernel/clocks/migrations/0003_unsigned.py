"""Orders that nobody has signed for are few among all that are open: they have an index of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clocks", "0002_warnings")]
    operations = [
        migrations.AddIndex(
            "clock",
            models.Index(
                name="clocks_unsigned", fields=["due_at"], condition=models.Q(stopped_at=None, kind="sign")
            ),
        )
    ]
