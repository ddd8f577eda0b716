"""Which route a legacy project takes, under which authority and standard of its time. Pure.

Law: what was lawfully reviewed under old standards goes on under them (住建部令第51号 art. 40); the authority passed from the fire
brigade to the housing department on 2019-06-30 (S0). Dates of standards are unverified: the policy `fire.times` holds all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext_noop as _

from bihuan.lib.declared import declared
from bihuan.packs.fire.retelling import Sentences

SITUATIONS = (
    ("never", _("从未审查、验收")),
    ("reviewed", _("消防机构按旧标准审查合格,没有验收")),
    ("accepted", _("消防机构已验收合格,没有办证")),
    ("filed", _("已在消防机构备案,没有办证")),
)
FAMILIES = (("building", _("房屋建筑")), ("petrochemical", _("石油化工")))
TIMES: dict[str, list[list[str]]] = {
    "authority": [["1998-09-01", _("公安机关消防机构")], ["2019-06-30", _("住房和城乡建设主管部门")]],
    "building": [
        ["1988-05-01", "GBJ 16-87"], ["2006-12-01", "GB 50016-2006"], ["2015-05-01", "GB 50016-2014"],
        ["2018-10-01", _("GB 50016-2014(2018年版)")], ["2023-06-01", _("GB 55037-2022、GB 50016-2014(2018年版)")],
    ],
    "petrochemical": [
        ["1992-12-01", "GB 50160-92"], ["2009-07-01", "GB 50160-2008"], ["2019-04-01", _("GB 50160-2008(2018年版)")],
    ],
}  # fmt: skip
"""Who was in charge and which standard was in force, each from a day on."""
IDENTIFY, JUDGE, CONTINUE, CONFIRM = "identify", "judge", "continue", "confirm"
ROUTES = {
    IDENTIFY: _("先由有资质的机构鉴定(检测),报告代替竣工图,再现场核查"),
    JUDGE: _("按建成时的标准补办:核对竣工图,现场核查"),
    CONTINUE: _("原审查意见继续有效,按原标准现场核查"),
    CONFIRM: _("核对原档案,不再重复验收,直接现场复核确认"),
}
REASONS = {
    "accepted": _("%(day)s%(authority)s已验收,依法办过的不重复办理"),
    "filed": _("%(day)s%(authority)s已备案,依法办过的不重复办理"),
    "no_drawings": _("竣工图缺失,无法核对;由有资质的机构按建成时的标准鉴定"),
    "reviewed": _("%(day)s%(authority)s按%(standard)s审查合格,按当时的标准继续办理(令51第40条)"),
    "never": _("建成时(%(day)s)没有审查、验收,按当时的标准%(standard)s补办"),
}
SENTENCES = Sentences(REASONS, {"day": r"\d{4}-\d\d-\d\d", "authority": ".*", "standard": ".*"})
PROOFS = {"accepted": _("原消防验收文书或档案查询证明"), "filed": _("原消防备案文书或档案查询证明")}
REPORT, OPINION = _("消防安全鉴定(检测)报告"), _("原审查意见书")
DRAWINGS, TESTS = _("竣工图"), _("消防设施检测报告")


@dataclass(frozen=True, slots=True)
class Proposed:
    """A route with its reason, who was in charge and which standard was in force then, and the papers that are needed first."""

    route: str
    reason: str
    authority: str
    standard: str
    papers: tuple[str, ...]


def in_force(rows: Sequence[Sequence[str]], on: date) -> str:
    """What was in force on a day, by rows of (first day, name) in order; "" before the first."""
    ends = [*rows[1:], ("9999-12-31", "")]
    for (since, name), (until, _next) in zip(rows, ends, strict=True):
        if since <= on.isoformat() < until:
            return name
    return ""


def times_fault(times: Mapping[str, Any]) -> str:
    """What is wrong with the dated rows, in words: a row that is no day and name, or days out of order; "" nothing."""
    for rows in times.values():
        if not all(len(row) == 2 and _is_day(row[0]) and row[1].strip() for row in rows):
            return str(_("每一行写施行日期(如 2019-06-30)和名称。"))
        if any(first[0] >= then[0] for first, then in pairwise(rows)):
            return str(_("施行日期要先早后晚,同一类里不能重复。"))
    return ""


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def route_proposed(
    situation: str, *, drawings: bool, decided_on: date, family: str, times: Mapping[str, Any]
) -> Proposed:
    """The route of a project by its situation and whether its as-built drawings are there; `decided_on` is the day of the old
    review, acceptance or filing, or of completion where there was none.
    """
    authority = in_force(times["authority"], decided_on)
    standard = in_force(times[family], decided_on)
    day = decided_on.isoformat()
    if situation in PROOFS:
        reason = REASONS[situation] % {"day": day, "authority": authority}
        return Proposed(CONFIRM, reason, authority, standard, (PROOFS[situation],))
    if not drawings:
        return Proposed(IDENTIFY, REASONS["no_drawings"], authority, standard, (REPORT,))
    if situation == "reviewed":
        reason = REASONS["reviewed"] % {"day": day, "authority": authority, "standard": standard}
        return Proposed(CONTINUE, reason, authority, standard, (OPINION, DRAWINGS))
    reason = REASONS["never"] % {"day": day, "standard": standard}
    return Proposed(JUDGE, reason, authority, standard, (DRAWINGS, TESTS))


def reason_told(text: str) -> str:
    """The written reason of a route in the reader's language."""
    return SENTENCES.told(text, lambda _name, written: declared(written))
