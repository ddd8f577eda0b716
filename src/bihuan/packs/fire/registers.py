"""The register of fire review in words: what the audit page calls it, its entries and fields."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.pack import Register
from bihuan.packs.fire.legacy.rules import ROUTES, SITUATIONS
from bihuan.packs.fire.projects.phases import CLASSES, PHASES
from bihuan.packs.fire.sites.registers import SITE_REGISTERS

REGISTERS = {
    "fire": Register(
        _("消防"),
        {
            "project_entered": _("登记项目"),
            "precheck_passed": _("提前核查通过"),
            "precheck_revoked": _("撤销提前核查"),
            "conflict_declared": _("申报回避"),
            "ruling_entered": _("登记裁定"),
            "drawn": _("抽取检查"),
            "expert_entered": _("登记专家"),
            "expert_recused": _("专家回避"),
            "experts_called": _("召集评审会"),
            "experts_voted": _("登记专家意见"),
            "legacy_listed": _("历史遗留项目列入"),
            "owner_stepped": _("建设单位办理"),
            "design_changed": _("设计变更"),
            "stages_planned": _("登记验收阶段"),
        },
        {
            "project": _("项目编号"),
            "name": _("项目名称"),
            "use": _("使用性质"),
            "area": _("建筑面积(平方米)"),
            "height": _("建筑高度(米)"),
            "contains": _("设有"),
            "special": _("特殊建设工程"),
            "row": _("第十四条第几项"),
            "works": _("单体工程"),
            "kind": _("类别"),
            "phase": _("时段"),
            "phases": _("时段"),
            "deferred": _("容后补交"),
            "cases": _("退回的件"),
            "ruling": _("裁定编号"),
            "clauses": _("相冲突的条文"),
            "said": _("裁定"),
            "reason": _("理由"),
            "scope": _("适用范围"),
            "words": _("凭哪些词找到"),
            "draw": _("抽取编号"),
            "record": _("抽取记录"),
            "stages": _("阶段"),
            "changed": _("变更内容"),
            "batch": _("批次"),
            "expert": _("专家编号"),
            "experts": _("专家编号"),
            "votes": _("专家意见"),
            "situation": _("当时办到哪一步"),
            "decided_on": _("当时的日期"),
            "route": _("路径"),
            "standard": _("适用的技术标准"),
            "authority": _("当时的主管机关"),
        },
        {
            "kind": dict(CLASSES),
            "phase": dict(PHASES),
            "phases": dict(PHASES),
            "route": dict(ROUTES),
            "situation": dict(SITUATIONS),
        },
    ),
    **SITE_REGISTERS,
}
