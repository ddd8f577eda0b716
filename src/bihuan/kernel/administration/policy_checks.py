"""Which values make no sense for their rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.administration.policy_values import (
    HOUR,
    LONGEST,
    LONGEST_NAME,
    LONGEST_OTHER,
    NUMBERS,
    SHIFT,
    TERMS,
    UNITS,
    Rule,
    key_words,
    roles_offered,
)
from bihuan.kernel.administration.score_card import card_faults
from bihuan.kernel.clocks.calendar import CalendarError, shifts_parse
from bihuan.kernel.clocks.rules import LimitError
from bihuan.kernel.clocks.running import limit_read
from bihuan.kernel.pack import packs
from bihuan.lib.refusals import Refusal


def value_check(rule: Rule, value: Any) -> None:
    """Refusal, naming field and rule, when a value makes no sense for its rule."""
    if check := CHECKS.get(rule.unit):
        check(rule, value)
    elif rule.unit in NUMBERS:
        _number_check(value, "value", rule.low, rule.high)
    elif not _plain(value):
        raise Refusal("value", _('值里不能有小数,请写成文字,如 "0.8"。'), field="value")
    elif not _is_like(value, _first_value(rule.code)):
        raise Refusal(
            "value", _("写法应与现行的一样:同样的项,同样的次序,行数可以不同。"), field="value", rule=rule.code
        )
    for pack in packs().values():
        if rule.code in pack.rule_faults and (fault := pack.rule_faults[rule.code](value)):
            raise Refusal("value", _(fault), field="value", rule=rule.code)


def _number_check(value: Any, name: str, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        message = _("应为 %(low)s 至 %(high)s 的整数。") % {"low": low, "high": high}
        raise Refusal("range", message, field=name, rule=f"{low}–{high}")


def _term_check(rule: Rule, value: Any) -> None:
    if value not in tuple(TERMS):
        raise Refusal("choice", _("只能是 kept 或 new。"), field="value")


def _choice_check(rule: Rule, value: Any) -> None:
    if value not in tuple(rule.keys):
        told = "、".join(f"{key}({key_words(rule, key)})" for key in rule.keys)
        raise Refusal("choice", _("只能是其中一个:%s。") % told, field="value", rule=rule.code)


def _card_check(rule: Rule, value: Any) -> None:
    for name, message in card_faults(value):
        raise Refusal("value", message, field=name, rule=rule.code)


def _lockout_check(rule: Rule, value: Any) -> None:
    if not isinstance(value, Mapping) or set(value) != {"failures", "minutes"}:
        raise Refusal("value", _("应写明 failures 和 minutes 两项。"), field="value", rule="login.lockout")
    _number_check(value["failures"], "failures", 3, 20)
    _number_check(value["minutes"], "minutes", 5, 1440)


def _apart_check(rule: Rule, value: Any) -> None:
    if not isinstance(value, Mapping) or set(value) != {"hours", "half_days"}:
        raise Refusal("value", _("应写明 hours 和 half_days 两项。"), field="value")
    _number_check(value["hours"], "hours", 0, 168)
    if not isinstance(value["half_days"], bool):
        raise Refusal("yes_or_no", _("只能是“是”或“否”。"), field="half_days")


def _hours_check(rule: Rule, value: Any) -> None:
    named = isinstance(value, Mapping) and set(value) == {"begin", "end"}
    if (
        not named
        or not all(HOUR.fullmatch(str(one)) for one in value.values())
        or value["begin"] >= value["end"]
    ):
        raise Refusal("value", _("应写明 begin 和 end 两个时刻,如 08:30 和 20:00,先早后晚。"), field="value")


def _shifts_check(rule: Rule, value: Any) -> None:
    whole = isinstance(value, list) and 1 <= len(value) <= 4
    try:
        if not whole or not all(SHIFT.fullmatch(str(one)) for one in value):
            raise CalendarError(_("应写明一至四段时间,如 08:30-12:00、14:00-17:30。"))
        shifts_parse(",".join(value))
    except CalendarError as error:
        raise Refusal("hours", _(str(error)), field="value", rule=rule.code) from error


def _words_check(rule: Rule, value: Any) -> None:
    lists = list(value.values()) if isinstance(value, Mapping) else [None]
    texts = [text for texts in lists for text in (texts if isinstance(texts, list) else [None])]
    if len(texts) > 100 or not all(isinstance(text, str) and 0 < len(text) <= 200 for text in texts):
        raise Refusal(
            "value", _("每项(步骤.填写项)列出若干句话,每句不超过 200 字,一共不超过 100 句。"), field="value"
        )


def _named_check(rule: Rule, value: Any) -> None:
    if not isinstance(value, str) or not 2 <= len(value.strip()) <= LONGEST_NAME:
        raise Refusal(
            "value", _("写明制度的名称和版本,2 至 80 字,不加书名号。"), field="value", rule=rule.code
        )


def _prefix_check(rule: Rule, value: Any) -> None:
    if not isinstance(value, str) or not re.fullmatch("[A-Z]{2}", value):
        raise Refusal("prefix", _("编号开头写两个大写字母,如 RX。"), field="value", rule=rule.code)


def _table_check(rule: Rule, value: Any) -> None:
    """A whole number for each of the rule's own keys."""
    if not isinstance(value, Mapping) or set(value) != set(rule.keys):
        raise Refusal("value", _("应写明这几项:%s。") % "、".join(rule.keys), field="value", rule=rule.code)
    for key, number in value.items():
        _number_check(number, key, rule.low, rule.high)


def _amounts_check(rule: Rule, value: Any) -> None:
    if not isinstance(value, Mapping) or not set(value) <= set(rule.keys):
        named = "、".join(rule.keys)
        raise Refusal("choice", _("只能写这几项:%s。") % named, field="value", rule=rule.code)
    for one in value.values():
        if not isinstance(one, Mapping) or set(one) != {"hour", "day"}:
            raise Refusal("value", _("每项写明 hour 和 day。"), field="value", rule=rule.code)
        for amount in one.values():
            _number_check(amount, "value", rule.low, rule.high)


def _roles_check(rule: Rule, value: Any) -> None:
    if not isinstance(value, list) or not 1 <= len(value) <= 5:
        raise Refusal("list", _("应列出 1 至 5 个角色。"), field="value", rule=rule.code)
    unknown = [str(code) for code in value if code not in dict(roles_offered(rule))]
    if unknown:
        raise Refusal("choice", _("没有这个角色:%s") % "、".join(unknown), field="value", rule=rule.code)
    if len(set(value)) < len(value):
        raise Refusal("choice", _("同一角色只能列一次。"), field="value", rule=rule.code)


def _limits_check(rule: Rule, value: Any) -> None:
    if not isinstance(value, Mapping) or not value:
        raise Refusal("object", _("应为一个时限,或按情形列出的时限表。"), field="value", rule=rule.code)
    if "number" in value:
        _limit_check(rule, "", value)
        return
    if "default" not in value:
        raise Refusal("required", _("时限表必须有“一般”(default)这一行。"), field="value", rule=rule.code)
    for key, one in value.items():
        if key != "default" and key not in rule.keys:
            raise Refusal("choice", _("没有这种情形:%s") % str(key)[:40], field="value", rule=rule.code)
        _limit_check(rule, key, one)


def _limit_check(rule: Rule, key: str, value: Any) -> None:
    name, told = f"number_{key}", key_words(rule, key) if key else str(rule.label)
    try:
        limit = limit_read(value)
        if not isinstance(limit.pauses, bool) or not isinstance(limit.rolls, bool):
            raise LimitError(_("“可挂起”“顺延”只能是 true 或 false。"))
    except LimitError as error:
        raise Refusal("limit", f"{told}: {_(str(error))}", field=name, rule=rule.code) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise Refusal("limit", _("%s 的写法不对。") % told, field=name, rule=rule.code) from error
    most = LONGEST.get(limit.unit, LONGEST_OTHER)
    if limit.number > most:
        message = _("%(told)s: 不能超过 %(most)s %(unit)s。")
        words = {"told": told, "most": most, "unit": UNITS[limit.unit]}
        raise Refusal("range", message % words, field=name, rule=rule.code)


def _plain(value: Any) -> bool:
    """Can the ledger keep it: JSON without fractions?"""
    if isinstance(value, Mapping):
        return all(_plain(one) for one in value.values())
    if isinstance(value, list):
        return all(_plain(one) for one in value)
    return value is None or isinstance(value, (str, int))


def _first_value(code: str) -> Any:
    """What the pack that declares the rule begins with; None for a rule of the kernel."""
    declared = (policy for pack in packs().values() for policy in pack.policies)
    return next((value for known, value, _unit, _basis in declared if known == code), None)


def _is_like(value: Any, model: Any) -> bool:
    """Is it of the same shape: the same keys, the same kinds of values, lists of things like the model's?"""
    if isinstance(model, Mapping):
        return (
            isinstance(value, Mapping)
            and value.keys() == model.keys()
            and all(_is_like(value[k], model[k]) for k in model)
        )
    if isinstance(model, list) and model:
        if all(not isinstance(one, (Mapping, list)) for one in model):
            return isinstance(value, list) and all(type(one) is type(model[0]) for one in value)
        return isinstance(value, list) and bool(value) and all(_is_like(one, model[-1]) for one in value)
    return model is None or type(value) is type(model)


CHECKS: dict[str, Callable[[Rule, Any], None]] = {
    "limit": _limits_check,
    "roles": _roles_check,
    "lockout": _lockout_check,
    "apart": _apart_check,
    "term": _term_check,
    "choice": _choice_check,
    "score_card": _card_check,
    "hours_of_day": _hours_check,
    "shifts": _shifts_check,
    "words": _words_check,
    "named": _named_check,
    "prefix": _prefix_check,
    "amounts": _amounts_check,
    "table": _table_check,
}
"""How a value of each unit is judged."""
