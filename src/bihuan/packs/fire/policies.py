"""The first limits and ratios of fire review, which each region then sets for itself (rules.md C; S0)."""

from typing import Any

from django.utils.translation import gettext_noop

from bihuan.packs.fire.legacy.rules import TIMES, times_fault
from bihuan.packs.fire.sites.policies import HAZARD_DAYS, SITE_CHOICES, SITE_LABELS, SITE_POLICIES
from bihuan.packs.fire.special.rules import NATIONAL

RATIO = "山东省的比例未查到,按吉林做法演示设定"
DAY_BEFORE = [{"number": 1, "unit": "working_day"}]


def _days(number: int) -> dict[str, Any]:
    return {"default": {"number": number, "unit": "working_day", "warnings": DAY_BEFORE}}


POLICIES: tuple[tuple[str, Any, str, str], ...] = (
    ("fire.special", NATIONAL, "table", "住建部令第51号第14条;一类高层住宅按 GB 50016"),
    ("fire.accept", _days(5), "limit", "行政许可法第32条:当场或5个工作日内一次性告知,逾期即为受理"),
    ("fire.review_statutory", _days(15), "limit", "住建部令第51号:设计审查15个工作日"),
    ("fire.acceptance_statutory", _days(15), "limit", "住建部令第51号:验收“十五日”按工作日计(未核实,可改)"),
    (
        "fire.acceptance_natural",
        {"default": {"number": 15, "unit": "natural_day"}},
        "limit",
        "住建部令第51号:验收“十五日”没有写明工作日,同时提示按自然日的第十五日(未核实)",
    ),
    ("fire.handle", _days(7), "limit", "容后分步按类验收备案核查办法:验收类7个工作日(S0)"),
    ("fire.check_statutory", _days(15), "limit", "住建部令第51号:自抽中之日起15个工作日"),
    ("fire.check", _days(5), "limit", "容后分步按类验收备案核查办法:备案抽查类5个工作日(S0)"),
    ("fire.recheck", _days(7), "limit", "住建部令第51号:复查7个工作日"),
    (
        "fire.sampling",
        {"least": 2, "again": 4, "grade_c": 1, "percent": 5},
        "table",
        "GA 836:每子项不少于2处,不多于2处的全查;B类1处不合格再抽4处;误差不大于5%且不影响使用;C类放过1处为演示设定",
    ),
    ("fire.expert_send", _days(5), "limit", "住建部令第51号第22条:5个工作日内报省"),
    ("fire.expert_meeting", _days(10), "limit", "住建部令第51号第24条:收到之日起10个工作日内召开评审会"),
    ("fire.expert", _days(20), "limit", "住建部令第51号:专家评审时间不计入审查期限,最长20个工作日"),
    ("fire.legacy", _days(20), "limit", "演示设定:历史遗留项目每一步20个工作日(实施方案没有公开,未核实)"),
    ("fire.times", TIMES, "json", "2019年6月30日起职能划归住建部门(S0);各版标准的施行日期为常识,未核实,可改"),
    ("fire.correct", _days(15), "limit", "演示设定:补正期限由省定(未核实)"),
    ("fire.correct_lapses", "withdrawn", "choice", "演示设定:逾期未补正的视为撤回(未核实);也可以只提醒"),
    ("fire.small_investment", 300_000, "yuan", "建筑工程施工许可管理办法:投资额30万元以下(未核实,省可调整)"),
    (
        "fire.small_area",
        300,
        "square_metres",
        "建筑工程施工许可管理办法:建筑面积300平方米以下(未核实,省可调整)",
    ),
    ("fire.small_files", "files", "choice", "演示设定:限额以下的其他建设工程仍办备案(各省不同,未核实)"),
    (
        "fire.clear",
        {"default": {"number": 60, "unit": "natural_day", "warnings": DAY_BEFORE}},
        "limit",
        "演示设定:交办时定日期,最长60天",
    ),
    ("fire.finding", {**_days(15), **HAZARD_DAYS}, "limit", "演示设定:自告知建设单位起15个工作日内整改"),
    ("fire.partial", "allowed", "choice", "演示设定:局部验收由省定(未核实);只限能独立使用、使用安全的部分"),
    ("fire.file_within", 5, "days", "住建部令第51号:竣工验收合格之日起5个工作日内备案"),
    ("fire.draw_crowded", 50, "percent", f"{RATIO}:人员密集场所50%"),
    ("fire.draw_other", 10, "percent", f"{RATIO}:其他10%"),
    ("fire.draw_punished", 100, "percent", f"{RATIO}:曾因未依法备案受罚的100%"),
    ("fire.draw_inspectors", 2, "people", "演示设定:每个抽中的项目随机抽2名检查人员"),
    *SITE_POLICIES,
)
RULE_LABELS = {
    "fire.special": gettext_noop("特殊建设工程的界线"),
    "fire.accept": gettext_noop("受理时限"),
    "fire.review_statutory": gettext_noop("设计审查法定时限"),
    "fire.acceptance_statutory": gettext_noop("验收法定时限"),
    "fire.acceptance_natural": gettext_noop("验收按自然日的第十五日"),
    "fire.handle": gettext_noop("审查、验收承诺时限"),
    "fire.check_statutory": gettext_noop("抽查法定时限"),
    "fire.check": gettext_noop("抽查承诺时限"),
    "fire.recheck": gettext_noop("复查时限"),
    "fire.sampling": gettext_noop("现场评定抽样和误差"),
    "fire.clear": gettext_noop("堵点疏通时限"),
    "fire.finding": gettext_noop("问题整改时限"),
    "fire.expert_send": gettext_noop("特殊消防设计报省时限"),
    "fire.expert_meeting": gettext_noop("专家评审会时限"),
    "fire.expert": gettext_noop("专家评审不计入期限的最长时间"),
    "fire.legacy": gettext_noop("历史遗留项目每一步的时限"),
    "fire.times": gettext_noop("各时期的主管机关和标准"),
    "fire.correct": gettext_noop("补正期限"),
    "fire.correct_lapses": gettext_noop("逾期未补正"),
    "fire.small_investment": gettext_noop("限额以下:投资额低于(元)"),
    "fire.small_area": gettext_noop("限额以下:建筑面积低于(平方米)"),
    "fire.small_files": gettext_noop("限额以下的其他建设工程"),
    "fire.partial": gettext_noop("局部验收"),
    "fire.file_within": gettext_noop("竣工后几个工作日内备案"),
    "fire.draw_crowded": gettext_noop("抽查比例:人员密集场所"),
    "fire.draw_other": gettext_noop("抽查比例:其他"),
    "fire.draw_punished": gettext_noop("抽查比例:曾因未备案受罚"),
    "fire.draw_inspectors": gettext_noop("每个项目抽几名检查人员"),
    **SITE_LABELS,
}
RULE_CHOICES = {
    "fire.times": {
        "authority": gettext_noop("主管机关"),
        "building": gettext_noop("建筑"),
        "petrochemical": gettext_noop("石油化工"),
    },
    "fire.correct_lapses": {"withdrawn": gettext_noop("视为撤回"), "reminded": gettext_noop("只提醒,不撤回")},
    "fire.small_files": {"files": gettext_noop("仍办备案"), "exempt": gettext_noop("不用备案")},
    "fire.partial": {"allowed": gettext_noop("可以办理"), "closed": gettext_noop("不办理")},
    "fire.special": {
        "1": gettext_noop("第一项,平方米"),
        "2": gettext_noop("第二项,平方米"),
        "3": gettext_noop("第三项,平方米"),
        "4": gettext_noop("第四项,平方米"),
        "5": gettext_noop("第五项,平方米"),
        "6": gettext_noop("第六项,平方米"),
        "7_height": gettext_noop("一类高层住宅,米"),
        "12": gettext_noop("其他公共建筑,平方米"),
        "12_height": gettext_noop("其他公共建筑,米"),
    },
    "fire.sampling": {
        "least": gettext_noop("每个子项至少几处"),
        "again": gettext_noop("B类一处不合格再抽几处"),
        "grade_c": gettext_noop("C类放过几处"),
        "percent": gettext_noop("误差不大于百分之几"),
    },
    **SITE_CHOICES,
}
"""The lines of the table of thresholds in words, a project above one of which is special, and those of the table of sampling."""
SIGNERS = 2
"""So many different inspectors sign an evaluation, and at least one of the owner's people."""


def inspectors_fault(number: Any) -> str:
    """Why so many inspectors cannot be drawn, in words: a spot check needs the signatures of two; "" they can."""
    return gettext_noop("至少抽 2 名:抽查结果要两名检查人员签字。") if number < SIGNERS else ""


RULE_FAULTS = {"fire.draw_inspectors": inspectors_fault, "fire.times": times_fault}
"""What only this field can say of a value."""
CLOCK_LABELS = {
    "expert_send": gettext_noop("报省时限"),
    "expert_meeting": gettext_noop("评审会时限"),
    "expert": gettext_noop("专家评审时间"),
    "legacy": gettext_noop("本步时限"),
    "correct": gettext_noop("补正期限"),
    "accept": gettext_noop("受理时限"),
    "fifteenth": gettext_noop("第十五日(按自然日)"),
    "spot_check": gettext_noop("抽查时限"),
    "recheck": gettext_noop("复查时限"),
    "clear": gettext_noop("疏通时限"),
    "finding": gettext_noop("整改时限"),
}
CLOCKS = {
    "accept": {"promised": "fire.accept"},
    "correct": {"term": "fire.correct"},
    "legacy": {"promised": "fire.legacy"},
    "expert_send": {"promised": "fire.expert_send"},
    "expert_meeting": {"promised": "fire.expert_meeting"},
    "expert": {"term": "fire.expert"},
    "handle": {"promised": "fire.handle", "statutory": "fire.review_statutory"},
    "fifteenth": {"term": "fire.acceptance_natural"},
    "spot_check": {"promised": "fire.check", "statutory": "fire.check_statutory"},
    "recheck": {"promised": "fire.recheck"},
    "clear": {"promised": "fire.clear"},
    "finding": {"promised": "fire.finding"},
}
WORKFLOW_CLOCKS = {
    "acceptance": {"handle": {"promised": "fire.handle", "statutory": "fire.acceptance_statutory"}}
}
"""Whose limits are set apart from the review's."""
