"""Beginning a bundle, and what follows when a part or the whole ends. The bundle's row is locked first, then the whole's case,
then the parts', so that two parts that end at the same moment open what follows them once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from bihuan.kernel.bundles.models import Bundle, Part
from bihuan.kernel.bundles.rules import (
    BEGUN,
    DONE,
    FAILED,
    WAITING,
    PartPlan,
    network_check,
    parts_ready,
)
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.manifest import Bundles, PartDue, Stepped
from bihuan.kernel.pack import packs, workflows


def parts_waiting(parts: Sequence[PartPlan]) -> dict[str, str]:
    """The fact `parts` that a whole is opened with."""
    return {part.code: WAITING for part in parts}


def bundle_begin(*, whole: int, parts: Sequence[PartPlan], by: int, now: datetime) -> None:
    """Begin a bundle of these parts: what nothing precedes is opened at once. Once: a second time nothing happens.

    FieldError ("parts") when the network is none; then nothing has changed.
    """
    network_check(parts)
    with transaction.atomic():
        with kernel_writes():
            bundle, new = Bundle.objects.get_or_create(case_id=whole, defaults={"begun_at": now})
            if not new:
                return
            Part.objects.bulk_create(
                Part(
                    bundle=bundle, place=place, code=part.code, label=part.label or part.code, label_en=part.label_en,
                    days=part.days, after=list(part.after),
                )
                for place, part in enumerate(parts)
            )  # fmt: skip
        _open_ready(whole, by, now)


def part_move(**move: Any) -> Moved:
    """Take a step that ends a part, its bundle locked first. Takes what `case_move` takes, and raises what it raises."""
    with transaction.atomic():
        with kernel_writes():
            whole = Part.objects.filter(case=move["case_id"]).values_list("bundle", flat=True).first()
        if whole is not None:
            _locked(whole)
        return case_move(**move)


def parts_again(**move: Any) -> Moved:
    """Take a step on the whole by which every part that failed is applied for once more, as a new case. As `case_move`."""
    with transaction.atomic():
        bundle = _locked(move["case_id"])
        moved = case_move(**move)
        if bundle is not None:
            with kernel_writes():
                failed = Part.objects.filter(bundle=bundle, outcome=FAILED)
                failed.update(case=None, opened_at=None, ended_at=None, outcome="")
            _open_ready(bundle.pk, move["by"], move["now"])
    return moved


def whole_end(**move: Any) -> Moved:
    """Take a step that ends the whole, and withdraw every part under way whose loop knows such a step; others go on by themselves. As `case_move`."""
    with transaction.atomic():
        bundle = _locked(move["case_id"])
        moved = case_move(**move)
        if bundle is None or bundle.ended_at is not None:
            return moved
        with kernel_writes():
            Bundle.objects.filter(pk=bundle.pk).update(ended_at=move["now"])
            under_way = Part.objects.filter(bundle=bundle, case__isnull=False, ended_at=None)
            cases = list(under_way.order_by("case").values_list("case", "case__pack", "case__workflow"))
        for case, pack, workflow in cases:
            step = _bundles(pack).withdraw
            if step in workflows()[workflow].by_code:
                case_move(case_id=case, step=step, by=0, now=move["now"])
    return moved


def parts_move(*, step: str, data: Mapping[str, Mapping[str, Any]], move: Mapping[str, Any]) -> Moved:
    """Take the step of `move` on the whole, and `step` on each part under way that `data` names by its code. As `case_move`."""
    with transaction.atomic():
        bundle = _locked(move["case_id"])
        moved = case_move(**move)
        with kernel_writes():
            under_way = Part.objects.filter(
                bundle=moved.case, code__in=data, case__isnull=False, ended_at=None
            )
            cases = list(under_way.order_by("case").values_list("case", "code")) if bundle else []
        for case, code in cases:
            case_move(case_id=case, step=step, by=0, now=move["now"], data=data[code])
    return moved


def parts_follow(stepped: Sequence[Stepped]) -> None:
    """What a pack's `follow` calls: a part whose case has closed is told on the whole, and what waited for it begins."""
    closed = {one.case: one for one in stepped if one.closed}
    if not closed:
        return
    with kernel_writes():
        found = list(Part.objects.filter(case__in=closed).order_by("bundle", "pk"))
    for part in found:
        _part_ended(part, closed[int(part.case_id or 0)])


def _part_ended(part: Part, one: Stepped) -> None:
    bundle = _locked(part.bundle_id)
    became = DONE if one.state in _bundles(one.pack).done else FAILED
    with kernel_writes():
        ended = Part.objects.filter(pk=part.pk, ended_at=None).update(ended_at=one.now, outcome=became)
    if not ended or bundle is None or bundle.ended_at is not None:
        return
    _tell(one.pack, bundle.pk, part.code, became, one.now)
    _open_ready(bundle.pk, 0, one.now)


def _locked(whole: int) -> Bundle | None:
    """The bundle of a whole under its lock; None for a case that has no parts."""
    with kernel_writes():
        return Bundle.objects.select_for_update().filter(pk=whole).first()


def _open_ready(whole: int, by: int, now: datetime) -> None:
    """Open what can begin, and let the whole go on once everything is done."""
    with kernel_writes():
        pack = Case.objects.values_list("pack", flat=True).get(pk=whole)
        parts = list(Part.objects.filter(bundle=whole).order_by("place"))
    done = {part.code for part in parts if part.outcome == DONE}
    begun = {part.code for part in parts if part.case_id}
    ready = parts_ready([part.plan for part in parts], done=done, begun=begun)
    bundles = _bundles(pack)
    for part in (part for part in parts if part.code in ready):
        case = bundles.open(PartDue(whole, part.code, by, now))
        with kernel_writes():
            Part.objects.filter(pk=part.pk).update(case=case, opened_at=now)
        _tell(pack, whole, part.code, BEGUN, now)
    if len(done) == len(parts):
        case_move(case_id=whole, step=bundles.finish, by=0, now=now)


def _tell(pack: str, whole: int, part: str, became: str, now: datetime) -> None:
    """Tell on the whole's case what has become of a part."""
    case_move(case_id=whole, step=_bundles(pack).tell, by=0, now=now, data={"part": part, "became": became})


def _bundles(pack: str) -> Bundles:
    found = packs()[pack].bundles
    if found is None:
        raise ValueError(f"The pack {pack!r} does not say what its bundles are.")
    return found
