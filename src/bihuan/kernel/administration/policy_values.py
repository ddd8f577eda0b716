"""What a rule's value means: which rules there are, and their values in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bihuan.kernel.administration.score_card import NUMBERS as CARD_NUMBERS
from bihuan.kernel.appointments.rules import DEFAULTS as APPOINTMENTS
from bihuan.kernel.clocks.rulebook import HOURS
from bihuan.kernel.pack import Pack, packs, roles
from bihuan.kernel.scoring.indicators import labels
from bihuan.kernel.scoring.words import LIGHT_NAMES
from bihuan.kernel.sentences import in_line

LONGEST = {"minute": 43_200, "hour": 8_760, "month": 60}
LONGEST_OTHER = 1_000
LONGEST_NAME = 80
UNITS = {
    "minute": gettext_lazy("分钟"),
    "hour": gettext_lazy("小时"),
    "working_hour": gettext_lazy("工作小时"),
    "working_day": gettext_lazy("工作日"),
    "urgent_hour": gettext_lazy("紧急小时"),
    "urgent_working_day": gettext_lazy("紧急工作日"),
    "natural_day": gettext_lazy("自然日"),
    "month": gettext_lazy("个月"),
}
"""The units of limits as people say them."""
NUMBERS = {
    "times": gettext_lazy("%s 次"),
    "items": gettext_lazy("%s 件"),
    "people": gettext_lazy("%s 人"),
    "seconds": gettext_lazy("%s 秒"),
    "minutes": gettext_lazy("%s 分钟"),
    "hours": gettext_lazy("%s 小时"),
    "days": gettext_lazy("%s 天"),
    "mb": gettext_lazy("%s MB"),
    "percent": gettext_lazy("百分之 %s"),
    "yuan": gettext_lazy("%s 元"),
    "square_metres": gettext_lazy("%s 平方米"),
    "years": gettext_lazy("%s 岁"),
    "points": gettext_lazy("%s 分"),
    "characters": gettext_lazy("%s 个字"),
}
"""The units of plain numbers."""
HIGHEST = {
    "days": 36_500,
    "percent": 100,
    "table": 1_000_000,
    "yuan": 1_000_000_000,
    "square_metres": 1_000_000,
}
"""The largest number of a pack's rule, by its unit."""
TERMS = {
    "kept": gettext_lazy("沿用原来的时限"),
    "new": gettext_lazy("改派别的单位时重新起算"),
}
"""What becomes of a promise that is handed on."""
USUAL = gettext_lazy("一般")
"""The key of a table that holds where no other does."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its code, words, what its values are (a unit of PolicyRule), and in what bounds a number makes sense.

    `security`: the security administrator's. `keys` are the words of a table's keys. `default` holds while none is set.
    """

    code: str
    label: Any
    unit: str
    group: Any
    security: bool = False
    low: int = 1
    high: int = 100
    default: Any = None
    keys: Mapping[str, Any] = field(default_factory=dict)


HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
SHIFT = re.compile(rf"{HOUR.pattern}-(?:{HOUR.pattern}|24:00)")
SYSTEM = gettext_lazy("系统")
KERNEL_RULES = (
    Rule(
        "login.lockout",
        gettext_lazy("登录锁定"),
        "lockout",
        gettext_lazy("安全"),
        security=True,
        default={"failures": 5, "minutes": 15},
    ),
    Rule(
        "public.amounts",
        gettext_lazy("公众页面的次数上限"),
        "amounts",
        gettext_lazy("安全"),
        security=True,
        high=100_000,
        default={},
        keys={
            "report_address": gettext_lazy("同一网络地址反映"),
            "keep_address": gettext_lazy("同一网络地址没有提交的文件"),
            "visit_address": gettext_lazy("同一网络地址打开公众页面"),
            "visit_net": gettext_lazy("同一网段打开公众页面"),
            "login_address": gettext_lazy("同一网络地址登录失败"),
            "token_address": gettext_lazy("同一网络地址令牌无效"),
            "report_phone": gettext_lazy("同一号码反映"),
            "say_case": gettext_lazy("同一件上留言"),
            "wrong_address": gettext_lazy("同一网络地址输错"),
            "wrong_number": gettext_lazy("同一编号输错"),
        },
    ),
    Rule(HOURS, gettext_lazy("办公时间"), "shifts", SYSTEM, default=["08:30-12:00", "14:00-17:30"]),
    Rule("attachments.max_mb", gettext_lazy("一个附件的大小"), "mb", SYSTEM, high=200, default=20),
    Rule(
        "desk.hold_minutes", gettext_lazy("逐件办理时给人留住一件"), "minutes", SYSTEM, high=240, default=10
    ),
    Rule(
        "desk.aside_minutes",
        gettext_lazy("放一放的件多久后再出现"),
        "minutes",
        SYSTEM,
        high=2_880,
        default=120,
    ),
    Rule("desk.at_once", gettext_lazy("“我的”一次办几件"), "items", SYSTEM, low=2, high=30, default=30),
    *(
        Rule(code, label, unit, gettext_lazy("预约"), low=low, high=high, default=APPOINTMENTS[code])
        for code, label, unit, low, high in (
            ("appointments.ahead_days", gettext_lazy("最多提前多少天预约"), "days", 1, 90),
            ("appointments.cancel_minutes", gettext_lazy("开始前多久还能改约、取消"), "minutes", 0, 2_880),
            ("appointments.late_minutes", gettext_lazy("开始后多久没来算未到"), "minutes", 1, 240),
            ("appointments.most_open", gettext_lazy("一个电话同时有几个预约"), "items", 1, 20),
            ("appointments.most_missed", gettext_lazy("几次未到就不能提前预约"), "times", 1, 20),
            ("appointments.missed_days", gettext_lazy("未到的次数算多少天以内"), "days", 1, 365),
            ("appointments.keep_days", gettext_lazy("预约人的姓名、电话保留"), "days", 1, 365),
        )
    ),
    Rule(
        "certificates.public_holder",
        gettext_lazy("公开核验证照时,持证的个人"),
        "choice",
        SYSTEM,
        default="masked",
        keys={"masked": gettext_lazy("只显示姓"), "hidden": gettext_lazy("不显示")},
    ),
    Rule(
        "exchange_days", gettext_lazy("与别的中心交换的消息,内容保留"), "days", SYSTEM, high=365, default=30
    ),
    Rule("idempotency_days", gettext_lazy("重复请求的记录保留"), "days", SYSTEM, high=365, default=30),
)


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule that is known, by its code: the kernel's, then each pack's. The words are found when they are read."""
    found = {rule.code: rule for rule in KERNEL_RULES}
    for pack in packs().values():
        for code, _value, unit, _basis in pack.policies:
            label = gettext_lazy(pack.rule_labels.get(code, code))
            high = HIGHEST.get(unit, 1_000)
            keys = pack.rule_choices.get(code, pack.limit_keys)
            found[code] = Rule(code, label, unit, gettext_lazy(pack.label), high=high, keys=keys)
    return found


def rule_of(code: str) -> Rule:
    """The rule of a code; one that nobody declared is kept as JSON."""
    return rules().get(code) or Rule(code, code, "", _("其他"))


def value_words(rule: Rule, value: Any) -> str:
    """A value as people say it, a table's keys a line each."""
    kind, words = WORDS.get(rule.unit, (None, None))
    if kind and words and isinstance(value, kind):
        return words(rule, value)
    if rule.unit in NUMBERS and not isinstance(value, (Mapping, list)):
        return str(NUMBERS[rule.unit]) % value
    return _plain_words(rule, value)


def _plain_words(rule: Rule, value: Any) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{key_words(rule, key)}: {_line_words(held)}" for key, held in value.items())
    if isinstance(value, list):
        return "\n".join(_line_words(one) for one in value)
    if rule.unit == "named":
        return f"《{value}》"
    if rule.unit == "prefix":
        return _("以 %s 开头") % value
    words = TERMS if rule.unit == "term" else {key: key_words(rule, key) for key in rule.keys}
    return str(words.get(str(value), value)) if rule.unit in ("term", "choice") else str(value)


def _line_words(value: Any) -> str:
    """What a value of any shape holds, in a line; rows of several parts are parted by semicolons."""
    if isinstance(value, list) and any(isinstance(part, list) for part in value):
        return "; ".join(" ".join(str(one) for one in part) for part in value)
    if isinstance(value, (Mapping, list)):
        parts = value.values() if isinstance(value, Mapping) else value
        return in_line(_line_words(part) for part in parts if part not in ("", None, [], {}))
    return str(value)


def _limits_words(rule: Rule, value: Mapping[str, Any]) -> str:
    if "number" in value:
        return limit_words(value)
    keys = keys_ordered(rule, value)
    return "\n".join(f"{key_words(rule, key)}: {limit_words(value[key])}" for key in keys if key in value)


def _roles_words(rule: Rule, value: Sequence[str]) -> str:
    return " → ".join(_(roles()[code].label) if code in roles() else str(code) for code in value)


def _lockout_words(rule: Rule, value: Mapping[str, Any]) -> str:
    told = {"failures": value.get("failures"), "minutes": value.get("minutes")}
    return _("连续失败 %(failures)s 次,锁定 %(minutes)s 分钟") % told


def _apart_words(rule: Rule, value: Mapping[str, Any]) -> str:
    words = _("相隔 %s 小时") % value.get("hours")
    return words + _(",并换半天") if value.get("half_days") else words


def _hours_words(rule: Rule, value: Mapping[str, Any]) -> str:
    return _("%(begin)s 至 %(end)s") % {"begin": value.get("begin"), "end": value.get("end")}


def _shifts_words(rule: Rule, value: Sequence[str]) -> str:
    return in_line(str(shift) for shift in value)


def _texts_words(rule: Rule, value: Mapping[str, Sequence[str]]) -> str:
    return "\n".join(text for texts in value.values() for text in texts)


def _table_words(rule: Rule, value: Mapping[str, int]) -> str:
    return "\n".join(f"{key_words(rule, key)}: {value[key]:,}" for key in rule.keys if key in value)


def _amounts_words(rule: Rule, value: Mapping[str, Mapping[str, int]]) -> str:
    told = _("%(what)s: 每小时 %(hour)s 次,每天 %(day)s 次")
    return "\n".join(told % {"what": key_words(rule, key), **one} for key, one in value.items())


def _card_words(rule: Rule, value: Mapping[str, Any]) -> str:
    lines = [f"《{value.get('name', '')}({value.get('version', '')})》"]
    lines += [
        f"{labels().get(name, name)} {weight}" for name, weight in dict(value.get("weights") or {}).items()
    ]
    lines += [
        f"{label}: {value[name]}" for name, (label, _low, _high) in CARD_NUMBERS.items() if name in value
    ]
    lines += [
        f"{LIGHT_NAMES.get(name, name)} < {score}" for name, score in dict(value.get("lights") or {}).items()
    ]
    lines += [_("公开排名")] if value.get("public") else []
    return "\n".join(lines)


WORDS: dict[str, tuple[Any, Callable[[Rule, Any], str]]] = {
    "limit": (Mapping, _limits_words),
    "roles": (list, _roles_words),
    "lockout": (Mapping, _lockout_words),
    "apart": (Mapping, _apart_words),
    "hours_of_day": (Mapping, _hours_words),
    "shifts": (list, _shifts_words),
    "words": (Mapping, _texts_words),
    "amounts": (Mapping, _amounts_words),
    "table": (Mapping, _table_words),
    "score_card": (Mapping, _card_words),
}
"""How a value of each unit is said, if it is of this type."""


def keys_ordered(rule: Rule, value: Mapping[str, Any]) -> list[str]:
    """The keys that a table of this rule may have, the usual first; the database keeps no order."""
    return list(dict.fromkeys(["default", *rule.keys, *value]))


def key_words(rule: Rule, key: str) -> str:
    """A table's key in words."""
    return str(_(rule.keys.get(key, USUAL if key == "default" else key)))


def limit_words(value: Mapping[str, Any]) -> str:
    """A limit in words: term, warnings, pauses and extension."""
    unit = UNITS.get(str(value.get("unit")), value.get("unit"))
    parts = [f"{value.get('number')} {unit}"]
    if value.get("warnings"):
        parts.append(_("预警 %s") % warnings_words(value["warnings"]))
    if value.get("pauses") is False:
        parts.append(_("不可挂起"))
    if extension := value.get("extension"):
        parts.append(
            ngettext(
                "可延 %(n)s 次,每次至多 %(m)s", "可延 %(n)s 次,每次至多 %(m)s", extension.get("max_number", 1)
            )
            % {"n": extension.get("max_number", 1), "m": f"{extension.get('max_length', 1)} {unit}"}
        )
    return ", ".join(parts)


def warnings_words(warnings: Sequence[Any]) -> str:
    """Warnings as they are typed into the form: 80%, 1 工作日."""
    return ", ".join(
        f"{one['number']} {UNITS.get(one.get('unit', 'working_day'), one.get('unit'))}"
        if isinstance(one, Mapping)
        else f"{float(one) * 100:g}%"
        for one in warnings
    )


def roles_offered(rule: Rule) -> list[tuple[str, str]]:
    """The roles that a list of roles may name, for a choice."""
    pack = pack_of(rule)
    return [(role.code, _(role.label)) for role in pack.roles] if pack else []


def pack_of(rule: Rule) -> Pack | None:
    """The pack that declares a rule."""
    return next((p for p in packs().values() if any(code == rule.code for code, *_more in p.policies)), None)
