"""The hotline's rules: pure functions of a frozen value. Each docstring is the sentence that a refusal shows.

Sources: rules.md A1-A8; 《东昌府区12345市民热线首接负责制(试行)》 (S1); 《潍坊市12345条例》 art. 19-26;
《济南市12345条例》 art. 24-32; 《北京市接诉即办工作条例》 art. 10-25. Numbers are policy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bihuan.kernel.cases.facts import CaseFacts, Named
from bihuan.kernel.evaluation.rules import is_another_time

TYPES = (
    ("enquiry", "咨询"),
    ("help", "求助"),
    ("complaint", "投诉"),
    ("report", "举报"),
    ("suggestion", "建议"),
    ("praise", "表扬"),
    ("other", "其他"),
    ("invalid", "无效"),
)
CHANNELS = (
    ("telephone", "电话"),
    ("province", "省平台"),
    ("city", "市平台"),
    ("app", "手机应用"),
    ("wechat", "微信"),
    ("web", "网站"),
    ("sms", "短信"),
    ("email", "邮件"),
    ("import", "导入"),
)
OUTCOMES = (
    ("done", "已办结"),
    ("longer_term", "法定期限更长:告知进展与期限"),
    ("impossible", "客观上暂不能解决:告知措施与日期"),
    ("unlawful", "诉求与法律政策不符:已解释"),
)
"""The four outcomes that an answer must fit (Jinan art. 24; rules.md A6)."""
OUTCOMES_EXPLAINED = (
    ("done", "事情已经办好,写明怎么办的、什么时候办好、来电人怎么说。"),
    ("longer_term", "法律给的时间比工单长(如许可、检测),写明办到哪一步、哪一天办完。"),
    ("impossible", "该办但眼下办不了(如缺资金、要等工程),写明先做什么、到哪一天解决。"),
    ("unlawful", "法律政策不允许,写明是哪一条、已经怎样向来电人解释。"),
)
"""What each of them means, for whoever answers."""
DECLINE_REASONS = (
    ("other_route", "应当通过诉讼、仲裁、纪检监察、行政复议、政府信息公开等途径"),
    ("petition", "已进入信访程序"),
    ("secret", "涉及国家秘密、商业秘密、个人隐私或违背公序良俗"),
    ("decided", "已依法作出结论"),
    ("other", "其他不予受理的情形"),
)
"""Weifang art. 19 (rules.md A2)."""
RETURN_GROUNDS = (("territory", "不在本单位辖区"), ("duty", "明确不属于本单位职责"))
EMERGENCY = (("110", "110 公安"), ("119", "119 消防"), ("120", "120 急救"), ("122", "122 交警"))
PAUSE_GROUNDS = (
    ("hearing", "听证"),
    ("testing", "检验、检测、检疫"),
    ("appraisal", "鉴定"),
    ("expert", "专家评审"),
    ("material", "等待来电人补充材料"),
    ("other_body", "等待其他机关的结论"),
    ("conditions", "季节、天气等客观条件不具备"),
    ("works", "等治本工程完工并验证"),
)
EXCLUDED_BY_LAW = ("hearing", "testing", "appraisal", "expert")
"""On these grounds the law does not count the time (《行政许可法》 art. 45): the statutory limit stands still too."""
LAWFUL_NO = ("impossible", "unlawful")
SUM_CLAIMED = re.compile(r"[0-9〇零一二三四五六七八九十百千万两]\s*(元|块)")
NOBODY = Named(answered=False, same_matter=False, same_caller=None)


@dataclass(frozen=True, slots=True)
class Facts:
    """A citizen's order as its guards see it."""

    case: CaseFacts

    @property
    def type(self) -> str:
        return str(self.case.facts.get("type", "other"))

    @property
    def outcome(self) -> str:
        return str(self.case.facts.get("outcome", ""))

    @property
    def accused(self) -> frozenset[int]:
        """The units that are complained of, by this caller and by those whose orders were merged into this one."""
        return frozenset(self.case.facts.get("accused", ()))

    @property
    def earlier(self) -> Named | None:
        """The case named as the earlier one; None while none is named."""
        named = self.chosen("earlier")
        return None if named is None else self.case.named.get(named, NOBODY)

    def chosen(self, name: str) -> int | None:
        value = self.case.data.get(name)
        return int(value) if value is not None else None


def judge(case: CaseFacts) -> Facts:
    """The value that the guards below judge."""
    return Facts(case)


def may_be_answered_at_seat(facts: Facts) -> bool:
    """投诉和举报要派给责任单位办理,不能在席位直接答复。"""
    return facts.type not in ("complaint", "report")


def route_is_named(facts: Facts) -> bool:
    """应当走诉讼、仲裁、复议等途径的,要告知来电人正确的途径(《潍坊市12345条例》第19条)。"""
    return facts.case.data.get("reason") != "other_route" or bool(facts.case.data.get("route"))


def unit_is_not_accused(facts: Facts) -> bool:
    """被举报、被投诉的单位不能办理本件(《济南市12345条例》第32条)。"""
    return facts.chosen("unit") not in facts.accused


def unit_may_hold_matter(facts: Facts) -> bool:
    """部门职责范围内的事项不得派给乡镇、街道(国务院办公厅2025年关于12345热线的意见)。"""
    unit = facts.chosen("unit")
    if unit is None or facts.case.kinds.get(unit) != "township":
        return True
    told = (
        facts.case.matter
        if facts.case.data.get("matter")
        else {"township": facts.case.facts.get("township_matter")}
    )
    return bool(told.get("township"))


def assisting_are_others(facts: Facts) -> bool:
    """协办单位不能是主办单位自己,也不能是被反映的单位。"""
    units = facts.case.data.get("units", ())
    return facts.case.unit not in units and facts.accused.isdisjoint(units)


def unit_has_called_back(facts: Facts) -> bool:
    """答复前,承办单位要先回访来电人(回访自查);未接通的,要在不同时间回访满规定次数。"""
    told = facts.case.facts
    tried = len(told.get("self_attempted_at", ()))
    return bool(
        told.get("self_called_back")
        or not told.get("reachable", True)
        or tried >= int(told.get("max_self_attempts", 3))
    )


def self_attempt_is_at_another_time(facts: Facts) -> bool:
    """没有接通的,换一个半天、间隔不少于规定的小时数再回访。"""
    if facts.case.data.get("reached") != "no":
        return True
    return is_another_time(facts.case.facts.get("self_attempted_at", ()), facts)


def earlier_is_answered(facts: Facts) -> bool:
    """原工单要已经办结并有答复(《济南市12345条例》第25条)。"""
    return facts.earlier is None or facts.earlier.answered


def earlier_is_the_same(facts: Facts) -> bool:
    """重复诉求要与原工单是同一事项、同一来电人;来电人自己点“再次反映”的,就是同一件。"""
    earlier = facts.earlier
    return earlier is None or earlier.is_origin or (earlier.same_matter and earlier.same_caller is not False)


def nothing_is_new(facts: Facts) -> bool:
    """有新事实或者新理由的不是重复诉求,请照常办理(《济南市12345条例》第25条)。"""
    data = facts.case.data
    return bool(data.get("same_facts", True) and data.get("same_reasons", True))


def nobody_else_waits(facts: Facts) -> bool:
    """本件并入了别人的诉求,不能按重复诉求办结,请先撤销并单。"""
    return not facts.case.marked("merged")


def sum_is_of_an_agreement(facts: Facts) -> bool:
    """没有达成一致的,不填达成金额。"""
    return facts.case.data.get("result", "agreed") == "agreed" or "sum" not in facts.case.data


def agreed_sum_is_told(facts: Facts) -> bool:
    """要求里有金额的,达成一致时要填写达成金额。"""
    claimed = SUM_CLAIMED.search(str(facts.case.data.get("claim", "")))
    return facts.case.data.get("result") != "agreed" or not claimed or "sum" in facts.case.data


def date_is_given(facts: Facts) -> bool:
    """期限更长或暂不能解决的,要写明期限或日期(《济南市12345条例》第24条)。"""
    return facts.case.data.get("outcome") not in ("longer_term", "impossible") or "until" in facts.case.data


def appointment_is_ahead(facts: Facts) -> bool:
    """约时再访的,要写明以后的日期和时间,并在规定的天数以内;其他情况不填再访时间。"""
    result, again = facts.case.data.get("result"), facts.case.data.get("again")
    if result != "later" or again is None:
        return result != "later" and again is None
    most = timedelta(days=int(facts.case.facts.get("appointment_days", 14)))
    return facts.case.now < datetime.fromisoformat(again) <= facts.case.now + most


def sample_found_discontent(facts: Facts) -> bool:
    """单位负责人抽访登记来电人不满意的,才能这样重办。"""
    return facts.case.marked("sample_discontent")


def comes_from_above(facts: Facts) -> bool:
    """只有上级中心下发的工单才有这一步。"""
    return bool(facts.case.superior.get("peer"))


def ends_here(facts: Facts) -> bool:
    """上级中心下发的工单,要审核后报上级,或退回上级,不能在本级了结。"""
    return not facts.case.superior.get("peer")


def is_handled_here(facts: Facts) -> bool:
    """交给下级中心办理的工单,由下级中心答复。"""
    return not facts.case.facts.get("below")


def went_below(facts: Facts) -> bool:
    """只有交给下级中心办理的工单才有这一步。"""
    return bool(facts.case.facts.get("below"))


def no_answer_from_above_waits(facts: Facts) -> bool:
    """已向上级申请延期,在等上级答复。"""
    return not facts.case.marked("asked_above")


def superior_takes_back(facts: Facts) -> bool:
    """退回上级的次数已到上级规定的上限,要在本级办理。"""
    most = facts.case.superior.get("return_count")
    return most is None or int(facts.case.progress.get("returned_up", 0)) < int(most)


def superior_term_runs(facts: Facts) -> bool:
    """退回上级要在上级规定的期限内,期限已过,要在本级办理。"""
    until = facts.case.superior.get("return_until")
    return until is None or facts.case.now <= datetime.fromisoformat(until)


def redo_is_open(facts: Facts) -> bool:
    """已多次重办且诉求依法不能满足,请由中心解释后办结。"""
    return not (
        facts.outcome in LAWFUL_NO and facts.case.redo_count >= int(facts.case.facts.get("max_redos", 3))
    )


def is_lawfully_impossible(facts: Facts) -> bool:
    """只有客观不能或与法律政策不符、并且重办核实过的件,才能解释办结。"""
    return facts.outcome in LAWFUL_NO and facts.case.redo_count >= 1
