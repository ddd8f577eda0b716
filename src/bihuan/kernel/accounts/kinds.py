"""What stands in the index of administration from here: units, people, roles, and reading the registers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.accounts import people_actions, unit_actions
from bihuan.kernel.accounts.people import People, Roles
from bihuan.kernel.accounts.units import Units
from bihuan.kernel.administration.shape import Place

__all__ = ["KINDS", "PLACES", "people_actions", "unit_actions"]

KINDS = (Units, People, Roles)
PLACES = (Place("audit", _("审计"), _("各登记簿的条目"), "audit", ("audit_admin",)),)
