"""The citizens' hotline 12345 (政务服务便民热线) as a pack."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bihuan.kernel.cases.facts import CaseFacts
from bihuan.kernel.identity.roles import HALL_SCREEN, SUPERVISOR, UNIT_ROLES, Role
from bihuan.kernel.manifest import Citizens, Kept, Scoring, Spoken, Stepped, Tiers, Timed
from bihuan.kernel.numbering.formats import NumberFormat
from bihuan.kernel.pack import Pack
from bihuan.packs.hotline.boards import BOARDS
from bihuan.packs.hotline.call_script import call_script
from bihuan.packs.hotline.citizens.words import QUESTIONS, STATES
from bihuan.packs.hotline.policies import LIMIT_KEYS, NAMED_RULES, POLICIES, RULE_CHOICES, RULE_LABELS
from bihuan.packs.hotline.promises import PROMISES
from bihuan.packs.hotline.registers import REGISTERS
from bihuan.packs.hotline.rules import EXCLUDED_BY_LAW, judge
from bihuan.packs.hotline.workflow import WORKFLOW

if TYPE_CHECKING:
    from bihuan.kernel.cases.moving import Moved


def answer_kept(case: CaseFacts) -> Mapping[str, Any]:
    """What later guards must know of an answer."""
    return {"outcome": case.data["outcome"], "until": case.data.get("until")}


def mended_kept(case: CaseFacts) -> Mapping[str, Any]:
    """Works that have held are an answer: the matter is done."""
    return {"outcome": "done", "until": None}


def mediation_kept(case: CaseFacts) -> Mapping[str, Any]:
    """The course of a mediation: result and sum of each attempt."""
    attempt = {"result": case.data["result"], "sum": case.data.get("sum"), "at": case.now.isoformat()}
    return {"mediation": [*case.facts.get("mediation", ()), attempt]}


def self_call_kept(case: CaseFacts) -> Mapping[str, Any]:
    """Whether the unit reached the caller, or when it tried in vain."""
    if case.data["reached"] == "yes":
        return {"self_called_back": True}
    return {"self_attempted_at": [*case.facts.get("self_attempted_at", ()), case.now.isoformat()]}


def attempt_kept(case: CaseFacts) -> Mapping[str, Any]:
    """When the centre called in vain, or the moment that was agreed with the caller: that is no call in vain."""
    again = case.data.get("again")
    tried = case.facts.get("attempted_at", ())
    return {"again_at": again, "attempted_at": [*tried, *([] if again else [case.now.isoformat()])]}


def round_begun(case: CaseFacts) -> Mapping[str, Any]:
    """What is handled again is called back again, by the unit and by the centre."""
    return {"self_called_back": False, "self_attempted_at": [], "attempted_at": [], "again_at": None}


def redo_kept(case: CaseFacts) -> Mapping[str, Any]:
    """The grade that asked for the redo, and a new round."""
    return {**evaluation_kept(case), **round_begun(case)}


def evaluation_kept(case: CaseFacts) -> Mapping[str, Any]:
    """What the caller said when called back; every grade of every round is kept."""
    said = {
        name: case.data[name]
        for name in ("grade", "contacted", "resolved", "understood")
        if name in case.data
    }
    return {"evaluation": said, "grades": [*case.facts.get("grades", ()), case.data["grade"]]}


def matter_kept(case: CaseFacts) -> Mapping[str, Any]:
    """Whether a township may hold it follows the matter that an officer gives."""
    return {"township_matter": bool(case.matter.get("township"))} if case.data.get("matter") else {}


def below_kept(case: CaseFacts) -> Mapping[str, Any]:
    """That it was once given to a centre, which may be one below us with a system of its own."""
    return {"below": True} if case.kinds.get(case.data.get("unit", 0)) == "centre" else {}


def given_kept(case: CaseFacts) -> Mapping[str, Any]:
    """What the unit and the matter that somebody named mean for later rules."""
    return {**matter_kept(case), **below_kept(case)}


def above_kept(case: CaseFacts) -> Mapping[str, Any]:
    """What the caller said when the superior's centre called back."""
    return evaluation_kept(case) if "grade" in case.data else {}


def pause_kept(case: CaseFacts) -> Mapping[str, Any]:
    """Which limits stand still: the promise, and on the law's own grounds the statutory one too."""
    excluded = case.data["ground"] in EXCLUDED_BY_LAW
    return {"pause_bases": ["promised", "statutory"] if excluded else ["promised"]}


def danger_kept(case: CaseFacts) -> Mapping[str, Any]:
    """What was passed on to 110, 119, 120 or 122 goes by the limits for danger to life (rules.md A2, A4)."""
    return {"limit_key": "urgent.danger"}


def assigned(**move: Any) -> "Moved":
    """An officer names the unit: see `assigning.order_assign` (imported late: this module is read before the tables are)."""
    from bihuan.packs.hotline.assigning import order_assign

    return order_assign(**move)


def matter_told(code: str) -> Mapping[str, Any] | None:
    """What the directory's list says of a matter (imported late, as above)."""
    from bihuan.packs.hotline.dispatching import dispatch_map

    kind = dispatch_map().matters.get(code)
    return {"township": kind.township} if kind else None


def answered(**move: Any) -> "Moved":
    """An answer is given: see `answering.order_answer` (imported late, as above)."""
    from bihuan.packs.hotline.answering import order_answer

    return order_answer(**move)


def remark_retold(text: str) -> str:
    """The reasons of a dispatch, in the reader's language (imported late, as above)."""
    from bihuan.packs.hotline.reasons import remark_told

    return remark_told(text)


def orders_follow(stepped: Sequence[Stepped]) -> None:
    """What passes to other centres (imported late, as above)."""
    from bihuan.packs.hotline.tiers import messages as tiers

    tiers.orders_follow(stepped)


def words_follow(spoken: Spoken) -> None:
    """What is asked and said passes on too (imported late, as above)."""
    from bihuan.kernel.exchange.follow import words_follow as follow

    follow(spoken)


def order_tiers() -> Tiers:
    """What the messages between centres hold (imported late, as above)."""
    from bihuan.packs.hotline.tiers.messages import TIERS

    return TIERS


def orders_forget(cases: Sequence[int], now: datetime) -> None:
    """See `forgetting.orders_forget`."""
    from bihuan.packs.hotline import forgetting

    forgetting.orders_forget(cases=cases)


def calls_kept(now: datetime) -> "Sequence[Kept]":
    """See `retention.calls_kept`."""
    from bihuan.packs.hotline import retention

    return retention.calls_kept(now)


SCORING = Scoring(
    card="hotline.score_card",
    asked=frozenset(("evaluate", "redo")),
    questions={"response": "contacted", "resolution": "resolved", "understanding": "understood"},
    unreached=frozenset(("close_unreached",)),
    closed=frozenset(("evaluate", "close_unreached", "explain", "accept_above")),
    answered=frozenset(("approve", "report_up", "mended")),
    returned=frozenset(("return",)),
    redone=frozenset(("redo", "redo_after_review", "redo_after_sample", "reject_above")),
    timed={
        "on_time": (
            Timed("handle", frozenset(("approve", "report_up", "mended"))),
            Timed("assist", frozenset(("report",))),
        ),
        "signing": (Timed("sign", frozenset(("sign_for",))),),
    },
    apart=frozenset(("enquiry", "praise", "invalid")),
    sample="hotline.tenth",
    sample_view="hotline:sample",
    samples_view="hotline:samples",
    asks=frozenset(("bureau_head", "supervisor")),
    keeps=frozenset(("supervisor",)),
)
"""What the daily assessment (日考核) counts; enquiries and praise are outside (rules.md A7)."""

PACK = Pack(
    name="hotline",
    label="市民热线",
    label_en="Citizens' hotline",
    workflows=(WORKFLOW,),
    roles=(
        Role("seat_agent", "接线员", "Seat agent", acts="anywhere", sees="all", unmasks=True),
        Role("dispatcher", "协调员", "Coordination desk", sees="below"),
        *UNIT_ROLES,
        Role("reviewer", "审核员", "Reviewer", acts="anywhere", sees="all", home="queue"),
        Role(
            "caller_desk",
            "回访员",
            "Call-back clerk",
            acts="anywhere",
            sees="all",
            unmasks=True,
            home="queue",
        ),
        SUPERVISOR,
        Role("discipline", "纪检监察", "Discipline inspection"),
        HALL_SCREEN,
    ),
    judge=judge,
    on_step={
        "answer": answer_kept,
        "mended": mended_kept,
        "mediate": mediation_kept,
        "evaluate": evaluation_kept,
        "redo": redo_kept,
        "redo_after_sample": redo_kept,
        "redo_after_review": round_begun,
        "self_call_back": self_call_kept,
        "attempt": attempt_kept,
        "pass_on": danger_kept,
        "ask_pause": pause_kept,
        "reject_above": round_begun,
        "accept_above": above_kept,
        "rule": below_kept,
        **dict.fromkeys(("dispatch", "assign", "accept_return"), given_kept),
    },
    clocks={
        "sign": {"promised": "hotline.sign"},
        "coordinate": {"promised": "hotline.coordinate"},
        "receive": {"promised": "hotline.receive"},
        "rule": {"promised": "hotline.rule"},
        "return": {"term": "hotline.return"},
        "objection": {"term": "hotline.objection"},
        "handle": {"promised": "hotline.handle", "statutory": "hotline.handle_statutory"},
        "call_back": {"promised": "hotline.call_back"},
        "assist": {"promised": "hotline.assist"},
    },
    centre_clocks=frozenset(("receive", "rule")),
    levels="hotline.review_levels",
    policies=POLICIES,
    rule_labels=RULE_LABELS,
    limit_keys=LIMIT_KEYS,
    rule_choices=RULE_CHOICES,
    number_format=NumberFormat("hotline", "RX{date:%Y%m%d}{serial:5}"),
    writers={
        **dict.fromkeys(("dispatch", "assign", "accept_return", "rule"), assigned),
        **dict.fromkeys(("answer", "answer_at_seat"), answered),
    },
    named_rules=NAMED_RULES,
    in_bulk={"urge": "", "supervise": "", "dispatch": "", "assign": "", "merge": "unmerge"},
    promises=PROMISES,
    scoring=SCORING,
    boards=BOARDS,
    retell=remark_retold,
    matter=matter_told,
    script=call_script,
    citizens=Citizens("hotline/parts/ways_in.html", STATES, again="hotline:again", questions=QUESTIONS),
    forget=orders_forget,
    retains=calls_kept,
    registers=REGISTERS,
    follow=orders_follow,
    hear=words_follow,
    tiers=order_tiers,
)
