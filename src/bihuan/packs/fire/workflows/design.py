"""Design review of special projects: 15 working days prescribed (住建部令第51号 art. 20-21), 7 promised (S0)."""

from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import SYSTEM, State, Workflow, pause, resume, start, step, stop, take
from bihuan.packs.fire import rules
from bihuan.packs.fire.experts.rules import GROUNDS, LEAST
from bihuan.packs.fire.workflows.common import (
    INSPECTOR,
    LEFT,
    RECEIVING,
    REVIEWER,
    ROLES,
    SIGNING,
    STATIONS,
    faults_ask,
    opinion_ask,
    reason_ask,
    reception,
    signed,
)

# A step is read as a line of the regulation, not as a column of arguments.
# fmt: off
DESIGN = Workflow(
    name="design",
    version=1,
    label="消防设计审查",
    stations={**STATIONS, "handled": "审查"},
    states=(
        *RECEIVING,
        State("reviewing", "审查中", "handled", waits_for=REVIEWER),
        State("to_province", "特殊消防设计,待报省", "handled", waits_for=REVIEWER),
        State("with_province", "已报省,专家评审中", "handled", waits_for=REVIEWER),
        *SIGNING,
        State("passed", "审查合格", "closed", final=True),
        State("failed", "审查不合格", "closed", final=True),
        *LEFT,
    ),
    steps=(
        *reception("design", "reviewing"),
        step("take", "reviewing -> same", by=REVIEWER, label="领取", does=(take(),)),
        step("propose_pass", "reviewing -> to_pass", by=REVIEWER, label="拟合格,报签", asks=(opinion_ask,), when=rules.experts_have_agreed,
            duty="handle", apart_from="accept"),
        step("propose_fail", "reviewing -> to_fail", by=REVIEWER, label="拟不合格,报签", asks=(faults_ask,), duty="handle", apart_from="accept"),
        step("expert_begin", "reviewing -> to_province", by=REVIEWER, label="特殊消防设计,报省评审",
            asks=(Ask("ground", "属于哪一种情形", "choice", choices=GROUNDS), reason_ask), when=rules.no_experts_yet, does=(start("expert_send"),),
            duty="handle", apart_from="accept", caution="5个工作日内把材料报省(令51第22条)。"),
        step("expert_sent", "to_province -> with_province", by=REVIEWER, label="材料已报省", asks=(Ask("letter", "报送文号", "line", min_length=2, max_length=80),),
            does=(stop("expert_send"), pause("handle"), start("expert_meeting"), start("expert")), duty="handle",
            caution="评审时间不计入审查期限,最长20个工作日。"),
        step("expert_overrun", "with_province -> same", by=SYSTEM, label="评审超过20个工作日,审查期限恢复计算", when=rules.expert_term_has_passed,
            does=(stop("expert"), resume("handle"))),
        step("expert_opinion", "with_province -> reviewing", by=REVIEWER, label="专家评审意见",
            asks=(Ask("present", "到会专家(人)", "number", required=False, smallest=LEAST, largest=99, help="评审会上登记过每位专家意见的不用填,按登记的数"),
                Ask("agree", "同意的专家(人)", "number", required=False, largest=99), opinion_ask),
            when=(rules.experts_are_enough, rules.votes_fit), does=(stop("expert_meeting"), stop("expert"), resume("handle")), duty="handle"),
        *signed("reviewing"),
    ),
    roles=ROLES - {INSPECTOR},
    opening=(start("accept"),),
)
