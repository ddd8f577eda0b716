"""The index of a unit's closed cases holds their ids: search need not read the cases to know whose they are."""

from django.db import migrations, models
from django.db.models import Q

CLOSED = models.Index(
    name="cases_unit_closed",
    fields=["unit", "-closed_at"],
    include=["id"],
    condition=Q(closed_at__isnull=False),
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_holds")]
    operations = [
        migrations.RemoveIndex("case", "cases_unit_closed"),
        migrations.AddIndex("case", CLOSED),
    ]
