"""The entries of identity in the menu. Shaped as the desk reads them; the desk stands above and is not imported."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Entry(NamedTuple):
    label: Any
    view: str
    roles: tuple[str, ...]
    order: int


MENU = (Entry(_("审计"), "audit", ("audit_admin",), 82),)
