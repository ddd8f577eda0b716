"""Design review of special projects: 15 working days prescribed (住建部令第51号 art. 20-21), 7 promised (S0)."""

from bihuan.kernel.workflow.model import State, Workflow, start, step, take
from bihuan.packs.fire.workflows.common import (
    INSPECTOR,
    LEFT,
    RECEIVING,
    REVIEWER,
    ROLES,
    SIGNING,
    faults_ask,
    opinion_ask,
    reception,
    signed,
)

# A step is read as a line of the regulation, not as a column of arguments.
# fmt: off
DESIGN = Workflow(
    name="design",
    version=1,
    label="消防设计审查",
    states=(
        *RECEIVING,
        State("reviewing", "审查中", "handled", waits_for=REVIEWER),
        *SIGNING,
        State("passed", "审查合格", "closed", final=True),
        State("failed", "审查不合格", "closed", final=True),
        *LEFT,
    ),
    steps=(
        *reception("design", "reviewing"),
        step("take", "reviewing -> same", by=REVIEWER, label="领取", does=(take(),)),
        step("propose_pass", "reviewing -> to_pass", by=REVIEWER, label="拟合格,报签", asks=(opinion_ask,), duty="handle", apart_from="accept"),
        step("propose_fail", "reviewing -> to_fail", by=REVIEWER, label="拟不合格,报签", asks=(faults_ask,), duty="handle", apart_from="accept"),
        *signed("reviewing"),
    ),
    roles=ROLES - {INSPECTOR},
    opening=(start("accept"),),
)
