"""The catalogue's register in words: what the audit page calls it, its entries and fields."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.manifest import Register
from bihuan.packs.onewindow.catalogue.codes import KINDS
from bihuan.packs.onewindow.hall.registers import HALL_REGISTERS
from bihuan.packs.onewindow.supervision.words import RULES, STANDINGS
from bihuan.packs.onewindow.themes.contents import KINDS as THEME_KINDS

REGISTERS = {
    "items": Register(
        _("服务事项"),
        {
            "item_added": _("登记事项"),
            "item_set": _("改事项"),
            "items_imported": _("导入事项"),
            "columns_kept": _("记下列的对照"),
        },
        {
            "items": _("事项编码"),
            "kind": _("事项类型"),
            "theme": _("主题"),
            "organ": _("实施机关"),
            "organ_code": _("机关代码"),
            "organ_verified": _("机关代码已核对"),
            "statutory_days": _("法定时限(工作日)"),
            "promised_days": _("承诺时限(工作日)"),
            "instant": _("即办件"),
            "commitment": _("可告知承诺"),
            "special": _("特别程序"),
            "conditions": _("受理条件"),
            "materials": _("申请材料"),
            "fees": _("收费"),
            "results": _("结果"),
            "valid_months": _("证照有效期(月)"),
            "checks": _("当场核对的条件"),
            "form": _("申请表"),
            "online": _("可以网上申请"),
            "places": _("办理地点"),
            "hours": _("办理时间"),
            "places_en": _("办理地点(英文)"),
            "hours_en": _("办理时间(英文)"),
            "conditions_en": _("办理条件(英文)"),
            "enquiries": _("咨询电话"),
            "complaints": _("监督投诉电话"),
            "link": _("链接"),
            "file": _("文件指纹"),
            "mapping": _("对照表"),
            "source": _("目录来源"),
            "columns": _("列的对照"),
            "scheme": _("编码规则"),
            "new": _("新增"),
            "changed": _("变更"),
        },
        {"kind": dict(KINDS)},
    ),
    "themes": Register(
        _("主题服务"),
        {"theme_added": _("登记主题"), "theme_set": _("改主题")},
        {
            "themes": _("主题代码"),
            "kind": _("主题类型"),
            "about": _("说明"),
            "parts": _("组成"),
            "shared": _("同一种材料"),
        },
        {"kind": dict(THEME_KINDS)},
    ),
    **HALL_REGISTERS,
    "lessons": Register(
        _("窗口的知识"),
        {"lesson_kept": _("记入知识"), "lesson_ended": _("停用知识")},
        {"lesson": _("知识"), "items": _("事项编码")},
    ),
    "cards": Register(
        _("电子监察"),
        {"card_answered": _("单位答复牌"), "card_decided": _("裁定牌")},
        {"card": _("牌"), "case": _("办件"), "rule": _("规则"), "standing": _("状态")},
        {"rule": RULES, "standing": STANDINGS},
    ),
    "discredited": Register(
        _("失信名单"),
        {"discredited": _("记入失信名单"), "repaired": _("信用修复")},
        {"case": _("承诺核查"), "application": _("原办件"), "until": _("到哪天止")},
        {},
    ),
}
