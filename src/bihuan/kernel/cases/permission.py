"""May this person take this step on this case? Pure: it judges a draft and grants that were read under the lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext, gettext_noop

from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.pack import roles
from bihuan.kernel.sentences import in_line
from bihuan.kernel.workflow.checks import TAKEN_IN
from bihuan.kernel.workflow.model import ACTORS, Step
from bihuan.lib.declared import declared
from bihuan.lib.refusals import NotPermitted, Refusal

DUTIES = {
    "handle": gettext_noop("经办"),
    "review": gettext_noop("审核"),
    "call_back": gettext_noop("回访"),
    "ask": gettext_noop("申请"),
    TAKEN_IN: gettext_noop("登记"),
}
"""Duties in people's words."""


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
        raise NotPermitted("not_permitted", gettext("“%s”要由人来办。") % declared(step.label, "step"))
    wanted = _wanted(step, draft)
    usable = [g for g in granted if g.role in wanted and _reaches(g, draft)]
    usable = [g for g in usable if not g.on_behalf_of or g.step in ("", step.code)]
    if not usable:
        names = [gettext(roles()[role].label) for role in wanted if role in roles()] or [gettext("有关人员")]
        told = {"step": declared(step.label, "step"), "roles": in_line(names)}
        message = gettext("“%(step)s”要由%(roles)s来办,您没有这一权限。") % told
        raise NotPermitted("not_permitted", message)
    on_behalf_of = min(g.on_behalf_of for g in usable)
    did = draft.row.progress.get("did", {})
    for person in {by, on_behalf_of} - {0}:
        for duty in step.apart_from:
            if person in did.get(duty, ()):
                told = {"duty": duty_label(duty), "step": declared(step.label, "step")}
                message = gettext("您在本件中已经“%(duty)s”,不能再办“%(step)s”。") % told
                raise NotPermitted("separation", message)
    return on_behalf_of


def page_refused(*needed: str) -> PermissionDenied:
    """The refusal of a page, naming the roles (codes) that open it."""
    names = [gettext(roles()[role].label) for role in needed if role in roles()]
    return PermissionDenied(gettext("这一页给%(roles)s用。") % {"roles": in_line(names)})


def page_require(scope: Scope, *needed: str) -> None:
    """PermissionDenied, in these words, unless the scope holds one of the roles (codes)."""
    if not scope.holds(*needed):
        raise page_refused(*needed)


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
    """A duty in people's words, in the page's language."""
    return declared(DUTIES.get(duty, duty), "duty")


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
