"""Items of the demonstration district: made up after what districts usually publish, none of them anybody's real list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from bihuan.lib.identifiers import organisation_check_digit, uscc_check_digit
from bihuan.packs.onewindow.catalogue.services import item_add
from bihuan.packs.onewindow.demonstration.english import with_english
from bihuan.packs.onewindow.demonstration.item_forms import BUSINESS, CATERING, forms_load

DISTRICT = "371502"
HALL = "区政务服务中心二楼综合窗口"
HOURS = "工作日 8:30-12:00、14:00-17:30;午间和周六上午延时服务"
LICENCE, IDENTITY = "营业执照 | 城市已有:营业执照", "法定代表人(负责人)身份证 | 城市已有"


@dataclass(frozen=True, slots=True)
class Sample:
    """An item: the slug of the department that approves it, the base of its code, what it says."""

    slug: str
    base: str
    given: Mapping[str, Any]


def _item(slug: str, base: str, name: str, name_en: str, **more: Any) -> Sample:
    common = {"name": name, "name_en": name_en, "kind": "01", "places": HALL, "hours": HOURS}
    return Sample(slug, base, {**common, **more})


SAMPLES = (
    _item(
        "market", "000131012000", "食品经营许可(新办)", "Food business licence (new)", theme="开餐馆", organ="东昌府区市场监督管理局", online=True,
        statutory_days="20", promised_days="5", special="鉴定 | 10", results="食品经营许可证", valid_months="60",
        conditions="有与经营的食品品种、数量相适应的场所和设备;有食品安全管理人员和制度。",
        materials=f"食品经营许可申请书\n{LICENCE}\n{IDENTITY}\n经营场所平面图和设备布局 | 可容缺\n食品安全管理制度\n健康证明 | 有效期:1年\n授权委托书 | 非必要",
        legal_basis="《食品安全法》第三十五条",
    ),
    _item(
        "health", "000123012000", "公共场所卫生许可", "Hygiene licence for a public place", theme="开宾馆", organ="东昌府区卫生健康局", online=True,
        statutory_days="20", promised_days="3", commitment=True, special="检测 | 15", results="公共场所卫生许可证", valid_months="48",
        materials=f"公共场所卫生许可申请表\n{LICENCE}\n公共场所地址方位示意图和平面图\n卫生检测或评价报告 | 可容缺 | 有效期:1年\n卫生管理制度",
        conditions="选址、设施、空气和用具符合卫生标准。", legal_basis="《公共场所卫生管理条例》第四条",
    ),
    _item(
        "hrss", "000114005000", "人力资源服务许可", "Human resources service licence", organ="东昌府区人力资源和社会保障局",
        statutory_days="20", promised_days="4", commitment=True, results="人力资源服务许可证",
        materials=f"人力资源服务许可申请书\n{LICENCE}\n场所证明 | 可容缺\n3名以上专职工作人员名单",
        conditions="有明确的章程和管理制度,有固定场所和必要设施,有3名以上专职工作人员。", legal_basis="《人力资源市场暂行条例》第十八条",
    ),
    _item(
        "enforcement", "000117015000", "户外广告设施设置审批", "Outdoor advertising", organ="东昌府区综合行政执法局", online=True, statutory_days="20", promised_days="5",
        special="专家评审 | 15", materials=f"户外广告设置申请表\n{LICENCE}\n设计图和实景效果图\n结构安全承诺书\n场地使用证明 | 可容缺",
        results="户外广告设施设置许可证", valid_months="24", conditions="符合户外广告设置规划,不影响安全和市容。", legal_basis="《城市市容和环境卫生管理条例》第十一条",
    ),
    _item(
        "market", "000731001000", "个体工商户设立登记", "Registration of a self-employed business", kind="07", theme="开餐馆",
        organ="东昌府区市场监督管理局", statutory_days="3", promised_days="1", instant=True, results="营业执照",
        materials="经营者身份证 | 城市已有\n经营场所使用证明", legal_basis="《市场主体登记管理条例》第八条",
        checks="年满 | 18\n没有 | 营业执照\n无在办\n未失信", form=BUSINESS, online=True,
    ),
    _item(
        "market", "000731002000", "小餐饮登记", "Registration of a small catering business", kind="07", theme="开餐馆", organ="东昌府区市场监督管理局",
        statutory_days="5", promised_days="1", instant=True, results="小餐饮登记证", valid_months="36",
        materials="营业执照 | 城市已有:营业执照\n健康证明 | 有效期:1年", checks="持有 | 营业执照\n没有 | 小餐饮登记证\n无在办\n未失信",
        form=CATERING, online=True,
        legal_basis="《山东省食品小作坊小餐饮和食品摊点管理条例》",
    ),
    _item(
        "transport", "000118004000", "道路货物运输经营许可", "Road haulage licence", organ="东昌府区交通运输局", statutory_days="20", promised_days="6",
        materials=f"道路货物运输经营申请表\n{LICENCE}\n车辆行驶证和检测合格证明\n驾驶人员从业资格证 | 城市已有\n安全生产管理制度 | 可容缺",
        results="道路运输经营许可证", valid_months="48", fees="许可证工本费 | 10.00 | 演示设定:区发展和改革局公布的标准 | 减免:残疾人", conditions="有经检测合格的车辆、符合条件的驾驶人员和安全生产管理制度。", legal_basis="《道路运输条例》第二十一条",
    ),
)  # fmt: skip


def implementation_code(slug: str, base: str) -> str:
    """A national implementation code with right check digits, of a made-up organ."""
    body = f"D{sum(map(ord, slug)):07}"
    first = f"11{DISTRICT}{body}{organisation_check_digit(body)}"
    return f"{first}{uscc_check_digit(first)}4{base}"


def items_load(
    *, units: Mapping[str, int], now: datetime, samples: tuple[Sample, ...] = SAMPLES
) -> dict[str, int]:
    """Enter the items; their ids by name. `units` are ids by code."""
    if samples is SAMPLES:
        forms_load(since=timezone.localdate(now), now=now)
    found = {}
    for one in samples:
        code = implementation_code(one.slug, one.base)
        unit = units[f"{DISTRICT}_{one.slug}"]
        made = item_add(
            code=code,
            scheme="national",
            given=with_english({"fees": "", **one.given}),
            unit=unit,
            now=now,
            by="system",
        )
        found[str(one.given["name"])] = made.pk
    return found
