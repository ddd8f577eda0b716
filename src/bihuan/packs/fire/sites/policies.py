"""The first limits of smart sites, which each region then sets for itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop

SHOWN = "演示设定"
HAZARD_DAYS = {
    "hazard_general": {
        "number": 7,
        "unit": "natural_day",
        "warnings": [{"number": 1, "unit": "natural_day"}],
    },
    "hazard_major": {"number": 24, "unit": "hour", "warnings": [{"number": 6, "unit": "hour"}]},
}
"""How long a hazard may take by its grade, set for the demonstration."""
LIMIT_KEYS = {"hazard_general": gettext_noop("工地一般隐患"), "hazard_major": gettext_noop("工地重大隐患")}


def _limit(limit: int, clear: int, readings: int, calm: int, **night: int) -> dict[str, int]:
    return {"limit": limit, "clear": clear, "readings": readings, "calm": calm, **night}


SITE_POLICIES: tuple[tuple[str, Any, str, str], ...] = (
    ("fire.limit_moment", _limit(100, 95, 3, 3), "table", f"力矩比达到额定值即超载;次数为{SHOWN}"),
    ("fire.limit_wind", _limit(12, 10, 3, 5), "table", f"塔机作业停止风速,{SHOWN}(未核实,可改)"),
    ("fire.limit_pm10", _limit(150, 120, 5, 5), "table", f"扬尘在线监测限值,{SHOWN}"),
    (
        "fire.limit_noise", _limit(70, 68, 5, 5, night_limit=55, night_clear=53), "table",
        "GB 12523-2011 建筑施工场界环境噪声排放标准:昼间70、夜间55分贝;次数为演示设定",
    ),
    ("fire.limit_pressure", _limit(100, 150, 3, 5), "table", f"临时消防给水压力下限,{SHOWN}"),
    ("fire.readings_late", 7, "days", f"读数最多迟多少天补报,{SHOWN}"),
    ("fire.readings_ahead", 5, "minutes", f"设备的钟最多快多少分钟,{SHOWN}"),
    ("fire.device_silent", 60, "minutes", f"多少分钟没有读数算离线,{SHOWN}"),
    ("fire.workers_days", 730, "days", "建筑工人实名制管理办法(试行):考勤档案保存不少于2年(未核实,可改)"),
    ("fire.certificate_days", 30, "days", f"证书到期前多少天提醒,{SHOWN}"),
)  # fmt: skip
SITE_LABELS = {
    "fire.limit_moment": gettext_noop("塔机力矩比的限值"),
    "fire.limit_wind": gettext_noop("塔机风速的限值"),
    "fire.limit_pm10": gettext_noop("扬尘 PM10 的限值"),
    "fire.limit_noise": gettext_noop("施工噪声的限值"),
    "fire.limit_pressure": gettext_noop("消防水压的下限"),
    "fire.readings_late": gettext_noop("读数最多迟多少天补报"),
    "fire.readings_ahead": gettext_noop("设备的钟最多快多少分钟"),
    "fire.device_silent": gettext_noop("多少分钟没有读数算离线"),
    "fire.workers_days": gettext_noop("离场人员的姓名、号码保留"),
    "fire.certificate_days": gettext_noop("证书到期前多少天提醒"),
}
_WORDS = {
    "limit": gettext_noop("限值"),
    "clear": gettext_noop("回到多少算恢复"),
    "readings": gettext_noop("连续几次超限算报警"),
    "calm": gettext_noop("连续几次恢复算结束"),
}
_NIGHT = {"night_limit": gettext_noop("夜间限值"), "night_clear": gettext_noop("夜间回到多少算恢复")}
SITE_CHOICES = {
    code: _WORDS | (_NIGHT if code == "fire.limit_noise" else {})
    for code, _value, unit, _basis in SITE_POLICIES
    if unit == "table"
}
