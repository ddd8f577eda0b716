"""What comes in by Open311: a posted request becomes an order by the hotline's one way, once.

Without a key it is the reporter's own report, within the amounts of the public form; with the access token of somebody
who may enter orders it is that person's entry.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.cases.idempotency import idempotent
from bihuan.kernel.cases.models import Idempotency
from bihuan.kernel.desk.api.tokens import token_person
from bihuan.kernel.identity.scope import scope_apply, scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from bihuan.kernel.public.gates import TooMuch, gate_check, gate_count
from bihuan.lib.hashing import canonical_bytes, digest
from bihuan.lib.refusals import NotFound, NotPermitted
from bihuan.lib.text import FieldError, clean_text
from bihuan.packs.hotline.adapters.open311_services import (
    TOWNSHIP,
    UNSORTED,
    WANT,
    service_check,
    townships,
)
from bihuan.packs.hotline.api import TAKERS
from bihuan.packs.hotline.citizens import reporting as citizens
from bihuan.packs.hotline.citizens.reporting import Reported, citizen_report, place_told
from bihuan.packs.hotline.dispatching import dispatch_map
from bihuan.packs.hotline.order_data import TEXT_LIMIT
from bihuan.packs.hotline.services import order_take

OPERATION = "open311"
DEGREES = re.compile(r"-?\d{1,3}(?:\.\d{1,20})?")
ATTRIBUTE = re.compile(r"attribute\[([^\]]{1,40})\](?:\[\])?")
ADDRESS_LIMIT = 500
PARAMETERS = {
    "text": "description", "title": "description", "place": "address_string", "reporter": "first_name",
    "matter": "service_code", "type": f"attribute[{WANT}]", "territory": f"attribute[{TOWNSHIP}]",
}  # fmt: skip
"""What Open311 calls the fields of an order."""


def report_read(typed: QueryDict, *, now: datetime) -> dict[str, Any]:
    """An order's data from the parameters of a posted request. NotFound for an unknown service, FieldError by parameter.

    `email`, `device_id` and `account_id` are taken and not kept: an order has no place for them.
    """
    code = typed.get("service_code", "").strip()
    if not code:
        raise FieldError("service_code", "required", _("此项必填。"))
    service_check(code)
    attributes = _attributes(typed, now)
    data = {
        "text": _text(typed, code),
        "type": attributes.get(WANT, "help"),
        "matter": "" if code == UNSORTED else code,
        "place": _place(typed),
        "territory": attributes.get(TOWNSHIP) or _address_known(typed, now),
        "reporter": _name(typed),
        "phone": typed.get("phone", "").strip(),
        "channel": "app",
    }
    if not data["place"] and not data["territory"]:
        raise FieldError(
            "address_string", "required", _("请给出 lat 和 long,或 address_string,或 address_id。")
        )
    return {name: value for name, value in data.items() if value}


def report_take(
    data: dict[str, Any], *, api_key: str, given_key: str, address: str, now: datetime
) -> Reported:
    """Take the report in once for its key; without a key of its own, the same report is one that day.

    NotPermitted for a key that is none, TooMuch beyond the public's amounts, Refusal or FieldError; then nothing changed.
    """
    person = _person(api_key, address, now) if api_key else None
    told = {"data": data, "from": person or address, "on": timezone.localdate(now).isoformat()}
    key = _key(given_key or digest(canonical_bytes(told)).hex())
    if person is None:
        return citizen_report(data=data, files=(), key=key, address=address, now=now)

    def act() -> tuple[int, dict[str, Any]]:
        taken = order_take(data=data, by=person, now=now)
        return 201, {"case": taken.case, "number": taken.number}

    with transaction.atomic():
        _status, kept, again = idempotent(
            actor=person, operation=OPERATION, key=key, request=data, now=now, act=act
        )
    return Reported(kept["case"], kept["number"], again)


def number_by_key(key: str) -> str:
    """The number of the order that was posted with this Idempotency-Key. NotFound when there is none."""
    with kernel_writes():
        kept = Idempotency.objects.filter(
            operation__in=(OPERATION, citizens.OPERATION), key=_key(key), status__isnull=False
        )
        answer = kept.order_by("created_at").values_list("answer", flat=True).first()
    if not answer:
        raise NotFound("token", _("没有这个 token。"), field="token")
    return str(answer["number"])


def _key(given: str) -> str:
    """The keys of Open311 are kept apart from those of the public form."""
    return f"{OPERATION}:{given}"


def _person(api_key: str, address: str, now: datetime) -> int:
    """Whose token it is; from here on the request sees what that person sees. Wrong ones are counted by address."""
    gate_check("token_address", address, now)
    person = token_person(token=api_key, now=now)
    if person is None:
        with suppress(TooMuch):  # the next one is told
            gate_count("token_address", address, now)
        raise NotPermitted("token", _("api_key 无效、已过期或已撤销。"), field="api_key")
    scope = scope_of(person=person, at=now, roles=roles())
    if not scope.holds(*TAKERS):
        raise NotPermitted(
            "not_permitted", _("登记工单要由接线员、协调员或中心督办来办,您没有这一权限。"), field="api_key"
        )
    scope_apply(scope)
    return person


def _text(typed: QueryDict, code: str) -> str:
    said = clean_text(typed.get("description", ""), field="description", max_length=TEXT_LIMIT)
    if not said and code == UNSORTED:
        raise FieldError("description", "required", _("请说说发生了什么事。"))
    return "\n".join(filter(None, (said or dispatch_map().matters[code].name, _media(typed))))


def _media(typed: QueryDict) -> str:
    """The address of a picture, as words for whoever handles the order: nothing is fetched from it."""
    address = clean_text(
        typed.get("media_url", ""), field="media_url", max_length=ADDRESS_LIMIT, multiline=False
    )
    if not address:
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise FieldError("media_url", "address", _("应为 http:// 或 https:// 开头的地址,不带用户名。"))
    return f"照片:{address}"


def _place(typed: QueryDict) -> str:
    words, point = typed.get("address_string", "").strip(), []
    for name in ("long", "lat"):
        text = typed.get(name, "").strip()
        if text and not DEGREES.fullmatch(text):
            raise FieldError(name, "number", _("应为以度为单位的小数。"))
        point.append(text)
    if any(point) and not all(point):
        missing = "lat" if point[0] else "long"
        raise FieldError(missing, "required", _("lat 和 long 要一起给出。"))
    try:
        return place_told(words, ",".join(f"{float(text):.6f}" for text in point if text))
    except FieldError as fault:
        field = "lat" if fault.rule == "outside" else "address_string"
        raise FieldError(field, fault.rule, fault.message) from None


def _address_known(typed: QueryDict, now: datetime) -> str:
    """address_id is the code of a township or county, as GB/T 2260 and the statistics office number them."""
    code = typed.get("address_id", "").strip()
    found = dispatch_map().places.by_code.get(code)
    if code and (found is None or not found.exists(timezone.localdate(now))):
        raise FieldError("address_id", "unknown_unit", _("没有这个地址编号(address_id)。"))
    return code


def _name(typed: QueryDict) -> str:
    first, last = (typed.get(name, "").strip() for name in ("first_name", "last_name"))
    return f"{first} {last}".strip() if (first + last).isascii() else last + first


def _attributes(typed: QueryDict, now: datetime) -> dict[str, str]:
    known = {WANT: dict(citizens.WANTS), TOWNSHIP: dict.fromkeys(townships(now))}
    given: dict[str, str] = {}
    for name in typed:
        found = ATTRIBUTE.fullmatch(name)
        values = [value.strip() for value in typed.getlist(name) if value.strip()]
        if not name.startswith("attribute") or not values:
            continue
        if not found or found[1] not in known:
            raise FieldError("attribute", "unknown", _("这项服务不问这一项。"))
        if len(values) > 1 or found[1] in given or values[0] not in known[found[1]]:
            raise FieldError(f"attribute[{found[1]}]", "choice", _("请从服务定义列出的值中选一个。"))
        given[found[1]] = values[0]
    return given
