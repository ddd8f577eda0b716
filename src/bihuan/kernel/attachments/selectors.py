"""Reading attachments; row-level security decides which."""

from __future__ import annotations

from django.db.models import QuerySet

from bihuan.kernel.attachments.models import Attachment


def attachments_of(*, case: int) -> QuerySet[Attachment]:
    """The attachments of a case that are shown, in the order in which they came."""
    rows = Attachment.objects.filter(case=case, withdrawn_at=None)
    return rows.select_related("blob", "added_by").order_by("id")
