"""Attachments can be withdrawn; a content is seen by whoever sees a case that has it."""

from django.db import migrations, models

from bihuan.kernel.cases.security import guarded

SEEN = "exists (select 1 from attachments_attachment a where a.blob_id = attachments_blob.sha256)"


class Migration(migrations.Migration):
    dependencies = [("attachments", "0001_initial"), ("cases", "0002_security")]
    operations = [
        migrations.AddField("attachment", "withdrawn_at", models.DateTimeField(null=True)),
        migrations.RemoveConstraint("attachment", "attachments_once"),
        migrations.AddConstraint(
            "attachment",
            models.UniqueConstraint(
                name="attachments_once", fields=["case", "blob", "name"], condition=models.Q(withdrawn_at=None)
            ),
        ),
        guarded("attachments_blob", SEEN),
    ]
