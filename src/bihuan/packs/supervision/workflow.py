"""Three loops: calling a unit to account, a task that is watched until it is struck off, works that the next trial proves.

《工作问责办法(试行)》 and 督导通报 (S1); 销号: struck off only when proof was seen; 回头看: looked at again. The flooded alley (S1)
is works: they close when the next rain has shown that they hold.
"""

from bihuan.kernel.assignment import rules as duty
from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import (
    SYSTEM,
    State,
    Step,
    Workflow,
    clear,
    count,
    extend,
    hold,
    mark,
    notify,
    request,
    start,
    step,
    stop,
    take,
)
from bihuan.packs.supervision import rules

# A step is read as a line of the regulation, not as a column of arguments.
# fmt: off
UNIT = ("handler", "section_chief", "bureau_head")
HEADS = ("section_chief", "bureau_head")
ROLES = frozenset((*UNIT, "supervisor"))

unit_ask = Ask("unit", "责任单位", "unit")
reason_ask = Ask("reason", "理由", "text", min_length=4, max_length=1000)
remark_ask = Ask("remark", "说明", "text", required=False, max_length=1000)
until_ask = Ask("until", "完成日期", "date", earliest=1)
proof_ask = Ask("proof", "完成情况和佐证", "text", min_length=10, max_length=4000)
found_ask = Ask("found", "核查情况", "text", min_length=4, max_length=2000)
new_due_ask = Ask("superior_until", "新的完成日期", "date", required=False, earliest=1)
given = (rules.unit_is_the_one_called, duty.unit_can_be_given_work)

def more_time(state: str, *, by: tuple[str, ...], consent: tuple[Ask, ...] = ()) -> tuple[Step, ...]:
    """Asking for more time in this state, and the supervisor's yes (with what it asks besides, `consent`) or no."""
    way = f"{state} -> same"
    return (
        step(
            "ask_extension", way, by=by, label="申请延期", duty="ask",
            asks=(Ask("days", "延长几个工作日", "number", smallest=1, largest=60), reason_ask),
            when=(duty.no_extension_waits, duty.extension_is_in_time, duty.extension_is_left), does=(request("handle", "days"),),
        ),
        step(
            "grant_extension", way, by="supervisor", label="同意延期", asks=(*consent, remark_ask), when=duty.extension_waits,
            does=(extend("handle"),), apart_from="ask",
        ),
        step(
            "refuse_extension", way, by="supervisor", label="不同意延期", asks=(reason_ask,), when=duty.extension_waits,
            does=(clear("extension"), notify("extension_refused", "holder")),
        ),
    )


ACCOUNTABILITY = Workflow(
    name="accountability",
    version=1,
    label="问责",
    states=(
        State("called", "待约谈", "numbered", waits_for="supervisor"),
        State("summoned", "约谈中", "dispatched", waits_for="supervisor"),
        State("stating", "待表态", "signed_for", waits_for="bureau_head"),
        State("mending", "整改中", "handled", waits_for="bureau_head"),
        State("looking_back", "待回头看", "reviewed", waits_for="supervisor"),
        State("struck_off", "已销号", "closed", final=True),
        State("referred", "已移送纪检监察", "closed", final=True),
        State("revoked", "已撤销", "closed", final=True),
    ),
    steps=(
        step(
            "summon", "called -> summoned", by="supervisor", label="通知约谈", when=given,
            asks=(unit_ask, Ask("at", "约谈时间", "moment"), Ask("place", "约谈地点", "line", max_length=200)),
            does=(hold("unit"), notify("summoned", "holder")),
        ),
        step(
            "interview", "summoned -> stating", by="supervisor", label="记录约谈",
            asks=(Ask("present", "参加人", "line", max_length=200), Ask("words", "约谈内容", "text", min_length=10, max_length=4000)),
            does=(stop("interview"), start("state")),
        ),
        step(
            "state", "stating -> mending", by="bureau_head", label="表态", duty="handle",
            asks=(
                Ask("statement", "表态", "text", min_length=10, max_length=4000),
                Ask("measures", "整改措施", "text", min_length=10, max_length=4000), until_ask,
            ),
            does=(stop("state"), start("handle", "until"), notify("stated", "centre")),
        ),
        step(
            "report", "mending -> looking_back", by=HEADS, label="报整改结果", asks=(proof_ask,), duty="handle",
            does=(stop("handle"), clear("extension"), start("look_back"), notify("reported", "centre")),
        ),
        *more_time("mending", by=HEADS),
        step(
            "strike_off", "looking_back -> struck_off", by="supervisor", label="销号", asks=(found_ask,), when=rules.look_back_is_due,
            does=(stop("look_back"),), duty="review", apart_from="handle", caution="销号后本件办结。",
        ),
        step(
            "not_mended", "looking_back -> mending", by="supervisor", label="整改不到位,继续整改", asks=(reason_ask,),
            does=(count("redo"), stop("look_back"), start("handle"), notify("redo", "holder")), duty="review", apart_from="handle",
        ),
        step(
            "refer", "summoned, stating, mending, looking_back -> referred", by="supervisor", label="移送纪检监察", asks=(reason_ask,),
            caution="移送后本件在这里办结,由纪检监察机关另行处理。",
        ),
        step(
            "revoke", "called, summoned, stating -> revoked", by="supervisor", label="撤销", asks=(reason_ask,),
            caution="只用于启动有误,如考核结果经复核有变。",
        ),
        step("urge", "summoned, stating, mending -> same", by="supervisor", label="催办", asks=(remark_ask,), does=(count("urge"), notify("urged", "holder"))),
        step(
            "worsen", "called, summoned, stating, mending, looking_back -> same", by=SYSTEM, label="又在后几名,并入本件",
            asks=(Ask("words", "事由", "text", min_length=4, max_length=1000),),
            does=(mark("supervised"), notify("worsened", "holder"), notify("worsened", "centre")),
        ),
    ),
    roles=ROLES,
    opening=(start("interview"),),
)

TASK = Workflow(
    name="task",
    version=1,
    label="督查事项",
    states=(
        State("drawn_up", "待交办", "numbered", waits_for="supervisor"),
        State("given", "待签收", "dispatched", waits_for="handler"),
        State("doing", "办理中", "handled", waits_for="handler"),
        State("checking", "待核查", "reviewed", waits_for="supervisor"),
        State("struck_off", "已销号", "closed", final=True),
        State("revoked", "已撤销", "closed", final=True),
    ),
    steps=(
        step("give", "drawn_up -> given", by=("supervisor", SYSTEM), label="交办", asks=(unit_ask, remark_ask), when=given,
            does=(hold("unit"), start("sign"), start("handle"), notify("task_given", "holder"))),
        step("sign_for", "given -> doing", by=UNIT, label="签收", does=(stop("sign"), take())),
        step("tell", "doing -> same", by=UNIT, label="报进展", asks=(Ask("progress", "进展", "text", min_length=4, max_length=2000),), duty="handle"),
        step("report", "doing -> checking", by=UNIT, label="报完成", asks=(proof_ask,), duty="handle",
            does=(stop("handle"), clear("extension"), start("check"), notify("reported", "centre"))),
        *more_time("doing", by=UNIT, consent=(new_due_ask,)),
        step("strike_off", "checking -> struck_off", by="supervisor", label="销号", asks=(found_ask,), does=(stop("check"),),
            duty="review", apart_from="handle", caution="销号后本件办结。"),
        step("redo", "checking -> doing", by="supervisor", label="未完成,继续办", asks=(reason_ask,),
            does=(count("redo"), stop("check"), start("handle"), notify("redo", "holder")), duty="review", apart_from="handle"),
        step("revoke", "drawn_up, given, doing -> revoked", by="supervisor", label="撤销", asks=(reason_ask,)),
        step("urge", "given, doing -> same", by="supervisor", label="催办", asks=(remark_ask,), does=(count("urge"), notify("urged", "holder"))),
    ),
    roles=ROLES,
)

WORKS = Workflow(
    name="works",
    version=1,
    label="治本工程",
    states=(
        State("drawn_up", "待立项", "numbered", waits_for="supervisor"),
        State("planning", "待定方案", "dispatched", waits_for="bureau_head"),
        State("building", "施工中", "handled", waits_for="handler"),
        State("proving", "待验证", "reviewed", waits_for="supervisor"),
        State("proved", "已验证办结", "closed", final=True),
        State("revoked", "已撤销", "closed", final=True),
    ),
    steps=(
        step("give", "drawn_up -> planning", by=("supervisor", SYSTEM), label="交办", asks=(unit_ask, remark_ask), when=duty.unit_can_be_given_work,
            does=(hold("unit"), start("plan"), notify("task_given", "holder"))),
        step("plan", "planning -> building", by=HEADS, label="定方案", duty="handle",
            asks=(
                Ask("works", "做什么(范围、长宽、做法)", "text", min_length=10, max_length=4000),
                Ask("cost", "预算(元)", "money", required=False), until_ask,
            ),
            does=(stop("plan"), start("handle", "until"))),
        step("tell", "building -> same", by=UNIT, label="报进展", asks=(Ask("progress", "进展", "text", min_length=4, max_length=2000),), duty="handle"),
        step("complete", "building -> proving", by=UNIT, label="报完工", asks=(proof_ask,), duty="handle",
            does=(stop("handle"), clear("extension"), start("prove"), notify("reported", "centre"))),
        *more_time("building", by=HEADS),
        step("prove", "proving -> proved", by="supervisor", label="验证有效",
            asks=(
                Ask("on", "验证的日子(如下一场大雨)", "date"), found_ask,
                Ask("answer", "给来电人的答复", "text", required=False, min_length=10, max_length=2000, help="由工单引起的填:来电人凭它评价。不填的,写明哪一天经受住了考验。"),
            ),
            when=(rules.proof_came_after_the_works, rules.proof_has_happened),
            does=(stop("prove"), notify("proved", "holder")), duty="review", apart_from="handle", caution="验证有效后本件办结;原工单和并入的工单都转回访,来电人得到消息。"),
        step("failed", "proving -> building", by="supervisor", label="没有管住,继续治理",
            asks=(Ask("on", "验证的日子(如下一场大雨)", "date"), reason_ask), when=(rules.proof_came_after_the_works, rules.proof_has_happened),
            does=(count("redo"), stop("prove"), start("handle"), notify("redo", "holder")), duty="review", apart_from="handle"),
        step("revoke", "drawn_up, planning, building -> revoked", by="supervisor", label="撤销", asks=(reason_ask,)),
        step("urge", "planning, building -> same", by="supervisor", label="催办", asks=(remark_ask,), does=(count("urge"), notify("urged", "holder"))),
    ),
    roles=ROLES,
)

WORKFLOWS = (ACCOUNTABILITY, WORKS, TASK)
