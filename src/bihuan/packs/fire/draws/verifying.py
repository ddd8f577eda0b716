"""Checking a draw that somebody holds as a file: drawn again, against its signature, and against the register where it is at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection
from django.utils.translation import gettext as _

from bihuan.kernel.ledger.proving import proof_place
from bihuan.kernel.ledger.selectors import Standing, register_entries, register_entry
from bihuan.packs.fire.draws.draw import draw_faults
from bihuan.packs.fire.draws.published import (
    file_parted,
    first_key,
    place_of,
    proof_faults,
    record_digest,
    signature_faults,
)
from bihuan.packs.fire.projects.services import STREAM


@dataclass(slots=True)
class Checked:
    """What was checked and what was not, in words, and what does not fit."""

    record: Mapping[str, Any]
    done: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def file_check(file: Any, *, key: str = "", alone: bool = False) -> Checked:
    """Everything that can be checked of a file; `alone`: as by somebody who has no access to the register.

    A file without a signature proves nothing by itself: without the register that is a fault. ValueError for what is no record.
    """
    record, part = file_parted(file)
    record_digest(record)
    checked = Checked(record, faults=draw_faults(record))
    checked.done.append(_("按名单、比例和种子重新抽取"))
    if part:
        checked.faults += signature_faults(record, part, key=key)
        checked.done.append(_("签名和签名时的记录"))
        if not key:
            checked.left.append(_("签名是谁的:首把密钥的指纹是 %s,请与公布的核对(--key)") % first_key(part))
    _sealed(checked, part)
    compared = not alone and _registered(checked, place_of(part))
    if not compared:
        checked.left.append(_("没有与账本对照"))
        checked.left += [] if "proof" in part else [_("有没有封印:这份记录是封印前下载的,请再下载一次")]
    if not part:
        checked.left.append(_("记录没有签名"))
        checked.faults += [] if compared else [_("没有签名,又没有账本,不能证明是公布的记录")]
    return checked


def _sealed(checked: Checked, part: Mapping[str, Any]) -> None:
    """The proof in the file itself, which needs no register."""
    if "proof" not in part:
        return
    faults = proof_faults(checked.record, part)
    checked.faults += faults
    if faults:
        return
    number, place = proof_place(part["proof"])
    checked.done.append(
        _("文件自带的证明:这一条在账本的第 %(seal)s 号封印里,是第 %(place)s 条")
        % {"seal": number, "place": place}
    )


def _registered(checked: Checked, told: Mapping[str, Any]) -> bool:
    """Hold the record against the register. False where no register is at hand."""
    try:
        connection.ensure_connection()
        seq = _place(checked.record, told)
        entry = register_entry(stream=STREAM, seq=seq) if seq else None
    except DatabaseError:
        return False
    checked.done.append(_("与账本对照"))
    if entry is None or "record" not in entry.data:
        checked.faults.append(_("账本里没有这次抽取"))
        return True
    if entry.data["record"] != checked.record:
        checked.faults.append(_("与账本里的记录不同"))
    if told and (told.get("hash"), told.get("draw")) != (entry.hash, entry.data["draw"]):
        checked.faults.append(_("不是账本里的这一条"))
    entry_told(checked, entry)
    return True


def entry_told(checked: Checked, entry: Standing) -> None:
    """What the ledger itself says of the entry: its chain and its seal."""
    if not entry.follows:
        checked.faults.append(_("账本里这一条被改过"))
    if not entry.as_sealed:
        checked.faults.append(_("账本里这一条与封印不符"))
    if entry.place is None:
        checked.left.append(_("账本里这一条还没有封印"))
    else:
        checked.done.append(_("账本里这一条已封印,是第 %s 条") % entry.place)


def _place(record: Mapping[str, Any], told: Mapping[str, Any]) -> int:
    """The number of the entry: as the file says, or found by the seed; 0 where there is none."""
    seq = told.get("seq")
    if type(seq) is int and 0 < seq < 2**31:
        return seq
    found = register_entries(
        stream=STREAM, match={"record": {"seed": str(record.get("seed"))}}, kinds=("drawn",), most=1
    )
    return found[0].seq if found else 0
