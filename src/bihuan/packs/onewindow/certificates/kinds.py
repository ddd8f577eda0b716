"""The kinds of certificates that the units behind the window issue. An item's first result names its kind."""

from __future__ import annotations

from collections.abc import Sequence

from bihuan.kernel.numbering.certificate_kinds import CertificateKind
from bihuan.kernel.numbering.formats import NumberFormat
from bihuan.kernel.sentences import named

LINES = {"item": "事项", "name": "名称", "address": "地址", "scope": "范围", "case_code": "办件编码"}
"""What every kind says; a field of the item's form that has one of these names fills it."""
OPTIONAL = frozenset(LINES) - {"item"}
PUBLIC = frozenset(("item", "name", "scope"))


def _kind(code: str, name: str, name_en: str, prefix: str, basis: str = "") -> CertificateKind:
    number = NumberFormat(f"onewindow_{code}", f"{prefix}{{date:%Y}}{{serial:6}}")
    return CertificateKind(
        f"onewindow_{code}", name, name_en, number, LINES, OPTIONAL, basis=basis, public=PUBLIC
    )


OTHER = _kind(
    "result", "政务服务事项办理结果", "Result of an application", "ZWJG", "《行政许可法》第三十九条"
)
"""For items whose result has no kind of its own: an imported catalogue names hundreds."""
KINDS = (
    _kind("business", "营业执照", "Business licence", "YYZZ", "《市场主体登记管理条例》第二十一条"),
    _kind("food", "食品经营许可证", "Food business licence", "SPJY", "《食品安全法》第三十五条"),
    _kind(
        "hygiene", "公共场所卫生许可证", "Hygiene licence for a public place", "WSXK", "《公共场所卫生管理条例》第四条"
    ),
    _kind("labour", "人力资源服务许可证", "Human resources service licence", "RLZY", "《人力资源市场暂行条例》第十八条"),
    _kind("sign", "户外广告设施设置许可证", "Outdoor advertising permit", "HWGG", "《城市市容和环境卫生管理条例》第十一条"),
    _kind("haulage", "道路运输经营许可证", "Road haulage licence", "DLYS", "《道路运输条例》第二十四条"),
    _kind("catering", "小餐饮登记证", "Small catering registration", "XCYD", "《山东省食品小作坊小餐饮和食品摊点管理条例》"),
    OTHER,
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in KINDS}


def kind_told(name: str) -> str:
    """What comes of an item, in the page's language where a kind of its name is known."""
    return named(BY_NAME[name]) if name in BY_NAME else name


def kind_for(results: Sequence[str]) -> CertificateKind:
    """The kind that the results of an item name; `OTHER` where none does."""
    return next((BY_NAME[name] for name in results if name in BY_NAME), OTHER)
