"""A draw that anybody can draw again: its record holds lists, digests, ratios, seed and outcome. Pure.

Projects: within each stratum those with the smallest places by the seed (`kernel/review/sampling.py`), a part of one counting
as one. Inspectors: for each project drawn, of those without a conflict of interest, those with the smallest places by the
seed, a line feed and the project's number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bihuan.kernel.review.sampling import ALGORITHM, count_of, drawn, list_digest

ROUNDING = "up"
STRATA = (("punished", gettext_noop("曾因未备案受罚")), ("crowded", "人员密集场所"), ("other", "其他"))
"""A project is in the first stratum that it belongs to."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Projects by number, of which `percent` are drawn, by the policy `rule` and its legal basis."""

    code: str
    percent: int
    rule: str
    basis: str
    listed: Sequence[str]


class TooFewInspectors(ValueError):
    """A project has fewer inspectors without a conflict than it needs: its number."""


def draw_make(
    *,
    strata: Sequence[Stratum],
    inspectors: Sequence[str],
    conflicts: Mapping[str, Sequence[str]],
    each: int,
    seed: str,
) -> dict[str, Any]:
    """The record of a draw. `inspectors` are ids, `conflicts` those kept from a project, `each` how many a project
    needs. TooFewInspectors names the first project that cannot be inspected.
    """
    groups = [_stratum_drawn(stratum, seed) for stratum in strata]
    chosen = sorted(number for group in groups for number in group["drawn"])
    concerned = {number: sorted(set(conflicts.get(number, ()))) for number in chosen}
    teams = {
        number: team_of(number, inspectors, concerned[number], each=each, seed=seed) for number in chosen
    }
    return {
        "algorithm": ALGORITHM,
        "rounding": ROUNDING,
        "seed": seed,
        "strata": groups,
        "inspectors": {"listed": sorted(set(inspectors)), "digest": list_digest(inspectors), "each": each},
        "conflicts": {number: people for number, people in concerned.items() if people},
        "teams": teams,
    }


def team_of(
    number: str, inspectors: Sequence[str], conflicts: Sequence[str], *, each: int, seed: str
) -> list[str]:
    """Who inspects a project, in the order of the draw."""
    free = [one for one in inspectors if one not in conflicts]
    team = drawn(free, seed=f"{seed}\n{number}", count=each)
    if len(team) < each:
        raise TooFewInspectors(number)
    return team


def draw_faults(record: Mapping[str, Any]) -> list[str]:
    """Draw again from a record: in words what does not fit; empty when everything does. ValueError for what is no record."""
    try:
        return _faults(record)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("这不是一份抽取记录") from error


def _faults(record: Mapping[str, Any]) -> list[str]:
    people, seed = record["inspectors"], record["seed"]
    faults = [] if record["algorithm"] == ALGORITHM else [_("算法不同")]
    for group in record["strata"]:
        again = _group(group, record["rounding"], seed)
        faults += (
            [_("名单摘要不符:%s") % group["code"]] if list_digest(group["listed"]) != group["digest"] else []
        )
        faults += [_("抽中的项目不符:%s") % group["code"]] if again != group["drawn"] else []
    faults += [_("检查人员名单摘要不符")] if list_digest(people["listed"]) != people["digest"] else []
    chosen = {number for group in record["strata"] for number in group["drawn"]}
    faults += [_("派人的项目与抽中的不同")] if chosen != set(record["teams"]) else []
    for number, team in record["teams"].items():
        excluded = record["conflicts"].get(number, [])
        try:
            again = team_of(number, people["listed"], excluded, each=people["each"], seed=seed)
        except TooFewInspectors:
            again = []
        faults += [_("检查人员不符:%s") % number] if again != team else []
    return faults


def _stratum_drawn(stratum: Stratum, seed: str) -> dict[str, Any]:
    group = {
        "code": stratum.code, "percent": stratum.percent, "rule": stratum.rule, "basis": stratum.basis,
        "listed": sorted(set(stratum.listed)), "digest": list_digest(stratum.listed),
    }  # fmt: skip
    return {**group, "drawn": _group(group, ROUNDING, seed)}


def _group(group: Mapping[str, Any], rounding: str, seed: str) -> list[str]:
    count = count_of(len(group["listed"]), percent=group["percent"], rounding=rounding)
    return drawn(group["listed"], seed=seed, count=count)
