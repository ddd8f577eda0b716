"""What others did to an owner's application or document is told to the owner, where he has an account here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.manifest import Stepped
from bihuan.kernel.notices.services import notice_put
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.packs.fire.models import Project

WITHDRAWN = ("withdraw", "merge_withdraw")
CHANGED = {
    "suspend": "certificate_suspended",
    "resume": "certificate_resumed",
    "revoke": "certificate_revoked",
    "replace": "certificate_replaced",
}
"""The kernel's own words for what was done to a document."""


def withdrawals_told(steps: Sequence[Stepped]) -> None:
    """An owner whose application the window withdrew is told; who withdrew it himself knows."""
    for one in steps:
        if one.step in WITHDRAWN and one.by != BY_REPORTER:
            _told(
                one.case, "window_withdrew", key=f"fire-withdrawn:{one.case}", number=one.number, now=one.now
            )


def change_told(made: Certificate, act: str, now: datetime) -> None:
    """The owner is told that a document of his, or the construction permit, holds no longer, or holds again."""
    key = f"fire-document:{made.pk}:{act}:{int(now.timestamp())}"
    _told(made.case_id, CHANGED[act], key=key, number=made.number, now=now)


def _told(case: int, template: str, *, key: str, number: str, now: datetime) -> None:
    of = Q(applications__case=case) | Q(merged__case=case) | Q(merged__case__bundle__parts__case=case)
    with kernel_writes():
        owner = Project.objects.filter(of).values_list("owner_unit", flat=True).first()
        if owner is not None:
            notice_put(
                channel="in_app", template=template, key=key, now=now, context={"number": number}, case=case, unit=owner
            )  # fmt: skip
