"""The parts of a pack's manifest, and what the kernel tells it: frozen values without behaviour. `pack.py` puts them together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence of the source documents that the product keeps: see the board of promises.

    `phrase` is the source's own, `kept` says in a sentence what the product does for it. `figure` is theirs; ours is read
    live (`promise_figures.py` of the pack) or printed by `command`; `screen` shows it, `test` would fail without it.
    `unmeasured` says what of the sentence is not measured here, and why.
    """

    id: str
    phrase: str
    kept: str = ""
    figure: str = ""
    command: str = ""
    screen: str = ""
    test: str = ""
    unmeasured: str = ""


@dataclass(frozen=True, slots=True)
class ToldState:
    """A state as a citizen of twelve years understands it: what is so now, what happens next, and the kind of clock that
    says by when ("": none)."""

    now: Any
    next: Any
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Citizens:
    """What a pack offers without an account.

    `ways_in` is a template of links on the public start page, `states` tells each state that a case can be followed in,
    `again` is the name of the address (with the number) where somebody reports anew what was closed. `questions` may be
    answered with the grade, each by yes, no or not at all: plain words by the field of the reporter's steps. `discontent` is
    what follows a bad grade ("": the case is handled again), `said` what the page calls the citizen's own words. `parts` tells,
    for a case (id, state, facts), what else its page shows: templates with their values, as `part`, read within `kernel_writes`.
    `stands` gives the key of `states` by which a case (state, facts) is told, where the state alone says too little.
    """

    ways_in: str
    states: Mapping[str, ToldState]
    again: str
    questions: Mapping[str, Any] = field(default_factory=dict)
    discontent: Any = ""
    said: Any = ""
    parts: Callable[[int, str, Mapping[str, Any]], Sequence[tuple[str, Mapping[str, Any]]]] | None = None
    stands: Callable[[str, Mapping[str, Any]], str] | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """What the call-back clerk says, in the reader's language: who calls and what became of the matter, and the close.
    `questions` are by the name of the field that takes the answer.
    """

    lines: tuple[str, ...]
    questions: Mapping[str, str]
    close: str


@dataclass(frozen=True, slots=True)
class Called:
    """What a script is made of: the case's number, who handled it, the pack's facts, and how often it was redone."""

    number: str
    unit: str
    facts: Mapping[str, Any]
    redo_count: int


@dataclass(frozen=True, slots=True)
class CalledToAccount:
    """A unit is called to account: `matter` is "accountability", "supervised" or "decision"; `facts` are the figures that it rests on.

    `unit` and `unit_name` are the unit's, `centre` the id of the centre's unit; `origin` is the case that led to it (None: none),
    `origin_number` its number.
    """

    matter: str
    unit: int
    unit_name: str
    centre: int
    reason: str
    facts: Mapping[str, Any]
    now: datetime
    origin: int | None = None
    origin_number: str = ""


@dataclass(frozen=True, slots=True)
class AccountCase:
    """The case that a pack makes of it: the name of the workflow ("": the pack's), words, and facts for its guards.

    `held_by` says who holds it first, the centre or the unit called; the other may see it. `category` is the case's matter.
    `due` is the day by which it must be done, as whoever decided it said; `first` a step that the system takes at once.
    """

    title: str
    text: str
    workflow: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    category: str = ""
    held_by: Literal["centre", "unit"] = "centre"
    due: date | None = None
    first: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """What is due now: how many, since when the oldest, and how many more would be but are held."""

    count: int = 0
    oldest: datetime | None = None
    held: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of things that are kept for a time: `days` None means for ever. `erase(now, most)` returns how many it erased."""

    code: str
    label: str
    days: int | None
    due: Callable[[datetime], Due]
    erase: Callable[[datetime, int], int]


@dataclass(frozen=True, slots=True)
class Timed:
    """A promised clock of this kind that counts as kept when one of these steps stops it in time."""

    clock: str
    steps: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scoring:
    """What the steps of a pack's cases mean for scoring: see `kernel/scoring/measures.py`. Steps are told by their codes.

    `asked` steps carry the caller's `grade` and, for each measure of `questions`, a field with yes or no; orders whose fact
    `type` is in `apart` are not evaluated. `unreached` steps close without a caller's word, `closed` steps close at all.
    `card` is the code of the policy that holds the score card, `sample` the scheme of the heads' samples, whose sheets are at the addresses
    named `sample_view` (one) and `samples_view` (all). Who holds a role
    of `asks` asks for an order to be left out, who holds one of `keeps` decides.
    """

    card: str
    asked: frozenset[str]
    questions: Mapping[str, str]
    unreached: frozenset[str]
    closed: frozenset[str]
    answered: frozenset[str]
    returned: frozenset[str]
    redone: frozenset[str]
    timed: Mapping[str, tuple[Timed, ...]]
    apart: frozenset[str] = frozenset()
    sample: str = ""
    sample_view: str = ""
    samples_view: str = ""
    asks: frozenset[str] = frozenset()
    keeps: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Issuers:
    """Who of the unit that issued a certificate, or of one under it, may ask that it be suspended, revoked or replaced, and
    who decides; also whoever of the unit that took the case in holds a role of `asks` may ask. Nobody decides what they asked.

    `changed(certificate, act, reason, by, now)` is told in the transaction of what was done to a certificate (its id; "suspend",
    "resume", "replace" or "revoke"). `resting(certificate)` says in words what falls with one when it is revoked.
    `noted(certificates)` says, by id, what everybody who reads or checks one must know besides its standing.
    """

    asks: frozenset[str]
    decides: frozenset[str]
    changed: Callable[[int, str, str, int, datetime], None] | None = None
    resting: Callable[[int], Sequence[str]] | None = None
    noted: Callable[[Sequence[Any]], Mapping[int, Sequence[str]]] | None = None


@dataclass(frozen=True, slots=True)
class Indicator:
    """What a pack counts of units beside the measures of scored steps; a score card may weigh it.

    `code` is of all packs once. `counts(since, until)` tells by unit's id how many were good and bad between two moments,
    over everything; `view` is the name of the address where what is behind it is seen.
    """

    code: str
    label: Any
    counts: Callable[[datetime, datetime], Mapping[int, tuple[int, int]]]
    view: str


@dataclass(frozen=True, slots=True)
class Stepped:
    """A step that has just been written: on which case, which step, by whom and when, with what cleaned data, and where
    the case was and is. `superior` is the case's own, `facts` are the pack's.
    """

    case: int
    number: str
    pack: str
    step: str
    by: int
    now: datetime
    data: Mapping[str, Any]
    state_before: str
    state: str
    unit_before: int
    unit: int
    closed: bool
    superior: Mapping[str, Any]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words that have just been written between a case's unit and its reporter: a question (`asked`), or what the reporter says
    as the unit may read it."""

    case: int
    unit: int
    now: datetime
    text: str
    asked: bool


@dataclass(frozen=True, slots=True)
class PartDue:
    """A part of a whole (its case) that can begin, now and by whom (0: by itself, as the last of what precedes it was done)."""

    whole: int
    code: str
    by: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Bundles:
    """What wholes of several parts are in a pack (`kernel/bundles`).

    `open` opens a part's case and returns its id. A part is done when its case closes in one of the states `done`, and has failed
    when it closes in another. The system takes the step `tell` on the whole for each (fields `part` and `became`), `finish` when the last
    part is done, and `withdraw` on the parts under way whose workflow knows it when the whole ends.
    """

    open: Callable[[PartDue], int]
    done: frozenset[str]
    tell: str
    finish: str
    withdraw: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that a message asks for; `itself`: the system takes it, not the peer's account."""

    step: str
    data: Mapping[str, Any] = field(default_factory=dict)
    itself: bool = False


@dataclass(frozen=True, slots=True)
class Tiers:
    """What passes between two centres of a pack's cases; the kinds of messages are those of `kernel/exchange/envelope.py`.

    `role` is what the account of a subordinate centre holds in its unit. `concerns` says of a step whether a peer may
    have to do with it, without asking the database. `notice(case)` is what goes down with a case; `take(data, peer, now)` opens it
    here and returns (case, what the receipt tells). `told` maps a step to the kind of message that tells of it, upwards and
    downwards; `tell(stepped, kind)` is what that message says. `asks(kind, data, case)` are the steps that an incoming
    message asks for, `files(case, up)` the attachments that go with it down, or up with the answer, and `refused` maps a kind of ours that the other side's rules refuse to the step that is taken then.
    """

    role: str
    concerns: Callable[[Stepped], bool]
    notice: Callable[[int], Mapping[str, Any]]
    take: Callable[[Mapping[str, Any], str, datetime], tuple[int, Mapping[str, Any]]]
    told: Mapping[str, str]
    tell: Callable[[Stepped, str], Mapping[str, Any]]
    asks: Callable[[str, Mapping[str, Any], Any], Sequence[Asked]]
    files: Callable[[int, bool], Sequence[int]]
    refused: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of a board: `counts` by `by`, under `code` in its address.

    "opened" counts cases that came in, by hour (today beside usual), class of matter or place; "pressing" open ones that are
    late or nearly, by unit; "turned" those returned and redone, from unit to unit; "scored" the outcomes of `measure` this
    month, by unit; "ranked" the two lists of scores.
    """

    code: str
    label: Any
    counts: Literal["opened", "pressing", "turned", "scored", "ranked"]
    by: Literal["hour", "class", "place", "unit"] = "unit"
    measure: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """A page of charts over the pack's cases. Its large screen shows the charts named in `screen`; `links` are further pages:
    words, the name of the address, and the roles that it is for.
    """

    code: str
    label: Any
    charts: tuple[Chart, ...]
    screen: tuple[str, ...] = ()
    links: tuple[tuple[Any, str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Register:
    """What a register of the ledger that a pack keeps is called, with its kinds of entries and their fields in words.

    `choices` tell a field whose values are codes.
    """

    label: Any
    kinds: Mapping[str, Any]
    fields: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Point:
    """What a pack would have a meeting learn: words, the figures that it rests on, and the address where all of it stands."""

    title: str
    figures: Mapping[str, Any]
    address: str = ""
