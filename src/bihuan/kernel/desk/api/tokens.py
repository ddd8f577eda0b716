"""Access tokens: issued, found and revoked. Issuing and revoking are entries of the identity register."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from django.db import connection

from bihuan.kernel.desk.models import ApiToken
from bihuan.kernel.identity.models import LOCKED, Person
from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.hashing import digest
from bihuan.lib.refusals import NotFound, Refusal

PREFIX = "bihuan_"
SUBJECT = re.compile(r"[a-z_.]{1,28}:[1-9][0-9]{0,9}")
LONGEST_DAYS = 366
TOUCH = timedelta(minutes=10)
"""`last_used_at` is kept to this grain, so that busy machines do not write with every request."""

FIND = """
    select t.id, t.person_id, t.last_used_at, t.subject
    from desk_api_token t join identity_person p on p.id = t.person_id
    where t.digest = %s and t.revoked_at is null and t.expires_at > %s and p.is_active
      and p.locked_until is distinct from %s
"""


def token_issue(
    *, username: str, days: int, now: datetime, by: int | str, subject: str = ""
) -> tuple[str, ApiToken]:
    """A new token of a person, in clear this once, and its row; with a `subject` ("fire.site:3") it answers for that alone.

    NotFound or Refusal (days, subject) otherwise.
    """
    if subject and not SUBJECT.fullmatch(subject):
        raise Refusal("token_subject", "只用于什么,要写成“名称:编号”,如 fire.site:3。", field="subject")
    if not 1 <= days <= LONGEST_DAYS:
        raise Refusal("token_days", f"令牌的有效期应在 1 与 {LONGEST_DAYS} 天之间。", field="days")
    person = Person.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise NotFound("unknown_person", "没有这个人,或其账号已停用。", field="username")
    token = PREFIX + secrets.token_urlsafe(32)
    with kernel_writes():
        row = ApiToken.objects.create(
            person=person,
            digest=_digest(token),
            subject=subject,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        data = {"token": row.pk, "person": person.pk, "expires_at": row.expires_at}
        data |= {"only": subject} if subject else {}
        register_append(stream="identity", kind="token_issued", at=now, by=by, data=data)
    return token, row


def token_revoke(*, token_id: int, now: datetime, by: int | str) -> None:
    """From now on the token stands for nobody. NotFound when there is none that is in force.

    Only a security administrator may.
    """
    power_require("security_admin", by=by, now=now)
    with kernel_writes():
        if not ApiToken.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=now):
            raise NotFound("unknown_token", "没有这个令牌,或已撤销。", field="token")
        register_append(stream="identity", kind="token_revoked", at=now, by=by, data={"token": token_id})


def token_person(*, token: str, now: datetime) -> int | None:
    """The id of the person for whom the token stands at `now`; None for a false, expired or revoked one, and for one with a subject."""
    found = token_found(token=token, now=now)
    return found[0] if found and not found[1] else None


def token_found(*, token: str, now: datetime) -> tuple[int, str] | None:
    """The id of the person for whom the token stands at `now`, and its subject; None for a false, expired or revoked one."""
    if not token.startswith(PREFIX) or len(token) > 100 or not token.isascii():
        return None
    with connection.cursor() as cursor:
        cursor.execute(FIND, [_digest(token), now, LOCKED])
        found = cursor.fetchone()
    if found is None:
        return None
    row, person, used, subject = found
    if used is None or now - used > TOUCH:
        with kernel_writes():
            ApiToken.objects.filter(
                pk__in=ApiToken.objects.select_for_update(skip_locked=True).filter(pk=row).values("pk")
            ).update(last_used_at=now)
    return int(person), str(subject)


def _digest(token: str) -> bytes:
    return digest(token.encode())
