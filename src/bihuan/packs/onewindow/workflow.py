"""The loop of an application: 收件 → 补正 → 受理 → 审查 → 特别程序 → 决定 → 制证 → 出件 → 评价 → 差评整改 → 追评.

《行政许可法》 art. 32, 34, 42, 44, 45; 受审分离 (S2): who takes in does not examine, who examines does not decide. Every way out leads to
the evaluation (一件一评); silence is not praise, it closes as not evaluated (rules.md B1-B3).
"""

from dataclasses import replace

from bihuan.kernel.assignment import rules as duty
from bihuan.kernel.evaluation import rules as call
from bihuan.kernel.workflow.asks import Ask
from bihuan.kernel.workflow.model import (
    REPORTER,
    SYSTEM,
    State,
    Workflow,
    clear,
    count,
    extend,
    hold,
    notify,
    pause,
    request,
    resume,
    start,
    step,
    stop,
    take,
)
from bihuan.packs.onewindow import rules
from bihuan.packs.onewindow.fees import rules as fees

# A step is read as a line of the regulation, not as a column of arguments.
# fmt: off
UNIT = ("handler", "section_chief", "bureau_head")
HEADS = ("section_chief", "bureau_head")
CLERK, ISSUER, OFFICER = "window_clerk", "issuing_clerk", "review_officer"
WITH_UNIT = "examining, special, deciding"

reason_ask = Ask("reason", "理由", "text", min_length=4, max_length=1000)
remark_ask = Ask("remark", "说明", "text", required=False, max_length=1000)
told_ask = Ask("answer", "告知申请人", "text", min_length=10, max_length=4000)
grade_ask = Ask("grade", "评价", "choice", choices=call.GRADES)
words_ask = Ask("words", "申请人的话", "text", required=False, max_length=1000)
bad_ask = Ask("reason", "不满意的原因", "text", min_length=4, max_length=1000)
received_ask = Ask("received", "交来的材料", "line", max_length=200, help="材料清单里的序号,如 1、3")
dated_ask = Ask("dated", "签发日期", "line", required=False, max_length=400, help="有有效期的材料写签发日期,如 6=2026-01-31")
unit_ask = Ask("unit", "审批单位", "unit", help="不填的,交目录里这个事项的审批单位")
fix_ask = Ask("fix", "要改什么", "text", min_length=4, max_length=2000, help="一行一项:材料清单里的序号和要改的内容,如 4 没有盖章")
told_once = (rules.fixes_are_of_the_list, rules.not_told_before, rules.notice_term_runs)
given = (rules.unit_is_the_items, duty.unit_can_be_given_work)
examined = (stop("notice"), stop("correct"), hold("unit"), start("handle"), notify("application_to_examine", "holder"), notify("application_accepted", "reporter"))
matched = (
    Ask("checks", "逐项核对", "text", max_length=4000), Ask("failing", "没有通过的条数", "number", largest=100),
)
over = (
    stop("notice"), stop("correct"), stop("handle"), stop("special"), stop("supplement"), clear("extension"), hold("opened_by"), start("evaluate"),
)
who_evaluates = ("take_in", "handle", "review")

STATES = (
    State("received", "已收件", "numbered", waits_for=CLERK),
    State("asked", "请教审批科室", "numbered", waits_for="handler"),
    State("correcting", "待补正", "numbered", waits_for=CLERK),
    State("examining", "审查中", "handled", waits_for="handler"),
    State("special", "特别程序中", "handled", waits_for="handler"),
    State("deciding", "待决定", "handled", waits_for="section_chief"),
    State("certifying", "制证中", "reviewed", waits_for=ISSUER),
    State("delivering", "待出件", "reviewed", waits_for=ISSUER),
    State("evaluating", "待评价", "called_back", waits_for=OFFICER),
    State("complained", "差评待联系", "called_back", waits_for=OFFICER),
    State("verifying", "差评核实中", "called_back", waits_for=OFFICER),
    State("excluding", "差评剔除待批", "called_back", waits_for="bureau_head"),
    State("rectifying", "差评整改中", "called_back", waits_for="handler"),
    State("revisiting", "整改待回访", "called_back", waits_for=OFFICER),
    State("further", "待追评", "called_back", waits_for=OFFICER),
    State("evaluated", "已评价办结", "closed", final=True),
    State("unevaluated", "未评价办结", "closed", final=True),
    State("excluded", "差评剔除办结", "closed", final=True),
    State("mended", "差评整改办结", "closed", final=True),
    State("unappeased", "追评仍不满意办结", "closed", final=True),
)

WINDOW = (
    step(
        "accept", "received, correcting -> examining", by=CLERK, label="受理", asks=(unit_ask, remark_ask), duty="take_in",
        when=(rules.materials_are_complete, *given), does=examined,
    ),
    step(
        "accept_lacking", "received, correcting -> examining", by=CLERK, label="容缺受理", asks=(unit_ask, remark_ask), duty="take_in",
        when=(rules.lacking_may_follow, rules.supplement_leaves_time, *given), does=(*examined, start("supplement")),
        caution="缺的材料要在补齐期限内交来;不补齐的,终止办理。",
    ),
    step(
        "accept_commitment", "received, correcting -> examining", by=CLERK, label="告知承诺受理", duty="take_in",
        asks=(unit_ask, Ask("signed", "申请人已签承诺书", "yes"), remark_ask), when=(rules.commitment_is_open, *given), does=examined,
        caution="承诺不实的,撤销决定并记入信用记录。",
    ),
    step(
        "accept_at_once", "received, correcting -> examining", by=(CLERK, SYSTEM), label="系统核对,当场办结", asks=(unit_ask, remark_ask), duty="take_in",
        when=(rules.item_is_decided_at_once, rules.materials_are_complete, *given), does=(stop("notice"), stop("correct"), hold("unit"), start("handle")),
        caution="条件全部符合的,系统当场准予并签发证照;有一条不符合或查不到的,转人工审查。",
    ),
    step(
        "tell_missing", "received -> correcting", by=CLERK, label="一次告知补正", asks=(replace(fix_ask, required=False), remark_ask), duty="take_in",
        when=(rules.something_is_lacking, *told_once), does=(stop("notice"), start("correct"), notify("materials_missing", "reporter")),
        caution="缺的和要改的一次告知全部,以后不能再要别的。",
    ),
    step(
        "tell_unfit", "received -> correcting", by=CLERK, label="材料不合要求,一次告知补正", duty="take_in",
        asks=(Ask("unfit", "不合要求的材料", "line", max_length=200, help="材料清单里的序号,如 2、4"), Ask("why", "哪里不合要求", "choice", choices=rules.UNFIT), replace(fix_ask, required=False), remark_ask),
        when=(rules.unfit_were_received, *told_once),
        does=(stop("notice"), start("correct"), notify("materials_missing", "reporter")),
        caution="连同缺的材料一次告知全部,以后不能再要别的。",
    ),
    step(
        "materials", f"received, correcting, {WITH_UNIT} -> same", by=(CLERK, SYSTEM), label="登记材料", asks=(received_ask, dated_ask),
        when=(rules.something_follows, rules.materials_are_of_the_list),
    ),
    step(
        "supplement", f"{WITH_UNIT} -> same", by=(CLERK, SYSTEM), label="容缺材料已补齐", asks=(received_ask, dated_ask),
        when=(rules.something_follows, rules.materials_are_of_the_list, rules.all_is_supplied), does=(stop("supplement"),),
    ),
    step(
        "not_supplied", f"{WITH_UNIT} -> evaluating", by=SYSTEM, label="容缺材料逾期未补,终止办理", asks=(told_ask,), when=rules.supplement_is_overdue,
        does=(*over, notify("application_ended", "reporter"), notify("ended_unsupplied", "holder")),
    ),
    step(
        "deem_accepted", "received, asked -> examining", by=SYSTEM, label="视为受理", asks=(unit_ask,), when=(rules.notice_term_has_passed, *given),
        does=(
            stop("notice"), hold("unit"), start("handle", since_opened=True), notify("application_to_examine", "holder"),
            notify("application_accepted", "reporter"),
        ),
    ),
    step(
        "ask_approver", "received -> asked", by=CLERK, label="请教审批科室",
        asks=(unit_ask, Ask("question", "问题", "text", min_length=4, max_length=1000)), when=given, does=(hold("unit"), notify("desk_asks", "holder")),
    ),
    step(
        "answer_desk", "asked -> received", by=UNIT, label="答复窗口", asks=(Ask("reply", "答复", "text", min_length=4, max_length=2000),),
        does=(hold("opened_by"), notify("desk_answered", "holder")),
    ),
    step(
        "decline", "received, correcting -> evaluating", by=CLERK, label="不予受理", duty="take_in",
        asks=(Ask("ground", "不予受理的情形", "choice", choices=rules.DECLINED), told_ask), when=rules.lacking_was_told,
        does=(*over, notify("application_declined", "reporter")), caution="不予受理的决定写明理由、救济途径和日期,盖章后交给申请人。",
    ),
    step(
        "not_ours", "received, correcting -> evaluating", by=CLERK, label="不属本机关", duty="take_in",
        asks=(Ask("organ", "应向哪个机关申请", "line", min_length=2, max_length=200), told_ask),
        does=(*over, notify("application_declined", "reporter")), caution="要写明应向哪个机关申请。",
    ),
    step(
        "deem_withdrawn", "correcting -> evaluating", by=SYSTEM, label="逾期未补正,视为撤回",
        when=(rules.correction_term_has_passed, rules.something_is_lacking),
        does=(*over, notify("application_lapsed", "reporter")),
    ),
    step(
        "withdraw", f"received, asked, correcting, {WITH_UNIT} -> evaluating", by=(CLERK, REPORTER), label="撤回申请", asks=(replace(reason_ask, required=False, min_length=0),),
        does=(notify("handling_withdrawn", "holder"), *over, notify("application_withdrawn", "reporter")), caution="撤回后本件不再办理;以后要办的,重新申请。会发短信确认。",
    ),
)

APPROVING = (
    step(
        "decide_at_once", "examining -> evaluating", by=SYSTEM, label="系统当场准予", asks=(*matched, told_ask),
        when=(rules.item_is_decided_at_once, rules.every_check_holds),
        does=(stop("handle"), hold("opened_by"), start("evaluate"), notify("delivered", "reporter")),
    ),
    step(
        "pass_on", "examining -> same", by=SYSTEM, label="转人工审查", asks=matched, when=rules.item_is_decided_at_once,
        does=(notify("application_to_examine", "holder"), notify("application_accepted", "reporter")),
    ),
    step(
        "examine", "examining -> deciding", by="handler", label="审查意见", duty="handle", apart_from="take_in",
        asks=(
            Ask("advice", "建议", "choice", choices=(("grant", "准予"), ("refuse", "不予"))),
            Ask("opinion", "审查意见", "text", min_length=4, max_length=4000),
        ),
    ),
    step(
        "begin_special", "examining -> special", by="handler", label="进入特别程序", duty="handle", apart_from="take_in",
        asks=(
            Ask("ground", "特别程序", "choice", choices=rules.SPECIAL), Ask("until", "到哪天止", "date", earliest=1),
            Ask("answer", "书面告知申请人", "text", min_length=4, max_length=1000),
        ),
        when=(rules.special_is_the_items, rules.special_is_left, rules.special_ends_in_time),
        does=(pause("handle", until="until"), start("special", "until"), notify("special_begun", "reporter")),
        caution="到这天止的时间不计入办理期限,要书面告知申请人;到期没有结束的,期限自动恢复计算。",
    ),
    step(
        "end_special", "special -> examining", by="handler", label="特别程序结束", duty="handle", apart_from="take_in",
        asks=(Ask("result", "结论", "text", min_length=4, max_length=2000),), does=(stop("special"), resume("handle")),
    ),
    step(
        "special_over", "special -> examining", by=SYSTEM, label="特别程序时间已到,恢复计时", when=rules.special_term_has_passed,
        does=(stop("special"), resume("handle"), notify("special_over", "holder")),
    ),
    step(
        "ask_extension", "examining, deciding -> same", by="handler", label="申请延长期限", duty="ask",
        asks=(Ask("days", "延长几个工作日", "number", smallest=1, largest=60), reason_ask),
        when=(duty.no_extension_waits, duty.extension_is_in_time, duty.extension_is_left), does=(request("handle", "days"),),
    ),
    step(
        "grant_extension", "examining, deciding -> same", by="bureau_head", label="同意延长", apart_from="ask",
        asks=(Ask("answer", "告知申请人的理由", "text", min_length=4, max_length=1000),), when=duty.extension_waits,
        does=(extend("handle"), notify("application_extended", "reporter")),
    ),
    step(
        "refuse_extension", "examining, deciding -> same", by="bureau_head", label="不同意延长", asks=(reason_ask,), apart_from="ask",
        when=duty.extension_waits, does=(clear("extension"), notify("extension_refused", "holder")),
    ),
    step(
        "examine_again", "deciding -> examining", by=HEADS, label="退回再审", asks=(reason_ask,), apart_from=("take_in", "handle"), duty="review",
        does=(count("examined_again"),),
    ),
    step(
        "grant", "deciding -> certifying", by=HEADS, label="准予", duty="review", apart_from=("take_in", "handle"),
        asks=(Ask("answer", "决定内容", "text", min_length=4, max_length=4000),), when=rules.nothing_is_owed,
        does=(stop("handle"), stop("supplement"), clear("extension"), hold("opened_by"), start("serve"), notify("to_issue", "holder")),
    ),
    step(
        "refuse", "deciding -> delivering", by=HEADS, label="不予", duty="review", apart_from=("take_in", "handle"),
        asks=(
            Ask("answer", "不予的理由", "text", min_length=10, max_length=4000),
            Ask("remedy", "复议和诉讼的途径、期限", "text", min_length=10, max_length=1000),
        ),
        does=(stop("handle"), stop("supplement"), clear("extension"), hold("opened_by"), start("serve"), notify("to_issue", "holder")),
        caution="不予的决定要写明理由,并告知申请人复议、诉讼的权利(《行政许可法》第三十八条)。",
    ),
    step("take_up", "examining -> same", by="handler", label="我来审", does=(take(),)),
    step(
        "terminate", f"{WITH_UNIT} -> evaluating", by=HEADS, label="终止办理", apart_from="take_in",
        asks=(Ask("ground", "终止的情形", "choice", choices=rules.ENDED), told_ask), when=rules.supplement_term_has_passed,
        does=(*over, notify("application_ended", "reporter")), caution="终止后本件不再办理,并告知申请人。",
    ),
)

PAYING = (
    step(
        "fee_tell", "certifying -> same", by=SYSTEM, label="发出缴费通知", asks=(Ask("amount", "应缴(元)", "money"),),
        when=rules.something_is_charged, does=(notify("fee_due", "reporter"),),
    ),
    step(
        "fee_pay", "certifying -> same", by=(CLERK, ISSUER), label="登记缴费", apart_from=("handle", "review"),
        asks=(Ask("amount", "实收(元)", "money"), Ask("receipt", "票据号码", "line", min_length=4, max_length=40)),
        when=(rules.something_is_charged, rules.fee_was_told, rules.fee_is_paid_in_full),
        caution="照实登记:实收超过标准的,记红牌。",
    ),
    step(
        "fee_waive", "certifying -> same", by=(CLERK, ISSUER), label="减免收费", apart_from=("take_in", "handle", "review"),
        asks=(Ask("ground", "减免情形", "line", max_length=60, help="目录里这项收费列的情形,照写"), remark_ask),
        when=(rules.something_is_charged, rules.fee_was_told, rules.ground_is_the_catalogues),
    ),
    step(
        "fee_forgo", "certifying -> evaluating", by=(CLERK, ISSUER), label="申请人不缴费,放弃领证", asks=(reason_ask,), apart_from=("handle", "review"),
        when=(rules.something_is_charged, rules.fee_was_told), does=(stop("serve"), *over, notify("application_withdrawn", "reporter")), caution="放弃后不再制证,要办的重新申请。",
    ),
    step(
        "fee_found", f"{WITH_UNIT}, certifying, delivering, evaluating -> same", by="supervisor", label="查实违规收费",
        asks=(Ask("found", "情形", "choice", choices=fees.FOUND), Ask("amount", "收了多少(元)", "money"), reason_ask), apart_from="take_in",
        caution="记红牌;多收的要退还。",
    ),
)

ISSUING = (
    step(
        "make", "certifying -> delivering", by=ISSUER, label="制证", asks=(remark_ask,), apart_from="review", when=rules.fee_is_settled,
        caution="证照马上签发:编号、二维码和有效期自动生成,申请人会收到通知。",
    ),
    step(
        "deliver", "delivering -> evaluating", by=ISSUER, label="出件", asks=(Ask("way", "送达方式", "choice", choices=rules.HANDED), remark_ask), apart_from="review",
        does=(stop("serve"), start("evaluate"), notify("delivered", "reporter")),
    ),
)

EVALUATING = (
    step(
        "evaluate", "evaluating -> evaluated", by=(OFFICER, REPORTER), label="评价", asks=(grade_ask, words_ask), when=call.caller_is_content,
        does=(stop("evaluate"),), apart_from=who_evaluates,
    ),
    step(
        "complain", "evaluating -> complained", by=(OFFICER, REPORTER), label="差评", asks=(grade_ask, bad_ask), when=call.caller_is_discontent,
        does=(stop("evaluate"), count("complaints"), start("contact"), notify("bad_review", "holder")), apart_from=who_evaluates,
    ),
    step(
        "close_unevaluated", "evaluating -> unevaluated", by=(OFFICER, SYSTEM), label="未评价办结", when=rules.evaluation_term_has_passed,
        does=(stop("evaluate"),), apart_from=who_evaluates,
    ),
    step(
        "will_not_evaluate", "evaluating -> unevaluated", by=OFFICER, label="申请人表示不评价", asks=(Ask("note", "联系情况", "text", min_length=4, max_length=1000),),
        does=(stop("evaluate"),), apart_from=who_evaluates,
    ),
    step(
        "contact", "complained -> verifying", by=OFFICER, label="已联系申请人", asks=(Ask("note", "联系情况", "text", min_length=4, max_length=1000),),
        does=(stop("contact"),), apart_from=who_evaluates,
    ),
    step(
        "confirm", "verifying -> rectifying", by=OFFICER, label="属实,交办整改", apart_from=who_evaluates,
        asks=(
            Ask("unit", "整改单位", "unit"), Ask("difficulty", "难易", "choice", choices=rules.DIFFICULTY),
            Ask("found", "核实情况", "text", min_length=4, max_length=2000),
        ),
        when=duty.unit_can_be_given_work, does=(hold("unit"), start("rectify"), notify("to_rectify", "holder")),
    ),
    step(
        "ask_exclusion", "verifying -> excluding", by=OFFICER, label="申请剔除", duty="ask", apart_from=who_evaluates,
        asks=(Ask("ground", "情形", "choice", choices=rules.EXCLUDED), reason_ask), caution="剔除要由另一人批准,剔除的差评单独公布件数。",
    ),
    step("approve_exclusion", "excluding -> excluded", by=("bureau_head", "supervisor"), label="同意剔除", asks=(remark_ask,), apart_from=("ask", *who_evaluates)),
    step("refuse_exclusion", "excluding -> verifying", by=("bureau_head", "supervisor"), label="不同意剔除", asks=(reason_ask,), apart_from=("ask", *who_evaluates)),
    step(
        "rectify", "rectifying -> revisiting", by=(*UNIT, CLERK), label="报整改情况", asks=(Ask("measures", "整改情况", "text", min_length=10, max_length=4000),),
        does=(stop("rectify"), hold("opened_by"), notify("rectified", "holder")),
    ),
    step(
        "revisit", "revisiting -> further", by=OFFICER, label="已回访,请追评", asks=(Ask("note", "回访情况", "text", min_length=4, max_length=1000),), apart_from=who_evaluates,
        does=(start("further"), notify("review_again", "reporter")),
    ),
    step(
        "rectify_again", "revisiting -> rectifying", by=OFFICER, label="没有整改到位", asks=(Ask("unit", "整改单位", "unit"), reason_ask), when=duty.unit_can_be_given_work,
        does=(count("redo"), hold("unit"), start("rectify"), notify("to_rectify", "holder")), apart_from=who_evaluates,
    ),
    step(
        "evaluate_again", "further -> mended", by=(OFFICER, REPORTER), label="追评", asks=(grade_ask, words_ask), when=call.caller_is_content,
        does=(stop("further"),), apart_from=who_evaluates,
    ),
    step(
        "complain_again", "further -> unappeased", by=(OFFICER, REPORTER), label="追评仍不满意", asks=(grade_ask, bad_ask), when=call.caller_is_discontent,
        does=(stop("further"),), apart_from=who_evaluates,
    ),
    step(
        "close_mended", "further -> mended", by=(OFFICER, SYSTEM), label="未追评办结", when=rules.further_term_has_passed, does=(stop("further"),), apart_from=who_evaluates,
    ),
)

STATIONS = {"found": "申请", "numbered": "收件", "handled": "审批", "reviewed": "出证", "called_back": "评价"}

WORKFLOW = Workflow(
    name="application",
    version=1,
    label="政务服务办件",
    stations=STATIONS,
    states=STATES,
    steps=(*WINDOW, *APPROVING, *PAYING, *ISSUING, *EVALUATING),
    opening=(start("notice"), notify("application_taken", "reporter")),
    roles=frozenset((*UNIT, CLERK, ISSUER, OFFICER, "supervisor")),
)
