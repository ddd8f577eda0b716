"""The check of a commitment after the decision: 核查 → 属实办结, or 承诺不实 → 撤销决定、记入失信名单.

《优化营商环境条例》 and rules.md B2: decided at once on the signed commitment, checked afterwards; false: revoked and on record. Whoever
found it false does not decide on it.
"""

from bihuan.kernel.assignment import rules as duty
from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import State, Workflow, hold, notify, start, step, stop

HEADS = ("section_chief", "bureau_head")

STATES = (
    State("checking", "承诺核查中", "handled", waits_for="handler"),
    State("doubted", "承诺不实待定", "handled", waits_for="section_chief"),
    State("true", "承诺属实办结", "closed", final=True),
    State("untrue", "承诺不实已撤销", "closed", final=True),
)
# fmt: off
STEPS = (
    step(
        "assign", "checking -> same", by=(*HEADS, "supervisor"), label="交监管部门核查", asks=(Ask("unit", "核查单位", "unit"),), when=duty.unit_can_be_given_work,
        does=(hold("unit"), notify("commitment_to_check", "holder")),
    ),
    step(
        "find_true", "checking -> true", by="handler", label="承诺属实", duty="handle", asks=(Ask("found", "核查情况", "text", min_length=4, max_length=2000),),
        does=(stop("commitment"),),
    ),
    step(
        "find_untrue", "checking -> doubted", by="handler", label="承诺不实", duty="handle",
        asks=(Ask("found", "核查情况", "text", min_length=10, max_length=2000),), caution="由负责人决定是否撤销原来的决定。",
    ),
    step(
        "check_again", "doubted -> checking", by=HEADS, label="退回再核查", apart_from="handle", asks=(Ask("reason", "理由", "text", min_length=4, max_length=1000),),
    ),
    step(
        "revoke", "doubted -> untrue", by=HEADS, label="撤销决定", apart_from="handle", duty="review",
        asks=(
            Ask("answer", "撤销的理由", "text", min_length=10, max_length=400),
            Ask("remedy", "复议和诉讼的途径、期限", "text", min_length=10, max_length=1000),
        ),
        does=(stop("commitment"),),
        caution="证照马上撤销,申请人记入失信名单,期间不适用容缺受理和告知承诺。",
    ),
)
# fmt: on
WORKFLOW = Workflow(
    name="commitment",
    version=1,
    label="承诺核查",
    stations={"handled": "核查"},
    states=STATES,
    steps=STEPS,
    opening=(start("commitment"), notify("commitment_to_check", "holder")),
    roles=frozenset(("handler", *HEADS, "supervisor")),
)
