"""The registers of sites and devices in words: what the audit page calls them, their entries and fields."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.manifest import Register
from bihuan.packs.fire.sites.kinds import DEVICES, GRADES, ITEMS, KINDS, RESULTS, TRADES, VISITS
from bihuan.packs.fire.sites.life import EVENTS

SITE_REGISTERS = {
    "fire.sites": Register(
        _("工地"),
        {
            "site_entered": _("登记工地"),
            "site_turned": _("登记工地阶段"),
            "site_joined": _("纳入平台"),
            "site_inspected": _("登记检查"),
            "accident_recorded": _("登记事故"),
            "worker_enrolled": _("登记人员"),
            "worker_entered": _("人员进场"),
            "worker_went": _("人员出场"),
            "worker_left": _("人员离场"),
            "unmasked": _("查看了个人信息"),
            "anonymised": _("清除个人信息"),
        },
        {
            "site": _("工地编号"),
            "name": _("工地名称"),
            "kind": _("类别"),
            "contractor": _("施工单位"),
            "contractor_unit": _("施工单位账号"),
            "supervision": _("监理单位"),
            "zone": _("所在园区"),
            "place": _("地点"),
            "permit": _("施工许可证号"),
            "permitted_on": _("施工许可日期"),
            "joined_on": _("纳入平台的日期"),
            "area": _("建筑面积(平方米)"),
            "project": _("项目编号"),
            "turn": _("登记什么"),
            "on": _("日期"),
            "inspection": _("检查编号"),
            "results": _("检查结果"),
            "happened_at": _("发生时间"),
            "grade": _("事故等级"),
            "deaths": _("死亡人数"),
            "injured": _("重伤人数"),
            "worker": _("人员编号"),
            "workers": _("人员编号"),
            "way": _("进出"),
            "passed_at": _("进出时间"),
            "trade": _("工种"),
            "certificate_until": _("证书有效期至"),
            **dict(ITEMS),
        },
        {
            "kind": {**dict(KINDS), **dict(VISITS)},
            "turn": {turn.code: turn.label for turn in EVENTS},
            "grade": dict(GRADES),
            "way": {"in": _("进场"), "out": _("出场")},
            "trade": dict(TRADES),
            **{code: dict(RESULTS) for code, _label in ITEMS},
        },
    ),
    "telemetry": Register(
        _("设备"),
        {"device_entered": _("登记设备"), "device_retired": _("撤下设备")},
        {
            "device": _("设备编号"),
            "code": _("设备报数用的编号"),
            "kind": _("设备种类"),
            "name": _("名称"),
            "subject": _("装在哪里"),
            "unit": _("监管单位"),
        },
        {"kind": {code: kind.label for code, kind in DEVICES.items()}},
    ),
}
