"""Accounts: entering a person, passwords, unlocking, one-time codes, language. Each change is an entry."""

from __future__ import annotations

import re
import secrets
import string
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bihuan.kernel.identity.models import LOCKED, Person
from bihuan.kernel.identity.powers import not_an_administrator, not_oneself, power_require
from bihuan.kernel.identity.services import STREAM
from bihuan.kernel.identity.totp import code_period, secret_open, secret_seal
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import clean_text

USERNAME = re.compile(r"[a-z0-9][a-z0-9_.-]{1,59}")
TEMPORARY_LENGTH = 14
LETTERS = "".join(c for c in string.ascii_letters + string.digits if c not in "0O1lI")


def password_temporary() -> str:
    """A first password that is easily read out, with letters and digits."""
    while True:
        text = "".join(secrets.choice(LETTERS) for _ in range(TEMPORARY_LENGTH))
        if any(c.isalpha() for c in text) and any(c.isdigit() for c in text):
            return text


def person_enter(
    *, username: str, name: str, now: datetime, by: int | str, name_en: str = ""
) -> tuple[Person, str]:
    """Open an account without any role. Returns the person and a first password, which must be changed at log-in."""
    power_require("system_admin", by=by, now=now)
    if not USERNAME.fullmatch(username):
        raise Refusal(
            "username", _("用户名由2至60个小写字母、数字、点、横线和下划线组成。"), field="username"
        )
    name = clean_text(name, field="name", max_length=60, min_length=1, multiline=False)
    password = password_temporary()
    with kernel_writes():
        row = Person(username=username, name=name, name_en=name_en[:80], must_change_password=True)
        row.set_password(password)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise Refusal("username_taken", _("这个用户名已经有人用。"), field="username") from None
        register_append(stream=STREAM, kind="people_entered", at=now, by=by, data={"people": [row.pk]})
    return row, password


def person_rename(*, person: int, name: str, name_en: str, now: datetime, by: int | str) -> None:
    """Put somebody's name right. Refusal when nothing would change."""
    power_require("system_admin", by=by, now=now)
    name = clean_text(name, field="name", max_length=60, min_length=1, multiline=False)
    name_en = clean_text(name_en, field="name_en", max_length=80, multiline=False)
    with kernel_writes():
        row = _locked(person)
        if (row.name, row.name_en) == (name, name_en):
            raise Refusal("same", _("与已登记的完全相同,没有要改的。"), field="name")
        row.name, row.name_en = name, name_en
        row.save(update_fields=["name", "name_en"])
        private = {"name": name, "name_en": name_en}
        register_append(
            stream=STREAM, kind="person_renamed", at=now, by=by, data={"person": person}, private=private
        )


def person_lock(*, person: int, now: datetime, by: int | str) -> None:
    """Keep somebody out until the account is unlocked; sessions and tokens end at once. Not one's own."""
    power_require("security_admin", by=by, now=now)
    not_oneself(person=person, by=by)
    with kernel_writes():
        row = _locked(person)
        if row.locked_until == LOCKED:
            raise Refusal("locked", _("此账号已经锁定。"))
        row.locked_until = LOCKED
        row.save(update_fields=["locked_until"])
        register_append(stream=STREAM, kind="person_locked", at=now, by=by, data={"person": person})


def password_reset(*, person: int, now: datetime, by: int | str) -> str:
    """Give a new first password, which ends the person's sessions. Not for oneself, nor for an administrator."""
    power_require("system_admin", by=by, now=now)
    not_oneself(person=person, by=by)
    not_an_administrator(person=person, by=by, now=now)
    password = password_temporary()
    with kernel_writes():
        row = _locked(person)
        row.set_password(password)
        row.must_change_password = True
        row.save(update_fields=["password", "must_change_password"])
        register_append(stream=STREAM, kind="password_reset", at=now, by=by, data={"person": person})
    return password


def password_set(*, person: int, password: str, now: datetime) -> Person:
    """Set one's own password. Refusal, saying all that is wrong with it; every other session of the person ends."""
    with kernel_writes():
        row = _locked(person)
        try:
            validate_password(password, user=row)
        except ValidationError as error:
            raise Refusal("password", " ".join(error.messages), field="password", rule="GB/T 22239") from None
        if check_password(password, row.password):
            raise Refusal("password_same", _("新密码不能和原密码一样。"), field="password")
        row.set_password(password)
        row.must_change_password = False
        row.save(update_fields=["password", "must_change_password"])
        register_append(stream=STREAM, kind="password_set", at=now, by=person, data={"person": person})
    return row


def person_unlock(*, person: int, now: datetime, by: int | str) -> None:
    """End a lock before its time. Not one's own."""
    power_require("system_admin", "security_admin", by=by, now=now)
    not_oneself(person=person, by=by)
    with kernel_writes():
        row = _locked(person)
        if row.locked_until is None or row.locked_until <= now:
            raise Refusal("not_locked", _("此账号没有锁定。"))
        row.failed_logins, row.failed_since, row.locked_until = 0, None, None
        row.save(update_fields=["failed_logins", "failed_since", "locked_until"])
        register_append(stream=STREAM, kind="person_unlocked", at=now, by=by, data={"person": person})


def totp_set(*, person: int, secret: str, code: str, now: datetime) -> None:
    """Begin to ask this person for one-time codes; `code` shows that the authenticator works, and is used up by it."""
    period = code_period(secret, code, last=0, now=now)
    if period is None:
        raise Refusal("code", _("动态码不对,请核对手机时间后再试。"), field="code")
    _totp_store(person, secret_seal(secret, person=person), period, "totp_set", now=now, by=person)


def totp_clear(*, person: int, now: datetime, by: int | str) -> None:
    """Stop asking for codes: oneself (who has just given one), or the security administrator when the device is lost."""
    if person != by:
        power_require("security_admin", by=by, now=now)
    _totp_store(person, "", 0, "totp_cleared", now=now, by=by)


def language_set(*, person: int, language: str) -> None:
    """The language that pages begin with after log-in. Refusal for one that is not offered."""
    if language not in dict(settings.LANGUAGES):
        raise Refusal("language", _("没有这种语言。"), field="language")
    with kernel_writes():
        Person.objects.filter(pk=person).update(language=language)


def _totp_store(person: int, sealed: str, last: int, kind: str, **entry: Any) -> None:
    with kernel_writes():
        row = _locked(person)
        row.totp_secret, row.totp_last = sealed, last
        row.save(update_fields=["totp_secret", "totp_last"])
        register_append(stream=STREAM, kind=kind, at=entry["now"], by=entry["by"], data={"person": person})


def _locked(person: int) -> Person:
    row = Person.objects.select_for_update().filter(pk=person, is_active=True).first()
    if row is None:
        raise NotFound("person", _("没有这个人,或账号已停用。"), field="person")
    return row


def secrets_reseal(*, key: str, now: datetime, by: int | str) -> int:
    """Encrypt all secrets of one-time codes under the key that the site will have. Returns how many; those that no key opens stay."""
    power_require("security_admin", by=by, now=now)
    count = 0
    with kernel_writes():
        for row in Person.objects.select_for_update().exclude(totp_secret="").order_by("pk"):
            secret = secret_open(row.totp_secret, person=row.pk)
            if secret is not None:
                row.totp_secret = secret_seal(secret, person=row.pk, key=key)
                row.save(update_fields=["totp_secret"])
                count += 1
        register_append(stream=STREAM, kind="secrets_resealed", at=now, by=by, data={"people": count})
    return count
