"""Reading attachments; row-level security decides which."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from bihuan.kernel.attachments.files import IMAGES
from bihuan.kernel.attachments.models import Attachment


def attachments_of(*, case: int) -> QuerySet[Attachment]:
    """The attachments of a case that are shown, in the order in which they came."""
    rows = Attachment.objects.filter(case=case, withdrawn_at=None)
    return rows.select_related("blob", "added_by").order_by("id")


def photos_of(attachments: Sequence[Attachment]) -> list[tuple[str, list[Attachment]]]:
    """Pictures side by side: before, after, and other ones where there are any; nothing without a picture."""
    kinds = (Attachment.Kind.BEFORE, Attachment.Kind.AFTER)
    sides: dict[str, list[Attachment]] = {str(kind.label): [] for kind in kinds}
    pictures = [one for one in attachments if one.blob.mime in IMAGES]
    labels = {str(kind): str(kind.label) for kind in kinds}
    for one in pictures:
        sides.setdefault(labels.get(one.kind, str(Attachment.Kind.FILE.label)), []).append(one)
    return list(sides.items()) if pictures else []
