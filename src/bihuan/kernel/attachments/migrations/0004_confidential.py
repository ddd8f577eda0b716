"""Files that others added to a confidential case are hidden from its handling unit."""

import django.db.models.deletion
from django.db import migrations, models

from bihuan.kernel.identity.row_security import EVERYTHING, UNITS

SEEN = "exists (select 1 from cases_case c where c.id = attachments_attachment.case_id"


class Migration(migrations.Migration):
    dependencies = [("attachments", "0003_forgetting"), ("identity", "0001_initial")]

    operations = [
        migrations.AddField(
            "attachment",
            "unit",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.unit"
            ),
        ),
        migrations.RunSQL(
            f"alter policy app_sees on attachments_attachment using ({SEEN}"
            f" and (not c.confidential or {EVERYTHING} or attachments_attachment.unit_id = {UNITS})))",
            f"alter policy app_sees on attachments_attachment using ({SEEN}))",
        ),
    ]
