"""What must hold before anything is served: this code's tables and workflows are those of the database."""

from __future__ import annotations

import os

from django.conf import settings
from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.sealing import kept_numbers, seal_last
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import workflows
from bihuan.kernel.published import LOCK, fingerprint_faults
from bihuan.site.operation.state import Migrations, migrations_compared
from bihuan.site.postgres_files import layout_find

MANY = 3


def start_check() -> list[str]:
    """Why a service may not start; with the private server it is `bihuan up` that starts everything."""
    if not os.environ.get("DATABASE_URL"):
        return [_("没有设置 DATABASE_URL:自带的数据库随 bihuan up 一起启动。")]
    return start_faults()


def start_faults() -> list[str]:
    """A sentence for each reason not to serve, with the way out; none when all is well."""
    return migration_faults(migrations_compared()) or [*workflow_faults(), *orphans_told()]


def files_told() -> list[str]:
    """The private database outlived the folder with its keys, seals and files: a sentence that says so, with both ways out."""
    with kernel_writes():
        last = seal_last()
    if last is None or kept_numbers():
        return []
    told = {"home": settings.HOME, "database": layout_find().base}
    return [
        _(
            "数据库还是以前的(%(database)s),但它的密钥、封印和附件不在 %(home)s 里:把它们放回来;要从头开始,先停下,删掉这个数据库的目录。"
        )
        % told
    ]


def migration_faults(compared: Migrations) -> list[str]:
    """Why this code and this database do not go together."""
    if compared.unknown:
        return [
            _("数据库比这套程序新(%(names)s):换回新程序,或用升级前的备份恢复(bihuan restore)。")
            % {"names": _some(compared.unknown)}
        ]
    if compared.missing:
        told = {"count": len(compared.missing), "names": _some(compared.missing)}
        return [
            _("数据库还有 %(count)s 项升级没有做(%(names)s):先备份(bihuan backup),再运行 bihuan migrate。")
            % told
        ]
    return []


def workflow_faults() -> list[str]:
    """What differs from the workflows that were locked when this code was released."""
    return fingerprint_faults() if LOCK.exists() else []


def orphans_told() -> list[str]:
    """Open cases under a workflow that this code does not have."""
    with kernel_writes():
        found = set(Case.objects.filter(closed_at=None).values_list("workflow", flat=True).distinct())
    gone = sorted(found - set(workflows()))
    return (
        [_("有在办件属于这套程序没有的流程(%(names)s):换回带有它的程序。") % {"names": _some(gone)}]
        if gone
        else []
    )


def _some(names: list[str]) -> str:
    return ", ".join(names[:MANY]) + (" …" if len(names) > MANY else "")
