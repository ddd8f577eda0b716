"""The merged application, and those of its parts that are no fire review: supervision of quality and safety, and the permit."""

from bihuan.kernel.bundles import rules as bundle
from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import SYSTEM, State, Workflow, start, step, stop
from bihuan.packs.fire.workflows.common import (
    CHIEF,
    REVIEWER,
    ROLES,
    WINDOW,
    faults_ask,
    opinion_ask,
    reason_ask,
    remark_ask,
)

# A step is read as a line of the regulation, not as a column of arguments.
# fmt: off
MERGED = Workflow(
    name="merged",
    version=1,
    label="施工许可合并办理",
    states=(
        State("parallel", "各项手续同时办理中", "handled"),
        State("permitted", "各项手续办结", "closed", final=True),
        State("unpermitted", "合并办理不予许可", "closed", final=True),
        State("merge_withdrawn", "已撤回", "closed", final=True),
    ),
    steps=(
        step("part_told", "parallel -> same", by=SYSTEM, label="部分进展", asks=(
            Ask("part", "部分", "line", max_length=40, ours=True), Ask("became", "情况", "choice", choices=bundle.BECAME),
        )),
        step("merge_again", "parallel -> same", by=WINDOW, label="没有通过的重新申请", asks=(reason_ask,), when=bundle.a_part_has_failed,
            caution="没有通过的部分各开一件新件,重新审查。"),
        step("merge_done", "parallel -> permitted", by=SYSTEM, label="各部分全部办结", when=bundle.every_part_is_done),
        step("merge_refuse", "parallel -> unpermitted", by=CHIEF, label="整件不予", asks=(reason_ask,),
            when=(bundle.a_part_has_failed, bundle.no_part_is_under_way), caution="不予的决定要写明理由和救济途径。"),
        step("merge_withdraw", "parallel -> merge_withdrawn", by=WINDOW, label="申请人撤回整件", asks=(reason_ask,),
            caution="正在办的部分一并撤回;消防设计审查自成一件,照常审查。"),
    ),
    roles=ROLES,
)

PART = Workflow(
    name="merged_part",
    version=1,
    label="合并办理的一部分",
    stations={"reviewed": "签发"},
    states=(
        State("part_handling", "办理中", "handled", waits_for=REVIEWER),
        State("part_signing", "待签发", "reviewed", waits_for=CHIEF),
        State("part_passed", "已准予", "closed", final=True),
        State("part_failed", "不予许可", "closed", final=True),
        State("part_withdrawn", "已撤回", "closed", final=True),
    ),
    steps=(
        step("part_propose", "part_handling -> part_signing", by=REVIEWER, label="审查意见,报签", asks=(opinion_ask,), duty="handle"),
        step("part_pass", "part_signing -> part_passed", by=CHIEF, label="准予", asks=(remark_ask,), does=(stop("handle"),), duty="review", apart_from="handle"),
        step("part_fail", "part_signing -> part_failed", by=CHIEF, label="不予", asks=(faults_ask,), does=(stop("handle"),), duty="review", apart_from="handle",
            caution="不予的决定要写明理由和救济途径;排在它后面的部分不能开始。"),
        step("part_back", "part_signing -> part_handling", by=CHIEF, label="退回重办", asks=(reason_ask,), duty="review", apart_from="handle"),
        step("part_withdraw", "part_handling, part_signing -> part_withdrawn", by=SYSTEM, label="随整件撤回", does=(stop("handle"),)),
    ),
    opening=(start("handle"),),
    roles=ROLES,
)
