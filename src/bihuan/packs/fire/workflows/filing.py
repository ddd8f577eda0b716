"""Filing of other projects: spot check within 15 working days of being drawn, re-check within 7 (住建部令第51号 art. 36); 5 promised (S0)."""

from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import REPORTER, SYSTEM, State, Workflow, count, start, step, stop
from bihuan.packs.fire import rules
from bihuan.packs.fire.workflows.common import (
    CHIEF,
    INSPECTOR,
    LEFT,
    RECEIVING,
    REVIEWER,
    ROLES,
    STATIONS,
    WINDOW,
    evaluated,
    opinion_ask,
    reason_ask,
    reception,
    remark_ask,
)

# A step is read as a line of the regulation, not as a column of arguments.
# fmt: off
PASSES = (rules.evaluation_is_concluded, rules.nothing_is_left_to_rectify, rules.evaluation_passes)
FAILS = (rules.evaluation_is_concluded, rules.evaluation_fails)

FILING = Workflow(
    name="filing",
    version=1,
    label="消防验收备案",
    stations={**STATIONS, "dispatched": "受理", "signed_for": "备案", "handled": "抽查", "reviewed": "复查"},
    states=(
        *RECEIVING,
        State("filed", "已备案,待抽取", "signed_for", waits_for=CHIEF),
        State("checking", "抽查中", "handled", waits_for=INSPECTOR),
        State("rectifying", "停止使用,整改中", "handled", waits_for=WINDOW),
        State("rechecking", "复查中", "reviewed", waits_for=INSPECTOR),
        State("unselected", "已备案,未抽中", "closed", final=True),
        State("passed", "抽查合格", "closed", final=True),
        State("lapsed", "备案失效", "closed", final=True),
        *LEFT,
    ),
    steps=(
        *reception("filing", "filed",
            asks=(
                Ask("class", "项目类别", "choice", choices=(("general", "一般项目"), ("key", "重点项目"))),
                Ask("way", "备案方式", "choice", choices=(("documents", "提交材料"), ("commitment", "告知承诺"))),
                Ask("altered", "增加面积、高度、层数,或改变用途、火灾危险性、结构、保温", "yes", required=False),
                Ask("completed_on", "竣工验收合格之日", "date"),
                Ask("completed_why", "竣工日期与申报的不同:依据", "line", required=False, max_length=200, help="如竣工验收报告上的日期"),
            ),
            when=(rules.commitment_is_allowed, rules.commitment_has_its_letter, rules.completion_has_happened, rules.completion_is_as_declared), clocks=()),
        step("select", "filed -> checking", by=SYSTEM, label="抽中检查", asks=(Ask("draw", "抽取编号", "number"),),
            does=(start("spot_check"),)),
        step("leave_out", "filed -> unselected", by=SYSTEM, label="未抽中", asks=(Ask("draw", "抽取编号", "number"),)),
        *evaluated("checking, rechecking", "rectifying"),
        step("check_pass", "checking -> passed", by=INSPECTOR, label="抽查合格", asks=(opinion_ask,), when=PASSES, does=(stop("spot_check"),), duty="handle", apart_from="accept",
            caution="结果向社会公布,本件办结。"),
        step("check_fail", "checking -> rectifying", by=INSPECTOR, label="抽查不合格", asks=(opinion_ask,), when=FAILS, does=(stop("spot_check"),), duty="handle", apart_from="accept",
            caution="建设单位应停止使用并整改,整改后申请复查。"),
        step("ask_recheck", "rectifying -> rechecking", by=(WINDOW, REPORTER), label="收到复查申请", asks=(remark_ask,), does=(start("recheck"),)),
        step("recheck_pass", "rechecking -> passed", by=INSPECTOR, label="复查合格", asks=(opinion_ask,), when=PASSES, does=(stop("recheck"),), duty="handle"),
        step("recheck_fail", "rechecking -> rectifying", by=INSPECTOR, label="复查不合格", asks=(opinion_ask,), when=FAILS, does=(count("redo"), stop("recheck")), duty="handle"),
        step("lapse", "filed, checking, rectifying, rechecking -> lapsed", by=SYSTEM, label="所依据的核查已撤销,备案失效", asks=(reason_ask,)),
    ),
    roles=ROLES - {REVIEWER},
    opening=(start("accept"),),
)
