"""The words of this pack's notices, as `kernel/notices/defaults.py` holds them. Pure."""

TEXTS: dict[str, tuple[str, str, str, str]] = {
    "application_taken": (
        "收件", "您申请办理的事项已收件,编号 {number},查询码 {code}。凭编号和查询码可查进展、评价。",
        "Application received", "We have your application: number {number}, code {code}. They let you follow it and say how it went.",
    ),
    "materials_missing": (
        "补正告知", "您申请办理的事项(编号 {number})材料还缺或要改,已一次告知,请在补正期限内交来。凭编号和查询码 {code} 可查。",
        "Materials are missing", "Your application {number} lacks materials or has some to be put right; all of it was named at once. Please hand them in within the term. See it with the number and the code {code}.",
    ),
    "application_accepted": (
        "已受理", "您申请办理的事项(编号 {number})已受理,请等候办理结果。凭编号和查询码 {code} 可查。",
        "Accepted", "Your application {number} has been accepted. Follow it with the number and the code {code}.",
    ),
    "application_to_examine": (
        "新的申请待审查", "{number} 已受理,请在承诺时限内审查。",
        "Application to examine", "{number} has been accepted. Please examine it within the promised time.",
    ),
    "commitment_to_check": (
        "承诺待核查", "{number}:申请人承诺的事项待核查,请按期核查。",
        "A commitment to check", "{number}: please check within the term whether what the applicant committed to is true.",
    ),
    "application_declined": (
        "申请未予受理", "您申请办理的事项(编号 {number})未予受理,理由和办理途径可凭编号和查询码 {code} 查询。",
        "Application not accepted", "Your application {number} was not accepted. Read why and where to turn with the number and the code {code}.",
    ),
    "application_ended": (
        "申请终止办理", "您申请办理的事项(编号 {number})已终止办理,理由可凭编号和查询码 {code} 查询;条件具备后可以重新申请。",
        "Application ended", "Your application {number} was ended. Read why with the number and the code {code}; you may apply again.",
    ),
    "application_withdrawn": (
        "申请已撤回", "您申请办理的事项(编号 {number})已按撤回登记,不再办理。不是您本人要撤回的,请马上打 12345。凭编号和查询码 {code} 可查。",
        "Application withdrawn", "Your application {number} was entered as withdrawn and is closed. If you did not ask for that, call 12345 at once. See it with the number and the code {code}.",
    ),
    "handling_withdrawn": (
        "申请已撤回,不用再办", "{number} 已撤回,本件不再办理,手上的审查可以停下。",
        "Withdrawn: nothing more to do", "{number} was withdrawn and is handled no more; whatever you were doing for it may stop.",
    ),
    "application_lapsed": (
        "视为撤回", "您申请办理的事项(编号 {number})到补正期限没有交齐材料,视为撤回,不再办理;材料备齐后可以重新申请。凭编号和查询码 {code} 可查。",
        "Deemed withdrawn", "What was missing from your application {number} did not come in time, so it counts as withdrawn and is closed; you may apply again. See it with the number and the code {code}.",
    ),
    "ended_unsupplied": (
        "容缺逾期,已终止", "{number} 的容缺材料到期没有补齐,已终止办理。",
        "Ended for want of materials", "What was to follow for {number} did not come in time: it was ended.",
    ),
    "fee_due": (
        "缴费通知", "您申请办理的事项(编号 {number})已准予,请按目录标准缴费。金额和依据可凭编号和查询码 {code} 查询;缴清后制证、出件。",
        "Payment notice", "Your application {number} was granted. Please pay the listed fee: see amount and basis with the number and the code {code}. The certificate is made once it is paid.",
    ),
    "application_changed": (
        "办件变更", "办件 {number} 有变更。",
        "An application changed", "Application {number} changed.",
    ),
    "desk_asks": (
        "窗口有一个问题", "窗口就 {number} 请教审批科室,请尽快答复,申请人在等。",
        "The window asks", "The window has a question on {number}. Please answer soon: the applicant is waiting.",
    ),
    "desk_answered": (
        "审批科室已答复", "{number} 的审批科室已答复窗口的问题。",
        "The approver answered", "The approver has answered the window's question on {number}.",
    ),
    "special_begun": (
        "特别程序", "您申请办理的事项(编号 {number})要经过特别程序,所需时间不计入办理期限,已写明。凭编号和查询码 {code} 可查。",
        "A special procedure", "Your application {number} goes through a special procedure; its time, which is told, does not count. See it with the number and the code {code}.",
    ),
    "special_over": (
        "特别程序时间已到", "{number} 的特别程序时间已到,办理期限恢复计算,请抓紧审查。",
        "The special procedure is over", "The time told for the special procedure of {number} is over and its own time runs again. Please examine it.",
    ),
    "application_extended": (
        "延长办理期限", "您申请办理的事项(编号 {number})经批准延长办理期限,理由可凭编号和查询码 {code} 查询。",
        "More time", "The time for your application {number} was extended by approval. Read why with the number and the code {code}.",
    ),
    "to_issue": (
        "待制证、出件", "{number} 已作出决定,请制作文书,在十个工作日内送达。",
        "To be issued", "A decision was made on {number}. Please issue it and deliver it within ten working days.",
    ),
    "delivered": (
        "已出件,请评价", "您申请办理的事项(编号 {number})已有结果。凭编号和查询码 {code} 可查看,并请评价。",
        "Ready, please say how it went", "There is a result for your application {number}. Read it and say how it went with the number and the code {code}.",
    ),
    "service_done": (
        "窗口服务,请评价", "您刚在窗口办的事(编号 {number})办完了,请凭编号和查询码 {code} 评价。",
        "Please say how it went", "You were served at the window (number {number}). Please say how it went with the number and the code {code}.",
    ),
    "bad_review": (
        "收到差评", "{number} 收到差评,请在一个工作日内联系申请人。",
        "A bad review", "{number} has a bad review. Please contact the applicant within one working day.",
    ),
    "to_rectify": (
        "差评待整改", "{number} 的差评属实,请按期整改。",
        "To be put right", "The bad review of {number} is right. Please put it right in time.",
    ),
    "rectified": (
        "差评已整改", "{number} 的差评已整改,请回访申请人。",
        "Put right", "What the bad review of {number} named has been put right. Please call the applicant.",
    ),
    "review_again": (
        "请您追评", "您对 {number} 的评价我们已核实整改,请凭编号和查询码 {code} 再评一次。",
        "Please say how it is now", "We looked into your review of {number} and put it right. Please say how it is now with the number and the code {code}.",
    ),
    "ticket_taken": (
        "取号", "您的号是 {number},前面还有 {count} 位。快到时再发短信提醒,请留意大厅屏幕。",
        "Your ticket", "Your number is {number}; {count} are before you. We send a message when it is nearly your turn. Please watch the hall's screen.",
    ),
    "ticket_near": (
        "快到您了", "您的号 {number} 前面还有 {count} 位,请回到大厅等候。",
        "Nearly your turn", "{count} are before your number {number}. Please come back to the hall.",
    ),
    "ticket_closed": (
        "今天没有叫到", "大厅今天下班了,您的号 {number} 没有办到,很抱歉。请明天来,或先预约时间,到了优先叫号。",
        "Not served today", "The hall has closed and your number {number} was not served; we are sorry. Please come tomorrow, or book a time and be called first.",
    ),
}  # fmt: skip
