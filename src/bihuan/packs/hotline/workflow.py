"""The hotline's loop: accept → dispatch → handle → answer → review → call back → evaluate → close, or redo.

国办发〔2020〕53号 names the steps; rules.md A2-A6 the rules; how many review, and every number, is policy.

Who reviews or calls back has not handled (DESIGN §3). Handling is whatever touches the matter or the caller: the unit's own
call-back, mediation, asking others to assist, the answer, an assisting unit's report. To sign for, return, object, and to
ask for time, a pause or the end are acts of the unit: a head who did only these may review.
"""

from bihuan.kernel.assignment import rules as duty
from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import (
    SYSTEM,
    Joint,
    Merging,
    Quick,
    State,
    Workflow,
    carry,
    classify,
    clear,
    count,
    extend,
    hasten,
    hold,
    keep,
    mark,
    notify,
    pause,
    remember,
    renew,
    request,
    resume,
    split,
    start,
    step,
    stop,
    take,
)
from bihuan.packs.hotline import rules
from bihuan.packs.hotline.closing_steps import CLOSING
from bihuan.packs.hotline.tiers.steps import TIER_STATES, tier_steps

# A step is read as a line of the regulation, not as a column of arguments.
# fmt: off
UNIT = ("handler", "section_chief", "bureau_head")
HEADS = ("section_chief", "bureau_head")
CENTRE = ("seat_agent", "supervisor")
OPEN = (
    "received, coordinating, dispatched, returned, objecting, handling, paused, terminating, reviewing, calling_back,"
    " refused, with_discipline"
)

unit_ask = Ask("unit", "承办单位", "unit")
matter_ask = Ask("matter", "事项", "matter", required=False, register="hotline")
reason_ask = Ask("reason", "理由", "text", min_length=4, max_length=1000)
remark_ask = Ask("remark", "说明", "text", required=False, max_length=1000)
spoken_ask = Ask("answer", "答复内容", "text", required=False, max_length=4000)

STATES = (
    State("received", "待派单", "numbered", waits_for="seat_agent"),
    State("coordinating", "待协调", "dispatched", waits_for="dispatcher"),
    State("dispatched", "待签收", "dispatched", waits_for="handler"),
    State("returned", "退单待审", "dispatched", waits_for="supervisor"),
    State("objecting", "异议待裁", "dispatched", waits_for="supervisor"),
    State("handling", "办理中", "handled", waits_for="handler"),
    State("paused", "已挂起", "handled", waits_for="handler"),
    State("terminating", "终止待批", "handled", waits_for="supervisor"),
    State("reviewing", "审核中", "reviewed", waits_for="reviewer"),
    State("calling_back", "待回访", "called_back", waits_for="caller_desk"),
    State("merged", "已并单", "dispatched"),
    State("refused", "协办被拒", "dispatched", waits_for="supervisor"),
    State("with_discipline", "已移送纪检监察", "handled", waits_for="discipline", holds_up=False),
    State("closed", "已办结", "closed", final=True),
    State("answered", "直办办结", "closed", final=True),
    State("declined", "不予受理", "closed", final=True),
    State("terminated", "终止办理", "closed", final=True),
    State("assisted", "协办办结", "closed", final=True),
    State("transferred", "移送办结", "closed", final=True),
    *TIER_STATES,
)

settled = (rules.unit_is_not_accused, duty.unit_can_be_given_work, rules.unit_may_hold_matter)
given = (*settled, duty.unit_has_not_returned)
going = (
    hold("unit"), classify("matter"), clear("provisional"), clear("extension"), clear("pause"), start("sign"),
    start("return"), start("objection"), notify("dispatched", "holder"),
)
sent = (stop("receive"), stop("coordinate"), carry("handle"), *going)
waits_for_ruling = (pause("sign", where_allowed=True), start("rule"))

TAKING_IN = (
    step(
        "dispatch", "received -> dispatched", by=(*CENTRE, SYSTEM), label="派单",
        asks=(unit_ask, matter_ask, remark_ask), when=given, does=sent,
    ),
    step(
        "coordinate", "received -> coordinating", by=(*CENTRE, SYSTEM), label="交协调台",
        asks=(unit_ask, remark_ask), when=(rules.unit_is_not_accused, duty.unit_is_a_desk),
        does=(stop("receive"), hold("unit"), mark("provisional"), start("coordinate"), notify("coordinate", "holder")),
    ),
    step(
        "assign", "coordinating -> dispatched", by=("dispatcher", "supervisor"), label="派单",
        asks=(unit_ask, matter_ask, remark_ask), when=given, does=sent,
    ),
    step(
        "hand_back", "coordinating -> received", by="dispatcher", label="退回中心",
        asks=(reason_ask,), does=(stop("coordinate"), hold("opened_by"), clear("provisional"), start("receive")),
    ),
    step(
        "answer_at_seat", "received -> answered", by="seat_agent", label="直接答复",
        asks=(Ask("answer", "答复", "text", min_length=4),), when=(rules.may_be_answered_at_seat, rules.ends_here), duty="handle",
    ),
    step(
        "decline", "received, coordinating -> declined", by=(*CENTRE, "dispatcher"), label="不予受理",
        asks=(
            Ask("reason", "不予受理的情形", "choice", choices=rules.DECLINE_REASONS),
            Ask("route", "正确的途径", "line", required=False, max_length=200),
            Ask("answer", "向来电人的说明", "text", min_length=4),
        ),
        when=(rules.route_is_named, rules.ends_here), does=(notify("declined", "reporter"),),
        caution="不予受理后本件办结,并告知来电人理由。",
    ),
    step(
        "pass_on", "received, coordinating, dispatched, handling -> same", by=(*CENTRE, "dispatcher", SYSTEM),
        label="紧急转接", asks=(Ask("service", "转接", "choice", choices=rules.EMERGENCY), remark_ask),
        does=(
            mark("urgent"), mark("passed_on"), hasten("receive"), hasten("coordinate"), hasten("sign"), hasten("handle"),
            notify("passed_on", "centre"),
        ),
    ),
    step(
        "close_repeat", "received, coordinating, dispatched, handling -> terminated", by="supervisor", label="重复诉求办结",
        when=(
            duty.is_lead, duty.assisting_have_reported, rules.earlier_is_answered, rules.earlier_is_the_same,
            rules.nothing_is_new, rules.nobody_else_waits, rules.ends_here,
        ),
        asks=(
            Ask("earlier", "原工单", "case", from_origin=True),
            Ask("same_facts", "没有新事实", "yes"), Ask("same_reasons", "没有新理由", "yes"),
            Ask("answer", "向来电人的说明", "text", min_length=4),
        ),
        does=(notify("repeat_closed", "holder"), notify("terminated", "reporter")), apart_from="take_in",
        caution="本件办结,不再办理,并向来电人说明。有新情况的请照常派单或办理。",
    ),
    step(
        "merge", "received, coordinating, dispatched, handling -> merged", by=(*CENTRE, "dispatcher", SYSTEM),
        label="并单", asks=(Ask("case", "并入的工单", "case"), remark_ask), when=(duty.is_lead, rules.unit_is_not_accused, rules.ends_here),
        does=(
            stop("receive"), stop("sign"), stop("return"), stop("objection"), stop("coordinate"), stop("handle"),
        ),
    ),
    step(
        "unmerge", "merged -> received", by=CENTRE, label="撤销并单",
        asks=(reason_ask,), when=duty.merge_is_young, does=(hold("opened_by"), start("receive")),
    ),
    step("release", "merged -> calling_back", by=SYSTEM, label="随主单回访", asks=(spoken_ask,), does=(start("call_back"),)),
)

RETURNING = (
    step(
        "return", "dispatched, handling -> returned", by=UNIT, label="退单",
        asks=(Ask("grounds", "退单理由", "choice", choices=rules.RETURN_GROUNDS), reason_ask),
        when=(duty.is_lead, duty.may_be_returned, duty.returns_are_left, duty.superior_takes_returns, duty.return_term_runs),
        does=(count("return"), remember("returned_by"), *waits_for_ruling, notify("returned", "centre")), duty="ask",
    ),
    step(
        "accept_return", "returned -> dispatched", by="supervisor", label="同意退单并改派",
        asks=(unit_ask, matter_ask, remark_ask), when=(duty.unit_is_another, *given), apart_from="ask",
        does=(stop("rule"), carry("handle", "unit"), *going, clear("returnable", after_returns="final_return")), caution="经裁定的单位不能再退单。",
    ),
    step(
        "refuse_return", "returned -> dispatched", by="supervisor", label="不同意退单",
        asks=(reason_ask,), apart_from="ask",
        does=(stop("rule"), renew("sign"), clear("returnable"), notify("return_refused", "holder")),
    ),
    step(
        "object", "dispatched, handling -> objecting", by=HEADS, label="派单异议",
        asks=(reason_ask,), when=(duty.is_lead, duty.may_be_returned, duty.objections_are_left, duty.objection_term_runs),
        does=(count("objections"), *waits_for_ruling, notify("objected", "centre")), duty="ask",
    ),
    step(
        "rule", "objecting -> dispatched", by="supervisor", label="裁定",
        asks=(Ask("unit", "裁定由哪个单位主办", "unit"), reason_ask), when=settled,
        does=(
            stop("rule"), renew("sign", "unit"), carry("handle", "unit"), stop("return"), stop("objection"), hold("unit"),
            clear("provisional"), clear("returnable"), clear("extension"), clear("pause"), notify("dispatched", "holder"),
        ),
        apart_from="ask",
        caution="经裁定的单位不能再退单。",
    ),
)

HANDLING = (
    step("sign_for", "dispatched -> handling", by=UNIT, label="签收", does=(stop("sign"), take())),
    step(
        "assist", "handling -> same", by=UNIT, label="请协办", duty="handle",
        when=(duty.is_lead, rules.assisting_are_others, duty.units_do_not_assist_yet),
        asks=(Ask("units", "协办单位", "units"), Ask("request", "请协办的事项", "text", min_length=4)),
        does=(split("units"),),
    ),
    step(
        "ask_pause", "handling -> same", by=HEADS, label="申请挂起", duty="ask",
        asks=(
            Ask("ground", "挂起的情形", "choice", choices=rules.PAUSE_GROUNDS),
            Ask("days", "挂起几天", "number", smallest=1, largest=1095), reason_ask,
        ),
        when=(duty.is_lead, duty.no_pause_waits, duty.pause_is_allowed, duty.pauses_are_left, duty.pause_is_short_enough),
        does=(keep("pause", "days"), notify("pause_asked", "centre")),
        caution="挂起期间承诺时限不走;法定时限只在听证、检验检测、鉴定、专家评审时不走。",
    ),
    step(
        "grant_pause", "handling -> paused", by="supervisor", label="同意挂起", asks=(remark_ask,), apart_from="ask",
        when=duty.pause_waits,
        does=(pause("handle", as_asked=True), count("pauses"), clear("pause"), notify("paused", "holder")),
    ),
    step(
        "refuse_pause", "handling -> same", by="supervisor", label="不同意挂起", asks=(reason_ask,),
        when=duty.pause_waits, does=(clear("pause"), notify("pause_refused", "holder")),
    ),
    step("resume", "paused -> handling", by=(*UNIT, SYSTEM), label="恢复办理", does=(resume("handle"),)),
    step(
        "mended", "dispatched, handling, paused -> calling_back", by=SYSTEM, label="治本工程验证有效,转回访", asks=(spoken_ask,),
        when=(duty.is_lead, duty.assisting_have_reported, rules.ends_here, rules.is_handled_here),
        does=(stop("sign"), stop("handle"), stop("return"), stop("objection"), clear("level"), clear("extension"), clear("pause"), start("call_back")),
    ),
    step(
        "ask_extension", "handling -> same", by=UNIT, label="申请延期", duty="ask",
        asks=(Ask("days", "延长几个工作日", "number", smallest=1, largest=60), reason_ask),
        when=(duty.is_lead, duty.no_extension_waits, duty.extension_is_in_time, duty.extension_is_left),
        does=(request("handle", "days"),),
    ),
    step(
        "grant_extension", "handling, paused -> same", by="supervisor", label="同意延期",
        asks=(Ask("superior_until", "上级同意的新期限", "date", required=False, earliest=1), remark_ask),
        when=duty.extension_waits, does=(extend("handle"), notify("extended", "reporter")), apart_from="ask",
    ),
    step(
        "refuse_extension", "handling, paused -> same", by="supervisor", label="不同意延期", asks=(reason_ask,),
        when=duty.extension_waits, does=(clear("extension"), notify("extension_refused", "holder")),
    ),
    step(
        "mediate", "handling -> same", by=UNIT, label="调解", duty="handle",
        when=(duty.is_lead, rules.sum_is_of_an_agreement, rules.agreed_sum_is_told),
        asks=(
            Ask("claim", "反映方要求", "text", max_length=500),
            Ask("offer", "对方意见", "text", max_length=500),
            Ask("result", "结果", "choice", choices=(("agreed", "达成一致"), ("failed", "未达成一致"), ("again", "择期再调"))),
            Ask("sum", "达成金额(元)", "money", required=False),
        ),
    ),
    step(
        "self_call_back", "handling -> same", by=UNIT, label="回访自查", duty="handle",
        when=(duty.is_lead, rules.self_attempt_is_at_another_time),
        asks=(
            Ask("reached", "是否接通", "choice", choices=(("yes", "已接通"), ("no", "未接通"))),
            Ask("understood", "来电人理解并认可", "yes", required=False),
            Ask("note", "回访情况", "text", min_length=2, max_length=1000),
        ),
        quick=(
            Quick("已接通,来电人认可", (("reached", "yes"), ("understood", "on"), ("note", "已接通,来电人理解并认可。"))),
            Quick("已接通,来电人不认可", (("reached", "yes"), ("note", "已接通,已说明情况,来电人不认可。"))),
            Quick("未接通", (("reached", "no"), ("note", "拨打来电人电话,未接通。"))),
        ),
    ),
    step(
        "answer", "handling -> reviewing", by=UNIT, label="答复", duty="handle",
        asks=(
            Ask("outcome", "办理结果", "choice", choices=rules.OUTCOMES, explained=rules.OUTCOMES_EXPLAINED),
            Ask("answer", "答复内容", "text", min_length=10, max_length=4000),
            Ask("until", "期限或日期", "date", required=False, earliest=1),
        ),
        when=(duty.is_lead, duty.assisting_have_reported, rules.unit_has_called_back, rules.date_is_given),
        does=(clear("level"), clear("extension"), clear("pause")),
    ),
    step(
        "ask_termination", "handling, paused -> terminating", by=HEADS, label="申请终止办理",
        asks=(reason_ask,), when=(duty.is_lead, duty.assisting_have_reported, rules.ends_here), duty="ask",
        does=(clear("extension"), clear("pause"), start("rule")),
    ),
    step(
        "approve_termination", "terminating -> terminated", by="supervisor", label="同意终止", apart_from="ask",
        asks=(Ask("answer", "向来电人的说明", "text", min_length=4),), does=(notify("terminated", "reporter"),),
        caution="终止后本件办结,并向来电人说明。",
    ),
    step("refuse_termination", "terminating -> handling", by="supervisor", label="不同意终止", asks=(reason_ask,), does=(stop("rule"), resume("handle"))),
)

ASSISTING = (
    step(
        "report", "handling -> assisted", by=UNIT, label="报协办结果", when=duty.is_assisting, duty="handle",
        asks=(Ask("answer", "协办结果", "text", min_length=4),), does=(notify("assisted", "centre"),),
    ),
    step(
        "refuse_assistance", "dispatched, handling -> refused", by=HEADS, label="不予协办", when=duty.is_assisting,
        asks=(reason_ask,), does=(stop("sign"), stop("assist"), start("rule"), notify("assistance_refused", "centre")),
        caution="联动单位必须配合;不予配合的,报纪检监察机关处理。",
    ),
    step("insist", "refused -> dispatched", by="supervisor", label="要求协办", asks=(reason_ask,), does=(stop("rule"), start("sign"), start("assist"), notify("insisted", "holder"))),
    step(
        "hand_over", "refused -> with_discipline", by="supervisor", label="移送纪检监察",
        asks=(Ask("unit", "移送单位", "unit"), reason_ask), does=(stop("rule"), hold("unit", seen=False), notify("handed_over", "holder")),
        when=(duty.unit_is_another, rules.unit_is_not_accused),
    ),
    step("receive", "with_discipline -> same", by="discipline", label="接收移送", asks=(remark_ask,), does=(mark("received"),)),
    step(
        "conclude", "with_discipline -> transferred", by="discipline", label="反馈处理结果",
        asks=(Ask("answer", "处理结果", "text", min_length=4),), when=duty.handed_over_is_received,
        does=(notify("concluded", "centre"),),
    ),
)

WATCHING = (
    step("urge", f"{OPEN} -> same", by=CENTRE, label="催办", asks=(remark_ask,), does=(count("urge"), notify("urged", "holder"))),
    step(
        "supervise", f"{OPEN} -> same", by="supervisor", label="督办", asks=(reason_ask,), when=duty.not_yet_supervised,
        does=(mark("supervised"), notify("supervised", "holder")),
    ),
)

WORKFLOW = Workflow(
    name="hotline",
    version=1,
    label="市民热线工单",
    states=STATES,
    steps=(*TAKING_IN, *RETURNING, *HANDLING, *ASSISTING, *CLOSING, *tier_steps(OPEN), *WATCHING),
    opening=(start("receive"),),
    roles=frozenset((*UNIT, *CENTRE, "dispatcher", "reviewer", "caller_desk", "discipline")),
    merging=Merging(merge="merge", unmerge="unmerge", release="release", clock="handle"),
    mended=("mended", "resume"),
    joint=Joint(
        "dispatched", (start("sign"), start("assist"), notify("dispatched", "holder")), clock="assist", lead_clock="handle"
    ),
)
