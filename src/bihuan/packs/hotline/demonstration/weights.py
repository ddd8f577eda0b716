"""The proportions of the generated orders: channels, types, matters by season, and how their loops went.

Channels are rules.md A2's counts. Types of *dispatched* orders follow from A2 so: of 388,275 calls 56.54
% (219,531) were answered on the line. We let the line answer all 25,129 invalid calls, 97 % of the
145,138 enquiries (140,784) and, for the rest, 53,618 of the 200,765 requests for help; complaints,
reports, suggestions and others are all dispatched. Left: help 147,147, complaints and reports 15,653
(taken 85 : 15), enquiries 4,354, suggestions 1,218, others 372, in all 168,744, which is A2's 43.46 %.
A2 has no praise; that and invalid orders found out after dispatch are set at 0.08 % and 0.05 %, taken
from help. Fates and seasons are made up.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from itertools import accumulate

from bihuan.packs.hotline.directory.leading import ROW_BY_MATTER, DispatchLevel
from bihuan.packs.hotline.directory.matters import CITY_IN_GENERAL, CLASSES, MATTERS, Matter

Table = tuple[tuple[str, ...], tuple[float, ...]]
"""Values and their cumulated weights, which end at 1."""


class Channel(StrEnum):
    """The way in (rules.md A2); province is the platform of the province."""

    TELEPHONE = "telephone"
    PROVINCE = "province"
    APP = "app"
    WECHAT = "wechat"
    WEB = "web"
    SMS = "sms"


class OrderType(StrEnum):
    """诉求类型 (rules.md A2): 咨询, 求助, 投诉, 举报, 建议, 表扬, 其它, 无效."""

    ENQUIRY = "enquiry"
    HELP = "help"
    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    OTHER = "other"
    INVALID = "invalid"


class Fate(StrEnum):
    """How the loop of an order went, or where it stands; `GeneratedOrder.closed` says whether it ended."""

    CLOSED_SATISFIED = "closed_satisfied"  # answered, reviewed, called back, satisfied
    CLOSED_AFTER_REDO = "closed_after_redo"  # dissatisfied once, redone, then satisfied
    CLOSED_EXPLAINED = "closed_explained"  # lawfully impossible, explained
    AWAITING_SIGN = "awaiting_sign"  # with the unit, not signed for
    AT_DESK = "at_desk"  # with the coordination desk as provisional holder
    OPEN_AT_UNIT = "open_at_unit"  # signed for, being handled
    PAUSED = "paused"  # the clock stands, with reason and approver
    AWAITING_REVIEW = "awaiting_review"  # answered, not yet reviewed
    AWAITING_CALL_BACK = "awaiting_call_back"  # reviewed, caller not yet called
    IN_REDO = "in_redo"  # dissatisfied, being redone
    RETURNED_ONCE = "returned_once"  # returned by the first unit, sent to another
    OBJECTED = "objected"  # objection to dispatch; open: not yet ruled on, closed: overruled
    EXTENDED = "extended"  # extension granted before expiry
    JOINT = "joint"  # lead unit with the directory's assisting units
    OVERDUE = "overdue"  # past its limit (closed: answered late)
    MEDIATED = "mediated"  # mediation between parties
    SUPERVISED = "supervised"  # three redos: the supervise mark is set
    MERGED = "merged"  # a repeat, merged into `repeat_of`
    ANSWERED_AT_SEAT = "answered_at_seat"  # not dispatched: handled at the seat (直办)
    DECLINED = "declined"  # not dispatched: proper route told
    PASSED_ON = "passed_on"  # not dispatched: danger to life, passed on to 110/119/120/122


def _table(weights: dict[str, float]) -> Table:
    whole = sum(weights.values())
    return tuple(weights), tuple(value / whole for value in accumulate(weights.values()))


CHANNELS = _table(
    {"telephone": 370_135, "province": 10_118, "app": 4_502, "wechat": 2_033, "web": 1_286, "sms": 119}
)
DISPATCHED = 168_744
TYPES = _table(
    {
        "help": 147_147 - 0.0013 * DISPATCHED, "complaint": 15_653 * 0.85, "report": 15_653 * 0.15,
        "enquiry": 4_354, "suggestion": 1_218, "other": 372,
        "praise": 0.0008 * DISPATCHED, "invalid": 0.0005 * DISPATCHED,
    }
)  # fmt: skip
CALL_TYPES = _table({"enquiry": 140_784, "help": 53_618, "invalid": 25_129})

CITY_IN_GENERAL_SHARE = 44_352 / 151_404
"""S1: 29.29 % of the orders are of the class 城市综合, in every month."""

_CLASS_WEIGHTS = {
    "02": 12.5, "03": 10.5, "04": 10.0, "05": 7.0, "06": 6.0, "07": 4.5,
    "08": 5.0, "09": 4.0, "10": 5.5, "11": 2.2, "12": 3.5,
}  # fmt: skip
_CLASS_SEASONS = {
    "03": {11: 1.7, 12: 1.7, 1: 1.7, 2: 1.5, 3: 1.2},
    "07": {6: 1.4, 7: 1.8, 8: 1.9, 9: 1.5},
    "10": {3: 1.3, 4: 1.3, 6: 1.5, 9: 1.3, 10: 1.5},
}
_MATTER_WEIGHTS = {
    "0102": 1.6, "0105": 1.5, "0106": 1.4, "0107": 2.2, "0108": 1.4, "0110": 1.2, "0111": 0.4, "0112": 0.4,
    "0201": 2.5, "0202": 1.6, "0208": 0.4, "0209": 0.5, "0301": 1.6, "0305": 0.08, "0401": 3.0, "0402": 1.5,
    "0408": 0.3, "0504": 2.0, "0507": 0.5, "0601": 3.0, "0605": 0.5, "0802": 1.6, "0805": 0.2, "1004": 1.6,
    "1007": 1.5, "1107": 1.6, "1109": 0.5, "1210": 0.0,
}  # fmt: skip
_MATTER_SEASONS = {
    "0101": {6: 2.5, 7: 5.0, 8: 5.0, 9: 2.0},
    "0303": {11: 7.0, 12: 8.0, 1: 8.0, 2: 6.0, 3: 3.0},
    "0304": {10: 3.0, 11: 3.0, 12: 1.5, 3: 1.5},
    "0307": {6: 1.6, 7: 2.5, 8: 2.5},
    "0701": {6: 3.0, 7: 4.0, 8: 4.0, 9: 1.5},
    "0902": {5: 1.5, 6: 3.0, 7: 1.5},
    "0906": {6: 4.0, 9: 1.5, 10: 4.0},
    "1008": {3: 2.0, 4: 2.0, 5: 2.0, 6: 2.5},
    "1110": {1: 4.0, 2: 6.0},
}
_OUT_OF_SEASON = {"0101": 0.25, "0303": 0.01, "0304": 0.4, "0906": 0.2, "1110": 0.2}
_RAIN = 3.0


@cache
def class_table(*, month: int) -> Table:
    """Classes and their cumulated shares in a month; 城市综合 has the same share all year."""
    others = {
        code: weight * _CLASS_SEASONS.get(code, {}).get(month, 1.0) for code, weight in _CLASS_WEIGHTS.items()
    }
    whole = sum(others.values())
    rest = 1 - CITY_IN_GENERAL_SHARE
    shares = {code: rest * weight / whole for code, weight in others.items()}
    return _table({CITY_IN_GENERAL: CITY_IN_GENERAL_SHARE, **shares})


def _weight(matter: Matter, *, month: int, rain: bool) -> float:
    weight = _MATTER_WEIGHTS.get(matter.code, 1.0)
    usual = _OUT_OF_SEASON.get(matter.code, 1.0)
    weight *= _MATTER_SEASONS.get(matter.code, {}).get(month, usual)
    return weight * _RAIN if rain and matter.code == "0101" else weight


def _may_be(matter: Matter, *, order_type: str, beyond: bool) -> bool:
    if matter.route or (matter.emergency and order_type != OrderType.HELP):
        return False
    if matter.code.startswith("11") and matter.emergency:
        return False  # danger to life is passed on at once, never dispatched to a department
    if ROW_BY_MATTER[matter.code].level is DispatchLevel.CITY and not beyond:
        return False
    return order_type != OrderType.REPORT or matter.wrongdoing


@cache
def matter_table(*, class_code: str, month: int, rain: bool, order_type: str, beyond: bool) -> Table:
    """Matters of a class that an order of the type can have, with cumulated shares, by season and weather.

    beyond: matters that the city leads are wanted too.
    """
    weights = {
        matter.code: _weight(matter, month=month, rain=rain)
        for matter in MATTERS
        if matter.class_code == class_code and _may_be(matter, order_type=order_type, beyond=beyond)
    }
    if "1210" in weights:
        # Conduct of officials: half of the class's complaints, all of its reports, no other type.
        weights["1210"] = {"complaint": sum(weights.values()), "report": 1.0}.get(order_type, 0.0)
    return _table(weights)


EMERGENCIES = tuple(m.code for m in MATTERS if m.emergency)
DECLINES = tuple(m.code for m in MATTERS if m.route)

# Days of age up to which the share of orders is still open: about 4.4 days of orders in all.
OPEN_BY_AGE = (
    (0.5, 0.97), (1, 0.90), (2, 0.72), (3, 0.55), (5, 0.33), (8, 0.14), (12, 0.06), (20, 0.025),
    (40, 0.008), (float("inf"), 0.0015),
)  # fmt: skip
CLOSED_FATES = _table(
    {
        "closed_satisfied": 80, "closed_after_redo": 5.5, "closed_explained": 3, "returned_once": 3,
        "objected": 1.2, "extended": 3, "joint": 2.5, "overdue": 0.6, "mediated": 1, "supervised": 0.2,
    }
)  # fmt: skip
OPEN_FATES = (
    (1, _table({"awaiting_sign": 45, "at_desk": 12, "open_at_unit": 39, "returned_once": 4})),
    (
        5,
        _table(
            {
                "awaiting_sign": 4, "at_desk": 1, "open_at_unit": 46, "awaiting_review": 16,
                "awaiting_call_back": 13, "returned_once": 5, "objected": 4, "joint": 5,
                "mediated": 3, "paused": 2, "in_redo": 1,
            }
        ),
    ),
    (
        20,
        _table(
            {
                "extended": 32, "overdue": 8, "in_redo": 18, "awaiting_review": 9, "awaiting_call_back": 12,
                "joint": 9, "paused": 8, "objected": 2, "supervised": 2,
            }
        ),
    ),
    (float("inf"), _table({"paused": 45, "supervised": 35, "overdue": 20})),
)  # fmt: skip
MEDIABLE = frozenset({"0401", "0402", "0405", "0801", "1007"})
REPEATS = 0.05
"""Share of orders that repeat an earlier one: same matter and place, another caller."""
MERGED_OF_REPEATS = 0.7
CONFIDENTIAL = {OrderType.REPORT: 0.7, OrderType.COMPLAINT: 0.04}
SEAT_DECLINED, SEAT_PASSED_ON = 0.02, 0.01


def _checked() -> None:
    known = {c.code for c in CLASSES}
    if known != {CITY_IN_GENERAL, *_CLASS_WEIGHTS}:
        raise ValueError("every class needs a weight")


_checked()
