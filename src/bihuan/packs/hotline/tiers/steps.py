"""Steps between this centre and the one above it. What the superior does comes through the exchange; the system takes it.

S1: 三级平台; DESIGN §3 Tiers: the answer goes up after our own audit, what is rejected above is a redo here.
"""

from bihuan.kernel.assignment import rules as duty
from bihuan.kernel.evaluation import rules as call
from bihuan.kernel.review import rules as levels
from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import (
    SYSTEM,
    State,
    Step,
    clear,
    count,
    hold,
    mark,
    notify,
    pause,
    start,
    step,
    stop,
    terms,
)
from bihuan.packs.hotline import rules

# fmt: off
TIER_STATES = (
    State("with_superior", "已报上级", "called_back", waits_for="supervisor"),
    State("returned_up", "已退上级", "dispatched", waits_for="supervisor"),
    State("released", "上级已收回", "closed", final=True),
)
remark_ask = Ask("remark", "说明", "text", required=False, max_length=1000)
reason_ask = Ask("reason", "理由", "text", min_length=4, max_length=1000)
superior_reason = Ask("reason", "上级的理由", "text", max_length=1000)
superior_remark = Ask("remark", "上级的说明", "text", required=False, max_length=1000)


def tier_steps(open_states: str) -> tuple[Step, ...]:
    """The steps; what the superior says can reach an order in these states, and while it waits for the superior itself."""
    return (*_up_and_back(), *_along_the_way(f"{open_states}, with_superior, returned_up"))


def _up_and_back() -> tuple[Step, ...]:
    """The answer and the return go up; what the superior makes of them comes back."""
    return (
        step(
            "report_up", "reviewing -> with_superior", by=("bureau_head", "reviewer"), at_level=True, label="审核通过,报上级",
            asks=(remark_ask,), when=(levels.is_last_level, rules.comes_from_above),
            does=(stop("handle"), stop("return"), stop("objection")), duty="review", apart_from="handle",
        ),
        step(
            "audited_below", "reviewing -> same", by=SYSTEM, label="下级中心已审核", asks=(remark_ask,),
            when=(rules.went_below, levels.more_levels_follow), does=(count("level"),),
        ),
        step(
            "return_up", "received, coordinating, dispatched, returned -> returned_up", by="supervisor", label="退回上级",
            asks=(Ask("grounds", "退回理由", "choice", choices=rules.RETURN_GROUNDS), reason_ask), apart_from="ask",
            when=(rules.comes_from_above, rules.superior_takes_back, rules.superior_term_runs),
            does=(
                stop("receive"), stop("coordinate"), stop("rule"), pause("sign", where_allowed=True), count("returned_up"),
            ),
            caution="上级同意后本件由上级收回;不同意的,退回本中心重新派单。",
        ),
        step(
            "return_up_refused", "returned_up -> received", by=SYSTEM, label="上级不同意退回", asks=(superior_reason,),
            does=(
                stop("sign"), hold("opened_by"), clear("provisional"), start("receive"), notify("return_refused", "centre"),
            ),
        ),
        step(
            "accept_above", "with_superior -> closed", by=SYSTEM, label="上级办结",
            asks=(Ask("grade", "满意度", "choice", required=False, choices=call.GRADES), superior_remark),
        ),
        step(
            "reject_above", "with_superior -> handling", by=SYSTEM, label="上级退回,重办",
            asks=(superior_reason, Ask("due_at", "上级的新时限", "moment", required=False)),
            does=(count("redo"), clear("level"), terms("due_at"), start("handle"), notify("redo", "holder")),
        ),
        step(
            "answer_not_taken", "with_superior -> reviewing", by=SYSTEM, label="上级未收下答复", asks=(superior_reason,),
            does=(start("handle"), notify("answer_not_taken", "centre")),
        ),
    )


def _along_the_way(above: str) -> tuple[Step, ...]:
    """What the superior may say at any time, and the extension asked of it; `above` are the states that this reaches."""
    return (
        step(
            "withdraw_above", f"{above} -> released", by=SYSTEM, label="上级收回", asks=(superior_remark,),
            when=rules.comes_from_above,
            does=(notify("withdrawn_above", "holder"),),
        ),
        step(
            "ask_extension_above", "handling -> same", by="supervisor", label="向上级申请延期",
            asks=(Ask("days", "延长几个工作日", "number", smallest=1, largest=60), reason_ask),
            when=(rules.comes_from_above, duty.extension_waits, rules.no_answer_from_above_waits),
            does=(mark("asked_above"),),
        ),
        step(
            "extended_above", f"{above} -> same", by=SYSTEM, label="上级同意延期",
            asks=(Ask("due_at", "上级的新时限", "moment", required=False), superior_remark), when=rules.comes_from_above,
            does=(terms("due_at"), clear("asked_above"), mark("consented"), notify("extended_above", "centre")),
        ),
        step(
            "extension_refused_above", f"{above} -> same", by=SYSTEM, label="上级不同意延期", asks=(superior_reason,),
            when=rules.comes_from_above, does=(clear("asked_above"), notify("extension_refused_above", "centre")),
        ),
        step(
            "urge_above", f"{above} -> same", by=SYSTEM, label="上级催办", asks=(superior_remark,),
            when=rules.comes_from_above,
            does=(count("urge"), notify("urged_above", "holder")),
        ),
    )
