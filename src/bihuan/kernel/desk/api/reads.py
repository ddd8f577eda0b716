"""What the API reads: cases, entries, units and workflows as values of its schemas, in one's scope."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.personal import party_masked, words_kept
from bihuan.kernel.cases.store import child_holds_up
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.desk.api.problems import Problem
from bihuan.kernel.desk.api.schemas import moment_kept
from bihuan.kernel.desk.case.actions import steps_offered
from bihuan.kernel.desk.case.parts import case_facts
from bihuan.kernel.desk.certificates.words import certificates_told
from bihuan.kernel.desk.forms import choices_of
from bihuan.kernel.desk.words import state_label
from bihuan.kernel.identity.models import Administration, Person, Unit, holds_on
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import Workflow
from bihuan.lib.declared import declared
from bihuan.lib.masking import mask_text
from bihuan.lib.refusals import NotFound


def cursor_write(*parts: object) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(parts, default=str).encode()).decode().rstrip("=")


def cursor_read(cursor: str, count: int) -> list[Any]:
    """What `cursor_write` was given; Problem 422 for anything else."""
    try:
        parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        *moments, last = parts
        if len(parts) != count or type(last) is not int or not 0 <= last < 2**63:
            raise ValueError
        read = [moment_kept(datetime.fromisoformat(moment)) for moment in moments]
        if any(moment.tzinfo is None for moment in read):
            raise ValueError
        return [*read, last]
    except (ValueError, TypeError, binascii.Error):
        raise Problem(422, "cursor", "游标无效,请从第一页重新开始。", field="cursor") from None


def cases_page(filters: Any) -> dict[str, Any]:
    """A page of cases that the scope may see, and the cursor of the next."""
    rows = Case.objects.select_related("unit")
    plain = {
        "state": filters.state,
        "unit__code": filters.unit,
        "matter": filters.matter,
        "number": filters.number,
    }
    rows = rows.filter(**{name: value for name, value in plain.items() if value is not None})
    if filters.due_before:
        rows = rows.filter(due_at__lt=filters.due_before, closed_at=None)
    by_move = filters.updated_after is not None
    rows = _by_move(rows, filters) if by_move else _by_id(rows, filters)
    found = list(rows[: filters.limit + 1])
    page, more = found[: filters.limit], len(found) > filters.limit
    last = page[-1] if more else None
    key = (
        cursor_write(last.moved_at, last.pk) if last and by_move else cursor_write(last.pk) if last else None
    )
    return {"items": [_line(case) for case in page], "next": key}


def _by_id(rows: QuerySet[Case], filters: Any) -> QuerySet[Case]:
    if filters.cursor:
        rows = rows.filter(pk__lt=cursor_read(filters.cursor, 1)[0])
    return rows.order_by("-pk")


def _by_move(rows: QuerySet[Case], filters: Any) -> QuerySet[Case]:
    rows = rows.filter(moved_at__gt=filters.updated_after)
    if filters.cursor:
        moved_at, pk = cursor_read(filters.cursor, 2)
        rows = rows.filter(Q(moved_at__gt=moved_at) | Q(moved_at=moved_at, pk__gt=pk))
    return rows.order_by("moved_at", "pk")


def case_found(number: str) -> Case:
    """The case of this number; NotFound unless the scope sees it."""
    case: Case | None = None
    if len(number) <= 64 and number.isprintable():
        related = ("unit", "territory", "opened_by", "content")
        case = Case.objects.select_related(*related).filter(number=number).first()
    if case is None:
        raise NotFound("not_found", "没有这一件,或您无权查看。", field="number")
    return case


def certificates_page(filters: Any, *, now: datetime) -> dict[str, Any]:
    """A page of certificates whose cases the scope may see, and the cursor of the next."""
    rows = Certificate.objects.select_related("unit", "case", "replaced_by").order_by("-pk")
    plain = {"number": filters.number, "case__number": filters.case}
    rows = rows.filter(
        **{name: value.replace("\0", "") for name, value in plain.items() if value is not None}
    )
    if filters.cursor:
        rows = rows.filter(pk__lt=cursor_read(filters.cursor, 1)[0])
    found = list(rows[: filters.limit + 1])
    page, more = found[: filters.limit], len(found) > filters.limit
    return {
        "items": [_certificate(*told) for told in certificates_told(page, today=day_of(now))],
        "next": cursor_write(page[-1].pk) if more else None,
    }


def _certificate(one: Certificate, name: str, standing: str, _words: str, _open: bool) -> dict[str, Any]:
    plain = ("number", "kind", "issued_at", "valid_from", "valid_until")
    return {
        **{field: getattr(one, field) for field in plain},
        "name": name,
        "case": one.case.number,
        "unit": _unit(one.unit),
        "holder": one.holder_masked,
        "standing": standing,
        "changed_at": one.state_at,
        "replaced_by": one.replaced_by.number if one.replaced_by else None,
    }


def _unit(unit: Unit) -> dict[str, str]:
    return {"code": unit.code, "name": unit.name}


def _line(case: Case) -> dict[str, Any]:
    plain = (
        *("number", "pack", "state", "version", "matter", "due_at", "moved_at", "opened_at", "closed_at"),
        *("urgent", "supervised", "provisional"),
    )
    line = {name: getattr(case, name) for name in plain}
    line |= {"title": mask_text(case.title), "unit": _unit(case.unit)}
    return line | {"state_label": state_label(case.workflow, case.state)}


def case_shown(case: Case, *, person: int, now: datetime) -> dict[str, Any]:
    """The case with masked parties, its clocks, and the steps that `person` may take at `now`."""
    clocks = list(case.clocks.order_by("pk"))
    offers = steps_offered(
        case=case,
        clocks=clocks,
        open_children=sum(
            child_holds_up(*child)
            for child in Case.objects.filter(parent=case, closed_at=None).values_list("workflow", "state")
        ),
        person=person,
        now=now,
        book=rulebook(),
    )
    plain = (
        *("workflow", "reported_at", "confidential", "imported", "redo_count", "return_count", "urge_count"),
        *("external_id", "superior"),
    )
    return {
        **_line(case),
        **{name: getattr(case, name) for name in plain},
        "text": mask_text(case.content.text),
        "answer": mask_text(case.content.answer),
        "place": mask_text(case.place),
        "territory": _unit(case.territory) if case.territory else None,
        "opened_by": _unit(case.opened_by),
        "merged_into": Case.objects.filter(pk=case.merged_into_id).values_list("number", flat=True).first()
        if case.merged_into_id
        else None,
        "facts": [asdict(fact) for fact in case_facts(case.pack, case.pk)],
        "parties": _parties(case, person),
        "clocks": [_clock(clock) for clock in clocks],
        "steps": [_offered(offer.step) for offer in offers.mine],
    }


def _parties(case: Case, person: int) -> list[dict[str, str]]:
    kept = bool(words_kept(case, person))
    rows = (party_masked(one, kept=kept) for one in case.parties.select_related("case").order_by("pk"))
    return [{name: told[name] for name in ("role", "name", "phone", "id_number", "address")} for told in rows]


def _clock(clock: Any) -> dict[str, Any]:
    plain = ("kind", "basis", "started_at", "due_at", "level", "paused_at", "stopped_at", "provisional")
    return {**{name: getattr(clock, name) for name in plain}, "rule": clock.rule_id}


def _offered(step: Any) -> dict[str, Any]:
    asks = [ask_shown(ask) for ask in step.asks]
    return {
        "step": step.code,
        "label": declared(step.label, "step"),
        "asks": asks,
        "caution": gettext(step.caution) if step.caution else "",
    }


def ask_shown(ask: Ask) -> dict[str, Any]:
    """A field of a step; bounds are given where they apply to its kind."""
    text, number = ask.personal, ask.kind == "number"
    return {
        "name": ask.name,
        "label": gettext(ask.label),
        "kind": ask.kind,
        "required": ask.required,
        "choices": [list(choice) for choice in choices_of(ask)],
        "min_length": ask.min_length if text else None,
        "max_length": ask.max_length if text else None,
        "smallest": ask.smallest if number else None,
        "largest": ask.largest if number else None,
    }


def entries_page(case: Case, *, cursor: str | None, limit: int) -> dict[str, Any]:
    """A page of the case's ledger, first entries first."""
    after = cursor_read(cursor, 1)[0] if cursor else 0
    found = list(
        LedgerEntry.objects.filter(case_id=case.pk, seq__gt=min(after, 2**31 - 1)).order_by("seq")[
            : limit + 1
        ]
    )
    page = found[:limit]
    bodies = [bytes(entry.body).decode() for entry in page]
    by = [json.loads(body)["by"] for body in bodies]
    names = dict(
        Person.objects.filter(pk__in=[b for b in by if isinstance(b, int)]).values_list("pk", "name")
    )
    items = [
        {
            "seq": entry.seq,
            "kind": entry.kind,
            "at": entry.at,
            "by": names.get(who, str(who)),
            "hash": bytes(entry.hash).hex(),
            "body": body,
        }
        for entry, body, who in zip(page, bodies, by, strict=True)
    ]
    return {"items": items, "next": cursor_write(page[-1].seq) if len(found) > limit else None}


def units_page(*, cursor: str | None, limit: int, now: datetime) -> dict[str, Any]:
    """A page of the units that exist at `now`, with who administers each."""
    today = day_of(now)
    rows = Unit.objects.select_related("parent").filter(holds_on(today))
    if cursor:
        rows = rows.filter(pk__gt=cursor_read(cursor, 1)[0])
    found = list(rows.order_by("pk")[: limit + 1])
    page = found[:limit]
    runs: Mapping[int, str] = dict(
        Administration.objects.filter(unit__in=page, during__contains=today).values_list(
            "unit_id", "by__code"
        )
    )
    plain = ("id", "code", "name", "name_en", "kind", "level")
    items = [
        {
            **{name: getattr(unit, name) for name in plain},
            "parent": unit.parent.code if unit.parent else None,
            "administered_by": runs.get(unit.pk),
        }
        for unit in page
    ]
    return {"items": items, "next": cursor_write(page[-1].pk) if len(found) > limit else None}


def workflow_shown(workflow: Workflow) -> dict[str, Any]:
    """The workflow as declared."""
    states = [
        {"code": s.code, "label": declared(s.label, "state"), "station": s.station, "final": s.final}
        for s in workflow.states
    ]
    steps = [
        {
            "code": step.code,
            "label": declared(step.label, "step"),
            "sources": list(step.sources),
            "target": step.target,
            "by": list(step.by),
            "asks": [ask_shown(ask) for ask in step.asks],
            "guards": [gettext(" ".join((guard.__doc__ or "").split())) for guard in step.when],
        }
        for step in workflow.steps
    ]
    names = {"name": workflow.name, "version": workflow.version, "label": gettext(workflow.label)}
    return {**names, "fingerprint": workflow.fingerprint(), "states": states, "steps": steps}
