"""Three loops: design review and acceptance of special projects, filing of others with a spot check by draw.

住建部令第51号: review within 15 working days (art. 20-21), acceptance within 15 days (art. 30), spot check within 15 working days of
being selected, re-check within 7 (art. 36). S0: 7 and 5 working days promised, 图纸核对 → 质量核实 → 手续核准.
"""

from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import (
    SYSTEM,
    Guard,
    State,
    Step,
    Workflow,
    count,
    notify,
    start,
    step,
    stop,
    take,
)
from bihuan.packs.fire import rules
from bihuan.packs.fire.materials import CERTAIN_MARKS, CONDITIONS, ITEMS, MARKS, MATERIALS, RESULTS

# A step is read as a line of the regulation, not as a column of arguments.
# fmt: off
WINDOW, REVIEWER, INSPECTOR, CHIEF = "fire_window", "fire_reviewer", "fire_inspector", "fire_chief"
ROLES = frozenset((WINDOW, REVIEWER, INSPECTOR, CHIEF))
YES_NO = (("yes", "满足"), ("no", "不满足"))

reason_ask = Ask("reason", "理由和依据的条文", "text", min_length=4, max_length=1000)
remark_ask = Ask("remark", "说明", "text", required=False, max_length=1000)
opinion_ask = Ask("opinion", "意见", "text", min_length=4, max_length=4000)
faults_ask = Ask("faults", "不合格的部位、实测值、条文和怎样改", "text", min_length=10, max_length=4000)
evaluation_asks = (
    *(Ask(code, label, "choice", choices=YES_NO) for code, label in rules.ARTICLE_30),
    *(Ask(code, label, "choice", choices=RESULTS) for code, label in ITEMS),
)


def materials_asks(kind: str) -> tuple[Ask, ...]:
    """One line for each document of this kind of application."""
    return tuple(Ask(one.code, one.name, "choice", choices=MARKS if one.conditional else CERTAIN_MARKS) for one in MATERIALS[kind])


def reception(kind: str, accepted: str, *, asks: tuple[Ask, ...] = (), when: tuple[Guard, ...] = (), clock: str = "handle") -> tuple[Step, ...]:
    """Receiving at the window: accepted, what is missing told once, corrected, deemed accepted, declined, withdrawn (rules.md B1)."""
    materials = materials_asks(kind)
    begun = (stop("accept"), *([start(clock)] if clock else []))
    return (
        step("accept", f"received -> {accepted}", by=WINDOW, label="受理", asks=(*materials, *asks), when=(rules.materials_are_complete, *when),
            does=begun, duty="accept"),
        step("notify_once", "received -> correcting", by=WINDOW, label="一次性告知补正", asks=(*materials, remark_ask),
            when=(rules.something_is_missing, rules.not_told_yet), does=(stop("accept"),), duty="accept",
            caution="要补正的全部内容只告知这一次。"),
        step("corrected", "correcting -> received", by=WINDOW, label="收到补正", does=(start("accept"),)),
        step("deem_accepted", f"received -> {accepted}", by=(SYSTEM, CHIEF), label="逾期未告知,视为受理", when=rules.acceptance_term_has_passed, does=begun),
        step("decline", "received -> declined", by=WINDOW, label="不予受理", asks=(reason_ask,), does=(stop("accept"),),
            caution="出具不予受理凭证,写明理由和应向哪个机关申请。"),
        step("withdraw", "received, correcting -> withdrawn", by=WINDOW, label="申请人撤回", asks=(remark_ask,), does=(stop("accept"),)),
    )


def signed(back: str) -> tuple[Step, ...]:
    """What the chief does with what was proposed; whoever proposed it signs nothing."""
    return (
        step("sign_pass", "to_pass -> passed", by=CHIEF, label="签发合格意见书", asks=(remark_ask,), does=(stop("handle"),),
            duty="review", apart_from="handle", caution="签发后本件办结。"),
        step("sign_fail", "to_fail -> failed", by=CHIEF, label="签发不合格意见书", asks=(remark_ask,), does=(stop("handle"),),
            duty="review", apart_from="handle", caution="签发后本件办结,改好后重新申请。"),
        step("send_back", f"to_pass, to_fail -> {back}", by=CHIEF, label="退回重办", asks=(reason_ask,), does=(count("redo"), notify("redo", "holder")),
            duty="review", apart_from="handle"),
    )


RECEIVING = (
    State("received", "待受理", "numbered", waits_for=WINDOW),
    State("correcting", "待补正", "numbered", waits_for=WINDOW),
)
SIGNING = (
    State("to_pass", "拟合格,待签发", "reviewed", waits_for=CHIEF),
    State("to_fail", "拟不合格,待签发", "reviewed", waits_for=CHIEF),
)
LEFT = (
    State("declined", "不予受理", "closed", final=True),
    State("withdrawn", "已撤回", "closed", final=True),
)

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

ACCEPTANCE = Workflow(
    name="acceptance",
    version=1,
    label="消防验收",
    states=(
        *RECEIVING,
        State("evaluating", "待现场评定", "handled", waits_for=INSPECTOR),
        *SIGNING,
        State("passed", "验收合格", "closed", final=True),
        State("failed", "验收不合格", "closed", final=True),
        *LEFT,
    ),
    steps=(
        *reception("acceptance", "evaluating", asks=tuple(Ask(code, label, "yes", required=False) for code, label in CONDITIONS), when=(rules.inspection_conditions_hold,)),
        step("take", "evaluating -> same", by=INSPECTOR, label="领取", does=(take(),)),
        step("evaluate_pass", "evaluating -> to_pass", by=INSPECTOR, label="现场评定合格,报签", asks=evaluation_asks, when=rules.all_four_hold,
            duty="handle", apart_from="accept"),
        step("evaluate_fail", "evaluating -> to_fail", by=INSPECTOR, label="验收不合格,报签", asks=(*evaluation_asks, faults_ask), when=rules.not_all_four_hold,
            duty="handle", apart_from="accept"),
        *signed("evaluating"),
        step("lapse", "evaluating, to_pass, to_fail -> received", by=SYSTEM, label="所依据的提前核查已撤销,回到待受理", asks=(reason_ask,),
            does=(stop("handle"), start("accept"))),
    ),
    roles=ROLES - {REVIEWER},
    opening=(start("accept"),),
)

FILING = Workflow(
    name="filing",
    version=1,
    label="消防验收备案",
    states=(
        *RECEIVING,
        State("filed", "已备案,待抽取", "signed_for", waits_for=CHIEF),
        State("checking", "抽查中", "handled", waits_for=INSPECTOR),
        State("rectifying", "停止使用,整改中", "handled", waits_for=WINDOW),
        State("rechecking", "复查中", "reviewed", waits_for=INSPECTOR),
        State("unselected", "已备案,未抽中", "closed", final=True),
        State("passed", "抽查合格", "closed", final=True),
        *LEFT,
    ),
    steps=(
        *reception("filing", "filed",
            asks=(
                Ask("class", "项目类别", "choice", choices=(("general", "一般项目"), ("key", "重点项目"))),
                Ask("way", "备案方式", "choice", choices=(("documents", "提交材料"), ("commitment", "告知承诺"))),
                Ask("altered", "增加面积、高度、层数,或改变用途、火灾危险性、结构、保温", "yes", required=False),
                Ask("completed_on", "竣工验收合格之日", "date"),
            ),
            when=(rules.commitment_is_allowed, rules.commitment_has_its_letter, rules.completion_has_happened), clock=""),
        step("select", "filed -> checking", by=SYSTEM, label="抽中检查", asks=(Ask("draw", "抽取编号", "number"),),
            does=(start("spot_check"),)),
        step("leave_out", "filed -> unselected", by=SYSTEM, label="未抽中", asks=(Ask("draw", "抽取编号", "number"),)),
        step("check_pass", "checking -> passed", by=INSPECTOR, label="抽查合格", asks=(opinion_ask,), does=(stop("spot_check"),), duty="handle", apart_from="accept",
            caution="结果向社会公布,本件办结。"),
        step("check_fail", "checking -> rectifying", by=INSPECTOR, label="抽查不合格", asks=(opinion_ask,), does=(stop("spot_check"),), duty="handle", apart_from="accept",
            caution="建设单位应停止使用并整改,整改后申请复查。"),
        step("ask_recheck", "rectifying -> rechecking", by=WINDOW, label="收到复查申请", asks=(remark_ask,), does=(start("recheck"),)),
        step("recheck_pass", "rechecking -> passed", by=INSPECTOR, label="复查合格", asks=(opinion_ask,), does=(stop("recheck"),), duty="handle"),
        step("recheck_fail", "rechecking -> rectifying", by=INSPECTOR, label="复查不合格", asks=(opinion_ask,), does=(count("redo"), stop("recheck")), duty="handle"),
    ),
    roles=ROLES - {REVIEWER},
    opening=(start("accept"),),
)

WORKFLOWS = (DESIGN, ACCEPTANCE, FILING)
