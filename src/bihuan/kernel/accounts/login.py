"""Log-in: one door for passwords and codes, closed for a time after failures (rules.md I).

A refusal says the same and takes as long whether the name is unknown, the password wrong, or the account locked or
closed: even the right password of a locked account is told nothing more, for that would make the lock a place to
guess at. Log-in may read the clock; everything here still takes `now`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.totp import code_period, secret_open
from bihuan.kernel.ledger.services import kernel_writes, register_append

STREAM = "identity"
VISITOR = "visitor"
NO_PASSWORD = "!"  # noqa: S105  no password fits; checking one takes as long as for a real one


@dataclass(frozen=True, slots=True)
class Lockout:
    """So many failures within so many minutes close the account for as many minutes."""

    failures: int = 5
    minutes: int = 15

    @property
    def time(self) -> timedelta:
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Failures:
    """What is remembered of failures: how many since when, and until when the account is locked."""

    count: int = 0
    since: datetime | None = None
    locked_until: datetime | None = None

    def locked(self, now: datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until

    def one_more(self, now: datetime, limits: Lockout) -> Failures:
        """After one more failure. While locked nothing is counted; a count begins anew when its time is over."""
        if self.locked(now):
            return self
        fresh = self.since is None or now - self.since >= limits.time
        count, since = (1, now) if fresh else (self.count + 1, self.since)
        if count >= limits.failures:
            return Failures(0, None, now + limits.time)
        return Failures(count, since, None)


def lockout_limits(now: datetime) -> Lockout:
    """The policy `login.lockout` {"failures", "minutes"}; 5 within 15 minutes while it is not set."""
    value = rulebook().value("login.lockout", region="", on=timezone.localdate(now), default={})
    return Lockout(int(value.get("failures", 5)), int(value.get("minutes", 15)))


def password_check(*, username: str, password: str, now: datetime, address: str = "") -> Person | None:
    """The person whose name and password these are, if the account is open and not locked. A failure is counted."""
    known = Person.objects.filter(username=username, is_active=True).first()
    encoded = known.password if known else NO_PASSWORD
    renewed: list[str] = []
    right = check_password(password, encoded, setter=lambda raw: renewed.append(make_password(raw)))
    with kernel_writes():
        # Taken only now, so that a slow check blocks nobody, and decided on what is true under the lock.
        row = Person.objects.select_for_update().filter(username=username, is_active=True).first()
        if right and row and row.password == encoded and not _failures(row).locked(now):
            if renewed:
                row.password = renewed[0]
                row.save(update_fields=["password"])
            return row
        _refused(row, "password", username=username, now=now, address=address)
    return None


def code_check(*, person: int, code: str, now: datetime, address: str = "") -> bool:
    """Is this the person's one-time code, not used before? A failure counts like a wrong password."""
    with kernel_writes():
        row = Person.objects.select_for_update().get(pk=person)
        secret = secret_open(row.totp_secret, person=row.pk) or ""
        period = code_period(secret, code, last=row.totp_last, now=now) if secret else None
        if period is not None and row.is_active and not _failures(row).locked(now):
            row.totp_last = period
            row.save(update_fields=["totp_last"])
            return True
        _refused(row, "code", username=row.username, now=now, address=address)
    return False


def login_record(*, person: int, now: datetime, address: str = "") -> None:
    """Somebody is in: failures are forgotten, the time is kept, and the ledger says so."""
    with kernel_writes():
        Person.objects.filter(pk=person).update(
            failed_logins=0, failed_since=None, locked_until=None, last_login=now
        )
        private = {"address": address} if address else {}
        register_append(
            stream=STREAM, kind="login", at=now, by=person, data={"person": person}, private=private
        )


def logout_record(*, person: int, now: datetime) -> None:
    """Somebody left."""
    register_append(stream=STREAM, kind="logout", at=now, by=person, data={"person": person})


def _failures(row: Person) -> Failures:
    return Failures(row.failed_logins, row.failed_since, row.locked_until)


def _refused(row: Person | None, what: str, *, username: str, now: datetime, address: str) -> None:
    """Count and enter a failure; an unknown name costs the same statements as a known one."""
    limits = lockout_limits(now)
    before = _failures(row) if row else Failures()
    after = before.one_more(now, limits)
    Person.objects.filter(pk=row.pk if row else 0).update(
        failed_logins=after.count, failed_since=after.since, locked_until=after.locked_until
    )
    person = row.pk if row else None
    data = {"person": person, "what": what, "locked": before.locked(now)}
    private = {"username": username, **({"address": address} if address else {})}
    register_append(stream=STREAM, kind="login_failed", at=now, by=VISITOR, data=data, private=private)
    if row and after.locked(now) and not before.locked(now):
        told = {"person": person, "until": after.locked_until}
        register_append(stream=STREAM, kind="login_locked", at=now, by="system", data=told)


class LockingBackend(BaseBackend):
    """Django's way in for programs; the pages take the steps one by one. Somebody who must change a password first
    does not get in here.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **more: Any,
    ) -> Person | None:
        if username is None or password is None:
            return None
        now = getattr(request, "now", None) or timezone.now()
        person = password_check(username=username, password=password, now=now)
        if person is None or person.must_change_password:
            return None
        if person.totp_secret and not code_check(person=person.pk, code=str(more.get("code", "")), now=now):
            return None
        login_record(person=person.pk, now=now)
        return person

    def get_user(self, user_id: int) -> Person | None:
        return Person.objects.filter(pk=user_id, is_active=True).first()


class MixedCharactersValidator:
    """A password holds letters and digits."""

    def validate(self, password: str, user: object = None) -> None:
        if not (any(c.isalpha() for c in password) and any(c.isdigit() for c in password)):
            raise ValidationError(self.get_help_text(), code="password_not_mixed")

    def get_help_text(self) -> str:
        return _("密码要同时有字母和数字。")
