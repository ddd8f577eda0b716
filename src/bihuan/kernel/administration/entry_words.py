"""What an entry of a register says, in words: every field with its label, people, units and times by their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.policy_values import rule_of, value_words
from bihuan.kernel.administration.shape import kinds
from bihuan.kernel.administration.webhooks import event_words, events_words
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.ledger.selectors import RegisterEntry
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.pack import packs, registers, roles
from bihuan.kernel.scoring.models import Account
from bihuan.kernel.sentences import in_line, named
from bihuan.lib.declared import declared

SHOWN = 12
"""So many things of a list are named."""
LONGEST = 300
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
LANGUAGES = {"zh-hans": gettext_lazy("中文"), "en": gettext_lazy("英文")}

LABELS: dict[str, Any] = {
    "person": gettext_lazy("人员"),
    "people": gettext_lazy("人员"),
    "grantor": gettext_lazy("委托人"),
    "grantee": gettext_lazy("受托人"),
    "on_behalf_of": gettext_lazy("代谁"),
    "unit": gettext_lazy("单位"),
    "unit_id": gettext_lazy("单位"),
    "codes": gettext_lazy("单位"),
    "to": gettext_lazy("接收单位"),
    "parent": gettext_lazy("上级单位"),
    "administered_by": gettext_lazy("由谁托管"),
    "territory": gettext_lazy("属地"),
    "assisting": gettext_lazy("协办单位"),
    "role": gettext_lazy("角色"),
    "step": gettext_lazy("步骤"),
    "name": gettext_lazy("名称"),
    "name_en": gettext_lazy("英文名称"),
    "basis": gettext_lazy("依据"),
    "legal_basis": gettext_lazy("依据"),
    "source": gettext_lazy("依据"),
    "since": gettext_lazy("从哪天起"),
    "on": gettext_lazy("从哪天起"),
    "begins": gettext_lazy("开始"),
    "ends": gettext_lazy("结束"),
    "until": gettext_lazy("到哪天为止"),
    "valid_from": gettext_lazy("生效"),
    "valid_to": gettext_lazy("失效"),
    "expires_at": gettext_lazy("到期"),
    "only": gettext_lazy("只用于"),
    "due_at": gettext_lazy("到期"),
    "due": gettext_lazy("到期"),
    "day": gettext_lazy("日期"),
    "month": gettext_lazy("月份"),
    "at": gettext_lazy("时间"),
    "what": gettext_lazy("原因"),
    "why": gettext_lazy("原因"),
    "reason": gettext_lazy("原因"),
    "late": gettext_lazy("超期"),
    "locked": gettext_lazy("当时已锁定"),
    "token": gettext_lazy("令牌"),
    "delegation": gettext_lazy("委托"),
    "region": gettext_lazy("地区"),
    "value": gettext_lazy("值"),
    "rule": gettext_lazy("规则"),
    "supersedes": gettext_lazy("替代"),
    "year": gettext_lazy("年份"),
    "off": gettext_lazy("放假"),
    "working": gettext_lazy("调休上班"),
    "published": gettext_lazy("已公布的年份"),
    "provisional_until": gettext_lazy("暂定到哪年"),
    "days": gettext_lazy("天数"),
    "rows": gettext_lazy("行数"),
    "row": gettext_lazy("行"),
    "active": gettext_lazy("在用"),
    "code": gettext_lazy("通知"),
    "template": gettext_lazy("通知"),
    "language": gettext_lazy("语言"),
    "channel": gettext_lazy("渠道"),
    "subject": gettext_lazy("标题"),
    "title": gettext_lazy("标题"),
    "text": gettext_lazy("内容"),
    "target": gettext_lazy("推送地址"),
    "notice": gettext_lazy("消息"),
    "url": gettext_lazy("地址"),
    "events": gettext_lazy("事件"),
    "arrived": gettext_lazy("已送达"),
    "address": gettext_lazy("筛选"),
    "picked": gettext_lazy("勾选的件"),
    "sample": gettext_lazy("抽样编号"),
    "scheme": gettext_lazy("抽样办法"),
    "listed": gettext_lazy("名单"),
    "drawn": gettext_lazy("抽中"),
    "left_out": gettext_lazy("未列入"),
    "digest": gettext_lazy("名单摘要"),
    "seed": gettext_lazy("种子"),
    "algorithm": gettext_lazy("算法"),
    "percent": gettext_lazy("百分比"),
    "rounding": gettext_lazy("取整"),
    "reached": gettext_lazy("接通"),
    "grade": gettext_lazy("评价"),
    "tries": gettext_lazy("未接通次数"),
    "results": gettext_lazy("结果"),
    "case": gettext_lazy("件"),
    "origin": gettext_lazy("由哪件引起"),
    "meeting": gettext_lazy("会议"),
    "kind": gettext_lazy("种类"),
    "place": gettext_lazy("地点"),
    "items": gettext_lazy("议程"),
    "item": gettext_lazy("议程"),
    "number": gettext_lazy("序号"),
    "export.number": gettext_lazy("编号"),
    "absent": gettext_lazy("缺席"),
    "present": gettext_lazy("到会"),
    "pack": gettext_lazy("业务"),
    "card": gettext_lazy("计分卡"),
    "version": gettext_lazy("版本"),
    "departments": gettext_lazy("部门"),
    "townships": gettext_lazy("镇街"),
    "lists": gettext_lazy("排名"),
    "decision": gettext_lazy("决定"),
    "decisions": gettext_lazy("决定"),
    "category": gettext_lazy("类别"),
    "facts": gettext_lazy("事实"),
    "peer": gettext_lazy("中心"),
    "relation": gettext_lazy("关系"),
    "fetched": gettext_lazy("由对方来取"),
    "key": gettext_lazy("密钥"),
    "public": gettext_lazy("公钥"),
    "previous": gettext_lazy("原来的"),
    "message": gettext_lazy("消息"),
    "erased": gettext_lazy("已清除"),
    "texts": gettext_lazy("文字"),
    "seals_set_aside": gettext_lazy("搁置的封印"),
}
"""What a field is called; `register.field` where a register means something else by it."""
LABELS |= {
    "account.matter": gettext_lazy("事由"),
    "account.unit_id": gettext_lazy("被问责单位"),
    "account.title": gettext_lazy("议定事项"),
    "account.number": gettext_lazy("件"),
    "account.list": gettext_lazy("排名"),
    "account.rule": gettext_lazy("计分卡"),
    "account.months": gettext_lazy("月份"),
    "redo_count": gettext_lazy("重办次数"),
    "return_count": gettext_lazy("退回次数"),
    "appointments.resource": gettext_lazy("资源编号"),
    "resource": gettext_lazy("资源编号"),
    "appointments.code": gettext_lazy("编号"),
    "appointments.kind": gettext_lazy("种类"),
    "minutes": gettext_lazy("每次几分钟"),
    "buffer": gettext_lazy("间隔几分钟"),
    "change": gettext_lazy("改动编号"),
    "first": gettext_lazy("从哪天起"),
    "last": gettext_lazy("到哪天为止"),
    "hours": gettext_lazy("时间"),
    "closed": gettext_lazy("停办"),
    "begin": gettext_lazy("开始"),
    "end": gettext_lazy("结束"),
    "booking": gettext_lazy("预约编号"),
    "forms.code": gettext_lazy("表单"),
    "sha256": gettext_lazy("指纹"),
    "certificate": gettext_lazy("证照编号"),
    "certificate.act": gettext_lazy("办法"),
    "certificate.ground": gettext_lazy("情形"),
    "policy.code": gettext_lazy("规则"),
    "policy.rule": gettext_lazy("行"),
    "exchange.code": gettext_lazy("代码"),
}
PEOPLE = frozenset({"person", "people", "grantor", "grantee", "on_behalf_of"})
UNITS = frozenset({"unit", "unit_id", "to", "parent", "administered_by", "territory", "assisting", "codes"})
ORDER = {field: place for place, field in enumerate(LABELS)}
LEFT_OUT = frozenset({"policy.unit", "notice.target", "sample.answers", "account.key"})
"""Fields that another one says, or whose keys only a pack can name: the raw entry has them."""
BY_KIND = frozenset({"model"})
"""Registers of which a pack's kind says more."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the people and units of some entries, by id (units by code as well)."""

    people: Mapping[int, str]
    units: Mapping[int | str, str]


def entries_said(entries: Sequence[Mapping[str, Any]]) -> list[list[tuple[Any, str]]]:
    """For each entry (`stream`, `seq`, `kind`, `at`, `by`, `data`) what it says, as (label, value). Asks once for all names."""
    names = _names(entries)
    return [_said(entry, names) for entry in entries]


def _names(entries: Sequence[Mapping[str, Any]]) -> Names:
    people = set(_held(entries, PEOPLE, int))
    ids, codes = set(_held(entries, UNITS, int)), set(_held(entries, UNITS, str))
    units = Unit.objects.filter(pk__in=ids) | Unit.objects.filter(code__in=codes)
    by_unit = [(unit.pk, unit.code, named(unit)) for unit in units]
    return Names(
        {person.pk: named(person) for person in Person.objects.filter(pk__in=people)},
        {pk: name for pk, _code, name in by_unit} | {code: name for _pk, code, name in by_unit},
    )


def _held(entries: Iterable[Mapping[str, Any]], fields: frozenset[str], kind: type) -> Iterator[Any]:
    """What these fields hold of a kind, the first few of each list."""
    for entry in entries:
        for field in fields & entry["data"].keys():
            held = entry["data"][field]
            yield from (
                one for one in (held[:SHOWN] if isinstance(held, list) else [held]) if type(one) is kind
            )


def _said(entry: Mapping[str, Any], names: Names) -> list[tuple[Any, str]]:
    stream, data = entry["stream"], entry["data"]
    ordered = sorted(data, key=lambda field: ORDER.get(field, len(ORDER)))
    told = ((field, _told(stream, field, data[field], data, names)) for field in ordered)
    lines = [(label_of(stream, field), value) for field, value in told if value and label_of(stream, field)]
    return lines + (_of_kinds(entry) if stream in BY_KIND else [])


def _of_kinds(entry: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """What the kinds that keep a register say of its entries."""
    read = RegisterEntry(entry["seq"], entry["kind"], entry["at"], entry["by"], entry["data"])
    return [
        line for kind in kinds().values() if kind.stream == entry["stream"] for line in kind.entry_lines(read)
    ]


def label_of(stream: str, field: str) -> Any:
    """What a field of a register is called; "" where another field says it, its own name where nobody has named it."""
    if stream in registers() and field in registers()[stream].fields:
        return registers()[stream].fields[field]
    return LABELS.get(f"{stream}.{field}") or LABELS.get(field, field)


def _told(stream: str, field: str, value: Any, data: Mapping[str, Any], names: Names) -> str:
    path = f"{stream}.{field}"
    if value in (None, "", [], {}) or path in LEFT_OUT:
        return ""
    if stream in registers() and field in registers()[stream].choices:
        choices = registers()[stream].choices[field]
        return _listed(value, lambda one: _(str(choices.get(one, one))))
    if path in TELLERS or field in TELLERS:
        return str((TELLERS.get(path) or TELLERS[field])(value, data))
    if field in PEOPLE or field in UNITS:
        known: Mapping[Any, str] = names.people if field in PEOPLE else names.units
        return _listed(value, lambda one: known.get(one) or (_("编号 %s") % one if one else ""))
    return _plain(value, stream)


def _plain(value: Any, stream: str) -> str:
    """Any value in words: a list's first things, a table's fields, moments by Shanghai's clock."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return (
            _("%s 项") % len(value)
            if value and isinstance(value[0], dict)
            else _listed(value, lambda one: _plain(one, stream))
        )
    if isinstance(value, dict):
        return in_line(f"{label_of(stream, key)} {_plain(held, stream)}" for key, held in value.items())[
            :LONGEST
        ]
    if isinstance(value, str) and MOMENT.match(value):
        with suppress(ValueError, OverflowError):  # a name may look like a moment and be none
            return f"{timezone.localtime(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)[:LONGEST]


def _listed(value: Any, tell: Callable[[Any], str]) -> str:
    """A thing, or a list's first things and how many there are in all."""
    if not isinstance(value, list):
        return tell(value)
    told = in_line(tell(one) for one in value[:SHOWN])
    return (
        _("%(first)s 等 %(count)s 个") % {"first": told, "count": len(value)} if len(value) > SHOWN else told
    )


def _role(code: str, data: Mapping[str, Any]) -> str:
    return _(roles()[code].label) if code in roles() else code


TELLERS: dict[str, Callable[[Any, Mapping[str, Any]], str]] = {
    "role": _role,
    "policy.code": lambda code, data: str(rule_of(code).label),
    "policy.value": lambda value, data: value_words(rule_of(data["code"]), value),
    "notice.code": lambda code, data: event_words(code),
    "notice.template": lambda code, data: event_words(code),
    "notice.language": lambda code, data: str(LANGUAGES.get(code, code)),
    "notice.channel": lambda code, data: str(dict(Notice.Channel.choices).get(code, code)),
    "notice.why": lambda why, data: _(why),
    "account.matter": lambda code, data: str(dict(Account.Matter.choices).get(code, code)),
    "account.case": lambda case, data: case if isinstance(case, str) else "",
    "basis": lambda basis, data: declared(basis),
    "legal_basis": lambda basis, data: declared(basis),
    "events": lambda events, data: events_words(events),
    "pack": lambda code, data: str(_(packs()[code].label)) if code in packs() else code,
}
"""How a field is told whose value is a code."""
