"""The hotline's first policies: Shandong's terms where they are known, else what is usual, to be set by each centre.

(code, value, unit, legal basis). rules.md A4 lists the sources; "unverified" ones say so in their basis. In a table of
limits "urgent" holds what is marked as urgent, and "urgent.danger" what was passed on to 110, 119, 120 or 122 (A2); both
run at night and on holidays.
"""

from typing import Any

from django.utils.translation import gettext_noop

WARN = ["0.8"]
TWICE = ["0.5", "0.8"]
JUDGED = (
    *("max_returns", "max_objections", "max_redos", "max_attempts", "max_self_attempts", "attempts_apart"),
    "appointment_days",
    *(
        "unmerge_hours",
        "final_return",
        "max_pauses",
        "max_pause_days",
        "max_pause_days_works",
        "redispatch_term",
        "superior_margin_hours",
    ),
)
"""Policies `hotline.…` whose values an order keeps among its facts from the day it was taken in."""
POLICIES: tuple[tuple[str, Any, str, str], ...] = (
    (
        "hotline.handle",
        {
            "default": {
                "number": 5,
                "unit": "working_day",
                "warnings": [{"number": 1, "unit": "working_day"}],
                "extension": {"max_number": 1, "max_length": 10},
            },
            "urgent": {"number": 24, "unit": "urgent_hour", "warnings": WARN, "pauses": False},
            "urgent.danger": {"number": 2, "unit": "urgent_hour", "warnings": TWICE, "pauses": False},
        },
        "limit",
        "鲁政办字〔2019〕211号:办理并答复5个工作日,延期不超过10个工作日;紧急件24小时、危及人身安全2小时参照北京做法(未核实)",
    ),
    (
        "hotline.handle_statutory",
        {
            "default": {
                "number": 60,
                "unit": "natural_day",
                "warnings": [{"number": 5, "unit": "natural_day"}],
            }
        },
        "limit",
        "《信访工作条例》60日(演示设定:作为法定上限)",
    ),
    (
        "hotline.sign",
        {
            "default": {"number": 4, "unit": "working_hour", "warnings": WARN},
            "urgent": {"number": 1, "unit": "urgent_hour", "warnings": WARN},
            "urgent.danger": {"number": 15, "unit": "minute", "warnings": WARN},
        },
        "limit",
        "演示设定",
    ),
    (
        "hotline.coordinate",
        {
            "default": {"number": 2, "unit": "working_hour", "warnings": WARN},
            "urgent": {"number": 30, "unit": "minute", "warnings": WARN},
            "urgent.danger": {"number": 10, "unit": "minute", "warnings": WARN},
        },
        "limit",
        "演示设定",
    ),
    (
        "hotline.receive",
        {
            "default": {"number": 1, "unit": "working_hour", "warnings": WARN},
            "urgent": {"number": 15, "unit": "minute", "warnings": WARN},
            "urgent.danger": {"number": 5, "unit": "minute", "warnings": WARN},
        },
        "limit",
        "演示设定:没有派出的件在中心也有时限",
    ),
    (
        "hotline.rule",
        {
            "default": {"number": 1, "unit": "working_day", "warnings": WARN},
            "urgent": {"number": 1, "unit": "urgent_hour", "warnings": WARN},
            "urgent.danger": {"number": 15, "unit": "minute", "warnings": WARN},
        },
        "limit",
        "演示设定:退单、异议、终止、拒绝协办由中心限期裁定",
    ),
    (
        "hotline.objection",
        {"default": {"number": 2, "unit": "working_day"}},
        "limit",
        "演示设定:派单异议与退单同期提出",
    ),
    (
        "hotline.return",
        {"default": {"number": 2, "unit": "working_day"}},
        "limit",
        "鲁政办字〔2019〕211号:退单不超过2个工作日并说明理由",
    ),
    (
        "hotline.call_back",
        {"default": {"number": 3, "unit": "working_day", "warnings": WARN}},
        "limit",
        "演示设定",
    ),
    (
        "hotline.assist",
        {"default": {"number": 3, "unit": "working_day", "warnings": WARN}},
        "limit",
        "协办件先于主办件到期(《北京市接诉即办工作条例》第14条)",
    ),
    (
        "hotline.review_levels",
        ["bureau_head", "reviewer"],
        "roles",
        "《济南市12345条例》第27条逐一审核;级数为演示设定",
    ),
    ("hotline.max_returns", 3, "times", "通行做法,演示设定"),
    (
        "hotline.final_return",
        3,
        "times",
        "《潍坊市12345条例》第22条:经裁定的单位不得再退;从第几次退单起,同意退单时的改派即为裁定(演示设定:与列入督办的次数一致)",
    ),
    ("hotline.max_objections", 1, "times", "演示设定"),
    ("hotline.max_pauses", 1, "times", "演示设定"),
    ("hotline.max_pause_days", 30, "days", "演示设定:挂起的最长天数,到期自行恢复计时"),
    (
        "hotline.max_pause_days_works",
        365,
        "days",
        "unverified: configuration(未核实,本地配置):等治本工程完工并验证的,挂起的最长天数",
    ),
    (
        "hotline.redispatch_term",
        "kept",
        "term",
        "对来电人的承诺不因改派重新起算(演示设定)",
    ),
    ("hotline.superior_margin_hours", 8, "hours", "演示设定:本级承诺比上级时限提前"),
    ("hotline.number_prefix", "RX", "prefix", "演示设定:编号开头的两个字母,各级中心各用一种"),
    ("hotline.max_redos", 3, "times", "演示设定:依法不能满足的,多次重办后解释办结"),
    ("hotline.max_attempts", 3, "times", "通行做法:不同时间三次未接通"),
    ("hotline.max_self_attempts", 3, "times", "演示设定:承办单位回访自查,不同时间三次未接通可以答复"),
    (
        "hotline.attempts_apart",
        {"hours": 2, "half_days": True},
        "apart",
        "通行做法:不同时间(演示设定:隔2小时并换半天)",
    ),
    ("hotline.appointment_days", 14, "days", "演示设定:约时再访最晚在几天以内"),
    (
        "hotline.call_hours",
        {"begin": "08:30", "end": "20:00"},
        "hours_of_day",
        "演示设定:不在休息时间打扰来电人;已约定的除外",
    ),
    (
        "hotline.ready_words",
        {
            "send_back.reason": [
                "答复没有回应来电人的主要诉求,请逐项答复。",
                "没有写明办理经过和结果,请补充。",
                "缺少现场照片或凭证,请补充。",
                "用语生硬,请改成来电人听得懂的话。",
            ],
            "redo_after_review.reason": [
                "答复没有回应来电人的主要诉求,请逐项办理并答复。",
                "只有计划没有结果,请办理到位后再答复。",
                "没有写明法律政策依据,请核实后写明。",
                "回访自查与答复内容不一致,请核实。",
                "缺少办理前后的照片或凭证,请补充。",
            ],
            "redo.reason": [
                "承办单位没有联系过来电人。",
                "问题没有解决,与答复内容不符。",
                "问题解决后又反复。",
                "来电人对处理结果不认可,要求重新核实。",
            ],
        },
        "words",
        "演示设定:常用理由,选用后可以修改(步骤.填写项)",
    ),
    ("hotline.unmerge_hours", 72, "hours", "演示设定"),
    ("hotline.answer_seconds", 15, "seconds", "GB/T 33358-2016:来电 15 秒内接听"),
    (
        "hotline.score_card",
        {
            "name": "东昌府区12345市民热线日考核制度",
            "version": "试行",
            "weights": {
                "response": 10,
                "resolution": 25,
                "satisfaction": 25,
                "understanding": 5,
                "on_time": 15,
                "signing": 5,
                "returned": 5,
                "redone": 5,
                "sampled": 5,
            },
            "least": 10,
            "shrink": 5,
            "bottom": 3,
            "months": 2,
            "close_days": 3,
            "lights": {"red": 70, "yellow": 80, "blue": 90},
            "public": False,
        },
        "score_card",
        "《东昌府区12345市民热线日考核制度(试行)》《工作问责办法(试行)》(S1);权重和门槛为演示设定",
    ),
    ("hotline.tenth_percent", 10, "percent", "一把手每日抽取10%回访(S1);比例可由各地设定"),
    (
        "hotline.tenth_of",
        "answered",
        "choice",
        "演示设定:从上次抽取以后答复的工单中抽取",
    ),
    ("hotline.tenth_rounding", "up", "choice", "演示设定:不足一件的按一件抽"),
    ("hotline.tenth_days", "working", "choice", "演示设定:节假日不抽,顺延到下一个工作日一并抽"),
    (
        "hotline.tenth_term",
        {"number": 1, "unit": "working_day"},
        "limit",
        "演示设定:抽取后的下一个工作日结束前签字上报",
    ),
    (
        "hotline.call_days",
        90,
        "days",
        "《个人信息保护法》第19条:保存期限为实现目的所必要的最短时间;天数为演示设定",
    ),
    (
        "hotline.named.first_responsibility",
        "东昌府区12345市民热线首接负责制(试行)",
        "named",
        "S1 所载的制度名称和版本",
    ),
    ("hotline.named.first_asked", "首问负责制度", "named", "S1 所载的制度名称;版本由中心补充"),
    ("hotline.named.call_back", "回访制度", "named", "S1 所载的制度名称;版本由中心补充"),
    ("hotline.keep_days", 1825, "days", "《个人信息保护法》第19条:办结后个人信息保存期限;天数为演示设定"),
    ("hotline.keep_attachment_days", 1095, "days", "演示设定:办结后附件保存期限"),
    ("hotline.keep_recording_days", 730, "days", "演示设定:录音地址保存期限"),
    ("supervise_after", 3, "times", "三次重办或三次退单列入督办(演示设定)"),
)
RULE_LABELS = {
    "hotline.handle": gettext_noop("办理时限"),
    "hotline.handle_statutory": gettext_noop("法定办理时限"),
    "hotline.sign": gettext_noop("签收时限"),
    "hotline.coordinate": gettext_noop("协调时限"),
    "hotline.return": gettext_noop("退单时限"),
    "hotline.call_back": gettext_noop("回访时限"),
    "hotline.assist": gettext_noop("协办时限"),
    "hotline.review_levels": gettext_noop("审核级数"),
    "hotline.max_returns": gettext_noop("退单次数上限"),
    "hotline.max_objections": gettext_noop("派单异议次数上限"),
    "hotline.receive": gettext_noop("受理时限"),
    "hotline.rule": gettext_noop("裁定时限"),
    "hotline.objection": gettext_noop("异议期限"),
    "hotline.max_pauses": gettext_noop("挂起次数上限"),
    "hotline.max_pause_days": gettext_noop("挂起天数上限"),
    "hotline.max_pause_days_works": gettext_noop("等治本工程的挂起天数上限"),
    "hotline.redispatch_term": gettext_noop("改派后的办理时限"),
    "hotline.superior_margin_hours": gettext_noop("比上级时限提前"),
    "hotline.number_prefix": gettext_noop("编号开头"),
    "hotline.max_redos": gettext_noop("重办次数上限"),
    "hotline.max_attempts": gettext_noop("回访次数上限"),
    "hotline.final_return": gettext_noop("从第几次退单起改派即为裁定"),
    "hotline.max_self_attempts": gettext_noop("回访自查次数上限"),
    "hotline.attempts_apart": gettext_noop("两次回访相隔"),
    "hotline.appointment_days": gettext_noop("约时再访最晚在几天以内"),
    "hotline.call_hours": gettext_noop("可以回访的时间"),
    "hotline.ready_words": gettext_noop("常用理由"),
    "hotline.unmerge_hours": gettext_noop("可撤销并单的时间"),
    "hotline.answer_seconds": gettext_noop("接听时限"),
    "hotline.score_card": gettext_noop("考核计分办法"),
    "hotline.tenth_percent": gettext_noop("一把手抽访的比例"),
    "hotline.tenth_of": gettext_noop("一把手抽访从哪些工单中抽"),
    "hotline.tenth_rounding": gettext_noop("一把手抽访不足一件的怎样算"),
    "hotline.tenth_days": gettext_noop("一把手抽访哪些天抽"),
    "hotline.tenth_term": gettext_noop("一把手抽访签字时限"),
    "hotline.call_days": gettext_noop("没有成件的来电号码保留"),
    "hotline.named.first_responsibility": gettext_noop("首接负责制的名称和版本"),
    "hotline.named.first_asked": gettext_noop("首问负责制度的名称和版本"),
    "hotline.named.call_back": gettext_noop("回访制度的名称和版本"),
    "hotline.keep_days": gettext_noop("办结后个人信息保留"),
    "hotline.keep_attachment_days": gettext_noop("办结后附件保留"),
    "hotline.keep_recording_days": gettext_noop("录音地址保留"),
    "supervise_after": gettext_noop("几次后列入督办"),
}
"""Each rule in words."""
NAMED_RULES = {
    "hotline.named.first_responsibility": (
        *("return", "accept_return", "refuse_return", "object", "rule", "assist"),
        *("refuse_assistance", "insist", "hand_over"),
    ),
    "hotline.named.first_asked": (
        "dispatch",
        "coordinate",
        "answer_at_seat",
        "decline",
        "hand_back",
        "assign",
    ),
    "hotline.named.call_back": ("self_call_back", "attempt", "evaluate", "redo", "close_unreached"),
}
"""Which steps the three regulations that S1 names bind (首接负责制(试行);首问负责和回访制度)."""
RULE_CHOICES = {
    "hotline.tenth_of": {
        "answered": gettext_noop("答复的"),
        "closed": gettext_noop("办结的"),
        "received": gettext_noop("签收的"),
    },
    "hotline.tenth_rounding": {
        "up": gettext_noop("按一件算"),
        "nearest": gettext_noop("四舍五入"),
        "down": gettext_noop("舍去"),
    },
    "hotline.tenth_days": {"working": gettext_noop("工作日"), "all": gettext_noop("每天")},
}
"""The values of rules that are a choice, in words."""
LIMIT_KEYS = {
    "default": gettext_noop("一般"),
    "urgent": gettext_noop("紧急"),
    "urgent.danger": gettext_noop("危及人身安全"),
}
"""The keys of a table of limits in words."""
