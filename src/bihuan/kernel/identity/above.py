"""The one place where identity's screens reach what stands above it: policies, packs, cases and the menu."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from bihuan.kernel.identity.roles import Role


def policy_value(*, code: str, on: date, default: Any) -> Any:
    """The value of a policy of the whole country in force on a day; `default` while nobody has set it."""
    from bihuan.kernel.policies.selectors import policy_in_force
    from bihuan.lib.refusals import Refusal

    try:
        return policy_in_force(code=code, region="", on=on).value
    except Refusal:
        return default


def policy_put(*, code: str, value: Any, legal_basis: str, since: date, now: datetime, by: int) -> None:
    """Set a policy from a day on."""
    from bihuan.kernel.policies.services import policy_set

    policy_set(code=code, value=value, legal_basis=legal_basis, valid_from=since, now=now, by=by)


def roles_known() -> Mapping[str, Role]:
    """Every role by its code."""
    from bihuan.kernel.pack import roles

    return roles()


def steps_of(codes: set[str]) -> list[tuple[str, str]]:
    """(code, label) of the steps that somebody with these roles may take, each code once."""
    from bihuan.kernel.pack import packs

    found = {
        step.code: step.label
        for pack in packs().values()
        for step in pack.workflow.steps
        if codes & set(step.by)
    }
    return sorted(found.items(), key=lambda item: item[1])


def hand_over(*, person: int, to: int, by: int, now: datetime) -> int:
    """Hand the open cases of a person over to another; returns how many."""
    from bihuan.kernel.cases.handing_over import cases_hand_over

    return cases_hand_over(person=person, to=to, by=by, now=now)
