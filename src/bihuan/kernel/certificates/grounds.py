"""What may be done to a certificate, and on what ground, in words (行政许可法 art. 49, 69)."""

from django.utils.translation import gettext_noop as _

ACTS = {"suspend": _("办理暂停"), "resume": _("办理恢复"), "replace": _("更正换发"), "revoke": _("办理撤销")}
"""What one asks and another decides, in the order of the page."""
RESTS = "rests"
"""What it rests on is gone, which its own organ has to judge."""
OTHER = ("other", _("其他法定情形(在理由里写明条文)"))
GROUNDS: dict[str, tuple[tuple[str, str], ...]] = {
    "suspend": (
        ("investigated", _("涉嫌以不正当手段取得,正在调查")),
        ("unfit", _("不再符合发证条件,限期改正")),
        (RESTS, _("所依据的许可、文书已被撤销")),
        OTHER,
    ),
    "resume": (("mended", _("已改正,复查合格")), ("cleared", _("调查结束,没有问题")), OTHER),
    "replace": (
        ("misprint", _("签发内容有误")),
        ("changed", _("持证人申请变更(行政许可法第四十九条)")),
        ("lost", _("遗失、损毁,申请补发")),
        OTHER,
    ),
    "revoke": (
        ("abuse", _("滥用职权、玩忽职守作出的决定(行政许可法第六十九条第一项)")),
        ("beyond", _("超越法定职权(第六十九条第二项)")),
        ("procedure", _("违反法定程序(第六十九条第三项)")),
        ("unqualified", _("不具备资格或不符合法定条件(第六十九条第四项)")),
        ("deceit", _("以欺骗、贿赂等不正当手段取得(第六十九条第二款)")),
        OTHER,
    ),
}
"""On what ground each may be done."""
