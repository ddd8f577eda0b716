"""Drawing the spot check: what stands on the list, who may inspect, and what becomes of each filing."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.identity.models import Grant, Person, Unit, holds_on
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.keys import key_ready, statements_read
from bihuan.kernel.ledger.proving import entry_proof
from bihuan.kernel.ledger.selectors import register_entries, register_entry
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.policies.selectors import policy_in_force
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.packs.fire.draws.draw import STRATA, Stratum, TooFewInspectors, draw_faults, draw_make
from bihuan.packs.fire.draws.published import place_of, publication_body, published, signature_faults
from bihuan.packs.fire.models import Conflict, Draw, Drawn, ProjectCase
from bihuan.packs.fire.projects.services import STREAM, keeper_unit
from bihuan.packs.fire.workflows import CHIEF, INSPECTOR


def filings_waiting(*, unit: int) -> dict[str, Case]:
    """The filings of a unit that wait for a draw, by number."""
    rows = Case.objects.filter(pack="fire", state="filed", closed_at=None, unit_id=unit)
    return {case.number: case for case in rows.order_by("number")}


def draw_hold(*, scope: Scope, now: datetime, seed: str = "") -> Draw:
    """Draw of all filings that wait: those drawn are inspected, the others are closed. The chief alone holds it.

    A seed of 256 bits unless one is given. Refusal when nothing waits or a project has too few inspectors without a conflict.
    """
    unit = keeper_unit(scope, CHIEF)
    with transaction.atomic(), kernel_writes():
        # of two draws at once the second sees what the first took
        Unit.objects.select_for_update(no_key=True).get(pk=unit)
        waiting = filings_waiting(unit=unit)
        if not waiting:
            raise Refusal("nothing", _("没有待抽取的备案。"))
        record = _record(waiting, unit=unit, now=now, seed=seed or secrets.token_hex(32))
        row = Draw.objects.create(unit_id=unit, drawn_at=now, drawn_by_id=scope.person, record=record)
        entry = register_append(
            stream=STREAM, kind="drawn", at=now, by=scope.person, data={"draw": row.pk, "record": record}
        )
        row.signed = _signed(row, {"stream": STREAM, "seq": entry.seq, "hash": entry.hash.hex()}, now)
        row.save(update_fields=["signed"])
        for number, case in waiting.items():
            team = record["teams"].get(number)
            if team is not None:
                Drawn.objects.create(draw=row, case=case, inspectors=[int(one) for one in team])
            step = "leave_out" if team is None else "select"
            case_move(case_id=case.pk, step=step, by=0, now=now, data={"draw": row.pk})
    return row


def _signed(row: Draw, place: dict[str, Any], now: datetime) -> dict[str, str]:
    """The city's signature over the record and the place of its entry."""
    key = key_ready(now=now)
    body = publication_body(row.pk, row.record, place, key.name)
    return {"body": body, "signature": key.sign(body.encode()).hex()}


def draw_published(draw: Draw) -> dict[str, Any]:
    """The file of a draw: see `published`."""
    place = place_of(draw.signed)
    proof = entry_proof(stream=place["stream"], seq=place["seq"]) if place else None
    return published(draw.record, draw.signed, statements_read(), proof)


def _record(waiting: dict[str, Case], *, unit: int, now: datetime, seed: str) -> dict[str, Any]:
    on = day_of(now)
    projects = {
        row.case_id: row.project
        for row in ProjectCase.objects.select_related("project").filter(case__in=waiting.values())
    }
    groups: dict[str, list[str]] = {code: [] for code, _label in STRATA}
    for number, case in waiting.items():
        project = projects.get(case.pk)
        of = "other"
        if project is not None:
            of = "punished" if project.punished else "crowded" if project.crowded else "other"
        groups[of].append(number)
    owned = {project.pk: number for number, case in waiting.items() if (project := projects.get(case.pk))}
    conflicts: dict[str, list[str]] = {}
    for project_id, person in Conflict.objects.filter(project__in=owned).values_list("project", "person"):
        conflicts.setdefault(owned[project_id], []).append(str(person))
    try:
        return draw_make(
            strata=[_stratum(code, groups[code], on) for code, _label in STRATA],
            inspectors=[str(person) for person in inspectors_of(unit, on)],
            conflicts=conflicts,
            each=int(policy_in_force(code="fire.draw_inspectors", region=settings.REGION, on=on).value),
            seed=seed,
        )
    except TooFewInspectors as few:
        raise Refusal("too_few", _("%s 除去要回避的,检查人员不够,请先增补检查人员。") % few.args[0]) from few


def _stratum(code: str, listed: list[str], on: date) -> Stratum:
    rule = policy_in_force(code=f"fire.draw_{code}", region=settings.REGION, on=on)
    return Stratum(code, int(rule.value), f"{rule.code}#{rule.pk}", rule.legal_basis, listed)


def inspectors_of(unit: int, on: date) -> list[int]:
    """The ids of those who hold the inspector's role in a unit on a day."""
    held = Grant.objects.filter(holds_on(on), role=INSPECTOR, unit_id=unit, person__is_active=True)
    return sorted(held.values_list("person_id", flat=True))


def drawn_of(case: int) -> list[int] | None:
    """The ids of the inspectors drawn for a filing; None for a case that was not drawn."""
    return Drawn.objects.filter(case_id=case).values_list("inspectors", flat=True).first()


def signers_of(unit: int, on: date, drawn: list[int] | None) -> list[int]:
    """The ids of the inspectors of a unit who sign an evaluation: of a filing, those drawn alone."""
    return [one for one in inspectors_of(unit, on) if drawn is None or one in drawn]


def check_take(**move: Any) -> Moved:
    """A spot check is made by whoever was drawn for it: `case_move` for them, NotPermitted for anybody else."""
    with transaction.atomic():
        with kernel_writes():
            drawn = Drawn.objects.filter(case_id=move["case_id"]).first()
        if drawn is not None and move["by"] not in drawn.inspectors:
            raise NotPermitted("separation", _("这一件由抽取的检查人员检查,您没有被抽到。"))
        return case_move(**move)


def draw_verify(draw: Draw) -> list[str]:
    """Draw again from the ledger's entry, and hold the kept record and cases against it: in words what does not fit."""
    entries = register_entries(stream=STREAM, match={"draw": draw.pk}, kinds=("drawn",), most=1)
    if not entries:
        return [_("账本里没有这次抽取")]
    record = dict(entries[0].data)["record"]
    standing = register_entry(stream=STREAM, seq=entries[0].seq)
    kept = dict(Drawn.objects.filter(draw=draw).values_list("case__number", "inspectors"))
    told = {number: [int(one) for one in team] for number, team in record["teams"].items()}
    faults = draw_faults(record)
    faults += [_("保存的记录与账本不同")] if record != draw.record else []
    faults += [_("保存的结果与账本不同")] if kept != told else []
    faults += [_("账本里这一条被改过")] if standing is None or not standing.follows else []
    faults += [_("账本里这一条与封印不符")] if standing is not None and not standing.as_sealed else []
    if draw.signed:
        faults += signature_faults(record, {**draw.signed, "keys": statements_read()})
        place = place_of(draw.signed)
        faults += (
            [_("不是账本里的这一条")] if standing is not None and place.get("hash") != standing.hash else []
        )
    return faults


def names_of(record: dict[str, Any]) -> dict[str, str]:
    """The names of the inspectors on a record's list, by id."""
    people = Person.objects.filter(pk__in=[int(one) for one in record["inspectors"]["listed"]])
    return {str(pk): name for pk, name in people.values_list("pk", "name")}
