"""Loads demonstration orders and lets people live their lives on them, through the services that real ones go through.

A run is a line in the register "demonstration": its figures, the moment at which it ends and, once it is over, what it
made. Whatever is stopped goes on when run again: an order's own ledger tells how far it has come.
"""

from __future__ import annotations

import heapq
import json
from bisect import bisect
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from random import Random
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection

from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.text import SHANGHAI, FieldError
from bihuan.packs.hotline.citizens.reporting import place_told
from bihuan.packs.hotline.demonstration import weights as shares
from bihuan.packs.hotline.demonstration import words
from bihuan.packs.hotline.demonstration.arrivals import LOCAL
from bihuan.packs.hotline.demonstration.city import City, Life, lives_found
from bihuan.packs.hotline.demonstration.generator import (
    Channel,
    Fate,
    GeneratedOrder,
    OrderType,
    calls,
    orders,
)
from bihuan.packs.hotline.demonstration.lives import Lives
from bihuan.packs.hotline.directory.leading import ROW_BY_MATTER
from bihuan.packs.hotline.directory.matters import MATTER_BY_CODE
from bihuan.packs.hotline.order_data import OrderData
from bihuan.packs.hotline.services import Taken, orders_take_many
from bihuan.packs.hotline.text.store import model_in_force, model_put_in_force, model_text

STREAM = "demonstration"
CALLS_SHARE = 0.1
"""Calls answered on the line, for each dispatched order. The real share is 1.3; the rest would only fill tables."""
BATCH = 500
TRAINING = 10_000
STORIES = (("refund", "0401", "371502001", words.REFUND), ("alley", "0101", "", words.ALLEY))
STILL_AT_SEAT = 3
ARRIVAL = timedelta(seconds=20)
REPEATED = ("lamp", "lamp-again")
SENT_BY_TELEPHONE = (Channel.APP, Channel.WECHAT, Channel.WEB)
TOWN = (115.985, 36.45)
"""The middle of the town, longitude before latitude, and the subdistricts around it."""
IN_TOWN = ("371502001", "371502002", "371502003")
AT_SEAT = (Fate.ANSWERED_AT_SEAT, Fate.PASSED_ON)

T = TypeVar("T")
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Run:
    """One load of orders: `generated` are drawn from `start` to `end`; of those before `until` the first `skipped` go."""

    number: int
    orders: int
    generated: int
    skipped: int
    calls: int
    seed: int
    start: date
    end: date
    until: datetime
    parts: int

    @property
    def total(self) -> int:
        return self.orders + self.calls + len(STORIES) + len(REPEATED)


@dataclass
class Tally:
    """What a run did: orders taken, moves made, and what failed by step and rule (a fault of the script)."""

    orders: int = 0
    moves: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Take another part's figures in."""
        self.orders += other.orders
        self.moves += other.moves
        self.failures += other.failures


def run_begin(*, count: int, seed: int, until: datetime, days: int, parts: int = 1) -> Run | None:
    """The run to make now: an unfinished one first; None when a finished one was for the same figures.

    `count` orders of the `days` days before `until`; a moment within a day keeps only what came before it.
    """
    done, open_ = runs_known()
    if open_:
        return open_[0]
    if any((run.orders, run.seed) == (count, seed) and run.until.date() == until.date() for run in done):
        return None
    at_midnight = until.astimezone(LOCAL).time() == datetime.min.time()
    end = until.astimezone(LOCAL).date() - timedelta(days=at_midnight)
    run = Run(
        number=len(done) + 1, orders=count, generated=count, skipped=0, calls=int(count * CALLS_SHARE), seed=seed,
        start=end - timedelta(days=days - 1), end=end, until=until, parts=parts,
    )  # fmt: skip
    generated, came = _generated(run)
    run = replace(run, generated=generated, skipped=max(came - count, 0))
    register_append(stream=STREAM, kind="run_begun", at=until, by="system", data=asdict(run))
    return run


def runs_known() -> tuple[list[Run], list[Run]]:
    """Finished and unfinished runs, from the register."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute("select body from ledger_entry where stream = %s order by seq", [STREAM])
        entries = [json.loads(bytes(body)) for (body,) in cursor.fetchall()]
    ended = {entry["data"]["number"] for entry in entries if entry["kind"] == "run_ended"}
    runs = [_run_read(entry["data"]) for entry in entries if entry["kind"] == "run_begun"]
    return [r for r in runs if r.number in ended], [r for r in runs if r.number not in ended]


def run_end(run: Run, tally: Tally) -> None:
    """Note in the register that a run is over."""
    data = {
        "number": run.number,
        "orders": tally.orders,
        "moves": tally.moves,
        "failures": sum(tally.failures.values()),
    }
    register_append(stream=STREAM, kind="run_ended", at=run.until, by="system", data=data)


def _run_read(data: dict[str, Any]) -> Run:
    days = {name: date.fromisoformat(data[name]) for name in ("start", "end")}
    return Run(**{**data, **days, "until": datetime.fromisoformat(data["until"]).astimezone(SHANGHAI)})


def _generated(run: Run) -> tuple[int, int]:
    """How many must be drawn so that `run.orders` of them came before `run.until`, and how many then came."""
    drawn = run.orders
    while True:
        came = sum(
            o.reported_at < run.until
            for o in orders(count=drawn, seed=run.seed, start=run.start, end=run.end)
        )
        if came >= run.orders:
            return drawn, came
        drawn += run.orders - came


def run_orders(run: Run) -> Iterator[tuple[GeneratedOrder, int]]:
    """All orders, calls and stories of a run in order of time, each with its turn among those of its fate.

    External ids end in the run's number, so that two runs never mean the same order.
    """
    begun = orders(count=run.generated, seed=run.seed, start=run.start, end=run.end)
    dispatched = islice((o for o in begun if o.reported_at < run.until), run.skipped, None)
    seat = (
        o
        for o in calls(count=run.calls, seed=run.seed, start=run.start, end=run.end)
        if o.reported_at < run.until
    )
    turns: Counter[tuple[Fate, bool]] = Counter()
    for order in heapq.merge(
        _stories(run), map(partial(_as_of, run), dispatched), _last_open(seat), key=lambda o: o.reported_at
    ):
        first = f"{order.repeat_of}.{run.number}" if order.repeat_of else None
        turns[order.fate, order.closed] += 1
        yield (
            replace(order, external_id=f"{order.external_id}.{run.number}", repeat_of=first),
            turns[order.fate, order.closed],
        )


def _as_of(run: Run, order: GeneratedOrder) -> GeneratedOrder:
    """The generator ends with a day; a run that ends within one judges the latest orders by their age at that moment."""
    if run.until.astimezone(LOCAL).date() > run.end or order.fate is Fate.MERGED:
        return order
    if run.until - order.reported_at > timedelta(days=6) or MATTER_BY_CODE[order.matter].emergency:
        return order
    age = (run.until - order.reported_at) / timedelta(days=1)
    rng = Random(f"fate {order.external_id}")
    closed = rng.random() >= _of_age(shares.OPEN_BY_AGE, age)
    names, sums = shares.CLOSED_FATES if closed else _of_age(shares.OPEN_FATES, age)
    fate = Fate(names[bisect(sums[:-1], rng.random())])
    if (fate is Fate.MEDIATED and order.matter not in shares.MEDIABLE) or (
        fate is Fate.JOINT and not ROW_BY_MATTER[order.matter].assisting
    ):
        fate = Fate.CLOSED_SATISFIED if closed else Fate.OPEN_AT_UNIT
    return replace(order, fate=fate, closed=closed)


def _of_age(table: Sequence[tuple[float, T]], age: float) -> T:
    return next(value for limit, value in table if age <= limit)


def _last_open(seat: Iterable[GeneratedOrder]) -> Iterator[GeneratedOrder]:
    """The calls, of which the last few are still with the seat."""
    waiting: deque[GeneratedOrder] = deque()
    for call in seat:
        waiting.append(call)
        if len(waiting) > STILL_AT_SEAT:
            yield waiting.popleft()
    yield from (replace(call, closed=False) for call in waiting)


def _stories(run: Run) -> Iterator[GeneratedOrder]:
    """The two cases that S1 tells, in the first half of the period; and near its end one that two neighbours report."""
    begun = datetime.combine(run.start, datetime.min.time(), tzinfo=LOCAL)
    for number, (name, matter, township, (title, text, *_)) in enumerate(STORIES, 1):
        at = begun + (run.until.astimezone(LOCAL) - begun) * (0.2 * number)
        yield GeneratedOrder(
            external_id=f"S1-{name}", channel=Channel.TELEPHONE, matter=matter, township=township, title=title, text=text,
            type=OrderType.COMPLAINT if name == "refund" else OrderType.HELP, reported_at=at.replace(microsecond=0),
            place="湖北社区东侧南北胡同" if name == "alley" else "", reporter="宋女士" if name == "refund" else "居民",
            phone=f"1990000000{number}", confidential=False, closed=True,
            fate=Fate.MEDIATED if name == "refund" else Fate.CLOSED_SATISFIED,
        )  # fmt: skip
    for number, repeat in enumerate(REPEATED, 1):
        title, text = words.LAMP
        yield GeneratedOrder(
            external_id=f"DC-{repeat}", channel=Channel.TELEPHONE, matter="0103", township="371502002", title=title, text=text,
            type=OrderType.HELP, reported_at=run.until.astimezone(LOCAL) - timedelta(hours=28 - 2 * number), place="",
            reporter="居民", phone=f"1990000010{number}", confidential=False, closed=False,
            fate=Fate.MERGED if number > 1 else Fate.OPEN_AT_UNIT, repeat_of=f"DC-{REPEATED[0]}" if number > 1 else None,
        )  # fmt: skip


def order_data(order: GeneratedOrder) -> OrderData:
    """What a seat agent enters for a generated order. One bound for the coordination desk does not say where it is."""
    vague = order.fate is Fate.AT_DESK
    return OrderData(
        text=words.VAGUE[len(order.text) % len(words.VAGUE)] if vague else order.text,
        title="来电反映家门口的问题" if vague else order.title,
        channel=str(order.channel),
        type=str(order.type),
        place="" if vague else _placed(order),
        territory="" if vague else order.township,
        matter="" if vague else order.matter,
        reporter=order.reporter,
        phone=order.phone,
        confidential=order.confidential,
        accused=f"{settings.REGION}_{order.accused}" if order.accused else "",
        reported_at=order.reported_at,
        external_id=order.external_id,
        answer_at_seat=order.fate in AT_SEAT,
    )


def _placed(order: GeneratedOrder) -> str:
    """What was sent from a telephone in the town names a point on the map, as a citizen's form does."""
    if order.channel not in SENT_BY_TELEPHONE or order.township not in IN_TOWN or order.confidential:
        return order.place
    rng = Random(f"point {order.external_id}")
    longitude, latitude = (middle + rng.uniform(-0.03, 0.03) for middle in TOWN)
    return place_told(order.place, f"{longitude:.5f},{latitude:.5f}")


def run_part(run: Run, *, part: int = 0, tell: Tell = lambda orders, moves: None) -> Tally:
    """Make one part of a run (of `run.parts`): take its orders in and make the moves of their lives, in order of time."""
    tally = Tally()
    city = City.read()
    lives = Lives(city, until=int(run.until.timestamp()), failures=tally.failures)
    first, last = run.total * part // run.parts, run.total * (part + 1) // run.parts
    mine = islice(run_orders(run), first, last if part + 1 < run.parts else None)
    while batch := list(islice(mine, BATCH)):
        tally.orders += _take(batch, city, lives)
        _live(lives, tally, tell, before=int(batch[-1][0].reported_at.timestamp()))
    _live(lives, tally, tell, before=None)
    return tally


def _live(lives: Lives, tally: Tally, tell: Tell, *, before: int | None) -> None:
    tell(tally.orders, tally.moves)
    while (made := lives.live(before=before)) is not None:
        tally.moves += made
        tell(tally.orders, tally.moves)


def _take(batch: Sequence[tuple[GeneratedOrder, int]], city: City, lives: Lives) -> int:
    """Take a batch in; what is known already goes on from where it is."""
    known = lives_found([order.external_id for order, _ in batch])
    fresh = [(order, turn) for order, turn in batch if order.external_id not in known]
    at = [order.reported_at + ARRIVAL for order, _ in fresh]
    taken = (
        orders_take_many(orders=[order_data(o) for o, _ in fresh], by=city.seat_agent, now=at)
        if fresh
        else []
    )
    for (order, turn), result in zip(fresh, taken, strict=True):
        if isinstance(result, FieldError):
            lives.failures[f"take: {result.field} {result.rule}"] += 1
        else:
            lives.begin(order, _life(order, result), turn)
    for order, turn in batch:
        if order.external_id in known:
            lives.go_on(order, known[order.external_id], turn)
    return len(fresh)


def _life(order: GeneratedOrder, taken: Taken) -> Life:
    opened = int((order.reported_at + ARRIVAL).timestamp())
    return Life(
        case=taken.case, unit=taken.unit, state=taken.state, begun=taken.state, at=opened, opened=opened
    )


def model_train(*, until: date, now: datetime, count: int = TRAINING) -> bool:
    """Train the text model on generated orders of the year before `until` and put it in force, if there is none."""
    # scikit-learn takes a second to load, and few processes train.
    from bihuan.packs.hotline.text.training import train

    if model_in_force() is not None:
        return False
    drawn = orders(count=count, seed=7, start=until - timedelta(days=365), end=until, beyond=0.03)
    kept = [order for order in drawn if order.type is not OrderType.INVALID]
    model = train([model_text(o.title, o.text) for o in kept], [o.matter for o in kept])
    model_put_in_force(model=model, sources=[f"generated orders: {len(kept)}"], by="system", now=now)
    return True
