"""What the rules of electronic supervision are called, what each rests on, and how a card stands."""

from django.utils.translation import gettext_lazy as _

RULES = {
    "near": _("时限将到"),
    "promise": _("超过承诺时限"),
    "statute": _("超过法定时限"),
    "stage": _("环节超时"),
    "refused": _("应当受理而不予受理"),
    "no_reason": _("没有说明理由"),
    "fee": _("违规收费"),
}
BASES = {
    "near": _("到期前预警,请抓紧办理"),
    "promise": _("向社会承诺的办理时限"),
    "statute": _("《行政许可法》第四十二条、第七十四条"),
    "stage": _("本环节规定的时限"),
    "refused": _("《行政许可法》第三十二条:材料齐全、符合法定形式的,应当受理"),
    "no_reason": _("《行政许可法》第三十八条、第五十五条:不予许可、不予受理应当说明理由"),
    "fee": _("《行政许可法》第五十九条:按公布的法定项目和标准收费;目录里没有的、超过标准的,不能收"),
}
STANDINGS = {
    "open": _("待说明"),
    "explained": _("已说明"),
    "objected": _("有异议,待裁定"),
    "upheld": _("维持"),
    "withdrawn": _("撤销"),
}
