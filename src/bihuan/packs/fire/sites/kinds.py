"""What stands on a site: kinds of devices with what they measure, trades, and the items of an inspection.

Ranges are those of common sensors; limits are policies (`sites/policies.py`). Items after JGJ 59-2011 建筑施工安全检查标准 and
GB 50720-2011 建设工程施工现场消防安全技术规范, shortened.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop

from bihuan.telemetry.rules import Kind, Metric

KINDS = (("housing", gettext_noop("房屋建筑")), ("municipal", gettext_noop("市政工程")))
STAGES = (
    ("permitted", gettext_noop("已许可,未开工")),
    ("building", gettext_noop("在建")),
    ("stopped", gettext_noop("停工")),
    ("accepted", gettext_noop("已竣工验收")),
)
GRADES = (
    ("minor", gettext_noop("一般事故")),
    ("larger", gettext_noop("较大事故")),
    ("major", gettext_noop("重大事故")),
    ("gravest", gettext_noop("特别重大事故")),
)
DEVICES = {
    kind.code: kind
    for kind in (
        Kind(
            "tower_crane", "塔机",
            (
                Metric("moment", gettext_noop("力矩比"), "%", 0, 200, policy="fire.limit_moment"),
                Metric("wind", gettext_noop("风速"), "m/s", 0, 60, policy="fire.limit_wind"),
            ),
        ),
        Kind("dust", "扬尘", (Metric("pm10", gettext_noop("PM10"), "μg/m³", 0, 5_000, policy="fire.limit_pm10"),)),
        Kind("noise", "噪声", (Metric("level", gettext_noop("等效声级"), "dB(A)", 20, 140, policy="fire.limit_noise"),)),
        Kind(
            "fire_water", "消防水压",
            (Metric("pressure", gettext_noop("压力"), "kPa", 0, 2_500, below=True, policy="fire.limit_pressure"),),
        ),
    )
}  # fmt: skip
TRADES = (
    ("manager", "管理人员"),
    ("steel", "钢筋工"),
    ("carpenter", "木工"),
    ("mason", "砌筑工"),
    ("electrician", "电工"),
    ("welder", "焊工"),
    ("scaffolder", "架子工"),
    ("crane", "塔机司机"),
    ("fitter", "消防设施安装工"),
    ("other", "其他"),
)
CERTIFIED = frozenset(("electrician", "welder", "scaffolder", "crane"))
"""Trades that need a certificate (建筑施工特种作业人员管理规定, 建质〔2008〕75号)."""
ITEMS = (
    ("access", "消防车道、临时疏散通道畅通"),
    ("water", "临时消防给水和消火栓有水有压"),
    ("extinguishers", "灭火器配置齐全有效"),
    ("hot_work", "动火作业有审批、有监护"),
    ("electricity", "临时用电符合规定"),
    ("storage", "易燃易爆物品分类存放"),
    ("scaffold", "脚手架、临边洞口防护"),
    ("lifting", "起重机械检验合格、操作持证"),
)
RESULTS = (("pass", "符合"), ("fail", "不符合"), ("none", "无此项"))
HAZARD_GRADES = (("general", gettext_noop("一般隐患")), ("major", gettext_noop("重大隐患")))
SOURCES = (
    ("inspection", gettext_noop("检查发现")),
    ("alarm", gettext_noop("设备报警")),
    ("report", gettext_noop("巡查上报")),
)
MAJOR = frozenset((("tower_crane", "moment"),))
"""Alarms of these kinds of devices and metrics are major hazards."""
VISITS = (("routine", "日常检查"), ("special", "专项检查"), ("recheck", "复查"))
