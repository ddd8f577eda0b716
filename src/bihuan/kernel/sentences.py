"""What a refusal says to its reader: the exact sentence where it can be translated, else what its rule says in general."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError

if TYPE_CHECKING:
    from bihuan.lib.tables import Fault, TableError

SENTENCES = {
    "not_text": _("应为文字。"),
    "too_long": _("文字超过了允许的长度。"),
    "too_short": _("文字太短。"),
    "empty": _("不能为空。"),
    "required": _("此项必填。"),
    "unknown": _("没有这一项。"),
    "surrogate": _("含有不完整的字符编码。"),
    "control_character": _("含有控制字符。"),
    "bidi_override": _("含有改变文字方向的隐藏字符。"),
    "line_break": _("不能换行,也不能含制表符。"),
    "pattern": _("写法不对。"),
    "value": _("此项的值不对。"),
    "refused": _("这一行不合规定。"),
    "materials_are_complete": _("必要的材料还没有交齐。"),
    "choice": _("不是可选的值。"),
    "yes": _("只能是“是”或“否”。"),
    "yes_or_no": _("只能是“是”或“否”。"),
    "number": _("应为整数。"),
    "range": _("超出了允许的范围。"),
    "money": _("应为金额(元),最多两位小数。"),
    "object": _("应为 JSON 对象。"),
    "list": _("应为列表。"),
    "too_many": _("数量太多。"),
    "time_zone": _("时间要带时区。"),
    "date": _("应为日期,如 2026-01-31。"),
    "moment": _("应为日期和时间,如 2026-01-31 15:00。"),
    "date_format": _("不是认得的日期格式。"),
    "impossible_date": _("不是存在的日期时间。"),
    "too_early": _("这一天太早,应为以后的日期。"),
    "date_too_early": _("日期太早。"),
    "future_date": _("不能晚于现在。"),
    "password": _("密码不合要求。"),
    "meeting_state": _("会议现在的状态不能这样做。"),
    "phone": _("电话号码不对。"),
    "id_number": _("身份证号码不对。"),
    "duplicate": _("这个编号已登记过。"),
    "reference": _("请给出已有的对象。"),
    "unit": _("没有这个单位,或该单位已撤销。"),
    "unknown_unit": _("没有这个单位,或该单位已撤销。"),
    "unknown_matter": _("没有这个事项。"),
    "unknown_case": _("没有这一件,或您无权查看。"),
    "unknown_step": _("没有这一步骤。"),
    "not_found": _("没有找到,或您无权查看。"),
    "state": _("本件现在的状态不能办这一步。"),
    "unstaffed": _("该单位没有人能接办,请另选单位。"),
    "not_permitted": _("您没有办这一步的权限。"),
    "power": _("这要由有相应权限的管理员来办。"),
    "three_powers": _("系统、安全、审计三种管理员不能是同一个人。"),
    "separation": _("您在本件中已办过别的环节,不能再办这一步。"),
    "version": _("已有人先一步办理,请刷新后再办;您填写的内容没有生效。"),
    "year_gap": _("这一年的日历要接着已有的年份。"),
    "weekday": _("调休和放假的日子与星期不符。"),
    "closed": _("本件已经办结。"),
    "dates": _("起止日期不对。"),
    "placeholder": _("文字里的占位不对。"),
    "not_for_township": _("这个事项不在乡镇(街道)履职事项清单内,不派镇街。"),
    "hand_over": _("接收人在承办单位没有办理角色。"),
    "extension_too_long": _("超过了一次可以延长的期限。"),
    "extension_used_up": _("延期次数已到上限。"),
    "days": _("放假和调休的日子写得不对。"),
    "hours": _("办公时间的写法不对。"),
    "limit": _("时限的写法不对,或超出了允许的范围。"),
    "calendar": _("这一天不在工作日历之内,请先补充该年日历。"),
    "part_twice": _("部分写了两次。"),
    "part_itself": _("部分不能排在它自己之后。"),
    "part_unknown": _("部分要等的另一部分不在组成里。"),
    "part_circle": _("各部分先后成了一个圈。"),
    "theme_item": _("主题里有事项不能办:不在目录里、已停用、没有审批单位或没有天数。"),
    "training": _("训练不了:文本太少,或事项少于两种。"),
    "address": _("这个地址不能用:要以 https 开头,并且不在内部网络。"),
    "policy_missing": _("这条规则没有设定,请系统管理员先设定。"),
    "token": _("这不是证照的二维码,或被改动过。"),
    "certificate": _("没有这份证照。"),
    "certificate_holder": _("本件没有写明申请人,不能制证。"),
    "dated": _("有有效期的材料要填签发日期,不能晚于今天。"),
    "expired": _("有材料已过有效期,不能收,请换新的。"),
    "under_review": _("这件的差评评的是您办的事:核实整改期间不给您看申请人的联系方式,要联系请找好差评专员。"),
    "discredited": _("申请人在失信名单里,不适用容缺受理和告知承诺。"),
    "repair_term": _("记入失信名单后满期限才能修复。"),
    "repaired": _("这一条已经修复过。"),
    "nothing_missing": _("现在没有要补的材料,可能已经登记过了。"),
    "parts": _("核对的条件没有写全。"),
    "certificate_kind": _("没有这种证照。"),
    "certificate_state": _("证照现在的状态不能这样办。"),
    "certificate_holds": _("本件签发的证照还在有效期内,期间不清除个人信息。"),
    "booking": _("没有这个预约。"),
    "booking_taken": _("这个时间刚被别人约走了,请另选一个时间。"),
    "booking_state": _("这个预约现在不能这样办。"),
    "booking_day": _("不是今天的预约,不能登记到达。"),
    "booking_open": _("这个电话已有几个预约没有办。先办完或取消一个,再约新的。"),
    "booking_missed": _("约了几次没有来,近期不能提前预约。可以当天到现场取号办理。"),
    "booking_past": _("这个时间已经过了,请选以后的时间。"),
    "booking_ahead": _("这一天还不能预约,请选近一些的日子。"),
    "booking_hours": _("这个时间不办理预约,请从列出的时间里选。"),
    "booking_late": _("快到时间了,不能改约、取消。来不了的请打预约单位的电话。"),
    "visit_past": _("这个时间已经过了,请选以后的时间。"),
    "visit_made": _("这次上门已经登记过。"),
    "not_of_section": _("答复人要是本科室的人。"),
    "answered": _("这个问题已有答复。"),
    "method_steps": _("步骤的数目不对。"),
    "site_state": _("工地现在的阶段不能登记这一项。"),
    "site_joined": _("这个工地已经纳入平台。"),
    "enrolled": _("这个人已在本工地的名册上。"),
    "not_enrolled": _("这个人不在本工地的名册上,先登记再进场。"),
    "inside": _("这个人已经在场。"),
    "not_inside": _("这个人没有在场的记录。"),
    "certificate_needed": _("特种作业人员要登记证书编号和有效期。"),
    "certificate_expired": _("证书已过期,不能上岗。"),
    "unknown_device": _("没有这台设备,或不归这个账号报数。"),
    "unknown_metric": _("这种设备不测这一项。"),
    "too_late": _("来得太晚,已过补报的期限。"),
    "impossible": _("超出了这种传感器能测的范围。"),
    "differs": _("同一时刻已有另一个值,先到的为准。"),
    "token_days": _("令牌的有效期不在允许的范围内。"),
    "token_subject": _("这个令牌只用于它写明的对象,不能用在这里。"),
    "year": _("日期都应当在同一年之内。"),
    "held": _("本件已经保全,期间不清除个人信息。"),
    "not_held": _("本件没有保全。"),
    "keys": _("签名密钥的公告前后不符,请先核对密钥文件夹。"),
    "key_missing": _("签名密钥不在这里:从备份取回,或声明遗失后更换。"),
    "key_not_lost": _("签名密钥还在这里,不能声明遗失;请直接更换。"),
    "file_exists": _("已有这个文件,请换一个名字。"),
    "unsealed": _("有的记录还没有封印,或与封印不符:请先封印并核对台账。"),
    "seal_behind": _("库外存有更新的封印,数据库比它旧:请先核对台账。"),
    "seal_broken": _("最后一次封印与其签名、树根或库外所存不符:请先核对台账。"),
    "workflow": _("没有这个流程,或不是同一个流程。"),
    "states": _("状态的对应关系不对。"),
    "mapping": _("文件的列与字段对不上。"),
    "model_labels": _("模型的类别与登记的不符。"),
    "schema": _("表单定义不合要求。"),
    "answers": _("表单的填写有误。"),
    "too_large": _("文件太大。"),
    "type_differs": _("文件内容与扩展名不符。"),
    "too_few_cells": _("这一行的格数太少。"),
    "too_many_cells": _("这一行的格数太多。"),
    "line_too_long": _("一行的文字太长。"),
    "open_quote": _("引号没有闭合。"),
    "broken_row": _("这一行不是有效的 CSV。"),
    "archive": _("压缩文件里应正好有一个表格,且没有密码。"),
    "sheet": _("没有这个工作表。"),
    "item_code": _("编码不合编码规则。"),
    "basis": _("没有依据,不能收费。"),
    "image_type": _("不能处理这种图片。"),
    "image_too_large": _("图片太大。"),
    "image_unreadable": _("图片已损坏或类型不符。"),
}
"""What a rule says in general, for readers of a language in which its exact sentence is not at hand."""
_CHINESE = re.compile("[\u4e00-\u9fff]")
_QUOTED = re.compile("“[^”]*”")


def english() -> bool:
    """Is the page in English?"""
    return (get_language() or "").startswith("en")


def named(row: Any) -> str:
    """What a row or mapping with `name` and `name_en` is called in the language of the page; nothing for none."""
    if isinstance(row, Mapping):
        return str((english() and row.get("name_en")) or row["name"])
    return str((english() and row.name_en) or row.name) if row else ""


def in_line(words: Iterable[str]) -> str:
    """Words one after another, parted as the language of the page does."""
    return (", " if english() else "、").join(words)


def told(error: Refusal | FieldError | TableError | Fault) -> str:
    """What the refusal says, in the language of the page."""
    return said(error.code if isinstance(error, Refusal) else error.rule, str(error.message))


def said(code: str, message: str) -> str:
    """The message in the reader's language: as it is when Chinese is read or it is told already, translated exactly,
    or the general sentence of its code; names quoted in it may stay Chinese.
    """
    if not message or (get_language() or "zh").startswith("zh"):
        return message
    translated = gettext(message)
    if translated != message or not _CHINESE.search(_QUOTED.sub("", message)):
        return translated
    return str(SENTENCES.get(code, message))
