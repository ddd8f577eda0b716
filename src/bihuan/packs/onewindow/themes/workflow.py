"""The loops of a theme: the whole, taken in and issued at the window once, and each of its parts, approved by its item's own unit.

Steps that a part or a whole has in common with a single application are that loop's own.
"""

from __future__ import annotations

from dataclasses import replace

from bihuan.kernel.bundles import rules as bundle
from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import (
    REPORTER,
    SYSTEM,
    State,
    Step,
    Workflow,
    clear,
    hold,
    notify,
    start,
    step,
    stop,
)
from bihuan.packs.onewindow import rules
from bihuan.packs.onewindow.workflow import (
    CLERK,
    EVALUATING,
    HEADS,
    ISSUER,
    OFFICER,
    STATES,
    STATIONS,
    UNIT,
    WORKFLOW,
    given,
    unit_ask,
)

# A step is read as a line of the regulation, not as a column of arguments.
# fmt: off
SINGLE = {state.code: state for state in STATES}
EVALUATED = STATES[[state.code for state in STATES].index("evaluating"):]
reason_ask = Ask("reason", "理由", "text", min_length=4, max_length=1000)
over = (stop("notice"), stop("correct"), stop("handle"), stop("supplement"), hold("opened_by"), start("evaluate"))
begun = (stop("notice"), stop("correct"), start("handle"), notify("application_accepted", "reporter"))


def single(code: str, way: str = "") -> Step:
    """A step of the loop of a single application, on other ways."""
    known = WORKFLOW.by_code[code]
    if not way:
        return known
    sources, target = (part.strip() for part in way.split("->"))
    return replace(known, sources=tuple(one.strip() for one in sources.split(",")), target=target)


WHOLE = Workflow(
    name="theme",
    version=1,
    label="主题服务办件",
    stations=STATIONS,
    states=(
        SINGLE["received"], SINGLE["correcting"],
        State("parallel", "并联审批中", "handled"),
        State("concluding", "各部分已办结,待发证", "handled", waits_for=ISSUER),
        SINGLE["delivering"], *EVALUATED,
    ),
    steps=(
        step(
            "accept_theme", "received, correcting -> parallel", by=CLERK, label="受理,并联审批", duty="take_in", asks=(Ask("remark", "说明", "text", required=False, max_length=1000),),
            when=rules.materials_are_complete, does=begun,
        ),
        step(
            "accept_theme_lacking", "received, correcting -> parallel", by=CLERK, label="容缺受理,并联审批", duty="take_in", asks=(Ask("remark", "说明", "text", required=False, max_length=1000),),
            when=(rules.lacking_may_follow, rules.supplement_leaves_time), does=(*begun, start("supplement")), caution=WORKFLOW.by_code["accept_lacking"].caution,
        ),
        step(
            "accept_theme_commitment", "received, correcting -> parallel", by=CLERK, label="告知承诺受理,并联审批", duty="take_in",
            asks=WORKFLOW.by_code["accept_commitment"].asks[1:], when=rules.commitment_is_open, does=begun,
            caution=WORKFLOW.by_code["accept_commitment"].caution,
        ),
        step(
            "deem_theme_accepted", "received -> parallel", by=SYSTEM, label="视为受理,并联审批", when=rules.notice_term_has_passed,
            does=(stop("notice"), start("handle", since_opened=True), notify("application_accepted", "reporter")),
        ),
        single("tell_missing"), single("tell_unfit"),
        single("materials", "received, correcting, parallel -> same"),
        single("supplement", "parallel -> same"),
        *(replace(single(code), does=(*over, notify("application_declined", "reporter"))) for code in ("decline", "not_ours")),
        replace(single("deem_withdrawn"), does=(*over, notify("application_lapsed", "reporter"))),
        step("part_told", "parallel -> same", by=SYSTEM, label="部分进展", asks=(
            Ask("part", "部分", "line", max_length=40, ours=True), Ask("became", "情况", "choice", choices=bundle.BECAME),
        )),
        step(
            "apply_again", "parallel -> same", by=CLERK, label="没有通过的重新申请", asks=(reason_ask,), duty="handle", when=bundle.a_part_has_failed,
            caution="没有通过的部分各开一件新件,重新审查。",
        ),
        step(
            "parts_done", "parallel -> concluding", by=SYSTEM, label="各部分全部办结", when=bundle.every_part_is_done,
            does=(stop("handle"), stop("supplement"), start("serve"), notify("to_issue", "holder")),
        ),
        step(
            "issue_permit", "concluding -> delivering", by=ISSUER, label="制发综合许可", duty="review", apart_from="take_in", when=(bundle.every_part_is_done, rules.fee_is_settled),
            asks=(Ask("remark", "说明", "text", required=False, max_length=1000),),
        ),
        *(single(code, "concluding -> same") for code in ("fee_tell", "fee_pay", "fee_waive")), replace(single("fee_forgo", "concluding -> evaluating"), does=(stop("serve"), *over, notify("application_withdrawn", "reporter"))),
        step(
            "refuse_theme", "parallel -> delivering", by=HEADS, label="整件不予", duty="review", apart_from="take_in",
            when=(bundle.a_part_has_failed, bundle.no_part_is_under_way), asks=WORKFLOW.by_code["refuse"].asks,
            does=(stop("handle"), stop("supplement"), start("serve"), notify("to_issue", "holder")), caution=WORKFLOW.by_code["refuse"].caution,
        ),
        replace(single("not_supplied", "parallel -> evaluating"), does=(*over, *WORKFLOW.by_code["not_supplied"].does[-2:])),
        replace(
            single("terminate", "parallel -> evaluating"), code="terminate_theme", does=(*over, notify("application_ended", "reporter")),
            caution="正在办的部分一并撤回。终止后本件不再办理,并告知申请人。",
        ),
        step(
            "withdraw_theme", "received, correcting, parallel -> evaluating", by=(CLERK, REPORTER), label="撤回整件申请", asks=WORKFLOW.by_code["withdraw"].asks, does=(notify("handling_withdrawn", "holder"), *over, notify("application_withdrawn", "reporter")),
            caution="正在办的部分一并撤回,不再办理;以后要办的,重新申请。会发短信确认。",
        ),
        replace(single("deliver"), apart_from=()), *EVALUATING,
    ),
    opening=(start("notice"), notify("application_taken", "reporter")),
    roles=frozenset((*UNIT, CLERK, ISSUER, OFFICER, "supervisor")),
)

PART = Workflow(
    name="theme_part",
    version=1,
    label="主题服务的一部分",
    stations=STATIONS,
    states=(
        State("handing", "转审批单位", "numbered"), SINGLE["examining"], SINGLE["special"], SINGLE["deciding"],
        State("part_granted", "已准予", "closed", final=True),
        State("part_refused", "不予许可", "closed", final=True),
        State("part_withdrawn", "已撤回", "closed", final=True),
    ),
    steps=(
        step(
            "part_begin", "handing -> examining", by=SYSTEM, label="转审批单位", asks=(unit_ask,), when=given,
            does=(hold("unit"), start("handle"), notify("application_to_examine", "holder")),
        ),
        *(single(code) for code in (
            "take_up", "examine", "begin_special", "end_special", "special_over", "ask_extension", "grant_extension", "refuse_extension", "examine_again",
        )),
        step(
            "part_grant", "deciding -> part_granted", by=HEADS, label="准予", duty="review", apart_from=("take_in", "handle"),
            asks=WORKFLOW.by_code["grant"].asks, when=rules.nothing_is_owed, does=(stop("handle"), clear("extension")),
        ),
        step(
            "part_refuse", "deciding -> part_refused", by=HEADS, label="不予", duty="review", apart_from=("take_in", "handle"),
            asks=WORKFLOW.by_code["refuse"].asks, does=(stop("handle"), clear("extension")),
            caution="不予的决定要写明理由和救济途径;排在它后面的部分不能开始。",
        ),
        step("part_materials", "examining, special, deciding -> same", by=SYSTEM, label="整件补来的材料", asks=(WORKFLOW.by_code["materials"].asks[0],)),
        step(
            "part_withdraw", "handing, examining, special, deciding -> part_withdrawn", by=SYSTEM, label="随整件撤回",
            does=(stop("handle"), stop("special"), clear("extension"), notify("handling_withdrawn", "holder")),
        ),
    ),
    roles=frozenset(UNIT),
)
