"""A deterministic stream of demonstration orders in order of time: same count, seed and dates, same orders.

`orders` gives what a district's centre dispatches; `calls` what is answered, declined or passed on at the
seat and never dispatched ("calls answered on the line come on top", systems.md §1). People, places and
telephone numbers are invented; the numbers are 1990000 and four digits.
"""

from __future__ import annotations

from bisect import bisect
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from bihuan.packs.hotline.demonstration import phrases as said
from bihuan.packs.hotline.demonstration import weights as shares
from bihuan.packs.hotline.demonstration.arrivals import LOCAL, days, times
from bihuan.packs.hotline.demonstration.places import HOT_SPOT, PLACES, RUN_BY_DISTRICT, RUN_BY_ZONES
from bihuan.packs.hotline.demonstration.weights import Channel, Fate, OrderType, Table
from bihuan.packs.hotline.directory.leading import ROW_BY_MATTER
from bihuan.packs.hotline.directory.matters import CLASSES, MATTER_BY_CODE

__all__ = ["Channel", "Fate", "GeneratedOrder", "OrderType", "calls", "orders"]

CALLERS = 10_000
ACCUSED = ("enforcement", "approval", "housing", "market", "resources", "civil", "police", "transport")
_ACCUSED_NAMES = {
    "enforcement": "综合行政执法局", "approval": "行政审批服务局", "housing": "住建局",
    "market": "市场监管局", "resources": "自然资源和规划局", "civil": "民政局",
    "police": "派出所", "transport": "交通运输局",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class GeneratedOrder:
    """One order. Codes are text: `matter` of the taxonomy, `township` 9 digits, `accused` a department.

    `place` and `text` are Chinese; `reported_at` is aware, Asia/Shanghai; `repeat_of` is the external id of
    the first order of the same matter and place or None; `closed`: the loop ended within the period.
    """

    external_id: str
    channel: Channel
    type: OrderType
    matter: str
    township: str
    place: str
    title: str
    text: str
    reporter: str
    phone: str
    confidential: bool
    reported_at: datetime
    fate: Fate
    closed: bool
    repeat_of: str | None = None
    accused: str = ""


def orders(*, count: int, seed: int, start: date, end: date, beyond: float = 0.0) -> Iterator[GeneratedOrder]:
    """`count` dispatched orders reported from `start` to `end`, both included, in order of time.

    beyond: the share of orders that leave the district: places that functional zones run, where matters
    led by the city occur too. Raises ValueError when count < 0, end < start or beyond is not within 0..1.
    """
    _refuse_wrong(count=count, start=start, end=end)
    if not 0 <= beyond <= 1:
        raise ValueError("beyond is a share between 0 and 1")
    return _stream(count=count, seed=seed, start=start, end=end, beyond=beyond, seat=False)


def calls(*, count: int, seed: int, start: date, end: date) -> Iterator[GeneratedOrder]:
    """`count` calls that end at the seat: answered, declined with the proper route, or passed on."""
    _refuse_wrong(count=count, start=start, end=end)
    return _stream(count=count, seed=seed, start=start, end=end, beyond=0.0, seat=True)


def _refuse_wrong(*, count: int, start: date, end: date) -> None:
    if count < 0:
        raise ValueError("count must not be negative")
    if end < start:
        raise ValueError("end must not be before start")


def _stream(
    *, count: int, seed: int, start: date, end: date, beyond: float, seat: bool
) -> Iterator[GeneratedOrder]:
    rng = Random(f"{'seat' if seat else 'order'} {seed}")
    closing = datetime.combine(end + timedelta(days=1), time(), tzinfo=LOCAL)
    writer = _Writer(rng=rng, closing=closing, beyond=beyond)
    write = writer.call if seat else writer.order
    prefix = "ZX" if seat else "DC"
    for day in days(count=count, start=start, end=end, rng=rng):
        head = f"{prefix}{day.date:%Y%m%d}"
        for serial, at in enumerate(times(day=day.date, count=day.count, rng=rng), 1):
            yield write(f"{head}{serial:05d}", at, day.date.month, day.rain)


def _callers() -> tuple[tuple[str, str], ...]:
    rng = Random(12345)
    return tuple(
        (rng.choice(said.SURNAMES) + rng.choice(said.GIVEN), f"1990000{n:04d}") for n in range(CALLERS)
    )


_CALLERS = _callers()
_SPREADING = frozenset({"road", "compound", "site", "village", "shop", "school"})


def _townships(table: dict[str, tuple[str, float]]) -> Table:
    return tuple(table), tuple(accumulate(weight for _, weight in table.values()))


class _Writer:
    """Writes order after order; keeps the latest incidents of each class, which others may report again."""

    def __init__(self, *, rng: Random, closing: datetime, beyond: float) -> None:
        self.rng = rng
        self.closing = closing
        self.beyond = beyond
        self.within = _townships(RUN_BY_DISTRICT)
        self.outside = _townships(RUN_BY_ZONES)
        self.incidents: dict[str, deque[GeneratedOrder]] = {c.code: deque(maxlen=60) for c in CLASSES}

    def order(self, external_id: str, at: datetime, month: int, rain: bool) -> GeneratedOrder:
        """One dispatched order."""
        rng = self.rng
        order_type = OrderType(self._drawn(shares.TYPES))
        class_code = self._drawn(shares.class_table(month=month))
        incidents = self.incidents[class_code]
        if incidents and order_type is OrderType.HELP and rng.random() < shares.REPEATS:
            return self._repeat(external_id, at, incidents[int(rng.random() * len(incidents))])
        beyond = self.beyond > 0 and rng.random() < self.beyond
        table = shares.matter_table(
            class_code=class_code, month=month, rain=rain, order_type=order_type, beyond=beyond
        )  # fmt: skip
        matter = self._drawn(table)
        fate, closed = self._fate(at, matter)
        township, place = self._where(matter, month=month, beyond=beyond)
        order = self._written(external_id, at, order_type, matter, township, place, fate, closed)
        if order_type is OrderType.HELP and said.PHRASES[matter].where in _SPREADING:
            incidents.append(order)
        return order

    def call(self, external_id: str, at: datetime, month: int, rain: bool) -> GeneratedOrder:
        """One call that ends at the seat."""
        rng = self.rng
        draw = rng.random()
        if draw < shares.SEAT_PASSED_ON:
            fate, order_type, matter = Fate.PASSED_ON, OrderType.HELP, self._one(shares.EMERGENCIES)
        elif draw < shares.SEAT_PASSED_ON + shares.SEAT_DECLINED:
            fate, order_type, matter = Fate.DECLINED, OrderType.COMPLAINT, self._one(shares.DECLINES)
        else:
            fate, order_type = Fate.ANSWERED_AT_SEAT, OrderType(self._drawn(shares.CALL_TYPES))
            matter = self._drawn(
                shares.matter_table(
                    class_code=self._drawn(shares.class_table(month=month)),
                    month=month, rain=rain, order_type=OrderType.ENQUIRY, beyond=True,
                )
            )  # fmt: skip
        township, place = self._where(matter, month=month, beyond=False)
        return self._written(external_id, at, order_type, matter, township, place, fate, True)

    def _one(self, values: tuple[str, ...]) -> str:
        return values[int(self.rng.random() * len(values))]

    def _drawn(self, table: Table) -> str:
        values, cumulated = table
        return values[min(bisect(cumulated, self.rng.random() * cumulated[-1]), len(values) - 1)]

    def _where(self, matter: str, *, month: int, beyond: bool) -> tuple[str, str]:
        if matter == "0101" and not beyond and 6 <= month <= 9 and self.rng.random() < 0.06:
            return HOT_SPOT
        township = self._drawn(self.outside if beyond else self.within)
        return township, self._one(PLACES[township, said.PHRASES[matter].where])

    def _fate(self, at: datetime, matter: str) -> tuple[Fate, bool]:
        age = (self.closing - at).total_seconds() / 86_400
        share = next(share for limit, share in shares.OPEN_BY_AGE if age <= limit)
        closed = self.rng.random() >= share
        table = shares.CLOSED_FATES
        if not closed:
            table = next(table for limit, table in shares.OPEN_FATES if age <= limit)
        fate = Fate(self._drawn(table))
        if MATTER_BY_CODE[matter].emergency:
            return (Fate.OPEN_AT_UNIT, False) if age < 0.1 else (Fate.CLOSED_SATISFIED, True)
        wrong = (fate is Fate.MEDIATED and matter not in shares.MEDIABLE) or (
            fate is Fate.JOINT and not ROW_BY_MATTER[matter].assisting
        )
        if wrong:
            fate = Fate.CLOSED_SATISFIED if closed else Fate.OPEN_AT_UNIT
        return fate, closed

    def _repeat(self, external_id: str, at: datetime, first: GeneratedOrder) -> GeneratedOrder:
        fate, closed = self._fate(at, first.matter)
        if self.rng.random() < shares.MERGED_OF_REPEATS:
            fate, closed = Fate.MERGED, first.closed
        return self._written(
            external_id, at, OrderType.HELP, first.matter, first.township, first.place, fate, closed, first
        )  # fmt: skip

    def _written(
        self,
        external_id: str,
        at: datetime,
        order_type: OrderType,
        matter: str,
        township: str,
        place: str,
        fate: Fate,
        closed: bool,
        first: GeneratedOrder | None = None,
    ) -> GeneratedOrder:
        rng = self.rng
        reporter, phone = self._one_caller(None if first is None else first.phone)
        accused = self._one(ACCUSED) if matter == "1210" else ""
        confidential = order_type in shares.CONFIDENTIAL and rng.random() < shares.CONFIDENTIAL[order_type]
        title = self._one(said.TITLES)
        name = MATTER_BY_CODE[matter].name
        town = (RUN_BY_DISTRICT.get(township) or RUN_BY_ZONES[township])[0]
        return GeneratedOrder(
            external_id=external_id,
            channel=Channel(self._drawn(shares.CHANNELS)),
            type=order_type,
            matter=matter,
            township=township,
            place=place,
            title="无效诉求" if order_type is OrderType.INVALID else title.format(p=place, t=town, m=name),
            text=self._text(order_type, matter, name, place, accused),
            reporter=reporter,
            phone=phone,
            confidential=confidential,
            reported_at=at,
            fate=fate,
            closed=closed,
            repeat_of=None if first is None else first.external_id,
            accused=accused,
        )

    def _one_caller(self, other_than: str | None) -> tuple[str, str]:
        number = int(self.rng.random() * CALLERS)
        if _CALLERS[number][1] == other_than:
            number = (number + 1) % CALLERS
        return _CALLERS[number]

    def _text(self, order_type: OrderType, matter: str, name: str, place: str, accused: str) -> str:
        one = self._one
        if order_type is OrderType.INVALID:
            return one(said.INVALIDS)
        if order_type is OrderType.PRAISE:
            return one(said.OPENINGS) + place + one(said.PRAISES).replace("{m}", name)
        phrases = said.PHRASES[matter]
        core = one(phrases.statements).replace("{p}", place)
        if accused:
            core = core.replace("{a}", _ACCUSED_NAMES[accused])
        if order_type is OrderType.ENQUIRY:
            return f"{one(said.OPENINGS)}{core}，{one(said.QUESTIONS)}"
        if order_type is OrderType.SUGGESTION:
            return f"{core}，{one(phrases.details)}。建议{one(phrases.demands)}{one(said.ENDINGS)}"
        lead = "举报：" if order_type is OrderType.REPORT else one(said.OPENINGS)
        wish = one(said.WISHES) + one(phrases.demands) + one(said.ENDINGS)
        if MATTER_BY_CODE[matter].emergency:
            return f"{core}，{one(phrases.details)}，{wish}"
        shape = self.rng.random()
        if shape < 0.4:
            return f"{lead}{core}，{one(phrases.details)}，{one(said.DURATIONS)}。{wish}"
        if shape < 0.7:
            return f"{lead}{core}，{one(said.DURATIONS)}，{one(phrases.details)}，{wish}"
        if shape < 0.9:
            return f"{lead}{core}，{one(phrases.details)}。{wish}"
        return f"{lead}{core}，{wish}"
