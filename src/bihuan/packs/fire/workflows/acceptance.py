"""Acceptance of special projects: 15 days prescribed (住建部令第51号 art. 30), 7 working days promised (S0)."""

from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import SYSTEM, State, Workflow, start, step, stop, take
from bihuan.packs.fire import rules
from bihuan.packs.fire.materials import CONDITIONS
from bihuan.packs.fire.workflows.common import (
    INSPECTOR,
    LEFT,
    RECEIVING,
    REVIEWER,
    ROLES,
    SIGNING,
    STATIONS,
    article_30_asks,
    evaluated,
    faults_ask,
    reason_ask,
    reception,
    signed,
)

# A step is read as a line of the regulation, not as a column of arguments.
# fmt: off
ACCEPTANCE = Workflow(
    name="acceptance",
    version=1,
    label="消防验收",
    stations={**STATIONS, "handled": "现场评定"},
    states=(
        *RECEIVING,
        State("evaluating", "待现场评定", "handled", waits_for=INSPECTOR),
        *SIGNING,
        State("passed", "验收合格", "closed", final=True),
        State("failed", "验收不合格", "closed", final=True),
        *LEFT,
    ),
    steps=(
        *reception("acceptance", "evaluating", asks=tuple(Ask(code, label, "yes", required=False) for code, label in CONDITIONS), when=(rules.inspection_conditions_hold,),
            clocks=("handle", "fifteenth")),
        step("take", "evaluating -> same", by=INSPECTOR, label="领取", does=(take(),)),
        *evaluated("evaluating", "to_pass, to_fail"),
        step("evaluate_pass", "evaluating -> to_pass", by=INSPECTOR, label="验收合格,报签", asks=article_30_asks,
            when=(rules.evaluation_is_concluded, rules.nothing_is_left_to_rectify, rules.all_four_hold), duty="handle", apart_from="accept"),
        step("evaluate_fail", "evaluating -> to_fail", by=INSPECTOR, label="验收不合格,报签", asks=(*article_30_asks, faults_ask),
            when=(rules.evaluation_is_concluded, rules.not_all_four_hold), duty="handle", apart_from="accept"),
        *signed("evaluating", rules.nothing_is_owed),
        step("owed_counted", "evaluating, to_pass, to_fail -> same", by=SYSTEM, label="容后补交的材料有变",
            asks=(Ask("owed", "还没有补交的(项)", "number", required=False),)),
        step("lapse", "evaluating, to_pass, to_fail -> received", by=SYSTEM, label="所依据的核查、审查已撤销,回到待受理", asks=(reason_ask,),
            does=(stop("handle"), stop("fifteenth"), start("accept"))),
    ),
    roles=ROLES - {REVIEWER},
    opening=(start("accept"),),
)
