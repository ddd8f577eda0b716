"""Orders between the city's centre, ours and those below: what goes with them, what comes of it (S1 三级平台; rules.md A8).

Down goes what handling needs: the message, the place, who it is about and the caller's name and numbers; of a caller who asked
for secrecy, neither name nor numbers, and the words with both hidden: whoever handles it asks the hotline above. Up go our number,
unit and deadline, and the reviewed answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.attachments.selectors import REPORTED
from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.exchange.envelope import UP
from bihuan.kernel.exchange.follow import steps_follow
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.manifest import Asked, Stepped, Tiers
from bihuan.packs.hotline.dispatching import dispatch_map
from bihuan.packs.hotline.models import Matter
from bihuan.packs.hotline.services import order_take

REASON_MOST = 1000
TOLD = {
    "report_up": "answered",
    "return_up": "returned",
    "mediate": "mediated",
    "ask_extension_above": "extension_asked",
    "grant_extension": "extended",
    "refuse_extension": "extension_refused",
    "urge": "urged",
    "supervise": "urged",
    "redo": "rejected",
    "redo_after_review": "rejected",
    "refuse_return": "return_refused",
}
"""The step here, and the kind of message that tells of it."""


def orders_follow(stepped: Sequence[Stepped]) -> None:
    """See `exchange.follow.steps_follow`."""
    steps_follow(stepped)


def concerns_peer(one: Stepped) -> bool:
    """Was it handed down to us, or has it ever been given to a centre below?"""
    return bool(one.superior.get("peer") or one.facts.get("below"))


def notice_made(case: int) -> dict[str, Any]:
    """The 办理通知单 of an order: what a subordinate centre must know to handle it, and the terms that it has to keep."""
    row = Case.objects.select_related("content", "territory").get(pk=case)
    accused = Unit.objects.filter(pk__in=row.facts.get("accused", ())).order_by("pk").first()
    party = Party.objects.filter(case=row, role=Party.Role.REPORTER).order_by("pk").first()
    hidden = row.confidential or (party is not None and party.confidential)
    caller = (
        {}
        if hidden or party is None
        else {"reporter": party.name, "phone": party.phone, "address": party.address}
    )
    return {
        "title": row.title,
        "text": row.content.text,
        "type": row.facts.get("type", "other"),
        "matter": Matter.objects.filter(pk=row.matter).values_list("name", flat=True).first() or "",
        "place": row.place,
        "territory": row.territory.code if row.territory else "",
        "accused": accused.code if accused else "",
        "confidential": hidden,
        "urgent": row.urgent,
        "reported_at": row.reported_at,
        **caller,
        **_terms(row),
    }


def _terms(row: Case) -> dict[str, Any]:
    """Our own promise is the subordinate's deadline, our term and count for returns are its too."""
    clocks = {
        (clock.kind, clock.basis): clock.due_at
        for clock in Clock.objects.filter(case=row, stopped_at=None).order_by("pk")
    }
    left = int(row.facts.get("max_returns", 1)) - row.return_count
    return {
        "due_at": clocks.get(("handle", "promised")),
        "return_until": clocks.get(("return", "term")),
        "return_count": max(left, 0) if row.returnable else 0,
    }


def notice_taken(data: Mapping[str, Any], peer: str, now: datetime) -> tuple[int, dict[str, Any]]:
    """The robot signs for a notice, reads it and dispatches it to the unit responsible, with nobody in between.

    What it names and we do not know (a matter, a unit) is left to our own dispatch. FieldError when it cannot be read.
    """
    words = dispatch_map().words()
    given = {name: data.get(name) or "" for name in ("title", "text", "type", "place", "territory")}
    given |= {name: data.get(name) or "" for name in ("reporter", "phone", "address")}
    given |= {name: "1" if data.get(name) is True else "" for name in ("confidential", "urgent")}
    matter, accused = str(data.get("matter") or ""), str(data.get("accused") or "")
    terms = {"number": data["number"], "due_at": data.get("due_at"), "return_count": data.get("return_count")}
    taken = order_take(
        data={
            **given,
            "channel": "city",
            "matter": matter if words.matter(matter) else "",
            "accused": accused if words.accused(accused, day_of(now)) else "",
            "reported_at": _not_after(data.get("reported_at"), now),
            "superior": terms,
        },
        by=0,
        now=now,
        above={"peer": peer, "return_until": data.get("return_until")},
    )
    return taken.case, {"seconds": taken.seconds, "automatic": taken.automatic}


def _not_after(told: Any, now: datetime) -> datetime | None:
    """A moment of the superior's clock, which may be a little ahead of ours."""
    try:
        moment = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return min(moment, now) if moment.tzinfo else None


def step_told(one: Stepped, kind: str) -> dict[str, Any]:
    """What the message about a step says."""
    if kind == "answered":
        return _answer(one)
    if kind == "returned":
        return {name: one.data[name] for name in ("grounds", "reason")}
    if kind == "mediated":
        return {name: one.data.get(name) for name in ("claim", "offer", "result", "sum")}
    if kind == "extension_asked":
        return {name: one.data[name] for name in ("days", "reason")}
    if kind == "extended":
        return {"due_at": _promised(one.case), "remark": one.data.get("remark")}
    if kind == "rejected":
        return {"reason": one.data["reason"], "due_at": _promised(one.case)}
    if kind == "closed":
        return {"grade": one.data.get("grade"), "remark": one.data.get("answer") or one.data.get("remark")}
    return {"reason": one.data.get("reason") or one.data.get("remark")}


def _promised(case: int) -> datetime | None:
    """Our own promise, which is the subordinate's deadline."""
    clocks = Clock.objects.filter(case=case, kind="handle", basis="promised", stopped_at=None)
    return clocks.values_list("due_at", flat=True).first()


def files_going(case: int, up: bool) -> list[int]:
    """Down go the photographs and papers of the case, but nothing of a caller who asked for secrecy; up goes what our units
    added to show what was done, not what the caller sent."""
    rows = Attachment.objects.filter(case=case, withdrawn_at=None).order_by("pk")
    if up:
        return list(rows.exclude(kind=REPORTED).exclude(added_by=None).values_list("pk", flat=True))
    secret = Case.objects.filter(pk=case, confidential=True) | Case.objects.filter(
        pk=case, parties__confidential=True
    )
    return [] if secret.exists() else list(rows.values_list("pk", flat=True))


def _answer(one: Stepped) -> dict[str, Any]:
    answer = Case.objects.values_list("content__answer", flat=True).get(pk=one.case)
    called = bool(one.facts.get("self_called_back"))
    return {
        "outcome": one.facts.get("outcome"),
        "until": one.facts.get("until"),
        "answer": answer,
        "called": called,
    }


def steps_asked(kind: str, data: Mapping[str, Any], case: Case) -> list[Asked]:
    """What an incoming message asks for, here."""
    reason = str(data.get("reason") or "")[:REASON_MOST]
    return (_asked_below if kind in UP else _asked_above)(kind, data, reason, case)


def _asked_below(kind: str, data: Mapping[str, Any], reason: str, case: Case) -> list[Asked]:
    """The subordinate's steps are those of its unit here."""
    match kind:
        case "received" if case.state == "dispatched":
            return [Asked("sign_for")]
        case "mediated" if case.state == "handling":
            return [Asked("mediate", {name: data.get(name) for name in ("claim", "offer", "result", "sum")})]
        case "extension_asked":
            return [Asked("ask_extension", {"days": data.get("days"), "reason": reason})]
        case "answered":
            return _steps_of_answer(data, case)
        case "returned":
            return [Asked("return", {"grounds": data.get("grounds"), "reason": reason})]
    return []


def _asked_above(kind: str, data: Mapping[str, Any], reason: str, case: Case) -> list[Asked]:
    """The superior's decisions are taken by the system."""
    remark = str(data.get("remark") or "")[:REASON_MOST]
    if kind == "closed":
        ends = case.state == "with_superior"
        step, given = (
            ("accept_above", {"grade": data.get("grade"), "remark": remark})
            if ends
            else ("withdraw_above", {"remark": reason})
        )
        return [Asked(step, given, itself=True)]
    steps: dict[str, tuple[str, dict[str, Any]]] = {
        "urged": ("urge_above", {"remark": reason}),
        "rejected": ("reject_above", {"reason": reason, "due_at": data.get("due_at")}),
        "return_refused": ("return_up_refused", {"reason": reason}),
        "extended": ("extended_above", {"due_at": data.get("due_at"), "remark": remark}),
        "extension_refused": ("extension_refused_above", {"reason": reason}),
        "withdrawn": ("withdraw_above", {"remark": reason}),
    }
    return [Asked(*steps[kind], itself=True)] if kind in steps else []


def _steps_of_answer(data: Mapping[str, Any], case: Case) -> list[Asked]:
    """The subordinate has called the caller back and audited the answer: that is the unit's level of review here."""
    steps = []
    if data.get("called") is True:
        note = {"reached": "yes", "understood": "", "note": "下级中心的承办单位已回访来电人"}
        steps.append(Asked("self_call_back", note))
    answer = {name: data.get(name) for name in ("outcome", "answer", "until")}
    steps.append(Asked("answer", answer))
    if len(case.progress.get("levels", ())) > 1:
        steps.append(Asked("audited_below", {}, itself=True))
    return steps


TIERS = Tiers(
    role="handler",
    concerns=concerns_peer,
    notice=notice_made,
    take=notice_taken,
    told=TOLD,
    tell=step_told,
    asks=steps_asked,
    files=files_going,
    refused={
        "answered": "answer_not_taken",
        "returned": "return_up_refused",
        "extension_asked": "extension_refused_above",
    },
)
