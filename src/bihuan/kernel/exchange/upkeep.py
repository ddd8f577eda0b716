"""What administrators do to the exchange: peers, their keys, sending again. Each is an entry of the register `exchange`.

The system administrator keeps peers and messages, the security administrator the keys: without a key that the one has
entered, nothing is believed of a peer that the other has added (GB/T 22239).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.exchange.models import Direction, Link, Message, Parcel, Peer, PeerKey, Status
from bihuan.kernel.exchange.outbox import send_defer
from bihuan.kernel.exchange.signing import key_id_of, public_is_valid
from bihuan.kernel.identity.accounts import person_enter
from bihuan.kernel.identity.models import Grant, Person, Unit
from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.identity.services import grant_add, grant_end
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.pack import packs
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import clean_text

STREAM = "exchange"
ADMINISTRATOR, KEEPER = "system_admin", "security_admin"
CODE = re.compile(r"[0-9]{6}")
HERE = ("localhost", "127.0.0.1", "::1")


def peer_add(
    *,
    code: str,
    name: str,
    relation: str,
    url: str,
    fetched: bool,
    now: datetime,
    by: int | str,
    unit: int | None = None,
) -> Peer:
    """Enter another centre. Of a subordinate, `unit` (a centre) stands for it here, and gets an account nobody logs in to.

    Refusal when the code is no territory's or our own, or is known; when the address is not https (http to this machine);
    when the unit does not fit.
    """
    power_require(ADMINISTRATOR, by=by, now=now)
    if not CODE.fullmatch(code) or code == settings.REGION:
        raise Refusal("code", _("填写对方的行政区划代码(6 位数字),不能是本中心的。"), field="code")
    if relation not in Peer.Relation.values:
        raise Refusal("relation", _("请选择对方是上级还是下级。"), field="relation")
    name = clean_text(name, field="name", max_length=80, min_length=2, multiline=False)
    url_check(url)
    _unit_check(relation, unit)
    with kernel_writes():
        if Peer.objects.filter(code=code).exists():
            raise Refusal("code_taken", _("这个中心已经登记过。"), field="code")
        account = _account(code, name, unit, now) if unit is not None else None
        row = Peer.objects.create(
            code=code,
            name=name,
            relation=relation,
            url=url,
            fetched=fetched,
            unit_id=unit,
            account_id=account,
        )
        data = {"peer": row.pk, "code": code, "name": name, "relation": relation, "url": url}
        register_append(stream=STREAM, kind="peer_added", at=now, by=by, data={**data, "fetched": fetched})
    return row


def _unit_check(relation: str, unit: int | None) -> None:
    if (relation == Peer.Relation.SUBORDINATE) != (unit is not None):
        raise Refusal("unit", _("下级中心要选它在本级的单位,上级不选。"), field="unit")
    if unit is None:
        return
    if not Unit.objects.filter(pk=unit, kind=Unit.Kind.CENTRE, valid_to=None).exists():
        raise Refusal("unit", _("下级中心在本级的单位要是“中心”。"), field="unit")
    if Peer.objects.filter(unit=unit).exists():
        raise Refusal("unit", _("这个单位已经代表别的下级中心。"), field="unit")


def _account(code: str, name: str, unit: int, now: datetime) -> int:
    """The account by which a subordinate's answers are done here: no password fits it. One of an earlier entry is taken up
    again; it holds its roles in this unit alone."""
    username, called = f"centre-{code}", f"{name}(系统对接)"[:60]
    person = Person.objects.filter(username=username).first()
    if person is None:
        person, _password = person_enter(username=username, name=called, now=now, by="system")
    elif person.is_active and person.has_usable_password():
        raise Refusal(
            "account_taken",
            _("用户名 %s 是一个人的账号,请先停用它:下级中心要用这个用户名。") % username,
            field="code",
        )
    person.set_unusable_password()
    person.name, person.is_active, person.must_change_password = called, True, False
    person.save(update_fields=["name", "is_active", "password", "must_change_password"])
    _grants_end(int(person.pk), now)
    for role in sorted({pack.tiers().role for pack in packs().values() if pack.tiers}):
        grant_add(person=person.pk, unit=unit, role=role, now=now, by="system")
    return int(person.pk)


def _grants_end(person: int, now: datetime) -> None:
    alive = Grant.objects.filter(person_id=person).exclude(valid_to__lte=timezone.localdate(now))
    for grant in list(alive.values_list("pk", flat=True)):
        grant_end(grant=grant, now=now, by="system")


def peer_remove(*, peer: int, now: datetime, by: int | str) -> None:
    """Take out a peer that was entered wrongly, with its keys. Refusal once anything was exchanged with it."""
    power_require(ADMINISTRATOR, by=by, now=now)
    with kernel_writes():
        row = _peer(peer)
        if row.messages.exists() or row.links.exists():
            raise Refusal("exchanged", _("已经和它交换过消息,记录要留着:不再往来的,请停用。"))
        if row.account_id is not None:
            _grants_end(row.account_id, now)
        row.delete()
        data = {"peer": peer, "code": row.code, "name": row.name}
        register_append(stream=STREAM, kind="peer_removed", at=now, by=by, data=data)


def url_check(url: str) -> None:
    """Refusal for an address that nothing may be sent to; an empty one is a peer that fetches."""
    if not url:
        return
    try:
        split = urlsplit(url)
        host = split.hostname or ""
    except ValueError:
        host = ""
    good = bool(host) and (split.scheme == "https" or (split.scheme == "http" and host in HERE))
    if not good or len(url) > 300 or split.query or split.fragment or split.username:
        raise Refusal("address", _("地址要以 https:// 开头,不带参数和用户名;对方来取的,留空。"), field="url")


def peer_change(*, peer: int, name: str, url: str, fetched: bool, now: datetime, by: int | str) -> None:
    """Put a peer's name, address and way of fetching right. Refusal when nothing would change."""
    power_require(ADMINISTRATOR, by=by, now=now)
    name = clean_text(name, field="name", max_length=80, min_length=2, multiline=False)
    url_check(url)
    with kernel_writes():
        row = _peer(peer)
        if (row.name, row.url, row.fetched) == (name, url, fetched):
            raise Refusal("same", _("与已登记的完全相同,没有要改的。"), field="name")
        row.name, row.url, row.fetched = name, url, fetched
        row.failures, row.held_until, row.error = 0, None, ""
        row.save(update_fields=["name", "url", "fetched", "failures", "held_until", "error"])
        data = {"peer": peer, "name": name, "url": url, "fetched": fetched}
        register_append(stream=STREAM, kind="peer_changed", at=now, by=by, data=data)


def peer_hold_set(*, peer: int, hold: bool, now: datetime, by: int | str) -> None:
    """Stop the exchange with a peer, or go on with it: meanwhile nothing is sent, and what comes is turned away; nothing is lost."""
    power_require(ADMINISTRATOR, by=by, now=now)
    with kernel_writes(), connection.cursor() as cursor:
        row = _peer(peer)
        if row.active != hold:
            raise Refusal("same", _("已经是这样。"))
        row.active, row.held_until = not hold, None
        row.save(update_fields=["active", "held_until"])
        kind = "peer_held" if hold else "peer_resumed"
        register_append(stream=STREAM, kind=kind, at=now, by=by, data={"peer": peer})
        if not hold:
            send_defer(cursor, row)


def key_add(*, peer: int, public: str, now: datetime, by: int | str) -> PeerKey:
    """Believe a public key of a peer's from now on; earlier ones hold until they are revoked."""
    power_require(KEEPER, by=by, now=now)
    public = public.strip().lower()
    if not public_is_valid(public):
        raise Refusal("public", _("公钥是 64 位十六进制数字,由对方的系统管理员提供。"), field="public")
    with kernel_writes():
        row = _peer(peer)
        key, new = PeerKey.objects.get_or_create(
            peer=row, key_id=key_id_of(public), defaults={"public": public, "added_at": now}
        )
        if not new:
            raise Refusal("key_known", _("这把密钥已经登记过;作废的不能再用。"), field="public")
        data = {"peer": peer, "key": key.key_id, "public": public}
        register_append(stream=STREAM, kind="key_added", at=now, by=by, data=data)
    return key


def key_revoke(*, peer: int, key_id: str, now: datetime, by: int | str) -> None:
    """Believe a key no longer, from now on and for good."""
    power_require(KEEPER, by=by, now=now)
    with kernel_writes():
        row = _peer(peer)
        if not row.keys.filter(key_id=key_id, revoked_at=None).update(revoked_at=now):
            raise NotFound("key", _("没有这把密钥,或已作废。"), field="key_id")
        register_append(stream=STREAM, kind="key_revoked", at=now, by=by, data={"peer": peer, "key": key_id})


def message_again(*, message: int, now: datetime, by: int | str) -> None:
    """Send one message of ours again, with the same id and words; the other side takes it once. Refusal for one that arrived."""
    power_require(ADMINISTRATOR, by=by, now=now)
    with kernel_writes(), connection.cursor() as cursor:
        found = Message.objects.select_for_update(of=("self",)).select_related("peer")
        row = found.filter(pk=message, direction=Direction.OUT).first()
        if row is None:
            raise NotFound("message", _("没有这条消息。"), field="message")
        if row.status == Status.SETTLED:
            raise Refusal("settled", _("对方已经办妥,不用再发。"))
        if not row.body:
            raise Refusal("erased", _("内容已按保存期限清除,不能再发。"))
        row.status, row.next_attempt_at, row.settled_at = Status.WAITING, now, None
        row.save(update_fields=["status", "next_attempt_at", "settled_at"])
        Peer.objects.filter(pk=row.peer_id).update(held_until=None)
        send_defer(cursor, row.peer)
        data = {"message": row.message_id, "peer": row.peer_id, "kind": row.kind}
        register_append(stream=STREAM, kind="message_again", at=now, by=by, data=data)


def messages_erase(*, cases: Sequence[int], now: datetime) -> None:
    """Erase the words of what was exchanged about cases that are being anonymised; ids, digests and times stay. What still
    waited to be sent holds nobody up: it counts as refused."""
    with kernel_writes():
        rows = Message.objects.filter(case__in=cases)
        waiting = rows.filter(direction=Direction.OUT, status=Status.WAITING)
        waiting.update(status=Status.REFUSED, code="erased", settled_at=now)
        rows.update(body="", error="")
        Link.objects.filter(case__in=cases).update(their_unit="")
        Parcel.objects.filter(link__case__in=cases).delete()


def _peer(id_: int) -> Peer:
    row = Peer.objects.select_for_update(no_key=True).filter(pk=id_).first()
    if row is None:
        raise NotFound("peer", _("没有这个中心。"), field="peer")
    return row
