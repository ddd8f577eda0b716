"""What must be handed in, by kind of application; what is missing is told once and completely. Data (住建部令第51号; rules.md C2)."""

from __future__ import annotations

from typing import NamedTuple


class Material(NamedTuple):
    """A document: code, name, and whether the law may not ask for it in a case."""

    code: str
    name: str
    conditional: bool = False


MATERIALS: dict[str, tuple[Material, ...]] = {
    "design": (
        Material("application", "特殊建设工程消防设计审查申请表"),
        Material("design_documents", "消防设计文件"),
        Material("planning_permit", "建设工程规划许可文件", conditional=True),
        Material("temporary_approval", "临时性建筑批准文件", conditional=True),
    ),
    "acceptance": (
        Material("application", "特殊建设工程消防验收申请表"),
        Material("completion_report", "工程竣工验收报告"),
        Material("as_built", "涉及消防的建设工程竣工图纸"),
    ),
    "filing": (
        Material("application", "建设工程消防验收备案表"),
        Material("completion_report", "工程竣工验收报告", conditional=True),
        Material("as_built", "涉及消防的建设工程竣工图纸", conditional=True),
        Material("commitment", "告知承诺书", conditional=True),
    ),
}
"""By kind of application. What is conditional may be marked as not asked for by law; for a filing by commitment the form and
the commitment are enough (令58)."""
HAVE, MISSING, NOT_NEEDED = "have", "missing", "not_needed"
MARKS = ((HAVE, "有"), (NOT_NEEDED, "依法不需要"), (MISSING, "缺"))
CERTAIN_MARKS = ((HAVE, "有"), (MISSING, "缺"))

ITEMS = (
    ("class_and_rating", "建筑类别与耐火等级"),
    ("site_layout", "总平面布局"),
    ("floor_layout", "平面布置"),
    ("facade", "外墙、屋面保温和建筑外墙装饰"),
    ("interior", "建筑内部装修防火"),
    ("separation", "防火分隔"),
    ("explosion", "防爆"),
    ("evacuation", "安全疏散"),
    ("fire_lift", "消防电梯"),
    ("hydrants", "消火栓系统"),
    ("sprinklers", "自动喷水灭火系统"),
    ("alarm", "火灾自动报警系统"),
    ("smoke", "防烟排烟及通风空调系统"),
    ("electricity", "消防电气"),
    ("extinguishers", "建筑灭火器"),
    ("foam", "泡沫灭火系统"),
    ("gas", "气体灭火系统"),
)
"""The 17 items of an on-site evaluation (rules.md C2)."""
PASS, FAIL, NONE = "pass", "fail", "none"
RESULTS = ((PASS, "合格"), (NONE, "无此项"), (FAIL, "不合格"))

CONDITIONS = (
    ("works_completed", "消防设计和合同约定的消防内容已全部完成"),
    ("records_complete", "有完整的工程消防技术档案和施工管理资料(含材料进场试验报告)"),
    ("parts_accepted", "各分部分项已验收合格,设计、施工、监理、技术服务单位都确认质量合格"),
    ("systems_tested", "消防设施性能、系统功能联调联试检测合格"),
)
"""The owner's own inspection (消防查验, art. 27): without all four there is no completion report."""
