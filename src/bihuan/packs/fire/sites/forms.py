"""The forms of sites, and what was typed read into what the services take."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bihuan.kernel.workflow.asks import Ask
from bihuan.packs.fire.sites.kinds import DEVICES, HAZARD_GRADES, ITEMS, KINDS, RESULTS, TRADES, VISITS
from bihuan.packs.fire.sites.life import EVENTS
from bihuan.packs.fire.sites.people import WorkerGiven
from bihuan.packs.fire.sites.services import SiteGiven
from bihuan.packs.fire.special.cells import MOST_AREA, measure_read

CONTRACTOR_UNIT = Ask(
    "contractor_unit",
    "施工单位的账号",
    "unit",
    required=False,
    help="施工单位在本系统有账号的,选上:隐患直接交给它整改,名册和进出由它登记",
)
SITE = (
    Ask("name", "工地名称", "line", max_length=120),
    Ask("kind", "类别", "choice", choices=KINDS),
    Ask("contractor", "施工单位", "line", max_length=120),
    CONTRACTOR_UNIT,
    Ask("supervision", "监理单位", "line", required=False, max_length=120),
    Ask("zone", "所在园区", "line", max_length=40),
    Ask("place", "地点", "line", max_length=120),
    Ask("area", "建筑面积(平方米)", "line", required=False, max_length=30),
    Ask("permit", "施工许可证号", "line", max_length=40),
    Ask("permitted_on", "施工许可日期", "date"),
    Ask("joined_on", "纳入平台的日期", "date", required=False),
)
TURN = (
    Ask("code", "登记什么", "choice", choices=tuple((turn.code, turn.label) for turn in EVENTS)),
    Ask("on", "日期", "date"),
    Ask("note", "说明", "line", required=False, max_length=200),
)
DEVICE = (
    Ask("kind", "设备种类", "choice", choices=tuple((kind.code, kind.label) for kind in DEVICES.values())),
    Ask("code", "设备编号", "line", max_length=40, help="设备报数时用的编号,全市不重复"),
    Ask("name", "名称", "line", max_length=60, help="如 1号塔机、东门扬尘"),
)
WORKER = (
    Ask("name", "姓名", "line", min_length=2, max_length=60),
    Ask("id_number", "身份证号", "line", max_length=30),
    Ask("trade", "工种", "choice", choices=TRADES),
    Ask("team", "班组", "line", required=False, max_length=60),
    Ask(
        "certificate",
        "证书编号",
        "line",
        required=False,
        max_length=40,
        help="电工、焊工、架子工、塔机司机必填",
    ),
    Ask("certificate_until", "证书有效期至", "date", required=False),
)
GATE = (Ask("id_number", "身份证号", "line", max_length=30, help="刷证或输入"),)
HAZARD = (
    Ask("part", "部位", "line", min_length=2, max_length=120),
    Ask("words", "什么隐患", "text", min_length=2, max_length=2000),
    Ask("grade", "级别", "choice", choices=HAZARD_GRADES),
)
ACCIDENT = (
    Ask("at", "发生时间", "moment"),
    Ask("deaths", "死亡人数", "number", largest=1_000),
    Ask("injured", "重伤人数", "number", largest=10_000),
    Ask("words", "经过", "line", min_length=4, max_length=400),
)
CHECKED = (
    *(Ask(code, label, "choice", choices=RESULTS) for code, label in ITEMS),
    Ask("note", "说明", "line", required=False, max_length=400),
)
INSPECTION = (Ask("kind", "检查类型", "choice", choices=VISITS), *CHECKED)


def site_given(data: Mapping[str, Any]) -> SiteGiven:
    """The site of a cleaned form. FieldError for an area that is none."""
    area = measure_read(data.get("area") or "", field="area", name="建筑面积", most=MOST_AREA)
    texts = ("name", "kind", "contractor", "zone", "place", "permit")
    return SiteGiven(
        **{name: data[name] for name in texts}, supervision=data.get("supervision") or "", area=area, contractor_unit=data.get("contractor_unit"),
        permitted_on=day(data["permitted_on"]), joined_on=day_or_none(data.get("joined_on")),
    )  # fmt: skip


def worker_given(data: Mapping[str, Any]) -> WorkerGiven:
    """The worker of a cleaned form."""
    return WorkerGiven(
        data["name"], data["id_number"], data["trade"], data.get("team") or "", data.get("certificate") or "",
        day_or_none(data.get("certificate_until")),
    )  # fmt: skip


def day(text: str) -> date:
    """A cleaned day."""
    return date.fromisoformat(text)


def day_or_none(text: str | None) -> date | None:
    """A cleaned day that may be left out."""
    return day(text) if text else None
