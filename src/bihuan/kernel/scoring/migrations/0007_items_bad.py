"""What went late, was sent back or done again is few among all items: reports and boards find it by an index of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0006_items_unchecked")]
    operations = [
        migrations.RemoveIndex("item", "scoring_item_late"),
        migrations.AddIndex(
            "item",
            models.Index(
                name="scoring_item_bad", fields=["pack", "measure", "at"], condition=models.Q(outcome="bad")
            ),
        ),
    ]
