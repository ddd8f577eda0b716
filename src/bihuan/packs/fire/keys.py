"""The keys of forms: each is taken once, also when it comes twice at the same moment, and writes nothing else afterwards."""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext

from bihuan.lib.refusals import Conflict


def key_lock(key: str) -> None:
    """Whoever sends the same key at the same moment waits until this transaction ends, then finds what it wrote."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('fire_key'), hashtext(%s))", [key])


def key_taken() -> Conflict:
    """The key of a form has already written something else."""
    return Conflict("key_taken", gettext("这张表单已经用来办过另一件,请重新打开页面再填。"))
