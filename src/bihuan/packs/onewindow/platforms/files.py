"""Files that another system hands in before its application: checked as on the page, kept for a day for the account that brought them.

Nothing is stored but the content, by its hash, as `kernel/attachments/kept.py` does: what an account holds of a file is a signed word, so
that knowing a hash opens nobody else's file.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _

from bihuan.kernel.attachments.files import path_of
from bihuan.kernel.attachments.forgetting import STRAY_AFTER
from bihuan.kernel.attachments.kept import KeptFile, file_placed
from bihuan.lib.text import FieldError

SALT = "onewindow.platforms.files"


def file_keep(*, file: Any, by: int, now: datetime) -> tuple[str, KeptFile]:
    """Keep a file for a day; the word by which the account `by` names it in an application. Refusal says what is wrong with it."""
    kept = file_placed(file, now)
    told = [by, now.isoformat(), kept.sha256, kept.name, kept.size]
    return Signer(salt=SALT).sign_object(told, compress=True), kept


def file_named(word: Any, *, field: str, by: int, now: datetime) -> KeptFile:
    """The file of which this is the account's own word. FieldError at `field` for any other, and once its day is over."""
    try:
        owner, at, sha256, name, size = Signer(salt=SALT).unsign_object(str(word)[:2000])
    except (BadSignature, ValueError):
        raise FieldError(field, "file", _("这不是您上传文件时得到的凭据。")) from None
    if owner != by:
        raise FieldError(field, "file", _("这不是您上传文件时得到的凭据。"))
    if now - datetime.fromisoformat(at) > STRAY_AFTER or not path_of(sha256).is_file():
        raise FieldError(field, "file_gone", _("文件上传后只留一天,这个已经过期,请重新上传。"))
    return KeptFile(sha256, name, size)
