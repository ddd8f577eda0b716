"""Writing samples: drawn with list and seed in the ledger, called, signed. Each is an entry in the register `sample`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.store import cases_lock, cases_write, writer_cursor
from bihuan.kernel.identity.models import Delegation, Grant, holds_on
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.review.models import Sample, Sampled
from bihuan.kernel.review.sampling import ALGORITHM, count_of, drawn, list_digest
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import clean_text

STREAM = "sample"


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a sample is drawn of: cases by number, how many were left out on which ground, and by which rules."""

    scheme: str
    unit: int
    role: str
    day: date
    since: datetime | None
    until: datetime
    due_at: datetime
    percent: int
    rounding: str
    listed: Mapping[str, int]
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """What the caller said when called: `reached` or not, a grade of five, yes or no to each question, words; `discontent`
    marks the case (`sample_discontent`), so that it may be handled again.
    """

    reached: bool
    grade: str = ""
    answers: Mapping[str, bool] = field(default_factory=dict)
    words: str = ""
    discontent: bool = False


def sample_draw(
    *, drawing: Drawing, now: datetime, seed: str = "", by: int | str = "system"
) -> Sample | None:
    """Draw once for a scheme, unit and day; None when that was done already. A seed of 256 bits unless one is given.

    The entry `drawn` holds list, digest, seed and outcome; each case drawn gets an entry and the mark `sampled`.
    """
    seed = seed or secrets.token_hex(32)
    numbers = sorted(drawing.listed)
    count = count_of(len(numbers), percent=drawing.percent, rounding=drawing.rounding)
    chosen = drawn(numbers, seed=seed, count=count)
    rule = {"percent": drawing.percent, "rounding": drawing.rounding, "algorithm": ALGORITHM}
    values = {
        "role": drawing.role, "since": drawing.since, "until": drawing.until, "seed": seed,
        "digest": list_digest(numbers), "listed": numbers, "left_out": dict(drawing.left_out), "rule": rule,
        "due_at": drawing.due_at,
    }  # fmt: skip
    with kernel_writes():
        key = {"scheme": drawing.scheme, "unit_id": drawing.unit, "day": drawing.day}
        row, new = Sample.objects.get_or_create(**key, defaults={**values, "drawn_at": now})
        if not new:
            return None
        Sampled.objects.bulk_create(
            Sampled(sample=row, case_id=drawing.listed[number], unit_id=drawing.unit, place=place)
            for place, number in enumerate(chosen, 1)
        )
        data = {"sample": row.pk, **key, **values, "drawn": chosen}
        register_append(stream=STREAM, kind="drawn", at=now, by=by, data=data)
        _mark_drawn(row, [drawing.listed[number] for number in chosen], by, now)
    return row


def _mark_drawn(row: Sample, cases: Sequence[int], by: int | str, now: datetime) -> None:
    with writer_cursor() as cursor:
        drafts, _held = cases_lock(cursor, cases, now=now)
        for draft in drafts.values():
            draft.row.progress["sampled"] = row.pk
            draft.enter(kind="sampled", at=now, by=by, data={"sample": row.pk})
        cases_write(cursor, drafts.values())


def sample_call(
    *, sampled: int, said: Said, by: int, now: datetime, most_tries: int, apart: timedelta
) -> Sampled:
    """Keep what a caller said, in the case's own record too, its words beside the ledger; once, until the sample is signed.

    A call in vain is one of the tries, which lie `apart`; with the last of `most_tries` the caller counts as not reached.
    NotFound, NotPermitted (not the head, or has handled the case) or Refusal; then nothing was written.
    """
    with kernel_writes(), writer_cursor() as cursor:
        row = (
            Sampled.objects.select_for_update(of=("self",))
            .select_related("sample")
            .filter(pk=sampled)
            .first()
        )
        if row is None:
            raise NotFound("not_found", _("没有这一件,或您无权查看。"))
        behalf = signer_find(row.sample, by=by, now=now)
        if row.sample.signed_at or row.reached is not None:
            raise Refusal("called", _("这一件的抽访已经登记,不能再改。"))
        drafts, _held = cases_lock(cursor, [row.case_id], now=now)
        draft = drafts[row.case_id]
        _not_handled(draft.row.progress, {by, behalf})
        if not said.reached and row.tries and now < datetime.fromisoformat(row.tries[-1]) + apart:
            raise Refusal(
                "too_soon", _("两次回访要隔开,请过 %s 小时再打。") % round(apart.total_seconds() / 3600)
            )
        _keep(row, said, by, behalf, now, most_tries)
        data = {
            "sample": row.sample_id, "reached": said.reached, "grade": said.grade, "answers": dict(said.answers),
            "tries": len(row.tries), "on_behalf_of": behalf,
        }  # fmt: skip
        private = {"words": clean_text(said.words, field="words", max_length=1000)} if said.words else {}
        draft.enter(kind="sample_called", at=now, by=by, data=data, private=private)
        if said.discontent:
            draft.row.progress["sample_discontent"] = True
        cases_write(cursor, [draft])
        register_append(stream=STREAM, kind="called", at=now, by=by, data={**data, "case": draft.row.number})
    return row


def _keep(row: Sampled, said: Said, by: int, behalf: int, now: datetime, most_tries: int) -> None:
    if not said.reached:
        row.tries = [*row.tries, now.isoformat()]
    if said.reached or len(row.tries) >= most_tries:
        row.reached, row.called_at = said.reached, now
        row.called_by_id, row.on_behalf_of_id = by, behalf or None
        row.grade, row.said = said.grade, dict(said.answers)
    row.save()


def sample_sign(*, sample: int, by: int, now: datetime) -> Sample:
    """Sign a sample whose callers were all called: it goes up to the centre and changes no more. Raises as `sample_call`."""
    with kernel_writes():
        row = Sample.objects.select_for_update(of=("self",)).filter(pk=sample).first()
        if row is None:
            raise NotFound("not_found", _("没有这一件,或您无权查看。"))
        behalf = signer_find(row, by=by, now=now)
        if row.signed_at:
            raise Refusal("signed", _("已经签过字了。"))
        cases = list(row.cases.select_related("case").order_by("place"))
        waiting = sum(1 for one in cases if one.reached is None)
        if waiting:
            raise Refusal("waiting", _("还有 %s 件没有回访,全部登记后再签字。") % waiting)
        row.signed_at, row.signed_by_id, row.on_behalf_of_id = now, by, behalf or None
        row.save(update_fields=["signed_at", "signed_by", "on_behalf_of"])
        results = {one.case.number: one.grade if one.reached else "unreached" for one in cases}
        data = {"sample": row.pk, "results": results, "on_behalf_of": behalf, "late": now > row.due_at}
        register_append(stream=STREAM, kind="signed", at=now, by=by, data=data)
    return row


def signer_find(sample: Sample, *, by: int, now: datetime) -> int:
    """0 when this person holds the sample's role in its unit now, else on whose behalf. NotPermitted for anybody else."""
    on = day_of(now)
    held = Grant.objects.filter(
        holds_on(on), role=sample.role, unit_id=sample.unit_id, person__is_active=True
    )
    heads = set(held.values_list("person_id", flat=True))
    if by in heads:
        return 0
    lent = Delegation.objects.filter(grantor__in=heads, grantee_id=by, revoked_at=None, step="")
    found = lent.filter(begins__lte=now, ends__gt=now).order_by("grantor_id").first()
    if found is None:
        raise NotPermitted("not_permitted", _("抽访要由本单位负责人本人或受其委托的人来办。"))
    return found.grantor_id


def _not_handled(progress: Mapping[str, Any], people: set[int]) -> None:
    if people & set(progress.get("did", {}).get("handle", ())):
        raise NotPermitted("separation", _("经办过这一件的人不能抽访这一件,请委托没有经办过的人。"))


def sampled_redone(*, sampled: int, number: str) -> None:
    """Keep where a discontent caller's matter is handled again: the case's own number, or that of a new one."""
    with kernel_writes():
        Sampled.objects.filter(pk=sampled).update(redone=number)


def never_drawn(*, scheme: str, unit: int | None = None) -> tuple[int, int]:
    """(never drawn, all) of the cases that ever stood on a list of a scheme, within the present scope."""
    lists = Sample.objects.filter(scheme=scheme, **({"unit_id": unit} if unit else {}))
    listed: set[str] = set()
    for numbers in lists.values_list("listed", flat=True):
        listed.update(numbers)
    taken = Case.objects.filter(sampled__sample__in=lists).values_list("number", flat=True)
    return len(listed - set(taken)), len(listed)
