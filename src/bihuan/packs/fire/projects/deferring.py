"""What may follow later (容后): each thing with a day, reminded of, received, and asked for before an acceptance is signed as passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.manifest import Stepped
from bihuan.kernel.notices.services import notice_put
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.packs.fire.models import Deferred, PreCheck, ProjectCase
from bihuan.packs.fire.projects.lapsing import under_way
from bihuan.packs.fire.projects.services import STREAM, project_found

AHEAD = timedelta(days=1)
"""So long before its day the owner is reminded of a thing."""


@dataclass(frozen=True, slots=True)
class Later:
    """A thing that may follow later, and the last day."""

    name: str
    due: date


def deferred_add(precheck: PreCheck, later: Sequence[Later], *, now: datetime) -> None:
    """Keep what may follow later after a phase, in the caller's transaction; the owner and acceptances under way are told.

    Refusal for a thing named twice or a day that is over.
    """
    if len({one.name for one in later}) < len(later):
        raise Refusal("twice", _("同一样材料写了两次。"), field="later")
    if any(one.due < day_of(now) for one in later):
        raise Refusal("past", _("容后补交的日子不能早于今天。"), field="later")
    made = Deferred.objects.bulk_create(
        Deferred(precheck=precheck, project_id=precheck.project_id, name=one.name, due=one.due)
        for one in later
    )
    for one in made:
        _owner_reminded(one, "deferred_owed", now)
    owed_told(precheck.project_id, now=now)


def deferred_receive(*, scope: Scope, deferred: int, now: datetime) -> Deferred:
    """A thing has come in. NotFound for another section's, one received before, or one of a revoked phase."""
    with transaction.atomic(), kernel_writes():
        known = Deferred.objects.filter(pk=deferred).first()
        if known is None:
            raise NotFound("not_found", _("没有这一样,或已经收到。"))
        project_found(known.project_id, scope)
        row = owed(known.project_id).filter(pk=deferred).first()
        if row is None:
            raise NotFound("not_found", _("没有这一样,或已经收到。"))
        row.received_at, row.received_by_id = now, scope.person
        row.save(update_fields=["received_at", "received_by"])
        data = {"project": row.project_id, "thing": row.name, "due": row.due}
        register_append(stream=STREAM, kind="deferred_received", at=now, by=scope.person, data=data)
        owed_told(row.project_id, now=now)
    return row


def owed(project: int) -> QuerySet[Deferred]:
    """What has not come in yet of the phases that hold."""
    return Deferred.objects.filter(project=project, received_at=None, precheck__revoked_at=None).order_by(
        "due", "pk"
    )


def owed_told(project: int, *, now: datetime) -> None:
    """Tell the project's acceptances under way how many things are owed, where that has changed."""
    count = owed(project).count()
    for case in under_way(project, "acceptance"):
        if case.facts.get("owed", 0) != count:
            case_move(case_id=case.pk, step="owed_counted", by=0, now=now, data={"owed": count})


def owed_follow(steps: Sequence[Stepped]) -> None:
    """An acceptance that was just accepted is told what its project owes."""
    for one in steps:
        if one.step in ("accept", "deem_accepted") and one.state == "evaluating":
            with kernel_writes():
                row = ProjectCase.objects.filter(case=one.case).first()
                if row is not None:
                    owed_told(row.project_id, now=one.now)


def deferred_remind(*, now: datetime) -> int:
    """Remind owners the day before of what they owe, and once more, with the section, when the day is over. Returns how many reminders."""
    today, sent = day_of(now), 0
    with kernel_writes():
        rows = Deferred.objects.filter(
            received_at=None, precheck__revoked_at=None, due__lte=today + AHEAD
        ).select_related("project")
        for row in rows.order_by("pk"):
            sent += _owner_reminded(row, "deferred_late" if row.due < today else "deferred_near", now)
    return sent


def _owner_reminded(row: Deferred, template: str, now: datetime) -> int:
    owner, section = row.project.owner_unit_id, row.project.unit_id
    told = {owner or section, section} if template == "deferred_late" else {owner or section}
    context = {"number": f"{row.project.name}:{row.name}", "due": row.due.isoformat()}
    put = [
        notice_put(
            channel="in_app", template=template, key=f"fire-{template}:{row.pk}:{unit}", now=now, context=context, unit=unit
        )
        for unit in sorted(told)
    ]  # fmt: skip
    return sum(one > 0 for one in put)
