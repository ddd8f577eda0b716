"""Small typed forms for the values of rules: a limit or a table of limits, roles, a number; JSON as the last resort."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.forms import (
    Drawn,
    LineField,
    TextField,
    day_field,
    number_field,
    time_field,
)
from bihuan.kernel.administration.policy_values import (
    LONGEST_NAME,
    NUMBERS,
    UNITS,
    Rule,
    key_words,
    keys_ordered,
    roles_offered,
    warnings_words,
)
from bihuan.kernel.administration.score_card import card_fields, card_groups, card_typed

SHARE = re.compile(r"(\d{1,3})\s*%")
BEFORE = re.compile(r"(\d{1,4})\s*(\S.*)")
HIGHEST = 1_000_000
_COMMON = ("valid_from", "valid_to", "region", "legal_basis")
LEVELS = 5


class PolicyForm(Drawn):
    """The value's own fields, then from when, until when, where and why. `value()` gives the value that was typed."""

    def __init__(self, data: Any, *, rule: Rule, value: Any, region: str, today: Any) -> None:
        super().__init__(data)
        self.rule, self.before = rule, value
        self.fields |= {**_value_fields(rule, value), **_common_fields(region, today)}
        self.draw()

    @property
    def groups(self) -> list[tuple[Any, ...]]:
        """A table of limits has a group for each of its keys, a score card for each of its parts."""
        if self.rule.unit == "score_card":
            return [*card_groups(self), ("", [self[name] for name in _COMMON])]
        if self.rule.unit != "limit":
            return super().groups
        keys = _keys(self.rule, self.before)
        found: list[tuple[Any, ...]] = [
            (
                key_words(self.rule, key) if key else self.rule.label,
                [
                    self[f"{name}_{key}"]
                    for name in ("number", "unit", "warnings", "pauses", "times", "length")
                ],
            )
            for key in keys
        ]
        return [*found, ("", [self[name] for name in _COMMON])]

    def value(self) -> Any:
        """The value that was typed; only after `is_valid`."""
        return _typed(self.rule, self.before, self.cleaned_data)


def _common_fields(region: str, today: Any) -> dict[str, forms.Field]:
    return {
        "valid_from": day_field(_("从哪天起"), initial=today),
        "valid_to": day_field(_("到哪天止(不含)"), required=False),
        "region": LineField(
            label=_("地区代码"),
            max_length=6,
            required=False,
            initial=region,
            help_text=_("全国留空;只管一地的填它的代码,如 371502。"),
        ),
        "legal_basis": LineField(
            label=_("依据"), max_length=300, help_text=_("法规、文件和条款;没有依据的规则不能设。")
        ),
    }


LINES = {"named": (gettext_lazy("名称和版本"), LONGEST_NAME), "prefix": (gettext_lazy("两个大写字母"), 2)}
"""Rules of one line: what it is called, and how long it may be."""


def _value_fields(rule: Rule, value: Any) -> dict[str, forms.Field]:
    if rule.unit == "limit":
        return _limit_fields(rule, value)
    if rule.unit == "roles":
        chosen = list(value or ()) + [""] * LEVELS
        choices = [("", "–"), *roles_offered(rule)]
        return {
            f"role_{n}": forms.ChoiceField(
                label=_("第 %s 级") % n, choices=choices, required=n == 1, initial=chosen[n - 1]
            )
            for n in range(1, LEVELS + 1)
        }
    if rule.unit == "lockout":
        return {
            "failures": number_field(_("连续失败次数"), 3, 20, initial=value["failures"]),
            "minutes": number_field(_("锁定分钟"), 5, 1440, initial=value["minutes"]),
        }
    if rule.unit == "apart":
        return {
            "hours": number_field(_("相隔几小时"), 0, 168, initial=value["hours"]),
            "half_days": forms.BooleanField(label=_("要换半天"), required=False, initial=value["half_days"]),
        }
    if rule.unit == "shifts":
        return _shift_fields(value)
    if rule.unit == "score_card":
        return card_fields(value or {})
    if rule.unit == "choice":
        choices = [(key, key_words(rule, key)) for key in rule.keys]
        return {"value": forms.ChoiceField(label=str(rule.label), choices=choices, initial=value)}
    if rule.unit in NUMBERS:
        return {"value": number_field(str(rule.label), rule.low, rule.high, initial=value)}
    if rule.unit in LINES:
        label, longest = LINES[rule.unit]
        return {"value": LineField(label=label, max_length=longest, initial=value)}
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return {"value": JsonField(label=_("值(JSON)"), max_length=4_000, initial=text)}


def _shift_fields(value: Any) -> dict[str, forms.Field]:
    """When mornings and afternoons begin and end; without an afternoon the office stays open through noon."""
    kept = [*(str(shift).split("-") for shift in value), ["", ""]]
    (begin, noon), (after, end) = kept[:2]
    through = _("中午不休息的,只填上午两格,上午下班写全天的下班时间。")
    return {
        "morning_begin": time_field(_("上午上班"), initial=begin),
        "morning_end": time_field(_("上午下班"), initial=noon),
        "afternoon_begin": time_field(_("下午上班"), initial=after, required=False, help_text=through),
        "afternoon_end": time_field(_("下午下班"), initial=end, required=False),
    }


def _shifts_typed(given: Mapping[str, Any]) -> list[str]:
    halves = [(given[f"{half}_begin"], given[f"{half}_end"]) for half in ("morning", "afternoon")]
    return [f"{_clock(begin)}-{_clock(end)}" for begin, end in halves if begin or end]


def _clock(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""


class JsonField(TextField):
    """JSON typed by hand; fractions stay as they are written, for the ledger keeps no floats."""

    def clean(self, value: Any) -> Any:
        try:
            return json.loads(super().clean(value), parse_float=str)
        except (json.JSONDecodeError, RecursionError):
            raise forms.ValidationError(_("不是合法的 JSON。")) from None


class WarningsField(LineField):
    """Warnings as people write them: 80%, 1 工作日."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return [_warning(part.strip()) for part in re.split("[,,、;;]", text) if part.strip()]


def _warning(part: str) -> Any:
    if share := SHARE.fullmatch(part):
        hundredths = int(share[1])
        if not 0 < hundredths <= 100:
            raise forms.ValidationError(_("预警的百分比应为 1% 至 100%。"))
        return f"{hundredths / 100:g}"
    before = BEFORE.fullmatch(part.removeprefix("提前").removesuffix(" before"))
    unit = {str(label): code for code, label in UNITS.items()} | {code: code for code in UNITS}
    if not before or before[2] not in unit:
        raise forms.ValidationError(_("预警写作 80%% 或 1 工作日,多个用逗号隔开;“%s”不对。") % part[:20])
    return {"number": int(before[1]), "unit": unit[before[2]]}


def _keys(rule: Rule, value: Any) -> list[str]:
    if isinstance(value, Mapping) and "number" in value:
        return [""]
    return keys_ordered(rule, value or {})


def _limit_fields(rule: Rule, value: Any) -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {}
    for key in _keys(rule, value):
        now = (value or {}) if not key else (value or {}).get(key, {})
        extension, needed = now.get("extension") or {}, key in ("", "default")
        fields |= {
            f"number_{key}": number_field(_("时长"), 1, HIGHEST, initial=now.get("number"), required=needed),
            f"unit_{key}": forms.ChoiceField(
                label=_("单位"), choices=list(UNITS.items()), initial=now.get("unit", "working_day")
            ),
            f"warnings_{key}": WarningsField(
                label=_("预警"),
                max_length=80,
                required=False,
                initial=warnings_words(now.get("warnings", ())),
            ),
            f"pauses_{key}": forms.BooleanField(
                label=_("可挂起"), required=False, initial=now.get("pauses", True)
            ),
            f"times_{key}": number_field(
                _("可延次数"), 0, 9, required=False, initial=extension.get("max_number")
            ),
            f"length_{key}": number_field(
                _("每次至多延"), 1, 1_000, required=False, initial=extension.get("max_length")
            ),
        }
    return fields


def _typed(rule: Rule, before: Any, given: Mapping[str, Any]) -> Any:
    if rule.unit == "limit":
        keys = _keys(rule, before)
        if keys == [""]:
            return _limit_typed("", before or {}, given)
        typed = {key: _limit_typed(key, (before or {}).get(key, {}), given) for key in keys}
        return {key: value for key, value in typed.items() if value}
    if rule.unit == "roles":
        return [given[f"role_{n}"] for n in range(1, LEVELS + 1) if given[f"role_{n}"]]
    if rule.unit == "shifts":
        return _shifts_typed(given)
    if rule.unit == "score_card":
        return card_typed(given)
    if rule.unit == "lockout":
        return {"failures": given["failures"], "minutes": given["minutes"]}
    if rule.unit == "apart":
        return {"hours": given["hours"], "half_days": given["half_days"]}
    return given["value"]


def _limit_typed(key: str, before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any] | None:
    """The limit of one key, without what is usual anyway; None for a key without a number. What the form does not ask
    (how the end of a day counts) stays as it was.
    """
    if not given[f"number_{key}"]:
        return None
    value = {**before, "number": given[f"number_{key}"], "unit": given[f"unit_{key}"]}
    for name in ("warnings", "extension", "pauses"):
        value.pop(name, None)
    if given[f"warnings_{key}"]:
        value["warnings"] = given[f"warnings_{key}"]
    if given[f"times_{key}"]:
        extension = dict(before.get("extension") or {})
        value["extension"] = {
            **extension,
            "max_number": given[f"times_{key}"],
            "max_length": given[f"length_{key}"] or 1,
        }
    if not given[f"pauses_{key}"]:
        value["pauses"] = False
    return value
