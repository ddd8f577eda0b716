"""An application as another system hands it in: read by its item's list, taken in and accepted as at the window."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.lib.refusals import Conflict, NotFound, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.applying.receiving import DATED, received_clean
from bihuan.packs.onewindow.applying.services import Taken, application_take, received_facts
from bihuan.packs.onewindow.catalogue.codes import code_read
from bihuan.packs.onewindow.catalogue.selectors import version_on
from bihuan.packs.onewindow.models import Item, ItemVersion
from bihuan.packs.onewindow.rules import lacking

PRESENT = "present"
STATES = (PRESENT, "lacking")


def application_hand_in(*, given: Mapping[str, Any], by: int, now: datetime) -> Taken:
    """Take in and accept what a system handed in, for the window of its account `by`; all or nothing.

    `given`: item (code), applicant, name, id_number, phone, address, materials {number: "present" | "lacking"}, dated {number: day}, way, remark,
    external_id. FieldError or Refusal with field and rule: a forged code, an unknown or ended item, wrong check digits, what is
    missing by number and name. Conflict for an external_id that was taken before.
    """
    version = version_coded(given["item"], now)
    present = _present(given["materials"])
    received = received_clean(
        {
            **given,
            "item": version.item_id,
            "outcome": given["way"],
            "signed": given["way"] == "accept_commitment",
            **{f"{DATED}{number}": day for number, day in given.get("dated", {}).items()},
        },
        present=present,
        today=timezone.localdate(now),
    )
    try:
        with transaction.atomic():
            return application_take(
                received=received, by=by, now=now, verified=False, external_id=given["external_id"]
            )
    except Refusal as refused:
        if refused.code != "materials_are_complete":
            raise
        raise _missing(version, received_facts(received, version, now)) from None
    except IntegrityError as error:
        if "external" not in str(error):
            raise
        raise Conflict("external_id", _("这个外部编号已收过一件,没有再收。"), field="external_id") from None


def version_coded(code: str, now: datetime) -> ItemVersion:
    """Today's version of the item with this code. FieldError for a code that is forged, NotFound for one that is not in the
    catalogue or has ended."""
    row = Item.objects.filter(code=code).only("pk").first()
    version = row and version_on(row.pk, timezone.localdate(now))
    if version and version.active:
        return version
    if row is None:
        _code_check(code)
    raise NotFound("item", _("目录里没有这个事项,或已停用。"), field="item")


def _code_check(code: str) -> None:
    """FieldError when a code that looks like a national one is none."""
    if not (code.isascii() and code.isalnum()):
        return
    try:
        found = code_read(code, "national")
    except FieldError as fault:
        raise FieldError("item", "item_code", fault.message) from None
    if found.form == "case":
        raise FieldError("item", "item_code", _("这是办件编码,不是事项编码。"))


def _present(materials: Mapping[str, str]) -> tuple[str, ...]:
    for number, state in materials.items():
        if state not in STATES or not (number.isascii() and number.isdecimal()):
            raise FieldError(
                "materials",
                "choice",
                _("材料写成 {“序号”: “present” 或 “lacking”},序号在办事指南的材料清单里。"),
            )
    return tuple(number for number, state in materials.items() if state == PRESENT)


def _missing(version: ItemVersion, facts: Mapping[str, Any]) -> FieldError:
    """Names every required material that is missing, at once."""
    names = "、".join(f"{n} {version.materials[int(n) - 1]['name']}" for n in lacking(facts))
    return FieldError(
        "materials", "materials_are_complete", _("必要的材料还没有交齐,缺:%(names)s。") % {"names": names}
    )
