"""A legacy project on its route: 定路径 → 补资料 → 现场核查 → 整改 → 签发. Each step has its owner and its date (S0: 历史遗留项目实施方案)."""

from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import REPORTER, State, Workflow, count, start, step, stop, take
from bihuan.packs.fire.workflows.common import (
    CHIEF,
    INSPECTOR,
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
next_step = (stop("legacy"), start("legacy"))

LEGACY = Workflow(
    name="legacy",
    version=1,
    label="历史遗留项目办证",
    stations={"dispatched": "补资料", "signed_for": "资料齐备", "handled": "核查整改", "reviewed": "签发"},
    states=(
        State("listed", "已列入,待定路径", "numbered", waits_for=REVIEWER),
        State("preparing", "补资料", "dispatched", waits_for=WINDOW),
        State("verifying", "现场核查", "handled", waits_for=INSPECTOR),
        State("rectifying", "整改", "handled", waits_for=WINDOW),
        State("to_confirm", "待签发", "reviewed", waits_for=CHIEF),
        State("confirmed", "已发证", "closed", final=True),
        State("dropped", "不予办理", "closed", final=True),
    ),
    steps=(
        step("legacy_route", "listed -> preparing", by=(REVIEWER, CHIEF), label="路径已定,补资料", asks=(reason_ask,), does=next_step, duty="ask"),
        step("legacy_ready", "listed -> verifying", by=(REVIEWER, CHIEF), label="路径已定,资料齐全", asks=(reason_ask,), does=next_step, duty="ask"),
        step("legacy_supplied", "preparing -> verifying", by=(WINDOW, REPORTER), label="收到补的资料",
            asks=(Ask("supplied", "补了什么,报告编号", "line", min_length=2, max_length=200),), does=next_step),
        step("take", "verifying -> same", by=INSPECTOR, label="领取", does=(take(),)),
        step("legacy_pass", "verifying -> to_confirm", by=INSPECTOR, label="核查合格,报签", asks=(opinion_ask,), does=next_step, duty="handle"),
        step("legacy_fail", "verifying -> rectifying", by=INSPECTOR, label="核查不合格,整改", asks=(faults_ask,), does=next_step, duty="handle"),
        step("legacy_rectified", "rectifying -> verifying", by=(WINDOW, REPORTER), label="整改完成,请核查", asks=(remark_ask,), does=(count("redo"), *next_step)),
        step("legacy_confirm", "to_confirm -> confirmed", by=CHIEF, label="签发确认书", asks=(remark_ask,), does=(stop("legacy"),), duty="review",
            apart_from="handle", caution="签发后本件办结,建设单位凭确认书办证。"),
        step("legacy_back", "to_confirm -> verifying", by=CHIEF, label="退回重查", asks=(reason_ask,), does=(count("redo"), *next_step), duty="review", apart_from="handle"),
        step("legacy_drop", "listed, preparing, rectifying -> dropped", by=CHIEF, label="不予办理", asks=(reason_ask,), does=(stop("legacy"),),
            caution="写明理由和依据。"),
    ),
    roles=ROLES,
    opening=(start("legacy"),),
)
