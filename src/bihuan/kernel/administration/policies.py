"""The rules and their values over time: what holds where, since when and why; a new value, with its effect beforehand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bihuan.kernel.administration.history import people_named
from bihuan.kernel.administration.hours import hours_effect
from bihuan.kernel.administration.policy_forms import PolicyForm
from bihuan.kernel.administration.policy_values import (
    Rule,
    key_words,
    keys_ordered,
    limit_words,
    rule_of,
    rules,
    value_words,
)
from bihuan.kernel.administration.score_card import card_effect
from bihuan.kernel.administration.services import policy_change
from bihuan.kernel.administration.shape import (
    Action,
    Asked,
    Change,
    Column,
    Done,
    Effect,
    Filter,
    Kind,
    Mark,
    Table,
    Version,
)
from bihuan.kernel.clocks.calendar import Calendar, CalendarError, epoch
from bihuan.kernel.clocks.rulebook import HOURS, rulebook
from bihuan.kernel.clocks.rules import due_at
from bihuan.kernel.clocks.running import limit_read
from bihuan.kernel.ledger.selectors import RegisterEntry, register_entries
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.policies.models import PolicyRule
from bihuan.kernel.policies.selectors import policy_in_force, policy_rows, regions_around
from bihuan.lib.declared import declared
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError

MORNING = time(9, 0)
NOT_SET = gettext_lazy("未设定,按缺省")


@dataclass(frozen=True, slots=True)
class Held:
    """A rule in a region with all its rows, and the one that holds today (None: not set there today)."""

    rule: Rule
    region: str
    rows: tuple[PolicyRule, ...]
    now: PolicyRule | None

    @property
    def value(self) -> Any:
        return self.now.value if self.now else self.rule.default


def held(code: str, region: str, on: date, every: Sequence[PolicyRule] | None = None) -> Held:
    """The rule in a region as it stands on a day. `every` saves the reading of all rows, when the caller has them."""
    every = policy_rows() if every is None else every
    rows = tuple(row for row in every if row.code == code and row.region == region)
    try:
        now = policy_in_force(code=code, region=region, on=on, rows=list(rows))
    except Refusal:
        now = None
    return Held(rule_of(code), region, rows, now)


class Policies(Kind):
    """For the administrator whom a new regulation reaches: the rules by field, and what a new value would do."""

    name = "policies"
    label = gettext_lazy("规则")
    about = gettext_lazy("时限、次数、审核级数等,带起止日期和依据。改规则只管以后受理的件。")
    group = "rules"
    roles = ("system_admin", "security_admin")
    search = gettext_lazy("名称、代码或依据")
    stream = "policy"
    columns = (
        Column("label", gettext_lazy("规则")),
        Column("group", gettext_lazy("类别")),
        Column("words", gettext_lazy("现行")),
        Column("region", gettext_lazy("地区")),
        Column("valid_from", gettext_lazy("生效")),
        Column("valid_to", gettext_lazy("失效")),
        Column("basis", gettext_lazy("依据")),
        Column("coming", gettext_lazy("将来")),
        Column("code", gettext_lazy("代码"), screen=False),
        Column("value", gettext_lazy("值"), screen=False),
        Column("legal_basis", gettext_lazy("依据"), screen=False),
    )
    filters = (Filter("group", gettext_lazy("类别"), lambda: [(g, g) for g in _groups()]),)
    import_columns = ("code", "value", "valid_from", "legal_basis")
    import_roles = roles

    def rows(self, asked: Asked) -> list[Held]:
        on = timezone.localdate(asked.now)
        every = policy_rows()
        known = {(row.code, row.region) for row in every} | {(code, "") for code in rules()}
        found = [held(code, region, on, every) for code, region in known]
        found.sort(key=lambda one: (str(one.rule.group), one.rule.code, one.region))
        return [one for one in found if _fits(one, asked)]

    def cells(self, rows: Sequence[Held], asked: Asked) -> list[tuple[Any, ...]]:
        return [_cells(one, timezone.localdate(asked.now)) for one in rows]

    def key(self, row: Held) -> str:
        return f"{row.rule.code}~{row.region}" if row.region else row.rule.code

    def found(self, key: str, asked: Asked) -> Held | None:
        code, _tilde, region = key.partition("~")
        one = held(code, region, timezone.localdate(asked.now))
        return one if one.rows or (code in rules() and not region) else None

    def title(self, row: Held) -> str:
        return f"{row.rule.label} · {row.region}" if row.region else str(row.rule.label)

    def facts(self, row: Held, asked: Asked) -> list[tuple[Any, Any]]:
        words = value_words(row.rule, row.value) if row.value is not None else None
        return [
            (_("现行"), words if row.now or words is None else f"{NOT_SET}: {words}"),
            (_("地区"), row.region or _("全国")),
            (_("生效"), row.now.valid_from if row.now else None),
            (_("失效"), row.now.valid_to if row.now else None),
            (_("依据"), declared(row.now.legal_basis) if row.now else None),
            (_("在办的时限"), _judged(row.now)),
            (_("代码"), row.rule.code),
        ]

    def versions(self, row: Held, asked: Asked) -> list[Version]:
        entries = register_entries(
            stream="policy", match={"code": row.rule.code, "region": row.region}, most=1_000
        )
        by = {entry.data["rule"]: entry.by for entry in entries}
        names = people_named(list(by.values()))
        on = timezone.localdate(asked.now)
        return [
            Version(
                one.valid_from,
                one.valid_to,
                value_words(row.rule, one.value),
                declared(one.legal_basis),
                names.get(by.get(one.pk, ""), ""),
                one.recorded_at,
                _state(one, row, on),
            )
            for one in sorted(row.rows, key=lambda one: (one.valid_from, one.pk), reverse=True)
        ]

    def history_match(self, row: Held) -> Mapping[str, Any]:
        return {"code": row.rule.code, "region": row.region}

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        until = entry.data.get("valid_to") or ""
        return [
            (_("值"), value_words(rule_of(entry.data["code"]), entry.data["value"])),
            (_("起止"), f"{entry.data['valid_from']} – {until}"),
            (_("依据"), declared(entry.data["legal_basis"])),
        ]

    def row_import(self, values: Mapping[str, str], asked: Asked) -> Change:
        rule = rule_of(values["code"])
        region = values.get("region", "")
        value = _value_read(values["value"])
        if not values["valid_from"] and value == rule.default:
            return Change("same", str(rule.label), str(NOT_SET))
        try:
            row = policy_change(
                code=values["code"],
                value=value,
                legal_basis=values["legal_basis"],
                valid_from=_day_read(values["valid_from"], "valid_from"),
                valid_to=_day_read(values["valid_to"], "valid_to") if values.get("valid_to") else None,
                region=region,
                now=asked.now,
                by=asked.by,
            )
        except Refusal as refusal:
            if refusal.code != "same":
                raise
            return Change("same", str(rule.label), value_words(rule, value))
        before = PolicyRule.objects.filter(code=row.code, region=row.region).exclude(pk=row.pk).exists()
        return Change("changed" if before else "new", str(rule.label), value_words(rule, value))


def _groups() -> list[str]:
    return sorted({str(rule.group) for rule in rules().values()})


def _fits(one: Held, asked: Asked) -> bool:
    basis = one.now.legal_basis if one.now else ""
    told = f"{one.rule.label} {one.rule.code} {one.region} {basis} {declared(basis)}".lower()
    return asked.q.lower() in told and asked.chosen.get("group") in (None, str(one.rule.group))


def _cells(one: Held, on: date) -> tuple[Any, ...]:
    coming = sorted(row.valid_from for row in one.rows if row.valid_from > on)
    words = value_words(one.rule, one.value) if one.value is not None else None
    return (
        str(one.rule.label),
        str(one.rule.group),
        words if one.now else Mark(f"{NOT_SET}: {words}" if words else NOT_SET, "paused"),
        one.region,
        one.now.valid_from if one.now else None,
        one.now.valid_to if one.now else None,
        declared(one.now.legal_basis) if one.now else None,
        Mark(_("%s 起有新值") % coming[0], "near") if coming else None,
        one.rule.code,
        json.dumps(one.value, ensure_ascii=False),
        one.now.legal_basis if one.now else None,
    )


def _state(row: PolicyRule, one: Held, on: date) -> str:
    if one.now and row.pk == one.now.pk:
        return "now"
    if row.valid_from > on:
        return "coming"
    ended = row.valid_to is not None and row.valid_to <= on
    return "past" if ended else "replaced"


def _judged(row: PolicyRule | None) -> int:
    """How many running clocks of open cases were begun by this row; as the kernel sees."""
    if row is None:
        return 0
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from clocks_clock where stopped_at is null and rule_id = %s", [row.pk]
        )
        return int(cursor.fetchone()[0])


def _value_read(text: str) -> Any:
    try:
        return json.loads(text, parse_float=str)
    except (json.JSONDecodeError, RecursionError):
        raise FieldError("value", "value", "值应写成 JSON。") from None


def _day_read(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise FieldError(name, "date", "应为日期,如 2026-01-31。") from None


def _form(row: Held, data: Any, asked: Asked) -> PolicyForm:
    first = timezone.localdate(asked.now) + timedelta(days=row.rule.code == HOURS)
    return PolicyForm(data, rule=row.rule, value=row.value, region=row.region, today=first)


def _value(row: Held, given: Mapping[str, Any]) -> Any:
    form = PolicyForm(None, rule=row.rule, value=row.value, region="", today=None)
    form.cleaned_data = dict(given)
    return form.value()


def _set(row: Held, given: dict[str, Any], asked: Asked) -> Done:
    made = policy_change(
        code=row.rule.code,
        value=_value(row, given),
        legal_basis=given["legal_basis"],
        valid_from=given["valid_from"],
        valid_to=given["valid_to"],
        region=given["region"],
        now=asked.now,
        by=asked.by,
    )
    return Done(_("“%(rule)s”已设定,%(day)s 起生效。") % {"rule": row.rule.label, "day": made.valid_from})


def policy_effect(row: Held, given: Mapping[str, Any], asked: Asked) -> Effect:
    """What a new value would do: from when it counts, what stays as it is, and dates by way of example."""
    value, since, today = _value(row, given), given["valid_from"], timezone.localdate(asked.now)
    there = held(row.rule.code, given["region"], since)
    lines = [_("从 %(day)s 起受理的按新值:%(words)s。") % {
        "day": since, "words": value_words(row.rule, value).replace("\n", "; "),
    }]  # fmt: skip
    if there.now:
        was = {"day": since, "words": value_words(row.rule, there.value).replace("\n", "; ")}
        lines.append(_("在 %(day)s 之前受理的仍按:%(words)s。") % was)
    count = _judged(there.now)
    kept = ngettext(
        "按现行规则起算、还在走的时限有 %(n)s 个,到期时间一个也不变。",
        "按现行规则起算、还在走的时限有 %(n)s 个,到期时间一个也不变。",
        count,
    )
    tables: tuple[Table, ...] = ()
    if row.rule.unit == "limit":
        lines.append(kept % {"n": count})
        tables = (_examples(row.rule, there.value, value, since, asked.now),)
    if row.rule.unit == "score_card":
        told, tables = card_effect(row.rule.code, there.value, value, since, asked.now)
        lines = [value_words(row.rule, value).replace("\n", "; "), *told]
    if row.rule.code == HOURS:
        told, tables = hours_effect(value, given, asked.now)
        lines = [*lines[1:], *told] if there.now else told
    return Effect(tuple(lines), tables, tuple(_cautions(row, there, given, today)))


def _cautions(row: Held, there: Held, given: Mapping[str, Any], today: date) -> list[str]:
    found = []
    if given["valid_from"] < today:
        found.append(_("生效日期早于今天:已存的到期时间不会移动,只管此后才起算的时限。"))
    later = [one.valid_from for one in there.rows if one.valid_from > given["valid_from"]]
    if later:
        found.append(_("%s 起另有已登记的值,到时由它接替。") % min(later))
    regions = {one.region for one in policy_rows() if one.code == row.rule.code}
    nearer = sorted(r for r in regions if r != given["region"] and given["region"] in regions_around(r))
    if nearer:
        found.append(_("这些地区另有规定,不受影响:%s。") % "、".join(nearer))
    return found


def _examples(rule: Rule, before: Any, after: Any, since: date, now: datetime) -> Table:
    """Due times of a case accepted now, or in the morning of the first day if that lies ahead."""
    first = datetime.combine(since, MORNING, tzinfo=timezone.get_current_timezone())
    at, calendar = max(now, first), rulebook().calendar
    old, new = _table(before), _table(after)
    rows = []
    for key in [""] if "" in new else [k for k in keys_ordered(rule, {}) if k in new or k in old]:
        told = key_words(rule, key) if key else str(rule.label)
        rows.append((told, _due(_of_key(old, key), at, calendar), _due(_of_key(new, key), at, calendar)))
    title = _("例:%s 受理的一件") % f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
    return Table(title, (_("情形"), _("现行到期"), _("改后到期")), tuple(rows))


def _table(value: Any) -> dict[str, Mapping[str, Any]]:
    if not isinstance(value, Mapping):
        return {}
    return {"": value} if "number" in value else dict(value)


def _of_key(table: dict[str, Mapping[str, Any]], key: str) -> Mapping[str, Any] | None:
    """The limit of a key as a case finds it: "a.b" goes by "a", and that by "default"."""
    return next((table[name] for name in (key, key.partition(".")[0], "default") if name in table), None)


def _due(value: Mapping[str, Any] | None, at: datetime, calendar: Calendar) -> str:
    if not value:
        return "–"
    try:
        due = due_at(limit_read(value), epoch(at), calendar)
    except CalendarError as error:
        raise Refusal("calendar", str(error), field="number_default") from error
    shown = f"{due.when:%Y-%m-%d %H:%M}" if due.when else "–"
    return f"{shown} ({limit_words({'number': value['number'], 'unit': value['unit']})})" + (
        _("(暂定日历)") if due.provisional else ""
    )


def _security(row: Held) -> bool:
    return row.rule.security


def _system(row: Held) -> bool:
    return not row.rule.security


Policies.actions = (
    Action("set", gettext_lazy("设定新值"), ("system_admin",), _set, _form, policy_effect, open_to=_system),
    Action(
        "set-security",
        gettext_lazy("设定新值"),
        ("security_admin",),
        _set,
        _form,
        policy_effect,
        open_to=_security,
    ),
)
