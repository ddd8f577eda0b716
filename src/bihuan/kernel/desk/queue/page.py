"""What the page of one case after another shows: message and answer, the rounds, the verdicts with their keys, the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.clocks.rulebook import Rulebook
from bihuan.kernel.desk.case.actions import Offer
from bihuan.kernel.desk.case.page import CasePage
from bihuan.kernel.desk.case.parts import has_alike
from bihuan.kernel.desk.case.rounds import assisted_of, rounds_of, survivor_of
from bihuan.kernel.desk.case.taking import Refused, kept_words
from bihuan.kernel.desk.forms import Field, fields_of
from bihuan.kernel.desk.lists.wanted import Wanted
from bihuan.kernel.desk.named_rules import named_rules_told
from bihuan.kernel.desk.queue.calling import GRADE, asks_of, grades_of, others_of
from bihuan.kernel.desk.queue.turns import Line
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.manifest import Called
from bihuan.kernel.pack import packs, workflows
from bihuan.kernel.sentences import named
from bihuan.kernel.workflow.model import Step
from bihuan.lib.declared import declared

CALL = "call"
"""The form of a call's grades; the other forms are called by their steps."""
FIRST_KEY_BESIDE_GRADES = 6
Ready = Mapping[str, Sequence[str]]
"""Texts to pick and mend, by step.field."""


def queue_context(
    request: HttpRequest,
    page: CasePage,
    wanted: Wanted,
    line: Line,
    book: Rulebook,
    refused: Refused | None = None,
    tried: str = "",
) -> dict[str, Any]:
    """Everything for `desk/queue.html`. `tried` is the form that was refused."""
    typed = request.POST if refused else None
    ready = _ready(page.case, request, book)
    told = survivor_of(page.related, page.case)
    call = _call(request, page, told[0] if told else page.case, refused if tried == CALL else None, ready)
    verdicts = _verdicts(request, page, refused, tried, ready, first=FIRST_KEY_BESIDE_GRADES if call else 1)
    rounds = rounds_of(page.told, workflows()[page.case.workflow])
    shown_again = tried == CALL or any(verdict["tried"] for verdict in verdicts)
    return {
        "page": page,
        "case": page.case,
        "has_alike": has_alike(page.case.pack),
        "answer": told[1] if told else page.answer,
        "into": told[0] if told else None,
        "line": line,
        "wanted": wanted,
        "kinds": kinds(),
        "verdicts": verdicts,
        "call": call,
        "assisted": assisted_of(page.related, page.case),
        "named_rules": _named(page, book),
        "now_round": rounds[-1].entries[::-1],
        "earlier": rounds[:-1][::-1],
        "query": wanted.address(),
        "worklist": wanted.address(after=""),
        "refusal": refused.message if refused else "",
        "problems": _problems([*verdicts, call] if call else verdicts),
        "kept": kept_words(typed) if typed is not None and not shown_again else [],
    }


def _named(page: CasePage, book: Rulebook) -> list[str]:
    case, steps = page.case, [offer.step.code for offer in (*page.offers.mine, *page.offers.waiting)]
    return named_rules_told(case.pack, steps, book=book, region=case.region, on=case.basis_date)


def kinds() -> list[tuple[str, str]]:
    """What the list can be narrowed to, besides unit and matter."""
    return [
        ("near", gettext("临期")),
        ("late", gettext("超期")),
        ("urgent", gettext("加急")),
        ("redone", gettext("重办过的")),
        ("supervised", gettext("督办的")),
    ]


def _problems(forms: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    return [
        (field.id.removeprefix("field-"), gettext(field.ask.label), field.error)
        for form in forms
        for field in form["fields"]
        if field.error
    ]


def _verdicts(
    request: HttpRequest, page: CasePage, refused: Refused | None, tried: str, ready: Ready, *, first: int
) -> list[dict[str, Any]]:
    """The steps as buttons with keys. A step that asks first of all for a choice is a button for each choice."""
    found: list[dict[str, Any]] = []
    for offer in others_of(page.offers):
        for choice in _choices(page, offer):
            again = (
                refused
                if offer.step.code == tried and request.POST.get(choice["name"], "") == choice["value"]
                else None
            )
            found.append(_verdict(request, page, offer, choice, again, ready) | {"key": first + len(found)})
    return found


def _choices(page: CasePage, offer: Offer) -> list[dict[str, Any]]:
    """One for each choice, or one for the whole step; `more` tells that something must be filled in."""
    step = offer.step
    needed = [ask for ask in step.asks if ask.required]
    if len(needed) != 1 or needed[0].kind != "choice" or len(step.asks) > 2:
        return [
            {
                "name": "",
                "value": "",
                "label": declared(step.label, "step"),
                "more": bool(needed or step.caution),
            }
        ]
    name = needed[0].name
    return [
        {
            "name": name,
            "value": value,
            "label": gettext(label),
            "more": bool(page.offers.refusal(step, {name: value})),
        }
        for value, label in needed[0].choices
    ]


def _verdict(
    request: HttpRequest,
    page: CasePage,
    offer: Offer,
    choice: Mapping[str, Any],
    again: Refused | None,
    ready: Ready,
) -> dict[str, Any]:
    step = offer.step
    fields = fields_of(
        step,
        request.POST if again else None,
        again.errors if again else None,
        case=page.case,
        form=step.code + choice["value"],
    )
    return {
        "step": step,
        "choice": choice,
        "address": reverse("queue_step", args=[page.case.number, step.code]),
        "draft": f"{quote(page.case.number)}/{step.code}{choice['value']}/{request.user.pk}",
        "asks": choice["more"],
        "fields": [
            replace(field, ready=tuple(ready.get(f"{step.code}.{field.ask.name}", ())))
            for field in fields
            if field.ask.name != choice["name"]
        ]
        if choice["more"] or not choice["name"]
        else [],
        "usual": step == page.offers.usual or offer is page.offers.mine[0],
        "tried": again is not None,
    }


def _ready(case: Case, request: HttpRequest, book: Rulebook) -> Ready:
    on = day_of(request.now)
    found: Ready = book.value(f"{case.pack}.ready_words", region=settings.REGION, on=on, default={})
    return found


def _call(
    request: HttpRequest, page: CasePage, answered: Case, refused: Refused | None, ready: Ready
) -> dict[str, Any] | None:
    """The call: what is said and asked, and what each grade leads to. None where no grade is taken."""
    grades = grades_of(page.offers)
    if not any(grade.step for grade in grades):
        return None
    pack = packs()[page.case.pack]
    called = Called(page.case.number, named(answered.unit), answered.facts, answered.redo_count)
    whole = Step(CALL, (), "", (), "", asks=tuple(asks_of(grades)))
    typed = request.POST if refused else None
    fields = fields_of(whole, typed, refused.errors if refused else None, form=CALL)
    by_name = {field.ask.name: _with_ready(field, grades, ready) for field in fields}
    return {
        "grades": grades,
        "chosen": typed.get(GRADE, "") if typed is not None else "",
        "grade_wrong": refused.errors.get(GRADE, "") if refused else "",
        "fields": list(by_name.values()),
        "script": pack.script(called) if pack.script else None,
        "draft": f"{quote(page.case.number)}/{CALL}/{request.user.pk}",
        "reporters": [party for party in page.parties if party.code == Party.Role.REPORTER],
    }


def _with_ready(field: Field, grades: Sequence[Any], ready: Ready) -> Field:
    steps = [grade.step.code for grade in grades if grade.step]
    texts = next((ready[key] for step in steps if (key := f"{step}.{field.ask.name}") in ready), ())
    return replace(field, ready=tuple(texts))
