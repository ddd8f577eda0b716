"""What the items of the demonstration say in English: their places, hours, conditions and materials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PLACES_EN = "Comprehensive windows, first floor, district service centre"
HOURS_EN = "Working days 8:30-12:00 and 14:00-17:30; also over lunch and on Saturday mornings"
CONDITIONS_EN: Mapping[str, str] = {
    "食品经营许可(新办)": "Premises and equipment that suit the kinds and amounts of food; somebody in charge of food safety, and its rules.",
    "公共场所卫生许可": "Site, facilities, air and utensils meet the hygiene standards.",
    "人力资源服务许可": "Articles and rules of management; fixed premises with what they need; three full-time staff or more.",
    "户外广告设施设置审批": "In line with the plan for outdoor advertising; a danger to nobody, and fit to look at.",
    "道路货物运输经营许可": "Vehicles that passed their inspection, qualified drivers, and rules for safe work.",
}
MATERIALS_EN: Mapping[str, str] = {
    "食品经营许可申请书": "Application for a food business licence",
    "营业执照": "Business licence",
    "法定代表人(负责人)身份证": "Identity card of the legal representative or person in charge",
    "经营场所平面图和设备布局": "Floor plan of the premises with the equipment",
    "食品安全管理制度": "Rules of food safety",
    "健康证明": "Health certificate",
    "授权委托书": "Power of attorney",
    "公共场所卫生许可申请表": "Application form for a hygiene licence",
    "公共场所地址方位示意图和平面图": "Map of where the place is, and its floor plan",
    "卫生检测或评价报告": "Report of a hygiene test or assessment",
    "卫生管理制度": "Rules of hygiene",
    "人力资源服务许可申请书": "Application for a human resources service licence",
    "场所证明": "Proof of the premises",
    "3名以上专职工作人员名单": "List of three full-time staff or more",
    "户外广告设置申请表": "Application form for outdoor advertising",
    "设计图和实景效果图": "Design, and how it will look on site",
    "结构安全承诺书": "Commitment that the structure is safe",
    "场地使用证明": "Proof that the site may be used",
    "经营者身份证": "Identity card of the operator",
    "经营场所使用证明": "Proof that the premises may be used",
    "道路货物运输经营申请表": "Application form for road haulage",
    "车辆行驶证和检测合格证明": "Vehicle licences and certificates of inspection",
    "驾驶人员从业资格证": "Drivers' certificates of qualification",
    "安全生产管理制度": "Rules for safe work",
    "建设工程规划许可申请表": "Application form for a planning permit",
    "项目备案证明": "Certificate that the project is on file",
    "土地使用证明": "Proof that the land may be used",
    "总平面图": "General layout plan",
    "建设工程设计方案": "Design of the works",
    "节能审查申请": "Application for an energy review",
    "节能报告": "Energy report",
    "项目可行性研究报告": "Feasibility study",
    "环境影响评价文件报批申请": "Application for approval of the environmental impact assessment",
    "环境影响报告书": "Environmental impact report",
    "安全条件审查申请书": "Application for a safety review",
    "安全评价报告": "Safety assessment",
    "场地拆除清理方案": "Plan for demolition and clearance",
    "拆除清理后的现场照片": "Photographs of the site after clearance",
    "建筑工程施工许可申请表": "Application form for a construction permit",
    "施工合同": "Construction contract",
    "施工图设计文件审查合格书": "Certificate that the construction drawings passed their review",
    "资金落实承诺书": "Commitment that the funds are there",
}


def with_english(given: Mapping[str, Any]) -> dict[str, Any]:
    """What an item says, in English too."""
    lines = []
    for line in str(given["materials"]).splitlines():
        name = line.partition("|")[0].strip()
        lines.append(f"{line} | 英文:{MATERIALS_EN[name]}" if name in MATERIALS_EN else line)
    told = {
        "places_en": PLACES_EN,
        "hours_en": HOURS_EN,
        "conditions_en": CONDITIONS_EN.get(given["name"], ""),
    }
    return {**given, **told, "materials": "\n".join(lines)}
