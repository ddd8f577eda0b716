"""Writing an evaluation: begun, an item's sheet written or settled, its kind of building changed. Nothing written is changed or lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.policies.selectors import policy_in_force
from bihuan.lib.hashing import canonical_bytes
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.packs.fire.evaluations.checklist import CHECKLIST, TYPES, type_of
from bihuan.packs.fire.evaluations.rules import sheet_digest
from bihuan.packs.fire.evaluations.selectors import digest_now, heads_of, photos_by_item, signatures_holding
from bihuan.packs.fire.evaluations.sheets import sheet_read
from bihuan.packs.fire.keys import key_taken
from bihuan.packs.fire.models import Drawn, Evaluation, ProjectCase, Sheet
from bihuan.packs.fire.projects.services import STREAM
from bihuan.packs.fire.workflows import INSPECTOR

OPEN_IN = {"acceptance": ("evaluating",), "filing": ("checking", "rechecking")}
"""In which states of which loop an evaluation is written."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What came from a device: by whom, from which device, when it was written there, when it arrived, and the key by which it is taken once."""

    scope: Scope
    device: str
    taken_at: datetime
    now: datetime
    key: str


def case_evaluated(scope: Scope, case: int) -> Case:
    """The case, for an inspector of its section (of a filing: who was drawn for it) while it is being evaluated. The caller holds `kernel_writes`.

    NotFound, NotPermitted or Refusal otherwise.
    """
    row = Case.objects.select_for_update(of=("self",)).filter(pk=case, pack="fire").first()
    if row is None or row.unit_id not in scope.units:
        raise NotFound("not_found", _("没有这一件,或您无权查看。"))
    if not any(held.role == INSPECTOR and held.unit == row.unit_id for held in scope.held):
        raise NotPermitted("not_permitted", _("现场评定由消防审验科的现场评定人来做。"))
    drawn = Drawn.objects.filter(case=row).first()
    if drawn is not None and scope.person not in drawn.inspectors:
        raise NotPermitted("separation", _("这一件由抽取的检查人员检查,您没有被抽到。"))
    if row.state not in OPEN_IN.get(row.workflow.partition("/")[0], ()):
        raise Refusal("not_now", _("本件现在不在现场评定中,不能再改;要改请由负责人退回重办。"))
    return row


def evaluation_begin(*, scope: Scope, case: int, now: datetime) -> Evaluation:
    """Begin the evaluation of a case, once: its kind of building by the project, its terms by the policy in force."""
    with transaction.atomic(), kernel_writes():
        row = case_evaluated(scope, case)
        known = Evaluation.objects.filter(case=row).first()
        if known is not None:
            return known
        link = ProjectCase.objects.select_related("project").filter(case=row).first()
        if link is None:
            raise Refusal("no_project", _("这一件没有登记项目,不能做现场评定。"))
        project = link.project
        terms = policy_in_force(code="fire.sampling", region=settings.REGION, on=day_of(now))
        kind = type_of(row=project.row, use=project.use, height=project.height)
        made = Evaluation.objects.create(
            case=row, project=project, kind=kind, started_at=now, started_by_id=scope.person, **terms.value
        )
        data = {
            "evaluation": made.pk,
            "number": row.number,
            "building": kind,
            "rule": f"{terms.code}#{terms.pk}",
        }
        register_append(stream=STREAM, kind="evaluation_begun", at=now, by=scope.person, data=data)
        return made


def evaluation_locked(scope: Scope, case: int) -> Evaluation:
    """The evaluation that was begun of the case, locked. The caller holds `kernel_writes`."""
    row = case_evaluated(scope, case)
    found = (
        Evaluation.objects.select_for_update(of=("self",))
        .select_related("project", "case")
        .filter(case=row)
        .first()
    )
    if found is None:
        raise NotFound("not_found", _("现场评定还没有开始。"))
    return found


def kind_change(*, scope: Scope, case: int, kind: str, now: datetime) -> None:
    """The building is of another kind than was taken: other items, and signatures are void."""
    if kind not in dict(TYPES):
        raise Refusal("choice", _("没有这一类建筑。"), field="kind")
    with transaction.atomic(), kernel_writes():
        found = evaluation_locked(scope, case)
        if found.kind == kind:
            return
        with content_changing(found, now):
            found.kind = kind
            found.save(update_fields=["kind"])
        data = {"evaluation": found.pk, "number": found.case.number, "building": kind}
        register_append(stream=STREAM, kind="evaluation_kind", at=now, by=scope.person, data=data)


def sheet_write(*, case: int, item: str, typed: Mapping[str, str], base: int, sent: Sent) -> Sheet:
    """Write a version of an item's sheet; the same key again is the same version, the same words are no new one.

    It takes the place of the version that its author had seen (`base`, 0: none) or had written on the same device. Where somebody else
    was there meanwhile both count, as a conflict. FieldError names the field; NotFound, NotPermitted or Refusal as `case_evaluated`.
    """
    with transaction.atomic(), kernel_writes():
        found = evaluation_locked(sent.scope, case)
        known = Sheet.objects.filter(key=sent.key).first()
        if known is not None:
            if known.evaluation_id != found.pk:
                raise key_taken()
            return known
        if item not in CHECKLIST[found.kind]:
            raise Refusal("choice", _("这类建筑没有这一个评定项目。"), field="item")
        fields = sheet_read(item, typed)
        digest = sheet_digest(fields)
        heads = list(found.sheets.filter(item=item, current=True).order_by("pk"))
        replaced = [one for one in heads if one.pk == base or _own(one, sent)]
        others = [one for one in heads if one not in replaced]
        made = next((one for one in others if one.digest == digest), None)
        with content_changing(found, sent.now):
            _superseded(replaced)
            made = made or _sheet_made(found, item, fields, digest, replaced, sent)
        _told(made, others, sent)
        return made


def _own(head: Sheet, sent: Sent) -> bool:
    return bool(sent.device) and head.device == sent.device and head.by_id == sent.scope.person


def _superseded(sheets: list[Sheet]) -> None:
    Sheet.objects.filter(pk__in=[one.pk for one in sheets]).update(current=False)


def _sheet_made(
    found: Evaluation, item: str, fields: dict[str, str], digest: str, replaced: list[Sheet], sent: Sent
) -> Sheet:
    return Sheet.objects.create(
        evaluation=found, item=item, fields=fields, digest=digest, base=replaced[-1] if replaced else None,
        by_id=sent.scope.person, device=sent.device, taken_at=min(sent.taken_at, sent.now), arrived_at=sent.now, key=sent.key,
    )  # fmt: skip


def _told(sheet: Sheet, others: list[Sheet], sent: Sent) -> None:
    data = {
        "evaluation": sheet.evaluation_id, "item": sheet.item, "sheet": sheet.pk, "base": sheet.base_id, "digest": sheet.digest,
        "taken_at": sent.taken_at.isoformat(), "against": [one.pk for one in others if one.pk != sheet.pk],
    }  # fmt: skip
    private = {"written": canonical_bytes(sheet.fields).decode()}
    register_append(
        stream=STREAM,
        kind="evaluation_written",
        at=sent.now,
        by=sent.scope.person,
        data=data,
        private=private,
    )


def conflict_settle(*, scope: Scope, case: int, sheet: int, now: datetime) -> None:
    """Of several versions of an item one is chosen; the others stay where they are and count no more. NotFound for one that does not count."""
    with transaction.atomic(), kernel_writes():
        found = evaluation_locked(scope, case)
        chosen = found.sheets.filter(pk=sheet, current=True).first()
        if chosen is None:
            raise NotFound("not_found", _("这一版已经不是现在的版本,请重新打开看。"))
        others = list(found.sheets.filter(item=chosen.item, current=True).exclude(pk=chosen.pk))
        if not others:
            return
        with content_changing(found, now):
            _superseded(others)
        data = {
            "evaluation": found.pk, "item": chosen.item, "sheet": chosen.pk, "against": [one.pk for one in others],
        }  # fmt: skip
        register_append(stream=STREAM, kind="evaluation_settled", at=now, by=scope.person, data=data)


@contextmanager
def content_changing(found: Evaluation, now: datetime) -> Iterator[None]:
    """Signatures that held for what stood before a change are void after it, and a conclusion drawn from it is open again.

    One whose content is still on its way from its device is not void: it never held for what stood before.
    """
    held = _holding(found)
    yield
    found.signatures.filter(pk__in=held - _holding(found)).update(voided_at=now)
    if found.digest and found.digest != digest_now(found):
        conclusion_void(found, now)


def conclusion_void(found: Evaluation, now: datetime) -> None:
    """What was concluded is open again, and the case is told. The caller holds `kernel_writes`."""
    Evaluation.objects.filter(pk=found.pk).update(digest="", concluded_at=None)
    case_move(case_id=found.case_id, step="site_opened", by=0, now=now)


def _holding(found: Evaluation) -> set[int]:
    return {one.pk for one in signatures_holding(found, heads_of(found), photos_by_item(found))}
