"""Keeping the themes: each change from a day on, an entry of the register `themes`; what was said before stays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.kernel.bundles.rules import network_check
from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import FieldError
from bihuan.packs.onewindow.catalogue.services import ADMINISTRATOR
from bihuan.packs.onewindow.themes.contents import FIELDS, contents_clean
from bihuan.packs.onewindow.themes.models import Theme, ThemeVersion
from bihuan.packs.onewindow.themes.selectors import composed

STREAM = "themes"
COLUMNS = (*FIELDS, "active")
CODE = re.compile(r"[A-Za-z0-9_-]{2,40}", re.ASCII)


def theme_add(*, code: str, given: Mapping[str, Any], now: datetime, by: int | str) -> Theme:
    """A new theme from today on. FieldError or Refusal name the field and the rule; then nothing has changed."""
    power_require(*ADMINISTRATOR, by=by, now=now)
    if not CODE.fullmatch(code):
        raise FieldError("code", "pattern", _("代码用 2 至 40 个字母、数字、横线。"))
    today = timezone.localdate(now)
    values = {"active": True, "shared": [], **_cleaned(given, {}, today)}
    with kernel_writes():
        if Theme.objects.filter(code=code).exists():
            raise Refusal("code_taken", _("这个代码已登记过。"), field="code")
        theme = Theme.objects.create(code=code)
        ThemeVersion.objects.create(theme=theme, since=today, recorded_at=now, **values)
        _entered("theme_added", theme, values, now, by)
    return theme


def theme_set(
    *, theme: int, given: Mapping[str, Any], now: datetime, by: int | str, since: date | None = None
) -> ThemeVersion:
    """From a day on (today) the theme says this. Fields that `given` leaves out stay. Refusal when nothing is different."""
    power_require(*ADMINISTRATOR, by=by, now=now)
    today = timezone.localdate(now)
    since = since or today
    with kernel_writes():
        row = Theme.objects.select_for_update(no_key=True).filter(pk=theme).first()
        if row is None:
            raise NotFound("not_found", _("没有这个主题。"))
        last = row.versions.latest("since", "pk")
        before = {name: getattr(last, name) for name in COLUMNS}
        if since < max(today, last.since):
            raise Refusal("dates", _("变更从今天或以后开始,也不能早于已登记的下一次变更。"), field="since")
        values = _cleaned(given, before, since)
        if values == before:
            raise Refusal("same", _("与已登记的完全相同,没有要改的。"))
        made = ThemeVersion.objects.create(theme=row, since=since, recorded_at=now, **values)
        _entered("theme_set", row, {**values, "since": since}, now, by)
    return made


def theme_use(*, theme: int, active: bool, now: datetime, by: int | str) -> ThemeVersion:
    """From today on the theme can be applied for, or no longer."""
    return theme_set(theme=theme, given={"active": active}, now=now, by=by)


def _cleaned(given: Mapping[str, Any], before: Mapping[str, Any], on: date) -> dict[str, Any]:
    """What the theme says then; its parts are a network, of items in use with days."""
    texts = {name: value for name, value in given.items() if name != "active"}
    values = {**before, **given, **contents_clean(texts)}
    found = composed(values.get("parts", []), values.get("shared", []), on)
    network_check(found.plans)
    if found.lacks and values.get("active", True):
        raise FieldError("parts", "theme_item", found.lacks)
    return values


def _entered(kind: str, theme: Theme, values: Mapping[str, Any], now: datetime, by: int | str) -> None:
    data = {
        "themes": [theme.code],
        **{name: value for name, value in values.items() if value not in ("", [])},
    }
    register_append(stream=STREAM, kind=kind, at=now, by=by, data=data)
