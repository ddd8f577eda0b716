"""The words of every notice, where no NoticeTemplate row says otherwise. Pure. A pack adds its own in its `notices.py`.

Texts to citizens tell the number of the matter, the code to follow it and nothing personal; a reporter who asked for
secrecy gets only `DISCREET`, which does not even tell what happened.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

PACKS = Path(__file__).resolve().parents[2] / "packs"
DISCREET = "discreet"
ZH, EN = "zh-hans", "en"
LANGUAGES = (ZH, EN)

# code: (subject zh, text zh, subject en, text en); {number} is the number of the matter, {code} the code by which its
# reporter follows it, filled in for nobody else.
TEXTS: dict[str, tuple[str, str, str, str]] = {
    "dispatched": (
        "新件待签收", "{number} 已派到本单位,请及时签收。",
        "New case to sign for", "{number} has been dispatched to your unit. Please sign for it.",
    ),
    "coordinate": (
        "新件待协调", "{number} 暂由本单位协调,请尽快确定承办单位。",
        "Case to coordinate", "{number} is with your desk for now. Please find the unit responsible.",
    ),
    "returned": (
        "退单待审", "{number} 的承办单位申请退单,请审核。",
        "Return to rule on", "The unit holding {number} asks to return it. Please rule on it.",
    ),
    "return_refused": (
        "退单未获同意", "{number} 的退单未获同意,请继续办理。",
        "Return refused", "The return of {number} was refused. Please go on handling it.",
    ),
    "objected": (
        "派单异议待裁", "{number} 的承办单位提出派单异议,请裁定。",
        "Objection to rule on", "The unit holding {number} objects to the dispatch. Please rule on it.",
    ),
    "paused": (
        "挂起已获同意", "{number} 的挂起已获同意,条件具备后请恢复办理。",
        "Pause granted", "The pause of {number} was granted. Please resume when the conditions are met.",
    ),
    "pause_asked": (
        "挂起待批", "{number} 的承办单位申请挂起,请批复。",
        "Pause to decide on", "The unit holding {number} asks to pause it. Please decide.",
    ),
    "pause_refused": (
        "挂起未获同意", "{number} 的挂起申请未获同意,请继续办理。",
        "Pause refused", "The pause of {number} was refused. Please go on handling it.",
    ),
    "taken": (
        "已收到", "您反映的事项已收到,编号 {number},查询码 {code}。请保存,凭编号和查询码可上网查进展、评价。",
        "Received", "We have your matter: number {number}, code {code}. Keep them: they let you follow it and say how it went.",
    ),
    "question": (
        "请您补充", "您反映的事项(编号 {number})有一个问题要问您,请凭编号和查询码 {code} 上网回答。",
        "A question for you", "There is a question about your matter {number}. Please answer it with the number and the code {code}.",
    ),
    "replied": (
        "有新的回复", "{number} 有新的回复,请查看。",
        "A reply", "There is a reply on {number}. Please read it.",
    ),
    "answered": (
        "已有答复", "您反映的事项(编号 {number})已有答复,请凭编号和查询码 {code} 上网查看并评价。",
        "There is an answer", "There is an answer to your matter {number}. Read it and say how it went with the number and the code {code}.",
    ),
    "extended": (
        "办理延期", "您反映的事项(编号 {number})需要更多时间办理,经批准已延长办理期限,办结后会告知您。",
        "More time needed", "Your matter {number} needs more time; an extension was approved. You will be told the result.",
    ),
    "extension_refused": (
        "延期未获同意", "{number} 的延期申请未获同意,请按原期限办理。",
        "Extension refused", "The extension for {number} was refused. The original time limit holds.",
    ),
    "redo": (
        "重办", "{number} 需要重办,请查看原因并重新办理。",
        "Handle again", "{number} has to be handled again. Please read why.",
    ),
    "urged": ("催办", "{number} 被催办,请加快办理。", "Urged", "{number} is being urged. Please speed up."),
    "urged_above": (
        "上级催办", "{number} 被上级中心催办,请立即办理并答复。",
        "Urged from above", "The superior centre urges {number}. Please handle and answer it at once.",
    ),
    "withdrawn_above": (
        "上级收回", "{number} 已由上级中心收回,不用再办。",
        "Withdrawn", "The superior centre has withdrawn {number}. Nothing more is to be done.",
    ),
    "extended_above": (
        "上级同意延期", "上级已同意延长 {number} 的时限,请批复本单位的申请。",
        "Extended above", "The centre above has extended its deadline for {number}. Please decide on the unit's request.",
    ),
    "extension_refused_above": (
        "上级不同意延期", "上级不同意 {number} 延期,请批复本单位的申请。",
        "Extension refused above", "The centre above does not extend its deadline for {number}. Please decide on the unit's request.",
    ),
    "answer_not_taken": (
        "上级未收下答复", "{number} 的答复上级没有收下,请查看原因后再报。",
        "Answer not taken", "The superior centre did not take the answer to {number}. Please read why and report it again.",
    ),
    "supervised": (
        "督办", "{number} 已列入督办,请重点办理。",
        "Under supervision", "{number} is now under supervision. Please give it priority.",
    ),
    "declined": (
        "不予受理", "您反映的事项(编号 {number})不在受理范围,理由和办理途径可凭编号和查询码 {code} 查询。",
        "Not accepted", "Your matter {number} could not be accepted. Read why and where to turn with the number and the code {code}.",
    ),
    "terminated": (
        "终止办理", "您反映的事项(编号 {number})已终止办理,理由可凭编号和查询码 {code} 查询。",
        "Handling ended", "The handling of your matter {number} has ended. Read why with the number and the code {code}.",
    ),
    "repeat_closed": (
        "重复诉求已办结", "{number} 是重复诉求,已由中心办结并向来电人说明,不用再办。",
        "Closed as a repeat", "{number} repeats an earlier matter. The centre closed it and told the caller; nothing is left to do.",
    ),
    "explained": (
        "已办结", "您反映的事项(编号 {number})已办结,解释说明可凭编号和查询码 {code} 查询。",
        "Closed with an explanation", "Your matter {number} is closed. Read the explanation with the number and the code {code}.",
    ),
    "passed_on": (
        "紧急转接", "{number} 已紧急转接,请跟进。",
        "Passed on as an emergency", "{number} was passed on as an emergency. Please follow it up.",
    ),
    "assisted": (
        "协办已完成", "{number} 的协办单位已报结果。",
        "Assistance reported", "The assisting unit has reported its result on {number}.",
    ),
    "assistance_refused": (
        "协办被拒", "{number} 的协办单位不予协办,请处理。",
        "Assistance refused", "The assisting unit refuses to help with {number}. Please decide.",
    ),
    "insisted": (
        "要求协办", "{number} 必须协办,请按要求办理。",
        "Assistance required", "Assistance with {number} is required. Please handle it.",
    ),
    "handed_over": (
        "移送", "{number} 已移送本单位,请接收。",
        "Handed over", "{number} has been handed over to your unit. Please receive it.",
    ),
    "concluded": (
        "移送已反馈", "{number} 的移送单位已反馈处理结果。",
        "Result of the handover", "The unit that received {number} has reported its result.",
    ),
    "warning": (
        "即将到期", "{number} 即将到期,请抓紧办理。",
        "Due soon", "{number} will be due soon. Please finish it in time.",
    ),
    "breach": ("已超期", "{number} 已超过办理期限。", "Overdue", "{number} is past its time limit."),
    "accountability": (
        "启动问责", "{number} 符合启动问责的情形,请中心处理。",
        "Accountability begins", "{number} is to be called to account. Please see to it.",
    ),
    "decision": (
        "会议议定事项", "{number} 已由会议议定,请中心跟踪。",
        "Decided in a meeting", "{number} was decided in a meeting. Please follow it up.",
    ),
    "meeting_called": (
        "会议通知", "请参加会议:{number}。时间、地点和本单位的议题见“会议”。",
        "Meeting", "Please attend: {number}. When, where and your points of the agenda are under Meetings.",
    ),
    "minutes": (
        "会议纪要", "会议“{number}”已成纪要,议定事项请按期办理。",
        "Minutes", "The minutes of “{number}” are ready. Please see to what was decided by its date.",
    ),
    "worsened": (
        "问责期间又在后几名", "{number}:问责期间综合成绩又在后几名,已并入本件并列入督办。",
        "Among the last again", "{number}: the unit was among the last again while called to account. The case is now under supervision.",
    ),
    "summoned": (
        "约谈通知", "{number}:中心通知本单位负责人接受约谈,时间、地点见办件。",
        "Interview", "{number}: the head of your unit is asked to an interview. The case tells when and where.",
    ),
    "stated": (
        "单位已表态", "{number} 的责任单位已表态并报整改措施。",
        "Statement given", "The unit called to account in {number} has stated its measures.",
    ),
    "task_given": (
        "新事项待办", "{number} 已交本单位办理,请按期报完成情况和佐证。",
        "New task", "{number} has been given to your unit. Please report it done, with proof, by its date.",
    ),
    "reported": (
        "待核查", "{number} 的责任单位已报完成,请核查。",
        "To be checked", "The unit reports {number} as done. Please check it.",
    ),
    "proved": (
        "治理已验证有效", "{number} 已验证有效。",
        "The remedy holds", "{number} has been proved to hold.",
    ),
    "mended": (
        "反映的问题已治理", "您反映的问题(编号 {number})已从根上治理,并经过验证。凭编号和查询码 {code} 可上网查看、评价。",
        "The problem is mended", "The problem you reported ({number}) has been mended at its root and the remedy has held. See it with the number and the code {code}.",
    ),
    "origin_mended": (
        "治本工程已验证,请答复", "{number} 所涉问题的治本工程已验证有效,请答复来电人。",
        "The works have held: please answer", "The works behind {number} have been proved. Please answer the caller.",
    ),
    "origin_called_back": (
        "治本工程已验证,已转回访", "{number} 所涉问题的治本工程已验证有效,本件已转回访,由中心逐一回访来电人。",
        "The works have held: gone to call-back", "The works behind {number} have been proved. The order has gone to call-back: the centre calls every caller.",
    ),
    "supervised_case": (
        "列入督办", "{number} 已列入督办,请中心跟踪。",
        "Put under supervision", "{number} is now under supervision. Please follow it up.",
    ),
    "merged": (
        "已并单", "{number} 已与另一件并案办理。",
        "Merged", "{number} is now handled together with another case.",
    ),
    "mentioned": (
        "有人提到您", "{number} 的记录中提到了您,请查看。",
        "You were mentioned", "You were mentioned in the record of {number}.",
    ),
    "certificate_issued": (
        "证照已签发", "证照 {number} 已签发。凭纸上的二维码,谁都可以核验。",
        "Certificate issued", "Certificate {number} has been issued. Anybody can check it by the code on the paper.",
    ),
    "certificate_suspended": (
        "证照已暂停", "证照 {number} 已暂停使用,理由请向发证机关了解。",
        "Certificate suspended", "Certificate {number} is suspended. The issuing office tells you why.",
    ),
    "certificate_resumed": (
        "证照恢复使用", "证照 {number} 已恢复使用。",
        "Certificate valid again", "Certificate {number} is valid again.",
    ),
    "certificate_revoked": (
        "证照已撤销", "证照 {number} 已撤销,理由和救济途径请向发证机关了解。",
        "Certificate revoked", "Certificate {number} has been revoked. The issuing office tells you why, and how to appeal.",
    ),
    "certificate_replaced": (
        "证照已换发", "证照 {number} 已换发,旧证不再有效,以新证为准。",
        "Certificate replaced", "Certificate {number} has been replaced. The old one no longer holds; the new one does.",
    ),
    "certificate_change_asked": (
        "证照变动待批准", "有人申请变动证照 {number},请在“证照”里批准或退回。",
        "A change to a certificate waits", "A change to certificate {number} was asked for. Please decide on it under Certificates.",
    ),
    "booking_made": (
        "已预约", "已预约 {when},{where}。预约号 {number},查询码 {code},改约、取消都用得上。",
        "Booked", "Booked: {when}, {where}. Number {number}, code {code}: with them you can move or cancel it.",
    ),
    "booking_moved": (
        "已改约", "预约 {number} 已改到 {when},{where}。查询码 {code}。",
        "Booking moved", "Booking {number} is now {when}, {where}. Code {code}.",
    ),
    "booking_cancelled": (
        "预约已取消", "预约 {number}({when})已取消。",
        "Booking cancelled", "Booking {number} ({when}) has been cancelled.",
    ),
    "booking_reminder": (
        "明天的预约", "提醒:您约了 {when},{where}。预约号 {number},来不了请用查询码 {code} 取消。",
        "Your booking tomorrow", "A reminder: {when}, {where}. Number {number}. If you cannot come, cancel it with the code {code}.",
    ),
    "sealed": (
        "账本封印",
        "账本第 {number} 号封印,{at},共 {entries} 条,树根 {root},签名密钥 {key}。请把下面这一段存到本系统以外的地方,"
        "日后用 bihuan seal check 与数据库比对。\n\n{file}",
        "Seal of the ledger",
        "Seal {number} of the ledger, {at}: {entries} entries, root {root}, signed with key {key}. Keep what follows where this system"
        " cannot reach; bihuan seal check compares it with the database.\n\n{file}",
    ),
    DISCREET: (
        "事项进展", "编号 {number} 有新的进展,可凭编号查询。",
        "News", "There is news about {number}. Use the number to read it.",
    ),
}  # fmt: skip
for _path in sorted(PACKS.glob("*/notices.py")):
    TEXTS |= import_module(f"bihuan.packs.{_path.parent.name}.notices").TEXTS


def default_text(code: str, language: str) -> tuple[str, str] | None:
    """(subject, text) of a notice in a language, Chinese where there is no such language; None for an unknown code."""
    if code not in TEXTS:
        return None
    subject_zh, zh, subject_en, en = TEXTS[code]
    return (subject_en, en) if language == EN else (subject_zh, zh)


def templates_missing(codes: set[str]) -> list[tuple[str, str]]:
    """(code, language) of those notices that lack words or whose words lack the number; empty when all is well."""
    found = []
    for code in sorted(codes):
        for index, language in ((0, ZH), (2, EN)):
            words = TEXTS.get(code, ("", "", "", ""))
            if not words[index] or "{number}" not in words[index + 1]:
                found.append((code, language))
    return found
