"""Reporting without an account: what the form says becomes an order, once, with its photographs, within the amounts.

A report goes the way of every other: `order_take`, dispatched at once, by nobody in between.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.cases.idempotency import idempotent
from bihuan.kernel.cases.models import Case, Party
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.services import notice_put
from bihuan.kernel.public.gates import gate_check, gate_count
from bihuan.kernel.public.outlines import county_at
from bihuan.kernel.public.services import photographs_add, photographs_checked
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.geo import Point
from bihuan.lib.identifiers import phone_normal
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.hotline.dispatching import dispatch_map
from bihuan.packs.hotline.models import Order
from bihuan.packs.hotline.order_data import title_of
from bihuan.packs.hotline.services import PACK, order_take

WANTS = (
    ("help", gettext_lazy("请帮忙解决")),
    ("complaint", gettext_lazy("投诉")),
    ("report", gettext_lazy("举报(替您保密)")),
    ("enquiry", gettext_lazy("问一问")),
    ("suggestion", gettext_lazy("提建议")),
    ("praise", gettext_lazy("表扬")),
)
OPERATION = "citizen_report"
LONGEST = 2000
PLACE_LONGEST = 150
POINT = re.compile(r"(-?\d{1,3}(?:\.\d{1,12})?),(-?\d{1,2}(?:\.\d{1,12})?)")
FIELDS = ("text", "type", "place", "territory", "point", "reporter", "phone", "secret", "call")


@dataclass(frozen=True, slots=True)
class Reported:
    """A report taken in; `again` when the same form came a second time."""

    case: int
    number: str
    again: bool


def report_read(typed: Mapping[str, str]) -> dict[str, Any]:
    """An order's data from the form as typed. FieldError names the field and the rule."""
    given = {name: str(typed.get(name, "")).strip() for name in FIELDS}
    if not given["text"]:
        raise FieldError("text", "required", _("请说说发生了什么事。"))
    if len(given["text"]) > LONGEST:
        raise FieldError("text", "too_long", _("最多写 %s 个字,现在太长了。") % LONGEST)
    place = place_told(given["place"], given["point"])
    if not place and not given["territory"]:
        raise FieldError("place", "required", _("请写在哪里,或者在地图上点一下。"))
    if given["call"] and not given["phone"]:
        raise FieldError("phone", "required", _("要我们打电话给您,请留电话号码。"))
    data = {
        "text": given["text"],
        "type": given["type"] or "help",
        "place": place,
        "territory": given["territory"],
        "reporter": given["reporter"],
        "phone": given["phone"],
        "confidential": "yes" if given["secret"] else "",
        "channel": "web",
    }
    return {name: value for name, value in data.items() if value}


def place_told(words: str, point: str) -> str:
    """The place in words, with the county and the coordinates of a point on the map: "longitude,latitude" in degrees."""
    if len(words) > PLACE_LONGEST:
        raise FieldError("place", "too_long", _("地点最多写 %s 个字。") % PLACE_LONGEST)
    if not point:
        return words
    found = POINT.fullmatch(point)
    county = county_at(float(found[1]), float(found[2])) if found else ""
    if not found or not county:
        raise FieldError("place", "outside", _("地图上的点不在本市,请重新点,或者用文字写在哪里。"))
    told = f"{county}(地图点位 {Point(float(found[2]), float(found[1]))})"
    return f"{words} {told}" if words else told


def citizen_report(
    *,
    data: Mapping[str, Any],
    files: Sequence[Any],
    key: str,
    address: str,
    now: datetime,
    origin: int | None = None,
) -> Reported:
    """Take a report in once for its form's `key`. TooMuch, Refusal or FieldError; then nothing was written.

    `origin` is the closed case that is reported again.
    """
    if not key:
        raise Refusal("form_key", _("这张表不完整,请刷新后再试。"))
    who = phone_normal(str(data.get("phone", "")))
    gate_check("report_address", address, now)
    if who:
        gate_check("report_phone", who, now)
    named = photographs_checked(files)
    request = {**data, "origin": origin, "photographs": [getattr(file, "size", 0) for file, _name in named]}

    def act() -> tuple[int, dict[str, Any]]:
        taken = _enter(data, named, now, origin)
        if who:
            gate_count("report_phone", who, now)
        gate_count("report_address", address, now)
        return 201, taken

    with transaction.atomic():
        _status, answer, again = idempotent(
            actor=BY_REPORTER, operation=OPERATION, key=key, request=request, now=now, act=act
        )
    return Reported(answer["case"], answer["number"], again)


def _enter(
    data: Mapping[str, Any], named: Sequence[tuple[Any, str]], now: datetime, origin: int | None
) -> dict[str, Any]:
    if origin:
        _only_once(origin)
    taken = order_take(data=data, by=BY_REPORTER, now=now, origin=origin)
    photographs_add(case=taken.case, named=named, now=now)
    with kernel_writes():
        party = Party.objects.filter(case_id=taken.case).exclude(phone="").first()
        if party is not None and not party.confidential:
            context = {"number": taken.number, "state": taken.state}
            key = f"case:{taken.case}:taken"
            notice_put(
                channel="sms",
                template="taken",
                key=key,
                now=now,
                context=context,
                case=taken.case,
                party=party.pk,
            )
    return {"case": taken.case, "number": taken.number}


def _only_once(origin: int) -> None:
    """Under the lock of the closed case: Refusal while it is being handled again already."""
    with kernel_writes():
        Case.objects.select_for_update(no_key=True).get(pk=origin)
        pending = Case.objects.filter(origin_id=origin, pack=PACK, closed_at=None)
        number = pending.values_list("number", flat=True).first()
    if number:
        raise Refusal("pending", _("您已经再次反映过,正在办,编号 %s。") % number)


def report_again(*, case: int, words: str) -> dict[str, Any]:
    """An order's data for reporting a closed case again: the same person, matter and place, with the new words.

    Refusal while the case is open.
    """
    if not words.strip():
        raise FieldError("text", "required", _("请说说现在怎么样了。"))
    with kernel_writes():
        row = Case.objects.select_related("order", "territory").get(pk=case)
        party = Party.objects.filter(case=row, role=Party.Role.REPORTER).order_by("pk").first()
    if row.closed_at is None:
        raise Refusal("open", _("这件事还在办,不用再次反映。可以补充情况。"))
    order: Order | None = getattr(row, "order", None)
    data = {
        "title": f"再次反映:{title_of(words)}",
        "text": f"再次反映(原编号 {row.number})。\n{words.strip()}",
        "type": order.type if order else "help",
        "matter": row.matter if row.matter in dispatch_map().matters else "",
        "place": row.place,
        "territory": row.territory.code if row.territory else "",
        "reporter": party.name if party else "",
        "phone": party.phone if party else "",
        "address": party.address if party else "",
        "confidential": "yes" if row.confidential else "",
        "channel": "web",
    }
    return {name: value for name, value in data.items() if value}
