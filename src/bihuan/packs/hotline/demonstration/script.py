"""The life of a demonstration order as a list of planned moves: pure, and the same for the same order.

Times are working hours after the move before (people act in office hours; the seat at once). Named units in the data
are words that the runner resolves: "another" a department other than the present one, "same" the present holder,
"helpers" the assisting units of the directory, "discipline".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from bihuan.packs.hotline.demonstration import words
from bihuan.packs.hotline.demonstration.generator import Fate, GeneratedOrder
from bihuan.packs.hotline.directory.leading import ROW_BY_MATTER
from bihuan.packs.hotline.directory.matters import MATTER_BY_CODE
from bihuan.packs.hotline.emergencies import SERVICE_BY_MATTER


@dataclass(frozen=True, slots=True)
class Planned:
    """A move: which step, by whom (a role), `hours` after the one before, with what data."""

    step: str
    actor: str
    hours: float
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Script:
    """The moves of an order, and those of its assisting units from the moment they are asked, unit by unit."""

    moves: tuple[Planned, ...]
    assisting: tuple[tuple[Planned, ...], ...] = ()

    @property
    def hours(self) -> float:
        """Working hours from the opening to the last move."""
        return sum(move.hours for move in self.moves)


def script(order: GeneratedOrder, *, begun: str, turn: int = 0) -> Script:
    """What happens to an order after it was taken in; `begun` is the state that dispatch left it in.

    `turn` counts the orders of the same fate: it chooses among the ways of a fate, so that all are met.
    A merged order's script is the merge and the call-back after it; `script_alone` is used when there is nothing to
    merge it into any more.
    """
    it = _Writer(order, Random(f"life {order.external_id}"), turn)
    if begun == "received":
        return Script(tuple(it.at_seat()))
    if begun == "coordinating" and (order.fate is Fate.DECLINED or MATTER_BY_CODE[order.matter].route):
        return Script(tuple(it.declined("dispatcher", 0.5)))
    if begun == "coordinating" and order.fate is Fate.AT_DESK:
        return Script(tuple(it.at_desk()))
    if order.fate is Fate.AT_DESK:
        return Script((), ())
    if order.fate is Fate.MERGED:
        return Script((Planned("merge", "seat_agent", it.between(0.1, 0.6)), it.content(3)))
    return it.whole(order.fate, begun)


def script_alone(order: GeneratedOrder, *, begun: str) -> Script:
    """The script of a repeat that goes its own way."""
    it = _Writer(order, Random(f"alone {order.external_id}"), 0)
    return it.whole(Fate.CLOSED_SATISFIED if order.closed else Fate.OPEN_AT_UNIT, begun)


class _Writer:
    def __init__(self, order: GeneratedOrder, rng: Random, turn: int) -> None:
        self.order, self.rng, self.turn = order, rng, turn
        self.assisting: tuple[tuple[Planned, ...], ...] = ()

    def between(self, least: float, most: float) -> float:
        return least + (most - least) * self.rng.random()

    def one(self, texts: Sequence[str]) -> str:
        return texts[int(self.rng.random() * len(texts))].replace("{place}", self.order.place or "现场")

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def whole(self, fate: Fate, begun: str) -> Script:
        first: list[Planned] = []
        if begun == "coordinating":
            first = [Planned("assign", "dispatcher", self.between(0.2, 1.5), {"unit": "another"})]
        moves = [*first, *getattr(self, fate.value)()]
        return Script(tuple(moves), self.assisting)

    # The seat and the desk

    def at_seat(self) -> list[Planned]:
        if not self.order.closed:
            return []
        fate = self.order.fate
        if fate is Fate.DECLINED or self.order.type == "invalid":
            return self.declined("seat_agent", 0.1)
        passed = []
        if fate is Fate.PASSED_ON:
            service = SERVICE_BY_MATTER.get(self.order.matter, "110")
            passed = [Planned("pass_on", "seat_agent", 0.01, {"service": service})]
        answer = (
            self.one(words.SEAT_ANSWERS)
            if not passed
            else f"已立即转{passed[0].data['service']}处置,并回电确认。"
        )
        return [*passed, Planned("answer_at_seat", "seat_agent", self.between(0.05, 0.2), {"answer": answer})]

    def declined(self, by: str, hours: float) -> list[Planned]:
        route = MATTER_BY_CODE[self.order.matter].route
        reason = "other_route" if route else "other"
        data = {"reason": reason, "answer": self.one(words.DECLINED[reason])}
        return [Planned("decline", by, hours, {**data, "route": route} if route else data)]

    def at_desk(self) -> list[Planned]:
        if self.turn % 4 == 1:
            return [Planned("hand_back", "dispatcher", 0.8, {"reason": self.one(words.HAND_BACKS)})]
        return []

    # Pieces of the loop

    def sign(self) -> Planned:
        return Planned("sign_for", "handler", self.between(0.2, 2.5))

    def answering(self, outcome: str = "done", late: float = 0.0) -> list[Planned]:
        asked = Planned(
            "self_call_back", "handler", self.between(0.5, 5),
            {"reached": "yes", "understood": self.chance(0.9), "note": self.one(words.NOTES)},
        )  # fmt: skip
        data: dict[str, Any] = {"outcome": outcome, "answer": self.one(words.ANSWERS[outcome])}
        if outcome == "impossible":
            data["until"] = (self.order.reported_at + timedelta(days=90)).date().isoformat()
        answer = Planned("answer", "handler", self.between(1, 13) + late, data)
        # Nobody at the unit may know, or call, a confidential reporter (rules.md A8).
        return [answer] if self.order.confidential or self.order.type == "report" else [asked, answer]

    def reviewing(self, answer: Planned) -> list[Planned]:
        back = []
        if self.chance(0.02):
            reason = {"reason": self.one(words.SEND_BACKS)}
            back = [
                Planned("send_back", "bureau_head", self.between(0.3, 2), reason),
                Planned("answer", "handler", self.between(0.5, 3), answer.data),
            ]
        return [
            *back,
            Planned("approve_up", "bureau_head", self.between(0.3, 3)),
            Planned("approve", "reviewer", self.between(0.3, 4)),
        ]

    def content(self, most: float = 9) -> Planned:
        grade = "5" if self.chance(0.62) else "4" if self.chance(0.7) else "3"
        data = {"grade": grade, "contacted": True, "resolved": grade != "3" or self.chance(0.7)}
        data["understood"] = grade != "3"
        said = self.one(words.PRAISES)
        return Planned(
            "evaluate", "caller_desk", self.between(0.5, most), {**data, "words": said} if said else data
        )

    def called_back(self) -> list[Planned]:
        """Content, at times after calls that nobody answered; or never reached."""
        missed = [
            # A half day's work apart: calls in vain count when they are made at different times.
            Planned("attempt", "caller_desk", self.between(4, 7) if missed else 2.0, {"result": "no_answer"})
            for missed in range(3 if self.chance(0.012) else 1 if self.chance(0.05) else 0)
        ]
        if len(missed) == 3:
            return [*missed, Planned("close_unreached", "caller_desk", 0.2)]
        return [*missed, self.content()]

    def discontent(self) -> Planned:
        data = {"grade": "1" if self.chance(0.3) else "2", "reason": self.one(words.REDO_REASONS)}
        return Planned("redo", "caller_desk", self.between(0.5, 6), data)

    def round(self, outcome: str = "done", late: float = 0.0) -> list[Planned]:
        answering = self.answering(outcome, late)
        return [*answering, *self.reviewing(answering[-1])]

    def loop(self, late: float = 0.0) -> list[Planned]:
        return [self.sign(), *self.round(late=late)]

    def ended(self, moves: list[Planned]) -> list[Planned]:
        """The rest of the loop, when it ended within the period."""
        return [*moves, *self.round(), *self.called_back()] if self.order.closed else moves

    # Fates, by the names of `Fate`

    def closed_satisfied(self) -> list[Planned]:
        return [*self.loop(), *self.called_back()]

    def closed_after_redo(self) -> list[Planned]:
        return [*self.loop(), self.discontent(), *self.round(), self.content()]

    def closed_explained(self) -> list[Planned]:
        if self.turn % 5 == 0:
            agreed = Planned(
                "approve_termination",
                "supervisor",
                self.between(1, 6),
                {"answer": self.one(words.TERMINATED)},
            )
            return [self.sign(), self.terminating(), agreed]
        outcome = "impossible" if self.chance(0.5) else "unlawful"
        explained = Planned(
            "explain", "supervisor", self.between(1, 6), {"answer": self.one(words.EXPLANATIONS)}
        )
        return [self.sign(), *self.round(outcome), self.discontent(), *self.round(outcome), explained]

    def terminating(self) -> Planned:
        data = {"reason": self.one(words.TERMINATION_REASONS)}
        return Planned("ask_termination", "bureau_head", self.between(2, 12), data)

    def awaiting_sign(self) -> list[Planned]:
        return []

    def open_at_unit(self) -> list[Planned]:
        return [self.sign(), *(self.answering()[:-1] if self.chance(0.4) else ())]

    def paused(self) -> list[Planned]:
        moves = [
            self.sign(),
            Planned("ask_pause", "bureau_head", self.between(1, 12), self.pausing()),
            Planned("grant_pause", "supervisor", self.between(0.5, 4)),
        ]
        return [*moves, self.terminating()] if self.turn % 4 == 1 else moves

    def pausing(self) -> dict[str, Any]:
        place = int(self.rng.random() * len(words.PAUSE_REASONS))
        ground = ("testing", "other_body", "conditions")[place]
        return {"ground": ground, "days": 30, "reason": words.PAUSE_REASONS[place]}

    def awaiting_review(self) -> list[Planned]:
        moves = [self.sign(), *self.answering()]
        return (
            [*moves, Planned("approve_up", "bureau_head", self.between(0.3, 3))]
            if self.chance(0.5)
            else moves
        )

    def awaiting_call_back(self) -> list[Planned]:
        tried = Planned("attempt", "caller_desk", self.between(0.5, 2), {"result": "busy"})
        return [*self.loop(), *((tried,) if self.chance(0.3) else ())]

    def in_redo(self) -> list[Planned]:
        return [*self.loop(), self.discontent()]

    def returned_once(self) -> list[Planned]:
        grounds = {
            "grounds": "duty" if self.chance(0.7) else "territory",
            "reason": self.one(words.RETURN_REASONS),
        }
        returned = Planned("return", "handler", self.between(0.5, 5), grounds)
        if not self.order.closed and self.turn % 3 == 0:
            return [returned]
        sent = Planned("accept_return", "supervisor", self.between(0.3, 2), {"unit": "another"})
        return self.ended([returned, sent, self.sign()])

    def objected(self) -> list[Planned]:
        objected = Planned(
            "object", "bureau_head", self.between(0.5, 5), {"reason": self.one(words.OBJECTIONS)}
        )
        if not self.order.closed:
            return [objected]
        ruled = Planned(
            "rule", "supervisor", self.between(0.5, 4), {"unit": "same", "reason": self.one(words.RULINGS)}
        )
        return self.ended([objected, ruled, self.sign()])

    def extended(self) -> list[Planned]:
        data = {"days": 3 + int(self.rng.random() * 8), "reason": self.one(words.EXTENSION_REASONS)}
        moves = [self.sign(), Planned("ask_extension", "handler", self.between(3, 12), data)]
        if not self.order.closed and self.chance(0.15):
            return moves
        return self.ended([*moves, Planned("grant_extension", "supervisor", self.between(0.5, 4))])

    def joint(self) -> list[Planned]:
        asked = Planned(
            "assist",
            "handler",
            self.between(1, 6),
            {"units": "helpers", "request": self.one(words.ASSISTANCE)},
        )
        helpers = max(1, min(2, len(ROW_BY_MATTER[self.order.matter].assisting)))
        self.assisting = tuple(self.assisted(first=number == 0) for number in range(helpers))
        moves = [self.sign(), asked]
        if not self.order.closed:
            return moves
        longest = max(sum(move.hours for move in moves) for moves in self.assisting)
        first, *rest = self.round()
        waited = Planned(first.step, first.actor, longest + first.hours, first.data)
        return [*moves, waited, *rest, *self.called_back()]

    def assisted(self, *, first: bool) -> tuple[Planned, ...]:
        """An assisting unit's moves. At times the first one refuses: insisted upon, or handed over to discipline."""
        sign, report = (
            self.sign(),
            Planned("report", "handler", self.between(1, 8), {"answer": self.one(words.ASSISTED)}),
        )
        ways = 10 if self.order.closed else 4
        way = self.turn % ways if first else ways - 1
        if way > 2:
            return (sign, report) if self.order.closed or self.chance(0.5) else (sign,)
        refused = Planned(
            "refuse_assistance", "bureau_head", self.between(0.5, 3), {"reason": self.one(words.REFUSALS)}
        )
        if way == 0 and not self.order.closed:
            return (refused,)
        if way == 2:
            insisted = Planned(
                "insist", "supervisor", self.between(0.5, 2), {"reason": self.one(words.INSISTING)}
            )
            return (refused, insisted, sign, report) if self.order.closed else (refused, insisted)
        given = {"unit": "discipline", "reason": self.one(words.HAND_OVERS)}
        over = Planned("hand_over", "supervisor", self.between(0.5, 2), given)
        received = Planned("receive", "discipline", self.between(0.5, 3))
        concluded = Planned(
            "conclude", "discipline", self.between(2, 6), {"answer": self.one(words.CONCLUSIONS)}
        )
        return (refused, over, received, concluded) if self.order.closed else (refused, over, received)

    def overdue(self) -> list[Planned]:
        if self.order.closed:
            return [*self.loop(late=self.between(45, 70)), *self.called_back()]
        return [self.sign()] if self.chance(0.8) else []

    def mediated(self) -> list[Planned]:
        offers = words.OFFERS
        again = {"claim": self.one(words.CLAIMS), "offer": self.one(offers[0]), "result": "again"}
        moves = [self.sign(), Planned("mediate", "handler", self.between(2, 6), again)]
        if not self.order.closed:
            return moves
        paid = str(200 + 100 * int(self.rng.random() * 60))
        agreed = {"claim": again["claim"], "offer": self.one(offers[1]), "result": "agreed", "sum": paid}
        return self.ended([*moves, Planned("mediate", "handler", self.between(2, 8), agreed)])

    def supervised(self) -> list[Planned]:
        moves = self.loop()
        for _ in range(2):
            moves += [self.discontent(), *self.round()]
        return self.ended([*moves, self.discontent()])


def story_scripts() -> dict[str, Script]:
    """The two stories of S1 by the end of their external ids: 宋女士's refund, and the flooded alley."""
    review = (Planned("approve_up", "bureau_head", 1.0), Planned("approve", "reviewer", 1.5))
    happy = Planned(
        "evaluate",
        "caller_desk",
        3.0,
        {
            "grade": "5",
            "contacted": True,
            "resolved": True,
            "understood": True,
            "words": "感谢热线,问题彻底解决了。",
        },
    )
    met = Planned(
        "self_call_back",
        "handler",
        1.0,
        {"reached": "yes", "understood": True, "note": "已回访,来电人认可处理结果。"},
    )
    claim = "培训班没有开课,要求退还3600元。"
    refund = (
        Planned("sign_for", "handler", 0.5),
        Planned("mediate", "handler", 3.0, {"claim": claim, "offer": "愿意退一半,其余改为课时。", "result": "again"}),
        Planned("mediate", "handler", 7.0, {"claim": claim, "offer": "同意全额退费。", "result": "agreed", "sum": "3600"}),
        met, Planned("answer", "handler", 1.0, {"outcome": "done", "answer": words.REFUND[2]}), *review, happy,
    )  # fmt: skip
    alley = (
        Planned("assign", "dispatcher", 0.5, {"unit": "enforcement"}), Planned("sign_for", "handler", 0.5),
        met, Planned("answer", "handler", 16.0, {"outcome": "done", "answer": words.ALLEY[2]}), *review, happy,
    )  # fmt: skip
    return {"refund": Script(refund), "alley": Script(alley)}
