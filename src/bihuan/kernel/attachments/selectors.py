"""Reading attachments; row-level security decides which."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext

from bihuan.kernel.attachments.models import Attachment

REPORTED = "photograph"
"""The kind of what the reporter sent."""


def attachments_of(*, case: int) -> QuerySet[Attachment]:
    """The attachments of a case that are shown, in the order in which they came."""
    rows = Attachment.objects.filter(case=case, withdrawn_at=None)
    return rows.select_related("blob", "added_by").order_by("id")


def photos_of(attachments: Sequence[Attachment]) -> list[tuple[str, list[Attachment]]]:
    """Pictures side by side: before, after, and other ones where there are any; nothing without a picture."""
    labels: dict[str, str] = {code: str(label) for code, label in Attachment.Kind.choices} | {
        REPORTED: gettext("来件时的照片")
    }
    sides: dict[str, list[Attachment]] = {labels["before"]: [], labels["after"]: []}
    pictures = [one for one in attachments if one.picture]
    for one in pictures:
        sides.setdefault(labels.get(str(one.kind), labels["file"]), []).append(one)
    return list(sides.items()) if pictures else []
