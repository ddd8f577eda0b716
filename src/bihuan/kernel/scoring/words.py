"""The measures, lists and lights in people's words."""

from django.utils.translation import gettext_lazy as _

LABELS = {
    "response": _("响应率"),
    "resolution": _("解决率"),
    "satisfaction": _("满意率"),
    "understanding": _("理解认可率"),
    "on_time": _("按期办结率"),
    "signing": _("及时签收率"),
    "returned": _("退单率"),
    "redone": _("重办率"),
    "sampled": _("抽访按时率"),
}
LIST_NAMES = {"townships": _("镇街、园区"), "departments": _("部门")}
LIGHT_NAMES = {"red": _("红色通报"), "yellow": _("黄色通报"), "blue": _("蓝色通报")}
OUT_WHY = {"apart": _("不评价的类型"), "unreached": _("未接通")}
