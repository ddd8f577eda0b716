"""May this person take this step on this case? Pure: it judges a draft and grants that were read under the lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.pack import roles
from bihuan.kernel.workflow.checks import TAKEN_IN
from bihuan.kernel.workflow.model import ACTORS, Step
from bihuan.lib.refusals import NotPermitted, Refusal


class Granted(NamedTuple):
    """A role that a person may use, in a unit; `on_behalf_of` names who delegated it (0: own), `step` which step."""

    unit: int
    role: str
    on_behalf_of: int
    step: str


def permission_find(draft: Draft, step: Step, *, by: int, granted: Iterable[Granted]) -> int:
    """0 when the person may by an own role, else the id of the person on whose behalf. NotPermitted otherwise."""
    if by in ACTORS:
        if ACTORS[by] in step.by:
            return 0
        raise NotPermitted("not_permitted", f"“{step.label}”要由人来办。")
    wanted = _wanted(step, draft)
    usable = [g for g in granted if g.role in wanted and _reaches(g, draft)]
    usable = [g for g in usable if not g.on_behalf_of or g.step in ("", step.code)]
    if not usable:
        names = "、".join(roles()[role].label for role in wanted if role in roles()) or "有关人员"
        raise NotPermitted("not_permitted", f"“{step.label}”要由{names}来办,您没有这一权限。")
    on_behalf_of = min(g.on_behalf_of for g in usable)
    did = draft.row.progress.get("did", {})
    for person in {by, on_behalf_of} - {0}:
        for duty in step.apart_from:
            if person in did.get(duty, ()):
                raise NotPermitted(
                    "separation", f"您在本件中已经“{duty_label(duty)}”,不能再办“{step.label}”。"
                )
    return on_behalf_of


def acts_on(draft: Draft, granted: Iterable[Granted]) -> bool:
    """Does one of these hold a role, own or delegated for all steps, that acts on this case?"""
    for grant in granted:
        role = roles().get(grant.role)
        if role is None or role.acts == "nowhere" or (grant.on_behalf_of and grant.step):
            continue
        if grant.unit == draft.row.unit_id or (role.acts == "anywhere" and role.sees == "all"):
            return True
    return False


def _wanted(step: Step, draft: Draft) -> Sequence[str]:
    if not step.at_level:
        return step.by
    level = draft.row.progress.get("level", 0)
    return draft.row.progress.get("levels", ())[level : level + 1] or step.by


def _reaches(grant: Granted, draft: Draft) -> bool:
    role = roles().get(grant.role)
    if role is None or role.acts == "nowhere":
        return False
    return role.acts == "anywhere" or grant.unit == draft.row.unit_id


def duty_label(duty: str) -> str:
    """A duty in people's words."""
    return {"handle": "经办", "review": "审核", "call_back": "回访", "ask": "申请", TAKEN_IN: "登记"}.get(
        duty, duty
    )


def guards_check(draft: Draft, step: Step, *, by: int, now: Any, data: Mapping[str, Any]) -> None:
    """Refusal with the sentence of the first guard that does not hold."""
    if not step.when:
        return
    refusal = guard_refusal(draft.pack.judge(draft.facts(by=by, now=now, data=data)), step)
    if refusal:
        raise refusal


def guard_refusal(judged: Any, step: Step) -> Refusal | None:
    """The refusal of the first guard of `step` that does not hold for these facts, or None."""
    for guard in step.when:
        if not guard(judged):
            return Refusal(guard.__name__, " ".join((guard.__doc__ or "").split()), rule=guard.__name__)
    return None
