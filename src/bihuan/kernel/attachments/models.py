"""Files by the hash of their content, and where they belong."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.attachments.files import IMAGES


class Blob(models.Model):
    """A content, kept once: its file is named by the hash. `scan` tells what the scanner said."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    mime = models.CharField(max_length=100)
    scan = models.CharField(max_length=10, default="none")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "attachments_blob"


class Attachment(models.Model):
    """A file of a case under the name that it came with. A withdrawn one is shown no more; nothing is
    deleted. Of an anonymised case only the withdrawn row is left, without name and content.

    `unit` is the holding unit when one of its own people added the file. What others added to a confidential case, a
    recording of the caller perhaps, no handling unit sees (rules.md A8); the database keeps it so.
    """

    class Kind(models.TextChoices):
        """What a picture or a file shows."""

        FILE = "file", _("其他")
        BEFORE = "before", _("处理前")
        AFTER = "after", _("处理后")

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="attachments")
    blob = models.ForeignKey(Blob, models.PROTECT, null=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, default=Kind.FILE)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+")
    added_by = models.ForeignKey("identity.Person", models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "attachments_attachment"
        constraints = [
            models.UniqueConstraint(
                name="attachments_once",
                fields=["case", "blob", "name"],
                condition=models.Q(withdrawn_at=None),
            )
        ]

    @property
    def picture(self) -> bool:
        """Can it be shown in the page?"""
        return self.blob is not None and self.blob.mime in IMAGES
