"""Keeping the catalogue: each change from a day on, an entry of the register `items`; what was said before stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.forms.models import FormVersion
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.packs.onewindow.catalogue.codes import KINDS, Scheme, code_read
from bihuan.packs.onewindow.catalogue.contents import contents_check, contents_clean
from bihuan.packs.onewindow.models import Item, ItemVersion

STREAM = "items"
ADMINISTRATOR = ("system_admin",)
TYPES = tuple(code for code, _label in KINDS)
COLUMNS = tuple(
    field.attname
    for field in ItemVersion._meta.concrete_fields
    if field.attname not in ("id", "item_id", "since", "recorded_at")
)
"""What a version says, for comparing one with the next."""
NO_APPROVERS = ("territory", "zone", "external")
"""Kinds of units that approve nothing."""


def item_add(
    *, code: str, scheme: Scheme, given: Mapping[str, Any], unit: int | None, now: datetime, by: int | str
) -> Item:
    """A new item from today on. FieldError or Refusal name the field and the rule; then nothing has changed."""
    power_require(*ADMINISTRATOR, by=by, now=now)
    read = code_read(code, scheme)
    if read.form == "case":
        raise Refusal("item_code", _("这是办件编码,不是事项编码。"), field="code")
    values = {
        "fees_unknown": True,
        **contents_clean(given, kinds=TYPES, code=read),
        **_organ(read),
        "unit_id": _unit(unit),
    }
    contents_check(values)
    _form_check(values)
    with kernel_writes():
        if Item.objects.filter(code=read.text).exists():
            raise Refusal("code_taken", _("这个编码已登记过;停用的事项编码也不再用。"), field="code")
        item = Item.objects.create(code=read.text, scheme=scheme)
        _version_put(item, values, timezone.localdate(now), now)
        _entered("item_added", item, values, now, by)
    return item


def item_set(
    *,
    item: int,
    given: Mapping[str, Any],
    now: datetime,
    by: int | str,
    unit: int | None = None,
    since: date | None = None,
) -> ItemVersion:
    """From a day on (today) the item says this. Fields that `given` leaves out stay. Refusal when nothing is different."""
    power_require(*ADMINISTRATOR, by=by, now=now)
    with kernel_writes():
        row, last = _last(item)
        read = code_read(row.code, row.scheme)
        values = {**_values(last), **contents_clean(given, kinds=TYPES, code=read), "unit_id": _unit(unit)}
        return _changed(row, last, values, since, now, by)


def item_use(*, item: int, active: bool, now: datetime, by: int | str) -> ItemVersion:
    """From today on the item can be applied for, or no longer."""
    power_require(*ADMINISTRATOR, by=by, now=now)
    with kernel_writes():
        row, last = _last(item)
        return _changed(row, last, {**_values(last), "active": active}, None, now, by)


def _changed(
    row: Item, last: ItemVersion, values: dict[str, Any], since: date | None, now: datetime, by: int | str
) -> ItemVersion:
    today = timezone.localdate(now)
    since = since or today
    contents_check(values)
    _form_check(values)
    if since < max(today, last.since):
        raise Refusal("dates", _("变更从今天或以后开始,也不能早于已登记的下一次变更。"), field="since")
    if values == _values(last):
        raise Refusal("same", _("与已登记的完全相同,没有要改的。"))
    made = _version_put(row, values, since, now)
    _entered("item_set", row, {**values, "since": since}, now, by)
    return made


def _last(item: int) -> tuple[Item, ItemVersion]:
    row = Item.objects.select_for_update(no_key=True).filter(pk=item).first()
    if row is None:
        raise NotFound("not_found", _("没有这个事项。"))
    return row, row.versions.latest("since", "pk")


def _values(version: ItemVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in COLUMNS}


def _form_check(values: Mapping[str, Any]) -> None:
    if values.get("form") and not FormVersion.objects.filter(code=values["form"]).exists():
        raise Refusal("unknown_form", _("没有这个表单,请先在“表单”里登记。"), field="form")


def _organ(read: Any) -> dict[str, Any]:
    return {"organ_code": read.organ, "organ_verified": read.verified}


def _unit(unit: int | None) -> int | None:
    if unit is None:
        return None
    row = Unit.objects.filter(pk=unit, valid_to=None).first()
    if row is None or row.kind in NO_APPROVERS:
        raise Refusal("unit", _("审批单位应是现有的部门。"), field="unit")
    return int(row.pk)


def _version_put(item: Item, values: Mapping[str, Any], since: date, now: datetime) -> ItemVersion:
    return ItemVersion.objects.create(item=item, since=since, recorded_at=now, **values)


def _entered(kind: str, item: Item, values: Mapping[str, Any], now: datetime, by: int | str) -> None:
    data = {
        "items": [item.code],
        **{name: value for name, value in values.items() if value not in ("", None, [])},
    }
    register_append(stream=STREAM, kind=kind, at=now, by=by, data=data)
