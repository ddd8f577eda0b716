"""Making the certificate of an application: with the step that makes it, or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.rules import last_day
from bihuan.kernel.certificates.services import Holder, Issue, certificate_issue
from bihuan.kernel.forms.selectors import answers_read, answers_versions
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal
from bihuan.packs.onewindow.certificates.kinds import LINES, OTHER, kind_for
from bihuan.packs.onewindow.commitments.services import commitment_open
from bihuan.packs.onewindow.models import Application


def certificate_make(**move: Any) -> Moved:
    """The step, and the certificate issued in its transaction. Takes what `case_move` takes, raises what it raises, and
    Refusal when nobody is named to whom it could be issued."""
    with transaction.atomic():
        moved = case_move(**move)
        application_certify(case=moved.case, by=int(move["by"]), now=move["now"])
    return moved


def application_certify(*, case: int, by: int, now: datetime, told: bool = True) -> Certificate:
    """Issue what the case's item results in: of the kind that its first result names, for as long as its catalogue row says,
    by the approving unit, to the applicant (who is `told`, unless another paper says it); what was decided on a commitment is to be checked from then on. In the caller's
    transaction."""
    with kernel_writes():
        row = Application.objects.select_related("version", "case").filter(pk=case).first()
        made = certificate_issue(issue=_issue(case, row, now), by=by, now=now, told=told)
        if row and row.case.facts.get("committed"):
            commitment_open(application=row, now=now)
    return made


def _issue(case: int, row: Application | None, now: datetime) -> Issue:
    opened = row.case if row else Case.objects.get(pk=case)
    party = Party.objects.filter(case=case, role=Party.Role.REPORTER).exclude(name="").order_by("pk").first()
    if party is None:
        raise Refusal("certificate_holder", "本件没有写明申请人,不能制证。")
    version = row.version if row else None
    holder = Holder(
        party.name, party.id_number, bool(row and row.applicant == Application.Applicant.ORGANISATION)
    )
    contents = {**(_answered(row) if row else {}), "item": version.name if version else opened.title}
    if row and row.case_code:
        contents["case_code"] = row.case_code
    return Issue(
        kind=(kind_for(version.results) if version else OTHER).code,
        case=case,
        unit=(version and version.unit_id) or opened.opened_by_id or opened.unit_id,
        holder=holder,
        contents=contents,
        until=last_day(day_of(now), version.valid_months) if version else None,
    )


def _answered(row: Application) -> dict[str, str]:
    """What the applicant answered in the item's own form, as it stood when it was decided: nobody corrects it for the paper alone."""
    decided = row.case.facts.get("outcome_at")
    rows = answers_versions(case=row.case_id).filter(code=row.version.form)
    last = rows.filter(recorded_at__lte=datetime.fromisoformat(decided)).last() if decided else None
    values = answers_read(last) if last else {}
    return {n: v for n, v in values.items() if n in LINES and isinstance(v, str) and v}
