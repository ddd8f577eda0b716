"""What an IT officer would ask of the machine: packages, built pages, disk, files, settings, backups."""

from __future__ import annotations

import json
import platform
import re
import stat
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from bihuan.site import frontend
from bihuan.site.operation.findings import Finding, judged
from bihuan.site.operation.readiness import DISK_BYTES
from bihuan.site.operation.state import disk_free

LOCK = settings.PROJECT_ROOT / "uv.lock"
DISK_SHARE = 0.1
BACKUP_AGE = timedelta(hours=26)
"""A daily backup that was missed by two hours."""
SECRETS = ("secret_key", "secret_keys_before", "database-roles.json")

Check = Callable[[datetime], Iterator[Finding]]


def machine_examined(*, now: datetime) -> Iterator[Finding]:
    """Everything that needs no database."""
    for check in (_python, _packages, _pages, _disk, _files, _gates, _adapters, _backup):
        yield from check(now)


def _python(now: datetime) -> Iterator[Finding]:
    yield judged(
        "python", platform.python_version(),
        fail=sys.version_info < (3, 11), remedy=_("换用 Python 3.11 或更新的版本。"),
    )  # fmt: skip


def packages_differing(lock: Path = LOCK) -> list[str]:
    """Installed packages whose version is not the locked one, and those the product needs that are missing."""
    locked: dict[str, set[str]] = {}
    for one in tomllib.loads(lock.read_text())["package"]:  # one name may have a version for each Python
        locked.setdefault(one["name"], set()).add(one.get("version", ""))
    needed = {
        re.split(r"[^A-Za-z0-9._-]", line)[0]
        for line in metadata.requires("bihuan") or []
        if "extra ==" not in line
    }
    installed = {_plain(one.metadata["Name"]): one.version for one in metadata.distributions()}
    differing = [
        f"{name} {version} ({', '.join(sorted(locked[name]))})"
        for name, version in installed.items()
        if name != "bihuan" and version not in locked.get(name, {version})
    ]
    return sorted([*differing, *(_plain(name) for name in needed if _plain(name) not in installed)])


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _packages(now: datetime) -> Iterator[Finding]:
    if not LOCK.exists():
        yield Finding("packages", "warn", _("没有 uv.lock,无法核对版本"), _("从发布的完整目录安装。"))
        return
    differing = packages_differing()
    told = ", ".join(differing[:5]) if differing else _("与 uv.lock 一致")
    yield judged("packages", told, fail=bool(differing), remedy=_("运行 uv sync --frozen。"))


def _pages(now: datetime) -> Iterator[Finding]:
    stamp = frontend.TARGET / ".stamp"
    built = stamp.exists() and (
        not frontend.SOURCE.exists() or stamp.read_text() == frontend.fingerprint(frontend.SOURCE)
    )
    yield judged(
        "pages", _("已生成") if built else _("网页的脚本和样式没有生成,或不是这一版的"),
        fail=not built, remedy=_("运行 python -m bihuan.site.frontend。"),
    )  # fmt: skip


def _disk(now: datetime) -> Iterator[Finding]:
    free, share = disk_free()
    yield judged(
        "disk", _("%(free).1f GB 可用(%(share).0f%%)") % {"free": free / 1e9, "share": share * 100},
        fail=free <= DISK_BYTES, warn=share < DISK_SHARE, remedy=_("清理 %(home)s 所在的磁盘,或换大的。") % {"home": settings.HOME},
    )  # fmt: skip


def files_open(home: Path, keys: Path) -> list[Path]:
    """Secrets that others than their owner may read or change."""
    secret = [
        path for path in (*(home / name for name in SECRETS), keys, *keys.glob("*.key")) if path.exists()
    ]
    return [path for path in secret if stat.S_IMODE(path.stat().st_mode) & 0o077]


def _files(now: datetime) -> Iterator[Finding]:
    found = files_open(settings.HOME, settings.KEY_ROOT)
    yield judged(
        "files", ", ".join(map(str, found)) if found else _("密钥只有本账户能读"),
        fail=bool(found), remedy=_("运行 chmod go= 并查清谁读过;泄露的按 docs/operate.md 更换密钥。"),
    )  # fmt: skip


def _gates(now: datetime) -> Iterator[Finding]:
    own = bool(settings.DATABASES["default"].get("HOST", "")) and not settings.DEMONSTRATION
    secure = bool(getattr(settings, "SESSION_COOKIE_SECURE", False))
    yield judged(
        "https",
        "https" if secure else "http",
        warn=own and not secure,
        remedy=_("前面放 HTTPS 代理,并设 BIHUAN_HTTPS=1。"),
    )
    yield judged(
        "demonstration", _("演示人员的口令是公开的") if settings.DEMONSTRATION else _("没有演示人员"),
        warn=settings.DEMONSTRATION, remedy=_("只用于试用;正式运行设 BIHUAN_DEMONSTRATION=0,另建数据库。"),
    )  # fmt: skip


def _adapters(now: datetime) -> Iterator[Finding]:
    for part, value, name in (
        ("mail", settings.EMAIL_HOST, "BIHUAN_SMTP_HOST"),
        ("sms", settings.SMS_GATEWAY, "BIHUAN_SMS_GATEWAY"),
        ("scanner", settings.ATTACHMENT_SCANNER, "BIHUAN_SCANNER"),
    ):
        told = _("已配置") if value else _("没有配置")
        yield judged(part, told, warn=not value, remedy=_("设置 %(name)s。") % {"name": name})


def _backup(now: datetime) -> Iterator[Finding]:
    folder = settings.BACKUP_ROOT
    remedy = _("每天运行 bihuan backup(deploy/systemd/bihuan-backup.timer),并设 BIHUAN_BACKUP 为它的目录。")
    if folder is None:
        yield Finding("backup", "warn", _("没有说明备份在哪里"), remedy)
        return
    at = backup_at(folder)
    told = (
        _("最近一次在 %(at)s") % {"at": at.astimezone().isoformat(timespec="minutes")}
        if at
        else _("%(folder)s 里没有备份") % {"folder": folder}
    )
    yield judged("backup", told, fail=at is None or now - at > BACKUP_AGE, remedy=remedy)


def backup_at(folder: Path) -> datetime | None:
    """When the backup in a folder was made; None when there is none that can be read."""
    try:
        return datetime.fromisoformat(json.loads((folder / "backup.json").read_text(encoding="utf-8"))["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
